/* SPDX-License-Identifier: MIT */
#include <dagrun/simulate.h>
#include <signal.h>

#include "dice.h"
#include "graph-of.h"

#define N_BRUTE_FORCE 400
#define MAX_TASKS     7

/* A small random problem: task i needs tasks with smaller numbers. */
typedef struct Small {
    unsigned n, n_workers;
    unsigned duration[MAX_TASKS];
    bool needs[MAX_TASKS][MAX_TASKS];
} Small;

static Small
small_of(Dice *dice)
{
    Small small = {.n = 3 + dice_below(dice, MAX_TASKS - 2),
                   .n_workers = 2 + dice_below(dice, 2)};
    unsigned percent = dice_below(dice, 60);

    for (unsigned i = 0; i < small.n; i++) {
        small.duration[i] = dice_below(dice, 8);
        for (unsigned k = 0; k < i; k++)
            small.needs[i][k] = dice_chance(dice, percent);
    }
    return small;
}

static DagGraph *
small_graph(const Small *small)
{
    g_autoptr(GString) words = g_string_new(NULL);

    for (unsigned i = 0; i < small->n; i++) {
        char mark = '<';

        g_string_append_printf(words, "%c", 'a' + (int)i);
        for (unsigned k = 0; k < i; k++)
            if (small->needs[i][k]) {
                g_string_append_printf(words, "%c%c", mark, 'a' + (int)k);
                mark = ',';
            }
        g_string_append_printf(words, ":%u ", small->duration[i]);
    }
    return graph_of(words->str, NULL);
}

/* Place the task where it fits first.  Returns: its end. */
static unsigned
place(const Small *small, unsigned id, const unsigned *end, unsigned char *busy)
{
    unsigned start = 0;

    for (unsigned k = 0; k < id; k++)
        if (small->needs[id][k])
            start = MAX(start, end[k]);
    for (unsigned i = start; i < start + small->duration[id]; i++)
        if (busy[i] == small->n_workers)
            start = i + 1;
    for (unsigned i = start; i < start + small->duration[id]; i++)
        busy[i]++;
    return start + small->duration[id];
}

/* Return the shortest makespan of all orders of the tasks that are not placed yet; one of them
 * gives an optimal schedule. */
static unsigned
try_all(const Small *small, unsigned placed, const unsigned *end, const unsigned char *busy)
{
    unsigned best = UINT_MAX, makespan = 0;

    if (placed == (1u << small->n) - 1) {
        for (unsigned i = 0; i < small->n; i++)
            makespan = MAX(makespan, end[i]);
        return makespan;
    }
    for (unsigned id = 0; id < small->n; id++) {
        unsigned char busy_then[MAX_TASKS * 8];
        unsigned end_then[MAX_TASKS];
        bool is_ready = !(placed >> id & 1);

        for (unsigned k = 0; k < id; k++)
            is_ready = is_ready && (!small->needs[id][k] || (placed >> k & 1));
        if (!is_ready)
            continue;
        memcpy(busy_then, busy, sizeof busy_then);
        memcpy(end_then, end, sizeof end_then);
        end_then[id] = place(small, id, end_then, busy_then);
        best = MIN(best, try_all(small, placed | 1u << id, end_then, busy_then));
    }
    return best;
}

static double
makespan_of(const DagPlan *plan, const char *strategy, unsigned n_workers,
            int64_t budget_ns)
{
    g_autoptr(DagRun) run =
        dag_simulate(plan, &(DagSimulateOptions){.strategy = dag_strategy_find(strategy),
                                                 .n_workers = n_workers,
                                                 .budget_ns = budget_ns});

    return (double)dag_run_makespan_ns(run) / 1e9;
}

/* Also proves that the order and the holds repeat the schedule that was found. */
static void
test_as_short_as_the_best_of_all_orders(void)
{
    Dice dice = 7;

    for (unsigned i = 0; i < N_BRUTE_FORCE; i++) {
        const unsigned char idle[MAX_TASKS * 8] = {0};
        const unsigned none[MAX_TASKS] = {0};
        Small small = small_of(&dice);
        g_autoptr(DagGraph) graph = small_graph(&small);
        g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
        double best = try_all(&small, 0, none, idle);

        g_assert_cmpfloat_with_epsilon(makespan_of(plan, "optimal", small.n_workers, 0),
                                       best, 1e-9);
    }
}

/* Solve the graph of these words, which may use the pool "p".  The caller clears the schedule. */
static DagSchedule
solved(const char *words, const DagMachine *machine, int64_t budget_ns)
{
    DagBuilder *builder = builder_of(words, NULL, NULL);

    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "p", .slots = 1});

    g_autoptr(DagGraph) graph = graph_finish(builder, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
    DagSchedule schedule = {.order = g_new0(DagTaskId, dag_graph_n_tasks(graph) + 1)};

    dag_strategy_find("optimal")->solve(
        plan, machine, &(DagSearchLimits){.budget_ns = budget_ns}, &schedule);
    g_assert_true(dag_schedule_is_valid(&schedule, graph));
    return schedule;
}

static void
test_proof_and_bound(void)
{
    /* Two workers: 3 + 3 and 2 + 2 + 2, not the 7 of critical-path. */
    g_auto(DagSchedule) schedule = solved("a:3 b:3 c:2 d:2 e:2", &(DagMachine){2, 0}, 0);

    g_assert_true(schedule.is_optimal);
    g_assert_false(schedule.is_over_budget);
    g_assert_cmpfloat_with_epsilon(schedule.lower_bound, 6, 1e-9);
}

static void
test_fine_durations_are_balanced(void)
{
    g_autoptr(GString) words = g_string_new(NULL);
    Dice dice = 3;

    for (unsigned i = 0; i < 40; i++)
        g_string_append_printf(words, "t%u:0.%06u ", i, 100000 + dice_below(&dice, 900000));

    g_auto(DagSchedule) schedule =
        solved(words->str, &(DagMachine){4, 0}, INT64_C(20000000000));

    g_assert_true(schedule.is_optimal);
}

static void
test_without_limit_of_workers_the_longest_chain_counts(void)
{
    g_auto(DagSchedule) schedule = solved("a:3 b:3 c<a:2 d:2 e:2", &(DagMachine){0, 0}, 0);

    g_assert_true(schedule.is_optimal);
    g_assert_cmpfloat_with_epsilon(schedule.lower_bound, 5, 1e-9);
}

/* The slots of a pool make its tasks run one after the other, as one worker would. */
static void
test_pools_and_priorities_are_searched(void)
{
    static const char *const words[] = {"a:1@p b:2@p c<a:5@p", "a:1 b:2!4 c<a:5"};

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        g_auto(DagSchedule) schedule =
            solved(words[i], &(DagMachine){i == 0 ? 2 : 1, 0}, 0);

        g_assert_true(schedule.is_optimal);
        g_assert_cmpfloat_with_epsilon(schedule.lower_bound, 8, 1e-9);
    }
}

static void
test_rates_fall_back_to_critical_path(void)
{
    DagBuilder *builder = builder_of("a:1@p b:2 c<a:5", NULL, NULL);

    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "p", .rate = {1, 1000000000}});

    g_autoptr(DagGraph) graph = graph_finish(builder, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
    g_auto(DagSchedule) schedule = {.order = g_new0(DagTaskId, 4)};

    dag_strategy_find("optimal")->solve(plan, &(DagMachine){1, 0}, &(DagSearchLimits){0},
                                        &schedule);
    g_assert_false(schedule.is_optimal);
    g_assert_false(schedule.is_over_budget);
    g_assert_cmpfloat_with_epsilon(schedule.lower_bound, 8, 1e-9);
    g_assert_cmpuint(schedule.order[0], ==, 0);
    g_assert_cmpuint(schedule.order[1], ==, 2);
}

static void
test_never_longer_than_critical_path(void)
{
    Dice dice = 11;

    for (unsigned i = 0; i < 30; i++) {
        g_autoptr(GString) words = g_string_new(NULL);
        unsigned n = 20 + dice_below(&dice, 60);

        for (unsigned id = 0; id < n; id++) {
            g_string_append_printf(words, "t%u", id);
            if (id > 0 && dice_chance(&dice, 70))
                g_string_append_printf(words, "<t%u", dice_below(&dice, id));
            g_string_append_printf(words, ":%u ", dice_below(&dice, 30));
        }
        g_autoptr(DagGraph) graph = graph_of(words->str, NULL);
        g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
        unsigned n_workers = 1 + dice_below(&dice, 6);

        g_assert_cmpfloat(makespan_of(plan, "optimal", n_workers, 1000000), <=,
                          makespan_of(plan, "critical-path", n_workers, 0));
    }
}

/* Raised while the strategy below searches. */
static DagCancel *cancel_in_search;

/* Search until the run gives up. */
static void
solve_without_end(const DagPlan *plan, G_GNUC_UNUSED const DagMachine *machine,
                  const DagSearchLimits *limits, DagSchedule *schedule_out)
{
    if (cancel_in_search) {
        g_assert_false(limits->give_up(limits->data));
        dag_cancel_raise(cancel_in_search, SIGINT);
    }
    while (!limits->give_up(limits->data))
        g_usleep(100);
    for (DagTaskId id = 0; id < dag_graph_n_tasks(dag_plan_graph(plan)); id++)
        schedule_out->order[id] = id;
}

static const DagStrategy without_end = {.name = "without-end",
                                        .release = DAG_RELEASE_READY,
                                        .order = DAG_ORDER_KEY,
                                        .solve = solve_without_end};

static void
test_the_end_of_a_run_ends_the_search(void)
{
    g_autoptr(DagGraph) graph = graph_of("a b<a", NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
    DagExecuteOptions options = {.strategy = &without_end, .timeout_ns = 10000000};
    g_autoptr(DagCancel) cancel = dag_cancel_new(NULL);

    g_autoptr(DagRun) late = dag_execute(plan, &options, NULL);
    g_assert_cmpint(dag_run_stop(late), ==, DAG_STOP_TIMEOUT);
    g_assert_cmpuint(dag_run_count(late, DAG_CANCELLED), ==, 2);

    options.timeout_ns = 0;
    options.cancel = cancel_in_search = cancel;
    g_autoptr(DagRun) cancelled = dag_execute(plan, &options, NULL);
    cancel_in_search = NULL;
    g_assert_cmpint(dag_run_stop(cancelled), ==, DAG_STOP_CANCEL);
    g_assert_cmpint(dag_run_signal(cancelled), ==, SIGINT);
    g_assert_cmpuint(dag_run_count(cancelled, DAG_CANCELLED), ==, 2);
}

static bool
give_up_at_once(void *data)
{
    ++*(unsigned *)data;
    return true;
}

static void
test_a_search_that_is_given_up_ends_without_a_proof(void)
{
    g_autoptr(GString) words = g_string_new("t0:7919 t1:6841");
    Dice dice = 3;

    for (unsigned i = 2; i < 40; i++)
        g_string_append_printf(words, " t%u<t%u:%u", i, dice_below(&dice, i),
                               1000 + dice_below(&dice, 9000));

    g_autoptr(DagGraph) graph = graph_of(words->str, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
    g_auto(DagSchedule) schedule = {.order = g_new0(DagTaskId, 40)};
    unsigned n_asked = 0;
    DagSearchLimits limits = {.give_up = give_up_at_once, .data = &n_asked};

    dag_strategy_find("optimal")->solve(plan, &(DagMachine){4, 0}, &limits, &schedule);
    g_assert_cmpuint(n_asked, >, 0);
    g_assert_true(dag_schedule_is_valid(&schedule, graph));
    g_assert_false(schedule.is_optimal);
    g_assert_true(schedule.is_over_budget);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/optimal/as-short-as-the-best-of-all-orders",
                    test_as_short_as_the_best_of_all_orders);
    g_test_add_func("/optimal/proof-and-bound", test_proof_and_bound);
    g_test_add_func("/optimal/fine-durations-are-balanced",
                    test_fine_durations_are_balanced);
    g_test_add_func("/optimal/without-limit-of-workers-the-longest-chain-counts",
                    test_without_limit_of_workers_the_longest_chain_counts);
    g_test_add_func("/optimal/pools-and-priorities-are-searched",
                    test_pools_and_priorities_are_searched);
    g_test_add_func("/optimal/rates-fall-back-to-critical-path",
                    test_rates_fall_back_to_critical_path);
    g_test_add_func("/optimal/never-longer-than-critical-path",
                    test_never_longer_than_critical_path);
    g_test_add_func("/optimal/the-end-of-a-run-ends-the-search",
                    test_the_end_of_a_run_ends_the_search);
    g_test_add_func("/optimal/a-search-that-is-given-up-ends-without-a-proof",
                    test_a_search_that_is_given_up_ends_without_a_proof);
    return g_test_run();
}
