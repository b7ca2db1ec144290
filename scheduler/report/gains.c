/* SPDX-License-Identifier: MIT */
/*
 * Two simulations for each task, one with half its cost and one without any.  With few workers a
 * shorter task may even make a run longer (Graham, 1969), so the plan alone cannot tell.
 */
#include "report/gains.h"

#include <dagrun/replay.h>
#include <dagrun/simulate.h>

/* Simulated tasks of all simulations together: about a second. */
#define BUDGET 1000000

/* A task that takes a share of its time in a simulation. */
typedef struct Change {
    DagTaskId task;
    double share;
    DagReplay *replay; /* or NULL */
} Change;

static DagSimulatedAttempt
changed_cost(const DagPlan *plan, DagTaskId id, unsigned attempt, void *data)
{
    const Change *change = data;
    DagSimulatedAttempt result = {
        .seconds = dag_plan_cost(plan, id),
        .outcome = DAG_SUCCEEDED,
        .exit_code = DAG_EXIT_NONE,
    };

    if (change->replay)
        result = dag_replay_attempt(plan, id, attempt, change->replay);
    if (id == change->task)
        result.seconds *= change->share;
    return result;
}

/* Return the simulated makespan in seconds. */
static double
makespan(const DagPlan *plan, Gains *gains, Change change)
{
    DagSimulateOptions options = {0};

    if (gains->replay)
        options = dag_replay_options(gains->replay);
    options.strategy = gains->strategy;
    options.n_workers = gains->n_workers;
    options.n_connections = gains->n_connections;
    options.attempt = changed_cost;
    options.data = &change;
    change.replay = gains->replay;

    g_autoptr(DagRun) run = dag_simulate(plan, &options);

    gains->n_workers = dag_run_n_workers(run);
    return (double)dag_run_makespan_ns(run) / 1e9;
}

/* A task of the critical path and its place in it. */
typedef struct Candidate {
    double cost;
    size_t place;
} Candidate;

/* The costliest first; then by place. */
static int
compare_candidates(gconstpointer a, gconstpointer b)
{
    const Candidate *x = a, *y = b;

    if (x->cost != y->cost)
        return x->cost > y->cost ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

/* Simulate the plan with shorter tasks, the costliest of them, as long as the budget lasts. */
static void
simulate(Gains *gains, const DagPlan *plan)
{
    DagIds path = dag_plan_critical_path(plan);
    size_t n_affordable = BUDGET / dag_graph_n_tasks(dag_plan_graph(plan)) / 2;
    g_autofree Candidate *candidates = g_new(Candidate, path.n);

    for (size_t i = 0; i < path.n; i++)
        candidates[i] = (Candidate){dag_plan_cost(plan, path.ids[i]), i};
    qsort(candidates, path.n, sizeof(*candidates), compare_candidates);
    /* A strategy that searches takes its time each time. */
    for (size_t i = 0; !gains->strategy->solve && i < MIN(path.n, n_affordable); i++) {
        Gain *gain = &gains->of[candidates[i].place];
        DagTaskId task = path.ids[candidates[i].place];
        double half = makespan(plan, gains, (Change){task, 0.5, NULL});
        double none = makespan(plan, gains, (Change){task, 0, NULL});

        gain->is_simulated = true;
        gain->run_half = gains->makespan - half;
        gain->run_none = gains->makespan - none;
        gains->n_simulated++;
    }
}

Gains *
dag__gains_new(const DagPlan *plan, const DagExplanation *explanation,
               const DagExplainOptions *options)
{
    DagIds path = dag_plan_critical_path(plan);
    Gains *gains = g_new0(Gains, 1);

    gains->of = g_new0(Gain, path.n);
    gains->n = path.n;
    gains->strategy = options->strategy ? options->strategy : dag_strategies()[0];
    gains->n_workers = options->n_workers > 0 ? options->n_workers : dag_default_workers();
    gains->n_connections = options->n_connections;
    gains->replay = options->replay;
    for (size_t i = 0; i < path.n; i++) {
        double cost = dag_plan_cost(plan, path.ids[i]);

        gains->of[i].path_half = MIN(cost / 2, explanation->headrooms[i]);
        gains->of[i].path_none = MIN(cost, explanation->headrooms[i]);
    }
    gains->makespan = makespan(plan, gains, (Change){DAG_TASK_NONE, 1, NULL});
    if (path.n > 0)
        simulate(gains, plan);
    return gains;
}

void
dag__gains_free(Gains *gains)
{
    if (!gains)
        return;
    g_free(gains->of);
    g_free(gains);
}
