/* SPDX-License-Identifier: MIT */
/*
 * A worker settles what it ran, takes what is next, and runs it:
 *
 *     lock; settle what I ran; take what is next; unlock; run it; repeat
 *
 * Where tasks run for microseconds it takes and settles several under one acquisition of the
 * lock (a batch).  That is so in graphs of nothing but kinds that say so; a process or a request
 * is always a batch of one, since what was taken with it would wait for it.
 *
 * A task that failed and may be tried again goes back to the ready set with the moment at which
 * it is due.  Idle workers wait no longer than until then.
 */
#include "run/execution.h"
#include "run/monitor.h"
#include "run/retry.h"

#include "model/graph.h"
#include "model/lots.h"

#include <dagrun/duration.h>

/* How often a worker looks for tiny tasks before it sleeps, and how long it pauses between: some
 * twenty microseconds altogether, which is what waking it would take. */
#define MAX_LOOKS     16
#define LINGER_PAUSES 32

void
dag__worker_init(Worker *worker, Execution *ex, unsigned number)
{
    *worker = (Worker){
        .number = (uint16_t)number,
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

/* Returns: how many of `n_ready` tasks the worker takes at once: its share of them if tasks are
 * tiny, else one. */
static unsigned
batch_size(const Execution *ex, const Worker *worker, size_t n_ready)
{
    if (!worker->has_tiny || n_ready <= ex->n_workers)
        return 1;
    return (unsigned)MIN(n_ready / ex->n_workers, MAX_BATCH);
}

static void
tell_started_locked(Execution *ex, DagTaskId id, int64_t time_ns, unsigned attempt)
{
    if (!dag__is_told(ex))
        return;
    dag__tell_locked(ex, &(Event){.type = DAG_EVENT_TASK_STARTED,
                                  .number = id,
                                  .time_ns = time_ns,
                                  .attempt = attempt});
}

static void
fill_batch_locked(Execution *ex, Worker *worker, unsigned size)
{
    worker->n_batch = 0;
    do
        worker->batch[worker->n_batch++].id = dag__ready_set_take(ex->ready);
    while (worker->n_batch < size && dag__ready_set_length(ex->ready) > 0);
    if (worker->n_batch == 1)
        tell_started_locked(ex, worker->batch[0].id, worker->now_ns,
                            ex->run->records[worker->batch[0].id].n_attempts + 1);
}

/* Lets happen what only the clock brings about.  Returns: as dag__ready_set_length(). */
static size_t
look_for_work_locked(Execution *ex, Worker *worker)
{
    dag__execution_look_locked(ex);
    if (dag__ready_set_next_due(ex->ready) != INT64_MAX) {
        worker->now_ns = dag__execution_now(ex);
        dag__ready_set_wake(ex->ready, worker->now_ns);
        ex->floor_ns = MAX(ex->floor_ns, worker->now_ns); /* whoever takes what is due */
    }
    return dag__ready_set_length(ex->ready);
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
    ex->n_called -= ex->n_called > 0;
}

/* Where tasks are tiny the next will be ready sooner than a sleeper is awake. */
static void
linger_locked(Execution *ex)
{
    dag__unlock(&ex->lock);
    for (int i = 0; i < LINGER_PAUSES; i++)
        dag__pause();
    dag__lock(&ex->lock);
}

/* One wakes the next, as long as there is work, or a moment to wait for: a signal costs a system
 * call. */
static void
call_next_locked(Execution *ex)
{
    if (ex->n_idle == ex->n_called || (dag__ready_set_length(ex->ready) == 0 &&
                                       dag__ready_set_next_due(ex->ready) == INT64_MAX))
        return;
    ex->n_called++;
    g_cond_signal(&ex->work);
}

/* Waits for something to do.  Returns: false if there will be nothing any more. */
static bool
take_locked(Execution *ex, Worker *worker)
{
    size_t n_ready;

    for (unsigned n_looks = 1; (n_ready = look_for_work_locked(ex, worker)) == 0;
         n_looks++) {
        if (dag__ready_set_is_done(ex->ready)) {
            g_cond_broadcast(&ex->work);
            return false;
        }
        if (ex->graph->is_tiny && n_looks < MAX_LOOKS)
            linger_locked(ex);
        else
            wait_for_work_locked(ex);
        worker->now_ns = 0;
    }
    /* The end of what it ran before is the start of what it takes now, unless it has waited;
     * but nothing starts before what it depends on has ended on another worker, or before it was
     * due. */
    if (worker->now_ns == 0)
        worker->now_ns = dag__execution_now(ex);
    worker->now_ns = MAX(worker->now_ns, ex->floor_ns);
    fill_batch_locked(ex, worker, batch_size(ex, worker, n_ready));
    call_next_locked(ex);
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

/*
 * What tasks are made of lies anywhere in memory.  Reading the clock waits for all reads before
 * it, so between two tasks each would take its time; here they overlap.
 */
static void
read_batch(const Execution *ex, Worker *worker)
{
    for (unsigned i = 0; i < worker->n_batch; i++) {
        Job *job = &worker->batch[i];
        const DagTask *task = &ex->graph->tasks[job->id];

        job->kind = task->kind;
        job->config = task->config;
        job->policy = dag_graph_task_policy(ex->graph, job->id);
        job->attempt = ex->run->records[job->id].n_attempts + 1u;
    }
}

/* Runs one task, writes its record.  The end of one is the start of the next: one reading of
 * the clock per task. */
static DagOutcome
run_task(Execution *ex, Worker *worker, Job *job)
{
    DagContext *context = &worker->context;
    Record *record = &ex->run->records[job->id];
    DagOutcome outcome;

    job->start_ns = worker->now_ns;
    if (job->attempt == 1)
        *record =
            (Record){.start_ns = job->start_ns, .end_ns = -1, .exit_code = DAG_EXIT_NONE};
    record->n_attempts = (uint16_t)job->attempt;
    record->worker = worker->number;
    dag__context_enter(context, job->id, job->policy, job->attempt,
                       ex->epoch_ns + job->start_ns);
    outcome = outcome_of(context, job->kind->run(context, job->config));
    worker->now_ns = dag__execution_now(ex);
    record->end_ns = worker->now_ns;
    outcome = dag__context_leave(context, outcome);
    record->outcome = (uint8_t)outcome;
    record->exit_code = (int16_t)context->exit_code;

    job->transcript = g_steal_pointer(&context->transcript);
    job->reason = g_steal_pointer(&context->reason);
    return outcome;
}

/* A failure ends the batch, since it may end more. */
static void
run_batch(Execution *ex, Worker *worker)
{
    int64_t began_ns = worker->now_ns;
    DagOutcome outcome;

    read_batch(ex, worker);
    worker->n_run = 0;
    do
        outcome = run_task(ex, worker, &worker->batch[worker->n_run++]);
    while (outcome == DAG_SUCCEEDED && worker->n_run < worker->n_batch &&
           worker->now_ns - began_ns < BATCH_NS &&
           !atomic_load_explicit(&ex->stopping, memory_order_relaxed));
    worker->has_tiny =
        ex->graph->is_tiny && worker->now_ns - began_ns < TINY_NS * (int64_t)worker->n_run;
}

static DagAttempt
attempt_of(const Execution *ex, const Job *job)
{
    const Record *record = &ex->run->records[job->id];

    return (DagAttempt){
        .start_ns = job->start_ns,
        .end_ns = record->end_ns,
        .outcome = (DagOutcome)record->outcome,
        .worker = record->worker,
        .exit_code = record->exit_code,
        .reason = job->reason,
    };
}

/* Returns: whether the task that failed will be tried again. */
static bool
try_again_locked(Execution *ex, Job *job)
{
    DagAttempt attempt = attempt_of(ex, job);
    int64_t pause_ns;

    if (!dag__retry_is_due(job->policy, ex->retries, job->attempt, &attempt))
        return false;
    pause_ns = dag__retry_pause_ns(job->policy, job->attempt, dag__draw_lot(&ex->lots));
    if (!dag__ready_set_retry(ex->ready, job->id, attempt.outcome,
                              attempt.end_ns + pause_ns))
        return false;
    /* Should the run be stopped meanwhile, this is what became of the task. */
    dag__run_take_reason(ex->run, job->id, g_strdup(attempt.reason));
    dag__run_take_attempt(ex->run, job->id, &attempt);
    job->reason = NULL;
    dag__tell_locked(ex, &(Event){
                             .type = DAG_EVENT_ATTEMPT_FAILED,
                             .number = job->id,
                             .attempt = job->attempt,
                             .time_ns = attempt.end_ns,
                             .pause_ns = pause_ns,
                             .transcript = g_steal_pointer(&job->transcript),
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
settle_task_locked(Execution *ex, const Worker *worker, Job *job)
{
    const Record *record = &ex->run->records[job->id];
    DagOutcome outcome = (DagOutcome)record->outcome;

    if (worker->n_batch > 1)
        tell_started_locked(ex, job->id, job->start_ns, job->attempt);
    if (outcome != DAG_SUCCEEDED && try_again_locked(ex, job))
        return;
    if (job->attempt > 1) {
        DagAttempt attempt = attempt_of(ex, job);

        attempt.reason = g_strdup(attempt.reason);
        dag__run_take_attempt(ex->run, job->id, &attempt);
    }
    if (job->reason || job->attempt > 1)
        dag__run_take_reason(ex->run, job->id, g_steal_pointer(&job->reason));
    if (dag__is_told(ex) || job->transcript)
        dag__tell_locked(ex, &(Event){.type = DAG_EVENT_TASK_FINISHED,
                                      .number = job->id,
                                      .time_ns = record->end_ns,
                                      .transcript = g_steal_pointer(&job->transcript)});
    dag__outputs_settle(ex->outputs, job->id);
    dag__ready_set_settle(ex->ready, job->id, outcome);
    if (outcome != DAG_SUCCEEDED && dag__ready_set_is_stopped(ex->ready))
        dag__execution_stop_locked(ex, reason_to_stop(ex, outcome));
}

static void
settle_locked(Execution *ex, Worker *worker)
{
    for (unsigned i = 0; i < worker->n_run; i++)
        settle_task_locked(ex, worker, &worker->batch[i]);
    ex->floor_ns = MAX(ex->floor_ns, worker->now_ns);
    for (unsigned i = worker->n_batch; i-- > worker->n_run;)
        dag__ready_set_give_back(ex->ready, worker->batch[i].id);
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
    ex->caller_is_woken = false; /* also where it gathers: the run may be over */
    dag__wake_caller_locked(ex);
    dag__unlock(&ex->lock);
}
