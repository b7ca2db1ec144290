/* SPDX-License-Identifier: MIT */
/*
 * dag_execute(): a monitor.  One lock protects everything that changes during a run; workers
 * (threads.c) and the I/O thread (io.c) take tasks and end them under this lock; the caller's
 * thread delivers events meanwhile (observe.c).
 */
#include <dagrun/execute.h>

#include "run/execution.h"
#include "run/follow.h"
#include "run/machine.h"
#include "run/task-files.h"

#include <dagrun/duration.h>
#include <dagrun/error.h>
#include <errno.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

int64_t
dag__execution_now(const Execution *ex)
{
    return dag_clock_ns() - ex->epoch_ns;
}

static int64_t
clock_of_execution(void *ex)
{
    return dag__execution_now(ex);
}

static void
stop_locked(Execution *ex, DagStop reason)
{
    dag__core_stop(&ex->core, reason);
    atomic_store_explicit(&ex->stopping, true, memory_order_relaxed);
}

void
dag__execution_check_locked(Execution *ex)
{
    DagCancelLevel level = ex->cancel ? dag_cancel_level(ex->cancel) : DAG_CANCEL_NONE;

    if (level > ex->level) {
        ex->level = level;
        stop_locked(ex, DAG_STOP_CANCEL);
        if (level == DAG_CANCEL_KILL)
            dag__ready_halt(ex->core.ready);
    }
    /* A run that is done when its time is up has kept to its limit. */
    if (ex->limit_ns != INT64_MAX && dag__execution_now(ex) >= ex->limit_ns &&
        !dag__ready_is_done(ex->core.ready))
        stop_locked(ex, DAG_STOP_TIMEOUT);
    dag__execution_announce_locked(ex);
}

void
dag__execution_end_locked(Execution *ex, AttemptEnd *end)
{
    /* A cancelled task may have seen the cancellation before this thread.  Check it first, so that
     * it is recorded as the reason to stop, not the end of the task. */
    if (end->outcome == DAG_CANCELLED)
        dag__execution_check_locked(ex);
    dag__follow_forget_locked(ex->env.follow, end->task);
    dag__core_end(&ex->core, end);
    if (dag__ready_is_stopped(ex->core.ready))
        atomic_store_explicit(&ex->stopping, true, memory_order_relaxed);
    dag__execution_announce_locked(ex);
}

bool
dag__execution_begin(Execution *ex, DagJob *job)
{
    AttemptStart *start = &job->start;

    if (dag__reuse_begin(&job->context, start->is_asked))
        return true;
    if (!start->is_asked)
        return false;
    /* The time of the attempt, and its limit, begin now. */
    dag__lock(&ex->lock);
    start->start_ns = dag__execution_now(ex);
    dag__recorder_started(&ex->core.recorder, start->task, start->attempt, start->start_ns);
    dag__execution_announce_locked(ex);
    dag__unlock(&ex->lock);
    dag__context_begin(&job->context, start->task, start->attempt,
                       dag__later(ex->epoch_ns, start->start_ns));
    return false;
}

void
dag__execution_settle_locked(Execution *ex, DagJob *job)
{
    dag__budget_settle(&ex->budget, &job->reserved, job->end.traffic);
}

DagReserved
dag__execution_reserve_locked(Execution *ex, DagJob *job, const DagReservation *wanted,
                              int64_t *when_ns_out, char **reason_out)
{
    int64_t now_ns = dag__execution_now(ex), when_ns;
    Spending taken = {0};

    *reason_out = dag__budget_reserve(&ex->budget, wanted, &taken);
    if (*reason_out) {
        stop_locked(ex, DAG_STOP_FAILURE);
        dag__execution_announce_locked(ex);
        return DAG_RESERVED_NEVER;
    }
    when_ns = dag__ready_reserve_tokens(ex->core.ready, job->start.task, wanted->tokens,
                                        wanted->is_further, now_ns);
    if (when_ns > now_ns) {
        dag__budget_settle(&ex->budget, &taken, NULL);
        *when_ns_out = dag__later(ex->epoch_ns, when_ns);
        return DAG_RESERVED_LATER;
    }
    job->reserved.tokens += taken.tokens;
    job->reserved.cost += taken.cost;
    return DAG_RESERVED;
}

void
dag__execution_withdraw_locked(Execution *ex, DagJob *job)
{
    dag__execution_check_locked(ex);
    dag__follow_forget_locked(ex->env.follow, job->start.task);
    if (!dag__core_withdraw(&ex->core, &job->end, job->closed_pool, job->closed_until_ns))
        dag__execution_end_locked(ex, &job->end);
    else
        dag__execution_announce_locked(ex);
}

/* The thread decides under the lock how long it waits.  A change since then may let a task start
 * earlier: now, or when a token comes. */
void
dag__execution_wake_io_locked(Execution *ex)
{
    ReadySet *ready = ex->core.ready;

    if (ex->io && (dag__ready_has_next(ready, DAG_OCCUPIES_CONNECTION) ||
                   dag__ready_next_ns(ready) < ex->io_alarm_ns))
        dag__io_driver_wake_locked(ex->io);
}

/* The caller's thread watches the run's time limit as well, but an observer may keep it waiting. */
int64_t
dag__execution_next_ns_locked(Execution *ex)
{
    int64_t next_ns = dag__ready_next_ns(ex->core.ready);

    return dag__ready_is_stopped(ex->core.ready) ? next_ns : MIN(next_ns, ex->limit_ns);
}

void
dag__execution_wake_next_locked(Execution *ex)
{
    ReadySet *ready = ex->core.ready;

    dag__execution_wake_io_locked(ex);
    if (ex->n_idle == ex->n_called || (!dag__ready_has_next(ready, DAG_OCCUPIES_WORKER) &&
                                       dag__execution_next_ns_locked(ex) >= ex->alarm_ns))
        return;
    ex->n_called++;
    g_cond_signal(&ex->work);
}

void
dag__execution_wake_all_locked(Execution *ex)
{
    g_cond_broadcast(&ex->work);
    if (ex->io)
        dag__io_driver_wake_locked(ex->io);
}

/* Return a random seed, so that runs that fail together do not retry together, on one machine or
 * on many. */
static uint64_t
random_seed(void)
{
    uint64_t seed;

    if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
        seed = (uint64_t)dag_clock_ns();
    return seed;
}

/* Open the descriptors that a run needs.  Returns: false with DAG_ERROR_IO. */
static bool
open_descriptors(Execution *ex, const DagExecuteOptions *options, GError **error)
{
    ex->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (ex->wake_fd < 0) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot make an event descriptor: %s",
                    g_strerror(errno));
        return false;
    }
    if (!options->log_directory)
        return true;
    ex->env.logs = dag__logs_new(ex->env.graph, options->log_directory, error);
    if (!ex->env.logs)
        close(ex->wake_fd);
    return ex->env.logs != NULL;
}

/* Return true if a search for a schedule is of no use any more. */
static bool
is_over_before_it_began(void *data)
{
    const Execution *ex = data;

    return (ex->cancel && dag_cancel_level(ex->cancel) != DAG_CANCEL_NONE) ||
           dag_clock_ns() - ex->epoch_ns >= ex->limit_ns;
}

static void
init_core(Execution *ex, const DagExecuteOptions *options)
{
    DagMachine machine =
        dag__machine_of(ex->env.graph, options->n_workers, options->n_connections);

    ex->n_workers = machine.n_workers;
    dag__core_init(&ex->core, ex->plan,
                   &(RunCoreOptions){
                       .setup = {.strategy = options->strategy ? options->strategy
                                                               : dag_strategies()[0],
                                 .seed = options->seed,
                                 .machine = machine,
                                 .keep_going = options->keep_going,
                                 .retries = options->retries,
                                 .timeout_ns = MAX(options->timeout_ns, 0),
                                 .grace_ns = ex->env.grace_ns},
                       .search = {options->budget_ns, is_over_before_it_began, ex},
                       .n_writers = machine.n_workers,
                       .has_observers = ex->n_observers > 0,
                       .outputs = ex->env.outputs,
                       .reuse = ex->env.reuse,
                       .random_seed = options->seed ? options->seed : random_seed(),
                       .clock = clock_of_execution,
                       .clock_data = ex,
                   });
}

/* Returns: false with DAG_ERROR_IO. */
static bool
execution_init(Execution *ex, const DagPlan *plan, const DagExecuteOptions *options,
               GError **error)
{
    *ex = (Execution){
        .plan = plan,
        .cancel = options->cancel,
        .observers = options->observers,
        .n_observers = options->n_observers,
        .epoch_ns = dag_clock_ns(),
        .limit_ns = options->timeout_ns > 0 ? options->timeout_ns : INT64_MAX,
        .alarm_ns = INT64_MAX,
        .io_alarm_ns = INT64_MAX,
        .budget = {.max_cost = options->max_cost, .max_tokens = options->max_tokens},
        .env = {.graph = dag_plan_graph(plan),
                .cancel = options->cancel,
                .run_limit_ns = INT64_MAX,
                .grace_ns = dag_given(options->grace_ns, DAG_GRACE_NS),
                .retries = options->retries},
    };
    if (!open_descriptors(ex, options, error))
        return false;
    g_mutex_init(&ex->lock);
    g_cond_init(&ex->work);
    ex->ticks_at_ns = g_new0(int64_t, ex->n_observers);
    for (size_t i = 0; i < ex->n_observers; i++)
        ex->ticks_at_ns[i] = ex->observers[i].tick_ns;
    if (ex->limit_ns != INT64_MAX)
        ex->env.run_limit_ns = dag__later(ex->epoch_ns, ex->limit_ns);
    ex->env.wants_transcript = ex->n_observers > 0 || ex->env.logs;
    if (ex->env.wants_transcript)
        ex->env.late_texts = dag__late_texts_new(ex->env.graph, ex->env.logs);
    ex->env.follow = dag__follow_new(ex, options->follow);
    ex->env.outputs = dag__outputs_new(ex->env.graph);
    ex->env.reuse = dag__reuse_new(plan, options->memory);
    ex->env.engines = dag__engines_new(options->engines, options->n_engines);
    init_core(ex, options);
    ex->env.run = ex->core.recorder.run;
    ex->env.run_lock = &ex->lock;
    return true;
}

static void
execution_clear(Execution *ex)
{
    dag__core_clear(&ex->core);
    dag__engines_free(ex->env.engines);
    dag__outputs_free(ex->env.outputs);
    dag__reuse_free(ex->env.reuse);
    dag__late_texts_free(ex->env.late_texts);
    dag__logs_free(ex->env.logs);
    dag__follow_free(ex->env.follow);
    g_free(ex->ticks_at_ns);
    g_mutex_clear(&ex->lock);
    g_cond_clear(&ex->work);
    close(ex->wake_fd);
}

/* Start the I/O driver, if it is needed, and the workers.  They take no task before the lock is
 * released.  Returns: the pool of workers, or NULL with DAG_ERROR_IO; then no task will start. */
static GThreadPool *
start_drivers_locked(Execution *ex, GError **error)
{
    GThreadPool *pool;

    if (ex->core.recorder.run->n_connections > 0) {
        ex->io = dag__io_driver_new_locked(ex, error);
        if (!ex->io)
            return NULL;
    }
    pool = dag__workers_start_locked(ex, error);
    if (!pool) {
        stop_locked(ex, DAG_STOP_FAILURE);
        dag__ready_halt(ex->core.ready);
    }
    return pool;
}

/* Start the drivers, and attend to events until all of them have ended.
 * Returns: false with DAG_ERROR_IO if they cannot be started; then nothing ran. */
static bool
drive(Execution *ex, GError **error)
{
    GThreadPool *pool;

    dag__lock(&ex->lock);
    pool = start_drivers_locked(ex, error);
    dag__unlock(&ex->lock);
    if (ex->n_drivers > 0)
        dag__execution_attend(ex);
    dag__io_driver_free(ex->io);
    if (pool)
        g_thread_pool_free(pool, FALSE, TRUE);
    return pool != NULL;
}

static void
record_late_text(DagTaskId task, const char *end, size_t size, void *data)
{
    dag__recorder_said_late(data, task, end, size);
}

/* End the late texts, and record their ends. */
static void
finish_late_texts(Execution *ex)
{
    if (!ex->env.late_texts)
        return;
    dag__late_texts_close(ex->env.late_texts);
    dag__late_texts_each(ex->env.late_texts, record_late_text, &ex->core.recorder);
}

DagRun *
dag_execute(const DagPlan *plan, const DagExecuteOptions *options, GError **error)
{
    static const DagExecuteOptions defaults;

    if (!options)
        options = &defaults;
    g_return_val_if_fail(plan, NULL);
    g_return_val_if_fail(options->observers || options->n_observers == 0, NULL);
    g_return_val_if_fail(options->engines || options->n_engines == 0, NULL);

    Execution ex;
    DagRun *run = NULL;
    bool was_driven;

    if (!dag__task_files_check(dag_plan_graph(plan), error) ||
        !execution_init(&ex, plan, options, error))
        return NULL;
    dag__core_begin(&ex.core);
    dag__execution_deliver(&ex);
    was_driven = drive(&ex, error);
    finish_late_texts(&ex);
    dag__core_finish(&ex.core, ex.cancel ? dag_cancel_signal(ex.cancel) : 0);
    dag__execution_deliver(&ex);
    if (was_driven)
        run = dag__recorder_take_run(&ex.core.recorder);
    execution_clear(&ex);
    return run;
}
