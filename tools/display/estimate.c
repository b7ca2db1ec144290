/* SPDX-License-Identifier: MIT */
/*
 * Costs say how tasks compare, finished tasks how long a second of cost takes here and now.  The
 * rest cannot be shorter than its longest chain, nor than all its work spread over the workers;
 * with a barrier that holds for each phase.  A list schedule is seldom much longer (Graham, 1969).
 *
 * It is a guess, and not told, when the cost of a task that is still to end is not known, when
 * little has ended yet, when durations have had little to do with costs so far, and when a task
 * runs for much longer than its cost says: nobody knows when it will end.
 */
#include "display/estimate.h"

#include <math.h>

/* The share of all costs that must have ended. */
#define ENOUGH 0.1
/* The share of the time spent that costs may have been off by. */
#define OFF 0.5
/* A task may take this many times as long as expected, and a second, for what starting takes. */
#define OVERDUE 2

/* Returns: the cost, below 0 if not known.  What never takes long needs none. */
static double
cost_of(const DagPlan *plan, DagTaskId id)
{
    if (dag_plan_cost_is_known(plan, id))
        return dag_plan_cost(plan, id);
    return dag_graph_task_kind(dag_plan_graph(plan), id)->is_tiny ? 0 : -1;
}

/* Returns: seconds per second of cost; below 0 if not known. */
static double
scale_of(const Estimate *estimate)
{
    const DagGraph *graph = dag_plan_graph(estimate->plan);
    double all = 0, ran = 0, spent = 0, off = 0;

    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++) {
        const EstimateTask *task = &estimate->tasks[id];
        double cost = MAX(cost_of(estimate->plan, id), 0);

        all += task->state == ESTIMATE_OUT ? 0 : cost;
        ran += task->state == ESTIMATE_RAN ? cost : 0;
        spent += task->state == ESTIMATE_RAN && cost > 0 ? task->seconds : 0;
    }
    if (ran <= 0 || ran < ENOUGH * all)
        return -1;
    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++) {
        const EstimateTask *task = &estimate->tasks[id];
        double cost = MAX(cost_of(estimate->plan, id), 0);

        if (task->state == ESTIMATE_RAN && cost > 0)
            off += fabs(task->seconds - cost * spent / ran);
    }
    return off > OFF * spent ? -1 : spent / ran;
}

/* Returns: the seconds that a task still takes; below 0 if not known. */
static double
seconds_of(const Estimate *estimate, DagTaskId id, double scale)
{
    const EstimateTask *task = &estimate->tasks[id];
    double cost = cost_of(estimate->plan, id), expected = cost * scale;

    if (task->state == ESTIMATE_RAN || task->state == ESTIMATE_OUT)
        return 0;
    if (cost < 0)
        return -1;
    if (task->state == ESTIMATE_WAITS)
        return expected;
    return task->seconds > OVERDUE * expected + 1 ? -1 : MAX(expected - task->seconds, 0);
}

/* Returns: whether left_out[n_tasks] could be filled. */
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

static double
left_by_phase(const Estimate *estimate, const double *left)
{
    double sum = 0;

    for (uint32_t phase = 0; phase < dag_plan_n_phases(estimate->plan); phase++) {
        DagIds tasks = dag_plan_phase_tasks(estimate->plan, phase);
        double work = 0, longest = 0;

        for (size_t i = 0; i < tasks.n; i++) {
            work += left[tasks.ids[i]];
            longest = MAX(longest, left[tasks.ids[i]]);
        }
        sum += MAX(longest, work / estimate->n_workers);
    }
    return sum;
}

/* Makes ranks of `left`: successors have larger numbers, so theirs are there already. */
static double
left_by_chain(const Estimate *estimate, double *left)
{
    const DagGraph *graph = dag_plan_graph(estimate->plan);
    double work = 0, longest = 0;

    for (DagTaskId id = (DagTaskId)dag_graph_n_tasks(graph); id-- > 0;) {
        DagIds succs = dag_graph_successors(graph, id);
        double after = 0;

        for (size_t s = 0; s < succs.n; s++)
            after = MAX(after, left[succs.ids[s]]);
        work += left[id];
        left[id] += after;
        longest = MAX(longest, left[id]);
    }
    return MAX(longest, work / estimate->n_workers);
}

double
estimate_seconds_left(const Estimate *estimate)
{
    size_t n = dag_graph_n_tasks(dag_plan_graph(estimate->plan));
    g_autofree double *left = g_new(double, n);

    if (!fill_seconds(estimate, left))
        return -1;
    return estimate->has_barrier ? left_by_phase(estimate, left)
                                 : left_by_chain(estimate, left);
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
        value = round(value / 5) * 5; /* nobody knows it any better */
    else if (unit == 0 || value >= 9.75)
        value = round(value);
    else
        value = round(value * 10) / 10;
    g_string_append_printf(out, "about %g %s", value, units[unit]);
}
