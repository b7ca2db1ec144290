/* SPDX-License-Identifier: MIT */
/*
 * Values in declarations: conversion, limits and messages.
 */
#include "model/value.h"

#include <glib.h>

static void
assert_size(const char *text, int64_t expected)
{
    int64_t bytes = -1;
    g_autofree char *problem = dag__parse_size(text, &bytes);

    g_assert_cmpstr(problem, ==, NULL);
    g_assert_cmpint(bytes, ==, expected);
}

static void
assert_no_size(const char *text, const char *expected)
{
    int64_t bytes;
    g_autofree char *problem = dag__parse_size(text, &bytes);

    g_assert_cmpstr(problem, ==, expected);
}

static void
test_a_size_has_an_optional_unit(void)
{
    assert_size("0", 0);
    assert_size("17", 17);
    assert_size("17B", 17);
    assert_size("1.5kB", 1500);
    assert_size("2KiB", 2048);
    assert_size("8MiB", 8 << 20);
    assert_size("3GB", INT64_C(3000000000));
    assert_size(".5TiB", INT64_C(1) << 39);
}

static void
test_an_invalid_size_is_explained(void)
{
    assert_no_size("", "\"\" is not a size such as 512kB or 8MiB");
    assert_no_size("MiB", "\"MiB\" is not a size such as 512kB or 8MiB");
    assert_no_size("-1", "\"-1\" is not a size such as 512kB or 8MiB");
    assert_no_size("1 kB", "\"1 kB\" is not a size such as 512kB or 8MiB");
    assert_no_size("1kib", "\"1kib\" is not a size such as 512kB or 8MiB");
    assert_no_size("1.2.3", "\"1.2.3\" is not a size such as 512kB or 8MiB");
    assert_no_size("9000000TiB", "\"9000000TiB\" is out of range");
}

static void
assert_number(const char *text, double min, double max, const char *expected_problem)
{
    double number;
    g_autofree char *problem = dag__parse_number(text, min, max, &number);

    g_assert_cmpstr(problem, ==, expected_problem);
}

static void
test_a_number_has_a_range(void)
{
    assert_number("2", 0, 2, NULL);
    assert_number("-0", 0, 2, NULL);
    assert_number("-7.5", 0, 0, NULL);
    assert_number("2.01", 0, 2, "\"2.01\" is not a number from 0 to 2");
    assert_number("-1", 0, 2, "\"-1\" is not a number from 0 to 2");
    assert_number("1e3", 0, 0, "\"1e3\" is not a number");
    assert_number("inf", 0, 0, "\"inf\" is not a number");
    assert_number("", 0, 0, "\"\" is not a number");
}

static void
test_integers_have_bounds(void)
{
    int64_t value;
    g_autofree char *good = dag__parse_integer("+5", 0, 5, &value);
    g_autofree char *large = dag__parse_integer("6", 0, 5, &value);
    g_autofree char *word = dag__parse_integer("x", 0, 5, &value);

    g_assert_null(good);
    g_assert_cmpstr(large, ==, "\"6\" is out of range");
    g_assert_cmpstr(word, ==, "\"x\" is not an integer");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/value/a-size-has-an-optional-unit", test_a_size_has_an_optional_unit);
    g_test_add_func("/value/an-invalid-size-is-explained",
                    test_an_invalid_size_is_explained);
    g_test_add_func("/value/a-number-has-a-range", test_a_number_has_a_range);
    g_test_add_func("/value/integers-have-bounds", test_integers_have_bounds);
    return g_test_run();
}
