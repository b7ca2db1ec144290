/* SPDX-License-Identifier: MIT */
/*
 * Attempts that are withdrawn, since a server has asked to wait: they leave no output, and do not change
 * how the task ends.
 */
#include <dagrun/duration.h>
#include <dagrun/engine.h>
#include <dagrun/execute.h>
#include <dagrun/traffic.h>
#include <stdatomic.h>
#include <string.h>

#include "descriptors.h"
#include "gate.h"
#include "graph-of.h"
#include "run-case.h"
#include "verified.h"

#define MS   INT64_C(1000000)
#define HOUR (INT64_C(3600000) * MS)

/* One attempt of the connection task. */
typedef struct Step {
    int64_t wait_ns;    /* withdraw the attempt for so long; 0: end it */
    DagOutcome outcome; /* unless it is withdrawn */
    const char *output; /* or NULL */
    const char *pool;   /* which is closed meanwhile, or NULL */
} Step;

/* The steps that are left; on the I/O thread. */
static const Step *next_step;

static void
start_step(DagJob *job, const void *config)
{
    const Step *step = next_step++;

    (void)config;
    if (step->output)
        dag_context_write_output(dag_job_context(job), step->output, strlen(step->output));
    if (step->wait_ns > 0)
        dag_job_wait(job, step->pool, dag_clock_ns() + step->wait_ns);
    else
        dag_job_finish(job, step->outcome);
}

static void
cancel_nothing(DagJob *job, DagCancelLevel level)
{
    (void)job, (void)level;
}

static const DagKind stepwise = {.name = "stepwise",
                                 .occupies = DAG_OCCUPIES_CONNECTION,
                                 .start = start_step,
                                 .cancel = cancel_nothing};

static void *
configure_template(DagElement *element, GError **error)
{
    return (void *)dag_element_template(element, dag_element_text(element), error);
}

/* Worker thread.  Succeed if the text is empty. */
static DagOutcome
expect_nothing(DagContext *context, const void *config)
{
    g_autofree char *text = dag_context_expand(context, config, NULL);

    g_assert_cmpstr(text, ==, "");
    return DAG_SUCCEEDED;
}

static const DagKind reader = {.name = "reader",
                               .takes_text = true,
                               .configure = configure_template,
                               .run = expect_nothing};

static void
test_the_output_of_a_withdrawn_attempt_is_forgotten(void)
{
    static const Step steps[] = {{.wait_ns = MS, .output = "old"},
                                 {.outcome = DAG_SUCCEEDED}};
    DagBuilder *builder = builder_of("a", &stepwise, NULL);
    g_auto(Case) it = {0};

    next_step = steps;
    dag_builder_add_task(builder,
                         &(DagTaskSpec){.name = "b", .kind = &reader, .text = "${a}"});
    it.graph = graph_finish(builder, NULL);
    it.plan = dag_plan_new(it.graph, DAG_PHASES_JUST_IN_TIME, NULL);
    it.run = execute(it.plan, NULL);
    g_assert_true(dag_run_succeeded(it.run));
}

/* Events of an observer. */
static struct {
    atomic_bool is_withdrawn;
    int64_t withdrawn_ns, finished_ns; /* of task "a" */
} seen;

static void
watch(const DagEvent *event, void *data)
{
    (void)data;
    if (event->type == DAG_EVENT_ATTEMPT_WITHDRAWN) {
        seen.withdrawn_ns = event->time_ns;
        atomic_store(&seen.is_withdrawn, true);
    } else if (event->type == DAG_EVENT_TASK_FINISHED && event->task == 0) {
        seen.finished_ns = event->time_ns;
    }
}

/* Worker thread. */
static DagOutcome
fail_after_the_withdrawal(DagContext *context, const void *config)
{
    (void)context, (void)config;
    while (!atomic_load(&seen.is_withdrawn))
        g_usleep(100);
    return DAG_FAILED;
}

static const DagKind stopper = {.name = "stopper", .run = fail_after_the_withdrawal};

/* Failed, withdrawn at the next attempt, and stopped while it waits: it has failed, whatever it waits
 * for, and its end comes after the withdrawal. */
static void
test_a_withdrawal_does_not_undo_a_failure(void)
{
    const char *const pools[] = {NULL, "p"};

    for (size_t i = 0; i < G_N_ELEMENTS(pools); i++) {
        const Step steps[] = {{.outcome = DAG_FAILED}, {.wait_ns = HOUR, .pool = pools[i]}};
        DagBuilder *builder = dag_builder_new();
        DagObserver observer = {.notify = watch};
        g_auto(Case) it = {0};

        next_step = steps;
        memset(&seen, 0, sizeof(seen));
        dag_builder_add_pool(builder, &(DagPoolSpec){.name = "p", .slots = 1});
        dag_builder_add_task(builder,
                             &(DagTaskSpec){.name = "a",
                                            .kind = &stepwise,
                                            .uses = "p",
                                            .policy = {.retries = 1, .retry_delay_ns = 1}});
        declare_words(builder, "other", &stopper, NULL);
        it.graph = graph_finish(builder, NULL);
        it.plan = dag_plan_new(it.graph, DAG_PHASES_JUST_IN_TIME, NULL);
        it.run = execute(it.plan,
                         &(DagExecuteOptions){.observers = &observer, .n_observers = 1});
        assert_verified(it.run);
        g_assert_cmpstr(dag_outcome_name(dag_run_record(it.run, 0).outcome), ==, "failed");
        g_assert_cmpint(seen.withdrawn_ns, >, dag_run_record(it.run, 0).end_ns);
        g_assert_cmpint(seen.finished_ns, >=, seen.withdrawn_ns);
    }
}

/* Use 900 tokens, stop the run by a question above its budget, and ask to be withdrawn. */
static void
start_too_expensive(DagJob *job, const void *config)
{
    const DagReservation wanted = {.tokens = 2000};
    g_autofree char *reason = NULL;
    int64_t when_ns;

    (void)config;
    dag_context_add_usage(dag_job_context(job), &(DagUsage){.input = 900});
    g_assert_cmpint(dag_job_reserve(job, &wanted, &when_ns, &reason), ==,
                    DAG_RESERVED_NEVER);
    dag_job_wait(job, NULL, 0);
}

static const DagKind expensive = {.name = "expensive",
                                  .occupies = DAG_OCCUPIES_CONNECTION,
                                  .counts_tokens = true,
                                  .start = start_too_expensive,
                                  .cancel = cancel_nothing};

/* A withdrawal that is refused counts the tokens of the attempt once: a clean-up has the others at once. */
static void
test_tokens_are_counted_once(void)
{
    DagBuilder *builder = dag_builder_new();
    g_auto(Case) it = {0};

    dag_builder_add_pool(builder,
                         &(DagPoolSpec){.name = "p", .tokens = {1000, 100 * HOUR}});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "a",
                                                 .kind = &expensive,
                                                 .uses = "p",
                                                 .policy = {.tokens = 1}});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "b",
                                                 .uses = "p",
                                                 .needs = "a",
                                                 .policy = {.tokens = 50, .always = true}});
    it.graph = graph_finish(builder, NULL);
    it.plan = dag_plan_new(it.graph, DAG_PHASES_JUST_IN_TIME, NULL);
    it.run = execute(it.plan, &(DagExecuteOptions){.max_tokens = 100});
    g_assert_cmpint(dag_run_record(it.run, 0).outcome, ==, DAG_CANCELLED);
    g_assert_cmpint(dag_run_record(it.run, 1).outcome, ==, DAG_SUCCEEDED);
}

int
main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/withdraw/the-output-of-a-withdrawn-attempt-is-forgotten",
                    test_the_output_of_a_withdrawn_attempt_is_forgotten);
    g_test_add_func("/withdraw/a-withdrawal-does-not-undo-a-failure",
                    test_a_withdrawal_does_not_undo_a_failure);
    g_test_add_func("/withdraw/tokens-are-counted-once", test_tokens_are_counted_once);
    status = g_test_run();
    end_unused_threads();
    return status;
}
