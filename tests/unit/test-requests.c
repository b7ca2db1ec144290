/* SPDX-License-Identifier: MIT */
#include "network/retry-after.h"
#include "network/statuses.h"

#include <dagrun/error.h>

#define DATE "Date: Sun, 06 Nov 1994 08:49:37 GMT"

/* Return the time that retry_after_ns() reads in up to two headers. */
static int64_t
wait_of(const char *header, const char *other)
{
    g_autoptr(GPtrArray) headers = g_ptr_array_new();
    TransferEnd end = {.headers = headers};

    g_ptr_array_add(headers, (gpointer) "HTTP/1.1 429 Too Many Requests");
    g_ptr_array_add(headers, (gpointer)header);
    g_ptr_array_add(headers, (gpointer)other);
    return retry_after_ns(&end);
}

static void
test_seconds_may_have_a_fraction(void)
{
    g_assert_cmpint(wait_of("Retry-After: 7", DATE), ==, INT64_C(7000000000));
    g_assert_cmpint(wait_of("retry-after:0.5 ", DATE), ==, 500000000);
    g_assert_cmpint(wait_of("Retry-After: 0", DATE), ==, 0);
    g_assert_cmpint(wait_of("Retry-After: 7", "Retry-After-Ms: 12.5"), ==, 12500000);
    g_assert_cmpint(wait_of("Retry-After: 7", "Retry-After-Ms: soon"), ==,
                    INT64_C(7000000000));
    g_assert_cmpint(wait_of("Retry-After: 99999999999999999999", DATE), ==, INT64_MAX);
}

static void
test_a_date_counts_from_that_of_the_answer(void)
{
    g_assert_cmpint(wait_of("Retry-After: Sun, 06 Nov 1994 08:50:07 GMT", DATE), ==,
                    INT64_C(30000000000));
    g_assert_cmpint(wait_of("Retry-After: Mon, 07 Nov 1994 08:49:37 GMT", DATE), ==,
                    INT64_C(86400000000000));
    g_assert_cmpint(wait_of("Retry-After: Sun, 06 Nov 1994 08:40:00 GMT", DATE), ==, 0);
    g_assert_cmpint(wait_of("Retry-After: Sun, 06 Nov 1994 08:50:07 GMT", "X: y"), ==, -1);
}

static void
test_limits_say_when_they_are_reset(void)
{
    const char *none_left = "X-RateLimit-Remaining-Requests: 0";

    g_assert_cmpint(wait_of("X-RateLimit-Reset-Requests: 6m0.5s", none_left), ==,
                    INT64_C(360500000000));
    g_assert_cmpint(wait_of("x-ratelimit-reset-requests: 120ms", none_left), ==, 120000000);
    g_assert_cmpint(wait_of("X-RateLimit-Reset-Requests: 1h", DATE), ==,
                    INT64_C(3600000000000));
    g_assert_cmpint(wait_of("X-RateLimit-Reset-Tokens: 2", none_left), ==,
                    INT64_C(2000000000));
    g_assert_cmpint(
        wait_of("X-RateLimit-Reset-Requests: 1s", "X-RateLimit-Reset-Tokens: 3s"), ==,
        INT64_C(3000000000));
    /* This limit was not the reason; the server's own word comes first. */
    g_assert_cmpint(
        wait_of("X-RateLimit-Reset-Requests: 1s", "X-RateLimit-Remaining-Requests: 5"), ==,
        -1);
    g_assert_cmpint(wait_of("X-RateLimit-Reset-Requests: 9s", "Retry-After: 1"), ==,
                    INT64_C(1000000000));
    g_assert_cmpint(wait_of("X-RateLimit-Reset-Requests: soon", none_left), ==, -1);
    g_assert_cmpint(wait_of("X-RateLimit-Reset-Requests: 5x", none_left), ==, -1);
}

static void
test_what_is_no_time_is_none(void)
{
    static const char *const values[] = {"",
                                         "-1",
                                         "1e3",
                                         ".5",
                                         "5s",
                                         "soon",
                                         "7, 8",
                                         "+7",
                                         "Sun, 06 Nov 1994",
                                         "Sun, 06 Nox 1994 08:50:07 GMT",
                                         "Sun, 66 Nov 1994 08:50:07 GMT",
                                         "Sun, 06 Nov 1994 08:50:07 CET"};

    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        g_autofree char *header = g_strconcat("Retry-After: ", values[i], NULL);

        g_assert_cmpint(wait_of(header, DATE), ==, -1);
    }
    g_assert_cmpint(wait_of("X-Retry-After: 7", DATE), ==, -1);
    g_assert_cmpint(wait_of("Retry-After-More: 7", DATE), ==, -1);
}

static void
test_statuses_are_single_or_ranges_or_classes(void)
{
    HttpOutcomes outcomes;
    unsigned n = 0;

    g_assert_true(http_outcomes_parse(" 200-204\n404 5xx", false, &outcomes, NULL));
    for (unsigned status = 0; status < 1000; status++)
        n += http_outcomes_has(&outcomes, status);
    g_assert_cmpuint(n, ==, 5 + 1 + 100);
    g_assert_true(http_outcomes_has(&outcomes, 200) && http_outcomes_has(&outcomes, 204));
    g_assert_true(http_outcomes_has(&outcomes, 404) && http_outcomes_has(&outcomes, 599));
    g_assert_false(http_outcomes_has(&outcomes, 205) || http_outcomes_has(&outcomes, 499));
}

static void
test_failures_are_words(void)
{
    HttpOutcomes outcomes;

    g_assert_true(http_outcomes_parse("timeout cut 429", true, &outcomes, NULL));
    g_assert_cmpuint(outcomes.failures, ==,
                     1U << HTTP_FAILED_CUT | 1U << HTTP_FAILED_TIMEOUT_CONNECT |
                         1U << HTTP_FAILED_TIMEOUT_FIRST_BYTE |
                         1U << HTTP_FAILED_TIMEOUT_STALL);
    g_assert_true(http_outcomes_has(&outcomes, 429));
}

static void
test_other_words_are_errors(void)
{
    static const char *const words[] = {"99",     "600",  "20",  "2xx-3xx", "204-200",
                                        "6xx",    "x",    "0xx", "200-",    "200-600",
                                        "status", "save", "1000"};

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        HttpOutcomes outcomes;
        g_autoptr(GError) error = NULL;

        g_assert_false(http_outcomes_parse(words[i], true, &outcomes, &error));
        g_assert_error(error, DAG_ERROR, DAG_ERROR_INVALID);
    }
    g_assert_false(http_outcomes_parse("cut", false, &(HttpOutcomes){0}, NULL));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/requests/seconds-may-have-a-fraction",
                    test_seconds_may_have_a_fraction);
    g_test_add_func("/requests/a-date-counts-from-that-of-the-answer",
                    test_a_date_counts_from_that_of_the_answer);
    g_test_add_func("/requests/limits-say-when-they-are-reset",
                    test_limits_say_when_they_are_reset);
    g_test_add_func("/requests/what-is-no-time-is-none", test_what_is_no_time_is_none);
    g_test_add_func("/requests/statuses-are-single-or-ranges-or-classes",
                    test_statuses_are_single_or_ranges_or_classes);
    g_test_add_func("/requests/failures-are-words", test_failures_are_words);
    g_test_add_func("/requests/other-words-are-errors", test_other_words_are_errors);
    return g_test_run();
}
