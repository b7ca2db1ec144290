/* SPDX-License-Identifier: MIT */
/*
 * The summary of a run, most important facts first: result, failures, times, lower bounds.  Long
 * lists show their largest items and the number of the others.
 */
#include "report/summary.h"

#include "report/table.h"

#include <dagrun/duration.h>
#include <dagrun/report.h>
#include <signal.h>

enum {
    MAX_PHASES = LARGEST_MAX,
    MAX_FAILURES = 20, /* the summary still fits on a screen */
    MAX_SLOWEST = 5,
    MAX_RETRIED = 5, /* tasks that needed several attempts */
    MAX_POOLS = 3,
    MAX_EXCLUDED = 10,
    FEW = 4, /* with fewer tasks, times and bounds are not worth a table */
};

void
dag__summary_heading(const Summary *summary, const char *text)
{
    g_string_append_c(summary->out, '\n');
    dag__text_line(summary->out, summary->style, TONE_BOLD, "%s", text);
}

static size_t
count_failed(const DagRun *run)
{
    return dag_run_count(run, DAG_FAILED) + dag_run_count(run, DAG_TIMED_OUT);
}

/* Say first why a run ended early. */
static void
write_interruption(const Summary *summary)
{
    int number = dag_run_signal(summary->run);
    const char *name = number != 0 ? sigabbrev_np(number) : NULL;
    bool is_late = dag_run_stop(summary->run) == DAG_STOP_TIMEOUT;
    char limit[DAG_DURATION_SIZE];

    if (is_late)
        dag__text_line(summary->out, summary->style, TONE_ALARM, "Out of time: %s was %s",
                       summary->style.timeout_name ? summary->style.timeout_name
                                                   : "the time limit",
                       dag_duration_format(dag_run_timeout_ns(summary->run), limit));
    if (name)
        dag__text_line(summary->out, summary->style, TONE_ALARM, "Interrupted by SIG%s%s",
                       name, number == SIGINT ? " (Ctrl-C)" : "");
    else if (number != 0)
        dag__text_line(summary->out, summary->style, TONE_ALARM, "Interrupted by signal %d",
                       number);
    else if (!is_late && dag_run_count(summary->run, DAG_CANCELLED) > 0 &&
             count_failed(summary->run) == 0)
        dag__text_line(summary->out, summary->style, TONE_ALARM, "Stopped before its end");
}

static void
write_headline(const Summary *summary)
{
    const DagRun *run = summary->run;
    size_t n_tasks = dag_graph_n_tasks(summary->graph);
    size_t n_succeeded = dag_run_count(run, DAG_SUCCEEDED) + dag_run_count(run, DAG_REUSED);
    g_autofree char *share =
        n_succeeded < n_tasks ? g_strdup_printf("%zu of ", n_succeeded) : g_strdup("");
    g_autofree char *connections =
        dag_run_n_connections(run) == 0
            ? g_strdup("")
            : g_strdup_printf(", %u connection%s", dag_run_n_connections(run),
                              dag_run_n_connections(run) == 1 ? "" : "s");
    char buffer[DAG_DURATION_SIZE];

    if (n_tasks == 0) {
        dag__text_line(summary->out, summary->style, TONE_BOLD,
                       "%s: no tasks, nothing to do", dag_graph_name(summary->graph));
        return;
    }
    dag__text_line(summary->out, summary->style, TONE_BOLD,
                   "%s: %s%zu task%s succeeded in %s (%sstrategy %s, %u worker%s%s)",
                   dag_graph_name(summary->graph), share, n_tasks, n_tasks == 1 ? "" : "s",
                   dag_duration_format(dag_run_duration_ns(run), buffer),
                   dag_run_is_simulated(run) ? "simulated, " : "",
                   dag_run_strategy(run)->name, dag_run_n_workers(run),
                   dag_run_n_workers(run) == 1 ? "" : "s", connections);
}

static void
write_count(const Summary *summary, DagOutcome outcome, const char *meaning)
{
    size_t n = dag_run_count(summary->run, outcome);

    if (n > 0)
        dag__text_line(summary->out, summary->style, TONE_PLAIN, "  %zu %s%s", n,
                       dag_outcome_name(outcome), meaning);
}

/* Use the alarm tone only if a failure was not allowed. */
static void
write_failed(const Summary *summary, DagOutcome outcome)
{
    size_t n = dag_run_count(summary->run, outcome), n_allowed = 0;
    g_autofree char *some = NULL;

    for (guint i = 0; i < summary->failures->len; i++) {
        DagTaskId id = g_array_index(summary->failures, DagTaskId, i);

        n_allowed += dag_run_record(summary->run, id).outcome == outcome &&
                     dag__is_allowed(summary->run, id);
    }
    if (n == 0)
        return;
    some = g_strdup_printf(", %zu of them allowed to", n_allowed);
    dag__text_line(summary->out, summary->style, n_allowed < n ? TONE_ALARM : TONE_PLAIN,
                   "  %zu %s%s", n, dag_outcome_name(outcome),
                   n_allowed == 0  ? ""
                   : n_allowed < n ? some
                                   : ", and allowed to");
}

static void
write_excluded(const Summary *summary)
{
    const char *const *names = dag_graph_excluded(summary->graph);
    size_t n = g_strv_length((char **)(void *)names);
    g_autoptr(GString) list = g_string_new(NULL);

    if (n == 0)
        return;
    for (size_t i = 0; i < MIN(n, MAX_EXCLUDED); i++)
        g_string_append_printf(list, "%s%s", i > 0 ? ", " : "", names[i]);
    if (n > MAX_EXCLUDED)
        g_string_append(list, ", …");
    dag__text_line(summary->out, summary->style, TONE_PLAIN, "  %zu excluded%s: %s", n,
                   dag_graph_is_reduced(summary->graph) ? ""
                   : n == 1                             ? ", its condition is false"
                                                        : ", their conditions are false",
                   list->str);
}

static void
write_counts(const Summary *summary)
{
    dag__summary_reuse(summary);
    write_failed(summary, DAG_FAILED);
    write_failed(summary, DAG_TIMED_OUT);
    write_count(summary, DAG_BLOCKED, ": something needed did not succeed");
    write_count(summary, DAG_CANCELLED, ": the run was stopped before they could succeed");
    write_excluded(summary);
}

/* Allowed failures go last.  Otherwise the earliest goes first, since it may have caused the
 * others. */
static int
compare_failures(gconstpointer a, gconstpointer b, gpointer data)
{
    const DagRun *run = data;
    DagTaskId x = *(const DagTaskId *)a, y = *(const DagTaskId *)b;
    bool x_is_allowed = dag__is_allowed(run, x), y_is_allowed = dag__is_allowed(run, y);
    int64_t x_ns = dag_run_record(run, x).end_ns, y_ns = dag_run_record(run, y).end_ns;

    if (x_is_allowed != y_is_allowed)
        return x_is_allowed ? 1 : -1;
    if (x_ns != y_ns)
        return x_ns < y_ns ? -1 : 1;
    return x < y ? -1 : x > y;
}

static void
failure_rows(Table *table, const void *data)
{
    const Summary *summary = data;

    for (guint i = 0; i < MIN(summary->failures->len, MAX_FAILURES); i++) {
        DagTaskId id = g_array_index(summary->failures, DagTaskId, i);
        g_autoptr(GString) end = g_string_new(NULL);
        bool is_allowed = dag__is_allowed(summary->run, id);

        dag__table_cell(table, is_allowed ? TONE_PLAIN : TONE_ALARM, "%s",
                        dag_graph_task_name(summary->graph, id));
        dag_report_end(summary->run, id, end);
        dag__table_cell(table, TONE_PLAIN, "%s%s", is_allowed ? "allowed: " : "", end->str);
    }
}

static void
write_failures(const Summary *summary)
{
    static const Column columns[] = {{"", false}, {"", false}};
    size_t n_failed = summary->failures->len;

    if (n_failed == 0)
        return;
    dag__summary_heading(summary, "Failures");
    dag__table_write(&(TableSpec){columns, G_N_ELEMENTS(columns), failure_rows, summary},
                     summary->style, summary->out);
    if (n_failed > MAX_FAILURES)
        dag__text_line(summary->out, summary->style, TONE_DIM, "  and %zu more",
                       n_failed - MAX_FAILURES);
}

static void
attempt_rows(Table *table, const void *data)
{
    const Summary *summary = data;

    for (size_t i = 0; i < summary->retried.n; i++) {
        DagTaskId id = summary->retried.items[i];
        DagRecord record = dag_run_record(summary->run, id);

        dag__table_cell(table, TONE_PLAIN, "%s", dag_graph_task_name(summary->graph, id));
        dag__table_cell(table, TONE_PLAIN, "%u", record.n_attempts);
        dag__table_duration(table, TONE_PLAIN, summary->retried.values[i]);
        dag__table_cell(table, TONE_PLAIN, "%s", dag_outcome_name(record.outcome));
    }
}

static void
write_attempts(const Summary *summary)
{
    static const Column columns[] = {
        {"", false}, {"attempts", true}, {"lost", true}, {"", false}};

    if (summary->n_retried == 0)
        return;
    dag__summary_heading(summary, "Attempts (lost: what passed before the last one began)");
    dag__table_write(&(TableSpec){columns, G_N_ELEMENTS(columns), attempt_rows, summary},
                     summary->style, summary->out);
    if (summary->n_retried > summary->retried.n)
        dag__text_line(summary->out, summary->style, TONE_DIM,
                       "  and %zu more, none of which lost more time",
                       summary->n_retried - summary->retried.n);
}

static void
barrier_cells(Table *table, const Summary *summary, const PhaseMeasures *phase)
{
    int64_t idle_ns = dag__phase_idle_ns(summary->run, phase);

    dag__table_duration(table, TONE_PLAIN, dag__phase_span_ns(phase));
    dag__table_duration(table, TONE_PLAIN, phase->start_ns < 0 ? -1 : idle_ns);
    if (phase->last == DAG_TASK_NONE)
        dag__table_cell(table, TONE_DIM, "not begun");
    else
        dag__table_cell(table, TONE_PLAIN, "%s",
                        dag_graph_task_name(summary->graph, phase->last));
}

static void
overlapping_cells(Table *table, const PhaseMeasures *phase)
{
    dag__table_duration(table, TONE_PLAIN, phase->start_ns);
    dag__table_duration(table, TONE_PLAIN, phase->end_ns);
    dag__table_duration(table, TONE_PLAIN, dag__phase_span_ns(phase));
}

static void
phase_rows(Table *table, const void *data)
{
    const Summary *summary = data;

    for (size_t i = 0; i < summary->phases.n; i++) {
        uint32_t number = summary->phases.items[i];
        const PhaseMeasures *phase = &summary->measures->phases[number];
        const char *title = dag_plan_phase_title(summary->plan, number);

        dag__table_cell(table, TONE_PLAIN, "%u", number + 1);
        dag__table_cell(table, TONE_PLAIN, "%s", title ? title : "");
        dag__table_cell(table, TONE_PLAIN, "%zu",
                        dag_plan_phase_tasks(summary->plan, number).n);
        if (summary->has_barrier)
            barrier_cells(table, summary, phase);
        else
            overlapping_cells(table, phase);
    }
}

static void
write_phases(const Summary *summary)
{
    static const Column with_barrier[] = {{"", true},      {"", false},
                                          {"tasks", true}, {"took", true},
                                          {"idle", true},  {"ended last", false}};
    static const Column overlapping[] = {{"", true},      {"", false},     {"tasks", true},
                                         {"began", true}, {"ended", true}, {"took", true}};
    size_t n_left_out = dag_plan_n_phases(summary->plan) - summary->phases.n;
    const Column *columns = summary->has_barrier ? with_barrier : overlapping;

    if (dag_plan_n_phases(summary->plan) < 2)
        return;
    dag__summary_heading(summary,
                         summary->has_barrier
                             ? "Phases"
                             : "Phases (they overlap: nothing waits for a phase to end)");
    dag__table_write(&(TableSpec){columns, G_N_ELEMENTS(with_barrier), phase_rows, summary},
                     summary->style, summary->out);
    if (n_left_out > 0)
        dag__text_line(summary->out, summary->style, TONE_DIM,
                       "  and %zu more, none of which took longer", n_left_out);
}

static void
slowest_rows(Table *table, const void *data)
{
    const Summary *summary = data;
    double makespan_ns = (double)MAX(dag_run_makespan_ns(summary->run), 1);

    for (size_t i = 0; i < summary->slowest.n; i++) {
        int64_t ns = summary->slowest.values[i];
        double percent = 100 * (double)ns / makespan_ns;

        dag__table_cell(table, TONE_PLAIN, "%s",
                        dag_graph_task_name(summary->graph, summary->slowest.items[i]));
        dag__table_duration(table, TONE_PLAIN, ns);
        if (percent < 1)
            dag__table_cell(table, TONE_PLAIN, "<1 %%");
        else
            dag__table_cell(table, TONE_PLAIN, "%.0f %%", percent);
    }
}

static void
write_slowest(const Summary *summary)
{
    static const Column columns[] = {{"", false}, {"took", true}, {"of the run", true}};

    dag__summary_heading(summary, "Slowest tasks");
    dag__table_write(&(TableSpec){columns, G_N_ELEMENTS(columns), slowest_rows, summary},
                     summary->style, summary->out);
}

static void
choose_task(Summary *summary, DagTaskId id)
{
    DagRecord record = dag_run_record(summary->run, id);

    if (dag__has_failed(summary->run, id))
        g_array_append_val(summary->failures, id);
    if (record.start_ns >= 0)
        dag__largest_offer(&summary->slowest, id, dag_run_busy_ns(summary->run, id));
    if (record.n_attempts > 1) {
        DagAttempt last = dag_run_attempt(summary->run, id, record.n_attempts - 1);

        dag__largest_offer(&summary->retried, id, last.start_ns - record.start_ns);
        summary->n_retried++;
    }
}

/* Choose the items to show: the longest phases in their order; the largest tasks and pools,
 * largest first. */
static void
choose(Summary *summary)
{
    DagIds declared = dag_graph_declared(summary->graph);
    size_t n_pools;

    summary->phases.capacity = MAX_PHASES;
    for (uint32_t i = 0; i < dag_plan_n_phases(summary->plan); i++)
        dag__largest_offer(&summary->phases, i,
                           dag__phase_span_ns(&summary->measures->phases[i]));

    /* At most half of the tasks: a list of all would not show which are slow. */
    summary->slowest.capacity = MIN(MAX_SLOWEST, (summary->measures->n_started + 1) / 2);
    summary->retried.capacity = MAX_RETRIED;
    for (size_t i = 0; i < declared.n; i++)
        choose_task(summary, declared.ids[i]);
    dag__largest_sort(&summary->slowest);
    dag__largest_sort(&summary->retried);
    g_array_sort_with_data(summary->failures, compare_failures, (gpointer)summary->run);

    summary->pools.capacity = MAX_POOLS;
    dag_graph_pools(summary->graph, &n_pools);
    for (uint32_t i = 0; i < n_pools; i++)
        if (summary->measures->pool_ns[i] > 0)
            dag__largest_offer(&summary->pools, i, summary->measures->pool_ns[i]);
    dag__largest_sort(&summary->pools);
}

void
dag_report_summary(const DagRun *run, DagTextStyle style, GString *out)
{
    g_return_if_fail(run && out);

    g_autoptr(Measures) measures = dag__measures_new(run);
    g_autoptr(GArray) failures = g_array_new(FALSE, FALSE, sizeof(DagTaskId));
    Summary summary = {
        .run = run,
        .plan = dag_run_plan(run),
        .graph = dag_plan_graph(dag_run_plan(run)),
        .measures = measures,
        .failures = failures,
        .style = style,
        .out = out,
        .has_barrier = dag_run_strategy(run)->release == DAG_RELEASE_PHASE,
    };

    choose(&summary);
    write_interruption(&summary);
    write_headline(&summary);
    write_counts(&summary);
    dag__summary_traffic(&summary);
    write_failures(&summary);
    write_attempts(&summary);
    if (measures->n_started < 2)
        return;
    write_phases(&summary);
    if (measures->n_started < FEW)
        return;
    write_slowest(&summary);
    dag__summary_times(&summary);
}
