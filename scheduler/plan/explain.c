/* SPDX-License-Identifier: MIT */
/*
 * Why tasks are where they are.  Each answer names a witness: a task that proves it.
 */
#include <dagrun/explain.h>

#include "model/numbers.h"

/* Return the first predecessor that puts the task into its phase.  With just-in-time, a predecessor
 * that needs no task may stand later than it has to, and proves only the second phase. */
static DagTaskId
witness_before(const DagPlan *plan, DagTaskId id)
{
    const DagGraph *graph = dag_plan_graph(plan);
    DagIds preds = dag_graph_predecessors(graph, id);
    uint32_t before = dag_plan_phase(plan, id) - 1;

    for (size_t i = 0; i < preds.n; i++)
        if (dag_plan_phase(plan, preds.ids[i]) == before &&
            (before == 0 || dag_graph_predecessors(graph, preds.ids[i]).n > 0))
            return preds.ids[i];
    g_assert_not_reached();
}

/* Return the successor in the next phase that was declared first. */
static DagTaskId
witness_after(const DagPlan *plan, DagTaskId id)
{
    const DagGraph *graph = dag_plan_graph(plan);
    DagIds succs = dag_graph_successors(graph, id);
    uint32_t after = dag_plan_phase(plan, id) + 1;
    DagTaskId best = DAG_TASK_NONE;

    for (size_t i = 0; i < succs.n; i++)
        if (dag_plan_phase(plan, succs.ids[i]) == after &&
            (best == DAG_TASK_NONE ||
             dag_graph_position(graph, succs.ids[i]) < dag_graph_position(graph, best)))
            best = succs.ids[i];
    return best;
}

/* Return the reason under the rule compact. */
static DagPhaseReason
compact_reason(const DagPlan *plan, DagTaskId id)
{
    DagIds preds = dag_graph_predecessors(dag_plan_graph(plan), id);
    uint32_t phase = dag_plan_phase(plan, id);

    for (size_t i = 0; i < preds.n; i++)
        if (dag_plan_phase(plan, preds.ids[i]) + 1 == phase)
            return (DagPhaseReason){DAG_PHASE_AFTER, preds.ids[i]};
    return (DagPhaseReason){phase == 0 ? DAG_PHASE_FIRST : DAG_PHASE_SHORTEST,
                            DAG_TASK_NONE};
}

DagPhaseReason
dag_explain_phase(const DagPlan *plan, DagTaskId id)
{
    DagPhaseReason none = {DAG_PHASE_FIRST, DAG_TASK_NONE};

    g_return_val_if_fail(plan && id < dag_graph_n_tasks(dag_plan_graph(plan)), none);

    const DagGraph *graph = dag_plan_graph(plan);
    bool has_preds = dag_graph_predecessors(graph, id).n > 0;
    bool is_late = dag_plan_phase_rule(plan) == DAG_PHASES_ALAP;

    if (dag_plan_phase_rule(plan) == DAG_PHASES_COMPACT)
        return compact_reason(plan, id);
    if (!is_late && has_preds)
        return (DagPhaseReason){DAG_PHASE_AFTER, witness_before(plan, id)};
    if (!is_late && dag_plan_phase(plan, id) == 0)
        return none;
    if (dag_graph_successors(graph, id).n > 0)
        return (DagPhaseReason){DAG_PHASE_BEFORE, witness_after(plan, id)};
    return (DagPhaseReason){DAG_PHASE_LAST, DAG_TASK_NONE};
}

DagTaskId
dag_explain_start(const DagPlan *plan, DagTaskId id)
{
    g_return_val_if_fail(plan && id < dag_graph_n_tasks(dag_plan_graph(plan)),
                         DAG_TASK_NONE);

    DagIds preds = dag_graph_predecessors(dag_plan_graph(plan), id);
    DagTaskId last = DAG_TASK_NONE;
    double last_end = -1;

    for (size_t i = 0; i < preds.n; i++) {
        double end =
            dag_plan_earliest_start(plan, preds.ids[i]) + dag_plan_cost(plan, preds.ids[i]);

        if (end > last_end) {
            last = preds.ids[i];
            last_end = end;
        }
    }
    return last;
}

DagTaskId
dag_explain_finish(const DagPlan *plan, DagTaskId id)
{
    g_return_val_if_fail(plan && id < dag_graph_n_tasks(dag_plan_graph(plan)),
                         DAG_TASK_NONE);

    const DagGraph *graph = dag_plan_graph(plan);
    DagIds succs = dag_graph_successors(graph, id);
    DagTaskId best = DAG_TASK_NONE;

    for (size_t i = 0; i < succs.n; i++) {
        double rank = dag_plan_rank(plan, succs.ids[i]);
        double best_rank = best == DAG_TASK_NONE ? -1 : dag_plan_rank(plan, best);

        if (rank > best_rank ||
            (rank == best_rank &&
             dag_graph_position(graph, succs.ids[i]) < dag_graph_position(graph, best)))
            best = succs.ids[i];
    }
    return best;
}

/* Return the number of tasks that are reached from `id`, without itself. */
static size_t
count_reached(const DagGraph *graph, DagTaskId id,
              DagIds (*neighbours)(const DagGraph *, DagTaskId))
{
    g_autofree bool *seen = g_new0(bool, dag_graph_n_tasks(graph));
    DagNumbers stack = {0};
    size_t n = 0;

    dag__numbers_add(&stack, id);
    while (stack.n > 0) {
        DagIds next = neighbours(graph, stack.items[--stack.n]);

        for (size_t i = 0; i < next.n; i++)
            if (!seen[next.ids[i]]) {
                seen[next.ids[i]] = true;
                dag__numbers_add(&stack, next.ids[i]);
                n++;
            }
    }
    g_free(stack.items);
    return n;
}

size_t
dag_explain_n_before(const DagPlan *plan, DagTaskId id)
{
    g_return_val_if_fail(plan && id < dag_graph_n_tasks(dag_plan_graph(plan)), 0);
    return count_reached(dag_plan_graph(plan), id, dag_graph_predecessors);
}

size_t
dag_explain_n_after(const DagPlan *plan, DagTaskId id)
{
    g_return_val_if_fail(plan && id < dag_graph_n_tasks(dag_plan_graph(plan)), 0);
    return count_reached(dag_plan_graph(plan), id, dag_graph_successors);
}
