/* SPDX-License-Identifier: MIT */
/*
 * The driver with a virtual clock.
 *
 *     start every task that may start now; move the clock to the next event; handle it; repeat
 *
 * An event is the end of an attempt, the end of a pause, or the run's time limit.  Attempts that
 * end at the same time are handled in the order in which they started.
 */
#include <dagrun/simulate.h>

#include "ready/bit-set.h"
#include "run/core.h"
#include "run/machine.h"
#include "run/timed-queue.h"

#include <dagrun/duration.h>

/* A worker or a connection, and the attempt that occupies it. */
typedef struct Unit {
    /* At the end of the attempt; tie: the number of attempts that started before it. */
    TimedNode node;
    AttemptEnd end;
} Unit;

typedef struct Simulation {
    const DagPlan *plan;
    const DagSimulateOptions *options;
    RunCore core;
    int64_t now_ns;   /* the virtual clock */
    int64_t limit_ns; /* of the run, or INT64_MAX */
    uint64_t n_started;
    Unit *units[DAG_N_OCCUPIES]; /* by DagOccupies: [n] */
    BitSet free[DAG_N_OCCUPIES]; /* numbers of free units */
    TimedQueue running;          /* of Unit.node */
} Simulation;

static int64_t
virtual_clock(void *data)
{
    return ((const Simulation *)data)->now_ns;
}

/* Return the seconds in nanoseconds; times that do not fit are cut. */
static int64_t
to_ns(double seconds)
{
    return seconds >= 9e9 ? INT64_C(9000000000000000000)
                          : (int64_t)(MAX(seconds, 0) * 1e9 + 0.5);
}

static DagSimulatedAttempt
attempt_by_cost(const DagPlan *plan, DagTaskId id)
{
    return (DagSimulatedAttempt){.seconds = dag_plan_cost(plan, id),
                                 .outcome = DAG_SUCCEEDED,
                                 .exit_code = DAG_EXIT_NONE};
}

/* Return the end of an attempt that starts now, with the task's timeout applied. */
static AttemptEnd
attempt_end(const Simulation *sim, const AttemptStart *start, uint16_t unit)
{
    const DagSimulateOptions *options = sim->options;
    const DagPolicy *policy = dag_graph_task_policy(sim->core.graph, start->task);
    DagSimulatedAttempt attempt =
        options->attempt
            ? options->attempt(sim->plan, start->task, start->attempt, options->data)
            : attempt_by_cost(sim->plan, start->task);
    int64_t ns = to_ns(attempt.seconds);
    AttemptEnd end = {.task = start->task,
                      .attempt = start->attempt,
                      .start_ns = start->start_ns,
                      .outcome = attempt.outcome,
                      .exit_code = attempt.exit_code,
                      .unit = unit};

    if (policy->timeout_ns > 0 && ns > policy->timeout_ns) {
        char limit[DAG_DURATION_SIZE];

        ns = policy->timeout_ns;
        end.outcome = DAG_TIMED_OUT;
        end.exit_code = DAG_EXIT_NONE;
        end.reason = g_strdup_printf("its timeout is %s",
                                     dag_duration_format(policy->timeout_ns, limit));
    } else {
        end.reason = g_strdup(attempt.reason);
    }
    end.end_ns = ns < INT64_MAX - sim->now_ns ? sim->now_ns + ns : INT64_MAX - 1;
    return end;
}

/* Let the attempt occupy a free unit until it ends; it began before, by `elapsed_ns`. */
static void
occupy_unit(Simulation *sim, const AttemptStart *start, int64_t elapsed_ns)
{
    DagOccupies occupies = dag_graph_task_kind(sim->core.graph, start->task)->occupies;
    uint32_t number = bit_set_next(&sim->free[occupies], 0);
    Unit *unit = &sim->units[occupies][number];

    bit_set_remove(&sim->free[occupies], number);
    unit->end = attempt_end(sim, start, (uint16_t)number);
    unit->end.end_ns = MAX(sim->now_ns, unit->end.end_ns - elapsed_ns);
    unit->node = (TimedNode){.time_ns = unit->end.end_ns, .tie = sim->n_started++};
    dag__timed_queue_insert(&sim->running, &unit->node);
}

/* Start every task that may start now on a unit of this kind. */
static void
start_tasks(Simulation *sim, DagOccupies occupies)
{
    AttemptStart start;

    while (dag__core_start(&sim->core, occupies, sim->now_ns, &start))
        occupy_unit(sim, &start, 0);
}

/* Set the states of the tasks that have ended, or run. */
static void
resume(Simulation *sim, const DagTaskProgress *progress)
{
    size_t n = dag_graph_n_tasks(sim->core.graph);
    ReadySet *ready = sim->core.ready;

    for (DagTaskId id = 0; id < n; id++) {
        if (progress[id].outcome != DAG_PENDING) {
            dag__ready_has_ended(ready, id, progress[id].outcome);
            dag__recorder_never_ran(&sim->core.recorder, id, progress[id].outcome, 0);
        }
    }
    for (DagTaskId id = 0; id < n; id++) {
        AttemptStart start = {.task = id, .attempt = 1};

        if (progress[id].outcome != DAG_PENDING || !progress[id].is_running ||
            !dag__ready_has_started(ready, id))
            continue;
        dag__recorder_started(&sim->core.recorder, id, 1, 0);
        occupy_unit(sim, &start, to_ns(progress[id].elapsed));
    }
}

/* Start every task that may start now.  A task that starts on a unit of one kind may release pools
 * that it had reserved for itself, so go round until nothing starts. */
static void
start_all_tasks(Simulation *sim)
{
    uint64_t n_before;

    do {
        n_before = sim->n_started;
        start_tasks(sim, DAG_OCCUPIES_WORKER);
        start_tasks(sim, DAG_OCCUPIES_CONNECTION);
    } while (sim->n_started > n_before);
}

static Unit *
unit_of(TimedNode *node)
{
    return (Unit *)(void *)((char *)node - offsetof(Unit, node));
}

/* End the attempt on the unit. */
static void
end_attempt(Simulation *sim, Unit *unit)
{
    DagOccupies occupies = dag_graph_task_kind(sim->core.graph, unit->end.task)->occupies;

    dag__timed_queue_remove(&sim->running, &unit->node);
    bit_set_add(&sim->free[occupies], unit->end.unit);
    dag__core_end(&sim->core, &unit->end);
}

/* Let an attempt end now, because the run has reached its time limit. */
static void
cut_attempt(Simulation *sim, Unit *unit)
{
    unit->end.end_ns = unit->node.time_ns = sim->now_ns;
    unit->end.outcome = DAG_CANCELLED;
    unit->end.exit_code = DAG_EXIT_NONE;
    g_clear_pointer(&unit->end.reason, g_free);
}

/* The run has reached its time limit: end all attempts now, except those of clean-ups. */
static void
end_run(Simulation *sim)
{
    g_autoptr(GPtrArray) units = g_ptr_array_new();

    sim->limit_ns = INT64_MAX;
    dag__core_stop(&sim->core, DAG_STOP_TIMEOUT);
    while (sim->running.n > 0) {
        g_ptr_array_add(units, unit_of(sim->running.nodes[0]));
        dag__timed_queue_remove(&sim->running, sim->running.nodes[0]);
    }
    for (guint i = 0; i < units->len; i++) {
        Unit *unit = g_ptr_array_index(units, i);

        if (!dag_graph_task_policy(sim->core.graph, unit->end.task)->always)
            cut_attempt(sim, unit);
        dag__timed_queue_insert(&sim->running, &unit->node);
    }
}

/* Deliver the events recorded so far. */
static void
deliver(Simulation *sim)
{
    Recorder *recorder = &sim->core.recorder;

    dag__events_deliver(recorder->events, recorder->run, sim->options->observers,
                        sim->options->n_observers);
}

/* Move the clock to the next event, and handle all events of that time.  Returns: false if there
 * are no more. */
static bool
step(Simulation *sim)
{
    int64_t end_ns = timed_queue_next_ns(&sim->running);
    int64_t ready_ns = dag__ready_next_ns(sim->core.ready);
    int64_t next_ns = MIN(end_ns, ready_ns);

    if (next_ns == INT64_MAX)
        return false;
    sim->now_ns = MAX(sim->now_ns, MIN(next_ns, sim->limit_ns));
    while (timed_queue_next_ns(&sim->running) <= sim->now_ns)
        end_attempt(sim, unit_of(sim->running.nodes[0]));
    /* A run that needs exactly its time has not run out of time. */
    if (sim->now_ns >= sim->limit_ns && !dag__ready_is_done(sim->core.ready))
        end_run(sim);
    return true;
}

/* A DagSearchLimits.give_up. */
static bool
is_cancelled(void *cancel)
{
    return dag_cancel_level(cancel) != DAG_CANCEL_NONE;
}

static void
simulation_init(Simulation *sim, const DagPlan *plan, const DagSimulateOptions *options)
{
    const DagGraph *graph = dag_plan_graph(plan);
    DagMachine machine = dag__machine_of(graph, options->n_workers, options->n_connections);
    unsigned n_units[DAG_N_OCCUPIES] = {
        [DAG_OCCUPIES_WORKER] = machine.n_workers,
        [DAG_OCCUPIES_CONNECTION] = machine.n_connections,
    };

    *sim = (Simulation){
        .plan = plan,
        .options = options,
        .limit_ns = options->timeout_ns > 0 ? options->timeout_ns : INT64_MAX,
    };
    for (int i = 0; i < DAG_N_OCCUPIES; i++) {
        sim->units[i] = g_new0(Unit, n_units[i]);
        sim->free[i] = bit_set_of(n_units[i]);
        for (uint32_t number = 0; number < n_units[i]; number++)
            bit_set_add(&sim->free[i], number);
    }
    dag__core_init(&sim->core, plan,
                   &(RunCoreOptions){
                       .setup = {.strategy = options->strategy ? options->strategy
                                                               : dag_strategies()[0],
                                 .seed = options->seed,
                                 .machine = machine,
                                 .keep_going = options->keep_going,
                                 .retries = options->retries,
                                 .timeout_ns = MAX(options->timeout_ns, 0),
                                 .is_simulated = true},
                       .search = {options->budget_ns, options->cancel ? is_cancelled : NULL,
                                  (void *)options->cancel},
                       .has_observers = options->n_observers > 0,
                       .random_seed = options->seed,
                       .clock = virtual_clock,
                       .clock_data = sim,
                   });
}

static void
simulation_clear(Simulation *sim)
{
    g_assert(sim->running.n == 0); /* so no unit has an attempt, or its reason */
    dag__core_clear(&sim->core);
    dag__timed_queue_clear(&sim->running);
    for (int i = 0; i < DAG_N_OCCUPIES; i++) {
        g_free(sim->units[i]);
        bit_set_clear(&sim->free[i]);
    }
}

DagRun *
dag_simulate(const DagPlan *plan, const DagSimulateOptions *options)
{
    static const DagSimulateOptions defaults;

    if (!options)
        options = &defaults;
    g_return_val_if_fail(plan, NULL);
    g_return_val_if_fail(options->observers || options->n_observers == 0, NULL);

    Simulation sim;
    DagRun *run;

    simulation_init(&sim, plan, options);
    if (options->progress)
        resume(&sim, options->progress);
    dag__core_begin(&sim.core);
    do {
        start_all_tasks(&sim);
        deliver(&sim);
    } while (step(&sim));
    dag__core_finish(&sim.core, 0);
    deliver(&sim);
    run = dag__recorder_take_run(&sim.core.recorder);
    simulation_clear(&sim);
    return run;
}
