/* SPDX-License-Identifier: MIT */
/*
 * What every strategy has to keep to, whatever the graph, the number of workers and the luck of
 * the tasks: this is the definition of a strategy, and of the executor.
 *
 * When a case fails, its number is printed, and DAGRUN_TEST_SEED=number DAGRUN_TEST_CASES=1 runs
 * it alone (threads interleave anew; repeat it).  A larger DAGRUN_TEST_CASES searches longer.
 */
#include "property.h"

#include <pthread.h>
#include <signal.h>

#include "descriptors.h"
#include "dice.h"
#include "graph-of.h"
#include "sanitized.h"

/* Each combination of what is cycled through comes up several times, or at least once. */
#define N_CASES (UNDER_TSAN ? 2500 : 8000)

/* What the run was told while it went on. */
typedef enum Ending {
    TO_THE_END,
    STOPS,  /* a failure may stop it, or a wish did */
    KILLED, /* even clean-ups may not have run */
} Ending;

/* Whether a predecessor ended so that the task, unless it is a clean-up, cannot run. */
static bool
is_behind_failure(const Case *c, const DagRun *run, DagTaskId id)
{
    DagIds preds = dag_graph_predecessors(c->graph, id);

    for (size_t p = 0; p < preds.n; p++) {
        DagOutcome outcome = dag_run_record(run, preds.ids[p]).outcome;

        if (outcome != DAG_CANCELLED && !is_good_end(preds.ids[p], outcome))
            return true;
    }
    return false;
}

/* Which tasks run follows from the outcomes of what they need: the truth table of
 * docs/reliability.md. */
static void
check_outcome(const Case *c, const DagRun *run, DagTaskId id, Ending ending)
{
    DagRecord record = dag_run_record(run, id);
    bool has_run = get(&probe.n_runs[id]) > 0;
    bool is_always = dag_graph_task_policy(c->graph, id)->always;
    bool is_behind = is_behind_failure(c, run, id) && !is_always;

    g_assert_cmpint(record.start_ns >= 0, ==, has_run);
    g_assert_cmpint(record.end_ns >= 0, ==, has_run);
    if (has_run)
        g_assert_cmpint(record.outcome, ==, get(&probe.ended[id]));
    else
        g_assert_cmpint(record.outcome, ==, is_behind ? DAG_BLOCKED : DAG_CANCELLED);
    if (ending == TO_THE_END || (is_always && ending != KILLED))
        g_assert_cmpint(has_run, ==, !is_behind);

    if (record.outcome == DAG_FAILED) {
        g_autofree char *reason =
            g_strdup_printf("no luck with %s", dag_graph_task_name(c->graph, id));

        g_assert_cmpstr(dag_run_reason(run, id), ==, reason);
    } else {
        g_assert_null(dag_run_reason(run, id));
    }
}

/* As many attempts as it takes, and no more than there may be. */
static void
check_attempts(const DagRun *run, DagTaskId id, Ending ending)
{
    DagRecord record = dag_run_record(run, id);
    unsigned n_needed = MIN(probe.n_failures[id] + 1, attempts_allowed(id));
    int64_t free_ns = record.start_ns, busy_ns = 0;

    g_assert_cmpuint(record.n_attempts, ==, get(&probe.n_runs[id]));
    if (record.outcome == DAG_SUCCEEDED)
        g_assert_cmpuint(record.n_attempts, ==, probe.n_failures[id] + 1);
    if (record.outcome == DAG_FAILED && ending == TO_THE_END)
        g_assert_cmpuint(record.n_attempts, ==, n_needed);
    for (unsigned i = 0; i < record.n_attempts; i++) {
        DagAttempt attempt = dag_run_attempt(run, id, i);
        bool is_last = i + 1u == record.n_attempts;

        g_assert_cmpint(attempt.start_ns, >=, free_ns);
        g_assert_cmpint(attempt.end_ns, >=, attempt.start_ns);
        g_assert_cmpint(attempt.outcome, ==, is_last ? record.outcome : DAG_FAILED);
        busy_ns += attempt.end_ns - attempt.start_ns;
        free_ns = attempt.end_ns;
    }
    if (record.n_attempts > 0)
        g_assert_cmpint(free_ns, ==, record.end_ns);
    g_assert_cmpint(dag_run_busy_ns(run, id), ==, busy_ns);
}

/* What it needs had ended when it started, and so had every phase before, at a barrier. */
static void
check_times(const Case *c, const DagRun *run)
{
    bool has_barrier = c->strategy->release == DAG_RELEASE_PHASE;
    int64_t reached_ns = 0;

    for (uint32_t phase = 0; phase < dag_plan_n_phases(c->plan); phase++) {
        DagIds tasks = dag_plan_phase_tasks(c->plan, phase);
        int64_t end_ns = reached_ns;

        for (size_t i = 0; i < tasks.n; i++) {
            DagRecord record = dag_run_record(run, tasks.ids[i]);
            DagIds preds = dag_graph_predecessors(c->graph, tasks.ids[i]);

            if (record.start_ns < 0)
                continue;
            g_assert_cmpint(record.start_ns, <=, record.end_ns);
            if (has_barrier)
                g_assert_cmpint(record.start_ns, >=, reached_ns);
            for (size_t p = 0; p < preds.n; p++)
                g_assert_cmpint(dag_run_record(run, preds.ids[p]).end_ns, <=,
                                record.start_ns);
            end_ns = MAX(end_ns, record.end_ns);
        }
        reached_ns = end_ns;
    }
}

static int
compare_starts(gconstpointer a, gconstpointer b)
{
    const DagAttempt *x = a, *y = b;

    if (x->start_ns != y->start_ns)
        return x->start_ns < y->start_ns ? -1 : 1;
    return x->end_ns < y->end_ns ? -1 : x->end_ns > y->end_ns;
}

/* A worker runs one task at a time. */
static void
check_workers(const Case *c, const DagRun *run)
{
    g_autoptr(GArray) attempts = g_array_new(FALSE, FALSE, sizeof(DagAttempt));
    g_autofree int64_t *free_ns = g_new0(int64_t, c->n_workers);

    for (DagTaskId id = 0; id < c->n; id++)
        for (unsigned i = 0; i < dag_run_record(run, id).n_attempts; i++) {
            DagAttempt attempt = dag_run_attempt(run, id, i);

            g_array_append_val(attempts, attempt);
        }
    g_array_sort(attempts, compare_starts);
    for (guint i = 0; i < attempts->len; i++) {
        const DagAttempt *attempt = &g_array_index(attempts, DagAttempt, i);

        g_assert_cmpuint(attempt->worker, <, c->n_workers);
        g_assert_cmpint(attempt->start_ns, >=, free_ns[attempt->worker]);
        free_ns[attempt->worker] = attempt->end_ns;
    }
}

static int
compare_turns(gconstpointer a, gconstpointer b)
{
    uint32_t x = probe.turn[*(const DagTaskId *)a], y = probe.turn[*(const DagTaskId *)b];

    return x < y ? -1 : x > y;
}

/* Returns: the tasks that ran, in the order in which they started last; of DagTaskId. */
static GArray *
start_order(const Case *c)
{
    GArray *order = g_array_new(FALSE, FALSE, sizeof(DagTaskId));

    for (DagTaskId id = 0; id < c->n; id++)
        if (get(&probe.n_runs[id]) > 0)
            g_array_append_val(order, id);
    g_array_sort(order, compare_turns);
    return order;
}

static void
check_counts(const Case *c, const DagRun *run)
{
    size_t counts[DAG_N_OUTCOMES] = {0}, n_good = 0;

    for (DagTaskId id = 0; id < c->n; id++) {
        DagOutcome outcome = dag_run_record(run, id).outcome;

        counts[outcome]++;
        n_good += is_good_end(id, outcome);
    }
    for (int outcome = 0; outcome < DAG_N_OUTCOMES; outcome++)
        g_assert_cmpuint(dag_run_count(run, (DagOutcome)outcome), ==, counts[outcome]);
    g_assert_cmpint(dag_run_succeeded(run), ==, n_good == c->n);
    g_assert_cmpuint(dag_run_n_allowed(run), ==, n_good - counts[DAG_SUCCEEDED]);
    g_assert_cmpint(dag_run_makespan_ns(run), <=, dag_run_duration_ns(run));
}

/* Runs the case, with `cancel` or NULL, and checks all of the above. */
static void
run_case(const Case *c, DagCancel *cancel)
{
    bool may_fail = !c->keep_going && c->failure_percent > 0;
    Ending ending = may_fail ? STOPS : TO_THE_END;
    Watcher *watcher = watcher_new(c);
    DagObserver observer = watcher_observer(watcher);
    g_autoptr(GError) error = NULL;
    g_autoptr(DagRun) run = dag_execute(c->plan,
                                        &(DagExecuteOptions){
                                            .strategy = c->strategy,
                                            .n_workers = c->n_workers,
                                            .seed = c->seed,
                                            .keep_going = c->keep_going,
                                            .cancel = cancel,
                                            .observers = &observer,
                                            .n_observers = c->observed,
                                        },
                                        &error);

    g_assert_no_error(error);
    if (c->observed)
        watcher_check(watcher);
    if (cancel)
        ending = dag_cancel_level(cancel) == DAG_CANCEL_KILL ? KILLED : STOPS;
    for (DagTaskId id = 0; id < c->n; id++) {
        check_outcome(c, run, id, ending);
        check_attempts(run, id, ending);
    }
    check_times(c, run);
    check_workers(c, run);
    check_counts(c, run);
    watcher_free(watcher);
}

static void
check_run(Case *c)
{
    case_build(c);
    run_case(c, NULL);
}

static void
test_each_task_runs_once_iff_what_it_needs_succeeded(void)
{
    for_each_case(N_CASES, check_run);
}

/* Raises the wish to stop once some tasks have started. */
typedef struct Stopper {
    DagCancel *cancel;
    unsigned after; /* this many */
    bool twice;
    atomic_bool is_over;
} Stopper;

static void *
stop_run(void *data)
{
    Stopper *stopper = data;

    while (get(&probe.n_started) < stopper->after && !atomic_load(&stopper->is_over))
        g_thread_yield();
    dag_cancel_raise(stopper->cancel, SIGTERM);
    if (stopper->twice)
        dag_cancel_raise(stopper->cancel, SIGINT);
    return NULL;
}

static void
check_stopped(Case *c)
{
    Stopper stopper = {.cancel = dag_cancel_new(NULL)};
    pthread_t thread;

    case_build(c);

    Dice dice = c->seed ^ 0x5709;

    stopper.after = dice_below(&dice, (uint32_t)c->n + 1);
    stopper.twice = dice_chance(&dice, 30);
    probe.heeds_cancel = dice_chance(&dice, 50);
    pthread_create(&thread, NULL, stop_run, &stopper);
    run_case(c, stopper.cancel);
    atomic_store(&stopper.is_over, true);
    pthread_join(thread, NULL);
    g_assert_cmpint(dag_cancel_signal(stopper.cancel), ==, SIGTERM);
    dag_cancel_free(stopper.cancel);
}

static void
test_a_run_can_be_stopped_at_any_moment(void)
{
    for_each_case(N_CASES / 4, check_stopped);
}

/* Runs the case again.  Returns: the names of the tasks in the order in which they started. */
static char *
order_of_run(Case *c)
{
    probe_end();
    probe_begin(c);
    run_case(c, NULL);

    g_autoptr(GArray) order = start_order(c);

    return names_of(c->graph, (DagIds){(const DagTaskId *)(void *)order->data, order->len});
}

static void
check_order(Case *c)
{
    c->n_workers = 1;
    c->at_once = true;
    c->flavour =
        c->flavour == SPEAKING ? SPEAKING : PLAIN; /* no batches, which may reorder */
    case_build(c);

    g_autofree DagTaskId *planned = g_new(DagTaskId, c->n + 1);
    g_autofree char *first = order_of_run(c);
    g_autofree char *second = order_of_run(c);

    g_assert_cmpstr(first, ==, second);
    if (c->failure_percent > 0)
        return;
    dag_execute_order(c->plan, c->strategy, c->seed, planned);

    g_autofree char *expected = names_of(c->graph, (DagIds){planned, c->n});

    g_assert_cmpstr(first, ==, expected);
}

static void
test_one_worker_follows_the_order_that_a_dry_run_shows(void)
{
    for_each_case(N_CASES / 4, check_order);
}

int
main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/property/each-task-runs-once-iff-what-it-needs-succeeded",
                    test_each_task_runs_once_iff_what_it_needs_succeeded);
    g_test_add_func("/property/a-run-can-be-stopped-at-any-moment",
                    test_a_run_can_be_stopped_at_any_moment);
    g_test_add_func("/property/one-worker-follows-the-order-that-a-dry-run-shows",
                    test_one_worker_follows_the_order_that_a_dry_run_shows);
    status = g_test_run();
    end_unused_threads();
    return status;
}
