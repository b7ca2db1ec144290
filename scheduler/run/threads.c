/* SPDX-License-Identifier: MIT */
/*
 * The workers: threads of a GThreadPool, each with one loop.
 *
 *     lock; end the task that ran; take the next one; unlock; run it; repeat
 *
 * There is no coordinator: the worker that ends a task finds the next one itself.  A worker sleeps
 * if there is nothing to start, and no longer than until the next pause of a task ends.
 */
#include "run/execution.h"
#include "run/tiny/tiny.h"

#include <dagrun/error.h>
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Only used by its thread. */
typedef struct Worker {
    uint16_t number;
    DagJob job;
    AttemptEnd end; /* of the job, once it has run */
} Worker;

void
dag__execution_wait_locked(Execution *ex)
{
    int64_t next_ns = dag__execution_next_ns_locked(ex);
    bool has_alarm = next_ns < ex->alarm_ns;

    ex->n_idle++;
    if (has_alarm) {
        ex->alarm_ns = next_ns;
        dag__wait_until(&ex->work, &ex->lock, dag__later(ex->epoch_ns, next_ns));
        ex->alarm_ns = INT64_MAX;
    } else {
        dag__wait(&ex->work, &ex->lock);
    }
    ex->n_idle--;
    ex->n_called -= ex->n_called > 0;
}

/* Wait for a task to run, and begin its job.  Returns: false if none will become ready. */
static bool
take_locked(Execution *ex, Worker *worker)
{
    AttemptStart start;

    for (;;) {
        dag__execution_check_locked(ex);
        if (dag__core_start(&ex->core, DAG_OCCUPIES_WORKER, dag__execution_now(ex), &start))
            break;
        if (dag__ready_is_done(ex->core.ready)) {
            dag__execution_wake_all_locked(ex);
            return false;
        }
        dag__execution_wake_io_locked(ex);
        dag__execution_wait_locked(ex);
    }
    dag__execution_announce_locked(ex);
    dag__execution_wake_next_locked(ex);
    dag__job_begin(&worker->job, &ex->env, &start, ex->epoch_ns);
    return true;
}

static void
run(Execution *ex, Worker *worker)
{
    DagJob *job = &worker->job;
    DagOutcome outcome = dag__execution_begin(ex, job)
                             ? DAG_REUSED
                             : job->kind->run(&job->context, job->config);

    worker->end = dag__job_end(job, outcome, dag__execution_now(ex), worker->number);
}

/* Worker thread. */
static void
work(gpointer data, gpointer user_data)
{
    Worker worker = {.number = (uint16_t)(GPOINTER_TO_UINT(data) - 1)};
    Execution *ex = user_data;

    dag__lock(&ex->lock);
    while (take_locked(ex, &worker)) {
        dag__unlock(&ex->lock);
        run(ex, &worker);
        dag__lock(&ex->lock);
        dag__execution_end_locked(ex, &worker.end);
    }
    dag__execution_leave_locked(ex);
    dag__unlock(&ex->lock);
}

/* Return a pool of `*n_threads` threads, or of as many as the system has left.
 * Returns: NULL with DAG_ERROR_IO if there is none. */
static GThreadPool *
make_pool(Execution *ex, unsigned *n_threads, GError **error)
{
    g_autoptr(GError) problem = NULL;
    GFunc loop = dag__tiny_applies(ex) ? dag__tiny_work : work;
    GThreadPool *pool = g_thread_pool_new(loop, ex, (int)*n_threads, TRUE, &problem);

    *n_threads = pool ? g_thread_pool_get_num_threads(pool) : 0;
    if (*n_threads > 0)
        return pool;
    g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot start a thread: %s",
                problem ? problem->message : "the thread pool is empty");
    if (pool)
        g_thread_pool_free(pool, TRUE, FALSE);
    return NULL;
}

static gpointer
end_at_once(gpointer data)
{
    return data;
}

/* Return whether the system has one more thread, or process, besides the workers. */
static bool
has_spare_thread(void)
{
    GThread *thread = g_thread_try_new("spare", end_at_once, NULL, NULL);

    if (thread)
        g_thread_join(thread);
    return thread != NULL;
}

/* The C library starts threads with clone3(), and without it with clone().  If the filter of a container
 * refuses clone3(), it gives up, and GLib aborts.  The kernel refuses this call as well, since it has no
 * arguments, but with another error.
 * Returns: false with DAG_ERROR_IO. */
static bool
are_threads_allowed(GError **error)
{
    if (syscall(SYS_clone3, NULL, 0) >= 0 || (errno != EPERM && errno != EACCES))
        return true;
    g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot start a thread: %s",
                g_strerror(errno));
    return false;
}

GThreadPool *
dag__workers_start_locked(Execution *ex, GError **error)
{
    unsigned n_threads = ex->n_workers;
    GThreadPool *pool =
        are_threads_allowed(error) ? make_pool(ex, &n_threads, error) : NULL;

    /* A limit on threads counts processes too, and each worker needs one.  So if the limit is
     * reached, use half of the threads. */
    if (pool && n_threads > 1 && (n_threads < ex->n_workers || !has_spare_thread())) {
        g_thread_pool_free(pool, TRUE, TRUE);
        n_threads /= 2;
        pool = make_pool(ex, &n_threads, error);
    }
    if (!pool)
        return NULL;
    g_thread_pool_set_max_threads(pool, (int)n_threads, NULL);
    ex->n_workers = n_threads;
    dag__recorder_set_workers(&ex->core.recorder, n_threads);
    dag__ready_set_n_workers(ex->core.ready, n_threads);
    ex->n_drivers += n_threads;
    for (unsigned i = 0; i < n_threads; i++)
        g_thread_pool_push(pool, GUINT_TO_POINTER(i + 1), NULL);
    return pool;
}
