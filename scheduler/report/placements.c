/* SPDX-License-Identifier: MIT */
#include "report/placements.h"

#include "report/table.h"

#include <dagrun/strategy.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PLACEMENTS 8
#define MAX_NAMED      12 /* tasks of a worker */

/* The schedules of all strategies for unlike workers, the shortest first. */
typedef struct Placements {
    const DagPlan *plan;
    const DagStrategy *strategies[MAX_PLACEMENTS];
    DagPlacement of[MAX_PLACEMENTS];
    size_t n;
    double bound; /* the largest that was found */
} Placements;

static void
placements_clear(Placements *it)
{
    for (size_t i = 0; i < it->n; i++)
        dag_placement_clear(&it->of[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Placements, placements_clear)

static bool
has_machine(const DagPlan *plan)
{
    size_t n_workers;

    return dag_graph_workers(dag_plan_graph(plan), &n_workers) != NULL;
}

/* Insert a schedule behind those that are no longer. */
static void
insert(Placements *it, const DagStrategy *strategy, const DagPlacement *placement)
{
    size_t i = it->n++;

    for (; i > 0 && it->of[i - 1].makespan > placement->makespan * (1 + 1e-9); i--) {
        it->of[i] = it->of[i - 1];
        it->strategies[i] = it->strategies[i - 1];
    }
    it->of[i] = *placement;
    it->strategies[i] = strategy;
}

static void
place_all(Placements *it, const DagPlan *plan)
{
    it->plan = plan;
    for (const DagStrategy *const *s = dag_strategies(); *s && it->n < MAX_PLACEMENTS;
         s++) {
        DagPlacement placement = {0};

        if (!(*s)->place)
            continue;
        (*s)->place(plan, &placement);
        it->bound = MAX(it->bound, placement.lower_bound);
        insert(it, *s, &placement);
    }
}

static double
gap_of(const Placements *it, size_t i)
{
    double gap = it->bound > 0 ? it->of[i].makespan / it->bound - 1 : 0;

    return gap < 1e-9 ? 0 : gap;
}

static void
strategy_rows(Table *table, const void *data)
{
    const Placements *it = data;

    for (size_t i = 0; i < it->n; i++) {
        dag__table_text(table, TONE_PLAIN, it->strategies[i]->name);
        dag__table_seconds(table, TONE_BOLD, it->of[i].makespan);
        if (gap_of(it, i) == 0)
            dag__table_text(table, TONE_PLAIN, "no schedule is shorter");
        else
            dag__table_cell(table, TONE_DIM, "%.1f %% above the lower bound",
                            100 * gap_of(it, i));
    }
}

/* Tasks are sorted by this schedule. */
static int
compare_starts(gconstpointer left, gconstpointer right, gpointer data)
{
    const DagPlacement *placement = data;
    DagTaskId a = *(const DagTaskId *)left, b = *(const DagTaskId *)right;
    double difference = placement->tasks[a].start - placement->tasks[b].start;

    if (difference != 0)
        return difference < 0 ? -1 : 1;
    return a < b ? -1 : a > b;
}

/* Return all tasks by their starts; an array of DagTaskId. */
static GArray *
by_start(const Placements *it)
{
    size_t n = dag_graph_n_tasks(dag_plan_graph(it->plan));
    GArray *ids = g_array_sized_new(FALSE, FALSE, sizeof(DagTaskId), (guint)n);

    for (DagTaskId id = 0; id < n; id++)
        g_array_append_val(ids, id);
    g_array_sort_with_data(ids, compare_starts, (gpointer)&it->of[0]);
    return ids;
}

/* Append "a (0 s to 9.00 s), b (…)", the first tasks of a worker. */
static void
append_tasks(GString *out, const Placements *it, const GArray *ids, uint32_t worker)
{
    size_t n = 0;

    for (guint i = 0; i < ids->len; i++) {
        DagTaskId id = g_array_index(ids, DagTaskId, i);
        const DagPlaced *task = &it->of[0].tasks[id];

        if (task->worker != worker || n++ >= MAX_NAMED)
            continue;
        g_string_append_printf(out, "%s%s (", n > 1 ? ", " : "",
                               dag_graph_task_name(dag_plan_graph(it->plan), id));
        dag__text_append_seconds(out, task->start);
        g_string_append(out, " to ");
        dag__text_append_seconds(out, task->end);
        g_string_append_c(out, ')');
    }
    if (n > MAX_NAMED)
        g_string_append_printf(out, " and %zu more", n - MAX_NAMED);
    if (n == 0)
        g_string_append(out, "no task");
}

static void
worker_rows(Table *table, const void *data)
{
    const Placements *it = data;
    size_t n_workers;
    const DagWorker *workers = dag_graph_workers(dag_plan_graph(it->plan), &n_workers);
    g_autoptr(GArray) ids = by_start(it);

    for (uint32_t worker = 0; worker < n_workers; worker++) {
        g_autoptr(GString) tasks = g_string_new(NULL);

        append_tasks(tasks, it, ids, worker);
        dag__table_text(table, TONE_PLAIN, workers[worker].name);
        dag__table_text(table, TONE_DIM, tasks->str);
    }
}

void
dag_report_placements(const DagPlan *plan, DagTextStyle style, GString *out)
{
    static const Column strategy_columns[] = {{"", false}, {"", true}, {"", false}};
    static const Column worker_columns[] = {{"", false}, {"", false}};

    g_return_if_fail(plan && out);
    g_auto(Placements) it = {0};
    g_autoptr(GString) bound = g_string_new(NULL);
    size_t n_workers;

    if (!has_machine(plan))
        return;
    place_all(&it, plan);
    dag_graph_workers(dag_plan_graph(plan), &n_workers);
    dag__text_append_seconds(bound, it.bound);
    g_string_append_c(out, '\n');
    dag__text_line(out, style, TONE_BOLD,
                   "the machine of the graph, %zu worker%s: no schedule is shorter than %s",
                   n_workers, n_workers == 1 ? "" : "s", bound->str);
    dag__table_write(&(TableSpec){strategy_columns, 3, strategy_rows, &it}, style, out);
    dag__text_line(out, style, TONE_BOLD, "its workers with %s", it.strategies[0]->name);
    dag__table_write(&(TableSpec){worker_columns, 2, worker_rows, &it}, style, out);
}

static void
write_workers(JsonWriter *json, const DagGraph *graph)
{
    size_t n;
    const DagWorker *workers = dag_graph_workers(graph, &n);

    dag__json_begin_array(json, "workers");
    for (size_t i = 0; i < n; i++) {
        dag__json_begin_object(json, NULL);
        dag__json_string(json, "name", workers[i].name);
        dag__json_number(json, "speed", workers[i].speed);
        dag__json_end_object(json);
    }
    dag__json_end_array(json);
}

static void
write_placement(JsonWriter *json, const Placements *it, size_t number)
{
    const DagGraph *graph = dag_plan_graph(it->plan);
    const DagPlacement *placement = &it->of[number];
    DagIds declared = dag_graph_declared(graph);
    size_t n_workers;
    const DagWorker *workers = dag_graph_workers(graph, &n_workers);

    dag__json_begin_object(json, NULL);
    dag__json_string(json, "strategy", it->strategies[number]->name);
    dag__json_cost(json, "makespan_seconds", placement->makespan);
    dag__json_number(json, "gap", gap_of(it, number));
    dag__json_begin_array(json, "tasks");
    for (size_t i = 0; i < declared.n && !json->stream->is_over; i++) {
        const DagPlaced *task = &placement->tasks[declared.ids[i]];

        dag__json_begin_object(json, NULL);
        dag__json_string(json, "id", dag_graph_task_name(graph, declared.ids[i]));
        dag__json_string(json, "worker", workers[task->worker].name);
        dag__json_cost(json, "start_seconds", task->start);
        dag__json_cost(json, "end_seconds", task->end);
        dag__json_end_object(json);
    }
    dag__json_end_array(json);
    dag__json_end_object(json);
}

void
dag__json_machine(JsonWriter *json, const DagPlan *plan)
{
    g_auto(Placements) it = {0};

    if (!has_machine(plan))
        return;
    place_all(&it, plan);
    dag__json_begin_object(json, "machine");
    write_workers(json, dag_plan_graph(plan));
    dag__json_cost(json, "lower_bound_seconds", it.bound);
    dag__json_begin_array(json, "schedules");
    for (size_t i = 0; i < it.n; i++)
        write_placement(json, &it, i);
    dag__json_end_array(json);
    dag__json_end_object(json);
}
