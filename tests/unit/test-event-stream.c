/* SPDX-License-Identifier: MIT */
#include "network/event-stream.h"

#include <string.h>

/* Append "NAME=DATA|" to a GString. */
static bool
note(const StreamEvent *event, void *data)
{
    g_assert_cmpuint(strlen(event->data), <=, event->size);
    g_string_append_printf(data, "%s=%s|", event->name, event->data);
    return strcmp(event->data, "[DONE]") != 0;
}

/* Read the text in pieces of at most `step` bytes.  Returns: the events, as note() writes them. */
static char *
read_in_steps(const char *text, size_t size, size_t step, StreamState *state_out)
{
    GString *events = g_string_new(NULL);
    EventStream stream;

    dag__event_stream_init(&stream, 64, note, events);
    for (size_t at = 0; at < size; at += step)
        *state_out = dag__event_stream_add(&stream, text + at, MIN(step, size - at));
    dag__event_stream_clear(&stream);
    return g_string_free(events, FALSE);
}

static void
test_events_do_not_depend_on_how_the_text_is_cut(void)
{
    static const struct {
        const char *text, *events;
    } cases[] = {
        {"data: a\n\n", "=a|"},
        {"data:a\n\ndata:  b\n\n", "=a|= b|"},
        {"data: a\r\n\r\ndata: b\r\n\r\n", "=a|=b|"},
        {"data: a\r\rdata: b\r\r", "=a|=b|"},
        {"data: a\r\n\ndata: b\n\r\n", "=a|=b|"},
        {"data: a\ndata: b\ndata\n\n", "=a\nb\n|"},
        {"data\n\n", "=|"},
        {"data:\n\n", "=|"},
        {": comment\n\n:\n\ndata: a\n\n", "=a|"},
        {"event: error\ndata: {}\n\ndata: a\n\n", "error={}|=a|"},
        {"event: lost\n\ndata: a\n\n", "=a|"},
        {"id: 1\nretry: 5\nother\ndata: a\n\n", "=a|"},
        {"\xEF\xBB\xBF"
         "data: a\n\n",
         "=a|"},
        {"data: \xEF\xBB\xBF\n\n", "=\xEF\xBB\xBF|"},
        {"data: a\xE2\x80\xA8"
         "b\n\n", /* U+2028 ends no line */
         "=a\xE2\x80\xA8"
         "b|"},
        {"data: a\n", ""},
        {"data: a\n\ndata: cut", "=a|"},
        {"dat: a\ndatas: b\n data: c\n\n", ""},
        {"\n\n\r\r\n", ""},
        {"", ""},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        for (size_t step = 1; step <= strlen(cases[i].text); step++) {
            StreamState state = STREAM_TOO_LARGE;
            g_autofree char *events =
                read_in_steps(cases[i].text, strlen(cases[i].text), step, &state);

            g_assert_cmpstr(events, ==, cases[i].events);
            g_assert_cmpint(state, ==, STREAM_GOES_ON);
        }
}

static void
test_nothing_is_read_after_the_end(void)
{
    static const char text[] = "data: a\n\ndata: [DONE]\n\ndata: b\n\n";

    for (size_t step = 1; step < sizeof(text); step++) {
        StreamState state = STREAM_GOES_ON;
        g_autofree char *events = read_in_steps(text, strlen(text), step, &state);

        g_assert_cmpstr(events, ==, "=a|=[DONE]|");
        g_assert_cmpint(state, ==, STREAM_ENDED);
    }
}

static void
test_an_event_has_a_largest_size(void)
{
    static const char *const texts[] = {
        "data: a\n\ndata: 0123456789012345678901234567890123456789012345678901234567890123",
        "data: a\n\ndata: 01234567890123456789\ndata: 01234567890123456789\n"
        "data: 01234567890123456789\n\n",
        "data: a\n\nevent: 01234567890123456789012345678901234567890\n"
        "data: 01234567890123456789\n\n",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        for (size_t step = 1; step <= strlen(texts[i]); step++) {
            StreamState state = STREAM_GOES_ON;
            g_autofree char *events =
                read_in_steps(texts[i], strlen(texts[i]), step, &state);

            g_assert_cmpstr(events, ==, "=a|");
            g_assert_cmpint(state, ==, STREAM_TOO_LARGE);
        }
}

static void
test_a_byte_of_zero_belongs_to_the_data(void)
{
    static const char text[] = "data: a\0b\n\n";
    StreamState state;
    g_autofree char *events = read_in_steps(text, sizeof(text) - 1, 1, &state);

    g_assert_cmpstr(events, ==, "=a|"); /* note() prints up to the NUL */
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/event-stream/cuts", test_events_do_not_depend_on_how_the_text_is_cut);
    g_test_add_func("/event-stream/end", test_nothing_is_read_after_the_end);
    g_test_add_func("/event-stream/size", test_an_event_has_a_largest_size);
    g_test_add_func("/event-stream/zero", test_a_byte_of_zero_belongs_to_the_data);
    return g_test_run();
}
