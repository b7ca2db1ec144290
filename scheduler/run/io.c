/* SPDX-License-Identifier: MIT */
/*
 * The I/O driver: one thread that runs all tasks of connection kinds.
 *
 *     lock; end the jobs that have finished; take the tasks that may start; unlock;
 *     start them; wait for the engines, a deadline or a wake-up; dispatch; repeat
 *
 * A job under way costs its memory and nothing else.  Deadlines (time limits, the grace after
 * them) are in a queue by time; a cancellation of the run is passed on to every job.
 */
#include "run/execution.h"

#include "ready/bit-set.h"

#include <dagrun/duration.h>
#include <dagrun/error.h>
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct IoDriver {
    Execution *ex;
    GThread *thread;
    int wake_fd;
    bool is_waiting; /* protected by Execution.lock */

    /* Only used by the I/O thread. */
    GPtrArray *jobs;      /* of DagJob, under way; owned */
    DagJob *finished;     /* list by next_finished, the last one first; not in jobs */
    GPtrArray *starting;  /* of DagJob, taken and not started yet; owned */
    TimedQueue deadlines; /* of DagJob.deadline */
    GArray *engines;      /* of DagOpenEngine, those in use */
    GArray *fds;          /* of struct pollfd: scratch */
    BitSet connections;   /* numbers of free connections */
    DagCancelLevel level; /* of the cancellation that was passed on to the jobs */
};

/* Open the kind's engine, if it has one, and add it to the engines in use.
 * Returns: false with the error of DagEngine.open. */
static bool
use_engine(IoDriver *io, const DagKind *kind, GError **error)
{
    DagOpenEngine open = {.engine = kind->engine};

    if (!kind->engine)
        return true;
    for (guint i = 0; i < io->engines->len; i++)
        if (g_array_index(io->engines, DagOpenEngine, i).engine == kind->engine)
            return true;
    open.state = dag__engines_get(io->ex->env.engines, kind->engine, error);
    if (open.state)
        g_array_append_val(io->engines, open);
    return open.state != NULL;
}

/* Insert, move or remove the deadline of a job. */
static void
update_deadline(IoDriver *io, DagJob *job)
{
    if (job->deadline.position != NOT_QUEUED)
        dag__timed_queue_remove(&io->deadlines, &job->deadline);
    job->deadline.time_ns = job->context.limit_ns;
    if (!job->is_finished && job->deadline.time_ns != INT64_MAX)
        dag__timed_queue_insert(&io->deadlines, &job->deadline);
}

/* Call DagKind.cancel() if the cancel level of the job has risen. */
static void
check_job(IoDriver *io, DagJob *job)
{
    DagCancelLevel level = dag_context_cancel_level(&job->context);

    update_deadline(io, job);
    if (level <= job->passed_level)
        return;
    job->passed_level = level;
    job->kind->cancel(job, level);
}

/* Move a job from those under way to those that have finished. */
static void
finish_job(DagJob *job, DagOutcome outcome)
{
    IoDriver *io = job->driver;
    DagJob *last = g_ptr_array_index(io->jobs, io->jobs->len - 1);

    job->is_finished = true;
    job->end = dag__job_end(job, outcome, dag__execution_now(io->ex), job->connection);
    update_deadline(io, job);
    last->index = job->index;
    io->jobs->pdata[job->index] = last;
    g_ptr_array_set_size(io->jobs, (gint)io->jobs->len - 1);
    job->next_finished = io->finished;
    io->finished = job;
}

void
dag_job_finish(DagJob *job, DagOutcome outcome)
{
    g_return_if_fail(job && !job->is_finished);
    finish_job(job, outcome);
}

/* Return the number of the pool called `name` among those that the task uses, or READY_NO_POOL. */
static uint32_t
pool_of_task(const DagGraph *graph, DagTaskId id, const char *name)
{
    size_t n_pools, n_uses;
    const DagPool *pools = dag_graph_pools(graph, &n_pools);
    const DagUse *uses = dag_graph_task_uses(graph, id, &n_uses);

    for (size_t i = 0; i < n_uses; i++)
        if (g_str_equal(pools[uses[i].pool].name, name))
            return uses[i].pool;
    return READY_NO_POOL;
}

void
dag_job_wait(DagJob *job, const char *pool, int64_t until_ns)
{
    g_return_if_fail(job && !job->is_finished);

    IoDriver *io = job->driver;
    uint32_t number =
        pool ? pool_of_task(io->ex->env.graph, job->start.task, pool) : READY_NO_POOL;

    g_return_if_fail(!pool || number != READY_NO_POOL);
    dag__context_forget_output(&job->context);
    job->is_withdrawn = true;
    job->closed_pool = number;
    job->closed_until_ns = MAX(until_ns - io->ex->epoch_ns, 0);
    finish_job(job, DAG_CANCELLED); /* if the run is stopping */
}

void
dag_job_lower(DagJob *job, const char *pool, const DagRemaining *remaining)
{
    g_return_if_fail(job && !job->is_finished && pool && remaining);

    Execution *ex = job->driver->ex;
    const PoolRest rest = {remaining->starts, remaining->tokens};
    uint32_t number = pool_of_task(ex->env.graph, job->start.task, pool);

    g_return_if_fail(number != READY_NO_POOL);
    dag__lock(&ex->lock);
    dag__ready_lower(ex->core.ready, number, &rest,
                     MAX(remaining->at_ns - ex->epoch_ns, 0));
    dag__unlock(&ex->lock);
}

DagReserved
dag_job_reserve(DagJob *job, const DagReservation *wanted, int64_t *when_ns_out,
                char **reason_out)
{
    g_return_val_if_fail(job && !job->is_finished && wanted, DAG_RESERVED);
    g_return_val_if_fail(when_ns_out && reason_out, DAG_RESERVED);

    Execution *ex = job->driver->ex;
    DagReserved result;

    dag__lock(&ex->lock);
    result = dag__execution_reserve_locked(ex, job, wanted, when_ns_out, reason_out);
    dag__unlock(&ex->lock);
    return result;
}

DagContext *
dag_job_context(DagJob *job)
{
    g_return_val_if_fail(job, NULL);
    return &job->context;
}

void
dag_job_set_data(DagJob *job, void *data)
{
    g_return_if_fail(job);
    job->data = data;
}

void *
dag_job_data(const DagJob *job)
{
    g_return_val_if_fail(job, NULL);
    return job->data;
}

/* Start a job, which may finish at once. */
static void
start_job(IoDriver *io, DagJob *job)
{
    g_autoptr(GError) error = NULL;

    job->index = io->jobs->len;
    g_ptr_array_add(io->jobs, job);
    if (dag__execution_begin(io->ex, job)) {
        dag_job_finish(job, DAG_REUSED);
        return;
    }
    if (!use_engine(io, job->kind, &error)) {
        dag_context_set_reason(&job->context, "%s", error->message);
        dag_job_finish(job, DAG_FAILED);
        return;
    }
    update_deadline(io, job);
    job->kind->start(job, job->config);
    if (!job->is_finished)
        check_job(io, job); /* the cancellation may have risen before the start */
}

/* Take every task that may start on a connection now. */
static void
take_jobs_locked(IoDriver *io)
{
    Execution *ex = io->ex;
    AttemptStart start;

    while (dag__core_start(&ex->core, DAG_OCCUPIES_CONNECTION, dag__execution_now(ex),
                           &start)) {
        DagJob *job = g_new0(DagJob, 1);
        uint32_t connection = bit_set_next(&io->connections, 0);

        bit_set_remove(&io->connections, connection);
        dag__job_begin(job, &ex->env, &start, ex->epoch_ns);
        job->context.deadlines = &io->deadlines;
        job->driver = io;
        job->connection = (uint16_t)connection;
        job->deadline.position = NOT_QUEUED;
        job->deadline.tie = start.task;
        g_ptr_array_add(io->starting, job);
    }
}

/* End the jobs that have finished, in the order of dag_job_finish(). */
static void
end_jobs_locked(IoDriver *io)
{
    DagJob *in_order = NULL;

    while (io->finished) {
        DagJob *job = io->finished;

        io->finished = job->next_finished;
        job->next_finished = in_order;
        in_order = job;
    }
    while (in_order) {
        DagJob *job = in_order;

        in_order = job->next_finished;
        bit_set_add(&io->connections, job->connection);
        dag__execution_settle_locked(io->ex, job);
        if (job->is_withdrawn)
            dag__execution_withdraw_locked(io->ex, job);
        else
            dag__execution_end_locked(io->ex, &job->end);
        g_free(job);
    }
}

/* Pass a cancellation of the run on to all jobs. */
static void
follow_cancel(IoDriver *io)
{
    const DagCancel *cancel = io->ex->env.cancel;
    DagCancelLevel level = cancel ? dag_cancel_level(cancel) : DAG_CANCEL_NONE;

    if (level == io->level)
        return;
    io->level = level;
    /* Backwards: the last job, which has been checked, takes the index of a job that finishes. */
    for (guint i = io->jobs->len; i-- > 0;)
        if (i < io->jobs->len)
            check_job(io, io->jobs->pdata[i]);
}

/* Check the jobs whose deadline has passed. */
static void
follow_deadlines(IoDriver *io)
{
    int64_t now_ns = dag_clock_ns();

    while (timed_queue_next_ns(&io->deadlines) <= now_ns) {
        TimedNode *node = io->deadlines.nodes[0];

        check_job(io, (DagJob *)(void *)((char *)node - offsetof(DagJob, deadline)));
    }
}

/* Return how long to wait, in nanoseconds; -1: until a descriptor is readable. */
static int64_t
wait_ns(const IoDriver *io, int64_t ready_ns)
{
    int64_t next_ns = timed_queue_next_ns(&io->deadlines);

    if (io->finished)
        return 0;
    if (ready_ns != INT64_MAX)
        next_ns = MIN(next_ns, dag__later(io->ex->epoch_ns, ready_ns));
    for (guint i = 0; i < io->engines->len; i++) {
        DagOpenEngine open = g_array_index(io->engines, DagOpenEngine, i);

        next_ns = MIN(next_ns, open.engine->next_ns(open.state));
    }
    if (next_ns == INT64_MAX)
        return -1;

    int64_t left_ns = next_ns - dag_clock_ns(); /* MAX() evaluates its arguments twice */

    return MAX(left_ns, 0);
}

/* Wait for a descriptor, and no longer than until the next time that is due.  A rate is used up only if
 * tasks start in time, so milliseconds would be too long.  Returns: what ppoll() returns. */
static int
wait_for(const IoDriver *io, int64_t ready_ns)
{
    int64_t left_ns = wait_ns(io, ready_ns);
    struct timespec left = {left_ns / 1000000000, left_ns % 1000000000};

    return ppoll((struct pollfd *)(void *)io->fds->data, io->fds->len,
                 left_ns < 0 ? NULL : &left, NULL);
}

static void
add_fd(IoDriver *io, int fd)
{
    struct pollfd entry = {.fd = fd, .events = POLLIN};

    g_array_append_val(io->fds, entry);
}

/* Wait for the engines, a wake-up, the cancellation, or time. */
static void
wait_for_io(IoDriver *io, int64_t ready_ns)
{
    DagCancel *cancel = io->ex->cancel;
    bool may_rise = cancel && io->level < DAG_CANCEL_KILL;
    uint64_t count;

    g_array_set_size(io->fds, 0);
    add_fd(io, io->wake_fd);
    add_fd(io, may_rise ? dag_cancel_fd(cancel, io->level + 1) : -1);
    for (guint i = 0; i < io->engines->len; i++) {
        DagOpenEngine open = g_array_index(io->engines, DagOpenEngine, i);

        add_fd(io, open.engine->fd(open.state));
    }
    if (wait_for(io, ready_ns) > 0 && g_array_index(io->fds, struct pollfd, 0).revents &&
        read(io->wake_fd, &count, sizeof(count)) < 0)
        g_assert(errno == EAGAIN || errno == EINTR);
}

/* Let every engine handle its events. */
static void
dispatch(IoDriver *io)
{
    for (guint i = 0; i < io->engines->len; i++) {
        DagOpenEngine open = g_array_index(io->engines, DagOpenEngine, i);

        open.engine->dispatch(open.state);
    }
}

/* End and take jobs.  Returns: false if there will be no more. */
static bool
exchange_locked(IoDriver *io, int64_t *ready_ns_out)
{
    Execution *ex = io->ex;

    io->is_waiting = false;
    end_jobs_locked(io);
    dag__execution_check_locked(ex);
    take_jobs_locked(io);
    dag__execution_announce_locked(ex);
    dag__execution_wake_next_locked(ex);
    *ready_ns_out = ex->io_alarm_ns = dag__ready_next_ns(ex->core.ready);
    if (dag__ready_is_done(ex->core.ready)) {
        dag__execution_wake_all_locked(ex);
        return false;
    }
    io->is_waiting = true;
    return true;
}

/* I/O thread. */
static gpointer
drive_io(gpointer data)
{
    IoDriver *io = data;
    Execution *ex = io->ex;
    int64_t ready_ns;

    dag__lock(&ex->lock);
    while (exchange_locked(io, &ready_ns)) {
        dag__unlock(&ex->lock);
        for (guint i = 0; i < io->starting->len; i++)
            start_job(io, io->starting->pdata[i]);
        g_ptr_array_set_size(io->starting, 0);
        wait_for_io(io, ready_ns);
        dispatch(io);
        follow_cancel(io);
        follow_deadlines(io);
        dag__lock(&ex->lock);
    }
    dag__execution_leave_locked(ex);
    dag__unlock(&ex->lock);
    return NULL;
}

void
dag__io_driver_wake_locked(IoDriver *io)
{
    if (!io->is_waiting)
        return;
    io->is_waiting = false;

    ssize_t written = write(io->wake_fd, &(uint64_t){1}, sizeof(uint64_t));

    (void)written; /* fails only if the counter is full, and then it is readable */
}

/* Free all but the thread. */
static void
io_driver_clear(IoDriver *io)
{
    g_ptr_array_unref(io->jobs);
    g_ptr_array_unref(io->starting);
    g_array_unref(io->engines);
    g_array_unref(io->fds);
    dag__timed_queue_clear(&io->deadlines);
    bit_set_clear(&io->connections);
    if (io->wake_fd >= 0)
        close(io->wake_fd);
    g_free(io);
}

IoDriver *
dag__io_driver_new_locked(Execution *ex, GError **error)
{
    unsigned n_connections = ex->core.recorder.run->n_connections;
    g_autoptr(GError) problem = NULL;
    IoDriver *io = g_new0(IoDriver, 1);

    io->ex = ex;
    io->jobs = g_ptr_array_new();
    io->starting = g_ptr_array_new();
    io->engines = g_array_new(FALSE, FALSE, sizeof(DagOpenEngine));
    io->fds = g_array_new(FALSE, FALSE, sizeof(struct pollfd));
    io->connections = bit_set_of(n_connections);
    for (uint32_t i = 0; i < n_connections; i++)
        bit_set_add(&io->connections, i);
    io->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (io->wake_fd < 0) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot make an event descriptor: %s",
                    g_strerror(errno));
        io_driver_clear(io);
        return NULL;
    }
    io->thread = g_thread_try_new("dagrun-io", drive_io, io, &problem);
    if (io->thread) {
        ex->n_drivers++;
        return io;
    }
    g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot start a thread: %s",
                problem->message);
    io_driver_clear(io);
    return NULL;
}

void
dag__io_driver_free(IoDriver *io)
{
    if (!io)
        return;
    g_thread_join(io->thread);
    io_driver_clear(io);
}
