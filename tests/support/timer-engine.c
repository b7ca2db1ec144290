/* SPDX-License-Identifier: MIT */
/*
 * The engine is a queue of jobs sorted by the time of their end.
 */
#include "timer-engine.h"

#include <dagrun/context.h>
#include <dagrun/duration.h>
#include <dagrun/error.h>
#include <pthread.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* The gate is a flag without a descriptor, so while it is closed the engine checks it so often. */
#define GATE_NS 1000000

/* State of an engine; only used by the I/O thread, except by open() and close(). */
typedef struct Timers {
    GSequence *queue;   /* of Timer; owned by the jobs */
    int fd;             /* of the timerfd, or -1 */
    unsigned n_started; /* and not finished */
    bool has_thread;
    pthread_t thread; /* that called first */
} Timers;

typedef struct Timer {
    DagJob *job;
    Timers *timers;
    GSequenceIter *position; /* in the queue; NULL: not in it */
    int64_t end_ns;
    bool is_cancelled;
    TimerSpec spec;
} Timer;

TimerCounts timer_counts;

static atomic_uint gate_needs; /* jobs under way at once; 0: it is open */
static void (*on_gate_opened)(void);

void
timer_counts_reset(unsigned n_needed, void (*on_full)(void))
{
    memset(&timer_counts, 0, sizeof(timer_counts));
    atomic_store(&gate_needs, n_needed);
    on_gate_opened = on_full;
}

void
timer_gate_open(void)
{
    atomic_store(&gate_needs, 0);
}

/* Count a job as under way, and open the gate if it was the last one needed. */
static void
count_under_way(void)
{
    unsigned n = atomic_fetch_add(&timer_counts.n_under_way, 1) + 1;

    if (n > atomic_load(&timer_counts.n_most))
        atomic_store(&timer_counts.n_most, n);
    if (n != atomic_load(&gate_needs))
        return;
    if (on_gate_opened)
        on_gate_opened();
    timer_gate_open();
}

/* Assert that every call comes on one thread. */
static void
check_thread(Timers *timers)
{
    if (!timers->has_thread) {
        timers->has_thread = true;
        timers->thread = pthread_self();
    }
    g_assert_true(pthread_equal(timers->thread, pthread_self()));
}

static void *
open_timers(GError **error)
{
    Timers *timers = g_new0(Timers, 1);

    (void)error;
    atomic_fetch_add(&timer_counts.n_opens, 1);
    timers->queue = g_sequence_new(NULL);
    timers->fd = -1;
    return timers;
}

static void *
open_timers_with_fd(GError **error)
{
    Timers *timers = open_timers(error);

    timers->fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    g_assert_cmpint(timers->fd, >=, 0);
    return timers;
}

static void *
open_nothing(GError **error)
{
    atomic_fetch_add(&timer_counts.n_opens, 1);
    g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot open the broken engine");
    return NULL;
}

static void
close_timers(void *engine)
{
    Timers *timers = engine;

    g_assert_cmpuint(timers->n_started, ==, 0);
    g_assert_cmpint(g_sequence_get_length(timers->queue), ==, 0);
    atomic_fetch_add(&timer_counts.n_closes, 1);
    g_sequence_free(timers->queue);
    if (timers->fd >= 0)
        close(timers->fd);
    g_free(timers);
}

static int
fd_of_timers(void *engine)
{
    check_thread(engine);
    return ((Timers *)engine)->fd;
}

/* Return the time of the next end, or the next check of the gate. */
static int64_t
next_end_ns(const Timers *timers)
{
    GSequenceIter *first = g_sequence_get_begin_iter(timers->queue);

    if (g_sequence_iter_is_end(first))
        return INT64_MAX;
    if (atomic_load(&gate_needs) > 0)
        return dag_clock_ns() + GATE_NS;
    return ((Timer *)g_sequence_get(first))->end_ns;
}

static int64_t
next_ns(void *engine)
{
    check_thread(engine);
    return next_end_ns(engine);
}

static int64_t
never_ns(void *engine)
{
    check_thread(engine);
    return INT64_MAX;
}

/* Arm the timerfd, if there is one. */
static void
arm(Timers *timers)
{
    int64_t ns = next_end_ns(timers);
    struct itimerspec when = {0};

    if (timers->fd < 0)
        return;
    if (ns != INT64_MAX) {
        when.it_value.tv_sec = ns / 1000000000;
        when.it_value.tv_nsec = ns % 1000000000;
    }
    g_assert_cmpint(timerfd_settime(timers->fd, TFD_TIMER_ABSTIME, &when, NULL), ==, 0);
}

static int
compare_timers(gconstpointer a, gconstpointer b, gpointer data)
{
    const Timer *x = a, *y = b;

    (void)data;
    return x->end_ns < y->end_ns ? -1 : x->end_ns > y->end_ns;
}

/* Put the timer in the queue, or move it there. */
static void
enqueue(Timer *self, int64_t end_ns)
{
    self->end_ns = end_ns;
    if (self->position)
        g_sequence_remove(self->position);
    self->position =
        g_sequence_insert_sorted(self->timers->queue, self, compare_timers, NULL);
    arm(self->timers);
}

/* Free the timer and finish its job. */
static void
finish(Timer *self, DagOutcome outcome)
{
    DagJob *job = self->job;
    TimerSpec spec = self->spec;

    check_thread(self->timers);
    if (spec.end)
        outcome = spec.end(job, outcome);
    if (self->position)
        g_sequence_remove(self->position);
    self->timers->n_started--;
    atomic_fetch_sub(&timer_counts.n_under_way, 1);
    atomic_fetch_add(&timer_counts.n_finishes, 1);
    g_free(self);
    dag_job_set_data(job, NULL);
    dag_job_finish(job, outcome);
    if (spec.finishes_twice)
        dag_job_finish(job, DAG_FAILED);
    timer_cancel(job, DAG_CANCEL_KILL); /* after the end: nothing happens */
}

/* The job ends because its time has come. */
static void
end_by_time(Timer *self)
{
    DagContext *context = dag_job_context(self->job);
    const TimerSpec *spec = &self->spec;
    DagOutcome outcome = DAG_SUCCEEDED;

    if (self->is_cancelled) {
        finish(self, DAG_CANCELLED);
        return;
    }
    if (spec->exit_code)
        outcome = dag_context_set_exit_code(context, spec->exit_code);
    if (outcome == DAG_FAILED)
        dag_context_set_reason(context, "exit status %d", spec->exit_code);
    if (spec->reason) {
        dag_context_set_reason(context, "%s", spec->reason);
        outcome = DAG_FAILED;
    }
    finish(self, outcome);
}

static void
dispatch(void *engine)
{
    Timers *timers = engine;
    int64_t now_ns = dag_clock_ns();

    check_thread(timers);
    while (next_end_ns(timers) <= now_ns)
        end_by_time(g_sequence_get(g_sequence_get_begin_iter(timers->queue)));
    arm(timers);
}

void
timer_begin(DagJob *job, const TimerSpec *spec)
{
    DagContext *context = dag_job_context(job);
    Timer *self = g_new0(Timer, 1);

    g_assert_null(dag_job_data(job));
    self->job = job;
    self->timers = dag_context_engine(context, NULL);
    self->spec = *spec;
    check_thread(self->timers);
    dag_job_set_data(job, self);
    self->timers->n_started++;
    atomic_fetch_add(&timer_counts.n_starts, 1);
    count_under_way();
    if (spec->text) {
        dag_context_write_output(context, spec->text, strlen(spec->text));
        dag_context_write_transcript(context, spec->text, strlen(spec->text));
    }
    if (spec->delay_ns == 0)
        end_by_time(self);
    else if (spec->delay_ns == TIMER_NEVER)
        enqueue(self, TIMER_NEVER);
    else
        enqueue(self, dag_clock_ns() + spec->delay_ns);
}

void
timer_cancel(DagJob *job, DagCancelLevel level)
{
    Timer *self = dag_job_data(job);

    if (!self)
        return;
    check_thread(self->timers);
    g_assert_true(self->job == job);
    g_assert_cmpint(level, >, DAG_CANCEL_NONE);
    atomic_fetch_add(&timer_counts.n_cancels, 1);
    timer_gate_open();
    if (level == DAG_CANCEL_KILL || self->spec.linger_ns == 0) {
        finish(self, DAG_CANCELLED);
    } else if (self->spec.linger_ns != TIMER_NEVER) {
        self->is_cancelled = true;
        enqueue(self, MIN(self->end_ns, dag_clock_ns() + self->spec.linger_ns));
    }
}

static void
start(DagJob *job, const void *config)
{
    static const TimerSpec zero;

    timer_begin(job, config ? config : &zero);
}

const DagEngine timer_engine = {.name = "timer",
                                .open = open_timers,
                                .close = close_timers,
                                .fd = fd_of_timers,
                                .next_ns = next_ns,
                                .dispatch = dispatch};
const DagEngine timerfd_engine = {.name = "timerfd",
                                  .open = open_timers_with_fd,
                                  .close = close_timers,
                                  .fd = fd_of_timers,
                                  .next_ns = never_ns,
                                  .dispatch = dispatch};
const DagEngine broken_engine = {.name = "broken",
                                 .open = open_nothing,
                                 .close = close_timers,
                                 .fd = fd_of_timers,
                                 .next_ns = next_ns,
                                 .dispatch = dispatch};

const DagKind timer = {.name = "timer",
                       .occupies = DAG_OCCUPIES_CONNECTION,
                       .engine = &timer_engine,
                       .has_exit_code = true,
                       .start = start,
                       .cancel = timer_cancel};
const DagKind timerfd = {.name = "timerfd",
                         .occupies = DAG_OCCUPIES_CONNECTION,
                         .engine = &timerfd_engine,
                         .has_exit_code = true,
                         .start = start,
                         .cancel = timer_cancel};
const DagKind broken_timer = {.name = "broken",
                              .occupies = DAG_OCCUPIES_CONNECTION,
                              .engine = &broken_engine,
                              .start = start,
                              .cancel = timer_cancel};
