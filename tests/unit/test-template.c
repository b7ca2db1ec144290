/* SPDX-License-Identifier: MIT */
#include "model/template.h"

#include <dagrun/error.h>
#include <string.h>

/* Record references as "name " and number them from 0. */
typedef struct Found {
    GString *names;
    uint32_t n;
} Found;

/* Tasks are numbered by the first letter of their names, others as they come. */
static uint32_t
found(const char *name, size_t length, bool has_pointer, void *data)
{
    Found *all = data;

    g_string_append_len(all->names, name, (gssize)length);
    g_string_append(all->names, has_pointer ? "# " : " ");
    all->n++;
    return length == 1 && *name >= 'a' && *name <= 'd' ? (uint32_t)(*name - 'a')
                                                       : all->n - 1;
}

static const char *
reference_text(DagTaskId task, bool is_outcome, void *data, GError **error)
{
    static const char *const outputs[] = {"zero", "", "two  words",
                                          "{\"a\": [\"x<&\", null]}"};

    (void)data;
    if (is_outcome)
        return task == 0 ? "succeeded" : "failed";
    if (task < G_N_ELEMENTS(outputs))
        return outputs[task];
    g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID, "no output %u", task);
    return NULL;
}

/* Assert the references of `text`, and its expansion with the outputs above. */
static void
assert_expands(const char *text, const char *names, const char *expected)
{
    DagArena *arena = dag__arena_new();
    Found all = {g_string_new(NULL), 0};
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    DagTemplate *template = dag__template_parse(arena, text, found, &all, &error);

    g_assert_no_error(error);
    dag__template_join(arena, template);
    g_assert_true(dag_template_expand(template, reference_text, NULL, out, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(all.names->str, ==, names);
    g_assert_cmpstr(out->str, ==, expected);
    g_assert_cmpint(dag_template_is_constant(template), ==, all.n == 0 && *expected);
    g_string_free(all.names, TRUE);
    dag__arena_free(arena);
}

static void
assert_fails(const char *text, const char *message)
{
    DagArena *arena = dag__arena_new();
    Found all = {g_string_new(NULL), 0};
    g_autoptr(GError) error = NULL;

    g_assert_null(dag__template_parse(arena, text, found, &all, &error));
    g_assert_error(error, DAG_ERROR, DAG_ERROR_INVALID);
    g_assert_cmpstr(error->message, ==, message);
    g_string_free(all.names, TRUE);
    dag__arena_free(arena);
}

static void
test_references_become_outputs(void)
{
    assert_expands("${a}", "a ", "zero");
    assert_expands("<${a}|${b}|${c}>", "a b c ", "<zero||two  words>");
    assert_expands("${a}${b}", "a b ", "zero");
    assert_expands("x${a}", "a ", "xzero");
    assert_expands("${a}x", "a ", "zerox");
}

static void
test_names_are_those_of_xml(void)
{
    assert_expands("${a-b.c_d9}${_}${été}", "a-b.c_d9 _ été ", "zerotwo  words");
}

/* Assert the expansion of `text` with an escape. */
static void
assert_escapes(DagEscape escape, const char *text, const char *expected)
{
    DagArena *arena = dag__arena_new();
    Found all = {g_string_new(NULL), 0};
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    DagTemplate *template = dag__template_parse(arena, text, found, &all, NULL);

    dag__template_escape(template, text, escape, &error);
    if (!error) {
        dag__template_join(arena, template);
        dag_template_expand(template, reference_text, NULL, out, &error);
    }
    g_assert_cmpstr(error ? error->message : out->str, ==, expected);
    g_string_free(all.names, TRUE);
    dag__arena_free(arena);
}

static void
test_values_are_escaped_for_the_text_around_them(void)
{
    assert_escapes(
        DAG_ESCAPE_URL, "${a}/${b}${c}?q=${d}",
        "zero/two%20%20words?q=%7B%22a%22%3A%20%5B%22x%3C%26%22%2C%20null%5D%7D");
    assert_escapes(DAG_ESCAPE_XML, "<a>${a}${b}${c}${d#/a/0}</a>",
                   "<a>zerotwo  wordsx&lt;&amp;</a>");
    assert_escapes(DAG_ESCAPE_JSON, "{\"a${a}\": \"${d}\", \"v\": ${d}}",
                   "{\"azero\": \"{\\\"a\\\": [\\\"x<&\\\", null]}\", "
                   "\"v\": {\"a\": [\"x<&\", null]}}");
    assert_escapes(DAG_ESCAPE_JSON, "[\"$${a}$\"]", "[\"${a}$\"]");
}

static void
test_a_json_template_is_json(void)
{
    assert_escapes(DAG_ESCAPE_JSON, "{\"a\": ${d},\n ${a}: 1}",
                   "not JSON at line 2, column 2");
    assert_escapes(DAG_ESCAPE_JSON, "[1,\n  é${a}]", "not JSON at line 2, column 3");
    assert_escapes(DAG_ESCAPE_JSON, "[1${a}]", "not JSON at line 1, column 3");
    assert_escapes(DAG_ESCAPE_JSON, "[${a}1]", "not JSON at line 1, column 6");
    assert_escapes(DAG_ESCAPE_JSON, "[\"\\${a}\"]", "not JSON at line 1, column 4");
    assert_escapes(DAG_ESCAPE_JSON, "[${a}", "not JSON at line 1, column 6");
    assert_escapes(DAG_ESCAPE_JSON, "[$${a}]", "not JSON at line 1, column 2");
    /* A value cannot end the place in which it stands. */
    assert_escapes(DAG_ESCAPE_JSON, "[${a}, ${b}, ${c}]",
                   "a reference that stands for a JSON value is none");
    assert_escapes(DAG_ESCAPE_JSON, "${b}",
                   "a reference that stands for a JSON value is empty");
}

static void
test_a_pointer_leads_into_an_output(void)
{
    assert_expands("${a}${b}${c}<${d#/a/0}|${d#/a/1}|${d#/a}>", "a b c d# d# d# ",
                   "zerotwo  words<x<&|null|[\"x<&\", null]>");
    assert_fails("${a#b}", "\"${a#b}\": \"b\" is not a JSON pointer, such as /a/0");
    assert_fails("${a#/~}", "\"${a#/~}\": \"/~\" is not a JSON pointer, such as /a/0");
    assert_fails("${#/a}", "\"${#/a}\" is not a reference");
}

static void
test_two_dollars_and_a_brace_are_literal(void)
{
    assert_expands("$${a}", "", "${a}");
    assert_expands("a$${b}${a}$${", "a ", "a${b}zero${");
    assert_expands("$$${a}", "", "$${a}");
    assert_expands("$${", "", "${");
}

static void
test_any_other_dollar_is_literal(void)
{
    assert_expands("$", "", "$");
    assert_expands("$$", "", "$$");
    assert_expands("$a $5 $(x) a$", "", "$a $5 $(x) a$");
    assert_expands("}{", "", "}{");
    assert_expands("$ {a}", "", "$ {a}");
    assert_expands("$${x} costs $5${a}$", "a ", "${x} costs $5zero$");
}

static void
test_a_reference_must_be_closed_and_contain_a_name(void)
{
    assert_fails("${", "\"${\" lacks its \"}\"");
    assert_fails("a${b", "\"${\" lacks its \"}\"");
    assert_fails("${a}${b ", "\"${\" lacks its \"}\"");
    assert_fails("${}", "\"${}\" is not a reference");
    assert_fails("${a b}", "\"${a b}\" is not a reference");
    assert_fails("${ a}", "\"${ a}\" is not a reference");
    assert_fails("${1a}", "\"${1a}\" is not a reference");
    assert_fails("${-a}", "\"${-a}\" is not a reference");
    assert_fails("${.a}", "\"${.a}\" is not a reference");
    assert_fails("${a:-b}", "\"${a:-b}\" is not a reference");
    assert_fails("${${a}}", "\"${${a}\" is not a reference");
}

static void
test_a_text_without_references_is_constant(void)
{
    DagArena *arena = dag__arena_new();
    DagTemplate *text = dag__template_parse(arena, "$${a} is literal", NULL, NULL, NULL);
    DagTemplate *empty = dag__template_parse(arena, "", NULL, NULL, NULL);
    DagTemplate *reference = dag__template_of_reference(arena, 7);

    dag__template_join(arena, text);
    g_assert_cmpstr(dag_template_constant(text), ==, "${a} is literal");
    g_assert_cmpuint(dag_template_task(text), ==, DAG_TASK_NONE);
    g_assert_true(dag_template_is_constant(empty));
    g_assert_cmpstr(dag_template_constant(empty), ==, "");
    g_assert_false(dag_template_is_constant(reference));
    g_assert_null(dag_template_constant(reference));
    g_assert_cmpuint(dag_template_task(reference), ==, 7);
    dag__arena_free(arena);
}

static void
test_only_a_lone_reference_is_a_task_reference(void)
{
    DagArena *arena = dag__arena_new();
    Found all = {g_string_new(NULL), 0};
    DagTemplate *lone = dag__template_parse(arena, "${a}", found, &all, NULL);
    DagTemplate *with_text = dag__template_parse(arena, "${a} ", found, &all, NULL);
    DagTemplate *two = dag__template_parse(arena, "${a}${b}", found, &all, NULL);

    g_assert_cmpuint(dag_template_task(lone), ==, 0);
    g_assert_cmpuint(dag_template_task(with_text), ==, DAG_TASK_NONE);
    g_assert_cmpuint(dag_template_task(two), ==, DAG_TASK_NONE);
    g_string_free(all.names, TRUE);
    dag__arena_free(arena);
}

static void
test_a_reference_to_an_outcome_is_no_output(void)
{
    DagArena *arena = dag__arena_new();
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    DagTemplate *reference = dag__template_of_reference(arena, 0);

    g_assert_false(reference->segments[0].is_outcome);
    reference->segments[0].is_outcome = true;
    g_assert_cmpuint(dag_template_task(reference), ==, DAG_TASK_NONE);
    g_assert_false(dag_template_is_constant(reference));
    g_assert_true(dag_template_expand(reference, reference_text, NULL, out, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(out->str, ==, "succeeded");
    dag__arena_free(arena);
}

static void
test_an_output_that_cannot_be_read_is_an_error(void)
{
    DagArena *arena = dag__arena_new();
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    DagTemplate *reference = dag__template_of_reference(arena, 9);

    g_assert_false(dag_template_expand(reference, reference_text, NULL, out, &error));
    g_assert_error(error, DAG_ERROR, DAG_ERROR_INVALID);
    g_assert_cmpstr(error->message, ==, "no output 9");
    dag__arena_free(arena);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/template/references-become-outputs", test_references_become_outputs);
    g_test_add_func("/template/names-are-those-of-xml", test_names_are_those_of_xml);
    g_test_add_func("/template/values-are-escaped-for-the-text-around-them",
                    test_values_are_escaped_for_the_text_around_them);
    g_test_add_func("/template/a-json-template-is-json", test_a_json_template_is_json);
    g_test_add_func("/template/a-pointer-leads-into-an-output",
                    test_a_pointer_leads_into_an_output);
    g_test_add_func("/template/two-dollars-and-a-brace-are-literal",
                    test_two_dollars_and_a_brace_are_literal);
    g_test_add_func("/template/any-other-dollar-is-literal",
                    test_any_other_dollar_is_literal);
    g_test_add_func("/template/a-reference-must-be-closed-and-contain-a-name",
                    test_a_reference_must_be_closed_and_contain_a_name);
    g_test_add_func("/template/a-text-without-references-is-constant",
                    test_a_text_without_references_is_constant);
    g_test_add_func("/template/only-a-lone-reference-is-a-task-reference",
                    test_only_a_lone_reference_is_a_task_reference);
    g_test_add_func("/template/a-reference-to-an-outcome-is-no-output",
                    test_a_reference_to_an_outcome_is_no_output);
    g_test_add_func("/template/an-output-that-cannot-be-read-is-an-error",
                    test_an_output_that_cannot_be_read_is_an_error);
    return g_test_run();
}
