/* SPDX-License-Identifier: MIT */
/*
 * At each position the longest matching secret is replaced.  Each line of a secret of several lines
 * is a secret too, since programs print single lines; the blanks around it are ignored, since
 * shells drop them.
 *
 * A stream holds back text that may be the begin of a secret until it is known, so the result does
 * not depend on how the text was cut.
 */
#include "model/mask.h"

#include <limits.h>
#include <string.h>

typedef struct Needle {
    char *text;
    size_t length;
} Needle;

struct DagMask {
    GArray *needles;            /* of Needle, the longest first */
    bool begins[UCHAR_MAX + 1]; /* by byte: a needle begins with it */
};

static void
needle_clear(gpointer data)
{
    g_free(((Needle *)data)->text);
}

static int
compare_needles(gconstpointer a, gconstpointer b)
{
    size_t x = ((const Needle *)a)->length, y = ((const Needle *)b)->length;

    return x > y ? -1 : x < y;
}

static void
add_needle(DagMask *mask, const char *text)
{
    Needle needle = {g_strdup(text), strlen(text)};

    g_array_append_val(mask->needles, needle);
    mask->begins[(unsigned char)*text] = true;
}

static void
add_secret(DagMask *mask, const char *value)
{
    g_auto(GStrv) lines = g_strsplit(value, "\n", -1);

    if (*value)
        add_needle(mask, value);
    for (char **line = lines; *line; line++)
        if (*g_strstrip(*line) && strcmp(*line, value) != 0)
            add_needle(mask, *line);
}

DagMask *
dag__mask_new(const DagParam *params, size_t n_params)
{
    DagMask *mask = g_new0(DagMask, 1);

    mask->needles = g_array_new(FALSE, FALSE, sizeof(Needle));
    g_array_set_clear_func(mask->needles, needle_clear);
    for (size_t i = 0; i < n_params; i++)
        if (params[i].is_secret && params[i].value)
            add_secret(mask, params[i].value);
    g_array_sort(mask->needles, compare_needles);
    if (mask->needles->len > 0)
        return mask;
    dag__mask_free(mask);
    return NULL;
}

void
dag__mask_free(DagMask *mask)
{
    if (!mask)
        return;
    g_array_unref(mask->needles);
    g_free(mask);
}

/* The result of matching at one position. */
typedef enum Found { NOTHING, SECRET, PERHAPS } Found;

/* Match at the begin of text[0, size), which continues after its end unless it `is_whole`. */
static Found
match(const DagMask *mask, const char *text, size_t size, bool is_whole, size_t *length_out)
{
    if (!mask->begins[(unsigned char)*text])
        return NOTHING;
    for (guint i = 0; i < mask->needles->len; i++) {
        const Needle *needle = &g_array_index(mask->needles, Needle, i);

        *length_out = needle->length;
        if (memcmp(text, needle->text, MIN(size, needle->length)) != 0)
            continue;
        if (size >= needle->length)
            return SECRET;
        if (!is_whole)
            return PERHAPS;
    }
    return NOTHING;
}

/* Append text[0, size) masked.  Return the number of bytes that were consumed. */
static size_t
append_masked(const DagMask *mask, const char *text, size_t size, bool is_whole,
              GString *out)
{
    size_t done = 0, length = 0;

    for (size_t i = 0; i < size;) {
        Found found = match(mask, text + i, size - i, is_whole, &length);

        if (found == NOTHING) {
            i++;
            continue;
        }
        g_string_append_len(out, text + done, (gssize)(i - done));
        if (found == PERHAPS)
            return i;
        g_string_append(out, DAG__MASKED);
        i += length;
        done = i;
    }
    g_string_append_len(out, text + done, (gssize)(size - done));
    return size;
}

void
dag__mask_text(const DagMask *mask, GString *text, size_t start)
{
    g_autoptr(GString) masked = NULL;

    if (!mask)
        return;
    masked = g_string_sized_new(text->len - start);
    append_masked(mask, text->str + start, text->len - start, true, masked);
    g_string_truncate(text, start);
    g_string_append_len(text, masked->str, (gssize)masked->len);
}

void
dag__mask_push(DagMaskStream *stream, const char *bytes, size_t size, GString *out)
{
    if (!stream->held)
        stream->held = g_string_new(NULL);
    g_string_append_len(stream->held, bytes, (gssize)size);
    g_string_erase(stream->held, 0,
                   (gssize)append_masked(stream->mask, stream->held->str, stream->held->len,
                                         false, out));
}

void
dag__mask_flush(DagMaskStream *stream, GString *out)
{
    if (!stream->held)
        return;
    append_masked(stream->mask, stream->held->str, stream->held->len, true, out);
    g_string_free(stream->held, TRUE);
    stream->held = NULL;
}
