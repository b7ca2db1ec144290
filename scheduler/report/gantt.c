/* SPDX-License-Identifier: MIT */
/*
 * A run as a Gantt chart: a row for each worker and connection that it used, a box for each attempt, those of the
 * critical path in another colour.  Boxes that are narrower than half a pixel are drawn as one, so that
 * the size of the document depends on its rows, not on the number of tasks.
 */
#include "report/causes.h"
#include "report/svg.h"

#include <dagrun/duration.h>
#include <math.h>

#define WIDTH        1200.0
#define LEFT         96.0
#define RIGHT        1184.0
#define TOP          76.0
#define LEAST_WIDTH  0.5 /* of a box */
#define LETTERS      11.0
#define MOST_HEIGHT  30.0 /* of a row */
#define LEAST_HEIGHT 3.0
#define ROWS_HEIGHT  1800.0 /* of all rows, unless they would be too low */

/* One attempt. */
typedef struct Box {
    int64_t start_ns, end_ns;
    DagTaskId id;
    unsigned row;
    bool is_critical;
    bool failed;
} Box;

typedef struct Gantt {
    const DagRun *run;
    const DagGraph *graph;
    Stream *stream;
    GArray *boxes;      /* of Box, by row and start */
    unsigned n_workers; /* rows of workers that were used; those of connections follow */
    unsigned n_rows;
    double row_height;
    double pixels; /* for a nanosecond */
    DagBound bound;
} Gantt;

static int
compare_boxes(gconstpointer left, gconstpointer right)
{
    const Box *a = left, *b = right;

    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    if (a->start_ns != b->start_ns)
        return a->start_ns < b->start_ns ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

static bool
is_connection(const Gantt *it, DagTaskId id)
{
    return dag_graph_task_kind(it->graph, id)->occupies == DAG_OCCUPIES_CONNECTION;
}

/* Count the rows of workers, and those of connections. */
static void
count_rows(Gantt *it)
{
    unsigned n_connections = 0;

    for (DagTaskId id = 0; id < dag_graph_n_tasks(it->graph); id++) {
        unsigned n_attempts = dag_run_record(it->run, id).n_attempts;

        for (unsigned i = 0; i < n_attempts; i++) {
            unsigned n = dag_run_attempt(it->run, id, i).worker + 1U;

            if (is_connection(it, id))
                n_connections = MAX(n_connections, n);
            else
                it->n_workers = MAX(it->n_workers, n);
        }
    }
    it->n_rows = it->n_workers + n_connections;
}

static void
add_boxes(Gantt *it)
{
    size_t n_tasks = dag_graph_n_tasks(it->graph);
    DagIds path = dag_plan_critical_path(dag_run_plan(it->run));
    g_autofree bool *is_critical = g_new0(bool, n_tasks + 1);

    for (size_t i = 0; i < path.n; i++)
        is_critical[path.ids[i]] = true;
    for (DagTaskId id = 0; id < n_tasks; id++) {
        unsigned n_attempts = dag_run_record(it->run, id).n_attempts;

        for (unsigned i = 0; i < n_attempts; i++) {
            DagAttempt attempt = dag_run_attempt(it->run, id, i);
            Box box = {.start_ns = attempt.start_ns,
                       .end_ns = attempt.end_ns,
                       .id = id,
                       .row = attempt.worker + (is_connection(it, id) ? it->n_workers : 0),
                       .is_critical = is_critical[id],
                       .failed = attempt.outcome != DAG_SUCCEEDED};

            g_array_append_val(it->boxes, box);
        }
    }
    g_array_sort(it->boxes, compare_boxes);
}

static double
x_of(const Gantt *it, double ns)
{
    return LEFT + ns * it->pixels;
}

static double
y_of(const Gantt *it, unsigned row)
{
    return TOP + row * it->row_height;
}

/* Write the name of a task in its box, if it fits. */
static void
write_name(const Gantt *it, const Box *box, double width)
{
    const char *name = dag_graph_task_name(it->graph, box->id);

    if (it->row_height < LETTERS + 4 || dag__svg_text_width(name, LETTERS) > width - 6)
        return;
    dag__svg_text(it->stream, box->is_critical || box->failed ? "name strong" : "name",
                  (SvgPoint){x_of(it, (double)box->start_ns) + width / 2,
                             y_of(it, box->row) + it->row_height / 2 + 4},
                  SVG_MIDDLE, name);
}

static void
write_box(const Gantt *it, const Box *box)
{
    char start[DAG_DURATION_SIZE], end[DAG_DURATION_SIZE];
    double x = x_of(it, (double)box->start_ns);
    double width = MAX(x_of(it, (double)box->end_ns) - x, LEAST_WIDTH);
    double gap = it->row_height > 8 ? 1.5 : 0.25;
    g_autofree char *tip = g_strdup_printf(
        "%s: %s to %s", dag_graph_task_name(it->graph, box->id),
        dag_duration_format(box->start_ns, start), dag_duration_format(box->end_ns, end));

    dag__svg_rect(it->stream,
                  box->failed        ? "box failed"
                  : box->is_critical ? "box critical"
                                     : "box task",
                  (SvgPoint){x, y_of(it, box->row) + gap},
                  (SvgPoint){width, it->row_height - 2 * gap}, tip);
    write_name(it, box, width);
}

/* Return the number of boxes from `first` on that are too narrow to be told apart, in less than a pixel; 0 or
 * 1: draw the box itself. */
static guint
n_narrow(const Gantt *it, guint first)
{
    const Box *box = &g_array_index(it->boxes, Box, first);
    double end = x_of(it, (double)box->start_ns) + 1;
    guint i = first;

    for (; i < it->boxes->len; i++) {
        const Box *next = &g_array_index(it->boxes, Box, i);

        if (next->row != box->row || x_of(it, (double)next->end_ns) > end)
            break;
    }
    return i - first;
}

static void
write_boxes(const Gantt *it)
{
    for (guint i = 0; i < it->boxes->len && stream_relieve(it->stream);) {
        const Box *box = &g_array_index(it->boxes, Box, i);
        guint n = n_narrow(it, i);
        Box merged = *box;

        if (n <= 1) {
            write_box(it, box);
            i++;
            continue;
        }
        for (guint k = i; k < i + n; k++) {
            merged.is_critical |= g_array_index(it->boxes, Box, k).is_critical;
            merged.failed |= g_array_index(it->boxes, Box, k).failed;
            merged.end_ns = MAX(merged.end_ns, g_array_index(it->boxes, Box, k).end_ns);
        }

        g_autofree char *tip = g_strdup_printf("%u tasks", n);
        double x = x_of(it, (double)merged.start_ns);

        dag__svg_rect(it->stream,
                      merged.failed        ? "failed"
                      : merged.is_critical ? "critical"
                                           : "task",
                      (SvgPoint){x, y_of(it, box->row) + 0.25},
                      (SvgPoint){MAX(x_of(it, (double)merged.end_ns) - x, LEAST_WIDTH),
                                 it->row_height - 0.5},
                      tip);
        i += n;
    }
}

/* Name the rows, or some of them if they are low. */
static void
write_rows(const Gantt *it)
{
    unsigned every = (unsigned)ceil(14 / it->row_height);

    for (unsigned row = 0; row < it->n_rows; row++) {
        bool is_worker = row < it->n_workers;
        unsigned number = is_worker ? row : row - it->n_workers;
        g_autofree char *name =
            g_strdup_printf("%s %u", is_worker ? "worker" : "connection", number);

        if (number % every == 0)
            dag__svg_text(it->stream, "note",
                          (SvgPoint){LEFT - 8, y_of(it, row) + it->row_height / 2 + 4},
                          SVG_END, name);
    }
}

static void
write_time_axis(const Gantt *it)
{
    double makespan = (double)dag_run_makespan_ns(it->run);
    double bottom = y_of(it, it->n_rows);
    SvgUnit unit = dag__svg_unit_of(makespan);
    double step = dag__svg_step(makespan / unit.ns, 12);
    g_autofree char *title = g_strdup_printf("time (%s)", unit.name);
    char number[G_ASCII_DTOSTR_BUF_SIZE];

    for (unsigned i = 0; i * step * unit.ns <= makespan * (1 + 1e-9); i++) {
        double x = x_of(it, i * step * unit.ns);

        dag__svg_line(it->stream, "grid", (SvgPoint){x, TOP}, (SvgPoint){x, bottom + 5});
        g_ascii_formatd(number, sizeof(number), "%.6g", i * step);
        dag__svg_text(it->stream, "note", (SvgPoint){x, bottom + 20}, SVG_MIDDLE, number);
    }
    dag__svg_line(it->stream, "axis", (SvgPoint){LEFT, bottom}, (SvgPoint){RIGHT, bottom});
    dag__svg_text(it->stream, "note", (SvgPoint){(LEFT + RIGHT) / 2, bottom + 40},
                  SVG_MIDDLE, title);
}

/* Mark the lower bound, and explain the colours. */
static void
write_key(const Gantt *it)
{
    double x = x_of(it, it->bound.duration * 1e9), bottom = y_of(it, it->n_rows) + 40;

    if (it->bound.duration > 0)
        dag__svg_line(it->stream, "bound", (SvgPoint){x, TOP - 6},
                      (SvgPoint){x, y_of(it, it->n_rows) + 5});
    dag__svg_rect(it->stream, "critical", (SvgPoint){LEFT, bottom - 10}, (SvgPoint){14, 12},
                  NULL);
    dag__svg_text(it->stream, "note", (SvgPoint){LEFT + 20, bottom}, SVG_START,
                  "critical path");
    dag__svg_line(it->stream, "bound", (SvgPoint){LEFT + 126, bottom - 4},
                  (SvgPoint){LEFT + 150, bottom - 4});
    dag__svg_text(it->stream, "note", (SvgPoint){LEFT + 156, bottom}, SVG_START,
                  "lower bound");
}

/* "NAME: critical-path with 2 workers, 8.00 s", and the bound below it. */
static void
write_heads(const Gantt *it)
{
    unsigned n_workers = dag_run_n_workers(it->run);
    g_autofree char *cause = dag__bound_cause(it->graph, &it->bound);
    char makespan[DAG_DURATION_SIZE], bound[DAG_DURATION_SIZE];
    g_autofree char *name = dag__svg_name(it->graph);
    g_autofree char *title = g_strdup_printf(
        "%s: %s with %u worker%s, %s%s", name, dag_run_strategy(it->run)->name, n_workers,
        n_workers == 1 ? "" : "s",
        dag_duration_format(dag_run_makespan_ns(it->run), makespan),
        dag_run_succeeded(it->run) ? "" : ", not all succeeded");
    g_autofree char *note = g_strdup_printf(
        "lower bound %s: no schedule is shorter than %s%s",
        dag_duration_format((int64_t)MIN(it->bound.duration * 1e9 + 0.5, 9.2e18), bound),
        cause, dag_run_search(it->run).is_optimal ? "; proven to be the shortest" : "");

    dag__svg_text(it->stream, "title", (SvgPoint){16, 28}, SVG_START, title);
    dag__svg_text(it->stream, "note", (SvgPoint){16, 48}, SVG_START, note);
}

/* Return the lower bound for the costs, with that of the search. */
static DagBound
bound_of(const DagRun *run)
{
    DagMachine machine = {.n_workers = dag_run_n_workers(run),
                          .n_connections = dag_run_n_connections(run)};
    DagBound bound = dag_plan_best_bound(dag_run_plan(run), &machine);
    DagSearch search = dag_run_search(run);

    if (search.lower_bound > bound.duration * (1 + 1e-9))
        bound = (DagBound){.duration = search.lower_bound, .cause = DAG_BOUND_SEARCH};
    return bound;
}

static const char gantt_style[] =
    ".box{stroke:#ffffff;stroke-width:.7}\n"
    ".task{fill:#a8c7ee}.critical{fill:#c2410c}.failed{fill:#7f1d1d}\n"
    ".name{font-size:11px;fill:#10233d}.strong{fill:#ffffff}\n"
    "@media (prefers-color-scheme:dark){\n"
    ".box{stroke:#0d1117}.task{fill:#2f4f7a}.critical{fill:#f0883e}.failed{fill:#f85149}\n"
    ".name{fill:#e6edf3}.strong{fill:#0d1117}\n"
    "}\n";

void
dag_report_gantt_to(const DagRun *run, const DagReportSink *sink)
{
    g_return_if_fail(run && sink && sink->write);

    g_auto(Stream) stream = stream_to(sink);
    Gantt it = {.run = run,
                .graph = dag_plan_graph(dag_run_plan(run)),
                .stream = &stream,
                .boxes = g_array_new(FALSE, FALSE, sizeof(Box)),
                .bound = bound_of(run)};
    double last_ns = MAX((double)dag_run_makespan_ns(run), it.bound.duration * 1e9);
    g_autofree char *title = g_strdup_printf("%s: Gantt chart", dag_graph_name(it.graph));

    count_rows(&it);
    add_boxes(&it);
    it.row_height = CLAMP(ROWS_HEIGHT / MAX(it.n_rows, 1), LEAST_HEIGHT, MOST_HEIGHT);
    it.pixels = last_ns > 0 ? (RIGHT - LEFT) / last_ns : 0;
    dag__svg_begin(&stream, (SvgPoint){WIDTH, y_of(&it, it.n_rows) + 56}, title,
                   gantt_style);
    write_heads(&it);
    write_time_axis(&it);
    write_rows(&it);
    write_boxes(&it);
    write_key(&it);
    dag__svg_end(&stream);
    g_array_unref(it.boxes);
}
