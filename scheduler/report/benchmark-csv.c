/* SPDX-License-Identifier: MIT */
/*
 * Benchmarks as CSV (RFC 4180, with the line ends of Unix): a line for each strategy with each number of workers.
 */
#include "report/benchmark-text.h"
#include "report/causes.h"
#include "report/stream.h"

#include <string.h>

#define HEAD                                                                               \
    "graph,workers,strategy,succeeded,makespan_seconds,lower_bound_seconds,"               \
    "lower_bound_by,gap,speed_up,efficiency,idle_seconds,without_barriers_seconds,"        \
    "samples_succeeded,median_seconds,p95_seconds,"                                        \
    "search\n"

/* Append a text, in quotes if it needs them. */
static void
append_text(GString *out, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        g_string_append(out, text);
        return;
    }
    g_string_append_c(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            g_string_append_c(out, '"');
        g_string_append_c(out, *text);
    }
    g_string_append_c(out, '"');
}

/* Append a comma and a number in the C locale; nothing after the comma if it is not known. */
static void
append_number(GString *out, bool is_known, double value)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];

    g_string_append_c(out, ',');
    if (is_known)
        g_string_append(out, g_ascii_formatd(buffer, sizeof(buffer), "%.15g", value));
}

static void
append_seconds(GString *out, bool is_known, int64_t ns)
{
    append_number(out, is_known, (double)ns / 1e9);
}

static void
append_result(GString *out, const DagBenchmark *benchmark, size_t strategy, size_t count)
{
    const DagGraph *graph = dag_plan_graph(dag_benchmark_plan(benchmark));
    const DagBenchmarkResult *result = dag_benchmark_result(benchmark, strategy, count);
    DagBound bound = dag_benchmark_bound(benchmark, count);
    g_autofree char *word = dag__bound_word(graph, &bound);
    bool is_good = result->succeeded, has_samples = result->n_succeeded > 0;

    append_text(out, dag_graph_name(graph));
    g_string_append_printf(out, ",%u,%s,%s", result->n_workers, result->strategy->name,
                           is_good ? "true" : "false");
    append_seconds(out, is_good, result->makespan_ns);
    append_number(out, true, bound.duration);
    g_string_append_c(out, ',');
    append_text(out, word);
    append_number(out, is_good, result->excess);
    append_number(out, is_good, result->speed_up);
    append_number(out, is_good, result->efficiency);
    append_seconds(out, is_good, result->idle_ns);
    append_seconds(out, is_good && result->unbarred_ns >= 0, result->unbarred_ns);
    append_number(out, dag_benchmark_n_samples(benchmark) > 0, result->n_succeeded);
    append_seconds(out, has_samples, result->median_ns);
    append_seconds(out, has_samples, result->late_ns);
    g_string_append_printf(
        out, ",%s\n", result->search.is_search ? dag__search_word(&result->search) : "");
}

void
dag_report_benchmarks_csv_to(const DagBenchmark *const *benchmarks, size_t n,
                             const DagReportSink *sink)
{
    g_return_if_fail((benchmarks || n == 0) && sink && sink->write);

    g_auto(Stream) stream = stream_to(sink);

    g_string_append(stream.text, HEAD);
    for (size_t i = 0; i < n && !stream.is_over; i++)
        for (size_t c = 0; c < dag_benchmark_n_counts(benchmarks[i]); c++)
            for (size_t s = 0; s < dag_benchmark_n_strategies(benchmarks[i]); s++) {
                append_result(stream.text, benchmarks[i], s, c);
                stream_relieve(&stream);
            }
}
