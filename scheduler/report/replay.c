/* SPDX-License-Identifier: MIT */
/*
 * Pauses between attempts are those of the simulator: the declared ones, with the seed of the run.
 */
#include "report/replay.h"

#include <dagrun/simulate.h>

typedef struct Replay {
    const DagPastRun *past;
    GHashTable *tasks; /* id to DagPastTask */
} Replay;

/* Return the attempt of the record. */
static DagSimulatedAttempt
as_recorded(const DagPlan *plan, DagTaskId id, unsigned attempt, void *data)
{
    const Replay *replay = data;
    const DagPastTask *task =
        g_hash_table_lookup(replay->tasks, dag_graph_task_name(dag_plan_graph(plan), id));

    if (!task || attempt > task->n_attempts)
        return (DagSimulatedAttempt){.outcome = DAG_SUCCEEDED, .exit_code = DAG_EXIT_NONE};

    const DagPastAttempt *was = &dag_past_run_attempts(replay->past, task)[attempt - 1];

    return (DagSimulatedAttempt){.seconds = (double)(was->end_ns - was->start_ns) / 1e9,
                                 .outcome = was->outcome,
                                 .exit_code = was->exit_code};
}

int64_t
dag__replay_ns(const DagPlan *plan, const DagPastRun *past)
{
    const DagStrategy *strategy = dag_strategy_find(past->strategy);
    g_autoptr(GHashTable) tasks = g_hash_table_new(g_str_hash, g_str_equal);
    Replay replay = {past, tasks};
    DagSimulateOptions options = {
        .strategy = strategy,
        .n_workers = past->n_workers,
        .n_connections = past->n_connections,
        .seed = past->seed,
        .keep_going = past->keep_going,
        .retries = past->retries,
        .attempt = as_recorded,
        .data = &replay,
    };

    if (!strategy || strategy->solve)
        return -1;
    for (uint32_t i = 0; i < past->tasks->len; i++) {
        DagPastTask *task = dag_past_run_task(past, i);

        g_hash_table_insert(tasks, (gpointer)task->id, task);
    }

    g_autoptr(DagRun) run = dag_simulate(plan, &options);

    return dag_run_makespan_ns(run);
}
