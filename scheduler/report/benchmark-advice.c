/* SPDX-License-Identifier: MIT */
/*
 * The conclusion of a benchmark in sentences.
 */
#include "report/benchmark-text.h"
#include "report/causes.h"
#include "report/line.h"

#include <dagrun/duration.h>
#include <string.h>

/* Append a sentence, broken into lines where the screen ends. */
static void
append_sentence(GString *out, DagTextStyle style, Tone tone, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    size_t column = 0;

    dag__text_begin(out, style, tone);
    for (char **word = words; *word; word++) {
        size_t width = dag_text_width(*word);

        if (column > 0 && style.width > 0 && column + 1 + width > style.width) {
            g_string_append(out, "\n  ");
            column = 2;
        } else if (column > 0) {
            g_string_append_c(out, ' ');
            column++;
        }
        g_string_append(out, *word);
        column += width;
    }
    dag__text_end(out, style, tone);
    g_string_append_c(out, '\n');
}

/* Return "4 workers"; free with g_free(). */
static char *
workers_text(unsigned n)
{
    return g_strdup_printf("%u worker%s", n, n == 1 ? "" : "s");
}

/* Append "a, b and 3 others". */
static void
append_names(GString *out, const DagStrategy *const *strategies, size_t n)
{
    enum { N_NAMED = 3 };
    size_t n_named = n <= N_NAMED + 1 ? n : N_NAMED;

    for (size_t i = 0; i < n_named; i++) {
        const char *before = i == 0 ? "" : i + 1 == n ? " and " : ", ";

        g_string_append_printf(out, "%s%s", before, strategies[i]->name);
    }
    if (n_named < n)
        g_string_append_printf(out, " and %zu others", n - n_named);
}

static void
append_use(const DagBenchmark *benchmark, DagTextStyle style, GString *out)
{
    const DagRecommendation *it = dag_benchmark_recommendation(benchmark);
    const DagGraph *graph = dag_plan_graph(dag_benchmark_plan(benchmark));
    g_autofree char *workers = workers_text(it->best.n_workers);
    g_autofree char *cause = dag__bound_cause(graph, &it->bound);
    g_autofree char *percent = dag__percent(MAX(it->best.excess, 0.001));
    g_autoptr(GString) text = g_string_new(NULL);
    char buffer[DAG_DURATION_SIZE];

    g_string_append_printf(text, "Use %s with %s: %s; ", it->best.strategy->name, workers,
                           dag_duration_format(it->best.makespan_ns, buffer));
    if (it->best.excess > 0) {
        g_string_append_printf(text, "at most %s more than the shortest possible, since ",
                               percent);
    }
    g_string_append_printf(text, "no schedule is shorter than %s", cause);
    if (it->best.excess > 0) {
        g_string_append(text, ", ");
        dag__text_append_seconds(text, it->bound.duration);
    }
    g_string_append_c(text, '.');
    append_sentence(out, style, TONE_BOLD, text->str);
}

static void
append_ties(const DagBenchmark *benchmark, DagTextStyle style, GString *out)
{
    const DagRecommendation *it = dag_benchmark_recommendation(benchmark);
    g_autoptr(GString) text = g_string_new(NULL);

    if (it->n_ties == 0)
        return;
    if (it->n_ties + 1 == dag_benchmark_n_strategies(benchmark) && it->n_ties > 1)
        g_string_append_printf(text, "All %zu strategies take the same%s.", it->n_ties + 1,
                               it->is_usual ? ", so there is no reason to change it" : "");
    else {
        append_names(text, it->ties, it->n_ties);
        g_string_append_printf(
            text, " take%s the same%s.", it->n_ties == 1 ? "s" : "",
            dag_benchmark_is_measured(benchmark) ? ", as far as these runs can tell" : "");
    }
    append_sentence(out, style, TONE_PLAIN, text->str);
}

/* Compare with the strategy that runs have without an option. */
static void
append_usual(const DagBenchmark *benchmark, DagTextStyle style, GString *out)
{
    const DagRecommendation *it = dag_benchmark_recommendation(benchmark);
    const DagBenchmarkResult *usual = &it->usual;
    int64_t more_ns = usual->makespan_ns - it->best.makespan_ns;
    char buffer[DAG_DURATION_SIZE], barriers[DAG_DURATION_SIZE];
    g_autoptr(GString) text = g_string_new(NULL);
    bool is_declared = dag_graph_strategy(dag_plan_graph(dag_benchmark_plan(benchmark)));

    if (it->is_usual || !usual->strategy || !usual->succeeded || more_ns <= 1)
        return;

    g_autofree char *percent =
        dag__percent((double)more_ns / (double)MAX(it->best.makespan_ns, 1));

    g_string_append_printf(text, "%s, %s, takes %s longer: %s", usual->strategy->name,
                           is_declared ? "which the graph declares" : "the default",
                           percent, dag_duration_format(usual->makespan_ns, buffer));
    if (usual->unbarred_ns >= 0 && usual->makespan_ns > usual->unbarred_ns)
        g_string_append_printf(
            text, ", of which its barriers cost %s",
            dag_duration_format(usual->makespan_ns - usual->unbarred_ns, barriers));
    g_string_append_c(text, '.');
    append_sentence(out, style, TONE_PLAIN, text->str);
}

/* State how bad an order can be, if it is known and the recommended one may not be the best. */
static void
append_guarantee(const DagBenchmark *benchmark, DagTextStyle style, GString *out)
{
    const DagRecommendation *it = dag_benchmark_recommendation(benchmark);
    double guarantee =
        dag_plan_guarantee(dag_benchmark_plan(benchmark), it->best.n_workers);
    g_autofree char *workers = workers_text(it->best.n_workers);
    g_autofree char *text = NULL;

    if (guarantee == 0 || it->best.excess == 0)
        return;
    text = g_strdup_printf(
        "Without barriers, no order takes more than %.3g times the shortest "
        "possible with %s (Graham 1966).",
        guarantee, workers);
    append_sentence(out, style, TONE_PLAIN, text);
}

/* State the number of workers beyond which nothing is gained. */
static void
append_enough(const DagBenchmark *benchmark, DagTextStyle style, GString *out)
{
    const DagRecommendation *it = dag_benchmark_recommendation(benchmark);
    unsigned last = dag_benchmark_workers(benchmark, dag_benchmark_n_counts(benchmark) - 1);
    g_autofree char *workers = workers_text(it->enough);
    g_autoptr(GString) text = g_string_new(NULL);
    char buffer[DAG_DURATION_SIZE];

    if (it->enough == 0)
        return;
    if (it->enough > last)
        g_string_append_printf(text, "More workers would gain more, up to %s: %s.", workers,
                               dag_duration_format(it->enough_ns, buffer));
    else
        g_string_append_printf(text, "Beyond %s nothing is gained, or less than 1 %%.",
                               workers);
    append_sentence(out, style, TONE_PLAIN, text->str);
}

/* State how the recommendation fares under chance. */
static void
append_chance(const DagBenchmark *benchmark, DagTextStyle style, GString *out)
{
    const DagRecommendation *it = dag_benchmark_recommendation(benchmark);
    char buffer[DAG_DURATION_SIZE], late[DAG_DURATION_SIZE];
    g_autofree char *text = NULL;

    if (it->best.n_succeeded == 0 || dag_benchmark_is_measured(benchmark))
        return;
    if (it->steadier.strategy)
        text = g_strdup_printf(
            "If durations vary, %s is better: half of its samples take at most %s, with %s "
            "%s.",
            it->steadier.strategy->name, dag_duration_format(it->steadier.median_ns, late),
            it->best.strategy->name, dag_duration_format(it->best.median_ns, buffer));
    else
        text = g_strdup_printf("If durations vary, half of the samples take at most %s, "
                               "and 19 of 20 at most %s.",
                               dag_duration_format(it->best.median_ns, buffer),
                               dag_duration_format(it->best.late_ns, late));
    append_sentence(out, style, TONE_PLAIN, text);
}

void
dag__benchmark_advice(const DagBenchmark *benchmark, DagTextStyle style, GString *out)
{
    if (!dag_benchmark_recommendation(benchmark)->best.strategy) {
        append_sentence(out, style, TONE_PLAIN, "There is no strategy to recommend.");
        return;
    }
    append_use(benchmark, style, out);
    append_ties(benchmark, style, out);
    append_usual(benchmark, style, out);
    append_guarantee(benchmark, style, out);
    append_enough(benchmark, style, out);
    append_chance(benchmark, style, out);
}
