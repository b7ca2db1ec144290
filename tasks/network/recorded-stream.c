/* SPDX-License-Identifier: MIT */
/*
 * The events are read once.  Each string in them is a piece of the text at its place: the JSON pointer (without
 * escapes) that leads to it; the place of data that are not JSON is "".
 */
#include "recorded-stream.h"

#include "event-stream.h"
#include "recorded-exchange.h"

#include <jansson.h>
#include <string.h>

/* One event of the stream. */
typedef struct RecordedEvent {
    char *name;
    json_t *data; /* a string if the data are not JSON */
    bool is_json;
} RecordedEvent;

/* The text at one place, in pieces. */
typedef struct Place {
    GString *text;
    GPtrArray *pieces; /* of json_t, strings; borrowed from the events */
} Place;

static void
event_free(gpointer data)
{
    RecordedEvent *event = data;

    g_free(event->name);
    json_decref(event->data);
    g_free(event);
}

static void
place_free(gpointer data)
{
    Place *place = data;

    g_string_free(place->text, TRUE);
    g_ptr_array_unref(place->pieces);
    g_free(place);
}

/* A StreamEventHandler. */
static bool
add_event(const StreamEvent *event, void *events)
{
    RecordedEvent *added = g_new0(RecordedEvent, 1);

    added->name = g_strdup(event->name);
    added->data =
        json_loadb(event->data, event->size, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    added->is_json = added->data != NULL;
    if (!added->data)
        added->data = json_stringn_nocheck(event->data, event->size);
    g_ptr_array_add(events, added);
    return true;
}

static void
add_piece(GHashTable *places, const char *pointer, json_t *piece)
{
    Place *place = g_hash_table_lookup(places, pointer);

    if (!place) {
        place = g_new0(Place, 1);
        place->text = g_string_new(NULL);
        place->pieces = g_ptr_array_new();
        g_hash_table_insert(places, g_strdup(pointer), place);
    }
    g_string_append_len(place->text, json_string_value(piece),
                        (gssize)json_string_length(piece));
    g_ptr_array_add(place->pieces, piece);
}

/* Add all strings in a value.  Jansson limits the depth.  NOLINTBEGIN(misc-no-recursion) */
static void
add_pieces(GHashTable *places, GString *pointer, json_t *value)
{
    size_t length = pointer->len, i;
    const char *key;
    json_t *child;

    if (json_is_string(value))
        add_piece(places, pointer->str, value);
    json_object_foreach(value, key, child)
    {
        g_string_append_printf(pointer, "/%s", key);
        add_pieces(places, pointer, child);
        g_string_truncate(pointer, length);
    }
    json_array_foreach(value, i, child)
    {
        g_string_append_printf(pointer, "/%zu", i);
        add_pieces(places, pointer, child);
        g_string_truncate(pointer, length);
    }
}
/* NOLINTEND(misc-no-recursion) */

/* Returns: true if the text at the place held a secret. */
static bool
mask_place(const Place *place, const Request *request, const DagMask *mask)
{
    g_autoptr(GString) masked =
        g_string_new_len(place->text->str, (gssize)place->text->len);

    recorded_mask(request, mask, masked);
    if (g_string_equal(masked, place->text))
        return false;
    for (guint i = 0; i < place->pieces->len; i++)
        json_string_setn_nocheck(place->pieces->pdata[i], i == 0 ? masked->str : "",
                                 i == 0 ? masked->len : 0);
    return true;
}

static bool
mask_events(const GPtrArray *events, const Request *request, const DagMask *mask)
{
    g_autoptr(GHashTable) places =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, place_free);
    g_autoptr(GString) pointer = g_string_new(NULL);
    bool any = false;
    GHashTableIter iter;
    gpointer place;

    for (guint i = 0; i < events->len; i++) {
        const RecordedEvent *event = events->pdata[i];

        add_pieces(places, pointer, event->data);
    }
    g_hash_table_iter_init(&iter, places);
    while (g_hash_table_iter_next(&iter, NULL, &place))
        any |= mask_place(place, request, mask);
    return any;
}

/* Append the event as it stands in a stream. */
static void
append_event(GString *body, const RecordedEvent *event)
{
    g_autofree char *data =
        event->is_json
            ? json_dumps(event->data, JSON_COMPACT | JSON_ENCODE_ANY)
            : g_strndup(json_string_value(event->data), json_string_length(event->data));
    g_auto(GStrv) lines = g_strsplit(data, "\n", -1);

    if (*event->name)
        g_string_append_printf(body, "event: %s\n", event->name);
    for (char **line = lines; *line; line++)
        g_string_append_printf(body, "data: %s\n", *line);
    g_string_append_c(body, '\n');
}

void
recorded_mask_stream(const Request *request, const DagMask *mask, GString *body)
{
    g_autoptr(GPtrArray) events = g_ptr_array_new_with_free_func(event_free);
    EventStream stream;

    dag__event_stream_init(&stream, body->len, add_event, events);
    dag__event_stream_add(&stream, body->str, body->len);
    dag__event_stream_clear(&stream);
    if (!mask_events(events, request, mask))
        return;
    g_string_truncate(body, 0);
    for (guint i = 0; i < events->len; i++)
        append_event(body, events->pdata[i]);
}
