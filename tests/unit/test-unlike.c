/* SPDX-License-Identifier: MIT */
/*
 * Schedules on workers that are not alike.  The search is compared with all schedules of small graphs.
 */
#include <dagrun/builder.h>
#include <dagrun/placement.h>
#include <dagrun/strategy.h>
#include <math.h>
#include <string.h>

#include "dice.h"

typedef struct Machine {
    DagBuilder *builder;
    DagGraph *graph;
    DagPlan *plan;
} Machine;

static void
machine_clear(Machine *it)
{
    dag_plan_free(it->plan);
    dag_graph_free(it->graph);
    dag_builder_free(it->builder);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Machine, machine_clear)

/* Begin a machine of workers p0, p1, … of speed 1. */
static Machine
machine_of(unsigned n_workers, double bandwidth, int64_t latency_ns)
{
    Machine it = {.builder = dag_builder_new()};

    dag_builder_add_machine(
        it.builder, &(DagMachineSpec){.bandwidth = bandwidth, .latency_ns = latency_ns});
    for (unsigned i = 0; i < n_workers; i++) {
        g_autofree char *name = g_strdup_printf("p%u", i);

        dag_builder_add_worker(it.builder, &(DagWorkerSpec){.name = name});
    }
    return it;
}

static void
add_task(Machine *it, const char *name, const char *needs, const char *seconds)
{
    dag_builder_add_task(it->builder, &(DagTaskSpec){.name = name, .needs = needs});
    if (seconds)
        dag_builder_add_costs(it->builder, &(DagCostsSpec){.of = name, .seconds = seconds});
}

static void
add_data(Machine *it, const char *from, const char *to, double size)
{
    dag_builder_add_data(it->builder, &(DagDataSpec){.from = from, .to = to, .size = size});
}

static void
finish(Machine *it)
{
    GError *error = NULL;

    it->graph = dag_builder_finish(it->builder, NULL, &error);
    g_assert_no_error(error);
    it->plan = dag_plan_new(it->graph, DAG_PHASES_JUST_IN_TIME, NULL);
}

static DagPlacement
place(const Machine *it, const char *strategy)
{
    DagPlacement placement = {0};

    dag_strategy_find(strategy)->place(it->plan, &placement);
    g_assert_true(dag_placement_is_valid(&placement, it->plan));
    g_assert_cmpfloat(placement.lower_bound, <=, placement.makespan);
    return placement;
}

static void
assert_makespan(const Machine *it, const char *strategy, double expected)
{
    g_auto(DagPlacement) placement = place(it, strategy);

    g_test_message("%s", strategy);
    g_assert_cmpfloat_with_epsilon(placement.makespan, expected, 1e-9);
}

/* Fig. 2 of the paper. */
static Machine
published(void)
{
    static const char *const costs[] = {"14 16 9",  "13 19 18", "11 13 19", "13 8 17",
                                        "12 13 10", "13 16 9",  "7 15 11",  "5 11 14",
                                        "18 12 20", "21 7 16"};
    static const int data[][3] = {{1, 2, 18},  {1, 3, 12},  {1, 4, 9},  {1, 5, 11},
                                  {1, 6, 14},  {2, 8, 19},  {2, 9, 16}, {3, 7, 23},
                                  {4, 8, 27},  {4, 9, 23},  {5, 9, 13}, {6, 8, 15},
                                  {7, 10, 17}, {8, 10, 11}, {9, 10, 13}};
    Machine it = machine_of(3, 0, 0);

    for (int id = 1; id <= 10; id++) {
        g_autofree char *name = g_strdup_printf("n%d", id);
        g_autoptr(GString) needs = g_string_new(NULL);

        for (size_t i = 0; i < G_N_ELEMENTS(data); i++)
            if (data[i][1] == id)
                g_string_append_printf(needs, "n%d ", data[i][0]);
        add_task(&it, name, needs->str, costs[id - 1]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(data); i++) {
        g_autofree char *from = g_strdup_printf("n%d", data[i][0]);
        g_autofree char *to = g_strdup_printf("n%d", data[i][1]);

        add_data(&it, from, to, data[i][2]);
    }
    finish(&it);
    return it;
}

static void
test_the_published_example(void)
{
    g_auto(Machine) it = published();
    g_auto(DagPlacement) heft = place(&it, "heft");
    g_auto(DagPlacement) optimal = place(&it, "optimal");
    /* Fig. 3 (a) of the paper: the processors of the tasks, from 0. */
    static const uint32_t workers[] = {2, 0, 2, 1, 2, 1, 2, 0, 1, 1};

    assert_makespan(&it, "heft", 80);
    assert_makespan(&it, "cpop", 86);
    assert_makespan(&it, "optimal", 73);
    g_assert_true(optimal.is_optimal);
    g_assert_cmpfloat(optimal.lower_bound, ==, optimal.makespan);
    for (DagTaskId id = 0; id < 10; id++)
        g_assert_cmpuint(heft.tasks[id].worker, ==, workers[id]);
}

/* All schedules: place each ready task behind the others on each worker, in every order. */
typedef struct Exhaustion {
    const Machine *it;
    uint32_t n, n_workers, n_placed;
    DagPlaced tasks[8];
    bool is_placed[8];
    double free_at[4];
    double best;
} Exhaustion;

/* Return when the data of the task are at the worker; negative: they are not all sent. */
static double
arrival(const Exhaustion *all, DagTaskId id, uint32_t worker)
{
    const DagGraph *graph = all->it->graph;
    DagIds preds = dag_graph_predecessors(graph, id);
    double last = 0;

    for (size_t p = 0; p < preds.n; p++) {
        const DagPlaced *pred = &all->tasks[preds.ids[p]];
        double size = dag_graph_data_size(graph, id, p);

        if (!all->is_placed[preds.ids[p]])
            return -1;
        last = MAX(last, pred->end +
                             dag_graph_transfer_seconds(graph, size, pred->worker, worker));
    }
    return last;
}

static void
exhaust(Exhaustion *all, double makespan)
{
    if (all->n_placed == all->n)
        all->best = MIN(all->best, makespan);
    for (uint32_t i = 0; i < all->n * all->n_workers; i++) {
        DagTaskId id = i / all->n_workers;
        uint32_t worker = i % all->n_workers;
        double before = all->free_at[worker], at = -1;

        if (!all->is_placed[id])
            at = arrival(all, id, worker);
        if (at < 0)
            continue;
        at = MAX(at, before);
        all->free_at[worker] = at + dag_plan_worker_cost(all->it->plan, id, worker);
        all->tasks[id] = (DagPlaced){worker, at, all->free_at[worker]};
        all->is_placed[id] = true;
        all->n_placed++;
        exhaust(all, MAX(makespan, all->free_at[worker]));
        all->n_placed--;
        all->is_placed[id] = false;
        all->free_at[worker] = before;
    }
}

static Machine
random_machine(Dice *dice, unsigned n_tasks, unsigned n_workers)
{
    Machine it = machine_of(n_workers, 0.5 + dice_below(dice, 4), dice_below(dice, 3));

    if (dice_chance(dice, 50))
        dag_builder_add_link(
            it.builder,
            &(DagLinkSpec){.from = "p1",
                           .to = "p0",
                           .bandwidth = 1 + dice_below(dice, 3),
                           .latency_ns = (int64_t)dice_below(dice, 2) * 1000000000});
    for (unsigned id = 0; id < n_tasks; id++) {
        g_autofree char *name = g_strdup_printf("t%u", id);
        g_autoptr(GString) needs = g_string_new(NULL), costs = g_string_new(NULL);

        for (unsigned pred = 0; pred < id; pred++) {
            g_autofree char *from = g_strdup_printf("t%u", pred);

            if (!dice_chance(dice, 45))
                continue;
            g_string_append_printf(needs, "%s ", from);
            if (dice_chance(dice, 80))
                add_data(&it, from, name, dice_below(dice, 12));
        }
        for (unsigned worker = 0; worker < n_workers; worker++)
            g_string_append_printf(costs, "%u ", dice_below(dice, 10));
        add_task(&it, name, needs->str, costs->str);
    }
    finish(&it);
    return it;
}

static void
test_the_search_is_as_short_as_the_best_of_all_schedules(void)
{
    Dice dice = 5;

    for (unsigned i = 0; i < 150; i++) {
        unsigned n_tasks = 1 + dice_below(&dice, 5), n_workers = 2 + dice_below(&dice, 2);
        g_auto(Machine) it = random_machine(&dice, n_tasks, n_workers);
        g_auto(DagPlacement) heft = place(&it, "heft");
        g_auto(DagPlacement) cpop = place(&it, "cpop");
        g_auto(DagPlacement) optimal = place(&it, "optimal");
        Exhaustion all = {
            .it = &it, .n = n_tasks, .n_workers = n_workers, .best = (double)INFINITY};

        exhaust(&all, 0);
        g_test_message("%u: %u tasks, %u workers", i, n_tasks, n_workers);
        g_assert_true(optimal.is_optimal);
        g_assert_cmpfloat_with_epsilon(optimal.makespan, all.best, 1e-6);
        g_assert_cmpfloat(heft.lower_bound, <=, all.best + 1e-6);
        g_assert_cmpfloat(heft.makespan, >=, all.best - 1e-6);
        g_assert_cmpfloat(cpop.makespan, >=, all.best - 1e-6);
        g_assert_true(!heft.is_optimal || heft.makespan < all.best + 1e-6);
    }
}

static void
test_a_search_that_is_too_long_says_that_it_proves_nothing(void)
{
    Dice dice = 8;
    g_auto(Machine) it = random_machine(&dice, 60, 4);
    g_auto(DagPlacement) heft = place(&it, "heft");
    g_auto(DagPlacement) optimal = place(&it, "optimal");

    g_assert_false(optimal.is_optimal);
    g_assert_cmpfloat(optimal.makespan, <=, heft.makespan);
    g_assert_cmpfloat(optimal.lower_bound, <, optimal.makespan);
}

static void
test_links_and_speeds(void)
{
    g_auto(Machine) it = machine_of(2, 4, 500000000);

    dag_builder_add_worker(it.builder, &(DagWorkerSpec){.name = "fast", .speed = 2});
    dag_builder_add_link(
        it.builder,
        &(DagLinkSpec){.from = "p0", .to = "p1", .bandwidth = 8, .latency_ns = 0});
    dag_builder_add_link(
        it.builder, &(DagLinkSpec){.from = "p1", .to = "fast", .latency_ns = 2000000000});
    dag_builder_add_link(
        it.builder,
        &(DagLinkSpec){.from = "fast", .to = "p1", .bandwidth = 16, .latency_ns = -1});
    add_task(&it, "a", NULL, NULL);
    add_task(&it, "b", "a", "3 4 5");
    add_data(&it, "a", "b", 16);
    finish(&it);

    const DagGraph *graph = it.graph;
    size_t n_workers;

    g_assert_cmpstr(dag_graph_workers(graph, &n_workers)[2].name, ==, "fast");
    g_assert_cmpuint(n_workers, ==, 3);
    g_assert_cmpfloat(dag_graph_data_size(graph, 1, 0), ==, 16);
    g_assert_cmpfloat(dag_graph_transfer_seconds(graph, 16, 0, 0), ==, 0);
    g_assert_cmpfloat(dag_graph_transfer_seconds(graph, -1, 0, 1), ==, 0);
    g_assert_cmpfloat(dag_graph_transfer_seconds(graph, 16, 0, 1), ==, 2);
    g_assert_cmpfloat(dag_graph_transfer_seconds(graph, 16, 1, 0), ==, 2);
    g_assert_cmpfloat(dag_graph_transfer_seconds(graph, 16, 0, 2), ==, 4.5);
    g_assert_cmpfloat(dag_graph_transfer_seconds(graph, 16, 1, 2), ==, 6);
    g_assert_cmpfloat(dag_graph_transfer_seconds(graph, 16, 2, 1), ==, 1.5);
    g_assert_cmpfloat(dag_plan_worker_cost(it.plan, 0, 2), ==, 0.5);
    g_assert_cmpfloat(dag_plan_worker_cost(it.plan, 1, 2), ==, 5);
    /* A task without a cost has the mean of its costs; another cost of the plan scales them. */
    g_assert_cmpfloat(dag_plan_cost(it.plan, 1), ==, 4);

    g_autoptr(DagPlan) other =
        dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, (const double[]){3, 8});
    g_assert_cmpfloat(dag_plan_worker_cost(other, 1, 2), ==, 10);
    g_assert_cmpfloat(dag_plan_worker_cost(other, 0, 2), ==, 1.5);
}

static void
test_a_gap_between_two_tasks_is_used(void)
{
    g_auto(Machine) it = machine_of(2, 0, 0);

    /* b waits on p0 for the data of a, and c fits before it. */
    add_task(&it, "a", NULL, "9 1");
    add_task(&it, "b", "a", "5 99");
    add_task(&it, "c", NULL, "2 30");
    add_data(&it, "a", "b", 2);
    finish(&it);

    g_auto(DagPlacement) heft = place(&it, "heft");

    g_assert_cmpfloat(heft.makespan, ==, 8);
    g_assert_cmpfloat(heft.tasks[dag_graph_find(it.graph, "c")].start, ==, 0);
    g_assert_cmpfloat(heft.tasks[dag_graph_find(it.graph, "b")].start, ==, 3);
}

static void
test_invalid_placements_are_recognized(void)
{
    g_auto(Machine) it = published();
    g_auto(DagPlacement) placement = place(&it, "heft");
    DagPlaced first = placement.tasks[0], last = placement.tasks[9];

    placement.tasks[0].worker = 3;
    g_assert_false(dag_placement_is_valid(&placement, it.plan));
    placement.tasks[0] = (DagPlaced){first.worker, first.start + 1, first.end + 1};
    g_assert_false(dag_placement_is_valid(&placement, it.plan));
    placement.tasks[0] = first;
    placement.tasks[9].end += 1;
    g_assert_false(dag_placement_is_valid(&placement, it.plan));
    placement.tasks[9] = last;
    placement.makespan += 1;
    g_assert_false(dag_placement_is_valid(&placement, it.plan));
    placement.makespan -= 1;
    g_assert_true(dag_placement_is_valid(&placement, it.plan));
}

static void
test_an_empty_graph(void)
{
    g_auto(Machine) it = machine_of(2, 0, 0);

    finish(&it);
    assert_makespan(&it, "heft", 0);
    assert_makespan(&it, "cpop", 0);
    assert_makespan(&it, "optimal", 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/unlike/the-published-example", test_the_published_example);
    g_test_add_func("/unlike/the-search-is-as-short-as-the-best-of-all-schedules",
                    test_the_search_is_as_short_as_the_best_of_all_schedules);
    g_test_add_func("/unlike/a-search-that-is-too-long-says-that-it-proves-nothing",
                    test_a_search_that_is_too_long_says_that_it_proves_nothing);
    g_test_add_func("/unlike/links-and-speeds", test_links_and_speeds);
    g_test_add_func("/unlike/a-gap-between-two-tasks-is-used",
                    test_a_gap_between_two_tasks_is_used);
    g_test_add_func("/unlike/invalid-placements-are-recognized",
                    test_invalid_placements_are_recognized);
    g_test_add_func("/unlike/an-empty-graph", test_an_empty_graph);
    return g_test_run();
}
