/* SPDX-License-Identifier: MIT */
/*
 * Findings are reported in the order of their files (as first seen), lines and columns, so that
 * an author reads them from top to bottom, regardless of the order of the checks.
 */
#include "model/findings.h"

#include <dagrun/error.h>
#include <dagrun/text.h>
#include <string.h>

/* About one screen.  Authors fix the first errors first. */
#define MAX_SHOWN 20

#define MAX_MESSAGE 8000 /* bytes: 50 tasks of a cycle with names of usual length */

typedef struct Finding {
    DagLocation location; /* its file is in `files` */
    unsigned file_rank;   /* index in `files` */
    char *message;
} Finding;

struct DagFindings {
    GArray *list;     /* of Finding: the errors */
    GArray *warnings; /* of Finding */
    GPtrArray *files; /* of char *, owned; "" stands for no file */
    bool is_full;     /* an error was dropped */
    bool has_dropped; /* a warning was dropped */
};

static void
finding_clear(gpointer data)
{
    g_free(((Finding *)data)->message);
}

DagFindings *
dag__findings_new(void)
{
    DagFindings *findings = g_new0(DagFindings, 1);

    findings->list = g_array_new(FALSE, FALSE, sizeof(Finding));
    findings->warnings = g_array_new(FALSE, FALSE, sizeof(Finding));
    g_array_set_clear_func(findings->list, finding_clear);
    g_array_set_clear_func(findings->warnings, finding_clear);
    findings->files = g_ptr_array_new_with_free_func(g_free);
    return findings;
}

void
dag__findings_free(DagFindings *findings)
{
    if (!findings)
        return;
    g_array_unref(findings->list);
    g_array_unref(findings->warnings);
    g_ptr_array_unref(findings->files);
    g_free(findings);
}

/* Return the index of `file`, which may be NULL, in `files`; add a copy if it is new. */
static unsigned
rank_of_file(DagFindings *findings, const char *file)
{
    const char *name = file ? file : "";
    unsigned rank;

    if (!g_ptr_array_find_with_equal_func(findings->files, name, g_str_equal, &rank)) {
        rank = findings->files->len;
        g_ptr_array_add(findings->files, g_strdup(name));
    }
    return rank;
}

/* Limit the length of a message, which may quote a name of megabytes.  Takes `message`. */
static char *
shorten(char *message)
{
    char *end = message + strnlen(message, MAX_MESSAGE);

    if (!*end)
        return message;
    while (end > message && (*end & 0xc0) == 0x80)
        end--;
    *end = '\0';

    char *shorter = g_strconcat(message, "…", NULL);

    g_free(message);
    return shorter;
}

/* Add to `list`, unless it is full.  Returns: false if it is. */
G_GNUC_PRINTF(4, 0)
static bool
add(DagFindings *findings, GArray *list, DagLocation location, const char *format,
    va_list args)
{
    if (list->len == MAX_SHOWN)
        return false;

    unsigned rank = rank_of_file(findings, location.file);
    Finding finding = {
        .location = location,
        .file_rank = rank,
        .message = shorten(g_strdup_vprintf(format, args)),
    };

    finding.location.file = location.file ? findings->files->pdata[rank] : NULL;
    g_array_append_val(list, finding);
    return true;
}

void
dag__findings_add(DagFindings *findings, DagLocation location, const char *format,
                  va_list args)
{
    if (!add(findings, findings->list, location, format, args))
        findings->is_full = true;
}

void
dag__findings_warn(DagFindings *findings, DagLocation location, const char *format,
                   va_list args)
{
    if (!add(findings, findings->warnings, location, format, args))
        findings->has_dropped = true;
}

size_t
dag__findings_count(const DagFindings *findings)
{
    return findings->list->len;
}

bool
dag__findings_is_full(const DagFindings *findings)
{
    return findings->is_full;
}

static int
compare(gconstpointer a, gconstpointer b)
{
    const Finding *x = a, *y = b;

    if (x->file_rank != y->file_rank)
        return x->file_rank < y->file_rank ? -1 : 1;
    if (x->location.line != y->location.line)
        return x->location.line < y->location.line ? -1 : 1;
    return x->location.column < y->location.column
               ? -1
               : x->location.column > y->location.column;
}

/* Append the finding as one line; `word` is "error" or "warning".  Quoted values must not break the
 * line: they could imitate another message. */
static void
append_line(GString *out, const Finding *finding, const char *word)
{
    const DagLocation *location = &finding->location;
    g_autofree char *line =
        location->file ? g_strdup_printf("%s:%u:%u: %s: %s", location->file, location->line,
                                         location->column, word, finding->message)
                       : g_strdup(finding->message);

    dag_text_append_clean(out, line);
}

void
dag__findings_raise(DagFindings *findings, int code, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);

    g_array_sort(findings->list, compare);
    for (unsigned i = 0; i < findings->list->len; i++) {
        if (i > 0)
            g_string_append_c(text, '\n');
        append_line(text, &g_array_index(findings->list, Finding, i), "error");
    }
    if (findings->is_full)
        g_string_append(text, "\nmore errors are not shown");
    g_set_error_literal(error, DAG_ERROR, code, text->str);
}

void
dag__findings_tell(DagFindings *findings, DagWarn warn, void *data)
{
    g_autoptr(GString) text = g_string_new(NULL);

    g_array_sort(findings->warnings, compare);
    for (unsigned i = 0; warn && i < findings->warnings->len; i++) {
        g_string_truncate(text, 0);
        append_line(text, &g_array_index(findings->warnings, Finding, i), "warning");
        warn(text->str, data);
    }
    if (warn && findings->has_dropped)
        warn("more warnings are not shown", data);
}
