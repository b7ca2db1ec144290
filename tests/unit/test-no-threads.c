/* SPDX-License-Identifier: MIT */
/*
 * Runs on a system that has no threads left.  A resource limit does not stop root, so this program
 * has a pthread_create() of its own that fails, which GLib calls.
 */
#include <dagrun/error.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "descriptors.h"
#include "engine-case.h"

/* The number of threads that can be created. */
static atomic_uint n_left = UINT_MAX;

int
pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
               void *data)
{
    __typeof__(pthread_create) *next;

    *(void **)&next = dlsym(RTLD_NEXT, "pthread_create");
    if (atomic_load(&n_left) == 0)
        return EAGAIN;
    atomic_fetch_sub(&n_left, 1);
    return next(thread, attributes, start, data);
}

/* Counts of events, by type. */
typedef struct Events {
    unsigned n[DAG_EVENT_TICK + 1];
    unsigned n_all;
} Events;

static void
count_event(const DagEvent *event, void *data)
{
    Events *events = data;

    g_assert_cmpint(event->type == DAG_EVENT_RUN_STARTED, ==, events->n_all == 0);
    g_assert_cmpuint(events->n[DAG_EVENT_RUN_FINISHED], ==, 0);
    events->n[event->type]++;
    events->n_all++;
}

/* Worker thread. */
static DagOutcome
succeed(DagContext *context, const void *config)
{
    (void)context;
    (void)config;
    return DAG_SUCCEEDED;
}

static const DagKind plain = {.name = "plain", .run = succeed};
static const TimerSpec spec = {.delay_ns = MS};

/* Execute four tasks with up to two workers while `n_threads` can be created.  Returns: whether
 * that was possible. */
static bool
run_with_threads(unsigned n_threads, const DagKind *a, const DagKind *b)
{
    DagBuilder *builder = builder_of("a1 a2<a1", a, a == &timer ? &spec : NULL);
    Events events = {0};
    DagObserver observer = {.notify = count_event, .data = &events};
    unsigned n_descriptors = count_descriptors();
    g_autoptr(GError) error = NULL;

    declare_words(builder, "b1 b2<b1", b, b == &timer ? &spec : NULL);
    timer_counts_reset(0, NULL);

    g_autoptr(DagGraph) graph = graph_finish(builder, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    g_autoptr(DagRun) run = NULL;

    end_unused_threads(); /* GLib would use those again */
    atomic_store(&n_left, n_threads);
    run = dag_execute(
        plan,
        &(DagExecuteOptions){.n_workers = 2, .observers = &observer, .n_observers = 1},
        &error);
    atomic_store(&n_left, UINT_MAX);

    g_assert_cmpuint(count_descriptors(), ==, n_descriptors);
    g_assert_cmpuint(events.n[DAG_EVENT_RUN_STARTED], ==, 1);
    g_assert_cmpuint(events.n[DAG_EVENT_RUN_FINISHED], ==, 1);
    g_assert_cmpuint(events.n[DAG_EVENT_TASK_FINISHED], ==, 4);
    g_assert_cmpuint(timer_counts.n_opens, ==, timer_counts.n_closes);
    if (run) {
        g_assert_no_error(error);
        g_assert_true(dag_run_succeeded(run));
        g_assert_cmpuint(events.n[DAG_EVENT_TASK_STARTED], ==, 4);
        return true;
    }
    g_assert_error(error, DAG_ERROR, DAG_ERROR_IO);
    g_assert_true(g_str_has_prefix(error->message, "cannot start a thread: "));
    g_assert_cmpuint(events.n[DAG_EVENT_TASK_STARTED], ==, 0);
    g_assert_cmpuint(timer_counts.n_starts, ==, 0);
    return false;
}

static void
test_a_run_without_threads_still_has_its_events(void)
{
    g_assert_false(run_with_threads(0, &plain, &plain));
    g_assert_false(run_with_threads(0, &timer, &timer));
    g_assert_false(run_with_threads(0, &timer, &plain));
}

/* The I/O thread could be started, and no worker: no task starts. */
static void
test_a_run_without_workers_starts_nothing(void)
{
    g_assert_false(run_with_threads(1, &timer, &timer));
    g_assert_false(run_with_threads(1, &timer, &plain));
}

/* The I/O thread if there is one, workers, and one to spare for a process. */
static void
test_a_run_gets_by_with_fewer_threads(void)
{
    g_assert_true(run_with_threads(1, &plain, &plain));
    g_assert_true(run_with_threads(3, &plain, &plain));
    g_assert_true(run_with_threads(2, &timer, &plain));
    g_assert_true(run_with_threads(4, &timer, &plain));
}

/* Two workers were started and none is to spare: one is ended, and GLib may or may not have its
 * thread ready for reuse.  Either way the run has its events. */
static void
test_a_run_without_a_spare_thread_has_its_events(void)
{
    run_with_threads(2, &plain, &plain);
    run_with_threads(3, &timer, &plain);
}

int
main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/no-threads/a-run-without-threads-still-has-its-events",
                    test_a_run_without_threads_still_has_its_events);
    g_test_add_func("/no-threads/a-run-without-workers-starts-nothing",
                    test_a_run_without_workers_starts_nothing);
    g_test_add_func("/no-threads/a-run-gets-by-with-fewer-threads",
                    test_a_run_gets_by_with_fewer_threads);
    g_test_add_func("/no-threads/a-run-without-a-spare-thread-has-its-events",
                    test_a_run_without_a_spare_thread_has_its_events);
    status = g_test_run();
    end_unused_threads();
    return status;
}
