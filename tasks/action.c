/* SPDX-License-Identifier: MIT */
#include <dagrun/action.h>

#include "action-of.h"
#include "kinds.h"
#include "timing.h"

#include <string.h>

bool
dag_tasks_action(const DagGraph *graph, DagTaskId id, DagAction *action_out)
{
    const DagKind *kind = dag_graph_task_kind(graph, id);
    const void *config = dag_graph_task_config(graph, id);

    *action_out = (DagAction){.input = DAG_TASK_NONE};
    if (kind == &dag__kind_exec) {
        dag__exec_action(config, action_out);
    } else if (kind == &dag__kind_shell) {
        dag__shell_action(config, action_out);
    } else if (kind == &dag__kind_sleep || kind == &dag__kind_spin) {
        action_out->type = kind == &dag__kind_sleep ? DAG_ACTION_SLEEP : DAG_ACTION_SPIN;
        action_out->duration_ns = dag__timing_ns(config);
    } else {
        /* That of a task without a kind is the builder's own. */
        return strcmp(kind->name, dag__kind_noop.name) == 0;
    }
    return true;
}
