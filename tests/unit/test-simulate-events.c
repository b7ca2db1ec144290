/* SPDX-License-Identifier: MIT */
/*
 * Observers of a simulated run get the events that dag_execute() would deliver.
 */
#include <string.h>

#include "simulate-case.h"

/* Fails if its task is called "f…", and at the first two attempts of a task called "t…". */
static bool
fails(const char *name, unsigned attempt)
{
    return name[0] == 'f' || (name[0] == 't' && attempt <= 2);
}

static DagSimulatedAttempt
simulate_by_name(const DagPlan *plan, DagTaskId id, unsigned attempt,
                 G_GNUC_UNUSED void *data)
{
    bool bad = fails(dag_graph_task_name(dag_plan_graph(plan), id), attempt);

    return (DagSimulatedAttempt){.seconds = dag_plan_cost(plan, id),
                                 .outcome = bad ? DAG_FAILED : DAG_SUCCEEDED,
                                 .exit_code = bad ? 3 : 0,
                                 .reason = bad ? "exit status 3" : NULL};
}

#define MAX_TASKS 16

/* Attempts of each task so far.  One worker runs all of them. */
static unsigned n_attempts[MAX_TASKS];

/* Worker thread. */
static DagOutcome
run_by_name(DagContext *context, G_GNUC_UNUSED const void *config)
{
    DagTaskId id = dag_context_task(context);
    const char *name = dag_graph_task_name(dag_context_graph(context), id);

    if (!fails(name, ++n_attempts[id]))
        return dag_context_set_exit_code(context, 0);
    dag_context_set_reason(context, "exit status 3");
    return dag_context_set_exit_code(context, 3);
}

static const DagKind by_name = {
    .name = "by-name", .run = run_by_name, .has_exit_code = true};

static const char *const words_of_event[] = {
    [DAG_EVENT_RUN_STARTED] = "run-started",
    [DAG_EVENT_PHASE_STARTED] = "phase-started",
    [DAG_EVENT_TASK_STARTED] = "started",
    [DAG_EVENT_ATTEMPT_FAILED] = "attempt-failed",
    [DAG_EVENT_TASK_FINISHED] = "finished",
    [DAG_EVENT_PHASE_FINISHED] = "phase-finished",
    [DAG_EVENT_RUN_FINISHED] = "run-finished",
    [DAG_EVENT_CANCELLED] = "cancelled",
    [DAG_EVENT_TICK] = "tick",
    [DAG_EVENT_LATE_TEXT] = "late text",
    [DAG_EVENT_TEXT] = "text",
};

/* Append a line with all that an event says except its time. */
static void
write_down(const DagEvent *event, void *log)
{
    const DagGraph *graph = dag_plan_graph(dag_run_plan(event->run));

    g_string_append_printf(log, "%s", words_of_event[event->type]);
    if (event->task != DAG_TASK_NONE)
        g_string_append_printf(log, " %s", dag_graph_task_name(graph, event->task));
    if (event->type == DAG_EVENT_PHASE_STARTED || event->type == DAG_EVENT_PHASE_FINISHED)
        g_string_append_printf(log, " %u", event->phase);
    if (event->attempt > 0)
        g_string_append_printf(log, " attempt %u", event->attempt);
    if (event->type == DAG_EVENT_TASK_FINISHED) {
        DagRecord record = dag_run_record(event->run, event->task);
        const char *reason = dag_run_reason(event->run, event->task);

        g_string_append_printf(log, " %s %d %s", dag_outcome_name(record.outcome),
                               record.exit_code, reason ? reason : "-");
    }
    if (event->failed)
        g_string_append_printf(log, " %s %d %s", dag_outcome_name(event->failed->outcome),
                               event->failed->exit_code, event->failed->reason);
    g_string_append_c(log, '\n');
}

/* Compare the events of both drivers, with one worker, so that the order is determined. */
static void
compare(const char *words, const DagStrategy *strategy, bool keep_going)
{
    g_autoptr(GString) simulated = g_string_new(NULL), executed = g_string_new(NULL);
    g_auto(Case) it = case_finish(builder_of(words, &by_name, NULL));
    g_autoptr(GError) error = NULL;

    g_assert_cmpuint(dag_graph_n_tasks(it.graph), <=, MAX_TASKS);
    memset(n_attempts, 0, sizeof(n_attempts));
    it.run = dag_simulate(it.plan,
                          &(DagSimulateOptions){
                              .strategy = strategy,
                              .n_workers = 1,
                              .seed = 11,
                              .keep_going = keep_going,
                              .attempt = simulate_by_name,
                              .observers = &(DagObserver){write_down, simulated, 1, NULL},
                              .n_observers = 1,
                          });
    g_autoptr(DagRun) run =
        dag_execute(it.plan,
                    &(DagExecuteOptions){
                        .strategy = strategy,
                        .n_workers = 1,
                        .seed = 11,
                        .keep_going = keep_going,
                        .observers = &(DagObserver){write_down, executed, 0, NULL},
                        .n_observers = 1,
                    },
                    &error);

    g_assert_no_error(error);
    g_assert_cmpstr(simulated->str, ==, executed->str);
    g_assert_true(g_str_has_prefix(simulated->str, "run-started\n"));
    g_assert_true(g_str_has_suffix(simulated->str, "run-finished\n"));
    g_assert_true(dag_run_is_simulated(it.run));
    g_assert_false(dag_run_is_simulated(run));
}

static void
test_events_are_those_of_the_executor(void)
{
    static const char *const graphs[] = {
        "",
        "a",
        "a b<a c<a d<b,c",
        "a:1 b:5 c<a:5 d<b:1 e<d:0",
        "a f b<f c<a d<b,c e z<d:1*",
        "f~ b<f c<b f2 d<f2 e<d g<c",
        "a!3 b!-2 c d<c!9 e? g<e",
        "f* a<f b z<a:1* y<z",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(graphs); i++)
        for (const DagStrategy *const *strategy = dag_strategies(); *strategy; strategy++) {
            compare(graphs[i], *strategy, false);
            compare(graphs[i], *strategy, true);
        }
}

/* Note the type, the task and the time of each event. */
static void
write_time_down(const DagEvent *event, void *log)
{
    g_string_append_printf(log, "%s %d %.3f\n", words_of_event[event->type],
                           event->task == DAG_TASK_NONE ? -1 : (int)event->task,
                           (double)event->time_ns / 1e9);
}

static void
test_times_of_events_are_virtual(void)
{
    g_autoptr(GString) log = g_string_new(NULL);
    g_auto(Case) it = case_of(
        "a:2 b<a:1.5",
        (DagSimulateOptions){.strategy = dag_strategy_find("phases"),
                             .observers = &(DagObserver){write_time_down, log, 0, NULL},
                             .n_observers = 1});

    g_assert_cmpstr(log->str, ==,
                    "run-started -1 0.000\n"
                    "phase-started -1 0.000\n"
                    "started 0 0.000\n"
                    "finished 0 2.000\n"
                    "phase-finished -1 2.000\n"
                    "phase-started -1 2.000\n"
                    "started 1 2.000\n"
                    "finished 1 3.500\n"
                    "phase-finished -1 3.500\n"
                    "run-finished -1 3.500\n");
    g_assert_cmpint(dag_run_duration_ns(it.run), ==, 7 * SECOND_NS / 2);
}

static void
test_failed_attempts_tell_their_pause(void)
{
    g_autoptr(GString) log = g_string_new(NULL);
    DagBuilder *builder = dag_builder_new();
    DagPolicy policy = {.retries = 2, .retry_delay_ns = DAG_ZERO};

    dag_builder_add_task(builder, &(DagTaskSpec){.name = "t", .cost = 1, .policy = policy});
    g_auto(Case) it = case_finish(builder);

    it.run = simulate(
        it.plan, (DagSimulateOptions){.attempt = simulate_by_name,
                                      .observers = &(DagObserver){write_down, log, 0, NULL},
                                      .n_observers = 1});
    g_assert_cmpstr(log->str, ==,
                    "run-started\n"
                    "started t attempt 1\n"
                    "attempt-failed t attempt 1 failed 3 exit status 3\n"
                    "started t attempt 2\n"
                    "attempt-failed t attempt 2 failed 3 exit status 3\n"
                    "started t attempt 3\n"
                    "finished t succeeded 0 -\n"
                    "run-finished\n");
    assert_makespan(&it, 3);
}

/* Assert that the pause of an event is the time until the next attempt. */
static void
note_pause(const DagEvent *event, void *data)
{
    int64_t *due_ns = data;

    if (event->type == DAG_EVENT_ATTEMPT_FAILED) {
        g_assert_cmpint(event->pause_ns, >, 0);
        *due_ns = event->time_ns + event->pause_ns;
    } else if (event->type == DAG_EVENT_TASK_STARTED && event->attempt > 1) {
        g_assert_cmpint(event->time_ns, ==, *due_ns);
    }
}

static void
test_next_attempt_starts_when_its_pause_ends(void)
{
    int64_t due_ns = -1;
    g_auto(Case) it = case_of(
        "t:1",
        (DagSimulateOptions){.retries = 2,
                             .attempt = simulate_by_name,
                             .observers = &(DagObserver){note_pause, &due_ns, 0, NULL},
                             .n_observers = 1});

    g_assert_cmpint(due_ns, ==, dag_run_attempt(it.run, 0, 2).start_ns);
}

static void
test_observers_are_called_in_list_order(void)
{
    g_autoptr(GString) log = g_string_new(NULL);
    const DagObserver observers[] = {{write_down, log, 0, NULL},
                                     {write_time_down, log, 0, NULL}};

    g_auto(Case) it =
        case_of("", (DagSimulateOptions){.observers = observers, .n_observers = 2});

    g_assert_cmpstr(log->str, ==,
                    "run-started\nrun-started -1 0.000\n"
                    "run-finished\nrun-finished -1 0.000\n");
    g_assert_true(dag_run_succeeded(it.run));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/simulate-events/same", test_events_are_those_of_the_executor);
    g_test_add_func("/simulate-events/times", test_times_of_events_are_virtual);
    g_test_add_func("/simulate-events/attempts", test_failed_attempts_tell_their_pause);
    g_test_add_func("/simulate-events/pauses",
                    test_next_attempt_starts_when_its_pause_ends);
    g_test_add_func("/simulate-events/order", test_observers_are_called_in_list_order);
    return g_test_run();
}
