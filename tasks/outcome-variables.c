/* SPDX-License-Identifier: MIT */
/*
 * The size of the variables is bounded, so that a clean-up starts after any number of failures: the ids in
 * DAGRUN_FAILED here, the variables for tasks by dag_graph_task_outcomes().
 */
#include "outcome-variables.h"

#include <dagrun/place.h>
#include <string.h>

#define RUN_OUTCOME  "DAGRUN_OUTCOME"
#define TASK_OUTCOME RUN_OUTCOME "_"
#define FAILED       "DAGRUN_FAILED"

/* Bytes of DAGRUN_FAILED: enough for the ids of some hundred tasks; the kernel accepts 128 KiB in one
 * variable, and at least as much for all together. */
#define MAX_FAILED ((size_t)16384)

/* Stands for the ids that are left out.  No id begins with a dot. */
#define MORE "..."

/* Return the ids of the tasks that failed; free with g_free(). */
static char *
failed_ids(const DagContext *context)
{
    const DagGraph *graph = dag_context_graph(context);
    size_t max = MAX_FAILED / 2; /* an id has a character, and a space behind it */
    g_autofree DagTaskId *ids = g_new(DagTaskId, max);
    size_t n = dag_context_failed(context, ids, max), i;
    GString *text = g_string_new(NULL);

    for (i = 0; i < MIN(n, max); i++) {
        const char *id = dag_graph_task_name(graph, ids[i]);

        if (text->len + strlen(id) + 1 + strlen(MORE) > MAX_FAILED)
            break;
        g_string_append_printf(text, "%s ", id);
    }
    if (i < n)
        g_string_append(text, MORE);
    else if (n > 0)
        g_string_truncate(text, text->len - 1);
    return g_string_free(text, FALSE);
}

static void
add(GArray *variables, const char *name, const char *value)
{
    g_array_append_val(variables, ((DagProcessVariable){name, value, DAG_TASK_NONE, NULL}));
}

void
dag__outcome_variables_add(GArray *variables, GPtrArray *owned, const DagContext *context)
{
    const DagGraph *graph = dag_context_graph(context);
    DagTaskId task = dag_context_task(context);
    const DagOutcomeVariable *outcomes;
    char *failed;
    size_t n;

    if (!dag_graph_task_policy(graph, task)->always)
        return;
    failed = failed_ids(context);
    g_ptr_array_add(owned, failed);
    add(variables, RUN_OUTCOME, dag_outcome_name(dag_context_run_outcome(context)));
    add(variables, FAILED, failed);
    outcomes = dag_graph_task_outcomes(graph, task, &n);
    for (size_t i = 0; i < n; i++)
        add(variables, outcomes[i].name,
            outcomes[i].task == DAG_TASK_NONE
                ? DAG_OUTCOME_EXCLUDED
                : dag_outcome_name(dag_context_outcome(context, outcomes[i].task)));
}

bool
dag__outcome_variables_has(const char *entry)
{
    return g_str_has_prefix(entry, RUN_OUTCOME "=") ||
           g_str_has_prefix(entry, TASK_OUTCOME) || g_str_has_prefix(entry, FAILED "=");
}
