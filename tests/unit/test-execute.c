/* SPDX-License-Identifier: MIT */
/*
 * One execution as its caller sees it: events, records, options.  Some tasks meet: each waits at a
 * gate until all have arrived.
 */
#include <sys/resource.h>

#include "gate.h"
#include "graph-of.h"

static const DagKind meeting = {.name = "meeting", .run = meet};

/* Run the tasks of `words`, which all meet at `gate`; NULL: they do not meet. */
static void
assert_meet(const char *words, Gate *gate, const char *strategy, unsigned n_workers)
{
    g_autoptr(DagGraph) graph = graph_finish(builder_of(words, &meeting, gate), NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    g_autoptr(DagRun) run = execute(plan, &(DagExecuteOptions){
                                              .strategy = dag_strategy_find(strategy),
                                              .n_workers = n_workers,
                                          });

    g_assert_true(dag_run_succeeded(run));
}

static void
test_tasks_of_a_phase_run_at_the_same_time(void)
{
    for (const DagStrategy *const *s = dag_strategies(); *s; s++) {
        Gate two = GATE(2);

        assert_meet("a b", &two, (*s)->name, 2);
    }
}

static void
test_three_workers_run_three_tasks_on_any_number_of_cores(void)
{
    for (const DagStrategy *const *s = dag_strategies(); *s; s++) {
        Gate three = GATE(3), seven = GATE(7);

        assert_meet("a b c", &three, (*s)->name, 3);
        assert_meet("a b c d e f g", &seven, (*s)->name, 7);
    }
}

/* In each of three phases, two tasks meet at a gate of their own. */
static void
test_workers_meet_again_in_each_phase(void)
{
    Gate gates[3] = {GATE(2), GATE(2), GATE(2)};
    DagBuilder *builder = dag_builder_new();

    for (unsigned i = 0; i < 6; i++) {
        char name[8], needs[16];

        g_snprintf(name, sizeof(name), "t%u", i);
        g_snprintf(needs, sizeof(needs), "t%u t%u", i / 2 * 2 - 2, i / 2 * 2 - 1);
        dag_builder_add_task(builder, &(DagTaskSpec){.name = name,
                                                     .needs = i < 2 ? NULL : needs,
                                                     .kind = &meeting,
                                                     .config = &gates[i / 2]});
    }

    g_autoptr(DagGraph) graph = graph_finish(builder, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    g_autoptr(DagRun) run = execute(plan, &(DagExecuteOptions){.n_workers = 2});

    g_assert_cmpstr(dag_run_strategy(run)->name, ==, "phases");
    g_assert_true(dag_run_succeeded(run));
}

/* "b" is in the first phase, "c" in the second: they meet only if "c" starts before its phase. */
static void
test_without_a_barrier_phases_overlap(void)
{
    Gate gate = GATE(2);
    DagBuilder *builder = dag_builder_new();

    dag_builder_add_task(builder, &(DagTaskSpec){.name = "a", .kind = &meeting});
    dag_builder_add_task(builder,
                         &(DagTaskSpec){.name = "b", .kind = &meeting, .config = &gate});
    dag_builder_add_task(
        builder,
        &(DagTaskSpec){.name = "c", .needs = "a", .kind = &meeting, .config = &gate});
    dag_builder_add_task(builder,
                         &(DagTaskSpec){.name = "d", .needs = "b", .kind = &meeting});

    g_autoptr(DagGraph) graph = graph_finish(builder, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);

    for (const DagStrategy *const *s = dag_strategies(); *s; s++) {
        if ((*s)->release != DAG_RELEASE_READY)
            continue;
        gate.n_come = 0;

        g_autoptr(DagRun) run =
            execute(plan, &(DagExecuteOptions){.strategy = *s, .n_workers = 2});

        g_assert_true(dag_run_succeeded(run));
    }
}

/* Append the event as a word: "begin", "phase1(", "a(", "a)", … */
static void
log_event(const DagEvent *event, void *data)
{
    static const char *const marks[] = {
        [DAG_EVENT_RUN_STARTED] = "begin", [DAG_EVENT_PHASE_STARTED] = "(",
        [DAG_EVENT_TASK_STARTED] = "(",    [DAG_EVENT_TASK_FINISHED] = ")",
        [DAG_EVENT_PHASE_FINISHED] = ")",  [DAG_EVENT_RUN_FINISHED] = "end",
    };
    GString *log = data;

    if (event->task != DAG_TASK_NONE)
        g_string_append(log, dag_graph_task_name(dag_plan_graph(dag_run_plan(event->run)),
                                                 event->task));
    else if (event->type == DAG_EVENT_PHASE_STARTED ||
             event->type == DAG_EVENT_PHASE_FINISHED)
        g_string_append_printf(log, "phase%u", event->phase);
    g_string_append_printf(log, "%s ", marks[event->type]);
}

static void
assert_events(const char *words, const char *strategy, const char *expected)
{
    g_autoptr(DagGraph) graph = graph_finish(builder_of(words, &meeting, NULL), NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    g_autoptr(GString) first = g_string_new(NULL);
    g_autoptr(GString) second = g_string_new(NULL);
    DagObserver observers[] = {{.notify = log_event, .data = first},
                               {.notify = log_event, .data = second}};
    g_autoptr(DagRun) run = execute(plan, &(DagExecuteOptions){
                                              .strategy = dag_strategy_find(strategy),
                                              .n_workers = 1,
                                              .observers = observers,
                                              .n_observers = 2,
                                          });

    g_assert_cmpstr(first->str, ==, expected);
    g_assert_cmpstr(second->str, ==, expected);
    g_assert_true(dag_run_succeeded(run));
}

static void
test_observers_get_events_in_order(void)
{
    assert_events("a b<a c<a", "phases",
                  "begin phase0( a( a) phase0) phase1( b( b) c( c) phase1) end ");
    assert_events("a b<a c<a", "dataflow", "begin a( a) b( b) c( c) end ");
    assert_events("", "phases", "begin end ");
    assert_events("a", "depth-first", "begin a( a) end ");
}

/* The state of an observer of ticks. */
typedef struct Clock {
    Gate *gate; /* opened at the third tick */
    unsigned n_ticks;
    int64_t last_ns;
} Clock;

#define TICK_NS 5000000

static void
count_ticks(const DagEvent *event, void *data)
{
    Clock *clock = data;

    if (event->type != DAG_EVENT_TICK)
        return;
    g_assert_cmpuint(event->task, ==, DAG_TASK_NONE);
    g_assert_cmpint(event->time_ns, >=, clock->last_ns + TICK_NS);
    g_assert_nonnull(event->run);
    clock->last_ns = event->time_ns;
    if (++clock->n_ticks == 3)
        g_assert_true(gate_pass(clock->gate));
}

static void
expect_no_tick(const DagEvent *event, void *data)
{
    (void)data;
    g_assert_cmpint(event->type, !=, DAG_EVENT_TICK);
}

/* The third tick opens the gate for the task.  Only one of two observers gets ticks. */
static void
test_ticks_come_for_an_observer_that_asks_for_them(void)
{
    Gate gate = GATE(2);
    Clock clock = {.gate = &gate};
    g_autoptr(DagGraph) graph = graph_finish(builder_of("a", &meeting, &gate), NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    DagObserver observers[] = {{.notify = expect_no_tick},
                               {count_ticks, &clock, TICK_NS, NULL}};
    g_autoptr(DagRun) run =
        execute(plan, &(DagExecuteOptions){.observers = observers, .n_observers = 2});

    g_assert_true(dag_run_succeeded(run));
    g_assert_cmpuint(clock.n_ticks, >=, 3);
}

/* An observer that keeps ends, and another one that shows them. */
typedef struct Ends {
    unsigned n_seen, n_kept, n_shown;
} Ends;

static void
see_end(const DagEvent *event, void *data)
{
    Ends *ends = data;

    ends->n_seen += event->type == DAG_EVENT_TASK_FINISHED;
}

static void
keep_ends(void *data)
{
    Ends *ends = data;

    ends->n_kept = ends->n_seen;
}

static void
show_end(const DagEvent *event, void *data)
{
    Ends *ends = data;

    ends->n_shown += event->type == DAG_EVENT_TASK_FINISHED;
    g_assert_cmpuint(ends->n_shown, <=, ends->n_kept);
}

static void
test_later_observers_see_a_batch_after_the_flush(void)
{
    Ends ends = {0};
    g_autoptr(DagGraph) graph = graph_of("a b<a c<b d e f", NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    const DagObserver observers[] = {
        {.notify = see_end, .flush = keep_ends, .data = &ends},
        {.notify = show_end, .data = &ends},
        {.notify = expect_no_tick},
    };
    g_autoptr(DagRun) run =
        execute(plan, &(DagExecuteOptions){.observers = observers, .n_observers = 3});

    g_assert_true(dag_run_succeeded(run));
    g_assert_cmpuint(ends.n_shown, ==, 6);
    g_assert_cmpuint(ends.n_kept, ==, 6);
}

static void
test_without_options_the_defaults_apply(void)
{
    g_autoptr(DagGraph) graph = graph_of("a b<a", NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    g_autoptr(DagRun) run = execute(plan, NULL);

    g_assert_true(dag_run_succeeded(run));
    g_assert_true(dag_run_strategy(run) == dag_strategies()[0]);
    g_assert_true(dag_run_plan(run) == plan);
    g_assert_cmpuint(dag_run_seed(run), ==, 0);
    g_assert_false(dag_run_keeps_going(run));
    g_assert_cmpint(dag_run_signal(run), ==, 0);
    g_assert_cmpuint(dag_default_workers(), >=, 1);
    g_assert_cmpuint(dag_run_n_workers(run), >=, 1);
    g_assert_cmpint(dag_run_started_us(run), >, 0);
}

static void
test_a_plan_may_be_executed_many_times(void)
{
    g_autoptr(DagGraph) graph = graph_of("a b<a c", NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);

    for (unsigned i = 0; i < 50; i++) {
        g_autoptr(DagRun) run = execute(
            plan, &(DagExecuteOptions){.n_workers = 2, .seed = i, .keep_going = i % 2});

        g_assert_true(dag_run_succeeded(run));
        g_assert_cmpuint(dag_run_seed(run), ==, i);
        g_assert_cmpint(dag_run_keeps_going(run), ==, i % 2);
    }
}

static void
test_a_phase_spans_from_its_first_start_to_its_last_end(void)
{
    g_autoptr(DagGraph) graph = graph_of("a b c<a,b", NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    g_autoptr(DagRun) run = execute(plan, NULL);
    DagRecord a = dag_run_record(run, 0), b = dag_run_record(run, 1),
              c = dag_run_record(run, 2);
    int64_t start_ns, end_ns;

    dag_run_phase_span(run, 0, &start_ns, &end_ns);
    g_assert_cmpint(start_ns, ==, MIN(a.start_ns, b.start_ns));
    g_assert_cmpint(end_ns, ==, MAX(a.end_ns, b.end_ns));
    dag_run_phase_span(run, 1, &start_ns, &end_ns);
    g_assert_cmpint(start_ns, ==, c.start_ns);
    g_assert_cmpint(dag_run_makespan_ns(run), ==, c.end_ns - MIN(a.start_ns, b.start_ns));
}

/* Number of tasks; each is tried twice. */
#define N_TRIED 2000

static DagOutcome
succeed_at_second(DagContext *context, const void *config)
{
    unsigned char *tried = (unsigned char *)(uintptr_t)config;

    if ((*tried)++ > 0)
        return DAG_SUCCEEDED;
    dag_context_set_reason(context, "task %u", dag_context_task(context));
    return DAG_FAILED;
}

/* Check all attempts of a task that has ended, while other tasks are tried again. */
static void
check_attempts(const DagEvent *event, void *data)
{
    g_autofree char *reason = g_strdup_printf("task %u", event->task);
    unsigned *n_seen = data;

    if (event->type != DAG_EVENT_TASK_FINISHED)
        return;
    ++*n_seen;
    g_assert_cmpuint(dag_run_record(event->run, event->task).n_attempts, ==, 2);
    g_assert_cmpint(dag_run_attempt(event->run, event->task, 0).outcome, ==, DAG_FAILED);
    g_assert_cmpstr(dag_run_attempt(event->run, event->task, 0).reason, ==, reason);
    g_assert_cmpint(dag_run_attempt(event->run, event->task, 1).outcome, ==, DAG_SUCCEEDED);
}

static void
test_attempts_can_be_read_during_other_attempts(void)
{
    static const DagKind tiny = {.name = "tiny", .is_tiny = true, .run = succeed_at_second};
    static unsigned char tried[N_TRIED];
    DagBuilder *builder = dag_builder_new();
    unsigned n_seen = 0;
    DagObserver observer = {.notify = check_attempts, .data = &n_seen};

    for (unsigned i = 0; i < N_TRIED; i++) {
        g_autofree char *name = g_strdup_printf("t%u", i);

        dag_builder_add_task(
            builder, &(DagTaskSpec){.name = name,
                                    .kind = &tiny,
                                    .config = &tried[i],
                                    .policy = {.retries = 1, .retry_delay_ns = DAG_ZERO}});
    }

    g_autoptr(DagGraph) graph = graph_finish(builder, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    g_autoptr(DagRun) run = execute(
        plan,
        &(DagExecuteOptions){.n_workers = 2, .observers = &observer, .n_observers = 1});

    g_assert_true(dag_run_succeeded(run));
    g_assert_cmpuint(n_seen, ==, N_TRIED);
}

static DagOutcome
fail(DagContext *context, const void *config)
{
    (void)context;
    (void)config;
    return DAG_FAILED;
}

static void
test_the_largest_number_of_attempts_is_counted(void)
{
    static const DagKind failing = {.name = "failing", .is_tiny = true, .run = fail};
    DagBuilder *builder = dag_builder_new();

    dag_builder_add_task(builder, &(DagTaskSpec){.name = "a",
                                                 .kind = &failing,
                                                 .policy = {.retries = INT32_MAX,
                                                            .retry_delay_ns = DAG_ZERO}});

    g_autoptr(DagGraph) graph = graph_finish(builder, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    g_autoptr(DagRun) run = execute(plan, NULL);

    g_assert_cmpuint(dag_run_record(run, 0).n_attempts, ==, DAG_MAX_ATTEMPTS);
    g_assert_cmpint(dag_run_attempt(run, 0, DAG_MAX_ATTEMPTS - 1).outcome, ==, DAG_FAILED);
    g_assert_cmpuint(dag_run_count(run, DAG_FAILED), ==, 1);
}

/* Idle workers sleep while a task waits for its next attempt: one with an alarm, the others
 * without. */
static void
test_idle_workers_sleep_during_a_pause(void)
{
    static const DagKind failing = {.name = "failing", .run = fail};
    DagBuilder *builder = builder_of("a b c d", NULL, NULL);
    struct rusage before, after;

    dag_builder_add_task(
        builder,
        &(DagTaskSpec){.name = "retried",
                       .kind = &failing,
                       .policy = {.retries = 1, .retry_delay_ns = INT64_C(400000000)}});

    g_autoptr(DagGraph) graph = graph_finish(builder, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);

    getrusage(RUSAGE_SELF, &before);

    g_autoptr(DagRun) run = execute(plan, &(DagExecuteOptions){.n_workers = 4});

    getrusage(RUSAGE_SELF, &after);
    g_assert_cmpuint(dag_run_record(run, dag_graph_find(graph, "retried")).n_attempts, ==,
                     2);
    g_assert_cmpint(after.ru_nvcsw - before.ru_nvcsw, <, 500);
}

static void
test_a_phase_that_never_began_has_no_span(void)
{
    static const DagKind failing = {.name = "failing", .run = fail};
    g_autoptr(DagGraph) graph = graph_finish(builder_of("a b<a", &failing, NULL), NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    g_autoptr(DagRun) run = execute(plan, NULL);
    int64_t start_ns, end_ns;

    dag_run_phase_span(run, 1, &start_ns, &end_ns);
    g_assert_cmpint(start_ns, ==, -1);
    g_assert_cmpint(end_ns, ==, -1);
    g_assert_cmpint(dag_run_record(run, 0).outcome, ==, DAG_FAILED);
    g_assert_cmpint(dag_run_record(run, 1).outcome, ==, DAG_BLOCKED);
    g_assert_false(dag_run_succeeded(run));
}

static void
test_outcomes_have_the_names_of_the_vocabulary(void)
{
    static const char *const names[DAG_N_OUTCOMES] = {
        "pending", "succeeded", "failed", "timed-out", "blocked", "cancelled", "reused"};

    for (int outcome = 0; outcome < DAG_N_OUTCOMES; outcome++)
        g_assert_cmpstr(dag_outcome_name((DagOutcome)outcome), ==, names[outcome]);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/execute/later-observers-see-a-batch-after-the-flush",
                    test_later_observers_see_a_batch_after_the_flush);
    g_test_add_func("/execute/tasks-of-a-phase-run-at-the-same-time",
                    test_tasks_of_a_phase_run_at_the_same_time);
    g_test_add_func("/execute/three-workers-run-three-tasks-on-any-number-of-cores",
                    test_three_workers_run_three_tasks_on_any_number_of_cores);
    g_test_add_func("/execute/workers-meet-again-in-each-phase",
                    test_workers_meet_again_in_each_phase);
    g_test_add_func("/execute/without-a-barrier-phases-overlap",
                    test_without_a_barrier_phases_overlap);
    g_test_add_func("/execute/attempts-can-be-read-during-other-attempts",
                    test_attempts_can_be_read_during_other_attempts);
    g_test_add_func("/execute/the-largest-number-of-attempts-is-counted",
                    test_the_largest_number_of_attempts_is_counted);
    g_test_add_func("/execute/observers-get-events-in-order",
                    test_observers_get_events_in_order);
    g_test_add_func("/execute/ticks-come-for-an-observer-that-asks-for-them",
                    test_ticks_come_for_an_observer_that_asks_for_them);
    g_test_add_func("/execute/without-options-the-defaults-apply",
                    test_without_options_the_defaults_apply);
    g_test_add_func("/execute/a-plan-may-be-executed-many-times",
                    test_a_plan_may_be_executed_many_times);
    g_test_add_func("/execute/a-phase-spans-from-its-first-start-to-its-last-end",
                    test_a_phase_spans_from_its_first_start_to_its_last_end);
    g_test_add_func("/execute/a-phase-that-never-began-has-no-span",
                    test_a_phase_that_never_began_has_no_span);
    g_test_add_func("/execute/outcomes-have-the-names-of-the-vocabulary",
                    test_outcomes_have_the_names_of_the_vocabulary);
    g_test_add_func("/execute/idle-workers-sleep-during-a-pause",
                    test_idle_workers_sleep_during_a_pause);
    return g_test_run();
}
