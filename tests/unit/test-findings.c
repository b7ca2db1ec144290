/* SPDX-License-Identifier: MIT */
/*
 * The list of errors in a graph: its order, its bounds, its text.
 */
#include <dagrun/builder.h>
#include <dagrun/error.h>
#include <string.h>

#include "graph-of.h"

static void
test_twenty_findings_are_shown(void)
{
    DagBuilder *builder = dag_builder_new();
    g_autoptr(GError) error = NULL;

    for (unsigned i = 1; i <= 20; i++) {
        dag_builder_complain(builder, (DagLocation){"g.xml", 100 - i, 1}, "finding %u", i);
        g_assert_false(dag_builder_is_hopeless(builder));
    }
    dag_builder_complain(builder, (DagLocation){"g.xml", 1, 1}, "one too many");
    g_assert_true(dag_builder_is_hopeless(builder));
    dag_builder_abandon(builder, &error);
    dag_builder_free(builder);
    g_assert_error(error, DAG_ERROR, DAG_ERROR_INVALID);

    g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);

    g_assert_cmpuint(g_strv_length(lines), ==, 21);
    g_assert_cmpstr(lines[0], ==, "g.xml:80:1: error: finding 20");
    g_assert_cmpstr(lines[19], ==, "g.xml:99:1: error: finding 1");
    g_assert_cmpstr(lines[20], ==, "more errors are not shown");
}

static void
test_findings_are_sorted_by_location(void)
{
    DagBuilder *builder = dag_builder_new();
    g_autoptr(GError) error = NULL;

    dag_builder_complain(builder, (DagLocation){"b.xml", 9, 9}, "fourth");
    dag_builder_complain(builder, (DagLocation){"a.xml", 1, 1}, "fifth");
    dag_builder_complain(builder, (DagLocation){"b.xml", 9, 1}, "second");
    dag_builder_complain(builder, (DagLocation){"b.xml", 9, 1}, "third");
    dag_builder_complain(builder, (DagLocation){"b.xml", 2, 5}, "first");
    dag_builder_abandon(builder, &error);
    dag_builder_free(builder);
    g_assert_cmpstr(error->message, ==,
                    "b.xml:2:5: error: first\nb.xml:9:1: error: second\n"
                    "b.xml:9:1: error: third\nb.xml:9:9: error: fourth\n"
                    "a.xml:1:1: error: fifth");
}

/* The file's name need not outlive the call. */
static void
test_the_file_of_a_finding_is_copied(void)
{
    g_autoptr(DagBuilder) builder = dag_builder_new();
    g_autoptr(GError) error = NULL;
    char *file = g_strdup("x.xml");

    dag_builder_complain(builder, (DagLocation){file, 3, 7}, "%s", "no");
    memset(file, '&', strlen(file));
    g_free(file);
    dag_builder_abandon(builder, &error);
    g_assert_error(error, DAG_ERROR, DAG_ERROR_INVALID);
    g_assert_cmpstr(error->message, ==, "x.xml:3:7: error: no");
}

static void
test_a_location_is_shown_if_there_is_one(void)
{
    DagBuilder *builder = dag_builder_new();
    g_autoptr(GError) error = NULL;

    dag_builder_add_task(builder, &(DagTaskSpec){.name = "a", .location = {"g.xml", 3, 3}});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "a",
                                                 .location = {"g.xml", 5, 3},
                                                 .name_location = {"g.xml", 5, 13}});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "a",
                                                 .location = {"parts/x.xml", 1, 1},
                                                 .name_location = {"parts/x.xml", 1, 11}});
    g_assert_null(graph_finish(builder, &error));
    g_assert_cmpstr(
        error->message, ==,
        "g.xml:5:13: error: duplicate task \"a\" (first declared at line 3)\n"
        "parts/x.xml:1:11: error: duplicate task \"a\" (first declared at line 3 of "
        "g.xml)");
}

static void
collect(const char *line, void *data)
{
    g_string_append_printf(data, "%s\n", line);
}

static void
test_warnings_come_with_a_graph(void)
{
    g_autoptr(DagBuilder) builder = dag_builder_new();
    g_autoptr(GString) told = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    dag_builder_warn(builder, (DagLocation){"g.xml", 7, 2}, "second\n");
    dag_builder_warn(builder, (DagLocation){"g.xml", 7, 1}, "first");
    dag_builder_warn(builder, (DagLocation){0}, "anywhere");
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "a"});

    g_autoptr(DagGraph) graph = dag_builder_finish(
        builder, &(DagBuildOptions){.warn = collect, .warn_data = told}, &error);

    g_assert_no_error(error);
    g_assert_nonnull(graph);
    g_assert_cmpstr(told->str, ==,
                    "g.xml:7:1: warning: first\ng.xml:7:2: warning: second \nanywhere\n");
}

static void
test_warnings_come_with_errors_too_and_only_twenty(void)
{
    g_autoptr(DagBuilder) builder = dag_builder_new();
    g_autoptr(GString) told = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    for (unsigned i = 0; i < 30; i++)
        dag_builder_warn(builder, (DagLocation){"g.xml", 1, 1}, "warning %u", i);
    dag_builder_complain(builder, (DagLocation){"g.xml", 1, 1}, "error");
    g_assert_null(dag_builder_finish(
        builder, &(DagBuildOptions){.warn = collect, .warn_data = told}, &error));
    g_assert_cmpstr(error->message, ==, "g.xml:1:1: error: error");

    g_auto(GStrv) lines = g_strsplit(told->str, "\n", -1);

    g_assert_cmpuint(g_strv_length(lines), ==, 22); /* the last one is empty */
    g_assert_cmpstr(lines[19], ==, "g.xml:1:1: warning: warning 19");
    g_assert_cmpstr(lines[20], ==, "more warnings are not shown");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/findings/twenty-findings-are-shown", test_twenty_findings_are_shown);
    g_test_add_func("/findings/findings-are-sorted-by-location",
                    test_findings_are_sorted_by_location);
    g_test_add_func("/findings/the-file-of-a-finding-is-copied",
                    test_the_file_of_a_finding_is_copied);
    g_test_add_func("/findings/a-location-is-shown-if-there-is-one",
                    test_a_location_is_shown_if_there_is_one);
    g_test_add_func("/findings/warnings-come-with-a-graph",
                    test_warnings_come_with_a_graph);
    g_test_add_func("/findings/warnings-come-with-errors-too-and-only-twenty",
                    test_warnings_come_with_errors_too_and_only_twenty);
    return g_test_run();
}
