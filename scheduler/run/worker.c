/* SPDX-License-Identifier: MIT */
/*
 * A worker settles what it ran, takes what is next, and runs it:
 *
 *     lock; settle what I ran; take what is next; unlock; run it; repeat
 *
 * Where tasks run for microseconds it takes and settles several under one acquisition of the
 * lock (a batch).  Only kinds that say so are tiny; a process or a request is always a batch of
 * one, since the order would suffer.
 *
 * A task that failed and may be tried again goes back to the ready set with the moment at which
 * it is due.  Idle workers wait no longer than until then.
 */
#include "run/execution.h"
#include "run/monitor.h"
#include "run/retry.h"

#include "model/lots.h"

#include <dagrun/duration.h>

void
dag__worker_init(Worker *worker, Execution *ex, unsigned number)
{
    *worker = (Worker){
        .number = (uint16_t)number,
        .body_ns = TINY_NS, /* not known to be tiny yet */
        .context = {.graph = ex->graph,
                    .outputs = ex->outputs,
                    .cancel = ex->cancel,
                    .logs = ex->logs,
                    .wants_transcript = ex->n_observers > 0 || ex->logs,
                    .run_limit_ns =
                        ex->limit_ns == INT64_MAX ? INT64_MAX : ex->epoch_ns + ex->limit_ns,
                    .grace_ns = ex->grace_ns},
    };
}

/* Returns: how many tasks the worker takes at once: its share of what is ready if tasks are
 * tiny, else one. */
static unsigned
batch_size_locked(const Execution *ex, const Worker *worker)
{
    size_t share = dag__ready_set_length(ex->ready) / ex->n_workers;

    if (worker->body_ns >= TINY_NS || share <= 1)
        return 1;
    return (unsigned)MIN(share, MAX_BATCH);
}

static void
tell_started_locked(Execution *ex, DagTaskId id, int64_t time_ns, unsigned attempt)
{
    dag__tell_locked(ex, &(Event){.type = DAG_EVENT_TASK_STARTED,
                                  .number = id,
                                  .time_ns = time_ns,
                                  .attempt = attempt});
}

/* What is not tiny goes alone: what was taken with it would wait for it. */
static void
fill_batch_locked(Execution *ex, Worker *worker)
{
    unsigned size = batch_size_locked(ex, worker);
    bool is_tiny;

    worker->n_batch = 0;
    do {
        DagTaskId id = dag__ready_set_take(ex->ready);

        worker->batch[worker->n_batch++] = id;
        is_tiny = dag_graph_task_kind(ex->graph, id)->is_tiny;
    } while (is_tiny && worker->n_batch < size && dag__ready_set_length(ex->ready) > 0 &&
             dag_graph_task_kind(ex->graph, dag__ready_set_peek(ex->ready))->is_tiny);
    if (worker->n_batch == 1)
        tell_started_locked(ex, worker->batch[0], worker->now_ns,
                            ex->run->records[worker->batch[0]].n_attempts + 1);
}

/* Lets happen what only the clock brings about.  Returns: whether something may start. */
static bool
has_work_locked(Execution *ex, Worker *worker)
{
    dag__execution_look_locked(ex);
    if (dag__ready_set_next_due(ex->ready) != INT64_MAX) {
        worker->now_ns = dag__execution_now(ex);
        dag__ready_set_wake(ex->ready, worker->now_ns);
        ex->floor_ns = MAX(ex->floor_ns, worker->now_ns); /* whoever takes what is due */
    }
    return dag__ready_set_length(ex->ready) > 0;
}

/* Waits until somebody signals, or a task is due again. */
static void
wait_for_work_locked(Execution *ex)
{
    int64_t due_ns = dag__ready_set_next_due(ex->ready);

    ex->n_idle++;
    if (due_ns == INT64_MAX)
        dag__wait(&ex->work, &ex->lock);
    else
        dag__wait_until(&ex->work, &ex->lock, ex->epoch_ns + due_ns);
    ex->n_idle--;
}

/* Waits for something to do.  Returns: false if there will be nothing any more. */
static bool
take_locked(Execution *ex, Worker *worker)
{
    while (!has_work_locked(ex, worker)) {
        if (dag__ready_set_is_done(ex->ready)) {
            g_cond_broadcast(&ex->work);
            return false;
        }
        wait_for_work_locked(ex);
        worker->now_ns = 0;
    }
    /* The end of what it ran before is the start of what it takes now, unless it has waited;
     * but nothing starts before what it depends on has ended on another worker, or before it was
     * due. */
    if (worker->now_ns == 0)
        worker->now_ns = dag__execution_now(ex);
    worker->now_ns = MAX(worker->now_ns, ex->floor_ns);
    fill_batch_locked(ex, worker);
    /* One wakes the next, as long as there is work, or a moment to wait for: a signal costs a
     * system call. */
    if (ex->n_idle > 0 && (dag__ready_set_length(ex->ready) > 0 ||
                           dag__ready_set_next_due(ex->ready) != INT64_MAX))
        g_cond_signal(&ex->work);
    return true;
}

/* What a kind that ended early gives as its outcome becomes the reason for which it had to. */
static DagOutcome
outcome_of(DagContext *context, DagOutcome outcome)
{
    char limit[DAG_DURATION_SIZE];

    if (outcome != DAG_CANCELLED || !context->timed_out)
        return outcome;
    dag_context_set_reason(context, "its timeout is %s",
                           dag_duration_format(context->policy->timeout_ns, limit));
    return DAG_TIMED_OUT;
}

/* Runs one task, writes its record.  The end of one is the start of the next: one reading of
 * the clock per task. */
static DagOutcome
run_task(Execution *ex, Worker *worker, unsigned i)
{
    DagTaskId id = worker->batch[i];
    const DagKind *kind = dag_graph_task_kind(ex->graph, id);
    DagContext *context = &worker->context;
    DagRecord *record = &ex->run->records[id];
    DagOutcome outcome;

    worker->starts[i] = worker->now_ns;
    if (record->n_attempts++ == 0)
        record->start_ns = worker->now_ns;
    record->worker = worker->number;
    dag__context_enter(context, id, record->n_attempts, ex->epoch_ns + worker->now_ns);
    outcome = outcome_of(context, kind->run(context, dag_graph_task_config(ex->graph, id)));
    worker->now_ns = dag__execution_now(ex);
    record->end_ns = worker->now_ns;
    outcome = dag__context_leave(context, outcome);
    record->outcome = outcome;
    record->exit_code = (int16_t)context->exit_code;

    worker->transcripts[i] = g_steal_pointer(&context->transcript);
    worker->reasons[i] = g_steal_pointer(&context->reason);
    return outcome;
}

/* A failure ends the batch, since it may end more. */
static void
run_batch(Execution *ex, Worker *worker)
{
    int64_t began_ns = worker->now_ns;
    DagOutcome outcome;

    worker->n_run = 0;
    do
        outcome = run_task(ex, worker, worker->n_run++);
    while (outcome == DAG_SUCCEEDED && worker->n_run < worker->n_batch &&
           worker->now_ns - began_ns < BATCH_NS &&
           !atomic_load_explicit(&ex->stopping, memory_order_relaxed));
    worker->body_ns = (worker->now_ns - began_ns) / worker->n_run;
}

static DagAttempt
attempt_of(const Execution *ex, const Worker *worker, unsigned i)
{
    const DagRecord *record = &ex->run->records[worker->batch[i]];

    return (DagAttempt){
        .start_ns = worker->starts[i],
        .end_ns = record->end_ns,
        .outcome = record->outcome,
        .worker = record->worker,
        .exit_code = record->exit_code,
        .reason = worker->reasons[i],
    };
}

/* Returns: whether the task that failed will be tried again. */
static bool
try_again_locked(Execution *ex, Worker *worker, unsigned i)
{
    DagTaskId id = worker->batch[i];
    const DagPolicy *policy = dag_graph_task_policy(ex->graph, id);
    unsigned n_attempts = ex->run->records[id].n_attempts;
    DagAttempt attempt = attempt_of(ex, worker, i);
    int64_t pause_ns;

    if (!dag__retry_is_due(policy, ex->retries, n_attempts, &attempt))
        return false;
    pause_ns = dag__retry_pause_ns(policy, n_attempts, dag__draw_lot(&ex->lots));
    if (!dag__ready_set_retry(ex->ready, id, attempt.outcome, attempt.end_ns + pause_ns))
        return false;
    /* Should the run be stopped meanwhile, this is what became of the task. */
    dag__run_take_reason(ex->run, id, g_strdup(attempt.reason));
    dag__run_take_attempt(ex->run, id, &attempt);
    worker->reasons[i] = NULL;
    dag__tell_locked(ex, &(Event){
                             .type = DAG_EVENT_ATTEMPT_FAILED,
                             .number = id,
                             .attempt = n_attempts,
                             .time_ns = attempt.end_ns,
                             .pause_ns = pause_ns,
                             .transcript = g_steal_pointer(&worker->transcripts[i]),
                             .failed = g_memdup2(&attempt, sizeof(attempt)),
                         });
    return true;
}

/* Why a task with this outcome stops the run.  One that ended early was told to: perhaps before
 * the caller's thread, which would have told the run the reason, has woken up. */
static DagStop
reason_to_stop(const Execution *ex, DagOutcome outcome)
{
    if (outcome != DAG_CANCELLED)
        return DAG_STOP_FAILURE;
    if (ex->cancel && dag_cancel_level(ex->cancel) != DAG_CANCEL_NONE)
        return DAG_STOP_CANCEL;
    return dag__execution_now(ex) >= ex->limit_ns ? DAG_STOP_TIMEOUT : DAG_STOP_FAILURE;
}

static void
settle_task_locked(Execution *ex, Worker *worker, unsigned i)
{
    DagTaskId id = worker->batch[i];
    const DagRecord *record = &ex->run->records[id];

    if (worker->n_batch > 1)
        tell_started_locked(ex, id, worker->starts[i], record->n_attempts);
    if (record->outcome != DAG_SUCCEEDED && try_again_locked(ex, worker, i))
        return;
    if (record->n_attempts > 1) {
        DagAttempt attempt = attempt_of(ex, worker, i);

        attempt.reason = g_strdup(attempt.reason);
        dag__run_take_attempt(ex->run, id, &attempt);
    }
    if (worker->reasons[i] || record->n_attempts > 1)
        dag__run_take_reason(ex->run, id, g_steal_pointer(&worker->reasons[i]));
    dag__tell_locked(ex, &(Event){.type = DAG_EVENT_TASK_FINISHED,
                                  .number = id,
                                  .time_ns = record->end_ns,
                                  .transcript = g_steal_pointer(&worker->transcripts[i])});
    dag__outputs_settle(ex->outputs, id);
    dag__ready_set_settle(ex->ready, id, record->outcome);
    if (record->outcome != DAG_SUCCEEDED && dag__ready_set_is_stopped(ex->ready))
        dag__execution_stop_locked(ex, reason_to_stop(ex, record->outcome));
}

static void
settle_locked(Execution *ex, Worker *worker)
{
    for (unsigned i = 0; i < worker->n_run; i++)
        settle_task_locked(ex, worker, i);
    ex->floor_ns = MAX(ex->floor_ns, worker->now_ns);
    for (unsigned i = worker->n_batch; i-- > worker->n_run;)
        dag__ready_set_give_back(ex->ready, worker->batch[i]);
}

/* Worker thread. */
void
dag__work(gpointer data, gpointer user_data)
{
    Worker *worker = data;
    Execution *ex = user_data;

    dag__lock(&ex->lock);
    while (take_locked(ex, worker)) {
        dag__unlock(&ex->lock);
        run_batch(ex, worker);
        dag__lock(&ex->lock);
        settle_locked(ex, worker);
    }
    ex->n_gone++;
    dag__wake_caller_locked(ex);
    dag__unlock(&ex->lock);
}
