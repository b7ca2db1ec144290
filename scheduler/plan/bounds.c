/* SPDX-License-Identifier: MIT */
#include "plan/bounds.h"

#include "plan/intervals.h"
#include "plan/ranks.h"

void
dag__work_init(Work *work, const DagGraph *graph, double second)
{
    size_t n_pools;

    dag_graph_pools(graph, &n_pools);
    *work = (Work){.second = second, .pools = g_new0(PoolWork, n_pools + 1)};
}

void
dag__work_clear(Work *work)
{
    g_free(work->pools);
}

/* Add the tokens of a task. */
static void
add_tokens(const Work *work, const DagGraph *graph, DagTaskId id, PoolWork *pool)
{
    double tokens = dag_graph_task_tokens(graph, id);

    if (work->is_measured && dag_graph_task_kind(graph, id)->counts_tokens)
        return;
    pool->tokens += tokens;
    pool->most_tokens = MAX(pool->most_tokens, tokens);
}

void
dag__work_add(Work *work, const DagGraph *graph, DagTaskId id, double duration)
{
    size_t n_uses;
    const DagUse *uses = dag_graph_task_uses(graph, id, &n_uses);

    if (duration < 0)
        return;
    if (dag_graph_task_kind(graph, id)->occupies == DAG_OCCUPIES_CONNECTION)
        work->connections += duration;
    else
        work->workers += duration;
    for (size_t i = 0; i < n_uses; i++) {
        PoolWork *pool = &work->pools[uses[i].pool];

        pool->slots += duration * uses[i].slots;
        add_tokens(work, graph, id, pool);
        if (pool->n_tasks++ == 0 || duration < pool->shortest)
            pool->shortest = duration;
    }
}

/* Return the time that `units` need for `work`; 0 units are without limit. */
static double
spread(double work, unsigned units)
{
    return units == 0 ? 0 : work / units;
}

double
dag__work_of_slots(const Work *work, const DagGraph *graph, uint32_t pool)
{
    size_t n_pools;
    const DagPool *pools = dag_graph_pools(graph, &n_pools);

    return spread(work->pools[pool].slots, pools[pool].slots);
}

/* Return the time that it takes for `amount` to come back at the rate, after which the shortest task starts; 0 if there is
 * no rate, or the pool has as much at once. */
static double
wait_for(const Work *work, const PoolWork *pool, double amount, DagRate rate)
{
    if (rate.count == 0 || amount <= 0)
        return 0;
    return amount * (double)rate.period_ns / rate.count / IN_NANOSECONDS * work->second +
           pool->shortest;
}

double
dag__work_of_rate(const Work *work, const DagGraph *graph, uint32_t pool)
{
    size_t n_pools;
    const DagPool *limit = &dag_graph_pools(graph, &n_pools)[pool];
    const PoolWork *of = &work->pools[pool];
    double by_starts = wait_for(work, of, (double)of->n_tasks - limit->burst, limit->rate);
    /* A task with more tokens than there are at once takes them from a full pool. */
    double at_once = MAX((double)limit->tokens.count, of->most_tokens);
    double by_tokens = wait_for(work, of, of->tokens - at_once, limit->tokens);

    return MAX(by_starts, by_tokens);
}

double
dag__work_of_pool(const Work *work, const DagGraph *graph, uint32_t pool)
{
    double by_slots = dag__work_of_slots(work, graph, pool);
    double by_rate = dag__work_of_rate(work, graph, pool);

    return MAX(by_slots, by_rate);
}

static void
raise_bound(DagBound *bound, double duration, DagBoundCause cause, uint32_t pool)
{
    if (duration > bound->duration)
        *bound = (DagBound){.duration = duration, .cause = cause, .pool = pool};
}

/* The bound without the pools. */
static DagBound
simple_bound(const Work *work, const DagMachine *machine, double chain)
{
    DagBound bound = {.duration = chain, .cause = DAG_BOUND_CHAIN};

    raise_bound(&bound, spread(work->workers, machine->n_workers), DAG_BOUND_WORKERS, 0);
    raise_bound(&bound, spread(work->connections, machine->n_connections),
                DAG_BOUND_CONNECTIONS, 0);
    return bound;
}

DagBound
dag__work_bound(const Work *work, const DagGraph *graph, const DagMachine *machine,
                double chain)
{
    DagBound bound = simple_bound(work, machine, chain);
    size_t n_pools;

    dag_graph_pools(graph, &n_pools);
    for (uint32_t pool = 0; pool < n_pools; pool++)
        raise_bound(&bound, dag__work_of_slots(work, graph, pool), DAG_BOUND_POOL, pool);
    for (uint32_t pool = 0; pool < n_pools; pool++)
        raise_bound(&bound, dag__work_of_rate(work, graph, pool), DAG_BOUND_RATE, pool);
    return bound;
}

/* Return true if the array is there, or the plan has no tasks to describe. */
static bool
is_given(const DagPlan *plan, const double *durations)
{
    return durations || dag_graph_n_tasks(dag_plan_graph(plan)) == 0;
}

DagBound
dag__plan_bound(const DagPlan *plan, const DagMachine *machine, const double *durations,
                double second)
{
    const DagGraph *graph = dag_plan_graph(plan);
    size_t n_tasks = dag_graph_n_tasks(graph);
    g_autofree double *ranks = g_new(double, n_tasks);
    double chain = 0;
    DagBound bound;
    Work work;

    dag__ranks(graph, durations, ranks);
    dag__work_init(&work, graph, second);
    for (DagTaskId id = 0; id < n_tasks; id++) {
        dag__work_add(&work, graph, id, durations[id]);
        chain = MAX(chain, ranks[id]);
    }
    bound = dag__work_bound(&work, graph, machine, chain);
    dag__work_clear(&work);
    return bound;
}

DagBound
dag_plan_bound(const DagPlan *plan, const DagMachine *machine, const double *durations)
{
    g_return_val_if_fail(plan && machine && is_given(plan, durations), (DagBound){0});
    return dag__plan_bound(plan, machine, durations, IN_SECONDS);
}

DagBound
dag_plan_best_bound(const DagPlan *plan, const DagMachine *machine)
{
    g_return_val_if_fail(plan && machine, (DagBound){0});

    size_t n_tasks = dag_graph_n_tasks(dag_plan_graph(plan));
    g_autofree double *costs = g_new0(double, n_tasks + 1);
    DagBound bound;

    for (DagTaskId id = 0; id < n_tasks; id++)
        costs[id] = dag_plan_cost(plan, id);
    bound = dag_plan_bound(plan, machine, costs);
    dag__raise_by_intervals(dag_plan_graph(plan), costs,
                            &(IntervalLimits){.n_workers = machine->n_workers,
                                              .quantum = dag__quantum(costs, n_tasks),
                                              .pass_steps = 2e6,
                                              .n_passes = 50},
                            &bound);
    return bound;
}

double
dag_plan_guarantee(const DagPlan *plan, unsigned n_workers)
{
    g_return_val_if_fail(plan && n_workers > 0, 0);

    const DagGraph *graph = dag_plan_graph(plan);
    size_t n_uses;

    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++) {
        dag_graph_task_uses(graph, id, &n_uses);
        if (n_uses > 0 || dag_graph_task_kind(graph, id)->occupies != DAG_OCCUPIES_WORKER)
            return 0;
    }
    return 2 - 1.0 / n_workers;
}

/*
 * Return the bound of one phase.  Its tasks do not depend on each other, so its longest chain is
 * its longest task.  `work` is empty before and after; only the pools that the phase uses are
 * visited, since there may be many phases and many pools.
 */
static double
phase_bound(const DagGraph *graph, DagIds tasks, const DagMachine *machine,
            const double *durations, Work *work)
{
    double longest = 0, bound;
    size_t n_uses;

    for (size_t i = 0; i < tasks.n; i++) {
        dag__work_add(work, graph, tasks.ids[i], durations[tasks.ids[i]]);
        longest = MAX(longest, durations[tasks.ids[i]]);
    }
    bound = simple_bound(work, machine, longest).duration;
    for (size_t i = 0; i < tasks.n; i++) {
        const DagUse *uses = dag_graph_task_uses(graph, tasks.ids[i], &n_uses);

        for (size_t u = 0; u < n_uses; u++) {
            bound = MAX(bound, dag__work_of_pool(work, graph, uses[u].pool));
            work->pools[uses[u].pool] = (PoolWork){0};
        }
    }
    work->workers = work->connections = 0;
    return bound;
}

double
dag_plan_bound_by_phase(const DagPlan *plan, const DagMachine *machine,
                        const double *durations)
{
    g_return_val_if_fail(plan && machine && is_given(plan, durations), 0);

    const DagGraph *graph = dag_plan_graph(plan);
    double sum = 0, at_once;
    Work work;

    dag__work_init(&work, graph, IN_SECONDS);
    for (uint32_t phase = 0; phase < dag_plan_n_phases(plan); phase++)
        sum += phase_bound(graph, dag_plan_phase_tasks(plan, phase), machine, durations,
                           &work);
    dag__work_clear(&work);
    /* A rate is not fresh again with each phase. */
    at_once = dag_plan_bound(plan, machine, durations).duration;
    return MAX(sum, at_once);
}
