/* SPDX-License-Identifier: MIT */
#include "network/recorded-exchange.h"
#include "network/recording-difference.h"
#include "network/recording.h"

#include <dagrun/error.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Return a request with these lines, separated by newlines, and a body; NULL: none. */
static RecordedRequest
request_of(const char *url, const char *headers, const char *body)
{
    RecordedRequest request = {.method = g_strdup("POST"),
                               .url = g_strdup(url),
                               .headers = g_ptr_array_new_with_free_func(g_free),
                               .body = body ? g_string_new(body) : NULL};
    g_auto(GStrv) lines = g_strsplit(headers, "\n", -1);

    for (char **line = lines; *line; line++)
        g_ptr_array_add(request.headers, g_strdup(*line));
    return request;
}

static RecordedExchange *
exchange_of(const char *url, const char *headers, const char *body)
{
    RecordedExchange *exchange = g_new0(RecordedExchange, 1);

    exchange->request = request_of(url, headers, body);
    exchange->is_sent = exchange->is_whole = true;
    exchange->status = 200;
    exchange->headers = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(exchange->headers, g_strdup("HTTP/1.1 200 OK"));
    exchange->body = g_string_new("yes");
    return exchange;
}

/* Write the exchange and read it. */
static RecordedExchange *
again(RecordedExchange *exchange)
{
    GString *line = recorded_exchange_write(exchange);
    g_autoptr(GError) error = NULL;
    RecordedExchange *copy = recorded_exchange_read(line->str, line->len - 1, &error);

    g_assert_no_error(error);
    g_assert_cmpint(line->str[line->len - 1], ==, '\n');
    g_assert_null(memchr(line->str, '\n', line->len - 1));
    g_string_free(line, TRUE);
    recorded_exchange_free(exchange);
    return copy;
}

static void
test_bytes_and_texts_come_back(void)
{
    static const char bytes[] = {'a', 0, '\xff', '\n'};
    RecordedExchange *exchange = exchange_of("http://x/", "A: \xc3\xa4\nB;", "l\n\"q\"");

    g_string_truncate(exchange->body, 0);
    g_string_append_len(exchange->body, bytes, sizeof(bytes));
    exchange->failure = g_strdup("cut");
    exchange->problem = g_strdup("ended");
    exchange->code = CURLE_PARTIAL_FILE;
    exchange = again(exchange);
    g_assert_cmpuint(exchange->body->len, ==, sizeof(bytes));
    g_assert_true(memcmp(exchange->body->str, bytes, sizeof(bytes)) == 0);
    g_assert_cmpstr(exchange->request.body->str, ==, "l\n\"q\"");
    g_assert_cmpstr(exchange->request.headers->pdata[0], ==, "A: \xc3\xa4");
    g_assert_cmpstr(exchange->request.headers->pdata[1], ==, "B;");
    g_assert_cmpstr(exchange->headers->pdata[0], ==, "HTTP/1.1 200 OK");
    g_assert_cmpstr(exchange->failure, ==, "cut");
    g_assert_cmpstr(exchange->problem, ==, "ended");
    g_assert_cmpint(exchange->code, ==, CURLE_PARTIAL_FILE);
    g_assert_cmpuint(exchange->status, ==, 200);
    g_assert_true(exchange->is_sent && exchange->is_whole);
    recorded_exchange_free(exchange);
    exchange = again(exchange_of("http://x/", "A: b", NULL));
    g_assert_null(exchange->request.body);
    g_assert_null(exchange->failure);
    g_assert_cmpstr(exchange->body->str, ==, "yes");
    recorded_exchange_free(exchange);
}

static void
test_a_line_cut_anywhere_is_an_error(void)
{
    RecordedExchange *exchange = exchange_of("http://x/", "A: b", "{}");
    GString *line = recorded_exchange_write(exchange);

    for (gsize size = 0; size < line->len - 1; size++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(recorded_exchange_read(line->str, size, &error));
        g_assert_error(error, DAG_ERROR, DAG_ERROR_INVALID);
    }
    g_string_free(line, TRUE);
    recorded_exchange_free(exchange);
}

/* Check the difference of a request to "http://x/a" with a header "A: b". */
static void
assert_difference(const GPtrArray *exchanges, const char *url, const char *headers,
                  const char *body, const char *expected)
{
    RecordedRequest wanted = request_of(url, headers, body);
    g_autofree char *difference = recording_difference(exchanges, &wanted);

    g_assert_cmpstr(difference, ==, expected);
    recorded_request_clear(&wanted);
}

static void
test_the_nearest_has_the_same_url_and_the_longest_beginning(void)
{
    g_autoptr(GPtrArray) exchanges =
        g_ptr_array_new_with_free_func((GDestroyNotify)recorded_exchange_free);

    assert_difference(exchanges, "http://x/a", "A: b", "1", ", which has no request");
    g_ptr_array_add(exchanges, exchange_of("http://x/a", "A: b", "12345"));
    g_ptr_array_add(exchanges, exchange_of("http://x/a", "A: b", "1299"));
    g_ptr_array_add(exchanges, exchange_of("http://x/ab", "A: b", "12"));
    for (guint i = 0; i < exchanges->len; i++)
        ((RecordedExchange *)exchanges->pdata[i])->line = i + 2;
    assert_difference(exchanges, "http://x/a", "A: b", "1239",
                      "; the nearest one, in line 2, differs in byte 4 of the body: "
                      "\"12345\" there, \"1239\" here");
    assert_difference(exchanges, "http://x/a", "A: b", "129",
                      "; the nearest one, in line 3, differs in byte 4 of the body: "
                      "\"1299\" there, \"129\" here");
    assert_difference(exchanges, "http://x/a", "A: c", "12345",
                      "; the nearest one, in line 2, differs in a header: \"A: b\" there, "
                      "\"A: c\" here");
    assert_difference(exchanges, "http://x/a", "A: b\nC: d", "12345",
                      "; the nearest one, in line 2, differs in a header: \"C: d\" here, "
                      "and not there");
    assert_difference(exchanges, "http://x/abc", "A: b", "12",
                      "; the nearest one, in line 4, differs in its URL: "
                      "\"POST http://x/ab\" there, \"POST http://x/abc\" here");
    assert_difference(exchanges, "http://x/ab", "A: b", NULL,
                      "; the nearest one, in line 4, differs in a body, which is there and "
                      "not here");
}

/* A body that was saved to a file, and cannot be read, or is shorter, is not recorded as whole. */
static void
test_a_saved_body_that_is_lost_is_an_error(void)
{
    static const char *const problems[] = {"Bad file descriptor",
                                           "it is shorter than the answer"};
    const int flags[] = {O_WRONLY, O_RDONLY};
    HttpConfig config = {.max_size = 9};
    Request asked = {.method = (char *)"GET",
                     .url = (char *)"http://x/",
                     .own = g_ptr_array_new(),
                     .plain = g_ptr_array_new(),
                     .key_index = UINT_MAX};
    g_autoptr(GPtrArray) headers = g_ptr_array_new();
    g_autofree char *path = g_strdup("recording-XXXXXX");

    close(g_mkstemp(path));
    for (size_t i = 0; i < G_N_ELEMENTS(flags); i++) {
        int fd = open("/dev/null", flags[i]);
        const RecordingRequest request = {&asked, &config, NULL, fd};
        const TransferEnd end = {.is_sent = true,
                                 .is_whole = true,
                                 .status = 200,
                                 .headers = headers,
                                 .size = 5};
        g_autoptr(GError) error = NULL;
        g_autofree char *expected =
            g_strdup_printf("cannot write \"%s\": the file of an answer cannot be read: %s",
                            path, problems[i]);
        g_autofree char *text = NULL;
        Recording *recording = recording_new(path, &error);

        g_assert_no_error(error);
        recording_add(recording, &request, &end, NULL);
        g_assert_false(recording_close(recording, &error));
        g_assert_error(error, DAG_ERROR, DAG_ERROR_IO);
        g_assert_cmpstr(error->message, ==, expected);
        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        g_assert_cmpstr(text, ==, "{\"dagrun_requests\":1}\n");
        close(fd);
    }
    unlink(path);
    g_ptr_array_unref(asked.own);
    g_ptr_array_unref(asked.plain);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/recording/a-saved-body-that-is-lost-is-an-error",
                    test_a_saved_body_that_is_lost_is_an_error);
    g_test_add_func("/recording/bytes-and-texts-come-back", test_bytes_and_texts_come_back);
    g_test_add_func("/recording/a-line-cut-anywhere-is-an-error",
                    test_a_line_cut_anywhere_is_an_error);
    g_test_add_func("/recording/the-nearest-has-the-same-url-and-the-longest-beginning",
                    test_the_nearest_has_the_same_url_and_the_longest_beginning);
    return g_test_run();
}
