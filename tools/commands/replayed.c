/* SPDX-License-Identifier: MIT */
#include "commands/replayed.h"

#include "commands/as-run.h"
#include "commands/command.h"
#include "display/output.h"

#include <dagrun/suggest.h>
#include <string.h>

bool
replayed_read(GraphOptions *options, int *status_out)
{
    if (!options->replay_path || options->past)
        return true;
    options->past = as_run_read(options->replay_path);
    if (!options->past)
        *status_out = EXIT_INTERNAL;
    else
        as_run_take_params(options, options->past);
    return options->past != NULL;
}

/* Return whether --set-cost gives the task a cost. */
static bool
has_set_cost(const GraphOptions *options, const char *name)
{
    size_t length = strlen(name);

    for (char **text = options->set_cost; text && *text; text++) {
        const char *sign = strrchr(*text, '=');

        if (sign && (size_t)(sign - *text) == length && strncmp(*text, name, length) == 0)
            return true;
    }
    return false;
}

/* Print that a task of the run is not in the graph. */
static void
complain_of_stranger(const GraphOptions *options, const DagGraph *graph,
                     const DagPastTask *task)
{
    DagSuggestion near = dag_suggestion(task->id);

    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++)
        dag_suggestion_consider(&near, dag_graph_task_name(graph, id));

    g_autofree char *hint = dag_suggestion_text(&near);

    diagnose("%s:%u: the graph has no task \"%s\"%s\n", options->replay_path, task->line,
             task->id, hint);
    output_flush_diagnostics();
}

/* Mark the tasks of the graph that the run has, in found[n_tasks].  If tasks were selected or excluded, the run may have
 * more.
 * Returns: false after an error message. */
static bool
find_tasks(const GraphOptions *options, const DagGraph *graph, bool *found)
{
    const GArray *tasks = options->past->tasks;
    const char *const *excluded = dag_graph_excluded(graph);
    bool is_selection = options->words && options->words[0] && options->words[1];

    for (uint32_t i = 0; i < tasks->len; i++) {
        const DagPastTask *task = dag_past_run_task(options->past, i);
        DagTaskId id = dag_graph_find(graph, task->id);

        if (id == DAG_TASK_NONE && !is_selection && !g_strv_contains(excluded, task->id)) {
            complain_of_stranger(options, graph, task);
            return false;
        }
        if (id != DAG_TASK_NONE && found[id]) {
            diagnose("%s:%u: task \"%s\" is there twice\n", options->replay_path,
                     task->line, task->id);
            output_flush_diagnostics();
            return false;
        }
        if (id != DAG_TASK_NONE)
            found[id] = true;
    }
    return true;
}

/* Print that the graph has a task that the run does not have. */
static void
complain_of_missing(const GraphOptions *options, const char *name)
{
    diagnose("%s: \"tasks\" has no task \"%s\"; give it a cost with --set-cost "
             "%s=DURATION, or take it out with --without %s\n",
             options->replay_path, name, name, name);
    output_flush_diagnostics();
}

/* Warn that the graph gives the cost of `n` tasks, of which `name` is the first. */
static void
warn_of_incomplete(const GraphOptions *options, size_t n, const char *name)
{
    if (n == 1)
        complain("warning: %s: 1 task did not run to the end (%s), and takes the cost of "
                 "the graph",
                 options->replay_path, name);
    else if (n > 1)
        complain("warning: %s: %zu tasks did not run to the end (%s, …), and take the cost "
                 "of the graph",
                 options->replay_path, n, name);
}

bool
replayed_match(GraphOptions *options, const DagGraph *graph, double *costs)
{
    size_t n = dag_graph_n_tasks(graph), n_incomplete = 0;
    g_autofree bool *found = g_new0(bool, n + 1);
    const char *first = NULL;

    if (!find_tasks(options, graph, found))
        return false;
    options->replay = dag_replay_new(graph, options->past);
    for (DagTaskId id = 0; id < n; id++) {
        const char *name = dag_graph_task_name(graph, id);
        bool is_set = has_set_cost(options, name);

        if (!found[id] && !is_set) {
            complain_of_missing(options, name);
            return false;
        }
        costs[id] = dag_replay_cost(options->replay, id);
        if (costs[id] < 0 && !is_set && n_incomplete++ == 0)
            first = name;
    }
    warn_of_incomplete(options, n_incomplete, first);
    return true;
}
