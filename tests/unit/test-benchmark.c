/* SPDX-License-Identifier: MIT */
/*
 * Comparisons of strategies: the figures of each result, and the conclusion.
 */
#include <dagrun/dagrun.h>
#include <string.h>

#include "simulate-case.h"

/* A graph, its plan and its benchmark. */
typedef struct Bench {
    DagGraph *graph;
    DagPlan *plan;
    DagBenchmark *it;
} Bench;

static void
bench_clear(Bench *bench)
{
    dag_benchmark_free(bench->it);
    dag_plan_free(bench->plan);
    dag_graph_free(bench->graph);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Bench, bench_clear)

/* Compare all strategies on a graph in words, with the numbers of workers; 0 ends the numbers. */
static Bench
bench_of(const char *words, const unsigned *workers)
{
    DagGraph *graph = graph_of(words, NULL);
    DagPlan *plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
    DagBenchmarkOptions options = {.workers = workers};

    while (workers[options.n_counts] > 0)
        options.n_counts++;
    return (Bench){graph, plan, dag_benchmark_new(plan, &options)};
}

#define WORKERS(...) ((const unsigned[]){__VA_ARGS__, 0})

static const DagBenchmarkResult *
result_of(const Bench *bench, const char *strategy, unsigned n_workers)
{
    for (size_t c = 0; c < dag_benchmark_n_counts(bench->it); c++)
        for (size_t s = 0; s < dag_benchmark_n_strategies(bench->it); s++) {
            const DagBenchmarkResult *result = dag_benchmark_result(bench->it, s, c);

            if (result->n_workers == n_workers &&
                strcmp(result->strategy->name, strategy) == 0)
                return result;
        }
    g_assert_not_reached();
}

/* Phases: a b c | d e.  With two workers and barriers, c runs beside nothing, then d and e follow. */
#define UNEVEN "a:4 b:1 c:3 d<b:4 e<a:1"

static void
test_figures_of_a_result(void)
{
    g_auto(Bench) bench = bench_of(UNEVEN, WORKERS(1, 2));
    const DagBenchmarkResult *phases = result_of(&bench, "phases", 2);
    const DagBenchmarkResult *one = result_of(&bench, "critical-path", 1);

    g_assert_cmpint(phases->makespan_ns, ==, 8 * SECOND_NS);
    g_assert_cmpint(phases->unbarred_ns, ==, 8 * SECOND_NS);
    g_assert_cmpint(phases->idle_ns, ==, 3 * SECOND_NS);
    g_assert_cmpfloat(phases->speed_up, ==, 13.0 / 8);
    g_assert_cmpfloat(phases->efficiency, ==, 13.0 / 16);
    g_assert_cmpfloat_with_epsilon(phases->excess, 8.0 / 7 - 1, 1e-12);
    g_assert_true(phases->has_run && phases->succeeded);

    g_assert_cmpint(one->makespan_ns, ==, 13 * SECOND_NS);
    g_assert_cmpint(one->unbarred_ns, ==, -1);
    g_assert_cmpint(one->idle_ns, ==, 0);
    g_assert_cmpfloat(one->speed_up, ==, 1);
    g_assert_cmpfloat(one->excess, ==, 0);
}

static void
test_barriers_have_a_cost(void)
{
    /* Phases: a b | c d.  c could start after 1 s, but waits for b. */
    g_auto(Bench) bench = bench_of("a:1 b:5 c<a:5 d<b:1", WORKERS(2));
    const DagBenchmarkResult *phases = result_of(&bench, "phases", 2);

    g_assert_cmpint(phases->makespan_ns, ==, 10 * SECOND_NS);
    g_assert_cmpint(phases->unbarred_ns, ==, 6 * SECOND_NS);
}

static void
test_bounds_by_number_of_workers(void)
{
    g_auto(Bench) bench = bench_of(UNEVEN, WORKERS(1, 3));

    g_assert_cmpuint(dag_benchmark_workers(bench.it, 1), ==, 3);
    g_assert_cmpint(dag_benchmark_bound(bench.it, 0).cause, ==, DAG_BOUND_WORKERS);
    g_assert_cmpfloat(dag_benchmark_bound(bench.it, 0).duration, ==, 13);
    g_assert_cmpint(dag_benchmark_bound(bench.it, 1).cause, ==, DAG_BOUND_CHAIN);
    g_assert_cmpfloat(dag_benchmark_bound(bench.it, 1).duration, ==, 5);
}

static void
test_the_best_strategy_is_recommended(void)
{
    /* The chain a, b, c must begin at once; only its rank tells. */
    g_auto(Bench) bench = bench_of("x:2 y:2 a:1 z:2 w:2 b<a:3 c<b:4", WORKERS(2));
    const DagRecommendation *it = dag_benchmark_recommendation(bench.it);

    g_assert_cmpstr(it->best.strategy->name, ==, "critical-path");
    g_assert_cmpuint(it->best.n_workers, ==, 2);
    g_assert_cmpint(it->best.makespan_ns, ==, 8 * SECOND_NS);
    g_assert_cmpint(it->bound.cause, ==, DAG_BOUND_CHAIN);
    g_assert_cmpfloat(it->best.excess, ==, 0);
    g_assert_false(it->is_usual);
    g_assert_cmpstr(it->usual.strategy->name, ==, "phases");
    g_assert_cmpint(it->usual.makespan_ns, >, it->best.makespan_ns);
}

static void
test_ties_keep_the_usual_strategy(void)
{
    g_auto(Bench) bench = bench_of("a:1 b<a:2 c<b:3", WORKERS(1, 2));
    const DagRecommendation *it = dag_benchmark_recommendation(bench.it);

    g_assert_cmpstr(it->best.strategy->name, ==, "phases");
    g_assert_true(it->is_usual);
    g_assert_cmpuint(it->n_ties, ==, dag_benchmark_n_strategies(bench.it) - 1);
    g_assert_cmpuint(it->best.n_workers, ==, 1);
    g_assert_cmpuint(it->enough, ==, 1);
}

static void
test_enough_workers_between_those_of_the_benchmark(void)
{
    /* Six chains of the same length. */
    g_auto(Bench) bench =
        bench_of("a b c d e f a1<a b1<b c1<c d1<d e1<e f1<f", WORKERS(1, 4, 16));
    const DagRecommendation *it = dag_benchmark_recommendation(bench.it);

    g_assert_cmpuint(it->enough, ==, 6);
    g_assert_cmpint(it->enough_ns, ==, 2 * SECOND_NS);
    g_assert_cmpuint(it->best.n_workers, ==, 6);
    g_assert_cmpint(it->best.makespan_ns, ==, 2 * SECOND_NS);
}

static void
test_enough_workers_beyond_those_of_the_benchmark(void)
{
    g_auto(Bench) bench = bench_of("a b c d e f", WORKERS(1, 2));
    const DagRecommendation *it = dag_benchmark_recommendation(bench.it);

    g_assert_cmpuint(it->enough, ==, 6);
    g_assert_cmpint(it->enough_ns, ==, 1 * SECOND_NS);
    g_assert_cmpuint(it->best.n_workers, ==, 2);
    g_assert_cmpint(it->best.makespan_ns, ==, 3 * SECOND_NS);
}

static void
test_a_graph_that_fails_has_no_recommendation(void)
{
    static const DagPolicy policy = {.timeout_ns = SECOND_NS};
    DagBuilder *builder = dag_builder_new();
    static const DagKind nothing = {.name = "nothing"};

    dag_builder_add_task(
        builder,
        &(DagTaskSpec){.name = "slow", .kind = &nothing, .cost = 5, .policy = policy});

    g_autoptr(DagGraph) graph = graph_finish(builder, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
    g_autoptr(DagBenchmark) benchmark = dag_benchmark_new(
        plan, &(DagBenchmarkOptions){.workers = WORKERS(2), .n_counts = 1});

    g_assert_null(dag_benchmark_recommendation(benchmark)->best.strategy);
    g_assert_true(dag_benchmark_result(benchmark, 0, 0)->has_run);
    g_assert_false(dag_benchmark_result(benchmark, 0, 0)->succeeded);
}

static void
test_an_empty_graph(void)
{
    g_auto(Bench) bench = bench_of("", WORKERS(1, 2));
    const DagRecommendation *it = dag_benchmark_recommendation(bench.it);

    g_assert_cmpstr(it->best.strategy->name, ==, "phases");
    g_assert_cmpint(it->best.makespan_ns, ==, 0);
    g_assert_cmpfloat(it->best.speed_up, ==, 0);
}

static bool
stop_after_three(size_t n_done, size_t n_total, void *data)
{
    size_t *n_calls = data;

    g_assert_cmpuint(n_done, ==, (*n_calls)++);
    g_assert_cmpuint(n_total, >, n_done);
    return n_done < 3;
}

static void
test_a_benchmark_can_end_early(void)
{
    g_autoptr(DagGraph) graph = graph_of("a b", NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
    size_t n_calls = 0;
    g_autoptr(DagBenchmark) benchmark =
        dag_benchmark_new(plan, &(DagBenchmarkOptions){.workers = WORKERS(1),
                                                       .n_counts = 1,
                                                       .progress = stop_after_three,
                                                       .data = &n_calls});

    g_assert_cmpuint(n_calls, ==, 4);
    g_assert_true(dag_benchmark_result(benchmark, 0, 0)->has_run);
    g_assert_false(dag_benchmark_result(benchmark, 3, 0)->has_run);
    g_assert_null(dag_benchmark_recommendation(benchmark)->best.strategy);
}

static void
test_noise_is_determined_by_seed_task_and_attempt(void)
{
    g_autoptr(DagGraph) graph = graph_of("a:2 b:2", NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
    DagNoise noise = {.seed = 5, .sigma = 0.5}, other = {.seed = 6, .sigma = 0.5};
    double first = dag_noise_attempt(plan, 0, 1, &noise).seconds;

    g_assert_cmpfloat(dag_noise_attempt(plan, 0, 1, &noise).seconds, ==, first);
    g_assert_cmpfloat(dag_noise_attempt(plan, 0, 2, &noise).seconds, !=, first);
    g_assert_cmpfloat(dag_noise_attempt(plan, 1, 1, &noise).seconds, !=, first);
    g_assert_cmpfloat(dag_noise_attempt(plan, 0, 1, &other).seconds, !=, first);
}

/* Of 20 000 factors, half are below 1, and 84.1 % are below one standard deviation. */
static void
test_noise_is_log_normal(void)
{
    enum { N = 20000 };
    g_autoptr(DagGraph) graph = graph_of("a:2", NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
    DagNoise noise = {.seed = 1, .sigma = 0.3, .fail = 0.25};
    unsigned n_below_median = 0, n_below_sigma = 0, n_failed = 0;

    for (unsigned attempt = 1; attempt <= N; attempt++) {
        DagSimulatedAttempt it = dag_noise_attempt(plan, 0, attempt, &noise);

        g_assert_cmpfloat(it.seconds, >, 0);
        n_below_median += it.seconds < 2;
        n_below_sigma += it.seconds < 2 * 1.349858807576003; /* exp(0.3) */
        n_failed += it.outcome == DAG_FAILED;
    }
    g_assert_cmpfloat_with_epsilon((double)n_below_median / N, 0.5, 0.015);
    g_assert_cmpfloat_with_epsilon((double)n_below_sigma / N, 0.8413, 0.015);
    g_assert_cmpfloat_with_epsilon((double)n_failed / N, 0.25, 0.015);
}

/* With one worker, the makespan of a sample is the sum of its durations, whatever the order. */
static void
test_samples_are_those_of_the_noise(void)
{
    enum { N = 20 };
    g_autoptr(DagGraph) graph = graph_of("a:2 b:3 c<a:1", NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
    DagBenchmarkOptions options = {.workers = WORKERS(1),
                                   .n_counts = 1,
                                   .noise = {.seed = 9, .sigma = 0.4},
                                   .n_samples = N};
    g_autoptr(DagBenchmark) benchmark = dag_benchmark_new(plan, &options);
    const DagBenchmarkResult *result = dag_benchmark_result(benchmark, 4, 0);
    unsigned n_below_median = 0, n_below_late = 0;

    for (unsigned i = 0; i < N; i++) {
        DagNoise noise = {.seed = 9 + i, .sigma = 0.4};
        double sum = 0;

        for (DagTaskId id = 0; id < 3; id++)
            sum += dag_noise_attempt(plan, id, 1, &noise).seconds;
        n_below_median += sum * 1e9 < (double)result->median_ns + 10;
        n_below_late += sum * 1e9 < (double)result->late_ns + 10;
    }
    g_assert_cmpuint(result->n_succeeded, ==, N);
    g_assert_cmpuint(n_below_median, ==, 10);
    g_assert_cmpuint(n_below_late, ==, 19);
    g_assert_cmpint(result->makespan_ns, ==, 6 * SECOND_NS);
}

static void
test_a_search_raises_the_bound(void)
{
    g_auto(Bench) bench = bench_of("a:5 b:5 c:4", WORKERS(2));
    const DagBenchmarkResult *optimal = result_of(&bench, "optimal", 2);

    g_assert_true(optimal->search.is_search && optimal->search.is_optimal);
    g_assert_false(result_of(&bench, "dataflow", 2)->search.is_search);
    g_assert_cmpint(dag_benchmark_bound(bench.it, 0).cause, ==, DAG_BOUND_SEARCH);
    g_assert_cmpfloat_with_epsilon(dag_benchmark_bound(bench.it, 0).duration, 9, 1e-9);
    g_assert_cmpfloat(optimal->excess, ==, 0);
    g_assert_cmpfloat(result_of(&bench, "dataflow", 2)->excess, ==, 0);
}

/* Runs that are measured: each takes a tenth longer than the one before with the same strategy. */
typedef struct Runs {
    unsigned n[2];   /* of dataflow, and of phases */
    unsigned n_most; /* then they end early */
} Runs;

static DagSimulatedAttempt
slower_attempt(const DagPlan *plan, DagTaskId id, G_GNUC_UNUSED unsigned attempt,
               void *data)
{
    return (DagSimulatedAttempt){.seconds = dag_plan_cost(plan, id) *
                                            (1 + 0.1 * *(const unsigned *)data),
                                 .outcome = DAG_SUCCEEDED,
                                 .exit_code = DAG_EXIT_NONE};
}

static DagRun *
slower_run(const DagPlan *plan, const DagStrategy *strategy, unsigned n_workers, void *data)
{
    Runs *runs = data;
    unsigned *n = &runs->n[strcmp(strategy->name, "phases") == 0];
    unsigned before = *n;

    if (runs->n[0] + runs->n[1] == runs->n_most)
        return NULL;
    (*n)++;
    return dag_simulate(plan, &(DagSimulateOptions){.strategy = strategy,
                                                    .n_workers = n_workers,
                                                    .attempt = slower_attempt,
                                                    .data = &before});
}

static DagBenchmark *
measured(const DagPlan *plan, Runs *runs)
{
    const DagStrategy *strategies[] = {dag_strategy_find("dataflow"),
                                       dag_strategy_find("phases")};

    return dag_benchmark_new(plan, &(DagBenchmarkOptions){.strategies = strategies,
                                                          .n_strategies = 2,
                                                          .workers = WORKERS(1),
                                                          .n_counts = 1,
                                                          .n_samples = 3,
                                                          .run = slower_run,
                                                          .data = runs});
}

static void
test_measured_runs_take_turns_after_one_that_warms_up(void)
{
    g_autoptr(DagGraph) graph = graph_of("a:4 b:6", NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
    Runs runs = {.n_most = 100};
    g_autoptr(DagBenchmark) benchmark = measured(plan, &runs);
    const DagBenchmarkResult *dataflow = dag_benchmark_result(benchmark, 0, 0);
    const DagBenchmarkResult *phases = dag_benchmark_result(benchmark, 1, 0);

    g_assert_true(dag_benchmark_is_measured(benchmark));
    g_assert_cmpuint(runs.n[0], ==, 4); /* the first one is not counted */
    g_assert_cmpuint(runs.n[1], ==, 3);
    g_assert_cmpint(dataflow->least_ns, ==, 11 * SECOND_NS);
    g_assert_cmpint(dataflow->makespan_ns, ==, 12 * SECOND_NS);
    g_assert_cmpint(dataflow->most_ns, ==, 13 * SECOND_NS);
    g_assert_cmpint(phases->makespan_ns, ==, 11 * SECOND_NS);
    /* The bound is that of the shortest durations. */
    g_assert_cmpfloat_with_epsilon(dag_benchmark_bound(benchmark, 0).duration, 10, 1e-6);
    g_assert_cmpstr(dag_benchmark_recommendation(benchmark)->best.strategy->name, ==,
                    "phases");
}

static void
test_measured_runs_can_end_early(void)
{
    g_autoptr(DagGraph) graph = graph_of("a:4 b:6", NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
    Runs runs = {.n_most = 1};
    g_autoptr(DagBenchmark) benchmark = measured(plan, &runs);

    g_assert_false(dag_benchmark_result(benchmark, 0, 0)->has_run);
    g_assert_false(dag_benchmark_result(benchmark, 1, 0)->has_run);
    g_assert_null(dag_benchmark_recommendation(benchmark)->best.strategy);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/benchmark/figures-of-a-result", test_figures_of_a_result);
    g_test_add_func("/benchmark/barriers-have-a-cost", test_barriers_have_a_cost);
    g_test_add_func("/benchmark/bounds-by-number-of-workers",
                    test_bounds_by_number_of_workers);
    g_test_add_func("/benchmark/the-best-strategy-is-recommended",
                    test_the_best_strategy_is_recommended);
    g_test_add_func("/benchmark/ties-keep-the-usual-strategy",
                    test_ties_keep_the_usual_strategy);
    g_test_add_func("/benchmark/enough-workers-between-those-of-the-benchmark",
                    test_enough_workers_between_those_of_the_benchmark);
    g_test_add_func("/benchmark/enough-workers-beyond-those-of-the-benchmark",
                    test_enough_workers_beyond_those_of_the_benchmark);
    g_test_add_func("/benchmark/a-graph-that-fails-has-no-recommendation",
                    test_a_graph_that_fails_has_no_recommendation);
    g_test_add_func("/benchmark/an-empty-graph", test_an_empty_graph);
    g_test_add_func("/benchmark/a-benchmark-can-end-early", test_a_benchmark_can_end_early);
    g_test_add_func("/benchmark/noise-is-determined-by-seed-task-and-attempt",
                    test_noise_is_determined_by_seed_task_and_attempt);
    g_test_add_func("/benchmark/noise-is-log-normal", test_noise_is_log_normal);
    g_test_add_func("/benchmark/samples-are-those-of-the-noise",
                    test_samples_are_those_of_the_noise);
    g_test_add_func("/benchmark/a-search-raises-the-bound", test_a_search_raises_the_bound);
    g_test_add_func("/benchmark/measured-runs-take-turns-after-one-that-warms-up",
                    test_measured_runs_take_turns_after_one_that_warms_up);
    g_test_add_func("/benchmark/measured-runs-can-end-early",
                    test_measured_runs_can_end_early);
    return g_test_run();
}
