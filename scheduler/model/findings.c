/* SPDX-License-Identifier: MIT */
/*
 * Findings are kept in the order of their files (as first met) and places, so that an author
 * reads them from top to bottom whatever order the checks ran in.
 */
#include "model/findings.h"

#include <dagrun/error.h>

/* What fits on a screen: beyond it, the first ones are what the author mends first. */
#define MAX_SHOWN 20

#define MAX_MESSAGE 8000 /* bytes: 50 tasks of a cycle with names of usual length */

typedef struct Finding {
    DagLocation location;
    unsigned file_rank; /* the order in which files were met */
    char *message;
} Finding;

struct DagFindings {
    GArray *list;     /* of Finding */
    GPtrArray *files; /* of const char *, borrowed */
    bool is_full;
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
    g_array_set_clear_func(findings->list, finding_clear);
    findings->files = g_ptr_array_new();
    return findings;
}

void
dag__findings_free(DagFindings *findings)
{
    if (!findings)
        return;
    g_array_unref(findings->list);
    g_ptr_array_unref(findings->files);
    g_free(findings);
}

static unsigned
rank_of_file(DagFindings *findings, const char *file)
{
    unsigned rank;

    if (!g_ptr_array_find_with_equal_func(findings->files, file ? file : "", g_str_equal,
                                          &rank)) {
        rank = findings->files->len;
        g_ptr_array_add(findings->files, (gpointer)(file ? file : ""));
    }
    return rank;
}

/* Shortens what nobody would read to its end: a name in it may have megabytes. */
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

void
dag__findings_add(DagFindings *findings, DagLocation location, const char *format,
                  va_list args)
{
    if (findings->list->len == MAX_SHOWN) {
        findings->is_full = true;
        return;
    }

    Finding finding = {
        .location = location,
        .file_rank = rank_of_file(findings, location.file),
        .message = shorten(g_strdup_vprintf(format, args)),
    };

    g_array_append_val(findings->list, finding);
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

/* Whether a character could move the cursor of a terminal, or turn around what is read. */
static bool
is_treacherous(gunichar c)
{
    return c == 0x7f || (c >= 0x80 && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
}

/* Appends a line, which is one whatever the values hold that it quotes: else an author could
 * write what looks like another message. */
static void
append_line(GString *text, const char *line)
{
    g_autofree char *valid = g_utf8_make_valid(line, -1);

    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);

        g_string_append_unichar(text, c < ' ' ? ' ' : is_treacherous(c) ? 0xfffd : c);
    }
}

void
dag__findings_raise(DagFindings *findings, int code, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);

    g_array_sort(findings->list, compare);
    for (unsigned i = 0; i < findings->list->len; i++) {
        const Finding *finding = &g_array_index(findings->list, Finding, i);
        const DagLocation *location = &finding->location;
        g_autofree char *line =
            location->file
                ? g_strdup_printf("%s:%u:%u: error: %s", location->file, location->line,
                                  location->column, finding->message)
                : g_strdup(finding->message);

        if (i > 0)
            g_string_append_c(text, '\n');
        append_line(text, line);
    }
    if (findings->is_full)
        g_string_append(text, "\nmore errors are not shown");
    g_set_error_literal(error, DAG_ERROR, code, text->str);
}
