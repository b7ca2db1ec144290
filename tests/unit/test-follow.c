/* SPDX-License-Identifier: MIT */
/*
 * Time limits are kept while an observer does not return, as if standard output were stopped.
 */
#include <dagrun/duration.h>
#include <dagrun/engine.h>
#include <stdatomic.h>
#include <string.h>

#include "descriptors.h"
#include "gate.h"
#include "graph-of.h"
#include "run-case.h"
#include "timer-engine.h"

#define MS INT64_C(1000000)

/* The observer returns from the first event of the type `type` when is_released() holds, and no later than
 * after 5 s. */
static struct {
    DagEventType type;
    bool (*is_released)(void);
    bool was_in_time;
} blocked;

static void
block(const DagEvent *event, void *data)
{
    int64_t end_ns = dag_clock_ns() + 5000 * MS;

    (void)data;
    if (event->type != blocked.type || !blocked.is_released)
        return;
    while (!blocked.is_released() && dag_clock_ns() < end_ns)
        g_usleep(200);
    blocked.was_in_time = blocked.is_released();
    blocked.is_released = NULL;
}

static atomic_bool has_ended;

static bool
a_task_has_ended(void)
{
    return atomic_load(&has_ended);
}

static bool
a_job_is_cancelled(void)
{
    return atomic_load(&timer_counts.n_cancels) > 0;
}

static const char piece[65536];

/* Worker thread.  Write until the task is to end. */
static DagOutcome
chat(DagContext *context, const void *config)
{
    (void)config;
    while (dag_context_cancel_level(context) == DAG_CANCEL_NONE)
        dag_context_write_transcript(context, piece, sizeof(piece));
    atomic_store(&has_ended, true);
    return DAG_CANCELLED;
}

/* I/O thread.  Write more than is kept for observers. */
static void
start_chat(DagJob *job, const void *config)
{
    (void)config;
    for (int i = 0; i < 40; i++)
        dag_context_write_transcript(dag_job_context(job), piece, sizeof(piece));
    dag_job_finish(job, DAG_SUCCEEDED);
}

static void
cancel_nothing(DagJob *job, DagCancelLevel level)
{
    (void)job, (void)level;
}

/* Worker thread. */
static DagOutcome
fail(DagContext *context, const void *config)
{
    (void)context, (void)config;
    return DAG_FAILED;
}

/* Worker thread. */
static DagOutcome
note_end(DagContext *context, const void *config)
{
    (void)context, (void)config;
    atomic_store(&has_ended, true);
    return DAG_SUCCEEDED;
}

static const DagKind chatty = {.name = "chatty", .run = chat};
static const DagKind chatty_job = {.name = "chatty-job",
                                   .occupies = DAG_OCCUPIES_CONNECTION,
                                   .start = start_chat,
                                   .cancel = cancel_nothing};
static const DagKind failing = {.name = "failing", .run = fail};
static const DagKind noting = {.name = "noting", .run = note_end};

/* Run the tasks, while the observer is blocked by an event of the type, and assert that it was released in
 * time. */
static Case
run_blocked(DagBuilder *builder, DagEventType type, bool (*is_released)(void),
            int64_t timeout_ns)
{
    Case it = {.graph = graph_finish(builder, NULL)};

    blocked.type = type;
    blocked.is_released = is_released;
    blocked.was_in_time = false;
    atomic_store(&has_ended, false);
    timer_counts_reset(0, NULL);
    it.plan = dag_plan_new(it.graph, DAG_PHASES_JUST_IN_TIME, NULL);
    it.run = execute(it.plan,
                     &(DagExecuteOptions){.n_workers = 1,
                                          .follow = DAG_FOLLOW_ALL,
                                          .timeout_ns = timeout_ns,
                                          .observers = &(DagObserver){block, NULL, 0, NULL},
                                          .n_observers = 1});
    g_assert_true(blocked.was_in_time);
    return it;
}

static void
assert_ended(const Case *it, const char *task, DagOutcome outcome)
{
    g_assert_cmpstr(
        dag_outcome_name(dag_run_record(it->run, dag_graph_find(it->graph, task)).outcome),
        ==, dag_outcome_name(outcome));
}

static void
test_the_timeout_of_a_task_that_waits_for_an_observer(void)
{
    DagBuilder *builder = dag_builder_new();

    dag_builder_add_task(
        builder,
        &(DagTaskSpec){.name = "a", .kind = &chatty, .policy = {.timeout_ns = 50 * MS}});

    g_auto(Case) it = run_blocked(builder, DAG_EVENT_TEXT, a_task_has_ended, 0);

    assert_ended(&it, "a", DAG_TIMED_OUT);
}

static void
test_the_time_limit_of_the_run(void)
{
    g_auto(Case) it = run_blocked(builder_of("a", &chatty, NULL), DAG_EVENT_TEXT,
                                  a_task_has_ended, 50 * MS);

    assert_ended(&it, "a", DAG_CANCELLED);
    g_assert_cmpint(dag_run_stop(it.run), ==, DAG_STOP_TIMEOUT);
}

static void
test_the_time_limit_of_the_run_in_a_pause(void)
{
    DagBuilder *builder = dag_builder_new();

    dag_builder_add_task(
        builder,
        &(DagTaskSpec){.name = "a",
                       .kind = &failing,
                       .policy = {.retries = 1, .retry_delay_ns = INT64_C(3600000) * MS}});
    declare_words(builder, "s<a*", &noting, NULL);

    g_auto(Case) it =
        run_blocked(builder, DAG_EVENT_ATTEMPT_FAILED, a_task_has_ended, 50 * MS);

    assert_ended(&it, "a", DAG_FAILED);
    assert_ended(&it, "s", DAG_SUCCEEDED);
    g_assert_cmpint(dag_run_stop(it.run), ==, DAG_STOP_TIMEOUT);
}

static void
test_the_timeout_of_another_job(void)
{
    static const TimerSpec endless = {.delay_ns = TIMER_NEVER};
    DagBuilder *builder = dag_builder_new();

    dag_builder_add_task(builder, &(DagTaskSpec){.name = "quiet",
                                                 .kind = &timer,
                                                 .config = &endless,
                                                 .policy = {.timeout_ns = 50 * MS}});
    declare_words(builder, "loud", &chatty_job, NULL);

    g_auto(Case) it = run_blocked(builder, DAG_EVENT_TEXT, a_job_is_cancelled, 0);

    assert_ended(&it, "quiet", DAG_TIMED_OUT);
}

int
main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/follow/the-timeout-of-a-task-that-waits-for-an-observer",
                    test_the_timeout_of_a_task_that_waits_for_an_observer);
    g_test_add_func("/follow/the-time-limit-of-the-run", test_the_time_limit_of_the_run);
    g_test_add_func("/follow/the-time-limit-of-the-run-in-a-pause",
                    test_the_time_limit_of_the_run_in_a_pause);
    g_test_add_func("/follow/the-timeout-of-another-job", test_the_timeout_of_another_job);
    status = g_test_run();
    end_unused_threads();
    return status;
}
