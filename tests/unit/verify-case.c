/* SPDX-License-Identifier: MIT */
#include "verify-case.h"

#include <string.h>

#include "graph-of.h"
#include "timer-engine.h"

/* A task of a simulation does not run. */
static DagOutcome
no_run(DagContext *context, const void *config)
{
    (void)context;
    (void)config;
    g_assert_not_reached();
}

/* The graph of the forged runs, simulated with dataflow on two workers and one connection:
 *
 *     a     0 to 1 s     b   1 to 2, needs a     c  0 to 2, uses p     d   2 to 3, needs c, uses p
 *     e     2 to 3, needs b and c, may fail      end  a clean-up: 3 to 4, needs e
 *     r     fails first, is tried again          net, ftp, web  connections
 */
static DagGraph *
some_graph(void)
{
    static const DagKind coded = {.name = "coded", .run = no_run, .has_exit_code = true};
    static const TimerSpec no_spec;
    DagBuilder *builder = builder_of("x?", NULL, NULL);
    const DagTaskSpec specs[] = {
        {.name = "a", .cost = 1, .policy = {.timeout_ns = 3000 * MS}},
        {.name = "c", .cost = 2, .uses = "p"},
        {.name = "b", .cost = 1, .needs = "a"},
        {.name = "d", .cost = 1, .needs = "c", .uses = "p"},
        {.name = "e", .cost = 1, .needs = "b c", .policy = {.allow_failure = true}},
        {.name = "end", .cost = 1, .needs = "e", .policy = {.always = true}},
        {.name = "r",
         .cost = 0.5,
         .needs = "d",
         .kind = &coded,
         .policy = {.retries = 1,
                    .retry_delay_ns = 100 * MS,
                    .limits_retries = true,
                    .retry_on = {{1U << 3}}}},
        {.name = "net", .cost = 1, .uses = "q", .kind = &timer, .config = &no_spec},
        {.name = "ftp", .cost = 1, .kind = &timer, .config = &no_spec},
        {.name = "web", .cost = 1, .uses = "q", .kind = &timer, .config = &no_spec},
    };

    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "p", .slots = 1});
    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "q", .slots = 1});
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++)
        dag_builder_add_task(builder, &specs[i]);
    return graph_finish(builder, NULL);
}

/* The first attempt of r fails with exit code 3. */
static DagSimulatedAttempt
simulate_attempt(const DagPlan *plan, DagTaskId id, unsigned attempt, void *data)
{
    bool fails =
        attempt == 1 && g_str_equal(dag_graph_task_name(dag_plan_graph(plan), id), "r");

    (void)data;
    return (DagSimulatedAttempt){.seconds = dag_plan_cost(plan, id),
                                 .outcome = fails ? DAG_FAILED : DAG_SUCCEEDED,
                                 .exit_code = fails ? 3 : 0};
}

Case
some_case(const char *strategy)
{
    Case it = {.graph = some_graph()};

    it.plan = dag_plan_new(it.graph, DAG_PHASES_ASAP, NULL);
    it.run = dag_simulate(it.plan, &(DagSimulateOptions){
                                       .strategy = dag_strategy_find(strategy),
                                       .n_workers = 2,
                                       .n_connections = 1,
                                       .attempt = simulate_attempt,
                                   });
    return it;
}

DagPastTask *
task_of(DagPastRun *past, const char *id)
{
    for (uint32_t i = 0; i < past->tasks->len; i++)
        if (g_str_equal(dag_past_run_task(past, i)->id, id))
            return dag_past_run_task(past, i);
    g_error("no task \"%s\"", id);
}

DagPastAttempt *
attempt_of(DagPastRun *past, const char *id, uint32_t i)
{
    DagPastTask *task = task_of(past, id);

    g_assert_cmpuint(i, <, task->n_attempts);
    return dag_past_run_attempts(past, task) + i;
}

/* Let the record of a task say what its attempts say. */
static void
settle_task(DagPastRun *past, DagPastTask *task)
{
    const DagPastAttempt *attempts = dag_past_run_attempts(past, task);
    DagPastPhase *phase = &g_array_index(past->phases, DagPastPhase, task->phase - 1);

    past->counts[task->outcome]++;
    if (task->n_attempts == 0)
        return;
    task->start_ns = attempts[0].start_ns;
    task->end_ns = attempts[task->n_attempts - 1].end_ns;
    task->duration_ns = task->end_ns - task->start_ns;
    task->busy_ns = 0;
    for (uint32_t i = 0; i < task->n_attempts; i++)
        task->busy_ns += attempts[i].end_ns - attempts[i].start_ns;
    phase->start_ns =
        phase->start_ns < 0 ? task->start_ns : MIN(phase->start_ns, task->start_ns);
    phase->end_ns = MAX(phase->end_ns, task->end_ns);
    phase->timing_ns = phase->end_ns - phase->start_ns;
}

void
settle(DagPastRun *past)
{
    int64_t first_ns = INT64_MAX, last_ns = 0;

    memset(past->counts, 0, sizeof(past->counts));
    for (guint i = 0; i < past->phases->len; i++) {
        DagPastPhase *phase = &g_array_index(past->phases, DagPastPhase, i);

        phase->start_ns = phase->end_ns = -1;
        phase->timing_ns = 0;
    }
    for (uint32_t i = 0; i < past->tasks->len; i++) {
        DagPastTask *task = dag_past_run_task(past, i);

        settle_task(past, task);
        if (task->n_attempts > 0) {
            first_ns = MIN(first_ns, task->start_ns);
            last_ns = MAX(last_ns, task->end_ns);
        }
    }
    past->makespan_ns = last_ns - first_ns;
    past->duration_ns = last_ns;
    past->lower_bound_ns = 0;
    past->succeeded = past->counts[DAG_SUCCEEDED] + past->n_allowed == past->tasks->len &&
                      past->stop <= DAG_STOP_FAILURE;
}

void
move(DagPastRun *past, const char *id, uint32_t i, int64_t start_ms, int64_t end_ms)
{
    attempt_of(past, id, i)->start_ns = start_ms * MS;
    attempt_of(past, id, i)->end_ns = end_ms * MS;
    settle(past);
}

void
end_with(DagPastRun *past, const char *id, DagOutcome outcome, int exit_code)
{
    DagPastTask *task = task_of(past, id);
    DagPastAttempt *last = attempt_of(past, id, task->n_attempts - 1);

    task->outcome = last->outcome = outcome;
    task->exit_code = last->exit_code = exit_code;
    settle(past);
}

void
never_ran(DagPastRun *past, const char *id, DagOutcome outcome)
{
    DagPastTask *task = task_of(past, id);

    task->outcome = outcome;
    task->n_attempts = 0;
    task->start_ns = task->end_ns = task->duration_ns = task->busy_ns = -1;
    task->exit_code = DAG_EXIT_NONE;
    task->worker = -1;
    settle(past);
}

void
stop_by(DagPastRun *past, DagStop reason)
{
    past->stops[reason] = true;
    past->stop = MAX(past->stop, reason);
    settle(past);
}

void
put_on(DagPastRun *past, const char *id, int32_t worker)
{
    DagPastTask *task = task_of(past, id);

    attempt_of(past, id, task->n_attempts - 1)->worker = task->worker = worker;
}
