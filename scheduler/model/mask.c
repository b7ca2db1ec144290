/* SPDX-License-Identifier: MIT */
/*
 * An automaton finds all secrets in one pass (Aho and Corasick, 1975): the time per byte does not
 * depend on their number or length.  Overlapping secrets are hidden together.  The children of all
 * states are in one hash table, since a table of 256 children per state would take a kilobyte for
 * each byte of the secrets.
 *
 * Text that begins no secret is skipped (Wu and Manber, 1994): two bytes that lie as far ahead as the
 * shortest secret is long say how far on the next secret can begin at the earliest.  With few secrets,
 * most of these pairs are in none, so that most of the text is not looked at.  With many, the skips
 * are short, and the automaton does the work.
 *
 * Each line of a secret of several lines is a secret too, since programs print single lines; the
 * blanks around it are ignored, since shells drop them.  Writers change some characters, so a
 * secret is also found as they write it: as a JSON string, percent-encoded in a URL, in base64, and cleaned
 * for a terminal.
 *
 * A stream holds back text that may be the begin of a secret until it is known, so the result does
 * not depend on how the text was cut.
 */
#include "model/mask.h"

#include <dagrun/text.h>
#include <limits.h>
#include <stdatomic.h>
#include <string.h>

#define ROOT 0

/* Bytes at the begin of a secret that decide about skips.  More pairs would be found in ordinary text
 * more often, which makes skips short again. */
#define MAX_WINDOW 32

/* A state stands for the begin of a secret. */
typedef struct State {
    uint32_t depth;  /* length of that begin */
    uint32_t parent; /* the state one byte before */
    uint32_t fail;   /* the longest proper end of this begin that is a state too */
    uint32_t hit;    /* length of the longest secret that ends here; 0: none */
    uint8_t byte;    /* the last byte of the begin */
} State;

struct DagMask {
    atomic_uint n_references;
    GArray *states;     /* of State; parents before their children */
    uint32_t *children; /* [n_slots] states hashed by parent and byte; 0: empty */
    uint32_t n_slots;   /* a power of two, more than twice the number of states */
    uint32_t first[UCHAR_MAX + 1]; /* the children of the root, by byte */
    uint32_t window;               /* length of the shortest secret, at most MAX_WINDOW */
    /* By pair_of() the last bytes of a window: the number of bytes from its start at which no secret
     * begins. */
    uint8_t skips[1 << 16];
};

static State *
state_at(const DagMask *mask, uint32_t state)
{
    return &g_array_index(mask->states, State, state);
}

/* Return the slot of a child, or the empty slot where it belongs. */
static uint32_t *
slot_of(const DagMask *mask, uint32_t parent, uint8_t byte)
{
    uint32_t hash = (parent * 257 + byte) * 2654435769U; /* Knuth's multiplicative hash */

    for (uint32_t at = hash ^ (hash >> 15);; at++) {
        uint32_t *slot = &mask->children[at & (mask->n_slots - 1)];

        if (*slot == 0)
            return slot;
        if (state_at(mask, *slot)->parent == parent && state_at(mask, *slot)->byte == byte)
            return slot;
    }
}

static void
make_slots(DagMask *mask, uint32_t n_slots)
{
    g_free(mask->children);
    mask->children = g_new0(uint32_t, n_slots);
    mask->n_slots = n_slots;
    for (uint32_t i = ROOT + 1; i < mask->states->len; i++)
        *slot_of(mask, state_at(mask, i)->parent, state_at(mask, i)->byte) = i;
}

/* Return the child, which is added if it is new. */
static uint32_t
child_of(DagMask *mask, uint32_t parent, uint8_t byte)
{
    uint32_t *slot = slot_of(mask, parent, byte);
    State child = {state_at(mask, parent)->depth + 1, parent, ROOT, 0, byte};
    uint32_t number = mask->states->len;

    if (*slot != 0)
        return *slot;
    *slot = number;
    g_array_append_val(mask->states, child);
    if (mask->states->len * 2 >= mask->n_slots)
        make_slots(mask, mask->n_slots * 2);
    return number;
}

static void
add_needle(DagMask *mask, const char *text)
{
    uint32_t state = ROOT;

    for (const char *p = text; *p; p++)
        state = child_of(mask, state, (uint8_t)*p);
    state_at(mask, state)->hit = state_at(mask, state)->depth;
    mask->window = MIN(mask->window, state_at(mask, state)->depth);
}

/* Add what base64 makes of the text within a longer one, such as "user:" and a password: three forms, by
 * the number of bytes before it.  The characters at the ends, which depend on the neighbours, are left out. */
static void
add_base64(DagMask *mask, const char *text)
{
    static const size_t skipped[] = {0, 2,
                                     3}; /* characters that hold bits of the bytes before */
    size_t length = strlen(text);

    for (size_t before = 0; before < G_N_ELEMENTS(skipped); before++) {
        g_autoptr(GString) bytes = g_string_new("xx");
        g_autofree char *encoded = NULL;

        g_string_truncate(bytes, before);
        g_string_append(bytes, text);
        encoded = g_base64_encode((const guchar *)bytes->str, bytes->len);
        encoded[(before + length) * 8 / 6] = '\0';
        if (dag__mask_hides(encoded + skipped[before]))
            add_needle(mask, encoded + skipped[before]);
    }
}

/* JSON within JSON escapes a character again and again.  A service may send back a request that holds the
 * answer of another: that is four times. */
#define JSON_LEVELS 4

/* Add the text as it stands in a JSON string, and in one within others. */
static void
add_json(DagMask *mask, const char *text)
{
    g_autofree char *inner = g_strdup(text);

    for (int level = 0; level < JSON_LEVELS; level++) {
        g_autoptr(GString) json = g_string_new(NULL);

        dag_text_append_json(json, inner);
        g_free(inner);
        inner = g_strndup(json->str + 1, json->len - 2);
        add_needle(mask, inner);
    }
}

/* Add a text, and the same in JSON, in XML, in a URL, in base64, and cleaned for a terminal. */
static void
add_forms(DagMask *mask, const char *text)
{
    g_autoptr(GString) clean = g_string_new(NULL);
    g_autofree char *xml = g_markup_escape_text(text, -1);
    g_autofree char *url = g_uri_escape_string(text, NULL, FALSE);

    if (!dag__mask_hides(text))
        return;
    dag_text_append_clean(clean, text);
    add_needle(mask, text);
    add_needle(mask, xml);
    add_needle(mask, url);
    add_json(mask, text);
    add_base64(mask, text);
    if (dag__mask_hides(clean->str))
        add_needle(mask, clean->str);
}

static void
add_secret(DagMask *mask, const char *value)
{
    g_auto(GStrv) lines = g_strsplit(value, "\n", -1);

    add_forms(mask, value);
    for (char **line = lines; *line; line++)
        add_forms(mask, g_strstrip(*line));
}

bool
dag__mask_hides(const char *value)
{
    g_autofree char *text = g_strstrip(g_strdup(value));
    glong n =
        g_utf8_validate(text, -1, NULL) ? g_utf8_strlen(text, -1) : (glong)strlen(text);

    return n >= DAG__MASK_LEAST;
}

/* Return the state after `byte`. */
static uint32_t
next_state(const DagMask *mask, uint32_t state, uint8_t byte)
{
    while (state != ROOT) {
        uint32_t child = *slot_of(mask, state, byte);

        if (child != 0)
            return child;
        state = state_at(mask, state)->fail;
    }
    return mask->first[byte];
}

/* A child is one byte longer than its parent, so this visits states by depth. */
static int
compare_depths(gconstpointer a, gconstpointer b, gpointer mask)
{
    uint32_t x = state_at(mask, *(const uint32_t *)a)->depth,
             y = state_at(mask, *(const uint32_t *)b)->depth;

    return x < y ? -1 : x > y;
}

/* Link each state to the longest of its proper ends. */
static void
link_states(DagMask *mask)
{
    g_autoptr(GArray) order = g_array_new(FALSE, FALSE, sizeof(uint32_t));

    for (uint32_t i = ROOT + 1; i < mask->states->len; i++) {
        g_array_append_val(order, i);
        if (state_at(mask, i)->parent == ROOT)
            mask->first[state_at(mask, i)->byte] = i;
    }
    g_array_sort_with_data(order, compare_depths, mask);
    for (guint i = 0; i < order->len; i++) {
        State *state = state_at(mask, g_array_index(order, uint32_t, i));

        if (state->parent == ROOT)
            continue;
        state->fail = next_state(mask, state_at(mask, state->parent)->fail, state->byte);
        if (state->hit == 0)
            state->hit = state_at(mask, state->fail)->hit;
    }
}

static uint32_t
pair_of(uint8_t first, uint8_t second)
{
    return (uint32_t)first << 8 | second;
}

/* A pair that ends at the depth d of a secret rules out all starts before the one that puts it there. */
static void
fill_skips(DagMask *mask)
{
    g_assert(mask->window >= 2);
    memset(mask->skips, (int)mask->window - 1, sizeof(mask->skips));
    for (uint32_t i = ROOT + 1; i < mask->states->len; i++) {
        const State *state = state_at(mask, i);

        if (state->depth < 2 || state->depth > mask->window)
            continue;

        uint8_t *skip =
            &mask->skips[pair_of(state_at(mask, state->parent)->byte, state->byte)];

        *skip = (uint8_t)MIN(*skip, mask->window - state->depth);
    }
}

static bool
any_secret(const DagParam *params, size_t n_params)
{
    for (size_t i = 0; i < n_params; i++)
        if (params[i].is_secret && params[i].value)
            return true;
    return false;
}

DagMask *
dag__mask_new(const DagParam *params, size_t n_params)
{
    DagMask *mask;
    State root = {0};

    if (!any_secret(params, n_params))
        return NULL; /* a mask has 64 KiB, which would cost a start 0.3 ms */
    mask = g_new0(DagMask, 1);
    atomic_init(&mask->n_references, 1);
    mask->states = g_array_new(FALSE, FALSE, sizeof(State));
    g_array_append_val(mask->states, root);
    make_slots(mask, 64);
    mask->window = MAX_WINDOW;
    for (size_t i = 0; i < n_params; i++)
        if (params[i].is_secret && params[i].value)
            add_secret(mask, params[i].value);
    if (mask->states->len == 1) {
        dag_mask_unref(mask);
        return NULL;
    }
    link_states(mask);
    fill_skips(mask);
    return mask;
}

DagMask *
dag__mask_ref(DagMask *mask)
{
    if (mask)
        atomic_fetch_add(&mask->n_references, 1);
    return mask;
}

void
dag_mask_unref(DagMask *mask)
{
    if (!mask || atomic_fetch_sub(&mask->n_references, 1) > 1)
        return;
    g_array_unref(mask->states);
    g_free(mask->children);
    g_free(mask);
}

/* A part of the held text that is hidden. */
typedef struct Span {
    size_t start, end;
    bool is_written; /* its replacement was appended already */
} Span;

/* Hide text[start, end), which ends after all spans: join it with those that it overlaps. */
static void
hide(GArray *spans, size_t start, size_t end)
{
    Span span = {start, end, false};

    while (spans->len > 0) {
        const Span *last = &g_array_index(spans, Span, spans->len - 1);

        if (last->end <= start)
            break;
        span.start = MIN(span.start, last->start);
        span.is_written |= last->is_written;
        g_array_set_size(spans, spans->len - 1);
    }
    g_array_append_val(spans, span);
}

/* Return the first position from `at` on where a secret may begin; less than `length`, as `at` is. */
static size_t
skip(const DagMask *mask, const uint8_t *text, size_t at, size_t length)
{
    const uint8_t *pair = text + mask->window - 2;

    while (at + mask->window <= length) {
        uint8_t n = mask->skips[pair_of(pair[at], pair[at + 1])];

        if (n == 0)
            break;
        at += n;
    }
    return at;
}

/* Search the held text from `at` on. */
static void
search(DagMaskStream *stream, size_t at)
{
    const DagMask *mask = stream->mask;
    const uint8_t *text = (const uint8_t *)stream->held->str;
    size_t length = stream->held->len;
    uint32_t state = stream->state;

    for (; at < length; at++) {
        if (state == ROOT)
            at = skip(mask, text, at, length);
        state = next_state(mask, state, text[at]);
        if (state_at(mask, state)->hit > 0)
            hide(stream->spans, at + 1 - state_at(mask, state)->hit, at + 1);
    }
    stream->state = state;
}

/* Append the held text before `limit`, and drop it.  A span across `limit` stays, from there on. */
static void
write_until(DagMaskStream *stream, size_t limit, GString *out)
{
    size_t done = 0;
    guint n_done = 0;

    for (guint i = 0; i < stream->spans->len; i++) {
        Span *span = &g_array_index(stream->spans, Span, i);

        if (span->start >= limit) {
            span->start -= limit;
            span->end -= limit;
            continue;
        }
        g_string_append_len(out, stream->held->str + done, (gssize)(span->start - done));
        if (!span->is_written)
            g_string_append(out, DAG__MASKED);
        done = MIN(span->end, limit);
        n_done += span->end <= limit;
        *span = (Span){0, span->end - MIN(span->end, limit), true};
    }
    g_string_append_len(out, stream->held->str + done, (gssize)(limit - done));
    g_string_erase(stream->held, 0, (gssize)limit);
    g_array_remove_range(stream->spans, 0, n_done);
}

void
dag__mask_push(DagMaskStream *stream, const char *bytes, size_t size, GString *out)
{
    size_t before;

    if (!stream->held) {
        stream->held = g_string_new(NULL);
        stream->spans = g_array_new(FALSE, FALSE, sizeof(Span));
    }
    before = stream->held->len;
    g_string_append_len(stream->held, bytes, (gssize)size);
    search(stream, before);
    /* A secret that is not complete begins at the earliest where the state's text begins. */
    write_until(stream, stream->held->len - state_at(stream->mask, stream->state)->depth,
                out);
}

void
dag__mask_flush(DagMaskStream *stream, GString *out)
{
    if (!stream->held)
        return;
    write_until(stream, stream->held->len, out);
    g_string_free(stream->held, TRUE);
    g_array_unref(stream->spans);
    *stream = (DagMaskStream){.mask = stream->mask};
}

void
dag_mask_text(const DagMask *mask, GString *text, size_t start)
{
    DagMaskStream stream = {.mask = mask};
    g_autoptr(GString) masked = NULL;

    g_return_if_fail(text && start <= text->len);
    if (!mask || start == text->len)
        return;
    masked = g_string_sized_new(text->len - start);
    dag__mask_push(&stream, text->str + start, text->len - start, masked);
    dag__mask_flush(&stream, masked);
    g_string_truncate(text, start);
    g_string_append_len(text, masked->str, (gssize)masked->len);
}

/* Append a span for each place of `needle` in the text. */
static void
find_all(GArray *spans, const GString *text, const char *needle)
{
    size_t length = strlen(needle);
    const char *end = text->str + text->len, *at = text->str;

    while (length > 0 && (at = memmem(at, (size_t)(end - at), needle, length))) {
        Span span = {(size_t)(at - text->str), (size_t)(at - text->str) + length, false};

        g_array_append_val(spans, span);
        at++;
    }
}

static int
compare_ends(gconstpointer a, gconstpointer b)
{
    size_t x = ((const Span *)a)->end, y = ((const Span *)b)->end;

    return x < y ? -1 : x > y;
}

void
dag_mask_text_and(const DagMask *mask, const char *const *more, GString *text)
{
    DagMaskStream stream = {.mask = mask};
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(Span));

    g_return_if_fail(more && text);
    stream.held = g_string_new_len(text->str, (gssize)text->len);
    stream.spans = g_array_new(FALSE, FALSE, sizeof(Span));
    if (mask)
        search(&stream, 0);
    g_array_append_vals(found, stream.spans->data, stream.spans->len);
    for (; *more; more++)
        find_all(found, text, *more);
    g_array_sort(found, compare_ends);
    g_array_set_size(stream.spans, 0);
    for (guint i = 0; i < found->len; i++)
        hide(stream.spans, g_array_index(found, Span, i).start,
             g_array_index(found, Span, i).end);
    g_string_truncate(text, 0);
    dag__mask_flush(&stream, text);
}
