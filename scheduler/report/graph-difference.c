/* SPDX-License-Identifier: MIT */
/*
 * Two graphs beside each other.  Tasks with the same name are the same task.
 */
#include "report/difference.h"

#include <dagrun/duration.h>
#include <math.h>
#include <string.h>

/* Costs that differ by less are equal: they may be sums. */
#define LEAST_SHARE 1e-9

void
dag__difference_tell(Difference *difference, const char *name, const char *text)
{
    dag__text_line(difference->out, difference->style, TONE_PLAIN, "  %s  %s", name, text);
    difference->is_different = true;
}

void
dag__difference_seconds(GString *out, double before, double after)
{
    if (before < 0)
        g_string_append(out, "?");
    else
        dag__text_append_seconds(out, before);
    g_string_append(out, " → ");
    if (after < 0)
        g_string_append(out, "?");
    else
        dag__text_append_seconds(out, after);
    if (before > 0 && after >= 0)
        g_string_append_printf(out, " (%+.0f %%)", 100 * (after / before - 1));
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Return the names of the predecessors, sorted; free it with g_free(). */
static char *
list_needs(const DagGraph *graph, DagTaskId id)
{
    DagIds preds = dag_graph_predecessors(graph, id);
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (size_t i = 0; i < preds.n; i++)
        g_ptr_array_add(names, (gpointer)dag_graph_task_name(graph, preds.ids[i]));
    g_ptr_array_sort(names, compare_names);
    g_ptr_array_add(names, NULL);
    return g_strjoinv(" ", (char **)names->pdata);
}

/* Return directory, variables and work of a task as text; free it with g_free(). */
static char *
describe(const DagGraph *graph, DagTaskId id)
{
    GString *text = g_string_new(NULL);
    const DagTemplate *directory = dag_graph_task_dir(graph, id);
    size_t n;
    const DagVariable *variables = dag_graph_task_variables(graph, id, &n);

    if (directory)
        dag_graph_describe(graph, directory, text);
    for (size_t i = 0; i < n; i++) {
        g_string_append_printf(text, "\n%s=", variables[i].name);
        dag_graph_describe(graph, variables[i].value, text);
    }
    g_string_append_c(text, '\n');
    dag_graph_describe_task(graph, id, text);
    return g_string_free(text, FALSE);
}

/* Append a part of a task that differs. */
static void
append_change(GString *changes, const char *text)
{
    g_string_append_printf(changes, "%s%s", changes->len > 0 ? "; " : "", text);
}

static bool
has_equal_policy(const DagPolicy *a, const DagPolicy *b)
{
    return a->timeout_ns == b->timeout_ns && a->retries == b->retries &&
           a->allow_failure == b->allow_failure && a->always == b->always;
}

static bool
has_equal_paths(const char *const *a, size_t n_a, const char *const *b, size_t n_b)
{
    for (size_t i = 0; n_a == n_b && i < n_a; i++)
        if (!g_str_equal(a[i], b[i]))
            return false;
    return n_a == n_b;
}

static bool
has_equal_files(const DagTaskFiles *a, const DagTaskFiles *b)
{
    static const DagTaskFiles none;

    a = a ? a : &none;
    b = b ? b : &none;
    return has_equal_paths(a->inputs, a->n_inputs, b->inputs, b->n_inputs) &&
           has_equal_paths(a->outputs, a->n_outputs, b->outputs, b->n_outputs);
}

/* Append all that differs in a task but its phase. */
static void
compare_task(const DagPlan *a, const DagPlan *b, DagTaskId left, DagTaskId right,
             GString *changes)
{
    const DagGraph *before = dag_plan_graph(a), *after = dag_plan_graph(b);
    g_autofree char *needs = list_needs(before, left),
                    *needs_now = list_needs(after, right);
    g_autofree char *work = describe(before, left), *work_now = describe(after, right);
    double cost = dag_plan_cost(a, left), cost_now = dag_plan_cost(b, right);

    if (!g_str_equal(dag_graph_task_kind(before, left)->name,
                     dag_graph_task_kind(after, right)->name) ||
        !g_str_equal(work, work_now))
        append_change(changes, "does something else");
    if (!g_str_equal(needs, needs_now)) {
        append_change(changes, "needs ");
        g_string_append_printf(changes, "\"%s\", not \"%s\"", needs_now, needs);
    }
    if (!has_equal_policy(dag_graph_task_policy(before, left),
                          dag_graph_task_policy(after, right)))
        append_change(changes, "other limits");
    if (dag_graph_task_policy(before, left)->cache_ns !=
        dag_graph_task_policy(after, right)->cache_ns)
        append_change(changes, "other cache");
    if (!has_equal_files(dag_graph_task_files(before, left),
                         dag_graph_task_files(after, right)))
        append_change(changes, "other files");
    if (fabs(cost - cost_now) > LEAST_SHARE * cost) {
        append_change(changes, "cost ");
        dag__difference_seconds(changes, cost, cost_now);
    }
    if (dag_plan_phase(a, left) != dag_plan_phase(b, right)) {
        append_change(changes, "phase ");
        g_string_append_printf(changes, "%u → %u", dag_plan_phase(a, left) + 1,
                               dag_plan_phase(b, right) + 1);
    }
}

/* Return the tasks of a graph by name. */
static GHashTable *
index_of(const DagGraph *graph)
{
    GHashTable *index = g_hash_table_new(g_str_hash, g_str_equal);

    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++)
        g_hash_table_insert(index, (gpointer)dag_graph_task_name(graph, id),
                            GUINT_TO_POINTER(id));
    return index;
}

/* Tell of the tasks of the second graph: new ones, and those that changed. */
static void
compare_tasks(Difference *difference, const DagPlan *a, const DagPlan *b)
{
    const DagGraph *after = dag_plan_graph(b);
    DagIds declared = dag_graph_declared(after);
    g_autoptr(GHashTable) before = index_of(dag_plan_graph(a));

    for (size_t i = 0; i < declared.n; i++) {
        const char *name = dag_graph_task_name(after, declared.ids[i]);
        g_autoptr(GString) changes = g_string_new(NULL);
        gpointer left;

        if (g_hash_table_lookup_extended(before, name, NULL, &left))
            compare_task(a, b, GPOINTER_TO_UINT(left), declared.ids[i], changes);
        else
            g_string_append(changes, "added");
        if (changes->len > 0)
            dag__difference_tell(difference, name, changes->str);
    }
}

/* Tell of the tasks that the second graph does not have. */
static void
list_removed(Difference *difference, const DagGraph *before, const DagGraph *after)
{
    DagIds declared = dag_graph_declared(before);
    g_autoptr(GHashTable) now = index_of(after);

    for (size_t i = 0; i < declared.n; i++) {
        const char *name = dag_graph_task_name(before, declared.ids[i]);

        if (!g_hash_table_contains(now, name))
            dag__difference_tell(difference, name, "removed");
    }
}

static void
append_path(const DagPlan *plan, GString *out)
{
    dag__text_append_seconds(out, dag_plan_critical_path_length(plan));
    g_string_append(out, "  ");
    dag__text_append_chain(out, dag_plan_graph(plan), dag_plan_critical_path(plan));
}

/* Write the whole graphs beside each other. */
static void
compare_wholes(const Difference *difference, const DagPlan *a, const DagPlan *b)
{
    g_autoptr(GString) line = g_string_new(NULL);

    g_string_append_printf(line, "  phases         %zu → %zu", dag_plan_n_phases(a),
                           dag_plan_n_phases(b));
    dag__text_line(difference->out, difference->style, TONE_PLAIN, "%s", line->str);
    g_string_assign(line, "  total cost     ");
    dag__difference_seconds(line, dag_plan_total_cost(a), dag_plan_total_cost(b));
    dag__text_line(difference->out, difference->style, TONE_PLAIN, "%s", line->str);
    g_string_assign(line, "  critical path  ");
    append_path(a, line);
    dag__text_line(difference->out, difference->style, TONE_PLAIN, "%s", line->str);
    g_string_assign(line, "             now ");
    append_path(b, line);
    dag__text_line(difference->out, difference->style, TONE_PLAIN, "%s", line->str);
}

bool
dag_report_graph_difference(const DagPlan *before, const DagPlan *after, DagTextStyle style,
                            GString *out)
{
    g_return_val_if_fail(before && after && out, false);

    Difference difference = {.style = style, .out = out};
    const DagGraph *left = dag_plan_graph(before), *right = dag_plan_graph(after);

    compare_tasks(&difference, before, after);
    list_removed(&difference, left, right);
    if (!difference.is_different)
        return false;
    g_string_append_c(out, '\n');
    dag__text_line(out, style, TONE_BOLD, "%s: %zu tasks; %s: %zu tasks",
                   dag_graph_name(left), dag_graph_n_tasks(left), dag_graph_name(right),
                   dag_graph_n_tasks(right));
    compare_wholes(&difference, before, after);
    return true;
}
