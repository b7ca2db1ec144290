/* SPDX-License-Identifier: MIT */
/*
 * Loading files that cannot be in the conformance corpus: large, deeply nested, or missing.
 */
#include <dagrun/error.h>
#include <dagrun/load.h>
#include <dagrun/tasks.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "descriptors.h"
#include "graph-of.h"

#define BEGIN "<graph xmlns=\"urn:dagrun:graph:1\">\n"
#define END   "</graph>\n"

/* Write the file in a new directory.  Returns: its name; free with file_remove(). */
static char *
file_write(const char *name, const char *text, gssize length)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *directory = g_dir_make_tmp("dagrun-test-XXXXXX", &error);
    char *path;

    g_assert_no_error(error);
    path = g_build_filename(directory, name, NULL);
    g_file_set_contents(path, text, length, &error);
    g_assert_no_error(error);
    return path;
}

static void
file_remove(char *path)
{
    g_autofree char *directory = g_path_get_dirname(path);

    remove(path);
    rmdir(directory);
    g_free(path);
}

static DagGraph *
load(const char *path, GError **error)
{
    return dag_load_file(path, &(DagLoadOptions){.kinds = dag_tasks_kinds()}, error);
}

/* Assert that the text cannot be loaded, and the message; each line begins with the file's name.
 * */
static void
assert_fails(const char *text, DagError code, const char *expected)
{
    char *path = file_write("graph.xml", text, -1);
    g_autofree char *prefix = g_strconcat(path, ":", NULL);
    g_autoptr(GError) error = NULL;

    g_assert_null(load(path, &error));
    g_assert_error(error, DAG_ERROR, (gint)code);

    g_auto(GStrv) pieces = g_strsplit(error->message, prefix, -1);
    g_autofree char *got = g_strjoinv("", pieces);

    g_assert_cmpstr(got, ==, expected);
    file_remove(path);
}

static void
test_a_graph_is_called_after_its_file(void)
{
    char *path = file_write("résumé.v2.xml", BEGIN END, -1);
    g_autofree char *directory = g_path_get_dirname(path);
    g_autoptr(GError) error = NULL;
    g_autoptr(DagGraph) graph = load(path, &error);

    g_assert_no_error(error);
    g_assert_cmpstr(dag_graph_name(graph), ==, "résumé.v2");
    g_assert_cmpstr(dag_graph_directory(graph), ==, directory);
    g_assert_null(dag_graph_title(graph));
    file_remove(path);
}

static void
test_the_graph_contains_all_declarations(void)
{
    char *path = file_write(
        "graph.xml",
        "<graph xmlns=\"urn:dagrun:graph:1\" name=\"n\" title=\" A  title \" "
        "output=\"out/${p}\">\n"
        "  <param name=\"p\" type=\"choice\" choices=\"x y\" default=\"y\"/>\n"
        "  <task id=\"b\" needs=\"a\" cost=\"2.5\" priority=\"+7\" title=\"The b\"\n"
        "        when=\"$p = 'y'\"><sleep duration=\"10ms\"/></task>\n"
        "  <task id=\"a\"><sleep duration=\"250ms\"/></task>\n"
        "  <task id=\"c\" cost=\"0\"><sleep duration=\"250ms\"/></task>\n" END,
        -1);
    g_autofree char *directory = g_path_get_dirname(path);
    g_autofree char *output = g_build_filename(directory, "out", "y", NULL);
    g_autoptr(DagGraph) graph = load(path, NULL);
    DagTaskId a = dag_graph_find(graph, "a"), b = dag_graph_find(graph, "b");

    g_assert_cmpstr(dag_graph_name(graph), ==, "n");
    g_assert_cmpstr(dag_graph_title(graph), ==, "A title");
    g_assert_cmpstr(dag_graph_output(graph), ==, output);
    g_assert_cmpuint(a, ==, 0);
    g_assert_cmpuint(dag_graph_position(graph, b), ==, 0);
    g_assert_cmpfloat(dag_graph_task_cost(graph, a), ==, 0.25);
    g_assert_cmpfloat(dag_graph_task_cost(graph, b), ==, 2.5);
    g_assert_cmpfloat(dag_graph_task_cost(graph, dag_graph_find(graph, "c")), ==, 0);
    g_assert_true(dag_graph_task_has_cost(graph, a));
    g_assert_cmpint(dag_graph_task_priority(graph, b), ==, 7);
    g_assert_cmpstr(dag_graph_task_title(graph, b), ==, "The b");
    g_assert_cmpstr(dag_graph_task_kind(graph, a)->name, ==, "sleep");
    g_assert_cmpstr(dag_graph_task_location(graph, b).file, ==, path);
    g_assert_cmpuint(dag_graph_task_location(graph, b).line, ==, 3);
    g_assert_cmpuint(dag_graph_task_location(graph, b).column, ==, 3);
    file_remove(path);
}

static void
test_an_escape_in_output_is_text(void)
{
    char *path = file_write("graph.xml",
                            "<graph xmlns=\"urn:dagrun:graph:1\" output=\"a$${b}\"/>", -1);
    g_autofree char *directory = g_path_get_dirname(path);
    g_autofree char *output = g_build_filename(directory, "a${b}", NULL);
    g_autoptr(DagGraph) graph = load(path, NULL);

    g_assert_cmpstr(dag_graph_output(graph), ==, output);
    file_remove(path);
}

static void
test_an_unreadable_file_is_reported(void)
{
    g_autoptr(GError) missing = NULL;
    g_autoptr(GError) directory = NULL;

    g_assert_null(load("/no/such/file.xml", &missing));
    g_assert_error(missing, DAG_ERROR, DAG_ERROR_IO);
    g_assert_cmpstr(missing->message, ==, "/no/such/file.xml: No such file or directory");
    g_assert_null(load("/tmp", &directory));
    g_assert_error(directory, DAG_ERROR, DAG_ERROR_IO);
    g_assert_cmpstr(directory->message, ==, "/tmp: Is a directory");
}

static void
test_an_empty_file_is_not_xml(void)
{
    char *path = file_write("graph.xml", "", 0);
    g_autoptr(GError) error = NULL;

    g_assert_null(load(path, &error));
    g_assert_error(error, DAG_ERROR, DAG_ERROR_INVALID);
    g_assert_true(g_str_has_prefix(error->message, path));
    file_remove(path);
}

static void
test_lines_beyond_65535_are_correct(void)
{
    g_autoptr(GString) text = g_string_new(BEGIN);

    for (int line = 2; line < 100000; line++)
        g_string_append(text, line % 2 ? "  <!-- a comment -->\n" : "\n");
    g_string_append(text, "  <task id=\"a\" needs=\"b\"/>\n"
                          "  <task id=\"b\"\n"
                          "        needs=\"a\n"
                          "               zebra\"/>\n" END);
    assert_fails(
        text->str, DAG_ERROR_INVALID,
        "100000:3: error: dependency cycle: a (line 100000) → b (line 100001) → a\n"
        "100002:16: error: task \"b\" needs \"zebra\", which is not declared");
    g_string_truncate(text, text->len - strlen("a\n               zebra\"/>\n" END));
    g_string_append(text, "a\"/>\n" END);
    assert_fails(
        text->str, DAG_ERROR_CYCLE,
        "100000:3: error: dependency cycle: a (line 100000) → b (line 100001) → a");
}

static void
test_columns_beyond_a_buffer_are_correct(void)
{
    g_autofree char *space = g_strnfill(50000, ' ');
    g_autofree char *text =
        g_strconcat(BEGIN, space, "<task", space, "id=\"a\"", " cost=\"x\"/>", END, NULL);

    assert_fails(
        text, DAG_ERROR_INVALID,
        "2:100019: error: attribute \"cost\" of <task>: \"x\" is not a number >= 0");
}

static void
test_a_tab_is_one_column_and_a_letter_as_many_as_its_bytes(void)
{
    assert_fails(BEGIN "\t\t<task id=\"é\" title=\"é\" cost=\"x\"/>" END, DAG_ERROR_INVALID,
                 "2:34: error: attribute \"cost\" of <task>: \"x\" is not a number >= 0");
}

static void
test_twenty_errors_are_reported(void)
{
    g_autoptr(GString) text = g_string_new(BEGIN);
    g_autoptr(GString) expected = g_string_new(NULL);

    for (int i = 0; i < 50000; i++) {
        g_string_append(text, "<tsk/>\n");
        if (i < 20)
            g_string_append_printf(
                expected,
                "%d:1: error: unknown element \"tsk\" in <graph>; did you "
                "mean \"task\"?\n",
                i + 2);
    }
    g_string_append(expected, "more errors are not shown");
    g_string_append(text, END);
    assert_fails(text->str, DAG_ERROR_INVALID, expected->str);
}

static void
test_deep_nesting_is_rejected_or_read(void)
{
    static const int depths[] = {200, 100000};

    for (size_t i = 0; i < G_N_ELEMENTS(depths); i++) {
        g_autoptr(GString) text = g_string_new(BEGIN);

        for (int k = 0; k < depths[i]; k++)
            g_string_append(text, "<tasks>");
        for (int k = 0; k < depths[i]; k++)
            g_string_append(text, "</tasks>");
        g_string_append(text, END);

        char *path = file_write("graph.xml", text->str, -1);
        g_autoptr(GError) error = NULL;
        g_autoptr(DagGraph) graph = load(path, &error);

        g_assert_cmpint(graph != NULL, ==, depths[i] < 255);
        file_remove(path);
    }
}

static void
test_entities_cannot_explode(void)
{
    assert_fails("<!DOCTYPE graph [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b "
                 "\"&a;&a;&a;&a;&a;\">]>\n" BEGIN "<task id=\"&b;\"/>" END,
                 DAG_ERROR_INVALID,
                 "1:1: error: a document type declaration is not allowed");
}

static void
test_a_hundred_thousand_tasks_are_loaded(void)
{
    g_autoptr(GString) text = g_string_new(BEGIN);

    for (int i = 0; i < 99999; i++)
        g_string_append_printf(
            text, "<task id=\"t%d\" needs=\"t%d\"><exec>echo %d</exec></task>\n", i, i + 1,
            i);
    g_string_append(text, "<task id=\"t99999\"/>");
    g_string_append(text, END);

    char *path = file_write("graph.xml", text->str, -1);
    g_autoptr(GError) error = NULL;
    g_autoptr(DagGraph) graph = load(path, &error);

    g_assert_no_error(error);
    g_assert_cmpuint(dag_graph_n_tasks(graph), ==, 100000);
    g_assert_cmpuint(dag_graph_n_dependencies(graph), ==, 99999);
    g_assert_cmpstr(dag_graph_task_name(graph, 0), ==, "t99999");
    file_remove(path);
}

static void
test_a_script_of_a_megabyte_is_kept_whole(void)
{
    g_autofree char *script = g_strnfill(1000000, 'x');
    g_autofree char *text =
        g_strconcat(BEGIN "<task id=\"a\"><shell>", script, "</shell></task>" END, NULL);
    char *path = file_write("graph.xml", text, -1);
    g_autoptr(GError) error = NULL;
    g_autoptr(DagGraph) graph = load(path, &error);
    g_autoptr(GString) described = g_string_new(NULL);

    g_assert_no_error(error);
    dag_graph_describe_task(graph, 0, described);
    g_assert_cmpuint(described->len, ==, 1000000);
    file_remove(path);
}

static void
test_targets_and_settings_reach_the_graph(void)
{
    char *path = file_write("graph.xml",
                            BEGIN "<param name=\"p\"/><task id=\"a\"/><task id=\"b\" "
                                  "needs=\"a\"/><task id=\"c\"/>" END,
                            -1);
    DagSetting setting = {.name = "p", .value = "given"};
    DagLoadOptions options = {.kinds = dag_tasks_kinds(),
                              .settings = &setting,
                              .n_settings = 1,
                              .targets = (const char *const[]){"b", NULL}};
    g_autoptr(DagGraph) graph = dag_load_file(path, &options, NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *names = names_of(graph, dag_graph_declared(graph));
    size_t n;

    g_assert_cmpstr(names, ==, "a b");
    g_assert_cmpstr(dag_graph_params(graph, &n)->value, ==, "given");
    g_assert_null(load(path, &error));
    g_assert_error(error, DAG_ERROR, DAG_ERROR_SETTING);
    g_assert_cmpstr(error->message, ==, "parameter \"p\" has no value");
    file_remove(path);
}

static const char *const problem_names[] = {
    [DAG_PROBLEM_NO_VALUE] = "no value",
    [DAG_PROBLEM_NO_SECRET] = "no secret",
    [DAG_PROBLEM_PUBLIC_SECRET] = "public secret",
    [DAG_PROBLEM_OUTSIDE] = "outside",
};

static char *
advise(DagProblem problem, const char *name)
{
    return g_strdup_printf("; advice: %s, %s", problem_names[problem], name);
}

/* Assert that loading fails with `fact`, ended by `advice` if the caller gives any, and else by
 * `end`.  An error in the file begins with its location. */
static void
assert_advised(const char *text, DagSetting setting, const char *fact, const char *end,
               const char *advice)
{
    char *path = file_write("graph.xml", text, -1);
    DagLoadOptions options = {.settings = &setting, .n_settings = setting.name ? 1 : 0};

    for (int given = 0; given <= 1; given++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *expected = g_strconcat(fact, given ? advice : end, NULL);
        const char *message;

        options.advise = given ? advise : NULL;
        g_assert_null(dag_load_file(path, &options, &error));
        message = error->message;
        if (g_str_has_prefix(message, path))
            message += strlen(path);
        g_assert_cmpstr(message, ==, expected);
    }
    file_remove(path);
}

static void
test_the_advice_of_the_caller_ends_the_message(void)
{
    const char *secret = BEGIN "<param name=\"p\" secret=\"true\"/>" END;

    assert_advised(BEGIN "<param name=\"p\" title=\"pages\"/>" END, (DagSetting){0},
                   "parameter \"p\" (pages) has no value", "", "; advice: no value, p");
    assert_advised(secret, (DagSetting){0}, "parameter \"p\" has no value", "",
                   "; advice: no secret, p");
    assert_advised(secret, (DagSetting){.name = "p", .value = "v"},
                   "parameter \"p\" is secret", ", and its value is not private",
                   "; advice: public secret, p");
    assert_advised(BEGIN
                   "<include xmlns=\"http://www.w3.org/2001/XInclude\" href=\"/\"/>" END,
                   (DagSetting){0},
                   ":2:56: error: cannot include \"/\": outside of the graph's directory",
                   "", "; advice: outside, /");
}

static void
test_without_kinds_there_are_only_milestones(void)
{
    char *path = file_write(
        "graph.xml", BEGIN "<task id=\"a\"/><task id=\"b\"><exec>x</exec></task>" END, -1);
    g_autoptr(GError) error = NULL;
    g_autofree char *expected = NULL;

    g_assert_null(dag_load_file(path, NULL, &error));
    expected = g_strdup_printf("%s:2:28: error: unknown element \"exec\" in <task>", path);
    g_assert_cmpstr(error->message, ==, expected);
    file_remove(path);
}

static void
test_loading_leaves_no_descriptor(void)
{
    unsigned before = count_descriptors();
    g_autoptr(GError) error = NULL;
    char *good = file_write("graph.xml", BEGIN END, -1);

    for (int i = 0; i < 5; i++)
        dag_graph_free(load(good, NULL));
    assert_fails(BEGIN "<task/>" END, DAG_ERROR_INVALID,
                 "2:1: error: <task> lacks the attribute \"id\"");
    g_assert_null(load("/tmp", &error));
    g_assert_cmpuint(count_descriptors(), ==, before);
    file_remove(good);
}

static void
test_the_schema_is_part_of_the_library(void)
{
    g_assert_true(g_str_has_prefix(dag_schema(), "<?xml "));
    g_assert_nonnull(strstr(dag_schema(), "targetNamespace=\"urn:dagrun:graph:1\""));
    g_assert_true(g_str_has_suffix(dag_schema(), "</xs:schema>\n"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/loader/a-graph-is-called-after-its-file",
                    test_a_graph_is_called_after_its_file);
    g_test_add_func("/loader/the-graph-contains-all-declarations",
                    test_the_graph_contains_all_declarations);
    g_test_add_func("/loader/an-escape-in-output-is-text",
                    test_an_escape_in_output_is_text);
    g_test_add_func("/loader/an-unreadable-file-is-reported",
                    test_an_unreadable_file_is_reported);
    g_test_add_func("/loader/an-empty-file-is-not-xml", test_an_empty_file_is_not_xml);
    g_test_add_func("/loader/lines-beyond-65535-are-correct",
                    test_lines_beyond_65535_are_correct);
    g_test_add_func("/loader/columns-beyond-a-buffer-are-correct",
                    test_columns_beyond_a_buffer_are_correct);
    g_test_add_func("/loader/a-tab-is-one-column-and-a-letter-as-many-as-its-bytes",
                    test_a_tab_is_one_column_and_a_letter_as_many_as_its_bytes);
    g_test_add_func("/loader/twenty-errors-are-reported", test_twenty_errors_are_reported);
    g_test_add_func("/loader/deep-nesting-is-rejected-or-read",
                    test_deep_nesting_is_rejected_or_read);
    g_test_add_func("/loader/entities-cannot-explode", test_entities_cannot_explode);
    g_test_add_func("/loader/a-hundred-thousand-tasks-are-loaded",
                    test_a_hundred_thousand_tasks_are_loaded);
    g_test_add_func("/loader/a-script-of-a-megabyte-is-kept-whole",
                    test_a_script_of_a_megabyte_is_kept_whole);
    g_test_add_func("/loader/targets-and-settings-reach-the-graph",
                    test_targets_and_settings_reach_the_graph);
    g_test_add_func("/loader/the-advice-of-the-caller-ends-the-message",
                    test_the_advice_of_the_caller_ends_the_message);
    g_test_add_func("/loader/without-kinds-there-are-only-milestones",
                    test_without_kinds_there_are_only_milestones);
    g_test_add_func("/loader/loading-leaves-no-descriptor",
                    test_loading_leaves_no_descriptor);
    g_test_add_func("/loader/the-schema-is-part-of-the-library",
                    test_the_schema_is_part_of_the_library);
    return g_test_run();
}
