/* SPDX-License-Identifier: MIT */
/*
 * A monitor: the workers of a GThreadPool, each running one loop (worker.c), and one lock around
 * all that changes.  There is no coordinator: a worker that settles a task finds the next one
 * itself.
 *
 * The thread that called dag_execute() delivers events meanwhile, and watches for the wish to
 * stop and for the end of the run's time.
 */
#include <dagrun/execute.h>

#include "run/execution.h"
#include "run/monitor.h"

#include <dagrun/duration.h>
#include <dagrun/error.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

/* To wake the thread that delivers for each event costs more than a tiny program does; and nobody
 * sees a line that comes so much later. */
#define GATHER_MS 5

int64_t
dag__execution_now(const Execution *ex)
{
    return dag_clock_ns() - ex->epoch_ns;
}

void
dag__execution_stop_locked(Execution *ex, DagStop why)
{
    if (ex->run->stop == DAG_STOP_NONE)
        ex->run->stop = why;
    atomic_store_explicit(&ex->stopping, true, memory_order_relaxed);
    dag__ready_set_stop(ex->ready);
}

/* With the lock, or where there are no workers.  Returns: what time it is, but nothing earlier than
 * the end of a task that has been settled: that may be ahead (batch-clock.h). */
static int64_t
settled_now(const Execution *ex)
{
    int64_t now_ns = dag__execution_now(ex);

    return MAX(now_ns, ex->floor_ns);
}

/* Called by the ready set, so under the lock. */
static void
on_phase(DagEventType type, uint32_t phase, void *data)
{
    Execution *ex = data;

    if (!dag__is_told(ex))
        return;
    ex->floor_ns = settled_now(ex); /* its tasks start no earlier than it begins */
    dag__tell_locked(ex, &(Event){.type = type, .number = phase, .time_ns = ex->floor_ns});
}

/* Called by the ready set, so under the lock. */
static void
on_settled(DagTaskId id, void *data)
{
    Execution *ex = data;
    Record *record = records_get(&ex->run->records, id);

    if (record->n_attempts == 0) {
        record = record_writer_add(&ex->writer, id);
        *record = (Record){.exit_code = 0};
    }
    record->outcome = (uint8_t)dag__ready_set_outcome(ex->ready, id);
    dag__run_count(ex->run, id, (DagOutcome)record->outcome);
    dag__outputs_settle(ex->outputs, id);
    dag__tell_locked(
        ex, &(Event){.type = DAG_EVENT_TASK_FINISHED,
                     .number = id,
                     .time_ns = record->n_attempts > 0 ? record->end_ns : settled_now(ex)});
}

/* Returns: `timeout_ms`, or milliseconds until the run's time is up, rounded up. */
static int
time_left_ms(const Execution *ex, int timeout_ms)
{
    if (ex->limit_ns == INT64_MAX || atomic_load(&ex->stopping))
        return timeout_ms;

    int64_t left_ns = ex->limit_ns - dag__execution_now(ex);
    int left_ms = (int)CLAMP(left_ns / 1000000 + 1, 0, INT_MAX);

    return timeout_ms < 0 ? left_ms : MIN(left_ms, timeout_ms);
}

void
dag__execution_look_locked(Execution *ex)
{
    DagCancelLevel level = ex->cancel ? dag_cancel_level(ex->cancel) : DAG_CANCEL_NONE;

    if (level > ex->level) {
        ex->level = level;
        dag__execution_stop_locked(ex, DAG_STOP_CANCEL);
        if (level == DAG_CANCEL_KILL)
            dag__ready_set_halt(ex->ready);
    }
    if (ex->limit_ns != INT64_MAX && dag__execution_now(ex) >= ex->limit_ns)
        dag__execution_stop_locked(ex, DAG_STOP_TIMEOUT);
}

/* Workers look themselves before they start anything; this is for those that wait. */
static void
look(Execution *ex)
{
    dag__lock(&ex->lock);
    dag__execution_look_locked(ex);
    g_cond_broadcast(&ex->work);
    dag__unlock(&ex->lock);
}

/* Waits until a worker has something to tell, the run is to be stopped, or time has passed:
 * `timeout_ms`, -1 for ever. */
static void
wait_for_news(Execution *ex, DagCancelLevel *level, int timeout_ms)
{
    bool may_rise = ex->cancel && *level < DAG_CANCEL_KILL;
    struct pollfd fds[2] = {
        {.fd = ex->wake_fd, .events = POLLIN},
        {.fd = may_rise ? dag_cancel_fd(ex->cancel, *level + 1) : -1, .events = POLLIN},
    };
    int n_ready = poll(fds, G_N_ELEMENTS(fds), time_left_ms(ex, timeout_ms));
    uint64_t count;

    if (n_ready < 0)
        return; /* a signal: look again */
    if (n_ready == 0 && dag__execution_now(ex) >= ex->limit_ns)
        look(ex);
    if (fds[0].revents && read(ex->wake_fd, &count, sizeof(count)) < 0)
        return;
    if (fds[1].revents) {
        ++*level;
        look(ex);
    }
}

/* How long to wait until `tick_ms` (-1: for ever) if the workers have just told something: not
 * long, since nobody wakes us then. */
static int
patience_ms(bool gathers, int tick_ms)
{
    return gathers && (tick_ms < 0 || tick_ms > GATHER_MS) ? GATHER_MS : tick_ms;
}

/* Delivers what the workers tell until the last of them has ended.  What comes after a silence is
 * delivered at once, and what follows it is gathered. */
static void
attend(Execution *ex)
{
    DagCancelLevel level = DAG_CANCEL_NONE;
    bool done = false, gathers = false;
    GArray *batch = dag__events_new();

    while (!done) {
        wait_for_news(ex, &level, patience_ms(gathers, dag__tick(ex)));

        dag__lock(&ex->lock);
        GArray *full = ex->events;
        ex->events = batch;
        batch = full;
        gathers = batch->len > 0;
        ex->caller_is_woken = gathers;
        done = ex->n_gone == ex->n_workers;
        dag__unlock(&ex->lock);

        dag__deliver_all(ex, batch);
        g_array_set_size(batch, 0);
    }
    g_array_unref(batch);
}

/* Returns: a pool of so many threads, or of as many as can be had; NULL with DAG_ERROR_IO if
 * there is none. */
static GThreadPool *
make_pool(Execution *ex, unsigned *n_threads, GError **error)
{
    g_autoptr(GError) problem = NULL;
    GThreadPool *pool = g_thread_pool_new(dag__work, ex, (int)*n_threads, TRUE, &problem);

    *n_threads = pool ? g_thread_pool_get_num_threads(pool) : 0;
    if (*n_threads > 0)
        return pool;
    g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot start a thread: %s",
                problem ? problem->message : "none was made");
    if (pool)
        g_thread_pool_free(pool, TRUE, FALSE);
    return NULL;
}

static gpointer
end_at_once(gpointer data)
{
    return data;
}

/* Returns: whether there is room for one more thread, or process, beside the workers. */
static bool
has_room(void)
{
    GThread *thread = g_thread_try_new("room", end_at_once, NULL, NULL);

    if (thread)
        g_thread_join(thread);
    return thread != NULL;
}

/* Where no more threads can be had, half of them are enough: the limit counts processes too, and
 * each worker needs one.  Returns: NULL with DAG_ERROR_IO. */
static GThreadPool *
start_workers(Execution *ex, GError **error)
{
    unsigned n_threads = ex->n_workers;
    GThreadPool *pool = make_pool(ex, &n_threads, error);

    if (pool && n_threads > 1 && (n_threads < ex->n_workers || !has_room())) {
        g_thread_pool_free(pool, TRUE, TRUE);
        n_threads /= 2;
        pool = make_pool(ex, &n_threads, error);
    }
    if (!pool)
        return NULL;
    g_thread_pool_set_max_threads(pool, (int)n_threads, NULL);
    ex->n_workers = ex->run->n_workers = n_threads;
    ex->workers = g_aligned_alloc(n_threads, sizeof(Worker), alignof(Worker));
    for (unsigned i = 0; i < n_threads; i++)
        dag__worker_init(&ex->workers[i], ex, i);
    /* Taking the lock once orders all of the above before the workers for the sanitizer too. */
    dag__lock(&ex->lock);
    dag__unlock(&ex->lock);
    for (unsigned i = 0; i < n_threads; i++)
        g_thread_pool_push(pool, &ex->workers[i], NULL);
    return pool;
}

static void
tell_now(Execution *ex, DagEventType type)
{
    dag__deliver(ex, &(Event){.type = type, .time_ns = settled_now(ex)});
}

/* The events of tasks that never ran, after those of all that did. */
static void
deliver_rest(Execution *ex)
{
    dag__deliver_all(ex, ex->events);
    g_array_set_size(ex->events, 0);
}

unsigned
dag_default_workers(void)
{
    cpu_set_t set;

    /* Not the cores of the machine: a container or taskset may allow fewer. */
    if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0)
        return (unsigned)CPU_COUNT(&set);
    return g_get_num_processors();
}

/* Runs that fail together must not come back together, on one machine or on many. */
static uint64_t
draw_seed(void)
{
    uint64_t seed;

    if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
        seed = (uint64_t)dag_clock_ns();
    return seed;
}

/* Returns: false with DAG_ERROR_IO. */
static bool
execution_init(Execution *ex, const DagPlan *plan, const DagExecuteOptions *options,
               GError **error)
{
    const DagStrategy *strategy =
        options->strategy ? options->strategy : dag_strategies()[0];
    unsigned n_workers = options->n_workers ? options->n_workers : dag_default_workers();

    *ex = (Execution){
        .graph = dag_plan_graph(plan),
        .cancel = options->cancel,
        .observers = options->observers,
        .n_observers = options->n_observers,
        /* More workers than tasks would only wait. */
        .n_workers = (unsigned)CLAMP(dag_graph_n_tasks(dag_plan_graph(plan)), 1,
                                     MIN(n_workers, UINT16_MAX)),
        .is_tiny = dag__is_tiny(dag_plan_graph(plan)),
        .retries = options->retries,
        .epoch_ns = dag_clock_ns(),
        .limit_ns = options->timeout_ns > 0 ? options->timeout_ns : INT64_MAX,
        .grace_ns = dag_given(options->grace_ns, DAG_GRACE_NS),
        .lots = options->seed ? options->seed : draw_seed(),
        .wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
    };
    if (ex->wake_fd < 0) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot make an event descriptor: %s",
                    g_strerror(errno));
        return false;
    }
    if (options->log_directory) {
        ex->logs = dag__logs_new(ex->graph, options->log_directory, error);
        if (!ex->logs) {
            close(ex->wake_fd);
            return false;
        }
    }
    g_mutex_init(&ex->lock);
    g_cond_init(&ex->work);
    ex->events = dag__events_new();
    ex->ticks_at_ns = g_new0(int64_t, ex->n_observers);
    for (size_t i = 0; i < ex->n_observers; i++)
        ex->ticks_at_ns[i] = ex->observers[i].tick_ns;
    ex->outputs = dag__outputs_new(ex->graph);
    ex->engines = dag__engines_new(options->engines, options->n_engines);
    ex->run = dag__run_new(plan, strategy, options->seed, ex->n_workers);
    ex->writer = record_writer_of(&ex->run->records);
    ex->run->keeps_going = options->keep_going;
    ex->run->retries = options->retries;
    ex->run->grace_ns = ex->grace_ns;
    ex->run->timeout_ns = MAX(options->timeout_ns, 0);
    ex->ready = dag__ready_set_new(plan, strategy, options->seed, options->keep_going,
                                   &(ReadySetListener){on_phase, on_settled, ex});
    return true;
}

static void
execution_clear(Execution *ex)
{
    dag_run_free(ex->run);
    dag__ready_set_free(ex->ready);
    dag__outputs_free(ex->outputs);
    dag__logs_free(ex->logs);
    dag__engines_free(ex->engines);
    g_array_unref(ex->events);
    g_aligned_free(ex->workers);
    g_free(ex->ticks_at_ns);
    g_mutex_clear(&ex->lock);
    g_cond_clear(&ex->work);
    close(ex->wake_fd);
}

DagRun *
dag_execute(const DagPlan *plan, const DagExecuteOptions *options, GError **error)
{
    static const DagExecuteOptions defaults;

    g_return_val_if_fail(plan, NULL);

    Execution ex;
    GThreadPool *pool;
    DagRun *run = NULL;

    if (!execution_init(&ex, plan, options ? options : &defaults, error))
        return NULL;
    tell_now(&ex, DAG_EVENT_RUN_STARTED);
    dag__ready_set_begin(ex.ready);
    pool = start_workers(&ex, error);
    if (pool) {
        attend(&ex);
        g_thread_pool_free(pool, FALSE, TRUE);
        dag__ready_set_abandon(ex.ready);
        deliver_rest(&ex);
        dag__run_finish(ex.run, settled_now(&ex),
                        ex.cancel ? dag_cancel_signal(ex.cancel) : 0);
        tell_now(&ex, DAG_EVENT_RUN_FINISHED);
        run = g_steal_pointer(&ex.run);
    }
    execution_clear(&ex);
    return run;
}

void
dag_execute_order(const DagPlan *plan, const DagStrategy *strategy, uint64_t seed,
                  DagTaskId *order_out)
{
    ReadySet *ready = dag__ready_set_new(plan, strategy, seed, false, NULL);

    dag__ready_set_begin(ready);
    while (dag__ready_set_length(ready) > 0) {
        *order_out = dag__ready_set_take(ready);
        dag__ready_set_settle(ready, *order_out, DAG_SUCCEEDED);
        order_out++;
    }
    dag__ready_set_free(ready);
}
