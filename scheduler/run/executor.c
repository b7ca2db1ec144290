/* SPDX-License-Identifier: MIT */
/*
 * A monitor: the workers of a GThreadPool, each running one loop, and one lock around all that
 * changes.  There is no coordinator: a worker that settles a task finds the next one itself.
 *
 *     worker: lock; settle what I ran; take what is next; unlock; run it; repeat
 *
 * Two locks: Execution.lock, then the one inside Outputs; never the other way round.
 *
 * The thread that called dag_execute() delivers events meanwhile, and watches for the wish to
 * stop.
 *
 * Where tasks run for microseconds, a worker takes and settles several under one acquisition
 * (a batch).  Only kinds that say so are tiny; a process or a request is always a batch of one,
 * since the order would suffer.
 */
#include <dagrun/execute.h>

#include "run/context.h"
#include "run/monitor.h"
#include "run/ready-set.h"
#include "run/run.h"

#include <dagrun/duration.h>
#include <dagrun/error.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Enough to share the cost of the lock out; more only holds up what the batch makes ready. */
#define MAX_BATCH 64
/* Tasks are tiny if those of the last batch took less than this each. */
#define TINY_NS 2000
/* A batch that has run for so long gives back what it has not started. */
#define BATCH_NS 20000

typedef struct Event {
    DagEventType type;
    uint32_t number; /* task or phase */
    int64_t time_ns;
    GBytes *transcript; /* owned, or NULL */
} Event;

typedef struct Execution Execution;

/* One worker; only used by its thread but for what the head of Execution says. */
typedef struct Worker {
    DagContext context;
    uint16_t number;
    unsigned n_batch;
    unsigned n_run; /* of the batch; fewer than all if it took too long, or was stopped */
    DagTaskId batch[MAX_BATCH];
    GBytes *transcripts[MAX_BATCH];
    char *reasons[MAX_BATCH];
    int64_t now_ns;  /* the last reading of the clock; 0: none that is still good */
    int64_t body_ns; /* time per task of the last batch */
} Worker;

struct Execution {
    /* Read-only once the run began. */
    const DagGraph *graph;
    DagCancel *cancel;
    const DagObserver *observers;
    size_t n_observers;
    unsigned n_workers;
    int64_t epoch_ns;
    Outputs *outputs; /* thread-safe itself */
    DagRun *run; /* records: written by the worker that runs the task, before it settles */
    int wake_fd; /* readable when there are events, or the run is done */

    GMutex lock;
    GCond work;
    ReadySet *ready;      /* protected by lock */
    GArray *events;       /* of Event; protected by lock */
    int64_t settled_ns;   /* the latest end of a settled task; protected by lock */
    unsigned n_idle;      /* workers that wait for work; protected by lock */
    unsigned n_gone;      /* workers that have ended; protected by lock */
    bool caller_is_woken; /* protected by lock */

    /* A hint, checked between the tasks of a batch. */
    atomic_bool stopping;

    Worker *workers; /* [n_workers] */
};

static int64_t
now_ns(const Execution *ex)
{
    return dag_clock_ns() - ex->epoch_ns;
}

static void
wake_caller_locked(Execution *ex)
{
    if (ex->caller_is_woken)
        return;
    ex->caller_is_woken = true;

    ssize_t written = write(ex->wake_fd, &(uint64_t){1}, sizeof(uint64_t));

    (void)written; /* it can only fail where the counter is full, and readable */
}

/* Takes the transcript. */
static void
tell_locked(Execution *ex, DagEventType type, uint32_t number, int64_t time_ns,
            GBytes *transcript)
{
    if (ex->n_observers == 0) {
        g_clear_pointer(&transcript, g_bytes_unref);
        return;
    }

    Event event = {type, number, time_ns, transcript};

    g_array_append_val(ex->events, event);
    wake_caller_locked(ex);
}

/* Called by the ready set, so under the lock. */
static void
on_phase(DagEventType type, uint32_t phase, void *data)
{
    Execution *ex = data;

    tell_locked(ex, type, phase, now_ns(ex), NULL);
}

/* Called by the ready set, so under the lock. */
static void
on_blocked(DagTaskId id, void *data)
{
    Execution *ex = data;

    ex->run->records[id].outcome = dag__ready_set_outcome(ex->ready, id);
    dag__outputs_settle(ex->outputs, id);
    tell_locked(ex, DAG_EVENT_TASK_FINISHED, id, now_ns(ex), NULL);
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
        tell_locked(ex, DAG_EVENT_TASK_STARTED, worker->batch[0], worker->now_ns, NULL);
}

/* Waits for something to do.  Returns: false if there will be nothing any more. */
static bool
take_locked(Execution *ex, Worker *worker)
{
    while (dag__ready_set_length(ex->ready) == 0) {
        if (dag__ready_set_is_done(ex->ready)) {
            g_cond_broadcast(&ex->work);
            return false;
        }
        ex->n_idle++;
        dag__wait(&ex->work, &ex->lock);
        ex->n_idle--;
        worker->now_ns = 0;
    }
    /* The end of what it ran before is the start of what it takes now, unless it has waited;
     * but nothing starts before what it depends on has ended on another worker. */
    if (worker->now_ns == 0)
        worker->now_ns = now_ns(ex);
    worker->now_ns = MAX(worker->now_ns, ex->settled_ns);
    fill_batch_locked(ex, worker);
    /* One wakes the next, as long as there is work: a signal costs a system call. */
    if (ex->n_idle > 0 && dag__ready_set_length(ex->ready) > 0)
        g_cond_signal(&ex->work);
    return true;
}

/* Runs one task, writes its record.  The end of one is the start of the next: one reading of
 * the clock per task. */
static void
run_task(Execution *ex, Worker *worker, unsigned i)
{
    DagTaskId id = worker->batch[i];
    const DagKind *kind = dag_graph_task_kind(ex->graph, id);
    DagContext *context = &worker->context;
    DagRecord *record = &ex->run->records[id];
    DagOutcome outcome;

    record->start_ns = worker->now_ns;
    record->worker = worker->number;
    dag__context_enter(context, id);
    outcome = kind->run(context, dag_graph_task_config(ex->graph, id));
    worker->now_ns = now_ns(ex);
    record->end_ns = worker->now_ns;
    record->outcome = outcome;

    worker->transcripts[i] = g_steal_pointer(&context->transcript);
    worker->reasons[i] = g_steal_pointer(&context->reason);
    if (outcome != DAG_SUCCEEDED && !ex->run->keeps_going)
        atomic_store_explicit(&ex->stopping, true, memory_order_relaxed);
}

static void
run_batch(Execution *ex, Worker *worker)
{
    int64_t began_ns = worker->now_ns;

    worker->n_run = 0;
    do
        run_task(ex, worker, worker->n_run++);
    while (worker->n_run < worker->n_batch && worker->now_ns - began_ns < BATCH_NS &&
           !atomic_load_explicit(&ex->stopping, memory_order_relaxed));
    worker->body_ns = (worker->now_ns - began_ns) / worker->n_run;
}

static void
settle_locked(Execution *ex, Worker *worker)
{
    for (unsigned i = 0; i < worker->n_run; i++) {
        DagTaskId id = worker->batch[i];
        const DagRecord *record = &ex->run->records[id];

        if (worker->reasons[i])
            dag__run_take_reason(ex->run, id, g_steal_pointer(&worker->reasons[i]));
        if (worker->n_batch > 1)
            tell_locked(ex, DAG_EVENT_TASK_STARTED, id, record->start_ns, NULL);
        tell_locked(ex, DAG_EVENT_TASK_FINISHED, id, record->end_ns,
                    g_steal_pointer(&worker->transcripts[i]));
        dag__outputs_settle(ex->outputs, id);
        dag__ready_set_settle(ex->ready, id, record->outcome);
    }
    ex->settled_ns = MAX(ex->settled_ns, worker->now_ns);
    for (unsigned i = worker->n_batch; i-- > worker->n_run;)
        dag__ready_set_give_back(ex->ready, worker->batch[i]);
}

/* Worker thread. */
static void
work(gpointer data, gpointer user_data)
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
    wake_caller_locked(ex);
    dag__unlock(&ex->lock);
}

static void
deliver(const Execution *ex, const Event *from)
{
    bool of_task =
        from->type == DAG_EVENT_TASK_STARTED || from->type == DAG_EVENT_TASK_FINISHED;
    DagEvent event = {
        .type = from->type,
        .task = of_task ? from->number : DAG_TASK_NONE,
        .phase = of_task ? 0 : from->number,
        .time_ns = from->time_ns,
        .transcript = from->transcript,
        .run = ex->run,
    };

    for (size_t i = 0; i < ex->n_observers; i++)
        ex->observers[i].notify(&event, ex->observers[i].data);
}

static void
event_clear(gpointer data)
{
    g_clear_pointer(&((Event *)data)->transcript, g_bytes_unref);
}

static GArray *
events_new(void)
{
    GArray *events = g_array_new(FALSE, FALSE, sizeof(Event));

    g_array_set_clear_func(events, event_clear);
    return events;
}

/* Waits until a worker has something to tell, or the run is to be stopped. */
static void
wait_for_news(Execution *ex, bool *told_to_stop)
{
    struct pollfd fds[2] = {
        {.fd = ex->wake_fd, .events = POLLIN},
        {.fd =
             ex->cancel && !*told_to_stop ? dag_cancel_fd(ex->cancel, DAG_CANCEL_TERM) : -1,
         .events = POLLIN},
    };
    uint64_t count;

    if (poll(fds, G_N_ELEMENTS(fds), -1) < 0)
        return; /* a signal: look again */
    if (fds[0].revents && read(ex->wake_fd, &count, sizeof(count)) < 0)
        return;
    if (!fds[1].revents)
        return;
    *told_to_stop = true;
    atomic_store(&ex->stopping, true);
    dag__lock(&ex->lock);
    dag__ready_set_stop(ex->ready);
    g_cond_broadcast(&ex->work);
    dag__unlock(&ex->lock);
}

/* Delivers what the workers tell until the last of them has ended. */
static void
attend(Execution *ex)
{
    bool told_to_stop = false, done = false;
    GArray *batch = events_new();

    while (!done) {
        wait_for_news(ex, &told_to_stop);

        dag__lock(&ex->lock);
        GArray *full = ex->events;
        ex->events = batch;
        batch = full;
        ex->caller_is_woken = false;
        done = ex->n_gone == ex->n_workers;
        dag__unlock(&ex->lock);

        for (guint i = 0; i < batch->len; i++)
            deliver(ex, &g_array_index(batch, Event, i));
        g_array_set_size(batch, 0);
    }
    g_array_unref(batch);
}

static void
worker_init(Worker *worker, Execution *ex, unsigned number)
{
    *worker = (Worker){
        .number = (uint16_t)number,
        .body_ns = TINY_NS, /* not known to be tiny yet */
        .context = {.graph = ex->graph,
                    .outputs = ex->outputs,
                    .cancel = ex->cancel,
                    .wants_transcript = ex->n_observers > 0},
    };
}

/* Where not all threads can be had, those that can are enough.  Returns: NULL with DAG_ERROR_IO
 * if there is none. */
static GThreadPool *
start_workers(Execution *ex, GError **error)
{
    g_autoptr(GError) problem = NULL;
    GThreadPool *pool = g_thread_pool_new(work, ex, (int)ex->n_workers, TRUE, &problem);
    unsigned n_threads = pool ? g_thread_pool_get_num_threads(pool) : 0;

    if (n_threads == 0) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot start a thread: %s",
                    problem ? problem->message : "none was made");
        if (pool)
            g_thread_pool_free(pool, TRUE, FALSE);
        return NULL;
    }
    g_thread_pool_set_max_threads(pool, (int)n_threads, NULL);
    ex->n_workers = ex->run->n_workers = n_threads;
    ex->workers = g_new(Worker, n_threads);
    for (unsigned i = 0; i < n_threads; i++)
        worker_init(&ex->workers[i], ex, i);
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
    deliver(ex, &(Event){.type = type, .time_ns = now_ns(ex)});
}

/* The events of tasks that never ran, after those of all that did. */
static void
deliver_rest(Execution *ex)
{
    for (guint i = 0; i < ex->events->len; i++)
        deliver(ex, &g_array_index(ex->events, Event, i));
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
        .epoch_ns = dag_clock_ns(),
        .wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
    };
    if (ex->wake_fd < 0) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot make an event descriptor: %s",
                    g_strerror(errno));
        return false;
    }
    g_mutex_init(&ex->lock);
    g_cond_init(&ex->work);
    ex->events = events_new();
    ex->outputs = dag__outputs_new(ex->graph);
    ex->run = dag__run_new(plan, strategy, options->seed, ex->n_workers);
    ex->run->keeps_going = options->keep_going;
    ex->ready = dag__ready_set_new(plan, strategy, options->seed, options->keep_going,
                                   &(ReadySetListener){on_phase, on_blocked, ex});
    return true;
}

static void
execution_clear(Execution *ex)
{
    dag_run_free(ex->run);
    dag__ready_set_free(ex->ready);
    dag__outputs_free(ex->outputs);
    g_array_unref(ex->events);
    g_free(ex->workers);
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
        dag__run_finish(ex.run, now_ns(&ex), ex.cancel ? dag_cancel_signal(ex.cancel) : 0);
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
