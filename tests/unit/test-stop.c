/* SPDX-License-Identifier: MIT */
/*
 * Stopping a run, and ending the processes that tasks leave running.  No process and no descriptor
 * is left behind.
 */
#include <dagrun/tasks.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "descriptors.h"
#include "run-of.h"

#define DEADLINE_S ((gint64)20) /* for waits that take milliseconds */

/* Return true if the descriptor is readable now. */
static bool
is_readable(int fd)
{
    return poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 0) == 1;
}

static void
test_a_cancellation_is_raised_step_by_step(void)
{
    g_autoptr(DagCancel) cancel = dag_cancel_new(NULL);
    int term = dag_cancel_fd(cancel, DAG_CANCEL_TERM),
        kill = dag_cancel_fd(cancel, DAG_CANCEL_KILL);

    g_assert_cmpint(dag_cancel_level(cancel), ==, DAG_CANCEL_NONE);
    g_assert_cmpint(dag_cancel_signal(cancel), ==, 0);
    g_assert_false(is_readable(term) || is_readable(kill));
    dag_cancel_raise(cancel, SIGINT);
    g_assert_cmpint(dag_cancel_level(cancel), ==, DAG_CANCEL_TERM);
    g_assert_true(is_readable(term) && !is_readable(kill));
    dag_cancel_raise(cancel, SIGTERM);
    g_assert_cmpint(dag_cancel_level(cancel), ==, DAG_CANCEL_KILL);
    g_assert_true(is_readable(term) && is_readable(kill));
    dag_cancel_raise(cancel, SIGHUP);
    g_assert_cmpint(dag_cancel_level(cancel), ==, DAG_CANCEL_KILL);
    g_assert_cmpint(dag_cancel_signal(cancel), ==, SIGINT);
}

static void
test_the_first_signal_is_kept_even_if_it_was_none(void)
{
    g_autoptr(DagCancel) cancel = dag_cancel_new(NULL);

    dag_cancel_raise(cancel, 0);
    g_assert_cmpint(dag_cancel_level(cancel), ==, DAG_CANCEL_TERM);
    g_assert_cmpint(dag_cancel_signal(cancel), ==, 0);
}

/* Return the state of a run that adopts orphans: not every init reaps them at once. */
static DagTasks *
tasks_new(void)
{
    g_autoptr(GError) error = NULL;
    DagTasks *tasks = dag_tasks_new(NULL, &error);

    g_assert_no_error(error);
    dag_tasks_adopt_orphans(tasks, DAG_ORPHANS_ALL);
    return tasks;
}

/* An observer that cancels the run when task "a" has created the file "started". */
typedef struct Stopper {
    DagCancel *cancel;
    unsigned n_raises;
} Stopper;

static void
on_event(const DagEvent *event, void *data)
{
    Stopper *stopper = data;
    const DagGraph *graph = dag_plan_graph(dag_run_plan(event->run));
    gint64 deadline = g_get_monotonic_time() + DEADLINE_S * G_USEC_PER_SEC;

    if (event->type != DAG_EVENT_TASK_STARTED ||
        strcmp(dag_graph_task_name(graph, event->task), "a") != 0)
        return;

    g_autofree char *started =
        g_build_filename(dag_graph_directory(graph), "started", NULL);

    while (!g_file_test(started, G_FILE_TEST_EXISTS)) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        g_usleep(1000);
    }
    for (; stopper->n_raises > 0; stopper->n_raises--)
        dag_cancel_raise(stopper->cancel, SIGTERM);
}

/* Run the declarations, and raise the cancellation `n_raises` times when "a" is running.  `tasks`
 * may be NULL. */
static RunOf *
run_and_stop_with(DagTasks *tasks, const char *declarations, unsigned n_raises)
{
    g_autoptr(DagCancel) cancel = dag_cancel_new(NULL);
    Stopper stopper = {cancel, n_raises};
    RunOf *run = run_of(declarations, &(RunOptions){.tasks = tasks,
                                                    .cancel = cancel,
                                                    .on_event = on_event,
                                                    .data = &stopper});

    g_assert_cmpint(dag_run_signal(run->run), ==, SIGTERM);
    return run;
}

static RunOf *
run_and_stop(const char *declarations, unsigned n_raises)
{
    return run_and_stop_with(NULL, declarations, n_raises);
}

static void
test_a_program_is_asked_to_end(void)
{
    g_autoptr(RunOf) run =
        run_and_stop("<task id=\"a\"><shell>trap 'echo asked; exit 0' TERM; : >started; "
                     "while :; do sleep 0.01; done</shell></task>"
                     "<task id=\"b\" needs=\"a\"/><task id=\"c\" needs=\"b\"/>",
                     1);

    assert_outcome(run, "a", DAG_CANCELLED);
    assert_outcome(run, "b", DAG_CANCELLED);
    assert_outcome(run, "c", DAG_CANCELLED);
    g_assert_true(g_str_has_suffix(run_of_said(run, "a"), "asked\n"));
    g_assert_cmpuint(dag_run_count(run->run, DAG_CANCELLED), ==, 3);
}

static void
test_a_program_that_ignores_the_signal_is_killed(void)
{
    g_autoptr(RunOf) run = run_and_stop("<task id=\"a\"><shell>trap '' TERM; : >started; "
                                        "while :; do sleep 0.01; done</shell></task>",
                                        2);

    assert_outcome(run, "a", DAG_CANCELLED);
}

static void
test_a_program_that_is_stopped_ends_too(void)
{
    g_autoptr(RunOf) run = run_and_stop(
        "<task id=\"a\"><shell>: >started; kill -STOP $$; sleep 1000</shell></task>", 1);

    assert_outcome(run, "a", DAG_CANCELLED);
}

/* Return the state of the process, such as 'S', or 0 if there is none. */
static char
process_state(const char *pid)
{
    g_autofree char *path = g_build_filename("/proc", pid, "stat", NULL);
    g_autofree char *text = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    return strrchr(text, ')')[2];
}

/* Return the first line of the task's transcript; free with g_free(). */
static char *
first_line(const RunOf *run, const char *task)
{
    const char *transcript = run_of_said(run, task);

    return g_strndup(transcript, strcspn(transcript, "\n"));
}

/* Return true if the process runs.  A dead process may still wait for its parent to reap it. */
static bool
is_running(const char *pid)
{
    char state = process_state(pid);

    return state && state != 'Z' && state != 'X';
}

static void
test_processes_that_a_program_started_end_with_it(void)
{
    g_autoptr(DagTasks) tasks = tasks_new();
    g_autoptr(RunOf) run = run_and_stop_with(
        tasks,
        "<task id=\"a\"><shell>sleep 1000 &amp; echo $!; sh -c 'sleep 1000' &amp; : "
        ">started; wait</shell></task>",
        1);
    g_autofree char *pid = first_line(run, "a");

    assert_outcome(run, "a", DAG_CANCELLED);
    g_assert_cmpstr(pid, !=, "");
    g_assert_false(is_running(pid));
    g_assert_cmpuint(dag_tasks_end_leftovers(tasks, 1000, NULL, NULL), ==, 0);
}

static void
test_sleep_and_spin_end_at_once(void)
{
    g_autoptr(RunOf) run =
        run_and_stop("<task id=\"a\"><shell>: >started; sleep 1000</shell></task>"
                     "<task id=\"s\"><sleep duration=\"1000s\"/></task>",
                     1);
    g_autoptr(RunOf) spun =
        run_and_stop("<task id=\"a\"><shell>: >started; sleep 1000</shell></task>"
                     "<task id=\"s\"><spin duration=\"1000s\"/></task>",
                     1);

    assert_outcome(run, "s", DAG_CANCELLED);
    assert_outcome(spun, "s", DAG_CANCELLED);
}

static void
test_a_run_that_is_stopped_before_it_begins_ends(void)
{
    g_autoptr(DagCancel) cancel = dag_cancel_new(NULL);

    dag_cancel_raise(cancel, SIGINT);

    g_autoptr(RunOf) run = run_of("<task id=\"a\"><exec>sleep 1000</exec></task>"
                                  "<task id=\"b\"><sleep duration=\"1000s\"/></task>"
                                  "<task id=\"c\"><sleep duration=\"1000s\"/></task>",
                                  &(RunOptions){.cancel = cancel});

    g_assert_cmpuint(dag_run_count(run->run, DAG_CANCELLED), ==, 3);
    g_assert_cmpint(dag_run_signal(run->run), ==, SIGINT);
}

static void
test_sleep_and_spin_last_for_their_duration(void)
{
    g_autoptr(RunOf) run = run_of("<task id=\"a\"><sleep duration=\"30ms\"/></task>"
                                  "<task id=\"b\"><spin duration=\"20ms\"/></task>"
                                  "<task id=\"c\"><sleep duration=\"0s\"/></task>",
                                  NULL);
    DagRecord slept = dag_run_record(run->run, 0), spun = dag_run_record(run->run, 1);

    assert_succeeded(run);
    g_assert_cmpint(slept.end_ns - slept.start_ns, >=, 30000000);
    g_assert_cmpint(spun.end_ns - spun.start_ns, >=, 20000000);
    g_assert_cmpfloat(dag_graph_task_cost(run->graph, 0), ==, 0.03);
}

static void
test_a_task_may_leave_a_process_running(void)
{
    g_autoptr(DagTasks) tasks = tasks_new();
    g_autoptr(RunOf) run =
        run_of("<task id=\"a\"><shell>sleep 1000 &amp; echo $!; echo started</shell></task>"
               "<task id=\"b\" needs=\"a\"><exec>echo ${a}</exec></task>"
               "<task id=\"c\" needs=\"a b\"><shell>read pid &lt;\"$a\"; kill -0 "
               "$pid</shell></task>",
               &(RunOptions){.tasks = tasks, .n_workers = 1});
    g_autofree char *pid = first_line(run, "a");

    g_assert_true(is_running(pid));
    g_assert_true(g_str_has_suffix(run_of_said(run, "a"), "\nstarted\n"));
    g_assert_cmpuint(dag_tasks_end_leftovers(tasks, 1000, NULL, NULL), >=, 1);
    g_assert_false(is_running(pid));
    g_assert_cmpuint(dag_tasks_end_leftovers(tasks, 1000, NULL, NULL), ==, 0);
}

static void
test_a_leftover_that_ignores_the_signal_is_killed(void)
{
    g_autoptr(DagTasks) tasks = tasks_new();
    g_autoptr(RunOf) run =
        run_of("<task id=\"a\"><shell>sh -c 'trap \"\" TERM; : >ready; while :; do sleep "
               "0.01; done' "
               "&amp; echo $!; until test -e ready; do sleep 0.01; done</shell></task>",
               &(RunOptions){.tasks = tasks});
    g_autofree char *pid = first_line(run, "a");

    assert_succeeded(run);
    g_assert_true(is_running(pid));
    g_assert_cmpuint(dag_tasks_end_leftovers(tasks, 50, NULL, NULL), >=, 1);
    g_assert_false(is_running(pid));
}

static void
test_output_of_a_leftover_reaches_no_other_task(void)
{
    g_autoptr(DagTasks) tasks = tasks_new();
    g_autoptr(RunOf) run = run_of("<task id=\"a\"><shell>(until test -e b; do sleep 0.01; "
                                  "done; echo late; : >c) &amp; "
                                  "echo early</shell></task>"
                                  "<task id=\"b\" needs=\"a\"><shell>: >b; until test -e "
                                  "c; do sleep 0.01; done; echo "
                                  "b</shell></task>"
                                  "<task id=\"d\"><exec>printf %s ${a}</exec></task>",
                                  &(RunOptions){.tasks = tasks, .n_workers = 1});

    assert_succeeded(run);
    assert_said(run, "a", "early\n");
    assert_said(run, "b", "b\n");
    assert_said(run, "d", "early");
    dag_tasks_end_leftovers(tasks, 1000, NULL, NULL);
}

static unsigned n_descriptors; /* before the first run */

/* Drains close their descriptors a moment after the writers of their pipes have ended. */
static void
assert_nothing_is_left(void)
{
    gint64 deadline = g_get_monotonic_time() + DEADLINE_S * G_USEC_PER_SEC;

    while (count_descriptors() > n_descriptors && g_get_monotonic_time() < deadline)
        g_usleep(1000);
    g_assert_cmpuint(count_descriptors(), ==, n_descriptors);
    g_assert_cmpuint(count_children(), ==, 0);
}

#define BUSY                                                                               \
    "<task id=\"a\"><exec>seq 1000</exec></task><task id=\"b\"><exec "                     \
    "stdin=\"a\">cat</exec></task>"                                                        \
    "<task id=\"c\"><shell stdin=\"b\">cat \"$b\" - >/dev/null</shell></task>"             \
    "<task id=\"d\"><exec>no-such-program</exec></task><task "                             \
    "id=\"e\"><exec>false</exec></task>"                                                   \
    "<task id=\"f\" dir=\"none\"><exec>true</exec></task><task id=\"g\"><exec>echo "       \
    "${a}</exec></task>"                                                                   \
    "<task id=\"h\"><shell>sleep 1000 &amp;</shell></task>"

static void
test_no_descriptor_and_no_child_is_left(void)
{
    for (int i = 0; i < 20; i++) {
        g_autoptr(DagTasks) tasks = tasks_new();
        g_autoptr(RunOf) run = run_of(BUSY, &(RunOptions){.tasks = tasks,
                                                          .keep_going = true,
                                                          .n_workers = 3,
                                                          .unobserved = i % 2});

        g_assert_cmpuint(dag_run_count(run->run, DAG_FAILED), ==, 3);
        g_assert_cmpuint(dag_tasks_end_leftovers(tasks, 1000, NULL, NULL), >=, 1);
    }
    assert_nothing_is_left();
}

static void
test_many_short_programs_leave_nothing(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(RunOf) run = NULL;

    for (int i = 0; i < 300; i++)
        g_string_append_printf(text, "<task id=\"t%d\"><exec>true</exec></task>", i);
    run = run_of(text->str, &(RunOptions){.n_workers = 3});
    assert_succeeded(run);
    assert_nothing_is_left();
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    dag_tasks_free(tasks_new()); /* orphans of all runs are reaped here */
    n_descriptors = count_descriptors();
    g_test_add_func("/stop/a-cancellation-is-raised-step-by-step",
                    test_a_cancellation_is_raised_step_by_step);
    g_test_add_func("/stop/the-first-signal-is-kept-even-if-it-was-none",
                    test_the_first_signal_is_kept_even_if_it_was_none);
    g_test_add_func("/stop/a-program-is-asked-to-end", test_a_program_is_asked_to_end);
    g_test_add_func("/stop/a-program-that-ignores-the-signal-is-killed",
                    test_a_program_that_ignores_the_signal_is_killed);
    g_test_add_func("/stop/a-program-that-is-stopped-ends-too",
                    test_a_program_that_is_stopped_ends_too);
    g_test_add_func("/stop/processes-that-a-program-started-end-with-it",
                    test_processes_that_a_program_started_end_with_it);
    g_test_add_func("/stop/sleep-and-spin-end-at-once", test_sleep_and_spin_end_at_once);
    g_test_add_func("/stop/a-run-that-is-stopped-before-it-begins-ends",
                    test_a_run_that_is_stopped_before_it_begins_ends);
    g_test_add_func("/stop/sleep-and-spin-last-for-their-duration",
                    test_sleep_and_spin_last_for_their_duration);
    g_test_add_func("/stop/a-task-may-leave-a-process-running",
                    test_a_task_may_leave_a_process_running);
    g_test_add_func("/stop/a-leftover-that-ignores-the-signal-is-killed",
                    test_a_leftover_that_ignores_the_signal_is_killed);
    g_test_add_func("/stop/output-of-a-leftover-reaches-no-other-task",
                    test_output_of_a_leftover_reaches_no_other_task);
    g_test_add_func("/stop/no-descriptor-and-no-child-is-left",
                    test_no_descriptor_and_no_child_is_left);
    g_test_add_func("/stop/many-short-programs-leave-nothing",
                    test_many_short_programs_leave_nothing);
    return g_test_run();
}
