/* SPDX-License-Identifier: MIT */
/*
 * The format of the Standard Task Graph Set (Tobita and Kasahara, 2002).  Costs are integers there, so
 * they are in the largest of the units 1 s, 1 ms and 1 µs in which all are whole.  Comments at the end
 * hold the unit and the names, which `dagrun import` reads.
 */
#include "formats/writers.h"

#include <math.h>

/* Return whether the number is whole, within the error of reading it as decimal. */
static bool
is_whole(double value)
{
    return fabs(value - round(value)) <= 1e-9 * MAX(fabs(value), 1);
}

/* Return the units in a second. */
static double
scale_of(const DagGraph *graph)
{
    double scale = 1;

    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph) && scale < 1e6; id++)
        while (scale < 1e6 && !is_whole(dag_graph_task_cost(graph, id) * scale))
            scale *= 1e3;
    return scale;
}

/* Append a row: number, time, predecessors. */
static void
append_row(GString *out, uint64_t number, double time, DagIds needs)
{
    g_string_append_printf(out, "%11" G_GUINT64_FORMAT " %10.0f %10" G_GSIZE_FORMAT, number,
                           time, MAX(needs.n, 1));
    if (needs.n == 0)
        g_string_append_printf(out, " %10u", 0);
    for (size_t i = 0; i < needs.n; i++)
        g_string_append_printf(out, " %10u", needs.ids[i] + 1);
    g_string_append_c(out, '\n');
}

/* Return the tasks on which no task depends, of DagTaskId; free with g_array_unref(). */
static GArray *
sinks_of(const DagGraph *graph)
{
    GArray *sinks = g_array_new(FALSE, FALSE, sizeof(DagTaskId));

    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++)
        if (dag_graph_successors(graph, id).n == 0)
            g_array_append_val(sinks, id);
    return sinks;
}

/* Warn once about costs that are not declared, and once about those that are rounded. */
static void
warn_of_costs(const Export *export, double scale)
{
    const DagGraph *graph = export->graph;
    DagTaskId unknown = DAG_TASK_NONE, rounded = DAG_TASK_NONE;
    unsigned n_unknown = 0, n_rounded = 0;

    for (DagTaskId id = (DagTaskId)dag_graph_n_tasks(graph); id-- > 0;)
        if (!dag_graph_task_has_cost(graph, id)) {
            unknown = id;
            n_unknown++;
        } else if (!is_whole(dag_graph_task_cost(graph, id) * scale)) {
            rounded = id;
            n_rounded++;
        }
    if (n_unknown > 0)
        export_warn(export, unknown, "and %u others declare no cost; in the file it is 0",
                    n_unknown - 1);
    if (n_rounded > 0)
        export_warn(export, rounded, "and %u others have a cost that is rounded to 1 µs",
                    n_rounded - 1);
}

bool
write_stg(const Export *export, GString *out, GError **error)
{
    const DagGraph *graph = export->graph;
    size_t n = dag_graph_n_tasks(graph);
    double scale = scale_of(graph);
    g_autoptr(GArray) sinks = sinks_of(graph);

    (void)error;
    warn_of_costs(export, scale);
    g_string_append_printf(out, "%11" G_GSIZE_FORMAT "\n", n);
    g_string_append_printf(out, "%11u %10u %10u\n", 0, 0, 0);
    for (DagTaskId id = 0; id < n; id++)
        append_row(out, (uint64_t)id + 1, round(dag_graph_task_cost(graph, id) * scale),
                   dag_graph_predecessors(graph, id));
    append_row(out, n + 1, 0, (DagIds){(const DagTaskId *)(void *)sinks->data, sinks->len});
    g_string_append_printf(out, "# %s, written by dagrun export --to stg\n",
                           dag_graph_name(graph));
    g_string_append_printf(out, "# Unit of time : %s s\n",
                           scale == 1     ? "1"
                           : scale == 1e3 ? "0.001"
                                          : "0.000001");
    for (DagTaskId id = 0; id < n; id++)
        g_string_append_printf(out, "# Task %u : %s\n", id + 1,
                               dag_graph_task_name(graph, id));
    return true;
}
