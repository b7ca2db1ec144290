/* SPDX-License-Identifier: MIT */
/*
 * Logs: their names, and their content after a run and after several attempts.
 */
#include "output/logs.h"

#include <dagrun/context.h>
#include <dagrun/error.h>
#include <dagrun/execute.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "descriptors.h"
#include "graph-of.h"

/* Returns: a graph of tasks with these names, NULL-terminated. */
static DagGraph *
graph_named(const char *const *names, const DagKind *kind)
{
    DagBuilder *builder = dag_builder_new();
    g_autoptr(GError) error = NULL;
    DagGraph *graph;

    for (; *names; names++)
        dag_builder_add_task(builder, &(DagTaskSpec){.name = *names, .kind = kind});
    graph = graph_finish(builder, &error);
    g_assert_no_error(error);
    return graph;
}

static void
assert_name(const char *task, const char *expected)
{
    g_autoptr(DagGraph) graph = graph_named((const char *[]){task, NULL}, NULL);
    g_autofree char *name = dag_log_name(graph, 0);

    g_assert_cmpstr(name, ==, expected);
}

static void
test_the_name_is_that_of_the_task(void)
{
    assert_name("build", "build.log");
    assert_name("build-it_2.0", "build-it_2.0.log");
    assert_name("größe", "größe.log");
}

static void
test_a_name_from_c_stays_in_the_directory(void)
{
    assert_name("../x", "%2E.%2Fx.log");
    assert_name("..", "%2E..log");
    assert_name("a/b c\n~%", "a%2Fb%20c%0A%7E%25.log");
}

static void
test_a_long_name_is_not_cut_within_a_character(void)
{
    GString *task = g_string_new("x");
    g_autofree char *name = NULL;

    while (task->len < 300)
        g_string_append(task, "€");

    g_autoptr(DagGraph) graph = graph_named((const char *[]){task->str, NULL}, NULL);

    name = dag_log_name(graph, 0);
    g_assert_true(g_utf8_validate(name, -1, NULL));
    g_assert_cmpuint(strlen(name), ==, 253);
    g_string_free(task, TRUE);
}

static void
test_long_names_are_cut_and_stay_different(void)
{
    g_autofree char *one = g_strnfill(400, 'x');
    g_autofree char *two = g_strconcat(one, "y", NULL);
    g_autofree char *fits = g_strnfill(251, 'x');
    g_autoptr(DagGraph) graph = graph_named((const char *[]){one, two, fits, NULL}, NULL);
    g_autofree char *first = dag_log_name(graph, dag_graph_find(graph, one));
    g_autofree char *second = dag_log_name(graph, dag_graph_find(graph, two));
    g_autofree char *third = dag_log_name(graph, dag_graph_find(graph, fits));

    g_assert_cmpuint(strlen(first), ==, 255);
    g_assert_cmpuint(strlen(second), ==, 255);
    g_assert_cmpuint(strlen(third), ==, 255);
    g_assert_true(g_str_has_suffix(first, "x~1.log"));
    g_assert_true(g_str_has_suffix(second, "x~2.log"));
    g_assert_true(g_str_has_suffix(third, "xx.log"));
}

/* Worker thread.  Prints its name, unless it is "silent". */
static DagOutcome
speak(DagContext *context, const void *config)
{
    const char *name =
        dag_graph_task_name(dag_context_graph(context), dag_context_task(context));

    (void)config;
    g_assert_true(dag_context_wants_transcript(context));
    if (strcmp(name, "silent") != 0)
        dag_context_write_transcript(context, name, strlen(name));
    return DAG_SUCCEEDED;
}

static const DagKind speaking = {.name = "speaking", .run = speak};

static void
assert_file(const char *directory, const char *name, const char *expected)
{
    g_autofree char *path = g_build_filename(directory, name, NULL), *text = NULL;

    if (!expected) {
        g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
        return;
    }
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_true(strcmp(text, expected) == 0); /* too long for a message */
    g_assert_cmpint(unlink(path), ==, 0);
}

static void
write_old(const char *directory, const char *name)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);

    g_assert_true(g_file_set_contents(path, "old", -1, NULL));
}

static void
test_a_run_without_observers_writes_logs(void)
{
    const char *names[] = {"one", "two", "silent", NULL};
    unsigned n_before = count_descriptors();
    g_autofree char *directory = g_dir_make_tmp("dagrun-test-XXXXXX", NULL);
    g_autoptr(DagGraph) graph = graph_named(names, &speaking);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(DagRun) run = NULL;

    write_old(directory, "two.log");
    write_old(directory, "silent.log");
    write_old(directory, "other.log");
    run = dag_execute(plan, &(DagExecuteOptions){.log_directory = directory}, &error);
    g_assert_no_error(error);
    g_assert_true(dag_run_succeeded(run));
    g_assert_cmpuint(dag_run_n_lost(run), ==, 0);
    assert_file(directory, "one.log", "one");
    assert_file(directory, "two.log", "two");
    assert_file(directory, "silent.log", NULL);
    assert_file(directory, "other.log", "old");
    g_assert_cmpint(rmdir(directory), ==, 0);
    end_unused_threads();
    g_assert_cmpuint(count_descriptors(), ==, n_before);
}

static void
test_a_missing_directory_is_an_error(void)
{
    g_autoptr(DagGraph) graph = graph_named((const char *[]){"a", NULL}, &speaking);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    g_autoptr(GError) error = NULL;

    g_assert_null(
        dag_execute(plan, &(DagExecuteOptions){.log_directory = "/nowhere"}, &error));
    g_assert_error(error, DAG_ERROR, DAG_ERROR_IO);
    g_assert_cmpstr(error->message, ==,
                    "cannot open the directory \"/nowhere\": No such file or directory");
}

static void
test_a_log_that_cannot_be_created_is_counted(void)
{
    g_autofree char *directory = g_dir_make_tmp("dagrun-test-XXXXXX", NULL);
    g_autofree char *taken = g_build_filename(directory, "one.log", NULL);
    g_autoptr(DagGraph) graph =
        graph_named((const char *[]){"one", "two", NULL}, &speaking);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    g_autoptr(DagRun) run = NULL;

    g_assert_cmpint(mkdir(taken, 0777), ==, 0);
    run = dag_execute(plan, &(DagExecuteOptions){.log_directory = directory}, NULL);
    g_assert_true(dag_run_succeeded(run));
    g_assert_cmpuint(dag_run_n_lost(run), ==, 1);
    assert_file(directory, "two.log", "two");
    g_assert_cmpint(rmdir(taken), ==, 0);
    g_assert_cmpint(rmdir(directory), ==, 0);
}

/* Write `text` as one attempt.  Returns: 0, or the errno for which its log is incomplete. */
static int
attempt(const Logs *logs, unsigned number, const char *text)
{
    g_autoptr(DagSpool) spool = dag__spool_new();
    char tail[100];

    dag__logs_begin(logs, 0, number, spool);
    dag__spool_write(spool, text, strlen(text));
    dag__spool_finish(spool);
    /* Earlier content of the log is not part of the attempt's output. */
    g_assert_cmpuint(dag_spool_size(spool), ==, strlen(text));
    g_assert_cmpuint(dag_spool_tail(spool, tail, sizeof(tail)), ==,
                     MIN(strlen(text), sizeof(tail)));
    return dag_spool_log_problem(spool);
}

static void
test_attempts_are_appended(void)
{
    g_autofree char *directory = g_dir_make_tmp("dagrun-test-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "a.log", NULL);
    g_autofree char *long_text = g_strnfill(2 * DAG__SPOOL_MEMORY, 'x');
    g_autofree char *expected = g_strconcat("one\n--- attempt 2 ---\n", long_text,
                                            "\n--- attempt 3 ---\nthree", NULL);
    g_autoptr(DagGraph) graph = graph_named((const char *[]){"a", NULL}, NULL);
    Logs *logs = dag__logs_new(graph, directory, NULL);

    g_assert_cmpint(attempt(logs, 1, "one\n"), ==, 0);
    g_assert_cmpint(attempt(logs, 2, long_text), ==, 0);
    g_assert_cmpint(attempt(logs, 3, "three"), ==, 0);
    assert_file(directory, "a.log", expected);

    /* Only regular files are written to; a link is not followed. */
    g_assert_cmpint(mkfifo(path, 0666), ==, 0);
    g_assert_cmpint(attempt(logs, 2, "two"), ==, EEXIST);
    g_assert_cmpint(unlink(path), ==, 0);
    g_assert_cmpint(symlink("elsewhere", path), ==, 0);
    g_assert_cmpint(attempt(logs, 2, "two"), ==, ELOOP);
    /* The first attempt replaces an existing file. */
    g_assert_cmpint(attempt(logs, 1, "one"), ==, 0);
    assert_file(directory, "a.log", "one");
    assert_file(directory, "elsewhere", NULL);
    dag__logs_free(logs);
    g_assert_cmpint(rmdir(directory), ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/logs/the-name-is-that-of-the-task",
                    test_the_name_is_that_of_the_task);
    g_test_add_func("/logs/a-name-from-c-stays-in-the-directory",
                    test_a_name_from_c_stays_in_the_directory);
    g_test_add_func("/logs/a-long-name-is-not-cut-within-a-character",
                    test_a_long_name_is_not_cut_within_a_character);
    g_test_add_func("/logs/long-names-are-cut-and-stay-different",
                    test_long_names_are_cut_and_stay_different);
    g_test_add_func("/logs/a-run-without-observers-writes-logs",
                    test_a_run_without_observers_writes_logs);
    g_test_add_func("/logs/a-missing-directory-is-an-error",
                    test_a_missing_directory_is_an_error);
    g_test_add_func("/logs/a-log-that-cannot-be-created-is-counted",
                    test_a_log_that_cannot_be_created_is_counted);
    g_test_add_func("/logs/attempts-are-appended", test_attempts_are_appended);
    return g_test_run();
}
