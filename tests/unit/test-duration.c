/* SPDX-License-Identifier: MIT */
#include <dagrun/duration.h>
#include <dagrun/error.h>

static void
test_a_number_and_a_unit_are_a_duration(void)
{
    static const struct {
        const char *text;
        int64_t ns;
    } cases[] = {
        {"500ms", 500000000},
        {"30s", 30000000000},
        {"1.5s", 1500000000},
        {"5m", 300000000000},
        {"2h", 7200000000000},
        {"7us", 7000},
        {"0s", 0},
        {"0.25us", 250},
        {"0.0004us", 0},
        {"0.001us", 1},
        {"007s", 7000000000},
        {"0.1s", 100000000},
        {"2500000h", 9000000000000000000},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        int64_t ns = -1;

        g_assert_true(dag_duration_parse(cases[i].text, &ns, &error));
        g_assert_no_error(error);
        g_assert_cmpint(ns, ==, cases[i].ns);
    }
}

static void
test_other_texts_are_not_durations(void)
{
    static const char *const texts[] = {
        "",    "5",    "s",    "ms",     "5 s", " 5s", "5s ",        "-5s", "+5s",
        "5S",  "5sec", "1e3s", "0x10s",  ".5s", "5.s", "1,5s",       "5ns", "infs",
        "nan", "5m3s", "1h30", "5.5.5s", "5d",  "½s",  "5\xc2\xb5s",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *expected =
            g_strdup_printf("\"%s\" is not a duration such as 500ms, 30s or 2h", texts[i]);
        int64_t ns = 42;

        g_assert_false(dag_duration_parse(texts[i], &ns, &error));
        g_assert_error(error, DAG_ERROR, DAG_ERROR_INVALID);
        g_assert_cmpstr(error->message, ==, expected);
        g_assert_cmpint(ns, ==, 42);
    }
}

static void
test_nearly_300_years_are_the_longest(void)
{
    static const char *const texts[] = {"99999999999h", "9223372037s",
                                        "1000000000000000000000us"};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *expected = g_strdup_printf("\"%s\" is out of range", texts[i]);
        int64_t ns = 42;

        g_assert_false(dag_duration_parse(texts[i], &ns, &error));
        g_assert_error(error, DAG_ERROR, DAG_ERROR_INVALID);
        g_assert_cmpstr(error->message, ==, expected);
        g_assert_cmpint(ns, ==, 42);
    }
}

static void
test_durations_are_written_with_three_digits(void)
{
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {
        {0, "0 s"},
        {-1, "0 s"},
        {G_MININT64, "0 s"},
        {1, "1 ns"},
        {870, "870 ns"},
        {999, "999 ns"},
        {1000, "1.00 µs"},
        {9994, "9.99 µs"},
        {9996, "10.0 µs"},
        {99940, "99.9 µs"},
        {99960, "100 µs"},
        {999499, "999 µs"},
        {999500, "1.00 ms"},
        {12300000, "12.3 ms"},
        {123456789, "123 ms"},
        {999499999, "999 ms"},
        {999500000, "1.00 s"},
        {4560000000, "4.56 s"},
        {99940000000, "99.9 s"},
        {99950000000, "1 min 40 s"},
        {125000000000, "2 min 05 s"},
        {3599499000000, "59 min 59 s"},
        {3599500000000, "1 h 00 min"},
        {3720000000000, "1 h 02 min"},
        {90000000000000, "25 h 00 min"},
        {G_MAXINT64, "2562047 h 47 min"},
    };
    char buffer[DAG_DURATION_SIZE];

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_true(dag_duration_format(cases[i].ns, buffer) == buffer);
        g_assert_cmpstr(buffer, ==, cases[i].text);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/duration/a-number-and-a-unit-are-a-duration",
                    test_a_number_and_a_unit_are_a_duration);
    g_test_add_func("/duration/other-texts-are-not-durations",
                    test_other_texts_are_not_durations);
    g_test_add_func("/duration/nearly-300-years-are-the-longest",
                    test_nearly_300_years_are_the_longest);
    g_test_add_func("/duration/durations-are-written-with-three-digits",
                    test_durations_are_written_with_three_digits);
    return g_test_run();
}
