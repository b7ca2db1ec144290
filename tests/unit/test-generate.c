/* SPDX-License-Identifier: MIT */
/*
 * Generated graphs: each loads, has the number of tasks that was asked for, and is of its shape.
 */
#include "generate/generate.h"
#include "memory-file.h"

#include <dagrun/load.h>
#include <dagrun/plan.h>
#include <dagrun/tasks.h>
#include <math.h>
#include <string.h>

static bool
append(const char *bytes, size_t size, void *text)
{
    g_string_append_len(text, bytes, (gssize)size);
    return true;
}

static GString *
text_of(const GraphRequest *request)
{
    GString *text = g_string_new(NULL);

    generate_graph(request, &(DagReportSink){append, text});
    return text;
}

static DagGraph *
graph_of(const GraphRequest *request)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) text = text_of(request);
    MemoryFile file = memory_file_open(text->str, text->len);
    DagGraph *graph =
        dag_load_file(file.path, &(DagLoadOptions){.kinds = dag_tasks_kinds()}, &error);

    g_assert_no_error(error);
    memory_file_close(&file);
    return graph;
}

/* Return the plan of the graph, which is freed after it. */
static DagPlan *
plan_of(const GraphRequest *request, DagGraph **graph_out)
{
    *graph_out = graph_of(request);
    return dag_plan_new(*graph_out, DAG_PHASES_ASAP, NULL);
}

static GraphRequest
request_of(const char *shape, uint32_t n_tasks)
{
    const Shape *found = shape_find(shape);

    g_assert_nonnull(found);
    return (GraphRequest){
        .shape = found, .n_tasks = n_tasks, .seed = n_tasks, .mean_us = 1000000};
}

/* Assert tasks, dependencies and phases of the graph. */
static void
assert_sizes(GraphRequest request, size_t n_tasks, size_t n_dependencies, size_t n_phases)
{
    g_autoptr(DagGraph) graph = NULL;
    g_autoptr(DagPlan) plan = plan_of(&request, &graph);

    g_assert_cmpuint(dag_graph_n_tasks(graph), ==, n_tasks);
    g_assert_cmpuint(dag_graph_n_dependencies(graph), ==, n_dependencies);
    g_assert_cmpuint(dag_plan_n_phases(plan), ==, n_phases);
}

static void
test_every_shape_has_every_size(void)
{
    for (const Shape *const *shape = shapes; *shape; shape++)
        for (uint32_t n = 1; n <= 66; n++) {
            GraphRequest request = request_of((*shape)->name, n);
            g_autoptr(DagGraph) graph = NULL;
            g_autoptr(DagPlan) plan = plan_of(&request, &graph);

            g_assert_nonnull(plan);
            if (!(*shape)->n_nearest)
                g_assert_cmpuint(dag_graph_n_tasks(graph), ==, n);
        }
}

static void
test_the_same_seed_gives_the_same_bytes(void)
{
    for (const Shape *const *shape = shapes; *shape; shape++) {
        GraphRequest request = request_of((*shape)->name, 80);

        request.costs = COSTS_LOG_NORMAL;

        g_autoptr(GString) once = text_of(&request);
        g_autoptr(GString) again = text_of(&request);

        request.seed++;

        g_autoptr(GString) other = text_of(&request);

        g_assert_cmpstr(once->str, ==, again->str);
        g_assert_cmpstr(strstr(once->str, "<task"), !=, strstr(other->str, "<task"));
    }
}

static void
test_regular_shapes(void)
{
    GraphRequest narrow = request_of("fork-join", 10);

    assert_sizes(request_of("chain", 50), 50, 49, 50);
    assert_sizes(request_of("independent", 50), 50, 0, 1);
    assert_sizes(request_of("long-tail", 50), 50, 0, 1);
    assert_sizes(request_of("fork-join", 10), 10, 16, 3);
    assert_sizes(request_of("fork-join", 2), 2, 1, 2);
    narrow.width = 3; /* 1 3 1 3 1 and the last join */
    assert_sizes(narrow, 10, 13, 6);
    assert_sizes(request_of("wavefront", 16), 16, 24, 7);
    assert_sizes(request_of("stencil", 9), 9, 14, 3);
    assert_sizes(request_of("tree", 15), 15, 14, 4);
}

static void
test_fft_has_the_nearest_size(void)
{
    const uint32_t sizes[][2] = {{1, 1},  {2, 1},   {3, 4},   {8, 12},
                                 {9, 12}, {22, 32}, {21, 12}, {80, 80}};

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        GraphRequest request = request_of("fft", sizes[i][0]);

        g_assert_cmpuint(request.shape->n_nearest(&request), ==, sizes[i][1]);
    }
    /* 16 points: five levels, and two dependencies of each task but the first 16. */
    assert_sizes(request_of("fft", 80), 80, 128, 5);
}

static void
test_layers(void)
{
    GraphRequest request = request_of("layered", 205);
    g_autoptr(DagGraph) graph = NULL;

    request.width = 10;
    request.degree = 4;

    g_autoptr(DagPlan) plan = plan_of(&request, &graph);

    g_assert_cmpuint(dag_plan_n_phases(plan), ==, 21);
    for (DagTaskId id = 0; id < 205; id++) {
        DagIds needs = dag_graph_predecessors(graph, id);

        g_assert_cmpuint(needs.n, ==, id < 10 ? 0 : 4);
        for (size_t i = 0; i < needs.n; i++)
            g_assert_cmpuint(needs.ids[i] / 10, ==, id / 10 - 1);
    }
}

/* The mean number of dependencies is that asked for, within five deviations. */
static void
test_random_shapes_have_their_degree(void)
{
    const char *const names[] = {"random", "samepred"};
    const uint32_t n = 2000, degree = 4;

    for (size_t i = 0; i < 2; i++) {
        GraphRequest request = request_of(names[i], n);
        g_autoptr(DagGraph) graph = NULL;

        request.degree = degree;

        graph = graph_of(&request);
        double mean = (double)dag_graph_n_dependencies(graph) / n;

        g_assert_cmpfloat(fabs(mean - degree), <, 0.3);
    }
}

/* With as many predecessors as possible, each task needs all earlier ones. */
static void
test_random_can_be_complete(void)
{
    GraphRequest request = request_of("random", 20);

    request.degree = 10;
    assert_sizes(request, 20, 190, 20);
}

/* Return the only task with a bit in the row, or `n`. */
static uint32_t
only(const bool *row, uint32_t n)
{
    uint32_t found = n, count = 0;

    for (uint32_t i = 0; i < n; i++)
        if (row[i]) {
            found = i;
            count++;
        }
    return count == 1 ? found : n;
}

/*
 * A graph with one source and one sink is series-parallel if removing tasks with one predecessor and
 * one successor, and joining these two, leaves a single edge (Valdes, Tarjan and Lawler 1982).
 */
static void
assert_is_series_parallel(const DagGraph *graph)
{
    uint32_t n = (uint32_t)dag_graph_n_tasks(graph), left = n;
    g_autofree bool *after = g_new0(bool, (gsize)n *n);
    g_autofree bool *before = g_new0(bool, (gsize)n *n);
    bool has_changed = true;

    for (DagTaskId id = 0; id < n; id++) {
        DagIds needs = dag_graph_predecessors(graph, id);

        for (size_t i = 0; i < needs.n; i++)
            after[needs.ids[i] * n + id] = before[id * n + needs.ids[i]] = true;
    }
    while (has_changed) {
        has_changed = false;
        for (uint32_t id = 1; id + 1 < n; id++) {
            uint32_t a = only(before + (gsize)id * n, n),
                     b = only(after + (gsize)id * n, n);

            if (a == n || b == n)
                continue;
            after[a * n + id] = before[id * n + a] = false;
            after[id * n + b] = before[b * n + id] = false;
            after[a * n + b] = before[b * n + a] = true;
            has_changed = true;
            left--;
        }
    }
    g_assert_cmpuint(left, ==, MIN(n, 2));
}

static void
test_series_parallel(void)
{
    for (uint32_t n = 1; n < 60; n++) {
        GraphRequest request = request_of("series-parallel", n);
        g_autoptr(DagGraph) graph = NULL;
        graph = graph_of(&request);

        assert_is_series_parallel(graph);
    }
}

static void
test_costs(void)
{
    for (int rule = COSTS_CONSTANT; rule <= COSTS_LOG_NORMAL; rule++) {
        GraphRequest request = request_of("independent", 5000);
        g_autoptr(DagGraph) graph = NULL;
        double total = 0, largest = 0;

        request.costs = (CostRule)rule;
        request.mean_us = 2500000;

        graph = graph_of(&request);

        for (DagTaskId id = 0; id < 5000; id++) {
            double cost = dag_graph_task_cost(graph, id);

            g_assert_cmpfloat(cost, >, 0);
            total += cost;
            largest = MAX(largest, cost);
        }
        g_assert_cmpfloat(fabs(total / 5000 - 2.5), <, 0.25);
        if (rule == COSTS_CONSTANT)
            g_assert_cmpfloat(largest, ==, 2.5);
        if (rule == COSTS_UNIFORM)
            g_assert_cmpfloat(fabs(largest - 5), <, 0.01);
        if (rule == COSTS_LOG_NORMAL)
            g_assert_cmpfloat(largest, >, 15);
    }
}

static void
test_long_tail_ends_with_the_long_tasks(void)
{
    GraphRequest request = request_of("long-tail", 45);
    g_autoptr(DagGraph) graph = NULL;
    graph = graph_of(&request);

    for (DagTaskId id = 0; id < 45; id++)
        g_assert_cmpfloat(dag_graph_task_cost(graph, id), ==, id < 42 ? 1 : 20);
}

static void
test_sizes_that_no_file_may_have(void)
{
    GraphRequest request = request_of("samepred", GENERATE_MAX_TASKS);

    g_assert_false(generate_is_too_large(&request));
    request.degree = 5;
    g_assert_true(generate_is_too_large(&request));
    request.n_tasks = 500000;
    request.degree = GENERATE_MAX_DEGREE;
    g_assert_false(generate_is_too_large(&request));
}

static void
test_sleep_takes_its_cost(void)
{
    GraphRequest request = request_of("chain", 2);

    request.kind = WORK_SLEEP;
    request.mean_us = 1250;

    g_autoptr(GString) text = text_of(&request);

    g_assert_nonnull(g_strstr_len(text->str, -1,
                                  "<task id=\"t2\" needs=\"t1\" cost=\"0.00125\">"
                                  "<sleep duration=\"0.00125s\"/></task>\n"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/generate/every-shape-has-every-size",
                    test_every_shape_has_every_size);
    g_test_add_func("/generate/the-same-seed-gives-the-same-bytes",
                    test_the_same_seed_gives_the_same_bytes);
    g_test_add_func("/generate/regular-shapes", test_regular_shapes);
    g_test_add_func("/generate/fft-has-the-nearest-size", test_fft_has_the_nearest_size);
    g_test_add_func("/generate/layers", test_layers);
    g_test_add_func("/generate/random-shapes-have-their-degree",
                    test_random_shapes_have_their_degree);
    g_test_add_func("/generate/random-can-be-complete", test_random_can_be_complete);
    g_test_add_func("/generate/series-parallel", test_series_parallel);
    g_test_add_func("/generate/costs", test_costs);
    g_test_add_func("/generate/long-tail-ends-with-the-long-tasks",
                    test_long_tail_ends_with_the_long_tasks);
    g_test_add_func("/generate/sizes-that-no-file-may-have",
                    test_sizes_that_no_file_may_have);
    g_test_add_func("/generate/sleep-takes-its-cost", test_sleep_takes_its_cost);
    return g_test_run();
}
