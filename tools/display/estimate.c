/* SPDX-License-Identifier: MIT */
/*
 * Costs give relative durations.  The tasks that have ended give the scale: measured seconds per
 * second of cost.  The rest of the run is simulated with the strategy, from where it stands.  A
 * strategy that searches is simulated as critical-path, since a search takes its time.  For a huge graph,
 * the estimate is the lower bound of the remaining time (dag_plan_bound()), since a list schedule is
 * seldom much longer (Graham, 1969); with a barrier it is the sum over phases.
 *
 * There is no estimate if the cost of an unfinished task is unknown, if too few tasks have ended,
 * if measured durations deviate too much from costs, or if a task runs much longer than expected.
 */
#include "display/estimate.h"

#include <dagrun/simulate.h>
#include <math.h>

/* Share of the total cost that must have ended. */
#define MIN_SHARE 0.1
/* Largest total deviation from the scaled costs, as a share of the time measured. */
#define MAX_DEVIATION 0.5
/* A task is overdue after this many times its expected duration, plus one second for start-up. */
#define OVERDUE_FACTOR 2

/* Return the cost, or a negative number if it is unknown.  Tiny kinds need no cost. */
static double
cost_of(const DagPlan *plan, DagTaskId id)
{
    if (dag_plan_cost_is_known(plan, id))
        return dag_plan_cost(plan, id);
    return dag_graph_task_kind(dag_plan_graph(plan), id)->is_tiny ? 0 : -1;
}

/* Return the seconds per second of cost, or a negative number if they are unknown. */
static double
scale_of(const Estimate *estimate)
{
    const DagGraph *graph = dag_plan_graph(estimate->plan);
    double all = 0, ran = 0, spent = 0, deviation = 0;

    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++) {
        const EstimateTask *task = &estimate->tasks[id];
        double cost = MAX(cost_of(estimate->plan, id), 0);

        all += task->state <= ESTIMATE_SUCCEEDED ? cost : 0;
        ran += task->state == ESTIMATE_SUCCEEDED ? cost : 0;
        spent += task->state == ESTIMATE_SUCCEEDED && cost > 0 ? task->seconds : 0;
    }
    if (ran <= 0 || ran < MIN_SHARE * all)
        return -1;
    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++) {
        const EstimateTask *task = &estimate->tasks[id];
        double cost = MAX(cost_of(estimate->plan, id), 0);

        if (task->state == ESTIMATE_SUCCEEDED && cost > 0)
            deviation += fabs(task->seconds - cost * spent / ran);
    }
    return deviation > MAX_DEVIATION * spent ? -1 : spent / ran;
}

/* Return the remaining seconds of a task, or a negative number if they are unknown. */
static double
seconds_of(const Estimate *estimate, DagTaskId id, double scale)
{
    const EstimateTask *task = &estimate->tasks[id];
    double cost = cost_of(estimate->plan, id), expected = cost * scale;

    if (task->state >= ESTIMATE_SUCCEEDED)
        return 0;
    if (cost < 0)
        return -1;
    if (task->state == ESTIMATE_WAITING)
        return expected;
    return task->seconds > OVERDUE_FACTOR * expected + 1 ? -1
                                                         : MAX(expected - task->seconds, 0);
}

/* Fill left_out[n_tasks].
 * Returns: false if the remaining time of a task is unknown. */
static bool
fill_seconds(const Estimate *estimate, double *left_out)
{
    double scale = scale_of(estimate);

    if (scale < 0)
        return false;
    for (DagTaskId id = 0; id < dag_graph_n_tasks(dag_plan_graph(estimate->plan)); id++) {
        left_out[id] = seconds_of(estimate, id, scale);
        if (left_out[id] < 0)
            return false;
    }
    return true;
}

/* A DagSimulateOptions.attempt; `data` is left[n_tasks]. */
static DagSimulatedAttempt
rest_of(G_GNUC_UNUSED const DagPlan *plan, DagTaskId id, G_GNUC_UNUSED unsigned attempt,
        void *data)
{
    const double *left = data;

    return (DagSimulatedAttempt){
        .seconds = left[id], .outcome = DAG_SUCCEEDED, .exit_code = DAG_EXIT_NONE};
}

/* Return how far a task is.  Tasks that did not succeed, and those behind them, have ended. */
static DagTaskProgress
progress_of(const EstimateTask *task)
{
    static const DagOutcome outcomes[] = {
        [ESTIMATE_WAITING] = DAG_PENDING,     [ESTIMATE_RUNNING] = DAG_PENDING,
        [ESTIMATE_SUCCEEDED] = DAG_SUCCEEDED, [ESTIMATE_REUSED] = DAG_SUCCEEDED,
        [ESTIMATE_UNUSABLE] = DAG_FAILED,
    };

    return (DagTaskProgress){.outcome = outcomes[task->state],
                             .is_running = task->state == ESTIMATE_RUNNING};
}

/* Simulate the rest of the run, in which each task takes left[n_tasks]. */
static double
simulated_seconds(const Estimate *estimate, double *left)
{
    size_t n = dag_graph_n_tasks(dag_plan_graph(estimate->plan));
    g_autofree DagTaskProgress *progress = g_new(DagTaskProgress, n + 1);
    const DagStrategy *strategy = estimate->strategy;

    for (DagTaskId id = 0; id < n; id++)
        progress[id] = progress_of(&estimate->tasks[id]);
    g_autoptr(DagRun) run = dag_simulate(
        estimate->plan,
        &(DagSimulateOptions){
            .strategy = strategy->solve ? dag_strategy_find("critical-path") : strategy,
            .n_workers = estimate->machine.n_workers,
            .n_connections = estimate->machine.n_connections,
            .seed = estimate->seed,
            .keep_going = true,
            .attempt = rest_of,
            .data = left,
            .progress = progress,
        });

    return (double)dag_run_duration_ns(run) / 1e9;
}

double
estimate_seconds_left(const Estimate *estimate)
{
    size_t n = dag_graph_n_tasks(dag_plan_graph(estimate->plan));
    g_autofree double *left = g_new(double, n + 1);

    if (!fill_seconds(estimate, left))
        return -1;
    if (n <= ESTIMATE_MAX_SIMULATED)
        return simulated_seconds(estimate, left);
    return estimate->strategy->release == DAG_RELEASE_PHASE
               ? dag_plan_bound_by_phase(estimate->plan, &estimate->machine, left)
               : dag_plan_bound(estimate->plan, &estimate->machine, left).duration;
}

void
estimate_append(double seconds, GString *out)
{
    static const char *const units[] = {"s", "min", "h"};
    double value = seconds;
    size_t unit = 0;

    if (seconds < 1)
        return;
    for (; unit + 1 < G_N_ELEMENTS(units) && value >= 97.5; unit++)
        value /= 60;
    if (unit == 0 && value >= 9.5)
        value = round(value / 5) * 5; /* it is not more precise */
    else if (unit == 0 || value >= 9.75)
        value = round(value);
    else
        value = round(value * 10) / 10;
    g_string_append_printf(out, "about %g %s", value, units[unit]);
}
