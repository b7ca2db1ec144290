/* SPDX-License-Identifier: MIT */
/*
 * The steps that finish a graph: resolve, sort, select, freeze.
 */
#include "model/builder.h"
#include "model/conditions.h"

#include <dagrun/error.h>
#include <dagrun/suggest.h>
#include <fnmatch.h>
#include <string.h>

/* Return true if the word stands for the names that match it, instead of being one. */
static bool
is_pattern(const char *word)
{
    return strpbrk(word, "*?[") != NULL;
}

/* Return true if the word selects the task called `name`. */
static bool
selects(const char *word, const char *name)
{
    return is_pattern(word) ? fnmatch(word, name, 0) == 0 : strcmp(word, name) == 0;
}

static void
set_unknown(const DagBuilder *builder, const char *word, GError **error)
{
    DagSuggestion near = dag_suggestion(word);

    if (is_pattern(word)) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_SETTING,
                    "the graph has no task that matches \"%s\"", word);
        return;
    }
    for (uint32_t number = 0; number < builder->tasks->len; number++)
        dag_suggestion_consider(&near, task_at(builder, number)->name);

    g_autofree char *hint = dag_suggestion_text(&near);

    g_set_error(error, DAG_ERROR, DAG_ERROR_SETTING, "the graph has no task \"%s\"%s", word,
                hint);
}

/* Mark the tasks that a word selects.  Return false with DAG_ERROR_SETTING if there are none. */
static bool
mark_word(const DagBuilder *builder, const char *word, bool *selected, GError **error)
{
    bool is_known = false;

    for (uint32_t number = 0; number < builder->tasks->len; number++)
        if (selects(word, task_at(builder, number)->name)) {
            selected[number] = is_known = true;
            if (!is_pattern(word))
                break;
        }
    if (!is_known)
        set_unknown(builder, word, error);
    return is_known;
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

/* Exclude the tasks that the words of DagBuildOptions.without select.  Return false with
 * DAG_ERROR_SETTING if a word selects none. */
static bool
take_out(const DagBuilder *builder, const DagBuildOptions *options, bool *excluded,
         GError **error)
{
    for (const char *const *word = options->without; word && *word; word++)
        if (!mark_word(builder, *word, excluded, error))
            return false;
    return true;
}

/* Return true if a word of DagBuildOptions.without selects the task. */
static bool
is_taken_out(const DagBuilder *builder, const DagBuildOptions *options, uint32_t task)
{
    for (const char *const *word = options->without; word && *word; word++)
        if (selects(*word, task_at(builder, task)->name))
            return true;
    return false;
}

/* Return false with DAG_ERROR_SETTING if all tasks that the word selects are excluded. */
static bool
check_excluded(const DagBuilder *builder, const DagBuildOptions *options, const char *word,
               const bool *excluded, GError **error)
{
    uint32_t task = 0;

    for (uint32_t number = builder->tasks->len; number-- > 0;)
        if (selects(word, task_at(builder, number)->name)) {
            if (!excluded[number])
                return true;
            task = number;
        }

    if (is_taken_out(builder, options, task)) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_SETTING,
                    "task \"%s\" is both wanted and taken out",
                    task_at(builder, task)->name);
        return false;
    }

    g_autofree char *remedy = dag__condition_remedy(builder, options, task);
    g_autofree char *advice =
        remedy && options->advise ? options->advise(DAG_PROBLEM_EXCLUDED, remedy) : NULL;

    if (is_pattern(word))
        g_set_error(
            error, DAG_ERROR, DAG_ERROR_SETTING,
            "all tasks that match \"%s\" are excluded: the condition %s of \"%s\" is "
            "false%s",
            word, dag__condition_of(builder, task), task_at(builder, task)->name,
            advice ? advice : "");
    else
        g_set_error(error, DAG_ERROR, DAG_ERROR_SETTING,
                    "task \"%s\" is excluded: its condition %s is false%s", word,
                    dag__condition_of(builder, task), advice ? advice : "");
    return false;
}

/* Mark the selected tasks and their predecessors; excluded ones for the list of excluded tasks only. */
static void
mark_wanted(const DagBuilder *builder, const uint32_t *order, const bool *selected,
            const bool *excluded, bool *wanted)
{
    uint32_t n = builder->tasks->len;

    for (uint32_t task = 0; task < n; task++)
        wanted[task] = selected[task] && !excluded[task];
    close_over_dependencies(builder, order, wanted);
    for (uint32_t task = 0; task < n; task++)
        wanted[task] = wanted[task] || selected[task];
}

/* Mark the tasks that the targets select.  Return false with DAG_ERROR_SETTING. */
static bool
mark_targets(const DagBuilder *builder, const DagBuildOptions *options,
             const bool *excluded, bool *selected, GError **error)
{
    for (const char *const *word = options->targets; *word; word++)
        if (!mark_word(builder, *word, selected, error))
            return false;
    if (!dag__builder_require_condition_values(builder, options, selected, error))
        return false;
    for (const char *const *word = options->targets; *word; word++)
        if (!check_excluded(builder, options, *word, excluded, error))
            return false;
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
    g_autofree bool *selected = g_new0(bool, n + 1);
    g_autofree uint32_t *order = g_new(uint32_t, n);
    int code = DAG_ERROR_INVALID;
    DagGraph *graph;
    bool is_good;

    options = options ? options : &defaults;
    if (!dag__builder_resolve(builder, options, excluded, error))
        return NULL;
    is_good = dag__findings_count(builder->findings) == 0;
    if (is_good && !take_out(builder, options, excluded, error))
        return NULL;
    if (!dag__builder_sort(builder, order) && is_good)
        code = DAG_ERROR_CYCLE;
    dag__findings_tell(builder->findings, options->warn, options->warn_data);
    if (dag__findings_count(builder->findings) > 0) {
        dag__findings_raise(builder->findings, code, error);
        return NULL;
    }
    if (!options->targets)
        memset(wanted, true, n);
    else if (!mark_targets(builder, options, excluded, selected, error))
        return NULL;
    else
        mark_wanted(builder, order, selected, excluded, wanted);
    if (!dag__builder_require_values(builder, options, excluded, wanted, error))
        return NULL;
    dag__builder_check_lengths(builder, excluded, wanted);
    if (dag__findings_count(builder->findings) > 0) {
        dag__findings_raise(builder->findings, DAG_ERROR_INVALID, error);
        return NULL;
    }
    graph = dag__builder_freeze(builder, order, excluded, wanted);
    graph->is_reduced = options->without && *options->without;
    return graph;
}

void
dag_builder_abandon(DagBuilder *builder, GError **error)
{
    g_return_if_fail(builder && dag__findings_count(builder->findings) > 0);

    dag__findings_raise(builder->findings, DAG_ERROR_INVALID, error);
}
