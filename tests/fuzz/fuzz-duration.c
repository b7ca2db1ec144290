/* SPDX-License-Identifier: MIT */
/*
 * Durations: the parser agrees with a second, simpler one; formatting and parsing are inverse.
 */
#include "fuzz.h"

#include <dagrun/duration.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

static const struct {
    const char *name;
    double ns;
} units[] = {
    {"ns", 1},  {"us", 1e3},   {"µs", 1e3}, {"ms", 1e6},
    {"s", 1e9}, {"min", 6e10}, {"m", 6e10}, {"h", 3.6e12},
};

/* Returns: the nanoseconds of the unit `name`, or -1. */
static double
unit_ns(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (strcmp(units[i].name, name) == 0)
            return units[i].ns;
    return -1;
}

/* Returns: the duration `text` in nanoseconds, or -1 if it is not a duration. */
static double
read_again(const char *text)
{
    g_autoptr(GRegex) form = g_regex_new("^([0-9]+(?:\\.[0-9]+)?)(us|ms|s|m|h)$",
                                         G_REGEX_DOLLAR_ENDONLY, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;

    if (!g_regex_match(form, text, 0, &match))
        return -1;

    g_autofree char *number = g_match_info_fetch(match, 1);
    g_autofree char *unit = g_match_info_fetch(match, 2);

    return g_ascii_strtod(number, NULL) * unit_ns(unit);
}

/* The formatted duration equals `ns`, within the printed precision. */
static void
check_format(int64_t ns)
{
    char buffer[DAG_DURATION_SIZE];
    g_auto(GStrv) words = g_strsplit(dag_duration_format(ns, buffer), " ", -1);
    double sum = 0, smallest = 0;

    g_assert_true(g_utf8_validate(buffer, -1, NULL));
    for (char **word = words; *word; word += 2) {
        g_assert_nonnull(word[1]);
        smallest = unit_ns(word[1]);
        g_assert_cmpfloat(smallest, >, 0);
        sum += g_ascii_strtod(*word, NULL) * smallest;
    }
    /* Three digits, or half of the last unit. */
    g_assert_cmpfloat(fabs(sum - (double)ns), <=,
                      fmax(0.0051 * (double)ns, 0.51 * smallest));
}

/* Whole microseconds can be written and read again without loss. */
static void
check_round_trip(int64_t ns)
{
    int64_t us = ns / 1000, again;
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT "us", us);

    if (us >= (int64_t)1 << 53)
        return; /* a double cannot represent it exactly */
    g_assert_true(dag_duration_parse(text, &again, NULL));
    g_assert_cmpfloat(fabs((double)again - (double)us * 1e3), <=, 512);
    check_format(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = text_of(data, size);
    g_autoptr(GError) error = NULL;
    int64_t ns = -1;

    if (!text)
        return 0;

    double wanted = read_again(text);
    bool good = dag_duration_parse(text, &ns, &error);

    g_assert_true(good == !error);
    g_assert_true(good == (wanted >= 0 && wanted < 9.2e18));
    if (!good) {
        assert_is_valid(error);
        return 0;
    }
    g_assert_cmpint(ns, >=, 0);
    g_assert_cmpfloat(fabs((double)ns - wanted), <=, 0.5 + wanted * 1e-15);
    check_format(ns);
    check_round_trip(ns);
    return 0;
}
