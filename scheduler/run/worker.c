/* SPDX-License-Identifier: MIT */
/*
 * A worker settles what it ran, takes what is next, and runs it:
 *
 *     lock; settle what I ran; take what is next; unlock; run it; repeat
 *
 * Where tasks run for microseconds it takes and settles several under one acquisition of the
 * lock (a batch).  That is so in graphs of nothing but kinds that say so; a process or a request
 * is always a batch of one, since what was taken with it would wait for it.  A batch may hold
 * what earlier tasks of it make ready; if those fail, it is given back.
 *
 * A task that failed and may be tried again goes back to the ready set with the moment at which
 * it is due.  Idle workers wait no longer than until then.
 */
#include "ready/retry.h"
#include "run/execution.h"
#include "run/monitor.h"

#include "model/graph.h"
#include "model/random.h"

#include <dagrun/duration.h>

/* How often a worker looks for tiny tasks before it sleeps, and how long it pauses between: some
 * twenty microseconds altogether, which is what waking it would take. */
#define MAX_LOOKS     16
#define LINGER_PAUSES 32

void
dag__worker_init(Worker *worker, Execution *ex, unsigned number)
{
    uint64_t ticks = batch_clock_ticks();

    *worker = (Worker){
        .writer = record_writer_of(&ex->run->records),
        .clock = batch_clock_of(dag__execution_now(ex), ticks),
        .number = (uint16_t)number,
        .is_heard = dag__is_told(ex) || ex->outputs,
        .n_next = 1,
        .context = {.graph = ex->graph,
                    .outputs = ex->outputs,
                    .engines = ex->engines,
                    .cancel = ex->cancel,
                    .logs = ex->logs,
                    .wants_transcript = ex->n_observers > 0 || ex->logs,
                    .run_limit_ns =
                        ex->limit_ns == INT64_MAX ? INT64_MAX : ex->epoch_ns + ex->limit_ns,
                    .grace_ns = ex->grace_ns},
    };
}

/* Tells the worker what time it is: by the real clock, unless its batch goes on. */
static void
read_clock(const Execution *ex, Worker *worker, bool goes_on)
{
    uint64_t ticks = batch_clock_ticks();
    int64_t now_ns;

    if (!goes_on || !batch_clock_believes(&worker->clock, ticks, &now_ns)) {
        now_ns = dag__execution_now(ex);
        batch_clock_set(&worker->clock, now_ns, ticks);
    }
    worker->now_ns = MAX(worker->now_ns, now_ns);
}

/* Returns: which attempt of the task, taken by the worker, is the next; from 1. */
static unsigned
attempt_number(const Worker *worker, DagTaskId id)
{
    return worker->has_again ? records_get(worker->writer.records, id)->n_attempts + 1U : 1;
}

static void
tell_started_locked(Execution *ex, const Job *job)
{
    if (!dag__is_told(ex))
        return;
    dag__tell_locked(ex, &(Event){.type = DAG_EVENT_TASK_STARTED,
                                  .number = job->id,
                                  .time_ns = job->start_ns,
                                  .attempt = job->attempt});
}

static void
fill_batch_locked(Execution *ex, Worker *worker, size_t n_ready)
{
    size_t share = CLAMP(n_ready / ex->n_workers, 1, worker->n_next);
    const ReadyBatch *batch = &worker->batch;

    dag__ready_set_take_batch(ex->ready, &worker->batch, (unsigned)share, worker->n_next);
    worker->has_again = ex->has_retries;
    if (batch->n == 1)
        tell_started_locked(ex, &(Job){.id = batch->ids[0],
                                       .start_ns = worker->now_ns,
                                       .attempt = attempt_number(worker, batch->ids[0])});
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
        if (ex->is_tiny && n_looks < MAX_LOOKS)
            linger_locked(ex);
        else
            wait_for_work_locked(ex);
        worker->now_ns = 0;
    }
    /* The end of what it ran before is the start of what it takes now, unless it has waited;
     * but nothing starts before what it depends on has ended on another worker, or before it was
     * due. */
    if (worker->now_ns == 0)
        read_clock(ex, worker, false);
    worker->now_ns = MAX(worker->now_ns, ex->floor_ns);
    fill_batch_locked(ex, worker, n_ready);
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

/* What tasks are made of lies anywhere in memory.  Fetched one after the other, as tasks run, each
 * would take its time; here they overlap. */
static void
read_ahead(const Execution *ex, const Worker *worker)
{
    record_writer_read_ahead(&worker->writer, worker->batch.n);
    for (unsigned i = 0; i < worker->batch.n; i++) {
        dag__prefetch(&ex->graph->actions[worker->batch.ids[i]]);
        dag__prefetch_write(&worker->writer.places[worker->batch.ids[i]]);
    }
}

/* Notes what there is to tell of the task that has just run, if anything. */
static void
note_job(Worker *worker, Job job)
{
    DagContext *context = &worker->context;

    if (!worker->is_heard && job.attempt == 1 && job.outcome == DAG_SUCCEEDED &&
        !context->transcript && !context->reason)
        return;
    job.transcript = g_steal_pointer(&context->transcript);
    job.reason = g_steal_pointer(&context->reason);
    worker->jobs[worker->n_jobs++] = job;
}

/* Runs one task, writes its record.  The end of one is the start of the next: one reading of
 * the clock per task. */
static DagOutcome
run_task(Execution *ex, Worker *worker, DagTaskId id)
{
    DagContext *context = &worker->context;
    DagAction action = ex->graph->actions[id];
    Job job = {.id = id, .attempt = attempt_number(worker, id), .start_ns = worker->now_ns};
    Record *record;

    dag__context_enter(context, id, job.attempt, ex->epoch_ns + job.start_ns);
    job.outcome = outcome_of(context, action.kind->run(context, action.config));
    read_clock(ex, worker, worker->n_run < worker->batch.n);
    job.outcome = dag__context_leave(context, job.outcome);
    record = job.attempt == 1 ? record_writer_add(&worker->writer, id)
                              : records_get(worker->writer.records, id);
    *record = (Record){
        .start_ns = job.attempt == 1 ? job.start_ns : record->start_ns,
        .end_ns = worker->now_ns,
        .worker = worker->number,
        .n_attempts = (uint16_t)job.attempt,
        .exit_code = (int16_t)context->exit_code,
        .outcome = (uint8_t)job.outcome,
    };
    note_job(worker, job);
    return job.outcome;
}

/* Returns: of how many tasks the next batch may be after one in which `n` took `ns`. */
static unsigned
batch_size(int64_t ns, unsigned n)
{
    int64_t mean_ns = MAX(ns / n, 1);

    return mean_ns < DAG_TINY_NS ? (unsigned)MIN(BATCH_NS / mean_ns, READY_BATCH) : 1;
}

/* A failure ends the batch, since it may end more. */
static void
run_batch(Execution *ex, Worker *worker)
{
    DagOutcome outcome;

    read_ahead(ex, worker);
    worker->began_ns = worker->now_ns;
    worker->n_run = worker->n_jobs = 0;
    do
        outcome = run_task(ex, worker, worker->batch.ids[worker->n_run++]);
    while (outcome == DAG_SUCCEEDED && worker->n_run < worker->batch.n &&
           worker->now_ns - worker->began_ns < BATCH_NS &&
           !atomic_load_explicit(&ex->stopping, memory_order_relaxed));
    dag__ready_set_read_ahead(ex->ready, worker->batch.ids,
                              MIN(worker->n_run, worker->batch.n_taken));
    worker->n_next =
        ex->is_tiny ? batch_size(worker->now_ns - worker->began_ns, worker->n_run) : 1;
}

static DagAttempt
attempt_of(const Execution *ex, const Job *job)
{
    const Record *record = records_get(&ex->run->records, job->id);

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
    const DagPolicy *policy = dag_graph_task_policy(ex->graph, job->id);
    DagAttempt attempt = attempt_of(ex, job);
    int64_t pause_ns;

    if (!dag__retry_is_due(policy, ex->retries, job->attempt, &attempt))
        return false;
    pause_ns = dag__retry_pause_ns(policy, job->attempt, dag__random_next(&ex->lots));
    if (!dag__ready_set_retry(ex->ready, job->id, attempt.outcome,
                              attempt.end_ns + pause_ns))
        return false;
    ex->has_retries = true;
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

/* Hands over what there is to know of a task that will not be tried again. */
static void
tell_ended_locked(Execution *ex, Job *job)
{
    if (job->attempt > 1) {
        DagAttempt attempt = attempt_of(ex, job);

        attempt.reason = g_strdup(attempt.reason);
        dag__run_take_attempt(ex->run, job->id, &attempt);
    }
    if (job->reason || job->attempt > 1)
        dag__run_take_reason(ex->run, job->id, g_steal_pointer(&job->reason));
    if (dag__is_told(ex) || job->transcript)
        dag__tell_locked(
            ex, &(Event){.type = DAG_EVENT_TASK_FINISHED,
                         .number = job->id,
                         .time_ns = records_get(&ex->run->records, job->id)->end_ns,
                         .transcript = g_steal_pointer(&job->transcript)});
    dag__outputs_settle(ex->outputs, job->id);
}

static void
settle_failure_locked(Execution *ex, Job *job)
{
    if (try_again_locked(ex, job))
        return;
    tell_ended_locked(ex, job);
    dag__run_count(ex->run, job->id, job->outcome);
    dag__ready_set_settle(ex->ready, job->id, job->outcome);
    if (dag__ready_set_is_stopped(ex->ready))
        dag__execution_stop_locked(ex, reason_to_stop(ex, job->outcome));
}

static void
settle_locked(Execution *ex, Worker *worker)
{
    Job *last = worker->n_jobs > 0 ? &worker->jobs[worker->n_jobs - 1] : NULL;
    bool has_failed = last && last->outcome != DAG_SUCCEEDED;
    unsigned n_succeeded = worker->n_run - has_failed;

    ex->floor_ns = MAX(ex->floor_ns, worker->now_ns);
    for (unsigned i = 0; i < worker->n_jobs; i++) {
        if (worker->batch.n > 1)
            tell_started_locked(ex, &worker->jobs[i]);
        if (worker->jobs[i].outcome == DAG_SUCCEEDED)
            tell_ended_locked(ex, &worker->jobs[i]);
    }
    ex->run->counts[DAG_SUCCEEDED] += n_succeeded;
    dag__ready_set_succeed(ex->ready, worker->batch.ids, n_succeeded);
    if (has_failed)
        settle_failure_locked(ex, last);
    dag__run_extend(ex->run, worker->began_ns, worker->now_ns);
    dag__ready_set_give_back(ex->ready, &worker->batch, worker->n_run);
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
