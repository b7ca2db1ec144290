/* SPDX-License-Identifier: MIT */
/*
 * The steps that finish a graph: resolve, sort, select, freeze.
 */
#include "model/builder.h"

#include <dagrun/error.h>
#include <dagrun/suggest.h>
#include <string.h>

/* Return the number of the task called `name`, or DAG_TASK_NONE with DAG_ERROR_SETTING. */
static uint32_t
find_target(const DagBuilder *builder, const char *name, GError **error)
{
    DagSuggestion near = dag_suggestion(name);

    for (uint32_t number = 0; number < builder->tasks->len; number++) {
        const char *text = task_at(builder, number)->name;

        if (strcmp(text, name) == 0)
            return number;
        dag_suggestion_consider(&near, text);
    }

    g_autofree char *hint = dag_suggestion_text(&near);

    g_set_error(error, DAG_ERROR, DAG_ERROR_SETTING, "the graph has no task \"%s\"%s", name,
                hint);
    return DAG_TASK_NONE;
}

/* Mark all predecessors of the targets: one pass backwards through the order. */
static void
close_over_dependencies(const DagBuilder *builder, const uint32_t *order, bool *wanted)
{
    for (uint32_t i = builder->tasks->len; i-- > 0;) {
        uint32_t task = order[i];

        if (!wanted[task])
            continue;
        for (uint32_t e = first_edge(builder, task); e < edges_end(builder, task); e++) {
            const Name *name = name_at(builder, edge_name(edge_at(builder, e)));

            if (name->kind == NAME_TASK)
                wanted[name->target] = true;
        }
    }
}

/* Return the condition of `task`, which has one. */
static const char *
condition_of(const DagBuilder *builder, uint32_t task)
{
    for (guint i = 0; i < builder->conditions->len; i++) {
        const TaskText *when = &g_array_index(builder->conditions, TaskText, i);

        if (when->task == task)
            return when->text;
    }
    g_assert_not_reached();
}

/* Mark the targets.  Return false with DAG_ERROR_SETTING if one is unknown or excluded. */
static bool
mark_targets(const DagBuilder *builder, const char *const *targets, const bool *excluded,
             bool *wanted, GError **error)
{
    for (; *targets; targets++) {
        uint32_t target = find_target(builder, *targets, error);

        if (target == DAG_TASK_NONE)
            return false;
        if (excluded[target]) {
            g_set_error(error, DAG_ERROR, DAG_ERROR_SETTING,
                        "task \"%s\" is excluded: its condition %s is false", *targets,
                        condition_of(builder, target));
            return false;
        }
        wanted[target] = true;
    }
    return true;
}

DagGraph *
dag_builder_finish(DagBuilder *builder, const DagBuildOptions *options, GError **error)
{
    g_return_val_if_fail(builder && builder->arena, NULL);

    static const DagBuildOptions defaults;
    size_t n = builder->tasks->len;
    g_autofree bool *excluded = g_new0(bool, n);
    g_autofree bool *wanted = g_new0(bool, n + 1); /* never NULL */
    g_autofree uint32_t *order = g_new(uint32_t, n);
    int code = DAG_ERROR_INVALID;

    options = options ? options : &defaults;
    if (!dag__builder_resolve(builder, options, excluded, error))
        return NULL;
    if (dag__findings_count(builder->findings) == 0 && !dag__builder_sort(builder, order))
        code = DAG_ERROR_CYCLE;
    dag__findings_tell(builder->findings, options->warn, options->warn_data);
    if (dag__findings_count(builder->findings) > 0) {
        dag__findings_raise(builder->findings, code, error);
        return NULL;
    }
    if (options->targets &&
        !mark_targets(builder, options->targets, excluded, wanted, error))
        return NULL;
    if (options->targets)
        close_over_dependencies(builder, order, wanted);
    else
        memset(wanted, true, n);
    return dag__builder_freeze(builder, order, excluded, wanted);
}

void
dag_builder_abandon(DagBuilder *builder, GError **error)
{
    g_return_if_fail(builder && dag__findings_count(builder->findings) > 0);

    dag__findings_raise(builder->findings, DAG_ERROR_INVALID, error);
}
