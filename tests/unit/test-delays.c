/* SPDX-License-Identifier: MIT */
#include <dagrun/delays.h>
#include <dagrun/simulate.h>

#include "random-graph.h"
#include "simulate-case.h"

#define N_SEEDS 100

static const DagDelay *
delay_of(const Case *it, const DagDelays *delays, const char *task)
{
    return &delays->of[dag_graph_find(it->graph, task)];
}

/* Return "dependency b, then 1 + 2 + 0 + 0": the cause, and the seconds of waiting. */
static char *
words_of(const Case *it, const DagDelays *delays, const char *task)
{
    const DagDelay *delay = delay_of(it, delays, task);

    return g_strdup_printf(
        "%s %s, %g + %g + %g + %g", dag_delay_cause_name(delay->cause),
        delay->by == DAG_TASK_NONE ? "-" : dag_graph_task_name(it->graph, delay->by),
        (double)delay->barrier_ns / 1e9, (double)delay->capacity_ns / 1e9,
        (double)delay->other_ns / 1e9, (double)delay->pause_ns / 1e9);
}

static void
assert_delay(const Case *it, const DagDelays *delays, const char *task,
             const char *expected)
{
    g_autofree char *words = words_of(it, delays, task);

    g_assert_cmpstr(words, ==, expected);
}

static DagDelays *
delays_of(const Case *it)
{
    g_autoptr(DagPastRun) past = dag_past_run_of(it->run);

    return dag_delays_new(it->plan, past);
}

static void
assert_steps(const Case *it, const DagDelays *delays, const char *expected)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; i < delays->n_steps; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? " " : "",
                               dag_graph_task_name(it->graph, delays->steps[i].task));
    g_assert_cmpstr(text->str, ==, expected);
}

static void
test_a_task_waits_for_its_last_dependency(void)
{
    g_auto(Case) it = case_of("a:1 b:3 c<a,b:1", (DagSimulateOptions){.n_workers = 3});
    g_autoptr(DagDelays) delays = delays_of(&it);

    assert_delay(&it, delays, "a", "start -, 0 + 0 + 0 + 0");
    assert_delay(&it, delays, "c", "dependency b, 0 + 0 + 0 + 0");
    assert_steps(&it, delays, "b c");
}

static void
test_a_task_waits_for_a_worker(void)
{
    g_auto(Case) it = case_of("a:2 b:3 c:1", (DagSimulateOptions){.n_workers = 2});
    g_autoptr(DagDelays) delays = delays_of(&it);

    assert_delay(&it, delays, "c", "worker a, 0 + 2 + 0 + 0");
    assert_steps(&it, delays, "b");
}

static void
test_a_task_waits_for_a_pool(void)
{
    /* q has two slots: c waits until both a and b have ended. */
    g_auto(Case) it = case_of("a:2@q b:3@q c:1@q=2", (DagSimulateOptions){.n_workers = 3});
    g_autoptr(DagDelays) delays = delays_of(&it);

    assert_delay(&it, delays, "c", "pool b, 0 + 3 + 0 + 0");
    g_assert_cmpuint(delay_of(&it, delays, "c")->pool, ==, 1);
    assert_steps(&it, delays, "b c");
}

static void
test_a_task_waits_for_a_rate(void)
{
    DagBuilder *builder = builder_of("a:0.5@r b:2@r c:1@r d<b,c:1@r", NULL, NULL);

    dag_builder_add_pool(builder,
                         &(DagPoolSpec){.name = "r", .rate = {1, 3000000000}, .burst = 2});

    g_auto(Case) it = case_finish(builder);

    it.run = simulate(it.plan, (DagSimulateOptions){.n_workers = 3});

    g_autoptr(DagDelays) delays = delays_of(&it);

    /* The token for c comes at 3 s, and that for d at 6 s. */
    assert_delay(&it, delays, "b", "start -, 0 + 0 + 0 + 0");
    assert_delay(&it, delays, "c", "rate b, 0 + 3 + 0 + 0");
    assert_delay(&it, delays, "d", "rate c, 0 + 2 + 0 + 0");
    g_assert_cmpint(delays->of[dag_graph_find(it.graph, "d")].by_ns, ==, 6000000000);
    assert_steps(&it, delays, "b c d");
}

static void
test_a_task_waits_for_a_barrier(void)
{
    g_auto(Case) it = case_of(
        "a:1 slow:4 b<a:1 d<b,slow2 slow2<slow:1",
        (DagSimulateOptions){.n_workers = 3, .strategy = dag_strategy_find("phases")});
    g_autoptr(DagDelays) delays = delays_of(&it);

    assert_delay(&it, delays, "b", "barrier slow, 3 + 0 + 0 + 0");
}

/* Each causes waits in its turn: the barrier, then the only worker. */
static void
test_causes_add_up(void)
{
    g_auto(Case) it = case_of(
        "a:1 slow:4 b<slow:2 c<a:1",
        (DagSimulateOptions){.n_workers = 1, .strategy = dag_strategy_find("phases")});
    g_autoptr(DagDelays) delays = delays_of(&it);

    /* a 0-1, slow 1-5, b 5-7, c 7-8 */
    assert_delay(&it, delays, "c", "worker b, 4 + 2 + 0 + 0");
    assert_delay(&it, delays, "slow", "worker a, 0 + 1 + 0 + 0");
    assert_steps(&it, delays, "a slow b c");
}

/* Fail at the first attempt. */
static DagSimulatedAttempt
second_attempt(const DagPlan *plan, DagTaskId id, unsigned attempt, void *data)
{
    (void)data;
    return (DagSimulatedAttempt){.seconds = dag_plan_cost(plan, id),
                                 .outcome = attempt == 1 ? DAG_FAILED : DAG_SUCCEEDED,
                                 .exit_code = attempt == 1};
}

static void
test_pauses_are_waiting_too(void)
{
    DagBuilder *builder = builder_of("", NULL, NULL);

    dag_builder_add_task(
        builder, &(DagTaskSpec){.name = "a",
                                .cost = 1,
                                .policy = {.retries = 1, .retry_delay_ns = 5 * SECOND_NS}});
    g_auto(Case) it = case_finish(builder);

    it.run = simulate(it.plan, (DagSimulateOptions){.attempt = second_attempt});
    g_autoptr(DagDelays) delays = delays_of(&it);
    const DagDelay *delay = delay_of(&it, delays, "a");
    int64_t pause_ns =
        dag_run_attempt(it.run, 0, 1).start_ns - dag_run_attempt(it.run, 0, 0).end_ns;

    g_assert_cmpint(pause_ns, >, 0);
    g_assert_cmpint(delay->pause_ns, ==, pause_ns);
    g_assert_cmpint(dag_delay_total_ns(delay), ==, pause_ns);
    g_assert_cmpint(delays->makespan_ns, ==, 2 * SECOND_NS + pause_ns);
}

static DagOutcome
succeed(DagContext *context, const void *config)
{
    (void)context;
    (void)config;
    return DAG_SUCCEEDED;
}

/* Simulate a random graph with pools, each time with another strategy. */
static Case
random_case(uint64_t seed)
{
    static const DagKind plain = {.name = "plain", .run = succeed};
    const DagKind *const kinds[] = {&plain};
    const DagStrategy *const *all = dag_strategies();
    g_autoptr(RandomGraph) random =
        random_graph_new(seed, &(RandomGraphOptions){.max_tasks = 40, .pools = true});
    Case it = {.graph = random_graph_build(random, kinds, 1)};
    g_autoptr(GRand) rand = g_rand_new_with_seed((guint32)seed);
    double costs[64];
    size_t n_strategies = 0;

    while (all[n_strategies])
        n_strategies++;
    for (size_t i = 0; i < dag_graph_n_tasks(it.graph); i++)
        costs[i] = g_rand_int_range(rand, 1, 10);
    it.plan = dag_plan_new(it.graph, DAG_PHASES_JUST_IN_TIME, costs);
    it.run = simulate(it.plan, (DagSimulateOptions){.n_workers = 1 + (unsigned)seed % 4,
                                                    .strategy = all[seed % n_strategies]});
    return it;
}

/* In a simulated run nothing is lost: each task starts when the end of its cause frees the way, unless the
 * slots of a pool are kept for another task.  So the chain covers the whole makespan. */
static void
test_the_chain_of_causes_covers_the_makespan(void)
{
    size_t n_whole = 0;

    for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
        g_auto(Case) it = random_case(seed);
        g_autoptr(DagDelays) delays = delays_of(&it);
        int64_t sum_ns = 0, at_ns = delays->first_ns;

        for (size_t i = 0; i < delays->n_steps; i++) {
            const DagDelayStep *step = &delays->steps[i];

            g_assert_cmpint(step->start_ns, >=, at_ns);
            n_whole += step->start_ns == at_ns;
            sum_ns += step->end_ns - at_ns;
            at_ns = step->end_ns;
        }
        g_assert_cmpint(sum_ns, ==, dag_run_makespan_ns(it.run));
        for (DagTaskId id = 0; id < dag_graph_n_tasks(it.graph); id++) {
            const DagDelay *delay = &delays->of[id];

            g_assert_cmpint(delay->ready_ns + dag_delay_total_ns(delay), ==,
                            dag_run_record(it.run, id).start_ns);
            g_assert_cmpint(delay->barrier_ns, >=, 0);
            g_assert_cmpint(delay->capacity_ns, >=, 0);
            g_assert_cmpint(delay->other_ns, >=, 0);
        }
    }
    g_assert_cmpuint(n_whole, >, N_SEEDS);
}

static void
test_tasks_that_never_started_have_no_delay(void)
{
    g_auto(Case) it = case_of("a:1 b<a:1", (DagSimulateOptions){.n_workers = 1});
    g_autoptr(DagPastRun) past = dag_past_run_of(it.run);

    dag_past_run_task(past, 1)->n_attempts = 0;
    dag_past_run_task(past, 1)->start_ns = dag_past_run_task(past, 1)->end_ns = -1;
    g_autoptr(DagDelays) delays = dag_delays_new(it.plan, past);

    g_assert_cmpint(delay_of(&it, delays, "b")->ready_ns, ==, -1);
    g_assert_cmpint(delays->makespan_ns, ==, SECOND_NS);
    g_array_set_size(past->tasks, 0);
    g_autoptr(DagDelays) none = dag_delays_new(it.plan, past);

    g_assert_cmpuint(none->n_missing, ==, 2);
    g_assert_cmpuint(none->n_steps, ==, 0);
    g_assert_cmpint(none->makespan_ns, ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/delays/a-task-waits-for-its-last-dependency",
                    test_a_task_waits_for_its_last_dependency);
    g_test_add_func("/delays/a-task-waits-for-a-worker", test_a_task_waits_for_a_worker);
    g_test_add_func("/delays/a-task-waits-for-a-pool", test_a_task_waits_for_a_pool);
    g_test_add_func("/delays/a-task-waits-for-a-rate", test_a_task_waits_for_a_rate);
    g_test_add_func("/delays/a-task-waits-for-a-barrier", test_a_task_waits_for_a_barrier);
    g_test_add_func("/delays/causes-add-up", test_causes_add_up);
    g_test_add_func("/delays/pauses-are-waiting-too", test_pauses_are_waiting_too);
    g_test_add_func("/delays/the-chain-of-causes-covers-the-makespan",
                    test_the_chain_of_causes_covers_the_makespan);
    g_test_add_func("/delays/tasks-that-never-started-have-no-delay",
                    test_tasks_that_never_started_have_no_delay);
    return g_test_run();
}
