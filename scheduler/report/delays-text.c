/* SPDX-License-Identifier: MIT */
/*
 * Causes of waiting as text.
 */
#include "report/line.h"
#include "report/measures.h"
#include "report/simulated-again.h"
#include "report/table.h"

#include <dagrun/delays.h>
#include <dagrun/duration.h>
#include <dagrun/report.h>

/* Rows of the tables. */
#define MAX_DELAYED 10
#define MAX_STEPS   20

typedef struct Delayed {
    const DagPlan *plan;
    const DagGraph *graph;
    const DagPastRun *past;
    const DagDelays *delays;
    Largest largest; /* tasks, by their delay */
} Delayed;

/* Append the cause of the delay of a task in words. */
static void
append_cause(GString *out, const Delayed *it, const DagDelay *delay)
{
    size_t n_pools;
    const DagPool *pools = dag_graph_pools(it->graph, &n_pools);
    const char *by =
        delay->by == DAG_TASK_NONE ? "" : dag_graph_task_name(it->graph, delay->by);

    switch (delay->cause) {
    case DAG_DELAY_START:
        g_string_append(out, "the start of the run");
        break;
    case DAG_DELAY_DEPENDENCY:
        g_string_append_printf(out, "%s, which it needs", by);
        break;
    case DAG_DELAY_BARRIER:
        g_string_append_printf(out, "%s, the end of the phases before", by);
        break;
    case DAG_DELAY_WORKER:
        g_string_append_printf(out, "a worker, until %s ended", by);
        break;
    case DAG_DELAY_CONNECTION:
        g_string_append_printf(out, "a connection, until %s ended", by);
        break;
    case DAG_DELAY_POOL:
        g_string_append_printf(out, "the pool %s, until %s ended", pools[delay->pool].name,
                               by);
        break;
    case DAG_DELAY_RATE:
        g_string_append_printf(out, "the rate of the pool %s, since %s had started",
                               pools[delay->pool].name, by);
        break;
    }
}

static void
step_row(Table *table, const Delayed *it, size_t i)
{
    const DagDelayStep *step = &it->delays->steps[i];
    const DagDelay *delay = &it->delays->of[step->task];
    int64_t before_ns = i > 0 ? it->delays->steps[i - 1].end_ns : it->delays->first_ns;
    g_autoptr(GString) cause = g_string_new("after ");

    append_cause(cause, it, delay);
    dag__table_text(table, TONE_PLAIN, dag_graph_task_name(it->graph, step->task));
    dag__table_duration(table, TONE_PLAIN, step->start_ns - it->delays->first_ns);
    dag__table_duration(table, TONE_PLAIN, step->end_ns - step->start_ns);
    dag__table_duration(table, TONE_PLAIN, MAX(step->start_ns - before_ns, 0));
    dag__table_text(table, TONE_DIM, cause->str);
}

static void
step_rows(Table *table, const void *data)
{
    const Delayed *it = data;
    size_t n = it->delays->n_steps;

    for (size_t i = 0; i < n; i++) {
        if (n > MAX_STEPS && i == MAX_STEPS / 2) {
            dag__table_cell(table, TONE_DIM, "…");
            for (int column = 0; column < 3; column++)
                dag__table_text(table, TONE_DIM, "");
            dag__table_cell(table, TONE_DIM, "%zu more tasks", n - MAX_STEPS);
            i = n - MAX_STEPS / 2;
        }
        step_row(table, it, i);
    }
}

/* A sum of waiting, and how many tasks contribute to it. */
typedef struct Sum {
    int64_t ns;
    size_t n;
} Sum;

static void
add(Sum *sum, int64_t ns)
{
    sum->ns += ns;
    sum->n += ns > 0;
}

static void
sum_row(Table *table, const char *cause, Sum sum, const char *meaning)
{
    if (sum.ns == 0)
        return;
    dag__table_text(table, TONE_PLAIN, cause);
    dag__table_duration(table, TONE_PLAIN, sum.ns);
    dag__table_cell(table, TONE_PLAIN, "%zu task%s", sum.n, sum.n == 1 ? "" : "s");
    dag__table_text(table, TONE_DIM, meaning);
}

static void
sum_rows(Table *table, const void *data)
{
    const Delayed *it = data;
    size_t n_pools;
    const DagPool *pools = dag_graph_pools(it->graph, &n_pools);
    g_autofree Sum *by_pool = g_new0(Sum, n_pools + 1);
    g_autofree Sum *by_rate = g_new0(Sum, n_pools + 1);
    Sum barrier = {0}, by_cause[DAG_N_DELAY_CAUSES] = {{0}}, other = {0}, pauses = {0};

    for (DagTaskId id = 0; id < dag_graph_n_tasks(it->graph); id++) {
        const DagDelay *delay = &it->delays->of[id];

        if (delay->ready_ns < 0)
            continue;
        add(&barrier, delay->barrier_ns);
        add(&other, delay->other_ns);
        add(&pauses, delay->pause_ns);
        add(delay->cause == DAG_DELAY_POOL   ? &by_pool[delay->pool]
            : delay->cause == DAG_DELAY_RATE ? &by_rate[delay->pool]
                                             : &by_cause[delay->cause],
            delay->capacity_ns);
    }
    sum_row(table, "phase barrier", barrier, "the phases before had not ended");
    sum_row(table, "workers", by_cause[DAG_DELAY_WORKER], "all of them were busy");
    sum_row(table, "connections", by_cause[DAG_DELAY_CONNECTION],
            "all of them were in use");
    for (size_t i = 0; i < n_pools; i++) {
        g_autofree char *name = g_strdup_printf("pool %s", pools[i].name);
        g_autofree char *rate = g_strdup_printf("rate %s", pools[i].name);

        sum_row(table, name, by_pool[i], "too few of its slots were free");
        sum_row(table, rate, by_rate[i], "it did not allow another start yet");
    }
    sum_row(table, "retries", pauses, "pauses between attempts");
    sum_row(table, "other", other, "dagrun itself, or the order that the strategy chose");
}

static void
delayed_rows(Table *table, const void *data)
{
    const Delayed *it = data;

    for (size_t i = 0; i < it->largest.n; i++) {
        const DagDelay *delay = &it->delays->of[it->largest.items[i]];
        g_autoptr(GString) cause = g_string_new(NULL);

        append_cause(cause, it, delay);
        if (delay->pause_ns > 0)
            g_string_append(cause, "; and pauses between its attempts");
        dag__table_text(table, TONE_PLAIN,
                        dag_graph_task_name(it->graph, it->largest.items[i]));
        dag__table_duration(table, TONE_PLAIN, delay->ready_ns - it->delays->first_ns);
        dag__table_duration(table, TONE_PLAIN, dag_delay_total_ns(delay));
        dag__table_text(table, TONE_DIM, cause->str);
    }
}

static void
write_section(const char *heading, const TableSpec *spec, DagTextStyle style,
              Stream *stream)
{
    g_string_append_c(stream->text, '\n');
    dag__text_line(stream->text, style, TONE_BOLD, "%s", heading);
    dag__table_write_to(spec, style, stream);
}

static void
write_heading(const Delayed *it, DagTextStyle style, GString *out)
{
    char makespan[DAG_DURATION_SIZE], again[DAG_DURATION_SIZE];
    int64_t replay_ns = dag__replay_ns(it->plan, it->past);

    dag__text_line(
        out, style, TONE_BOLD, "%s: a run of %s (strategy %s, %u worker%s)",
        dag_graph_name(it->graph), dag_duration_format(it->delays->makespan_ns, makespan),
        it->past->strategy, it->past->n_workers, it->past->n_workers == 1 ? "" : "s");
    if (replay_ns >= 0)
        dag__text_line(out, style, TONE_DIM,
                       "  simulated again with the durations of its attempts: %s",
                       dag_duration_format(replay_ns, again));
}

static void
write_delays(Delayed *it, DagTextStyle style, Stream *stream)
{
    static const Column step_columns[] = {
        {"task", false}, {"started", true}, {"took", true}, {"waited", true}, {"", false}};
    static const Column sum_columns[] = {{"", false}, {"", true}, {"", true}, {"", false}};
    static const Column delayed_columns[] = {
        {"task", false}, {"ready", true}, {"waited", true}, {"for", false}};

    write_heading(it, style, stream->text);
    if (it->delays->n_missing > 0)
        dag__text_line(stream->text, style, TONE_ALARM,
                       "  %zu of %zu tasks are not in the record: is it of this graph?",
                       it->delays->n_missing, dag_graph_n_tasks(it->graph));
    if (it->delays->n_steps == 0)
        return;
    write_section("From the start to the last end, each task after its cause",
                  &(TableSpec){step_columns, G_N_ELEMENTS(step_columns), step_rows, it},
                  style, stream);
    write_section("Waiting after the last dependency, all tasks added up",
                  &(TableSpec){sum_columns, G_N_ELEMENTS(sum_columns), sum_rows, it}, style,
                  stream);
    write_section(
        "The most delayed tasks",
        &(TableSpec){delayed_columns, G_N_ELEMENTS(delayed_columns), delayed_rows, it},
        style, stream);
}

void
dag_report_delays_to(const DagPlan *plan, const DagPastRun *past, DagTextStyle style,
                     const DagReportSink *sink)
{
    g_return_if_fail(plan && past && sink && sink->write);

    g_auto(Stream) stream = stream_to(sink);
    g_autoptr(DagDelays) delays = dag_delays_new(plan, past);
    Delayed it = {.plan = plan,
                  .graph = dag_plan_graph(plan),
                  .past = past,
                  .delays = delays,
                  .largest = {.capacity = MAX_DELAYED}};
    DagIds declared = dag_graph_declared(it.graph);

    for (size_t i = 0; i < declared.n; i++) {
        const DagDelay *delay = &delays->of[declared.ids[i]];

        if (delay->ready_ns >= 0 && dag_delay_total_ns(delay) > 0)
            dag__largest_offer(&it.largest, declared.ids[i], dag_delay_total_ns(delay));
    }
    dag__largest_sort(&it.largest);
    write_delays(&it, style, &stream);
}
