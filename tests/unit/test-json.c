/* SPDX-License-Identifier: MIT */
#include <dagrun/json.h>

#include "model/json-scan.h"

#include <dagrun/error.h>
#include <string.h>

static void
assert_json(const char *text)
{
    g_autoptr(GError) error = NULL;
    bool good = dag_json_check(text, &error);

    g_assert_no_error(error);
    g_assert_true(good);
}

static void
assert_no_json(const char *text, unsigned line, unsigned column)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *message =
        g_strdup_printf("not JSON at line %u, column %u", line, column);

    g_assert_false(dag_json_check(text, &error));
    g_assert_error(error, DAG_ERROR, DAG_ERROR_INVALID);
    g_assert_cmpstr(error->message, ==, message);
}

static void
assert_finds(const char *text, const char *pointer, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) out = g_string_new("<");
    bool good = dag_json_find(text, pointer, out, &error);

    g_assert_no_error(error);
    g_assert_true(good);
    g_assert_cmpstr(out->str + 1, ==, expected);
}

static void
assert_finds_nothing(const char *text, const char *pointer, const char *message)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) out = g_string_new(NULL);

    g_assert_false(dag_json_find(text, pointer, out, &error));
    g_assert_error(error, DAG_ERROR, DAG_ERROR_INVALID);
    g_assert_cmpstr(error->message, ==, message);
}

static void
test_the_grammar_is_that_of_the_standard(void)
{
    static const char *const good[] = {"null",
                                       " true ",
                                       "false",
                                       "0",
                                       "-0",
                                       "10",
                                       "1.5",
                                       "1e9",
                                       "1E+9",
                                       "0.1e-7",
                                       "\"\"",
                                       "[]",
                                       "{}",
                                       "[1,2]",
                                       "[[]]",
                                       "{\"\":0}",
                                       "\"é\"",
                                       "\"\\u00e9\\n\\/\"",
                                       "\t[ 1 , { \"a\" : [ ] } ]\r\n"};
    static const char *const bad[] = {
        "",          "nul",     "nullx",    "01",           "+1",
        "1.",        ".5",      "1e",       "1e+",          "-",
        "\"",        "'a'",     "[1,]",     "[,1]",         "[1 2]",
        "{1:2}",     "{\"a\"}", "{\"a\":}", "{\"a\":1,}",   "[1}",
        "{\"a\":1]", "]",       "1 1",      "\"\\x\"",      "\"\\u12g4\"",
        "\"\n\"",    "NaN",     "// c\n1",  "\357\273\2771"};

    for (size_t i = 0; i < G_N_ELEMENTS(good); i++)
        assert_json(good[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        if (dag_json_check(bad[i], NULL))
            g_error("taken for JSON: %s", bad[i]);
}

static void
test_a_mistake_has_a_place(void)
{
    assert_no_json("{\n  \"é\": x\n}", 2, 8);
    assert_no_json("[1", 1, 3);
    assert_no_json("\"\xff\"", 1, 2);
    assert_no_json("", 1, 1);
}

static void
test_levels_are_bounded(void)
{
    g_autoptr(GString) deep = g_string_new(NULL);

    for (int i = 0; i < JSON_MAX_DEPTH; i++)
        g_string_append_c(deep, '[');
    for (int i = 0; i < JSON_MAX_DEPTH; i++)
        g_string_append_c(deep, ']');
    assert_json(deep->str);
    g_string_prepend_c(deep, '[');
    g_string_append_c(deep, ']');
    assert_no_json(deep->str, 1, JSON_MAX_DEPTH + 1);
}

/* The examples of RFC 6901, section 5. */
static void
test_pointers_are_those_of_the_standard(void)
{
    static const char text[] = "{ \"foo\": [\"bar\", \"baz\"], \"\": 0, \"a/b\": 1, "
                               "\"c%d\": 2, \"e^f\": 3, \"g|h\": 4, \"i\\\\j\": 5, "
                               "\"k\\\"l\": 6, \" \": 7, \"m~n\": 8 }";

    assert_finds(text, "", text);
    assert_finds(text, "/foo", "[\"bar\", \"baz\"]");
    assert_finds(text, "/foo/0", "bar");
    assert_finds(text, "/foo/1", "baz");
    assert_finds(text, "/", "0");
    assert_finds(text, "/a~1b", "1");
    assert_finds(text, "/c%d", "2");
    assert_finds(text, "/e^f", "3");
    assert_finds(text, "/g|h", "4");
    assert_finds(text, "/i\\j", "5");
    assert_finds(text, "/k\"l", "6");
    assert_finds(text, "/ ", "7");
    assert_finds(text, "/m~0n", "8");
    g_assert_true(dag_json_is_pointer("/~01"));
    g_assert_false(dag_json_is_pointer("a"));
    g_assert_false(dag_json_is_pointer("/a~2"));
    g_assert_false(dag_json_is_pointer("/a~"));
}

static void
test_values_stay_as_they_are_written(void)
{
    assert_finds("{\"n\": 0.10, \"big\": 123456789012345678901}", "/n", "0.10");
    assert_finds("{\"n\": 0.10, \"big\": 123456789012345678901}", "/big",
                 "123456789012345678901");
    assert_finds("[\"a\\tb\\\"\\\\\\/\\u00e9\\ud83d\\ude00\"]", "/0", "a\tb\"\\/é😀");
    assert_finds("[[1,[2,\"]\"]],{\"a\":\"}\"}]", "/1/a", "}");
    assert_finds("[[1,[2,\"]\"]],{\"a\":\"}\"}]", "/0/1", "[2,\"]\"]");
    assert_finds("{\"a\":1,\"a\":2}", "/a", "2");
    assert_finds(" null ", "", "null");
}

static void
test_what_is_not_there_is_an_error(void)
{
    assert_finds_nothing("{\"a\":1}", "/b", "there is no \"/b\"");
    assert_finds_nothing("{\"a\":1}", "/a/b", "there is no \"/a/b\"");
    assert_finds_nothing("[1]", "/1", "there is no \"/1\"");
    assert_finds_nothing("[1]", "/00", "there is no \"/00\"");
    assert_finds_nothing("[1]", "/-", "there is no \"/-\"");
    assert_finds_nothing("[1]", "/", "there is no \"/\"");
    assert_finds_nothing("[", "/0", "not JSON at line 1, column 2");
    assert_finds_nothing("[\"\\u0000\"]", "/0",
                         "\"/0\" has a character that no text can hold");
    assert_finds_nothing("[\"\\ud800\"]", "/0",
                         "\"/0\" has a character that no text can hold");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json/the-grammar-is-that-of-the-standard",
                    test_the_grammar_is_that_of_the_standard);
    g_test_add_func("/json/a-mistake-has-a-place", test_a_mistake_has_a_place);
    g_test_add_func("/json/levels-are-bounded", test_levels_are_bounded);
    g_test_add_func("/json/pointers-are-those-of-the-standard",
                    test_pointers_are_those_of_the_standard);
    g_test_add_func("/json/values-stay-as-they-are-written",
                    test_values_stay_as_they_are_written);
    g_test_add_func("/json/what-is-not-there-is-an-error",
                    test_what_is_not_there_is_an_error);
    return g_test_run();
}
