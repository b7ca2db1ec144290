/* SPDX-License-Identifier: MIT */
/*
 * Runs in a store as text.
 */
#include "report/history.h"
#include "report/line.h"
#include "report/table.h"

#include <dagrun/duration.h>

/* Differences from the median below this are not shown: they would be noise. */
#define LEAST_PERCENT 1

typedef struct History {
    const GPtrArray *runs; /* of DagStoredRun */
    size_t n;
    bool has_graphs;
} History;

const char *
dag_stored_run_state(const DagStoredRun *run)
{
    g_return_val_if_fail(run, NULL);
    if (run->duration_ns < 0)
        return run->is_going ? "running" : "unfinished";
    if (run->stop == DAG_STOP_CANCEL)
        return dag_outcome_name(DAG_CANCELLED);
    if (run->stop == DAG_STOP_TIMEOUT)
        return dag_outcome_name(DAG_TIMED_OUT);
    return dag_outcome_name(run->succeeded ? DAG_SUCCEEDED : DAG_FAILED);
}

char *
dag__history_time(int64_t started_us)
{
    g_autoptr(GDateTime) time =
        g_date_time_new_from_unix_local(started_us / G_USEC_PER_SEC);

    return time ? g_date_time_format(time, "%Y-%m-%d %H:%M:%S") : g_strdup("?");
}

/* Write how much longer or shorter the run took than those before it. */
static void
write_difference(Table *table, const DagStoredRun *run)
{
    double percent;

    if (run->duration_ns < 0 || run->median_ns <= 0 || !run->succeeded) {
        dag__table_text(table, TONE_PLAIN, "");
        return;
    }
    percent = 100 * ((double)run->duration_ns / (double)run->median_ns - 1);
    if (percent > -LEAST_PERCENT && percent < LEAST_PERCENT)
        dag__table_text(table, TONE_DIM, "=");
    else if (percent < 1000)
        dag__table_cell(table, percent > 0 ? TONE_BOLD : TONE_PLAIN, "%+.0f %%", percent);
    else
        dag__table_cell(table, TONE_BOLD, "× %.0f", percent / 100 + 1);
}

static void
history_rows(Table *table, const void *data)
{
    const History *history = data;

    for (size_t i = 0; i < history->n && dag__table_is_wanted(table); i++) {
        const DagStoredRun *run = g_ptr_array_index(history->runs, i);
        g_autofree char *time = dag__history_time(run->started_us);
        Tone tone = run->duration_ns >= 0 && !run->succeeded ? TONE_ALARM : TONE_PLAIN;

        dag__table_cell(table, TONE_PLAIN, "%" G_GINT64_FORMAT, run->id);
        dag__table_text(table, TONE_PLAIN, time);
        if (history->has_graphs)
            dag__table_text(table, TONE_PLAIN, run->graph);
        dag__table_text(table, tone, dag_stored_run_state(run));
        dag__table_cell(table, TONE_PLAIN, "%u/%u", run->n_succeeded, run->n_tasks);
        dag__table_duration(table, TONE_PLAIN, run->duration_ns);
        dag__table_duration(table, TONE_DIM, run->median_ns);
        write_difference(table, run);
        dag__table_text(table, TONE_PLAIN, run->failed);
    }
}

void
dag_report_history_to(const GPtrArray *runs, size_t n, bool has_graphs, DagTextStyle style,
                      const DagReportSink *sink)
{
    g_return_if_fail(runs && n <= runs->len && sink && sink->write);

    static const Column columns[] = {
        {"run", true},      {"started", false}, {"graph", false},
        {"outcome", false}, {"done", true},     {"took", true},
        {"median", true},   {"", true},         {"failed", false}};
    Column shown[G_N_ELEMENTS(columns)];
    size_t n_shown = 0;
    g_auto(Stream) stream = stream_to(sink);
    History history = {runs, n, has_graphs};

    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++)
        if (has_graphs || !g_str_equal(columns[i].title, "graph"))
            shown[n_shown++] = columns[i];
    dag__table_write_to(&(TableSpec){shown, n_shown, history_rows, &history}, style,
                        &stream);
}

/* Append the line of a task that did not succeed. */
static void
append_task(const DagStoredTask *task, DagTextStyle style, GString *out)
{
    if (task->reason)
        dag__text_line(out, style, task->is_allowed ? TONE_PLAIN : TONE_ALARM,
                       "  %s  %s: %s", task->name, dag_outcome_name(task->outcome),
                       task->reason);
    else
        dag__text_line(out, style, TONE_PLAIN, "  %s  %s", task->name,
                       dag_outcome_name(task->outcome));
}

static void
append_head(const DagStoredRun *run, DagTextStyle style, GString *out)
{
    g_autofree char *time = dag__history_time(run->started_us);
    char took[DAG_DURATION_SIZE];

    dag__text_line(out, style, TONE_BOLD, "run %" G_GINT64_FORMAT " of %s: %s", run->id,
                   run->path, dag_stored_run_state(run));
    dag__text_line(out, style, TONE_PLAIN,
                   "  began %s on %s, strategy %s, %u worker%s, dagrun %s", time, run->host,
                   run->strategy, run->n_workers, run->n_workers == 1 ? "" : "s",
                   run->version);
    if (!g_str_equal(run->parameters, "{}"))
        dag__text_line(out, style, TONE_PLAIN, "  parameters %s", run->parameters);
    if (run->duration_ns >= 0)
        dag__text_line(out, style, TONE_PLAIN, "  took %s",
                       dag_duration_format(run->duration_ns, took));
    else if (run->is_going)
        dag__text_line(out, style, TONE_PLAIN, "  process %" G_GINT64_FORMAT, run->process);
    dag__text_line(out, style, TONE_PLAIN, "  %u of %u tasks succeeded", run->n_succeeded,
                   run->n_tasks);
}

void
dag_report_stored_run(const DagStoredRun *run, const GPtrArray *tasks, DagTextStyle style,
                      GString *out)
{
    g_return_if_fail(run && tasks && out);

    append_head(run, style, out);
    if (run->summary) {
        g_string_append_printf(out, "\n%s", run->summary);
        return;
    }
    for (guint i = 0; i < tasks->len; i++) {
        const DagStoredTask *task = g_ptr_array_index(tasks, i);

        if (task->outcome != DAG_SUCCEEDED)
            append_task(task, style, out);
    }
}

/* Append how an attempt, or a task, ended. */
static void
append_end(DagOutcome outcome, int exit_code, int64_t ns, GString *out)
{
    char took[DAG_DURATION_SIZE];

    g_string_append(out, dag_outcome_name(outcome));
    if (exit_code != DAG_EXIT_NONE)
        g_string_append_printf(out, ", exit code %d", exit_code);
    if (ns >= 0)
        g_string_append_printf(out, ", took %s", dag_duration_format(ns, took));
}

static void
append_written(const GString *written, GString *out)
{
    if (!written) {
        g_string_append(out, "  (its text was not kept)\n");
        return;
    }
    g_string_append_len(out, written->str, (gssize)written->len);
    if (written->len > 0 && written->str[written->len - 1] != '\n')
        g_string_append_c(out, '\n');
}

void
dag_report_stored_task(const DagStoredTask *task, const GPtrArray *attempts,
                       const GString *written, DagTextStyle style, GString *out)
{
    g_return_if_fail(task && attempts && out);

    for (guint i = 0; i < attempts->len; i++) {
        const DagStoredAttempt *attempt = g_ptr_array_index(attempts, i);
        g_autoptr(GString) end = g_string_new(NULL);

        append_end(attempt->outcome, attempt->exit_code,
                   attempt->end_ns - attempt->start_ns, end);
        dag__text_line(out, style, TONE_BOLD, "%s, attempt %u: %s%s%s", task->name,
                       attempt->number, end->str, attempt->reason ? "; " : "",
                       attempt->reason ? attempt->reason : "");
        append_written(attempt->written, out);
    }

    g_autoptr(GString) end = g_string_new(NULL);

    append_end(task->outcome, task->exit_code,
               task->start_ns < 0 ? -1 : task->end_ns - task->start_ns, end);
    if (task->source > 0)
        g_string_append_printf(end, " from run %" G_GINT64_FORMAT, task->source);
    dag__text_line(out, style, TONE_BOLD, "%s%s: %s%s%s", task->name,
                   attempts->len > 0 ? ", last attempt" : "", end->str,
                   task->reason ? "; " : "", task->reason ? task->reason : "");
    if (task->start_ns >= 0)
        append_written(written, out);
}
