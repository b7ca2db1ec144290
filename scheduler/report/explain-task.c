/* SPDX-License-Identifier: MIT */
/*
 * One task explained: its phase, its times, its place among the others.
 */
#include "report/explain-report.h"
#include "report/line.h"
#include "report/measures.h"
#include "report/table.h"

#include <dagrun/explain.h>

/* Names in a list; the rest are counted. */
#define MAX_NAMES 8

/* Phases in a chain of reasons: the first ones and the last; the rest are counted. */
#define MAX_STEPS 12

typedef struct TaskRows {
    const DagPlan *plan;
    const DagGraph *graph;
    DagTaskId id;
} TaskRows;

/* Return the reason for the phase of `id` in words; free with g_free(). */
static char *
reason_text(const TaskRows *rows, DagTaskId id)
{
    DagPhaseReason reason = dag_explain_phase(rows->plan, id);
    bool has_witness = reason.witness != DAG_TASK_NONE;
    const char *name = has_witness ? dag_graph_task_name(rows->graph, reason.witness) : "";
    bool is_first = has_witness && dag_graph_successors(rows->graph, id).n > 1;

    switch (reason.cause) {
    case DAG_PHASE_FIRST:
        break;
    case DAG_PHASE_AFTER:
        return g_strdup_printf("right after %s, which it needs", name);
    case DAG_PHASE_BEFORE:
        return g_strdup_printf("right before %s, %s", name,
                               is_first ? "the first task that needs it"
                                        : "which needs it");
    case DAG_PHASE_LAST:
        return g_strdup("the last phase, since no task needs it");
    case DAG_PHASE_SHORTEST:
        return g_strdup("later than it has to be: so the dependencies are the shortest");
    }
    return g_strdup("the first phase, since it needs no task");
}

/* Return the number of steps in the chain of reasons. */
static size_t
count_steps(const DagPlan *plan, DagTaskId id)
{
    size_t n = 0;

    for (; id != DAG_TASK_NONE; id = dag_explain_phase(plan, id).witness)
        n++;
    return n;
}

static void
phase_rows(Table *table, const void *data)
{
    const TaskRows *rows = data;
    size_t n = count_steps(rows->plan, rows->id), i = 0;

    for (DagTaskId id = rows->id; id != DAG_TASK_NONE;
         id = dag_explain_phase(rows->plan, id).witness, i++) {
        g_autofree char *reason = NULL;

        if (n > MAX_STEPS && i == MAX_STEPS - 2) {
            dag__table_cell(table, TONE_DIM, "…");
            dag__table_cell(table, TONE_PLAIN, "%s", "");
            dag__table_cell(table, TONE_DIM, "%zu more phases in the same way",
                            n - MAX_STEPS + 1);
        }
        if (n > MAX_STEPS && i >= MAX_STEPS - 2 && i + 1 < n)
            continue;
        reason = reason_text(rows, id);
        dag__table_text(table, TONE_PLAIN, dag_graph_task_name(rows->graph, id));
        dag__table_cell(table, TONE_PLAIN, "phase %u", dag_plan_phase(rows->plan, id) + 1);
        dag__table_text(table, TONE_DIM, reason);
    }
}

static void
known_cell(Table *table, bool is_known, double seconds)
{
    if (is_known)
        dag__table_seconds(table, TONE_PLAIN, seconds);
    else
        dag__table_text(table, TONE_DIM, "unknown");
}

/* Return the explanation of the latest start; free with g_free(). */
static char *
latest_text(const TaskRows *rows)
{
    DagTaskId next = dag_explain_finish(rows->plan, rows->id);

    if (next == DAG_TASK_NONE)
        return g_strdup("any later, and the critical path gets longer");
    return g_strdup_printf(
        "any later, and the critical path gets longer: %s comes after it",
        dag_graph_task_name(rows->graph, next));
}

/* Return the meaning of the slack; borrowed. */
static const char *
slack_text(const TaskRows *rows)
{
    g_autofree uint32_t *positions = dag__critical_positions(rows->plan);
    bool is_critical = positions[rows->id] > 0;

    if (dag_plan_n_unknown_costs(rows->plan) > 0)
        return is_critical ? "critical if each unknown cost is 1 s"
                           : "not critical if each unknown cost is 1 s";
    if (is_critical)
        return "critical: a delay makes the whole run longer";
    if (dag_plan_slack(rows->plan, rows->id) <= 0)
        return "on a chain as long as the critical path: a delay makes the run longer";
    return "not critical: it can be late by this much";
}

static void
time_rows(Table *table, const void *data)
{
    const TaskRows *rows = data;
    const DagPlan *plan = rows->plan;
    bool all_known = dag_plan_n_unknown_costs(plan) == 0;
    DagTaskId before = dag_explain_start(plan, rows->id);
    g_autofree char *latest = latest_text(rows);

    dag__table_cell(table, TONE_PLAIN, "cost");
    known_cell(table, dag_plan_cost_is_known(plan, rows->id),
               dag_plan_cost(plan, rows->id));
    dag__table_text(table, TONE_DIM,
                    dag_plan_cost_is_known(plan, rows->id)
                        ? "its expected duration"
                        : "taken as 1 s; declare it in seconds: cost=\"2.5\"");

    dag__table_cell(table, TONE_PLAIN, "earliest start");
    known_cell(table, dag_plan_start_is_known(plan, rows->id),
               dag_plan_earliest_start(plan, rows->id));
    if (before == DAG_TASK_NONE)
        dag__table_text(table, TONE_DIM, "it needs no task");
    else
        dag__table_cell(table, TONE_DIM, "when %s has ended",
                        dag_graph_task_name(rows->graph, before));

    dag__table_cell(table, TONE_PLAIN, "latest start");
    known_cell(table, all_known, dag_plan_latest_start(plan, rows->id));
    dag__table_text(table, TONE_DIM, latest);

    dag__table_cell(table, TONE_PLAIN, "slack");
    known_cell(table, all_known, dag_plan_slack(plan, rows->id));
    dag__table_text(table, TONE_DIM, slack_text(rows));
}

/* Append the names of tasks, at most MAX_NAMES of them. */
static void
append_names(GString *out, const DagGraph *graph, DagIds tasks)
{
    for (size_t i = 0; i < MIN(tasks.n, MAX_NAMES); i++)
        g_string_append_printf(out, "%s%s", i > 0 ? ", " : "",
                               dag_graph_task_name(graph, tasks.ids[i]));
    if (tasks.n > MAX_NAMES)
        g_string_append_printf(out, " and %zu more", tasks.n - MAX_NAMES);
}

static void
neighbour_row(Table *table, const TaskRows *rows, const char *title, DagIds tasks,
              const char *total)
{
    g_autoptr(GString) names = g_string_new(NULL);

    append_names(names, rows->graph, tasks);
    dag__table_text(table, TONE_PLAIN, title);
    dag__table_number(table, TONE_PLAIN, tasks.n);
    dag__table_cell(table, TONE_DIM, "%s%s", names->str, tasks.n > 0 ? total : "no task");
}

static void
neighbour_rows(Table *table, const void *data)
{
    const TaskRows *rows = data;
    size_t n_before = dag_explain_n_before(rows->plan, rows->id);
    size_t n_after = dag_explain_n_after(rows->plan, rows->id);
    g_autofree char *before = g_strdup_printf("; in all it waits for %zu task%s", n_before,
                                              n_before == 1 ? "" : "s");
    g_autofree char *after = g_strdup_printf("; in all %zu task%s for it", n_after,
                                             n_after == 1 ? " waits" : "s wait");

    neighbour_row(table, rows, "needs", dag_graph_predecessors(rows->graph, rows->id),
                  before);
    neighbour_row(table, rows, "unlocks", dag_graph_successors(rows->graph, rows->id),
                  after);
}

static void
write_heading(const TaskRows *rows, DagTextStyle style, GString *out)
{
    const char *name = dag_graph_task_name(rows->graph, rows->id);
    const char *title = dag_graph_task_title(rows->graph, rows->id);
    uint32_t phase = dag_plan_phase(rows->plan, rows->id);
    const char *phase_title = dag_plan_phase_title(rows->plan, phase);

    dag__text_line(out, style, TONE_BOLD, "%s: phase %u of %zu%s%s", name, phase + 1,
                   dag_plan_n_phases(rows->plan), phase_title ? ", " : "",
                   phase_title ? phase_title : "");
    if (!g_str_equal(title, name))
        dag__text_line(out, style, TONE_PLAIN, "  %s", title);
}

static void
write_limits(const TaskRows *rows, DagTextStyle style, GString *out)
{
    g_autoptr(GString) limits = g_string_new(NULL);

    dag_report_limits(rows->graph, rows->id, limits);
    if (limits->len > 0)
        dag__text_line(out, style, TONE_PLAIN, "  limits: %s", limits->str);
}

static void
write_section(const char *heading, void (*rows)(Table *table, const void *data),
              const TaskRows *data, DagTextStyle style, Stream *stream)
{
    static const Column columns[] = {{"", false}, {"", true}, {"", false}};

    g_string_append_c(stream->text, '\n');
    dag__text_line(stream->text, style, TONE_BOLD, "%s", heading);
    dag__table_write_to(&(TableSpec){columns, G_N_ELEMENTS(columns), rows, data}, style,
                        stream);
}

void
dag__explain_task(const DagPlan *plan, DagTaskId id, DagTextStyle style, Stream *stream)
{
    const TaskRows rows = {plan, dag_plan_graph(plan), id};
    size_t n_unknown = dag_plan_n_unknown_costs(plan);
    g_autofree char *why =
        g_strdup_printf("Why phase %u (rule %s)", dag_plan_phase(plan, id) + 1,
                        dag_phase_rule_name(dag_plan_phase_rule(plan)));
    g_autofree char *when =
        g_strdup_printf("When it can start, with as many workers as it takes%s",
                        n_unknown > 0 ? " (some costs are unknown)" : "");

    write_heading(&rows, style, stream->text);
    write_limits(&rows, style, stream->text);
    write_section(why, phase_rows, &rows, style, stream);
    write_section(when, time_rows, &rows, style, stream);
    write_section("What it needs and unlocks", neighbour_rows, &rows, style, stream);
}
