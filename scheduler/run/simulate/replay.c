/* SPDX-License-Identifier: MIT */
/*
 * The record's tasks by the number that they have in the graph.
 */
#include <dagrun/replay.h>

struct DagReplay {
    const DagPastRun *past;
    const DagPastTask **tasks; /* [n_tasks]: NULL: take the cost of the plan; owned */
};

/* Return whether the record tells how long the task took: a cancelled attempt was cut, and a reused task took
 * no time. */
static bool
is_complete(const DagPastRun *past, const DagPastTask *task)
{
    const DagPastAttempt *attempts = dag_past_run_attempts(past, task);

    for (uint32_t i = 0; i < task->n_attempts; i++)
        if (attempts[i].outcome == DAG_CANCELLED || attempts[i].outcome == DAG_BLOCKED)
            return false;
    return task->n_attempts > 0 || task->outcome == DAG_REUSED;
}

DagReplay *
dag_replay_new(const DagGraph *graph, const DagPastRun *past)
{
    g_return_val_if_fail(graph && past, NULL);

    DagReplay *replay = g_new0(DagReplay, 1);

    replay->past = past;
    replay->tasks = g_new0(const DagPastTask *, dag_graph_n_tasks(graph) + 1);
    for (uint32_t i = 0; i < past->tasks->len; i++) {
        const DagPastTask *task = dag_past_run_task(past, i);
        DagTaskId id = dag_graph_find(graph, task->id);

        if (id != DAG_TASK_NONE && is_complete(past, task))
            replay->tasks[id] = task;
    }
    return replay;
}

void
dag_replay_free(DagReplay *replay)
{
    if (!replay)
        return;
    g_free(replay->tasks);
    g_free(replay);
}

void
dag_replay_forget(DagReplay *replay, DagTaskId id)
{
    g_return_if_fail(replay);
    replay->tasks[id] = NULL;
}

static double
seconds_of(const DagPastAttempt *attempt)
{
    return (double)(attempt->end_ns - attempt->start_ns) / 1e9;
}

double
dag_replay_cost(const DagReplay *replay, DagTaskId id)
{
    g_return_val_if_fail(replay, -1);

    const DagPastTask *task = replay->tasks[id];
    double seconds = 0;

    if (!task)
        return -1;
    for (uint32_t i = 0; i < task->n_attempts; i++)
        seconds += seconds_of(&dag_past_run_attempts(replay->past, task)[i]);
    return MAX(seconds, 0);
}

DagSimulatedAttempt
dag_replay_attempt(const DagPlan *plan, DagTaskId id, unsigned attempt, void *replay)
{
    const DagReplay *it = replay;
    const DagPastTask *task = it->tasks[id];
    const DagPastAttempt *was;

    if (!task || task->n_attempts == 0)
        return (DagSimulatedAttempt){.seconds = task ? 0 : dag_plan_cost(plan, id),
                                     .outcome = DAG_SUCCEEDED,
                                     .exit_code = DAG_EXIT_NONE};
    was = &dag_past_run_attempts(it->past, task)[MIN(attempt, task->n_attempts) - 1];
    return (DagSimulatedAttempt){.seconds = seconds_of(was),
                                 .outcome = was->outcome,
                                 .exit_code = was->exit_code,
                                 .reason = was->reason};
}

DagSimulateOptions
dag_replay_options(DagReplay *replay)
{
    g_return_val_if_fail(replay, (DagSimulateOptions){0});
    return (DagSimulateOptions){
        .strategy = dag_strategy_find(replay->past->strategy),
        .n_workers = replay->past->n_workers,
        .n_connections = replay->past->n_connections,
        .seed = replay->past->seed,
        .keep_going = replay->past->keep_going,
        .retries = replay->past->retries,
        .attempt = dag_replay_attempt,
        .data = replay,
    };
}
