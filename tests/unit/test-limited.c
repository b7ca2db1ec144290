/* SPDX-License-Identifier: MIT */
/*
 * Optimal with pools, connections and priorities.
 */
#include <dagrun/simulate.h>

#include "dice.h"
#include "graph-of.h"

#define N_BRUTE_FORCE 250
#define N_COMPARED    60
#define MAX_TASKS     6
#define BUDGET_NS     INT64_C(3000000)
#define LONG_NS       INT64_C(5000000000) /* for searches that end with a proof long before */
#define MAX_TIME      (MAX_TASKS * 8)

/* A small random problem: task i needs tasks with smaller numbers, and slots of the pool p. */
typedef struct Small {
    unsigned n, n_workers, n_slots;
    unsigned duration[MAX_TASKS], slots[MAX_TASKS], priority[MAX_TASKS];
    bool needs[MAX_TASKS][MAX_TASKS];
} Small;

/* The capacities in use at a moment. */
typedef struct Busy {
    unsigned char workers, slots;
} Busy;

static Small
small_of(Dice *dice, bool has_priorities)
{
    Small small = {.n = 3 + dice_below(dice, MAX_TASKS - 2),
                   .n_workers = 1 + dice_below(dice, 3),
                   .n_slots = 1 + dice_below(dice, 3)};
    unsigned percent = dice_below(dice, 60);

    for (unsigned i = 0; i < small.n; i++) {
        small.duration[i] = dice_below(dice, 8);
        small.slots[i] = dice_below(dice, small.n_slots + 1);
        small.priority[i] = has_priorities ? dice_below(dice, 3) : 0;
        for (unsigned k = 0; k < i; k++)
            small.needs[i][k] = dice_chance(dice, percent);
    }
    return small;
}

static DagGraph *
small_graph(const Small *small)
{
    g_autoptr(GString) words = g_string_new(NULL);
    DagBuilder *builder;

    for (unsigned i = 0; i < small->n; i++) {
        char mark = '<';

        g_string_append_printf(words, "%c", 'a' + (int)i);
        for (unsigned k = 0; k < i; k++)
            if (small->needs[i][k]) {
                g_string_append_printf(words, "%c%c", mark, 'a' + (int)k);
                mark = ',';
            }
        g_string_append_printf(words, ":%u!%u", small->duration[i], small->priority[i]);
        if (small->slots[i] > 0)
            g_string_append_printf(words, "@p=%u", small->slots[i]);
        g_string_append_c(words, ' ');
    }
    builder = builder_of(words->str, NULL, NULL);
    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "p", .slots = small->n_slots});
    return graph_finish(builder, NULL);
}

static bool
fits(const Small *small, unsigned id, Busy busy)
{
    return busy.workers < small->n_workers &&
           busy.slots + small->slots[id] <= small->n_slots;
}

/* Place the task where it fits first.  Returns: its end. */
static unsigned
place(const Small *small, unsigned id, const unsigned *end, Busy *busy)
{
    unsigned start = 0;

    for (unsigned k = 0; k < id; k++)
        if (small->needs[id][k])
            start = MAX(start, end[k]);
    for (unsigned i = start; i < start + small->duration[id]; i++)
        if (!fits(small, id, busy[i]))
            start = i + 1;
    for (unsigned i = start; i < start + small->duration[id]; i++) {
        busy[i].workers++;
        busy[i].slots = (unsigned char)(busy[i].slots + small->slots[id]);
    }
    return start + small->duration[id];
}

/* Return the shortest makespan of all orders of the tasks that are not placed yet; one of them
 * gives an optimal schedule. */
static unsigned
try_all(const Small *small, unsigned placed, const unsigned *end, const Busy *busy)
{
    unsigned best = UINT_MAX, makespan = 0;

    if (placed == (1u << small->n) - 1) {
        for (unsigned i = 0; i < small->n; i++)
            makespan = MAX(makespan, end[i]);
        return makespan;
    }
    for (unsigned id = 0; id < small->n; id++) {
        Busy busy_then[MAX_TIME];
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
makespan_of(const DagPlan *plan, const DagStrategy *strategy, DagMachine machine,
            int64_t budget_ns)
{
    g_autoptr(DagRun) run =
        dag_simulate(plan, &(DagSimulateOptions){.strategy = strategy,
                                                 .n_workers = machine.n_workers,
                                                 .n_connections = machine.n_connections,
                                                 .budget_ns = budget_ns});

    return (double)dag_run_makespan_ns(run) / 1e9;
}

static double
optimal_makespan(const DagPlan *plan, DagMachine machine, int64_t budget_ns)
{
    return makespan_of(plan, dag_strategy_find("optimal"), machine, budget_ns);
}

/* The result of the search.  The caller clears it. */
static DagSchedule
solved(const DagPlan *plan, DagMachine machine, int64_t budget_ns)
{
    size_t n = dag_graph_n_tasks(dag_plan_graph(plan));
    DagSchedule schedule = {.order = g_new0(DagTaskId, n + 1)};

    dag_strategy_find("optimal")->solve(
        plan, &machine, &(DagSearchLimits){.budget_ns = budget_ns}, &schedule);
    g_assert_true(dag_schedule_is_valid(&schedule, dag_plan_graph(plan)));
    return schedule;
}

static void
test_as_short_as_the_best_of_all_orders(void)
{
    const Busy idle[MAX_TIME] = {{0}};
    const unsigned none[MAX_TASKS] = {0};
    Dice dice = 7;

    for (unsigned i = 0; i < N_BRUTE_FORCE; i++) {
        Small small = small_of(&dice, false);
        DagMachine machine = {small.n_workers, 0};
        g_autoptr(DagGraph) graph = small_graph(&small);
        g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
        double best = try_all(&small, 0, none, idle);
        g_auto(DagSchedule) schedule = solved(plan, machine, LONG_NS);

        g_assert_cmpfloat_with_epsilon(optimal_makespan(plan, machine, LONG_NS), best,
                                       1e-9);
        g_assert_true(schedule.is_optimal || best == 0);
    }
}

/* The keys of the strategy below. */
static double permuted[MAX_TASKS];

static void
permuted_keys(G_GNUC_UNUSED const DagPlan *plan, G_GNUC_UNUSED uint64_t seed,
              double *key_out)
{
    memcpy(key_out, permuted, dag_graph_n_tasks(dag_plan_graph(plan)) * sizeof(double));
}

static const DagStrategy by_permutation = {.name = "permuted",
                                           .release = DAG_RELEASE_READY,
                                           .order = DAG_ORDER_KEY,
                                           .keys = permuted_keys};

/* Return the shortest makespan of the permutations of the first `n` keys. */
static double
shortest_of_orders(const DagPlan *plan, DagMachine machine, unsigned n)
{
    double best = G_MAXDOUBLE;

    if (n == 0)
        return makespan_of(plan, &by_permutation, machine, 0);
    for (unsigned i = 0; i < n; i++) {
        double last = permuted[n - 1];

        permuted[n - 1] = permuted[i];
        permuted[i] = last;
        best = MIN(best, shortest_of_orders(plan, machine, n - 1));
        permuted[i] = permuted[n - 1];
        permuted[n - 1] = last;
    }
    return best;
}

/* A run takes no task before one with a larger priority, so not all schedules are possible. */
static void
test_priorities_are_kept(void)
{
    Dice dice = 5;
    unsigned n_proven = 0;

    for (unsigned i = 0; i < 40; i++) {
        Small small = small_of(&dice, true);
        DagMachine machine = {small.n_workers, 0};

        small.n = MIN(small.n, 5);
        g_autoptr(DagGraph) graph = small_graph(&small);
        g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
        g_auto(DagSchedule) schedule = solved(plan, machine, BUDGET_NS);

        for (unsigned k = 0; k < small.n; k++)
            permuted[k] = k;
        double best = shortest_of_orders(plan, machine, small.n);

        g_assert_cmpuint(schedule.n_holds, ==, 0);
        g_assert_cmpfloat_with_epsilon(optimal_makespan(plan, machine, BUDGET_NS), best,
                                       1e-9);
        g_assert_cmpfloat(schedule.lower_bound, <=, best + 1e-9);
        n_proven += schedule.is_optimal;
    }
    g_assert_cmpuint(n_proven, >, 20);
}

static DagOutcome
succeed(G_GNUC_UNUSED DagContext *context, G_GNUC_UNUSED const void *config)
{
    return DAG_SUCCEEDED;
}

static const DagKind asking = {
    .name = "ask", .run = succeed, .occupies = DAG_OCCUPIES_CONNECTION};

/* Return a graph with tasks on workers and connections, and with two pools. */
static DagGraph *
mixed_graph(Dice *dice, bool has_priorities)
{
    static const char *const uses[] = {"", "", "@p", "@p=2", "@q", "@p+q", "@p=3+q=2"};
    DagBuilder *builder = dag_builder_new();
    unsigned n = 8 + dice_below(dice, 40);

    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "p", .slots = 3});
    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "q", .slots = 2});
    for (unsigned id = 0; id < n; id++) {
        g_autoptr(GString) word = g_string_new(NULL);

        g_string_append_printf(word, "t%u", id);
        if (id > 0 && dice_chance(dice, 60))
            g_string_append_printf(word, "<t%u", dice_below(dice, id));
        g_string_append_printf(word, ":%u!%u%s", dice_below(dice, 12),
                               has_priorities ? dice_below(dice, 2) : 0,
                               uses[dice_below(dice, G_N_ELEMENTS(uses))]);
        declare_words(builder, word->str, dice_chance(dice, 30) ? &asking : NULL, NULL);
    }
    return graph_finish(builder, NULL);
}

/* Also that the order and the holds repeat the schedule that was found, if it is proven. */
static void
test_never_longer_than_critical_path(void)
{
    Dice dice = 11;
    unsigned n_shorter = 0, n_proven = 0;

    for (unsigned i = 0; i < N_COMPARED; i++) {
        g_autoptr(DagGraph) graph = mixed_graph(&dice, i % 3 == 0);
        g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
        DagMachine machine = {1 + dice_below(&dice, 4), 1 + dice_below(&dice, 3)};
        g_auto(DagSchedule) schedule = solved(plan, machine, BUDGET_NS);
        double usual = makespan_of(plan, dag_strategy_find("critical-path"), machine, 0);
        double found = optimal_makespan(plan, machine, BUDGET_NS);

        g_assert_cmpfloat(found, <=, usual + 1e-9);
        g_assert_cmpfloat(schedule.lower_bound, <=, found + 1e-9);
        if (schedule.is_optimal)
            g_assert_cmpfloat_with_epsilon(schedule.lower_bound, found, 1e-9);
        n_shorter += found < usual - 1e-9;
        n_proven += schedule.is_optimal;
    }
    g_assert_cmpuint(n_shorter, >, N_COMPARED / 3);
    g_assert_cmpuint(n_proven, >, N_COMPARED / 3);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/limited/as-short-as-the-best-of-all-orders",
                    test_as_short_as_the_best_of_all_orders);
    g_test_add_func("/limited/priorities-are-kept", test_priorities_are_kept);
    g_test_add_func("/limited/never-longer-than-critical-path",
                    test_never_longer_than_critical_path);
    return g_test_run();
}
