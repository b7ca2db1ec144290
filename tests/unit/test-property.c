/* SPDX-License-Identifier: MIT */
/*
 * The rules that every strategy keeps, for any graph, number of workers and connections, and any
 * failures: this is the definition of a strategy, of the executor and of the simulator.
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

/* Each combination of the enumerated properties occurs several times; with TSan, at least once. */
/* DAGRUN_TEST_CASES asks for more. */
#define N_CASES (UNDER_TSAN ? 1200 : 3000)

/* Execute the case and check the run.  `limits` gives cancel, timeout_ns and grace_ns. */
static void
run_case(const Case *c, const DagExecuteOptions *limits)
{
    bool may_fail = !c->keep_going && (c->failure_percent > 0 || c->limited);
    Ending ending = may_fail || limits->timeout_ns > 0 ? STOPPED : TO_THE_END;
    Watcher *watcher = watcher_new(c);
    DagObserver observer = watcher_observer(watcher);
    g_autoptr(GError) error = NULL;
    g_autoptr(DagRun) run = dag_execute(c->plan,
                                        &(DagExecuteOptions){
                                            .strategy = c->strategy,
                                            .n_workers = c->n_workers,
                                            .n_connections = c->n_connections,
                                            .seed = c->seed,
                                            .budget_ns = CASE_BUDGET_NS,
                                            .keep_going = c->keep_going,
                                            .cancel = limits->cancel,
                                            .timeout_ns = limits->timeout_ns,
                                            .grace_ns = limits->grace_ns,
                                            .observers = &observer,
                                            .n_observers = c->observed,
                                        },
                                        &error);

    g_assert_no_error(error);
    if (c->observed)
        watcher_check(watcher);
    if (limits->cancel)
        ending = dag_cancel_level(limits->cancel) == DAG_CANCEL_KILL ? KILLED : STOPPED;
    check_run(c, run, ending);
    watcher_free(watcher);
}

static const DagExecuteOptions no_limits;

static void
check_complete_run(Case *c)
{
    case_build(c);
    run_case(c, &no_limits);
}

static void
test_each_task_runs_once_iff_what_it_needs_succeeded(void)
{
    for_each_case(N_CASES, check_complete_run);
}

static void
check_complete_simulation(Case *c)
{
    case_build(c);
    dag_run_free(simulate_case(c, 0));
}

static void
test_a_simulated_run_keeps_the_same_rules(void)
{
    for_each_case(N_CASES, check_complete_simulation);
}

/* Cancels the run once some tasks have started. */
typedef struct Stopper {
    DagCancel *cancel;
    unsigned after; /* number of starts */
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
    run_case(c, &(DagExecuteOptions){.cancel = stopper.cancel});
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

/* Tasks time out, and half of the runs do. */
static void
check_limited(Case *c)
{
    c->limited = true;
    case_build(c);

    Dice dice = c->seed ^ 0x11317;
    DagExecuteOptions limits = {.grace_ns = dice_chance(&dice, 50) ? DAG_ZERO : 200000};

    if (dice_chance(&dice, 50))
        limits.timeout_ns = 1 + dice_below(&dice, 2000000);
    probe.heeds_cancel = true;
    run_case(c, &limits);
}

static void
test_time_limits_may_pass_at_any_moment(void)
{
    for_each_case(N_CASES / 4, check_limited);
}

/* Simulate the case to its end, then with a time limit at a random moment before. */
static void
check_limited_simulation(Case *c)
{
    Dice dice = c->seed ^ 0x11317;

    c->limited = dice_chance(&dice, 50);
    case_build(c);

    g_autoptr(DagRun) complete = simulate_case(c, 0);
    int64_t duration_ns = dag_run_duration_ns(complete);
    int64_t timeout_ns = 1 + (int64_t)(dice_next(&dice) % (uint64_t)(duration_ns + 1));
    g_autoptr(DagRun) stopped = simulate_case(c, timeout_ns);

    if (dag_run_stop(complete) == DAG_STOP_NONE && timeout_ns < duration_ns)
        g_assert_cmpint(dag_run_stop(stopped), ==, DAG_STOP_TIMEOUT);
}

static void
test_a_simulated_run_can_be_stopped_at_any_moment(void)
{
    for_each_case(N_CASES / 4, check_limited_simulation);
}

/* Return the names of the tasks in the order of their last starts. */
static char *
names_in_start_order(const Case *c)
{
    g_autoptr(GArray) order = start_order(c);

    return names_of(c->graph, (DagIds){(const DagTaskId *)(void *)order->data, order->len});
}

/* Run the case again.  Returns: the names of the tasks in the order of their last starts. */
static char *
order_of_run(Case *c)
{
    probe_end();
    probe_begin(c);
    run_case(c, &no_limits);
    return names_in_start_order(c);
}

static char *
order_of_simulation(Case *c)
{
    dag_run_free(simulate_case(c, 0));
    return names_in_start_order(c);
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
    g_autofree char *simulated = order_of_simulation(c);

    g_assert_cmpstr(first, ==, second);
    g_assert_cmpstr(first, ==, simulated);
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
    g_test_add_func("/property/a-simulated-run-keeps-the-same-rules",
                    test_a_simulated_run_keeps_the_same_rules);
    g_test_add_func("/property/time-limits-may-pass-at-any-moment",
                    test_time_limits_may_pass_at_any_moment);
    g_test_add_func("/property/a-simulated-run-can-be-stopped-at-any-moment",
                    test_a_simulated_run_can_be_stopped_at_any_moment);
    g_test_add_func("/property/a-run-can-be-stopped-at-any-moment",
                    test_a_run_can_be_stopped_at_any_moment);
    g_test_add_func("/property/one-worker-follows-the-order-that-a-dry-run-shows",
                    test_one_worker_follows_the_order_that_a_dry_run_shows);
    status = g_test_run();
    end_unused_threads();
    return status;
}
