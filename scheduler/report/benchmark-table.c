/* SPDX-License-Identifier: MIT */
/*
 * A benchmark as text: a table for each number of workers, the fastest strategy first, and the
 * conclusion.
 */
#include "report/benchmark-text.h"
#include "report/causes.h"
#include "report/table.h"

#include <dagrun/duration.h>

char *
dag__percent(double share)
{
    double percent = 100 * share;

    if (percent < 0.05)
        return g_strdup("0 %");
    if (percent >= 1000)
        return g_strdup_printf("%.0f times", share);
    return g_strdup_printf("%.*f %%", percent < 9.95 ? 1 : 0, percent);
}

/* Results without a run come last, and failed ones before them. */
static gint64
ranking_key(const DagBenchmarkResult *result)
{
    if (!result->has_run)
        return INT64_MAX;
    return result->succeeded ? result->makespan_ns : INT64_MAX - 1;
}

size_t *
dag__benchmark_ranking(const DagBenchmark *benchmark, size_t count)
{
    size_t n = dag_benchmark_n_strategies(benchmark);
    size_t *ranking = g_new0(size_t, n);

    for (size_t i = 0; i < n; i++) {
        int64_t key = ranking_key(dag_benchmark_result(benchmark, i, count));
        size_t at = i;

        for (; at > 0 &&
               ranking_key(dag_benchmark_result(benchmark, ranking[at - 1], count)) > key;
             at--)
            ranking[at] = ranking[at - 1];
        ranking[at] = i;
    }
    return ranking;
}

static void
percent_cell(Table *table, double share)
{
    g_autofree char *text = dag__percent(share);

    dag__table_text(table, TONE_PLAIN, text);
}

/* The time that barriers cost, below 0 if the same order without them takes longer. */
static void
barrier_cell(Table *table, const DagBenchmarkResult *result)
{
    char buffer[DAG_DURATION_SIZE];
    int64_t ns = result->makespan_ns - result->unbarred_ns;

    if (result->unbarred_ns < 0)
        dag__table_text(table, TONE_DIM,
                        result->strategy->release == DAG_RELEASE_PHASE ? "–" : "none");
    else
        dag__table_cell(table, TONE_PLAIN, "%s%s", ns < 0 ? "-" : "",
                        dag_duration_format(ABS(ns), buffer));
}

/* The columns of chance: makespans of samples. */
static void
sample_cells(Table *table, const DagBenchmark *benchmark, const DagBenchmarkResult *result)
{
    bool is_measured = dag_benchmark_is_measured(benchmark);
    int64_t first = is_measured ? result->least_ns : result->median_ns;
    int64_t second = is_measured ? result->most_ns : result->late_ns;

    if (dag_benchmark_n_samples(benchmark) == 0)
        return;
    dag__table_duration(table, TONE_PLAIN, result->n_succeeded ? first : -1);
    dag__table_duration(table, TONE_PLAIN, result->n_succeeded ? second : -1);
}

static void
result_row(Table *table, const DagBenchmark *benchmark, const char *name,
           const DagBenchmarkResult *result)
{
    dag__table_text(table, TONE_PLAIN, name);
    if (!result->succeeded) {
        dag__table_text(table, TONE_ALARM, result->has_run ? "fails" : "–");
        for (int i = 0; i < 5; i++)
            dag__table_text(table, TONE_DIM, "–");
        sample_cells(table, benchmark, result);
        return;
    }
    dag__table_duration(table, TONE_BOLD, result->makespan_ns);
    percent_cell(table, result->excess);
    dag__table_cell(table, TONE_PLAIN, "%.2f", result->speed_up);
    percent_cell(table, result->efficiency);
    dag__table_duration(table, TONE_PLAIN, result->idle_ns);
    barrier_cell(table, result);
    sample_cells(table, benchmark, result);
}

/* Return whether every strategy takes the same, with and without its barriers. */
static bool
are_all_equal(const DagBenchmark *benchmark, size_t count)
{
    size_t n = dag_benchmark_n_strategies(benchmark);
    const DagBenchmarkResult *first = dag_benchmark_result(benchmark, 0, count);
    int64_t ns = first->makespan_ns;

    for (size_t i = 0; i < n; i++) {
        const DagBenchmarkResult *result = dag_benchmark_result(benchmark, i, count);

        if (!result->succeeded || result->makespan_ns != ns ||
            (result->unbarred_ns >= 0 && result->unbarred_ns != ns) ||
            result->median_ns != first->median_ns || result->late_ns != first->late_ns)
            return false;
    }
    return n > 1;
}

static void
write_heading(Table *table, const DagBenchmark *benchmark, size_t count)
{
    const DagGraph *graph = dag_plan_graph(dag_benchmark_plan(benchmark));
    unsigned n_workers = dag_benchmark_workers(benchmark, count);
    DagBound bound = dag_benchmark_bound(benchmark, count);
    g_autofree char *cause = dag__bound_cause(graph, &bound);
    g_autoptr(GString) least = g_string_new(NULL);

    dag__text_append_seconds(least, bound.duration);
    dag__table_heading(table, "%u worker%s: no schedule is shorter than %s, %s", n_workers,
                       n_workers == 1 ? "" : "s", cause, least->str);
}

/* Return the name of the strategy and, if it searched with the costs that are simulated, the result of the
 * search; free with g_free(). */
static char *
name_of(const DagBenchmark *benchmark, const DagBenchmarkResult *result)
{
    const DagSearch *search = &result->search;
    const char *name = result->strategy->name;

    if (!search->is_search || dag_benchmark_is_measured(benchmark))
        return g_strdup(name);
    return g_strdup_printf("%s (%s)", name,
                           search->is_optimal       ? "proven"
                           : search->is_over_budget ? "not proven"
                                                    : "not searched");
}

/* The results with one number of workers; one row if it makes no difference which strategy. */
static void
count_rows(Table *table, const DagBenchmark *benchmark, size_t count)
{
    size_t n = dag_benchmark_n_strategies(benchmark);
    g_autofree size_t *ranking = dag__benchmark_ranking(benchmark, count);
    g_autofree char *all = g_strdup_printf("all %zu strategies", n);

    write_heading(table, benchmark, count);
    if (are_all_equal(benchmark, count)) {
        result_row(table, benchmark, all, dag_benchmark_result(benchmark, 0, count));
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const DagBenchmarkResult *result =
            dag_benchmark_result(benchmark, ranking[i], count);
        g_autofree char *name = name_of(benchmark, result);

        result_row(table, benchmark, name, result);
    }
}

static void
benchmark_rows(Table *table, const void *data)
{
    const DagBenchmark *benchmark = data;

    for (size_t count = 0; count < dag_benchmark_n_counts(benchmark); count++)
        count_rows(table, benchmark, count);
}

/* State the costs that all times depend on. */
static void
write_costs(const DagBenchmark *benchmark, DagTextStyle style, GString *out)
{
    const DagPlan *plan = dag_benchmark_plan(benchmark);
    const DagGraph *graph = dag_plan_graph(plan);
    size_t n_tasks = dag_graph_n_tasks(graph), n = dag_plan_n_unknown_costs(plan);
    g_autoptr(GString) total = g_string_new(NULL);

    dag__text_append_seconds(total, dag_plan_total_cost(plan));
    if (dag_benchmark_is_measured(benchmark)) {
        dag__text_line(out, style, TONE_BOLD,
                       "%s: %zu task%s, run %u times for each result, in random order",
                       dag_graph_name(graph), n_tasks, n_tasks == 1 ? "" : "s",
                       dag_benchmark_n_samples(benchmark));
        return;
    }
    dag__text_line(out, style, TONE_BOLD, "%s: %zu task%s, simulated with their costs, %s",
                   dag_graph_name(graph), n_tasks, n_tasks == 1 ? "" : "s", total->str);
    if (n > 0 && n == n_tasks)
        dag__text_line(out, style, TONE_PLAIN,
                       "No task declares a cost: each counts as 1 s.");
    else if (n > 0)
        dag__text_line(out, style, TONE_PLAIN, "%zu task%s no cost, and count%s as 1 s%s.",
                       n, n == 1 ? " declares" : "s declare", n == 1 ? "s" : "",
                       n == 1 ? "" : " each");
}

/* Describe the chance that the last columns are about. */
static void
write_noise(const DagBenchmark *benchmark, DagTextStyle style, GString *out)
{
    DagNoise noise = dag_benchmark_noise(benchmark);
    unsigned n = dag_benchmark_n_samples(benchmark);
    const DagBenchmarkResult *result = dag_benchmark_result(benchmark, 0, 0);

    if (n == 0 || dag_benchmark_is_measured(benchmark))
        return;
    dag__text_line(out, style, TONE_PLAIN,
                   "median, p95: of %u samples in which durations vary by chance "
                   "(log-normal factor, sigma %g).",
                   n, noise.sigma);
    if (noise.fail > 0)
        dag__text_line(
            out, style, TONE_PLAIN,
            "An attempt fails with probability %g, and is repeated as declared: %u "
            "of the samples succeed.",
            noise.fail, result->n_succeeded);
}

static void
write_table(const DagBenchmark *benchmark, DagTextStyle style, Stream *stream)
{
    static const Column columns[] = {
        {"strategy", false}, {"makespan", true}, {"gap", true},
        {"speed-up", true},  {"busy", true},     {"idle", true},
        {"barriers", true},  {"median", true},   {"p95", true},
    };
    static const Column measured[] = {
        {"strategy", false}, {"median", true}, {"gap", true},
        {"speed-up", true},  {"busy", true},   {"idle", true},
        {"barriers", true},  {"least", true},  {"most", true},
    };
    const Column *titles = dag_benchmark_is_measured(benchmark) ? measured : columns;
    size_t n_columns =
        G_N_ELEMENTS(columns) - (dag_benchmark_n_samples(benchmark) > 0 ? 0 : 2);

    write_costs(benchmark, style, stream->text);
    write_noise(benchmark, style, stream->text);
    dag__table_write_to(&(TableSpec){titles, n_columns, benchmark_rows, benchmark}, style,
                        stream);
    g_string_append_c(stream->text, '\n');
    dag__benchmark_advice(benchmark, style, stream->text);
}

void
dag_report_benchmark_table(const DagBenchmark *benchmark, DagTextStyle style, GString *out)
{
    g_return_if_fail(benchmark && out);
    write_table(benchmark, style, &(Stream){.text = out});
}

void
dag_report_benchmark_table_to(const DagBenchmark *benchmark, DagTextStyle style,
                              const DagReportSink *sink)
{
    g_return_if_fail(benchmark && sink && sink->write);

    g_auto(Stream) stream = stream_to(sink);

    write_table(benchmark, style, &stream);
}
