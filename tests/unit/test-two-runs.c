/* SPDX-License-Identifier: MIT */
/*
 * Two runs in one program, at the same time: each has processes of its own.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "run-of.h"

#define GRACE_MS 1000

/* Two servers outlive their tasks: one in the process group of its task, one in a session of its
 * own.  Each run waits for the other behind the task "session". */
#define SERVERS                                                                            \
    "<task id=\"group\"><shell>sleep 1000 &amp; echo $!</shell></task>"                    \
    "<task id=\"session\" needs=\"group\"><shell>"                                         \
    "setsid sh -c 'echo $$ >pid; exec sleep 1000' &amp; "                                  \
    "until test -s pid; do sleep 0.01; done; cat pid</shell></task>"                       \
    "<task id=\"mark\" needs=\"session\"><exec>printenv DAGRUN_RUN</exec></task>"

/* One of the two runs. */
typedef struct Half {
    DagTasks *tasks;
    pthread_barrier_t *barrier; /* shared */
    RunOf *run;
    pthread_t thread;
} Half;

static void
on_event(const DagEvent *event, void *data)
{
    const Half *half = data;
    const DagGraph *graph = dag_plan_graph(dag_run_plan(event->run));

    if (event->type == DAG_EVENT_TASK_FINISHED &&
        strcmp(dag_graph_task_name(graph, event->task), "session") == 0)
        pthread_barrier_wait(half->barrier);
}

/* A thread of its own. */
static void *
run_half(void *data)
{
    Half *half = data;

    half->run = run_of(
        SERVERS, &(RunOptions){.tasks = half->tasks, .on_event = on_event, .data = half});
    return NULL;
}

/* Return the state of the process that `task` has left running, such as 'S', or 0 if it has
 * ended. */
static char
state_of(const Half *half, const char *task)
{
    int pid = atoi(run_of_said(half->run, task));
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
    g_autofree char *text = NULL;
    char state;

    g_assert_cmpint(pid, >, 0);
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    state = strrchr(text, ')')[2];
    return strchr("ZX", state) ? 0 : state;
}

static bool
both_are_in(const Half *half, const char *states)
{
    return strchr(states, state_of(half, "group")) &&
           strchr(states, state_of(half, "session"));
}

static bool
both_go_on(const Half *half)
{
    return state_of(half, "group") && state_of(half, "session") && both_are_in(half, "RSD");
}

static void
assert_both_have_ended(const Half *half)
{
    g_assert_cmpint(state_of(half, "group"), ==, 0);
    g_assert_cmpint(state_of(half, "session"), ==, 0);
}

/* Run both halves at once, up to their end. */
static void
run_both(Half halves[2])
{
    pthread_barrier_t barrier;

    pthread_barrier_init(&barrier, NULL, 2);
    for (int i = 0; i < 2; i++) {
        g_autoptr(GError) error = NULL;

        halves[i].tasks = dag_tasks_new(NULL, &error);
        g_assert_no_error(error);
        dag_tasks_adopt_orphans(halves[i].tasks, DAG_ORPHANS_OF_RUN);
        halves[i].barrier = &barrier;
        g_assert_cmpint(pthread_create(&halves[i].thread, NULL, run_half, &halves[i]), ==,
                        0);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(halves[i].thread, NULL);
    pthread_barrier_destroy(&barrier);
    for (int i = 0; i < 2; i++)
        assert_succeeded(halves[i].run);
}

static void
free_both(Half halves[2])
{
    for (int i = 0; i < 2; i++) {
        run_of_free(halves[i].run);
        dag_tasks_free(halves[i].tasks);
    }
}

static void
test_the_end_of_one_run_leaves_the_servers_of_the_other_alone(void)
{
    Half halves[2] = {0};
    g_auto(GStrv) survivors = NULL;

    run_both(halves);
    g_assert_true(both_go_on(&halves[0]) && both_go_on(&halves[1]));
    g_assert_cmpuint(dag_tasks_end_leftovers(halves[0].tasks, GRACE_MS, NULL, &survivors),
                     ==, 2);
    g_assert_null(survivors[0]);
    assert_both_have_ended(&halves[0]);
    g_assert_true(both_go_on(&halves[1]));
    g_assert_cmpuint(dag_tasks_end_leftovers(halves[0].tasks, GRACE_MS, NULL, NULL), ==, 0);
    g_assert_true(both_go_on(&halves[1]));
    g_assert_cmpuint(dag_tasks_end_leftovers(halves[1].tasks, GRACE_MS, NULL, NULL), ==, 2);
    assert_both_have_ended(&halves[1]);
    free_both(halves);
}

static void
test_each_run_marks_its_processes_with_a_value_of_its_own(void)
{
    Half halves[2] = {0};

    run_both(halves);
    g_assert_true(g_str_has_suffix(run_of_said(halves[0].run, "mark"), "\n"));
    g_assert_cmpstr(run_of_said(halves[0].run, "mark"), !=,
                    run_of_said(halves[1].run, "mark"));
    g_assert_null(g_getenv("DAGRUN_RUN"));
    for (int i = 0; i < 2; i++)
        dag_tasks_end_leftovers(halves[i].tasks, GRACE_MS, NULL, NULL);
    free_both(halves);
}

static void
test_one_run_is_suspended_while_the_other_goes_on(void)
{
    Half halves[2] = {0};

    run_both(halves);
    dag_tasks_suspend(halves[0].tasks);
    g_assert_true(both_are_in(&halves[0], "T"));
    g_assert_true(both_go_on(&halves[1]));
    dag_tasks_resume(halves[0].tasks);
    g_assert_true(both_go_on(&halves[0]) && both_go_on(&halves[1]));
    for (int i = 0; i < 2; i++)
        dag_tasks_end_leftovers(halves[i].tasks, GRACE_MS, NULL, NULL);
    free_both(halves);
}

static void
test_a_run_that_opens_the_state_itself_ends_its_servers(void)
{
    Half half = {
        .run = run_of("<task id=\"group\"><shell>sleep 1000 &amp; echo $!</shell></task>",
                      NULL),
    };

    assert_succeeded(half.run);
    g_assert_cmpint(state_of(&half, "group"), ==, 0);
    run_of_free(half.run);
}

int
main(int argc, char **argv)
{
    g_unsetenv("DAGRUN_RUN"); /* the tests may be tasks of dagrun themselves */
    g_test_init(&argc, &argv, NULL);
    /* First: ThreadSanitizer does not see GLib's g_once_init_leave(), so static data of the
     * library must be initialized before there are two threads. */
    g_test_add_func("/two-runs/a-run-that-opens-the-state-itself-ends-its-servers",
                    test_a_run_that_opens_the_state_itself_ends_its_servers);
    g_test_add_func("/two-runs/the-end-of-one-run-leaves-the-servers-of-the-other-alone",
                    test_the_end_of_one_run_leaves_the_servers_of_the_other_alone);
    g_test_add_func("/two-runs/each-run-marks-its-processes-with-a-value-of-its-own",
                    test_each_run_marks_its_processes_with_a_value_of_its_own);
    g_test_add_func("/two-runs/one-run-is-suspended-while-the-other-goes-on",
                    test_one_run_is_suspended_while_the_other_goes_on);
    return g_test_run();
}
