/* SPDX-License-Identifier: MIT */
/*
 * Glue between the ready set and the recorder.  The end of a task is recorded before the
 * ready set handles it, so that events of consequences (a blocked successor, the end of the phase)
 * follow the event of their cause.
 */
#include "run/core.h"

#include "model/random.h"
#include "ready/retry.h"
#include "run/later.h"

static void
on_phase_began(uint32_t phase, void *data)
{
    RunCore *core = data;

    if (core->recorder.has_observers) /* saves reading the clock */
        dag__recorder_phase_began(&core->recorder, phase, core->clock(core->clock_data));
}

static void
on_phase_ended(uint32_t phase, void *data)
{
    RunCore *core = data;

    if (core->recorder.has_observers) /* saves reading the clock */
        dag__recorder_phase_ended(&core->recorder, phase, core->clock(core->clock_data));
}

static void
on_never_ran(DagTaskId id, DagOutcome outcome, void *data)
{
    RunCore *core = data;

    dag__recorder_never_ran(&core->recorder, id, outcome, core->clock(core->clock_data));
    dag__outputs_task_ended(core->outputs, id);
}

void
dag__core_init(RunCore *core, const DagPlan *plan, const RunCoreOptions *options)
{
    const RunSetup *setup = &options->setup;

    *core = (RunCore){
        .graph = dag_plan_graph(plan),
        .outputs = options->outputs,
        .reuse = options->reuse,
        .retries = setup->retries,
        .random = options->random_seed,
        .clock = options->clock,
        .clock_data = options->clock_data,
    };
    dag__recorder_init(&core->recorder, plan, setup, options->n_writers,
                       options->has_observers);
    dag__recorder_run_started(&core->recorder);
    core->ready = dag__ready_set_new(
        plan, &(ReadyOptions){
                  .strategy = setup->strategy,
                  .machine = setup->machine,
                  .seed = setup->seed,
                  .search = options->search,
                  .keep_going = setup->keep_going,
                  .listener = {on_phase_began, on_phase_ended, on_never_ran, core},
              });
    if (dag__ready_schedule(core->ready))
        dag__recorder_searched(&core->recorder, dag__ready_schedule(core->ready));
}

void
dag__core_clear(RunCore *core)
{
    dag__recorder_clear(&core->recorder);
    g_clear_pointer(&core->ready, dag__ready_set_free);
}

void
dag__core_begin(RunCore *core)
{
    dag__ready_begin(core->ready);
    if (dag__ready_is_stopped(core->ready)) /* by a failure before the run */
        dag__recorder_stopped(&core->recorder, DAG_STOP_FAILURE);
}

bool
dag__core_start(RunCore *core, DagOccupies unit, int64_t now_ns, AttemptStart *start_out)
{
    DagTaskId id = dag__ready_next(core->ready, unit, now_ns);

    if (id == DAG_TASK_NONE)
        return false;
    *start_out = (AttemptStart){
        .task = id,
        .attempt = records_get(&core->recorder.run->records, id)->n_attempts + 1U,
        .start_ns = now_ns,
    };
    /* The memory is asked before; see dag__execution_begin(). */
    start_out->is_asked = start_out->attempt == 1 && dag__reuse_asks(core->reuse, id);
    if (!start_out->is_asked)
        dag__recorder_started(&core->recorder, id, start_out->attempt, now_ns);
    return true;
}

/* Let the pools know the tokens that the attempt has used, once: one that cannot be withdrawn ends after that. */
static void
correct_tokens(RunCore *core, AttemptEnd *end)
{
    if (end->has_tokens)
        dag__ready_correct_tokens(core->ready, end->task, end->tokens);
    end->has_tokens = false;
}

/* If another attempt follows the failed one, pause the task and return true. */
static bool
try_again(RunCore *core, AttemptEnd *end)
{
    const DagPolicy *policy = dag_graph_task_policy(core->graph, end->task);
    int64_t pause_ns;

    if (end->is_final || !dag__retry_is_due(policy, core->retries, end->attempt,
                                            end->outcome, end->exit_code))
        return false;
    pause_ns = dag__retry_pause_ns(policy, end->attempt, dag__random_next(&core->random));
    if (!dag__ready_pause(core->ready, end->task, end->outcome,
                          dag__later(end->end_ns, pause_ns)))
        return false;
    dag__recorder_attempt_failed(&core->recorder, end, pause_ns);
    return true;
}

/* Return the outcome that a kind gave, or DAG_FAILED if an attempt cannot have it. */
static DagOutcome
checked_outcome(DagOutcome outcome)
{
    g_return_val_if_fail(dag_outcome_is_success(outcome) || outcome == DAG_FAILED ||
                             outcome == DAG_TIMED_OUT || outcome == DAG_CANCELLED,
                         DAG_FAILED);
    return outcome;
}

void
dag__core_end(RunCore *core, AttemptEnd *end)
{
    bool was_stopped;

    end->outcome = checked_outcome(end->outcome);
    correct_tokens(core, end);
    if (!dag_outcome_is_success(end->outcome) && try_again(core, end))
        return;
    was_stopped = dag__ready_is_stopped(core->ready);
    if (end->outcome == DAG_REUSED) {
        dag__recorder_reused(&core->recorder, end);
        dag__outputs_task_ended(core->outputs, end->task);
        dag__ready_settle(core->ready, end->task);
        return;
    }
    dag__recorder_ended(&core->recorder, end);
    dag__outputs_task_ended(core->outputs, end->task);
    dag__ready_end(core->ready, end->task, end->outcome);
    if (!was_stopped && dag__ready_is_stopped(core->ready))
        dag__recorder_stopped(&core->recorder, DAG_STOP_FAILURE);
}

/* Return the name of the pool that a task waits for: the closed one; for tokens, the one with tokens if the task uses
 * no other such pool; or NULL. */
static const char *
awaited_pool(const DagGraph *graph, DagTaskId id, uint32_t closed, bool is_for_tokens)
{
    size_t n_pools, n_uses;
    const DagPool *pools = dag_graph_pools(graph, &n_pools);
    const DagUse *uses = dag_graph_task_uses(graph, id, &n_uses);
    const char *name = NULL;

    if (closed != READY_NO_POOL)
        return pools[closed].name;
    for (size_t i = 0; is_for_tokens && i < n_uses; i++) {
        if (pools[uses[i].pool].tokens.count == 0)
            continue;
        if (name)
            return NULL;
        name = pools[uses[i].pool].name;
    }
    return name;
}

bool
dag__core_withdraw(RunCore *core, AttemptEnd *end, uint32_t pool, int64_t until_ns)
{
    correct_tokens(core, end);
    if (!dag__ready_withdraw(core->ready, end->task, pool, end->end_ns, until_ns))
        return false;
    dag__recorder_withdrawn(&core->recorder, end,
                            awaited_pool(core->graph, end->task, pool, until_ns == 0),
                            MAX(until_ns - end->end_ns, 0));
    return true;
}

void
dag__core_stop(RunCore *core, DagStop reason)
{
    dag__recorder_stopped(&core->recorder, reason);
    dag__ready_stop(core->ready);
}

void
dag__core_finish(RunCore *core, int signal_number)
{
    /* It may have come after the last task. */
    if (signal_number != 0)
        dag__recorder_stopped(&core->recorder, DAG_STOP_CANCEL);
    dag__ready_finish(core->ready);
    dag__recorder_run_finished(&core->recorder, core->clock(core->clock_data),
                               signal_number);
}
