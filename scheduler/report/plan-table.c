/* SPDX-License-Identifier: MIT */
/*
 * The plan as a table: the tasks of each phase, and the critical path.
 */
#include "plan/bounds.h"
#include "report/causes.h"
#include "report/measures.h"
#include "report/table.h"

#include <dagrun/report.h>

typedef struct PlanRows {
    const DagPlan *plan;
    const uint32_t *positions; /* see dag__critical_positions() */
    const Work *work;          /* the expected one */
    bool has_limits;           /* a task has limits: show their column */
    unsigned n_workers;        /* of the lower bound; 0: show none */
} PlanRows;

/* Stands for a cost that was neither declared nor learned, and for sums with such a cost. */
#define UNKNOWN "unknown"

/* Number of pools shown: those with the largest lower bounds. */
#define MAX_POOLS 5

static bool
has_limits(const DagGraph *graph)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph) && text->len == 0; id++)
        dag_report_limits(graph, id, text);
    return text->len > 0;
}

static void
limits_cell(Table *table, const DagGraph *graph, DagTaskId id)
{
    g_autoptr(GString) text = g_string_new(NULL);

    dag_report_limits(graph, id, text);
    dag__table_text(table, TONE_DIM, text->str);
}

static void
known_cell(Table *table, bool is_known, double seconds)
{
    if (is_known)
        dag__table_seconds(table, TONE_PLAIN, seconds);
    else
        dag__table_text(table, TONE_DIM, UNKNOWN);
}

/* Write a dash in place of a number that is not known. */
static void
dash_cell(Table *table, bool is_known, double seconds)
{
    if (is_known)
        dag__table_seconds(table, TONE_PLAIN, seconds);
    else
        dag__table_text(table, TONE_DIM, "–");
}

static void
task_row(Table *table, const PlanRows *rows, DagTaskId id)
{
    const DagPlan *plan = rows->plan;
    const DagGraph *graph = dag_plan_graph(plan);
    bool is_critical = rows->positions[id] > 0;

    dag__table_text(table, TONE_BOLD, is_critical ? "*" : "");
    dag__table_text(table, TONE_PLAIN, dag_graph_task_name(graph, id));
    dag__table_text(table, TONE_DIM, dag_graph_task_kind(graph, id)->name);
    dag__table_number(table, TONE_PLAIN, dag_graph_predecessors(graph, id).n);
    known_cell(table, dag_plan_cost_is_known(plan, id), dag_plan_cost(plan, id));
    dash_cell(table, dag_plan_rank_is_known(plan, id), dag_plan_rank(plan, id));
    dash_cell(table, dag_plan_start_is_known(plan, id), dag_plan_earliest_start(plan, id));
    dash_cell(table, dag_plan_n_unknown_costs(plan) == 0, dag_plan_slack(plan, id));
    if (rows->has_limits)
        limits_cell(table, graph, id);
}

static void
plan_rows(Table *table, const void *data)
{
    const PlanRows *rows = data;

    for (uint32_t phase = 0; phase < dag_plan_n_phases(rows->plan); phase++) {
        DagIds tasks = dag_plan_phase_tasks(rows->plan, phase);
        const char *title = dag_plan_phase_title(rows->plan, phase);

        dag__table_heading(table, "Phase %u%s%s", phase + 1, title ? ": " : "",
                           title ? title : "");
        for (size_t i = 0; i < tasks.n && dag__table_is_wanted(table); i++)
            task_row(table, rows, tasks.ids[i]);
    }
}

/* Return how many tasks use each pool, or how many of them have an unknown cost; [n_pools], free
 * with g_free(). */
static size_t *
count_users(const DagPlan *plan, bool unknown_only)
{
    const DagGraph *graph = dag_plan_graph(plan);
    size_t n_pools, n_uses;

    dag_graph_pools(graph, &n_pools);

    size_t *n_users = g_new0(size_t, n_pools);

    for (DagTaskId id = 0; n_pools > 0 && id < dag_graph_n_tasks(graph); id++) {
        const DagUse *uses = dag_graph_task_uses(graph, id, &n_uses);

        for (size_t i = 0; i < n_uses; i++)
            n_users[uses[i].pool] += !unknown_only || !dag_plan_cost_is_known(plan, id);
    }
    return n_users;
}

/* Say what the lower bound by a pool means. */
static void
pool_meaning(Table *table, const DagPool *pool, size_t n_users, bool is_by_rate)
{
    g_autofree char *rate = dag__rate_text(pool);
    const char *s = n_users == 1 ? "" : "s";

    if (n_users == 0)
        dag__table_cell(table, TONE_DIM, "no task uses it");
    else if (is_by_rate)
        dag__table_cell(table, TONE_DIM,
                        "starts of its %zu task%s at %s: no run is shorter", n_users, s,
                        rate);
    else if (pool->slots == 0)
        dag__table_cell(table, TONE_DIM, "its %zu task%s may start at once: %s", n_users, s,
                        rate);
    else
        dag__table_cell(
            table, TONE_DIM,
            "cost of its %zu task%s spread over its %u slot%s: no run is shorter", n_users,
            s, pool->slots, pool->slots == 1 ? "" : "s");
}

/* The lower bounds by pool, the largest of them. */
static void
pool_rows(Table *table, const DagPlan *plan, const Work *work)
{
    const DagGraph *graph = dag_plan_graph(plan);
    size_t n_pools;
    const DagPool *pools = dag_graph_pools(graph, &n_pools);
    g_autofree size_t *n_users = count_users(plan, false);
    g_autofree size_t *n_unknown = count_users(plan, true);
    Largest largest = {.capacity = MAX_POOLS};

    for (uint32_t i = 0; i < n_pools; i++)
        dag__largest_offer(&largest, i,
                           (int64_t)MIN(dag__work_of_pool(work, graph, i) * 1e9, 9e18));
    for (size_t i = 0; i < largest.n; i++) {
        uint32_t pool = largest.items[i];

        dag__table_cell(table, TONE_PLAIN, "pool %s", pools[pool].name);
        known_cell(table, n_unknown[pool] == 0, dag__work_of_pool(work, graph, pool));
        pool_meaning(table, &pools[pool], n_users[pool],
                     dag__work_of_rate(work, graph, pool) >
                         dag__work_of_slots(work, graph, pool));
    }
}

/* The lower bound for a number of workers. */
static void
bound_row(Table *table, const PlanRows *rows)
{
    DagBound bound = dag__bound_for(rows->plan, rows->n_workers);
    g_autofree char *cause = dag__bound_cause(dag_plan_graph(rows->plan), &bound);
    size_t n_unknown = dag_plan_n_unknown_costs(rows->plan);

    dag__table_cell(table, TONE_PLAIN, "lower bound");
    known_cell(table, n_unknown == 0, bound.duration);
    dag__table_cell(table, TONE_DIM, "no schedule with %u worker%s is shorter than %s%s",
                    rows->n_workers, rows->n_workers == 1 ? "" : "s", cause,
                    n_unknown > 0 ? " if each unknown cost is 1 s" : "");
}

static void
footer_rows(Table *table, const void *data)
{
    const PlanRows *rows = data;
    const DagPlan *plan = rows->plan;
    DagIds path = dag_plan_critical_path(plan);
    double length = dag_plan_critical_path_length(plan);
    size_t n_unknown = dag_plan_n_unknown_costs(plan);
    g_autoptr(GString) chain = g_string_new(NULL);

    dag__text_append_chain(chain, dag_plan_graph(plan), path);
    dag__table_cell(table, TONE_PLAIN, "critical path");
    known_cell(table, n_unknown == 0, length);
    dag__table_cell(table, TONE_DIM, "longest chain (*)%s, %zu task%s: %s",
                    n_unknown > 0 ? " if each unknown cost is 1 s" : "", path.n,
                    path.n == 1 ? "" : "s", chain->str);

    dag__table_cell(table, TONE_PLAIN, "total cost");
    known_cell(table, n_unknown == 0, dag_plan_total_cost(plan));
    if (n_unknown > 0)
        dag__table_cell(table, TONE_DIM,
                        "%zu task%s no cost; declare it in seconds: cost=\"2.5\"",
                        n_unknown, n_unknown == 1 ? " declares" : "s declare");
    else
        dag__table_text(table, TONE_DIM, "all tasks added up");

    if (length > 0 && n_unknown == 0) {
        dag__table_cell(table, TONE_PLAIN, "parallelism");
        dag__table_cell(table, TONE_PLAIN, "%.1f", rows->work->workers / length);
        dag__table_cell(table, TONE_DIM,
                        "%s / critical path: more workers than that "
                        "are not busy all the time",
                        rows->work->connections > 0 ? "cost on workers" : "total cost");
    }
    if (rows->n_workers > 0)
        bound_row(table, rows);
    pool_rows(table, plan, rows->work);
}

static void
write_size(const DagPlan *plan, DagTextStyle style, GString *out)
{
    const DagGraph *graph = dag_plan_graph(plan);
    const char *const *excluded = dag_graph_excluded(graph);
    size_t n_tasks = dag_graph_n_tasks(graph), n_phases = dag_plan_n_phases(plan);
    size_t n_dependencies = dag_graph_n_dependencies(graph);
    g_autofree char *names = g_strjoinv(", ", (char **)(void *)excluded);

    dag__text_line(out, style, TONE_BOLD, "%s: %zu task%s in %zu phase%s, %zu dependenc%s",
                   dag_graph_name(graph), n_tasks, n_tasks == 1 ? "" : "s", n_phases,
                   n_phases == 1 ? "" : "s", n_dependencies,
                   n_dependencies == 1 ? "y" : "ies");
    if (*excluded)
        dag__text_line(out, style, TONE_PLAIN, "  excluded%s: %s",
                       dag_graph_is_reduced(graph) ? "" : " by their conditions", names);
}

static void
write_table(const DagPlan *plan, unsigned n_workers, DagTextStyle style, Stream *stream)
{
    static const Column columns[] = {
        {"", false},    {"task", false}, {"kind", false}, {"needs", true},   {"cost", true},
        {"rank", true}, {"start", true}, {"slack", true}, {"limits", false},
    };
    static const Column footer_columns[] = {{"", false}, {"", true}, {"", false}};

    g_autofree uint32_t *positions = dag__critical_positions(plan);
    Work work;
    PlanRows rows = {plan, positions, &work, has_limits(dag_plan_graph(plan)), n_workers};
    size_t n_columns = G_N_ELEMENTS(columns) - !rows.has_limits;

    dag__work_init(&work, dag_plan_graph(plan), IN_SECONDS);
    for (DagTaskId id = 0; id < dag_graph_n_tasks(dag_plan_graph(plan)); id++)
        dag__work_add(&work, dag_plan_graph(plan), id, dag_plan_cost(plan, id));
    if (dag_plan_n_phases(plan) > 0) {
        dag__table_write_to(&(TableSpec){columns, n_columns, plan_rows, &rows}, style,
                            stream);
        g_string_append_c(stream->text, '\n');
    }
    write_size(plan, style, stream->text);
    if (dag_plan_n_phases(plan) > 0)
        dag__table_write_to(
            &(TableSpec){footer_columns, G_N_ELEMENTS(footer_columns), footer_rows, &rows},
            style, stream);
    dag__work_clear(&work);
}

void
dag_report_plan_table(const DagPlan *plan, DagTextStyle style, GString *out)
{
    g_return_if_fail(plan && out);
    write_table(plan, 0, style, &(Stream){.text = out});
}

void
dag_report_plan_table_to(const DagPlan *plan, DagTextStyle style, const DagReportSink *sink)
{
    dag_report_plan_table_for(plan, 0, style, sink);
}

void
dag_report_plan_table_for(const DagPlan *plan, unsigned n_workers, DagTextStyle style,
                          const DagReportSink *sink)
{
    g_return_if_fail(plan && sink && sink->write);

    g_auto(Stream) stream = stream_to(sink);

    write_table(plan, n_workers, style, &stream);
}
