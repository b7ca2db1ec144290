/* SPDX-License-Identifier: MIT */
/*
 * Benchmarks as line charts: makespan over the number of workers, a line for each strategy, and one for
 * the lower bound.  Strategies that take the same with every number of workers share a line, which would
 * hide the others.  Both axes are logarithmic if their values span more than fit on a linear one; half of
 * the time is then the same distance everywhere.
 */
#include "report/benchmark-text.h"
#include "report/svg.h"

#include <dagrun/duration.h>
#include <math.h>
#include <string.h>

#define PANEL_WIDTH  960.0
#define PANEL_HEIGHT 480.0
#define LEFT         76.0  /* of the plot */
#define RIGHT        700.0 /* where the legend begins, nearly */
#define TOP          84.0
#define BOTTOM       424.0
#define LEGEND_X     728.0
#define LINE_HEIGHT  18.0

#define MAX_LINEAR 4 /* a larger ratio of values makes an axis logarithmic */
#define N_COLORS   12

/* Each is told from both papers, with a contrast of 3 and more. */
static const char *const colors[N_COLORS] = {
    "#2f81f7", "#d1540a", "#2c9a47", "#a371f7", "#d93d75", "#8f7a00",
    "#0b96a0", "#b5651d", "#6e7fd6", "#e0483e", "#6f8f2a", "#808a94",
};

/* Strategies that take the same everywhere. */
typedef struct Series {
    size_t first;    /* the one whose results are drawn */
    GArray *members; /* of size_t */
    double excess;   /* over the lower bounds, added up; infinite: it fails */
} Series;

typedef struct Chart {
    const DagBenchmark *benchmark;
    Stream *stream;
    double top;                              /* of the panel */
    GArray *series;                          /* of Series */
    double least_x, most_x, least_y, most_y; /* values at the ends of the axes */
    bool is_log_x, is_log_y;
    SvgUnit unit;
} Chart;

static void
series_clear(gpointer data)
{
    g_array_unref(((Series *)data)->members);
}

static bool
is_same(const DagBenchmark *benchmark, size_t a, size_t b)
{
    for (size_t c = 0; c < dag_benchmark_n_counts(benchmark); c++) {
        const DagBenchmarkResult *x = dag_benchmark_result(benchmark, a, c);
        const DagBenchmarkResult *y = dag_benchmark_result(benchmark, b, c);

        if (x->succeeded != y->succeeded ||
            (x->succeeded && x->makespan_ns != y->makespan_ns))
            return false;
    }
    return true;
}

static gint
compare_series(gconstpointer a, gconstpointer b)
{
    const Series *x = a, *y = b;

    if (x->excess != y->excess)
        return x->excess < y->excess ? -1 : 1;
    return x->first < y->first ? -1 : 1;
}

/* Return by how much a strategy exceeds the lower bounds, as shares added up. */
static double
excess_of(const DagBenchmark *benchmark, size_t strategy)
{
    double sum = 0;

    for (size_t c = 0; c < dag_benchmark_n_counts(benchmark); c++) {
        const DagBenchmarkResult *result = dag_benchmark_result(benchmark, strategy, c);

        sum += result->succeeded ? result->excess : (double)INFINITY;
    }
    return sum;
}

/* Return the series, the nearest to the lower bounds first. */
static GArray *
series_of(const DagBenchmark *benchmark)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(Series));

    g_array_set_clear_func(all, series_clear);
    for (size_t s = 0; s < dag_benchmark_n_strategies(benchmark); s++) {
        guint i = 0;

        while (i < all->len && !is_same(benchmark, g_array_index(all, Series, i).first, s))
            i++;
        if (i == all->len) {
            Series series = {s, g_array_new(FALSE, FALSE, sizeof(size_t)),
                             excess_of(benchmark, s)};

            g_array_append_val(all, series);
        }
        g_array_append_val(g_array_index(all, Series, i).members, s);
    }
    g_array_sort(all, compare_series);
    return all;
}

static void
widen(Chart *chart, double ns)
{
    chart->least_y = MIN(chart->least_y, ns);
    chart->most_y = MAX(chart->most_y, ns);
}

static void
scale_chart(Chart *chart)
{
    const DagBenchmark *benchmark = chart->benchmark;
    size_t n = dag_benchmark_n_counts(benchmark);

    chart->least_x = dag_benchmark_workers(benchmark, 0);
    chart->most_x = dag_benchmark_workers(benchmark, n - 1);
    chart->is_log_x = chart->most_x > MAX_LINEAR * chart->least_x;
    chart->least_y = HUGE_VAL;
    chart->most_y = 0;
    for (size_t c = 0; c < n; c++) {
        double bound_ns = dag_benchmark_bound(benchmark, c).duration * 1e9;

        if (bound_ns > 0)
            widen(chart, bound_ns);
        for (size_t s = 0; s < dag_benchmark_n_strategies(benchmark); s++)
            if (dag_benchmark_result(benchmark, s, c)->succeeded)
                widen(chart, (double)dag_benchmark_result(benchmark, s, c)->makespan_ns);
    }
    chart->is_log_y = chart->least_y > 0 && chart->most_y > MAX_LINEAR * chart->least_y;
    chart->unit = dag__svg_unit_of(chart->most_y);
    if (chart->is_log_y) {
        chart->least_y /= 1.15;
        chart->most_y *= 1.15;
    } else {
        chart->least_y = 0;
        chart->most_y = chart->most_y > 0 ? chart->most_y * 1.08 : 1;
    }
}

/* Return where a value lies on its axis, from 0 to 1. */
static double
share_of(double value, double least, double most, bool is_log)
{
    if (least >= most)
        return 0.5;
    return is_log ? log(value / least) / log(most / least)
                  : (value - least) / (most - least);
}

static SvgPoint
place_of(const Chart *chart, double workers, double ns)
{
    double x = share_of(workers, chart->least_x, chart->most_x, chart->is_log_x);
    double y = share_of(ns, chart->least_y, chart->most_y, chart->is_log_y);

    return (SvgPoint){LEFT + 12 + x * (RIGHT - LEFT - 24),
                      chart->top + BOTTOM - y * (BOTTOM - TOP)};
}

/* Write a line of the grid with its number. */
static void
write_y_tick(const Chart *chart, double ns)
{
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    double y = place_of(chart, chart->least_x, ns).y;

    dag__svg_line(chart->stream, "grid", (SvgPoint){LEFT, y}, (SvgPoint){RIGHT, y});
    g_ascii_formatd(number, sizeof(number), "%.6g", ns / chart->unit.ns);
    dag__svg_text(chart->stream, "note", (SvgPoint){LEFT - 8, y + 4}, SVG_END, number);
}

/* 1, 2 and 5 times each power of ten, of the unit of the axis. */
static void
write_log_ticks(const Chart *chart)
{
    double power = pow(10, floor(log10(chart->least_y / chart->unit.ns)));
    bool is_long = chart->most_y > 1000 * chart->least_y;

    for (; power * chart->unit.ns <= chart->most_y; power *= 10) {
        static const double factors[] = {1, 2, 5};

        for (size_t i = 0; i < G_N_ELEMENTS(factors); i++) {
            double ns = factors[i] * power * chart->unit.ns;

            if (ns >= chart->least_y && ns <= chart->most_y && (i == 0 || !is_long))
                write_y_tick(chart, ns);
        }
    }
}

static void
write_y_axis(const Chart *chart)
{
    double most = chart->most_y / chart->unit.ns, step = dag__svg_step(most, 8);
    g_autofree char *title = g_strdup_printf("makespan (%s)", chart->unit.name);

    if (chart->is_log_y)
        write_log_ticks(chart);
    else
        for (unsigned i = 0; i * step <= most; i++)
            write_y_tick(chart, i * step * chart->unit.ns);
    dag__svg_text(chart->stream, "note", (SvgPoint){LEFT - 60, chart->top + TOP - 14},
                  SVG_START, title);
}

/* Write the numbers of workers of the benchmark, except where they would overlap. */
static void
write_x_axis(const Chart *chart)
{
    double last = -HUGE_VAL, y = chart->top + BOTTOM;

    dag__svg_line(chart->stream, "axis", (SvgPoint){LEFT, y}, (SvgPoint){RIGHT, y});
    for (size_t c = 0; c < dag_benchmark_n_counts(chart->benchmark); c++) {
        unsigned n_workers = dag_benchmark_workers(chart->benchmark, c);
        double x = place_of(chart, n_workers, chart->most_y).x;
        g_autofree char *number = g_strdup_printf("%u", n_workers);

        dag__svg_line(chart->stream, "axis", (SvgPoint){x, y}, (SvgPoint){x, y + 5});
        if (x - last < 22)
            continue;
        dag__svg_text(chart->stream, "note", (SvgPoint){x, y + 20}, SVG_MIDDLE, number);
        last = x;
    }
    dag__svg_text(chart->stream, "note", (SvgPoint){(LEFT + RIGHT) / 2, y + 40}, SVG_MIDDLE,
                  "workers");
}

/* Write the line of a series, with gaps where it fails. */
static void
write_series(const Chart *chart, const Series *series)
{
    size_t n = dag_benchmark_n_counts(chart->benchmark), n_points = 0;
    unsigned number = (unsigned)(series->first % N_COLORS);
    g_autofree SvgPoint *points = g_new(SvgPoint, n);
    g_autofree char *line = g_strdup_printf("line s%u", number);
    g_autofree char *mark = g_strdup_printf("mark m%u", number);

    for (size_t c = 0; c < n; c++) {
        const DagBenchmarkResult *result =
            dag_benchmark_result(chart->benchmark, series->first, c);

        if (result->succeeded)
            points[n_points++] =
                place_of(chart, result->n_workers, (double)result->makespan_ns);
        if (n_points > 0 && (c + 1 == n || !result->succeeded)) {
            dag__svg_path(chart->stream, line, points, n_points);
            for (size_t i = 0; i < n_points; i++)
                dag__svg_mark(chart->stream, mark, points[i], number);
            n_points = 0;
        }
    }
}

static void
write_bound(const Chart *chart)
{
    size_t n = dag_benchmark_n_counts(chart->benchmark), n_points = 0;
    g_autofree SvgPoint *points = g_new(SvgPoint, n + 1);

    for (size_t c = 0; c < n; c++) {
        double ns = dag_benchmark_bound(chart->benchmark, c).duration * 1e9;

        if (ns > 0)
            points[n_points++] =
                place_of(chart, dag_benchmark_workers(chart->benchmark, c), ns);
    }
    if (n_points == 1) { /* it would be a point */
        points[1] = (SvgPoint){RIGHT, points[0].y};
        points[0].x = LEFT;
        n_points = 2;
    }
    if (n_points > 0)
        dag__svg_path(chart->stream, "bound", points, n_points);
}

/* Write the names beside a sample of each line. */
static void
write_legend(const Chart *chart)
{
    double y = chart->top + TOP;

    for (guint i = 0; i < chart->series->len; i++) {
        const Series *series = &g_array_index(chart->series, Series, i);
        unsigned number = (unsigned)(series->first % N_COLORS);
        g_autofree char *line = g_strdup_printf("line s%u", number);
        g_autofree char *mark = g_strdup_printf("mark m%u", number);
        SvgPoint sample[] = {{LEGEND_X, y}, {LEGEND_X + 30, y}};

        dag__svg_path(chart->stream, line, sample, 2);
        dag__svg_mark(chart->stream, mark, (SvgPoint){LEGEND_X + 15, y}, number);
        for (guint k = 0; k < series->members->len; k++) {
            size_t member = g_array_index(series->members, size_t, k);

            dag__svg_text(
                chart->stream, "label", (SvgPoint){LEGEND_X + 40, y + 4}, SVG_START,
                dag_benchmark_result(chart->benchmark, member, 0)->strategy->name);
            y += LINE_HEIGHT;
        }
        y += 3;
    }
    dag__svg_path(chart->stream, "bound", (SvgPoint[]){{LEGEND_X, y}, {LEGEND_X + 30, y}},
                  2);
    dag__svg_text(chart->stream, "label", (SvgPoint){LEGEND_X + 40, y + 4}, SVG_START,
                  "lower bound");
}

static void
write_heads(const Chart *chart)
{
    const DagBenchmark *benchmark = chart->benchmark;
    const DagRecommendation *it = dag_benchmark_recommendation(benchmark);
    g_autofree char *name = dag__svg_name(dag_plan_graph(dag_benchmark_plan(benchmark)));
    g_autofree char *title = g_strdup_printf(
        "%s: makespan over workers, %s", name,
        dag_benchmark_is_measured(benchmark) ? "median of real runs" : "simulated");
    g_autofree char *advice = NULL;
    char buffer[DAG_DURATION_SIZE];

    dag__svg_text(chart->stream, "title", (SvgPoint){16, chart->top + 28}, SVG_START,
                  title);
    if (!it->best.strategy)
        return;
    advice =
        g_strdup_printf("recommended: %s with %u worker%s, %s", it->best.strategy->name,
                        it->best.n_workers, it->best.n_workers == 1 ? "" : "s",
                        dag_duration_format(it->best.makespan_ns, buffer));
    dag__svg_text(chart->stream, "note", (SvgPoint){16, chart->top + 48}, SVG_START,
                  advice);
}

static void
write_chart(const DagBenchmark *benchmark, double top, Stream *stream)
{
    Chart chart = {.benchmark = benchmark,
                   .stream = stream,
                   .top = top,
                   .series = series_of(benchmark)};

    scale_chart(&chart);
    write_heads(&chart);
    write_y_axis(&chart);
    write_x_axis(&chart);
    /* The fastest comes last, above the others. */
    for (guint i = chart.series->len; i-- > 0;)
        write_series(&chart, &g_array_index(chart.series, Series, i));
    write_bound(&chart);
    write_legend(&chart);
    g_array_unref(chart.series);
}

void
dag_report_benchmarks_svg_to(const DagBenchmark *const *benchmarks, size_t n,
                             const DagReportSink *sink)
{
    g_return_if_fail((benchmarks || n == 0) && sink && sink->write);

    g_auto(Stream) stream = stream_to(sink);
    g_autoptr(GString) style = g_string_new(".line{fill:none;stroke-width:2}\n");

    for (unsigned i = 0; i < N_COLORS; i++)
        g_string_append_printf(style, ".s%u{stroke:%s}.m%u{fill:%s}\n", i, colors[i], i,
                               colors[i]);
    dag__svg_begin(&stream, (SvgPoint){PANEL_WIDTH, PANEL_HEIGHT * (double)MAX(n, 1)},
                   "makespan over workers", style->str);
    for (size_t i = 0; i < n && stream_relieve(&stream); i++)
        write_chart(benchmarks[i], PANEL_HEIGHT * (double)i, &stream);
    dag__svg_end(&stream);
}
