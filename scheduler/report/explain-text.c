/* SPDX-License-Identifier: MIT */
/*
 * A whole plan explained: gains from faster tasks, and dependencies without need.
 */
#include "report/causes.h"
#include "report/explain-report.h"
#include "report/gains.h"
#include "report/line.h"
#include "report/measures.h"
#include "report/table.h"

#include <dagrun/explain.h>

/* Rows of each table; the rest are counted. */
#define MAX_ROWS 15

typedef struct Explained {
    const DagPlan *plan;
    const DagGraph *graph;
    const DagExplanation *facts;
    const Gains *gains;
    DagTextStyle style;
    Stream *stream;
    Largest shown; /* places in the critical path: the largest gains */
} Explained;

static void
heading(const Explained *it, const char *text)
{
    g_string_append_c(it->stream->text, '\n');
    dag__text_line(it->stream->text, it->style, TONE_BOLD, "%s", text);
}

static void
count_rest(const Explained *it, size_t n_all, const char *what)
{
    if (n_all > MAX_ROWS)
        dag__text_line(it->stream->text, it->style, TONE_DIM, "  and %zu more %s",
                       n_all - MAX_ROWS, what);
}

static void
gain_cell(Table *table, bool is_known, double seconds)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (!is_known) {
        dag__table_text(table, TONE_DIM, "–");
        return;
    }
    if (seconds < 0)
        g_string_append(text, "−");
    dag__text_append_seconds(text, ABS(seconds));
    dag__table_text(table, TONE_PLAIN, text->str);
}

/* Return true if the table shows this place of the critical path. */
static bool
is_shown(const Explained *it, size_t place)
{
    for (size_t i = 0; i < it->shown.n; i++)
        if (it->shown.items[i] == place)
            return true;
    return false;
}

static void
gain_rows(Table *table, const void *data)
{
    const Explained *it = data;
    DagIds path = dag_plan_critical_path(it->plan);

    for (size_t i = 0; i < path.n; i++) {
        const Gain *gain = &it->gains->of[i];

        if (path.n > MAX_ROWS && !is_shown(it, i))
            continue;
        dag__table_text(table, TONE_PLAIN, dag_graph_task_name(it->graph, path.ids[i]));
        gain_cell(table, dag_plan_cost_is_known(it->plan, path.ids[i]),
                  dag_plan_cost(it->plan, path.ids[i]));
        gain_cell(table, true, gain->path_half);
        gain_cell(table, true, gain->path_none);
        gain_cell(table, gain->is_simulated, gain->run_half);
        gain_cell(table, gain->is_simulated, gain->run_none);
    }
}

/* Return true if a task gains nothing because another chain is as long as the critical path. */
static bool
has_rival(const Gains *gains)
{
    for (size_t i = 0; i < gains->n; i++)
        if (gains->of[i].path_none <= 0)
            return true;
    return false;
}

static void
write_path(Explained *it)
{
    static const Column columns[] = {
        {"task", false},         {"cost", true},      {"path: half", true},
        {"path: no time", true}, {"run: half", true}, {"run: no time", true},
    };
    DagIds path = dag_plan_critical_path(it->plan);
    GString *out = it->stream->text;
    g_autoptr(GString) length = g_string_new(NULL);
    g_autoptr(GString) makespan = g_string_new(NULL);
    g_autoptr(GString) least = g_string_new(NULL);
    DagBound bound = dag__bound_for(it->plan, it->gains->n_workers);
    g_autofree char *cause = dag__bound_cause(it->graph, &bound);

    for (size_t i = 0; i < path.n; i++)
        dag__largest_offer(&it->shown, (uint32_t)i,
                           (int64_t)MIN(it->gains->of[i].path_none * 1e9, 9e18));
    dag__text_append_seconds(length, dag_plan_critical_path_length(it->plan));
    dag__text_append_seconds(makespan, it->gains->makespan);
    dag__text_append_seconds(least, bound.duration);
    heading(it, "What would make the run shorter");
    if (dag_plan_n_unknown_costs(it->plan) > 0)
        dag__text_line(out, it->style, TONE_PLAIN,
                       "  if each unknown cost is 1 s (%zu task%s no cost):",
                       dag_plan_n_unknown_costs(it->plan),
                       dag_plan_n_unknown_costs(it->plan) == 1 ? " declares" : "s declare");
    dag__text_line(
        out, it->style, TONE_PLAIN,
        "  critical path  %s  the longest chain, with as many workers as it takes",
        length->str);
    dag__text_line(out, it->style, TONE_PLAIN,
                   "  lower bound    %s  no schedule on %u worker%s is shorter than %s",
                   least->str, it->gains->n_workers, it->gains->n_workers == 1 ? "" : "s",
                   cause);
    dag__text_line(out, it->style, TONE_PLAIN,
                   "  run            %s  simulated on %u worker%s with the strategy %s",
                   makespan->str, it->gains->n_workers,
                   it->gains->n_workers == 1 ? "" : "s", it->gains->strategy->name);
    dag__text_line(out, it->style, TONE_DIM,
                   "  both get shorter by these times if one task takes half its time, "
                   "or none:");
    dag__table_write_to(&(TableSpec){columns, G_N_ELEMENTS(columns), gain_rows, it},
                        it->style, it->stream);
    count_rest(it, path.n, "tasks of the critical path, which gain less");
    if (it->gains->n_simulated < path.n)
        dag__text_line(it->stream->text, it->style, TONE_DIM,
                       "  – not simulated: that would take too long");
    if (has_rival(it->gains))
        dag__text_line(it->stream->text, it->style, TONE_DIM,
                       "  path 0 s: another chain is as long");
}

static void
write_redundancies(const Explained *it)
{
    const DagExplanation *facts = it->facts;
    size_t n_tasks = dag_graph_n_tasks(it->graph);
    GString *out = it->stream->text;

    if (facts->n_redundancies == 0 && facts->n_searched == n_tasks)
        return;
    heading(it, "Dependencies that others imply");
    for (size_t i = 0; i < MIN(facts->n_redundancies, MAX_ROWS); i++) {
        const DagRedundancy *found = &facts->redundancies[i];

        dag__text_line(out, it->style, TONE_PLAIN,
                       "  %s need not name %s: it needs %s, which comes after it",
                       dag_graph_task_name(it->graph, found->task),
                       dag_graph_task_name(it->graph, found->need),
                       dag_graph_task_name(it->graph, found->through));
    }
    count_rest(it, facts->n_redundancies, "such dependencies");
    if (facts->n_searched < n_tasks)
        dag__text_line(out, it->style, TONE_DIM,
                       "  %zu of %zu tasks were searched; more would take too long",
                       (size_t)facts->n_searched, n_tasks);
}

static void
write_chains(const Explained *it)
{
    const DagExplanation *facts = it->facts;
    GString *out = it->stream->text;

    if (facts->n_chains == 0)
        return;
    heading(it, "One after another, perhaps without need");
    for (size_t i = 0; i < MIN(facts->n_chains, MAX_ROWS); i++) {
        g_autoptr(GString) chain = g_string_new(NULL);

        dag__text_append_chain(chain, it->graph, dag_explanation_chain(facts, i));
        dag__text_line(out, it->style, TONE_PLAIN, "  %s", chain->str);
    }
    count_rest(it, facts->n_chains, "such chains");
    dag__text_line(
        out, it->style, TONE_DIM,
        "  these tasks pass no output on: if they do not need each other's files, "
        "they can run together");
}

static void
write_single_phases(const Explained *it)
{
    const DagExplanation *facts = it->facts;
    g_autoptr(GString) list = g_string_new(NULL);

    if (facts->n_single_phases == 0)
        return;
    for (size_t i = 0; i < MIN(facts->n_single_phases, MAX_ROWS); i++) {
        uint32_t phase = facts->single_phases[i];
        DagTaskId only = dag_plan_phase_tasks(it->plan, phase).ids[0];

        g_string_append_printf(list, "%s%u (%s)", i > 0 ? ", " : "", phase + 1,
                               dag_graph_task_name(it->graph, only));
    }
    heading(it, "Phases of one task");
    dag__text_line(it->stream->text, it->style, TONE_PLAIN, "  %s", list->str);
    count_rest(it, facts->n_single_phases, "such phases");
    dag__text_line(it->stream->text, it->style, TONE_DIM,
                   "  with a strategy that has a barrier, nothing runs beside such a task");
}

static void
write_plan(const DagPlan *plan, const DagExplainOptions *options, DagTextStyle style,
           Stream *stream)
{
    const DagGraph *graph = dag_plan_graph(plan);
    g_autoptr(DagExplanation) facts = dag_explain_plan(plan);
    g_autoptr(Gains) gains = dag__gains_new(plan, facts, options);
    Explained it = {.plan = plan,
                    .graph = graph,
                    .facts = facts,
                    .gains = gains,
                    .style = style,
                    .stream = stream,
                    .shown = {.capacity = MAX_ROWS}};

    dag__text_line(stream->text, style, TONE_BOLD, "%s: %zu task%s in %zu phase%s",
                   dag_graph_name(graph), dag_graph_n_tasks(graph),
                   dag_graph_n_tasks(graph) == 1 ? "" : "s", dag_plan_n_phases(plan),
                   dag_plan_n_phases(plan) == 1 ? "" : "s");
    if (dag_graph_n_tasks(graph) == 0)
        return;
    write_path(&it);
    write_redundancies(&it);
    write_chains(&it);
    write_single_phases(&it);
}

void
dag_report_explanation_to(const DagPlan *plan, const DagExplainOptions *options,
                          DagTextStyle style, const DagReportSink *sink)
{
    g_return_if_fail(plan && options && sink && sink->write);

    g_auto(Stream) stream = stream_to(sink);

    for (size_t i = 0; i < options->n_tasks; i++) {
        if (i > 0)
            g_string_append_c(stream.text, '\n');
        dag__explain_task(plan, options->tasks[i], style, &stream);
    }
    if (options->n_tasks == 0)
        write_plan(plan, options, style, &stream);
}
