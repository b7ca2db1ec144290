/* SPDX-License-Identifier: MIT */
#include "recording-difference.h"

#include <dagrun/text.h>
#include <string.h>

/* Bytes of a body that are shown: before the difference, and in all. */
#define SHOWN_BEFORE 24
#define SHOWN        72

static size_t
common_prefix(const char *a, size_t a_size, const char *b, size_t b_size)
{
    size_t n = 0;

    while (n < a_size && n < b_size && a[n] == b[n])
        n++;
    return n;
}

static size_t
common_text(const char *a, const char *b)
{
    return common_prefix(a, strlen(a), b, strlen(b));
}

/* Return the index of the first header that differs; the number of headers if none does. */
static guint
first_header(const RecordedRequest *a, const RecordedRequest *b)
{
    guint i = 0;

    while (i < a->headers->len && i < b->headers->len &&
           strcmp(a->headers->pdata[i], b->headers->pdata[i]) == 0)
        i++;
    return i;
}

static bool
are_headers_alike(const RecordedRequest *a, const RecordedRequest *b)
{
    return a->headers->len == b->headers->len && first_header(a, b) == a->headers->len;
}

/* Return by how much two requests to the same URL are alike; more is nearer. */
static size_t
alikeness(const RecordedRequest *a, const RecordedRequest *b)
{
    const GString none = {.str = (char *)"", .len = 0};
    const GString *x = a->body ? a->body : &none, *y = b->body ? b->body : &none;

    return 2 * common_prefix(x->str, x->len, y->str, y->len) + are_headers_alike(a, b);
}

static bool
has_same_url(const RecordedRequest *a, const RecordedRequest *b)
{
    return strcmp(a->method, b->method) == 0 && strcmp(a->url, b->url) == 0;
}

static const RecordedExchange *
nearest(const GPtrArray *exchanges, const RecordedRequest *wanted)
{
    const RecordedExchange *best = NULL;
    size_t best_score = 0;
    bool is_same = false;

    for (guint i = 0; i < exchanges->len; i++) {
        const RecordedExchange *exchange = exchanges->pdata[i];
        const RecordedRequest *request = &exchange->request;
        bool same = has_same_url(request, wanted);
        size_t score = same ? alikeness(request, wanted)
                            : 2 * common_text(request->url, wanted->url) +
                                  (strcmp(request->method, wanted->method) == 0);

        if (best && (same < is_same || (same == is_same && score <= best_score)))
            continue;
        best = exchange;
        best_score = score;
        is_same = same;
    }
    return best;
}

/* Append the text around `at` in quotes, without bytes that do not belong on a terminal. */
static void
append_around(GString *out, const char *bytes, size_t size, size_t at)
{
    size_t start = at > SHOWN_BEFORE ? at - SHOWN_BEFORE : 0;
    size_t length = MIN(size - start, SHOWN);
    g_autofree char *part = g_strndup(bytes + start, length);
    g_autofree char *valid = g_utf8_make_valid(part, -1);

    g_string_append(out, start > 0 ? "\"…" : "\"");
    dag_text_append_clean(out, valid);
    g_string_append(out, start + length < size ? "…\"" : "\"");
}

/* Append " A there, B here". */
static void
append_both(GString *out, const char *there, size_t there_size, const char *here,
            size_t here_size)
{
    size_t at = common_prefix(there, there_size, here, here_size);

    append_around(out, there, there_size, at);
    g_string_append(out, " there, ");
    append_around(out, here, here_size, at);
    g_string_append(out, " here");
}

static void
append_header(GString *out, const RecordedRequest *there, const RecordedRequest *here)
{
    guint i = first_header(there, here);
    const char *a = i < there->headers->len ? there->headers->pdata[i] : NULL;
    const char *b = i < here->headers->len ? here->headers->pdata[i] : NULL;

    if (a && b) {
        g_string_append(out, "a header: ");
        append_both(out, a, strlen(a), b, strlen(b));
        return;
    }
    const char *only = a ? a : b ? b : "";

    g_string_append(out, "a header: ");
    append_around(out, only, strlen(only), 0);
    g_string_append(out, a ? " there, and not here" : " here, and not there");
}

static void
append_body(GString *out, const GString *there, const GString *here)
{
    if (!there || !here) {
        g_string_append(out, there ? "a body, which is there and not here"
                                   : "a body, which is here and not there");
        return;
    }
    g_string_append_printf(out, "byte %zu of the body: ",
                           common_prefix(there->str, there->len, here->str, here->len) + 1);
    append_both(out, there->str, there->len, here->str, here->len);
}

char *
recording_difference(const GPtrArray *exchanges, const RecordedRequest *wanted)
{
    const RecordedExchange *near = nearest(exchanges, wanted);
    GString *out = g_string_new(NULL);

    if (!near)
        g_string_append(out, ", which has no request");
    if (!near)
        return g_string_free(out, FALSE);
    g_string_append_printf(out, "; the nearest one, in line %u, differs in ", near->line);
    if (!has_same_url(&near->request, wanted)) {
        g_autofree char *there =
            g_strconcat(near->request.method, " ", near->request.url, NULL);
        g_autofree char *here = g_strconcat(wanted->method, " ", wanted->url, NULL);

        g_string_append(out, "its URL: ");
        append_both(out, there, strlen(there), here, strlen(here));
    } else if (!are_headers_alike(&near->request, wanted)) {
        append_header(out, &near->request, wanted);
    } else {
        append_body(out, near->request.body, wanted->body);
    }
    return g_string_free(out, FALSE);
}
