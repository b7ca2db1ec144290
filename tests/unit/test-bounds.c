/* SPDX-License-Identifier: MIT */
#include <dagrun/plan.h>

#include "graph-of.h"

static const DagKind computing = {.name = "computing"};
static const DagKind calling = {.name = "calling", .occupies = DAG_OCCUPIES_CONNECTION};

/*
 * Five tasks: w1 and w2 occupy a worker, c1 to c3 a connection; c3 needs w1.  c1 and c2 use 2
 * slots each of the pool "api", which has 3.
 */
typedef struct Scene {
    DagGraph *graph;
    DagPlan *plan;
} Scene;

static Scene
begin(void)
{
    static const DagTaskSpec specs[] = {
        {.name = "w1", .kind = &computing, .cost = 2},
        {.name = "w2", .kind = &computing, .cost = 6},
        {.name = "c1", .kind = &calling, .cost = 3, .uses = "api:2"},
        {.name = "c2", .kind = &calling, .cost = 3, .uses = "api:2"},
        {.name = "c3", .kind = &calling, .cost = 3, .needs = "w1"},
    };
    DagBuilder *builder = dag_builder_new();
    Scene scene;

    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "idle", .slots = 1});
    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "api", .slots = 3});
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++)
        dag_builder_add_task(builder, &specs[i]);
    scene.graph = graph_finish(builder, NULL);
    scene.plan = dag_plan_new(scene.graph, DAG_PHASES_ASAP, NULL);
    return scene;
}

static void
end(Scene *scene)
{
    dag_plan_free(scene->plan);
    dag_graph_free(scene->graph);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Scene, end)

/* Return the costs of the plan; [n_tasks], free with g_free(). */
static double *
costs_of(const Scene *scene)
{
    size_t n = dag_graph_n_tasks(scene->graph);
    double *costs = g_new(double, n);

    for (DagTaskId id = 0; id < n; id++)
        costs[id] = dag_plan_cost(scene->plan, id);
    return costs;
}

static void
assert_bound(const Scene *scene, DagMachine machine, DagBoundCause cause, double expected)
{
    g_autofree double *costs = costs_of(scene);
    DagBound bound = dag_plan_bound(scene->plan, &machine, costs);

    g_assert_cmpint(bound.cause, ==, cause);
    g_assert_cmpfloat(bound.duration, ==, expected);
}

static void
test_each_capacity_is_a_bound(void)
{
    g_auto(Scene) scene = begin();
    size_t n_pools;
    const DagPool *pools = dag_graph_pools(scene.graph, &n_pools);
    g_autofree double *costs = costs_of(&scene);

    assert_bound(&scene, (DagMachine){1, 2}, DAG_BOUND_WORKERS, 8);
    assert_bound(&scene, (DagMachine){2, 1}, DAG_BOUND_CONNECTIONS, 9);
    assert_bound(&scene, (DagMachine){9, 9}, DAG_BOUND_CHAIN, 6);

    costs[dag_graph_find(scene.graph, "c1")] = 30;
    costs[dag_graph_find(scene.graph, "c2")] = 30;

    DagBound bound = dag_plan_bound(scene.plan, &(DagMachine){9, 9}, costs);

    g_assert_cmpint(bound.cause, ==, DAG_BOUND_POOL);
    g_assert_cmpstr(pools[bound.pool].name, ==, "api");
    g_assert_cmpfloat(bound.duration, ==, 40);
}

static void
test_a_capacity_of_0_is_without_limit(void)
{
    g_auto(Scene) scene = begin();

    assert_bound(&scene, (DagMachine){0, 1}, DAG_BOUND_CONNECTIONS, 9);
    assert_bound(&scene, (DagMachine){1, 0}, DAG_BOUND_WORKERS, 8);
    assert_bound(&scene, (DagMachine){0, 0}, DAG_BOUND_CHAIN, 6);
}

static void
test_tasks_with_negative_durations_are_left_out(void)
{
    g_auto(Scene) scene = begin();
    g_autofree double *costs = costs_of(&scene);
    DagBound bound;

    costs[dag_graph_find(scene.graph, "w2")] = -1;
    bound = dag_plan_bound(scene.plan, &(DagMachine){1, 9}, costs);
    g_assert_cmpint(bound.cause, ==, DAG_BOUND_CHAIN);
    g_assert_cmpfloat(bound.duration, ==, 5);
    g_assert_cmpfloat(dag_plan_bound_by_phase(scene.plan, &(DagMachine){1, 9}, costs), ==,
                      4 + 3);
}

static void
test_with_a_barrier_each_phase_has_its_bound(void)
{
    g_auto(Scene) scene = begin();
    g_autofree double *costs = costs_of(&scene);
    static const struct {
        DagMachine machine;
        double expected;
    } cases[] = {
        {{1, 9}, 8 + 3}, /* workers: 2 + 6 */
        {{2, 1}, 6 + 3}, /* connections: 3 + 3; the longest task is as long */
        {{9, 9}, 6 + 3}, /* the longest task */
        {{0, 0}, 6 + 3},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpfloat(dag_plan_bound_by_phase(scene.plan, &cases[i].machine, costs), ==,
                          cases[i].expected);
    costs[dag_graph_find(scene.graph, "c1")] = 9; /* the pool: (9 + 3) x 2 / 3 */
    costs[dag_graph_find(scene.graph, "c2")] = 9;
    g_assert_cmpfloat(dag_plan_bound_by_phase(scene.plan, &(DagMachine){9, 9}, costs), ==,
                      12 + 3);
}

static void
test_grahams_guarantee_is_about_workers_alone(void)
{
    g_auto(Scene) scene = begin();
    g_autoptr(DagGraph) graph = graph_of("a b<a c", NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);

    g_assert_cmpfloat(dag_plan_guarantee(plan, 1), ==, 1);
    g_assert_cmpfloat(dag_plan_guarantee(plan, 4), ==, 1.75);
    g_assert_cmpfloat(dag_plan_guarantee(scene.plan, 4), ==, 0);
}

static void
test_an_empty_graph_takes_no_time(void)
{
    g_autoptr(DagGraph) graph = graph_of("", NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
    double none[1];

    g_assert_cmpfloat(dag_plan_bound(plan, &(DagMachine){1, 1}, none).duration, ==, 0);
    g_assert_cmpfloat(dag_plan_bound_by_phase(plan, &(DagMachine){1, 1}, none), ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/bounds/each-capacity-is-a-bound", test_each_capacity_is_a_bound);
    g_test_add_func("/bounds/a-capacity-of-0-is-without-limit",
                    test_a_capacity_of_0_is_without_limit);
    g_test_add_func("/bounds/tasks-with-negative-durations-are-left-out",
                    test_tasks_with_negative_durations_are_left_out);
    g_test_add_func("/bounds/with-a-barrier-each-phase-has-its-bound",
                    test_with_a_barrier_each_phase_has_its_bound);
    g_test_add_func("/bounds/grahams-guarantee-is-about-workers-alone",
                    test_grahams_guarantee_is_about_workers_alone);
    g_test_add_func("/bounds/an-empty-graph-takes-no-time",
                    test_an_empty_graph_takes_no_time);
    return g_test_run();
}
