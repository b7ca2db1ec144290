/* SPDX-License-Identifier: MIT */
/*
 * The parameters that must have a value.  A plan needs those in conditions, which decide the tasks there
 * are.  A run also needs those that its tasks use; a script uses each parameter whose name it contains.
 * A parameter that no task names can reach a program through its environment: it is needed unless
 * tasks were selected.
 */
#include "model/builder.h"
#include "model/conditions.h"

#include <dagrun/error.h>

/* The uses of parameters; each array is [n params]. */
typedef struct Uses {
    const DagBuilder *builder;
    bool *required; /* by a task that is selected and not excluded, or by the graph */
    bool *known;    /* by any task */
} Uses;

static void
note_use(const Uses *uses, uint32_t name_number, bool is_required)
{
    const Name *name = name_at(uses->builder, name_number);

    if (name->kind != NAME_PARAM)
        return;
    uses->known[name->target] = true;
    uses->required[name->target] = uses->required[name->target] || is_required;
}

/* Note the uses in references of tasks, their scripts, and the graph's own attributes. */
static void
note_all(const Uses *uses, const bool *runs)
{
    const DagBuilder *builder = uses->builder;

    for (uint32_t task = 0; task < builder->tasks->len; task++)
        for (uint32_t e = first_edge(builder, task); e < edges_end(builder, task); e++)
            note_use(uses, edge_name(edge_at(builder, e)), runs[task]);
    for (guint i = 0; i < builder->variable_uses->len; i++) {
        const VariableUse *use = &g_array_index(builder->variable_uses, VariableUse, i);

        if (use->name != NO_NAME)
            note_use(uses, use->name, runs[use->task]);
    }
    for (guint i = 0; i < builder->constants->len; i++)
        note_use(uses, g_array_index(builder->constants, Constant, i).name, true);
}

/* Return false with DAG_ERROR_SETTING if the parameter has no value. */
static bool
require_value(const DagParam *param, DagAdvise advise, GError **error)
{
    DagProblem problem = param->is_secret ? DAG_PROBLEM_NO_SECRET : DAG_PROBLEM_NO_VALUE;

    if (param->value)
        return true;

    g_autofree char *title =
        param->title ? g_strdup_printf(" (%s)", param->title) : g_strdup("");
    g_autofree char *advice = advise ? advise(problem, param->name) : NULL;

    g_set_error(error, DAG_ERROR, DAG_ERROR_SETTING, "parameter \"%s\"%s has no value%s",
                param->name, title, advice ? advice : "");
    return false;
}

static bool
require_values(const DagBuilder *builder, const bool *required,
               const DagBuildOptions *options, GError **error)
{
    for (uint32_t i = 0; i < builder->params->len; i++)
        if (required[i] &&
            !require_value(&param_at(builder, i)->param, options->advise, error))
            return false;
    return true;
}

bool
dag__builder_require_condition_values(const DagBuilder *builder,
                                      const DagBuildOptions *options, const bool *wanted,
                                      GError **error)
{
    g_autofree bool *required = g_new0(bool, builder->params->len + 1);

    if (options->lenient)
        return true;
    dag__conditions_mark_params(builder, wanted, required);
    return require_values(builder, required, options, error);
}

bool
dag__builder_require_values(const DagBuilder *builder, const DagBuildOptions *options,
                            const bool *excluded, const bool *wanted, GError **error)
{
    uint32_t n_params = builder->params->len, n_tasks = builder->tasks->len;
    g_autofree bool *required = g_new0(bool, n_params + 1);
    g_autofree bool *known = g_new0(bool, n_params + 1);
    g_autofree bool *runs = g_new0(bool, n_tasks + 1);
    Uses uses = {builder, required, known};

    if (!dag__builder_require_condition_values(builder, options, wanted, error))
        return false;
    if (options->lenient || options->only_plans)
        return true;
    for (uint32_t task = 0; task < n_tasks; task++)
        runs[task] = wanted[task] && !excluded[task];
    note_all(&uses, runs);
    dag__conditions_mark_params(builder, NULL, known);
    for (uint32_t i = 0; i < n_params && !options->targets; i++)
        required[i] = required[i] || !known[i];
    return require_values(builder, required, options, error);
}
