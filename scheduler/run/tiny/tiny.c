/* SPDX-License-Identifier: MIT */
/*
 * The worker of tiny tasks.
 *
 *     lock; end the batch that ran; take the next one; unlock; run it; repeat
 *
 * It differs from the ordinary worker (threads.c) in three ways: it takes and ends several tasks
 * under one acquisition of the lock; it reads the counter of the processor instead of the clock
 * within a batch; and it spins for a while before it sleeps.  The end of a task is the start of
 * the next one, so the clock is read once per task.
 */
#include "run/tiny/tiny.h"

#include "ready/ready-set-private.h"
#include "run/tiny/batch-clock.h"
#include "run/tiny/batch.h"
#include "run/tiny/cache.h"

/* A worker checks so many times for tasks before it sleeps, with so many pauses in between: about
 * 20 µs in all, as long as waking it would take. */
#define MAX_POLLS   16
#define POLL_PAUSES 32

/* On the stack of its thread, so that no two workers share a cache line. */
typedef struct TinyWorker {
    uint16_t number;
    Batch batch;
    DagJob job;          /* the task that runs */
    RecordWriter writer; /* for the records of tasks that are not in `ends` */
    BatchClock clock;
    int64_t now_ns;     /* the last reading of the clock; 0: too old to be used */
    int64_t began_ns;   /* when the batch began */
    unsigned n_run;     /* tasks of the batch that ran; fewer than all if it ended early */
    unsigned next_size; /* of the next batch, estimated from this one */
    bool may_have_retries; /* tasks of the batch may have run before */
    /* [n_ends]: ends with more to record than a success; only the last one may be a failure. */
    AttemptEnd ends[BATCH_SIZE];
    unsigned n_ends;
} TinyWorker;

bool
dag__tiny_applies(const Execution *ex)
{
    const TaskClasses *classes = &ex->core.ready->classes;

    if (classes->n > 1 || classes->classes[0].n_uses > 0 ||
        classes->classes[0].unit != DAG_OCCUPIES_WORKER)
        return false;
    for (DagTaskId id = 0; id < dag_graph_n_tasks(ex->env.graph); id++)
        if (!dag__is_tiny_task(ex->plan, id))
            return false;
    return true;
}

/* Read the clock: the real one, unless the batch goes on. */
static void
read_clock(const Execution *ex, TinyWorker *worker, bool batch_goes_on)
{
    uint64_t ticks = batch_clock_ticks();
    int64_t now_ns;

    if (!batch_goes_on || !batch_clock_convert(&worker->clock, ticks, &now_ns)) {
        now_ns = dag__execution_now(ex);
        batch_clock_set(&worker->clock, now_ns, ticks);
    }
    worker->now_ns = MAX(worker->now_ns, now_ns);
}

/* Return the number of the task's next attempt, from 1. */
static unsigned
attempt_number(const TinyWorker *worker, DagTaskId id)
{
    return worker->may_have_retries
               ? records_get(worker->writer.records, id)->n_attempts + 1U
               : 1;
}

static void
fill_batch_locked(Execution *ex, TinyWorker *worker, size_t n_ready)
{
    size_t share = CLAMP(n_ready / ex->n_workers, 1, worker->next_size);
    Recorder *recorder = &ex->core.recorder;

    dag__batch_take(ex->core.ready, &worker->batch, (unsigned)share, worker->next_size);
    worker->may_have_retries = atomic_load(&recorder->run->notes) != NULL;
    if (worker->batch.n > 1)
        return; /* the starts are recorded with the ends */
    dag__recorder_started(recorder, worker->batch.ids[0],
                          attempt_number(worker, worker->batch.ids[0]), worker->now_ns);
    dag__execution_announce_locked(ex);
}

/* Make the paused tasks that are due ready.  Return the number of ready tasks. */
static size_t
poll_tasks_locked(Execution *ex, TinyWorker *worker)
{
    ReadySet *ready = ex->core.ready;

    dag__execution_check_locked(ex);
    if (dag__ready_next_ns(ready) != INT64_MAX) {
        worker->now_ns = dag__execution_now(ex);
        dag__ready_wake(ready, worker->now_ns);
    }
    return dag__batch_n_ready(ready);
}

/* Release the lock briefly: the next task will be ready sooner than a sleeping worker would be
 * awake. */
static void
pause_locked(Execution *ex)
{
    dag__unlock(&ex->lock);
    for (int i = 0; i < POLL_PAUSES; i++)
        dag__pause();
    dag__lock(&ex->lock);
}

/* Wait for tasks, and take a batch.  Returns: false if none will become ready. */
static bool
take_locked(Execution *ex, TinyWorker *worker)
{
    size_t n_ready;

    for (unsigned n_polls = 1; (n_ready = poll_tasks_locked(ex, worker)) == 0; n_polls++) {
        if (dag__ready_is_done(ex->core.ready)) {
            dag__execution_wake_all_locked(ex);
            return false;
        }
        if (n_polls < MAX_POLLS)
            pause_locked(ex);
        else
            dag__execution_wait_locked(ex);
        worker->now_ns = 0;
    }
    /* The end of the last batch is the start of this one, unless the worker waited.  But no task
     * starts before the recorded end of a task on another worker, whose clock may be ahead. */
    if (worker->now_ns == 0)
        read_clock(ex, worker, false);
    worker->now_ns = MAX(worker->now_ns, ex->core.recorder.latest_ns);
    fill_batch_locked(ex, worker, n_ready);
    dag__execution_wake_next_locked(ex);
    return true;
}

/* Return whether there is nothing to record of the attempt that has run except its times. */
static bool
is_plain(const Execution *ex, const DagContext *context, DagOutcome outcome)
{
    return outcome == DAG_SUCCEEDED && context->attempt == 1 &&
           context->exit_code == DAG_EXIT_NONE && !context->transcript &&
           !context->reason && !context->output && ex->n_observers == 0 && !ex->env.outputs;
}

/* Run one task.  The end of one is the start of the next: one reading of the clock per task. */
static DagOutcome
run_task(Execution *ex, TinyWorker *worker, DagTaskId id)
{
    DagJob *job = &worker->job;
    DagContext *context = &job->context;
    DagAction action = ex->env.graph->actions[id];
    AttemptStart start = {id, attempt_number(worker, id), false, worker->now_ns};
    DagOutcome outcome;

    dag__context_begin(context, id, start.attempt, ex->epoch_ns + start.start_ns);
    outcome = action.kind->run(context, action.config);
    read_clock(ex, worker, worker->n_run < worker->batch.n);
    if (is_plain(ex, context, outcome)) {
        record_writer_succeeded(&worker->writer, id, start.start_ns, worker->now_ns,
                                worker->number);
        return outcome;
    }
    job->start = start;
    worker->ends[worker->n_ends] =
        dag__job_end(job, outcome, worker->now_ns, worker->number);
    return worker->ends[worker->n_ends++].outcome;
}

/* Tasks may lie anywhere in memory.  Fetched one by one as they run, each would cost a cache miss;
 * here the misses overlap. */
static void
prefetch_batch(const Execution *ex, const TinyWorker *worker)
{
    prefetch_records(&worker->writer, worker->batch.n);
    for (unsigned i = 0; i < worker->batch.n; i++) {
        prefetch(&ex->env.graph->actions[worker->batch.ids[i]]);
        prefetch_write(&worker->writer.index_of[worker->batch.ids[i]]);
    }
}

/* Return the size of the next batch after one in which `n` tasks took `ns`. */
static unsigned
batch_size(int64_t ns, unsigned n)
{
    int64_t mean_ns = MAX(ns / n, 1);

    return mean_ns < DAG_TINY_NS ? (unsigned)MIN(BATCH_NS / mean_ns, BATCH_SIZE) : 1;
}

/* Run the tasks of the batch until one does not succeed, the batch has taken long enough, or the
 * run stops. */
static void
run_batch(Execution *ex, TinyWorker *worker)
{
    DagOutcome outcome;

    prefetch_batch(ex, worker);
    worker->began_ns = worker->now_ns;
    worker->n_run = worker->n_ends = 0;
    do
        outcome = run_task(ex, worker, worker->batch.ids[worker->n_run++]);
    while (outcome == DAG_SUCCEEDED && worker->n_run < worker->batch.n &&
           worker->now_ns - worker->began_ns < BATCH_NS &&
           !atomic_load_explicit(&ex->stopping, memory_order_relaxed));
    dag__batch_prefetch(ex->core.ready, worker->batch.ids,
                        MIN(worker->n_run, worker->batch.n_taken));
    worker->next_size = batch_size(worker->now_ns - worker->began_ns, worker->n_run);
}

/* Record the starts of `ends`, and the ends of tasks that succeeded.  end_batch_locked() handles a
 * failure. */
static void
record_ends_locked(Execution *ex, TinyWorker *worker)
{
    Recorder *recorder = &ex->core.recorder;

    for (unsigned i = 0; i < worker->n_ends; i++) {
        AttemptEnd *end = &worker->ends[i];

        if (worker->batch.n > 1)
            dag__recorder_started(recorder, end->task, end->attempt, end->start_ns);
        if (end->outcome != DAG_SUCCEEDED)
            continue;
        dag__recorder_ended(recorder, end);
        dag__outputs_task_ended(ex->env.outputs, end->task);
    }
}

static void
end_batch_locked(Execution *ex, TinyWorker *worker)
{
    ReadySet *ready = ex->core.ready;
    AttemptEnd *last = worker->n_ends > 0 ? &worker->ends[worker->n_ends - 1] : NULL;
    bool has_failed = last && last->outcome != DAG_SUCCEEDED;
    unsigned n_succeeded = worker->n_run - has_failed;

    record_ends_locked(ex, worker);
    dag__recorder_count_succeeded(&ex->core.recorder,
                                  n_succeeded - (worker->n_ends - has_failed),
                                  worker->began_ns, worker->now_ns);
    dag__batch_succeed(ready, &worker->batch, n_succeeded);
    if (has_failed)
        dag__execution_end_locked(ex, last);
    dag__batch_end(ready, &worker->batch, worker->n_run, !has_failed);
    dag__execution_announce_locked(ex);
}

/* Set the worker up.  Under the lock, which orders what the caller of dag_execute() wrote before. */
static void
init_locked(TinyWorker *worker, const Execution *ex, uint16_t number)
{
    uint64_t ticks = batch_clock_ticks();

    *worker = (TinyWorker){
        .number = number,
        .writer = record_writer_of(&ex->core.recorder.run->records),
        .clock = batch_clock_of(dag__execution_now(ex), ticks),
        .next_size = 1,
        .job.context.env = &ex->env,
    };
}

/* Worker thread. */
void
dag__tiny_work(gpointer data, gpointer execution)
{
    Execution *ex = execution;
    TinyWorker worker;

    dag__lock(&ex->lock);
    init_locked(&worker, ex, (uint16_t)(GPOINTER_TO_UINT(data) - 1));
    while (take_locked(ex, &worker)) {
        dag__unlock(&ex->lock);
        run_batch(ex, &worker);
        dag__lock(&ex->lock);
        end_batch_locked(ex, &worker);
    }
    dag__execution_leave_locked(ex);
    dag__unlock(&ex->lock);
}
