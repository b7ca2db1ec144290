/* SPDX-License-Identifier: MIT */
/*
 * Optimal: search for a schedule that is as short as possible, and for the proof that it is.
 * Graphs with rates or very many tasks are scheduled as critical-path does.  Loses when costs are wrong: the schedule is exact for durations that do not come true.
 */
#include "strategies/optimal/realize.h"
#include "strategies/optimal/solver.h"
#include "strategies/strategies.h"
#include "strategies/unlike/unlike.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_BUDGET_NS INT64_C(1000000000)
#define NS_PER_SECOND     1e9
#define MAX_WORK_NS       (INT64_C(1) << 55) /* a year, in total */

/* A task of the graph, with the values by which tasks are sorted. */
typedef struct Place {
    DagTaskId id;
    int64_t start; /* in the schedule */
    /* A task that takes none goes first; with limits, all seem to take some. */
    bool takes_time;
    uint32_t phase; /* successors are in later phases */
    double rank;
    /* Tasks of the same rank in a chain behind it, if it takes no time. */
    uint32_t n_untimed;
    size_t position; /* in the order of declaration */
} Place;

/* The graph as a problem: tasks that take time, or all if there are limits, are numbered by phase. */
typedef struct Translation {
    const DagPlan *plan;
    size_t n_tasks;
    Place *places; /* [n_tasks], by phase */
    /* [n_tasks]: of the problem; UINT32_MAX for tasks that are not part of it. */
    uint32_t *number;
    DagTaskId *id_of; /* [n_tasks] */
    int64_t unit_ns;  /* of the problem */
    Problem *problem;
} Translation;

static int64_t
cost_ns(const DagPlan *plan, DagTaskId id)
{
    return (int64_t)MIN(dag_plan_cost(plan, id) * NS_PER_SECOND + 0.5, (double)MAX_WORK_NS);
}

/* Return the sum of all costs, or MAX_WORK_NS if it is too large. */
static int64_t
work_ns(const DagPlan *plan)
{
    int64_t work = 0;

    for (DagTaskId id = 0; id < dag_graph_n_tasks(dag_plan_graph(plan)); id++)
        work = MIN(work + cost_ns(plan, id), MAX_WORK_NS);
    return work;
}

/* Return whether tasks need anything other than a worker, or have priorities. */
static bool
has_limits(const DagGraph *graph)
{
    size_t n_uses;

    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++) {
        dag_graph_task_uses(graph, id, &n_uses);
        if (n_uses > 0 ||
            dag_graph_task_kind(graph, id)->occupies == DAG_OCCUPIES_CONNECTION)
            return true;
    }
    return dag_graph_has_priorities(graph);
}

/* Return whether the search knows the pools: there are not too many, and none has a rate. */
static bool
are_pools_known(const DagGraph *graph)
{
    size_t n_pools;
    const DagPool *pools = dag_graph_pools(graph, &n_pools);

    for (size_t i = 0; i < n_pools; i++)
        if (pools[i].rate.count > 0)
            return false;
    return n_pools <= PROBLEM_MAX_LIMITS - N_LIMITS_OF_UNITS;
}

/* Return whether the search knows everything on which the graph's schedule depends. */
static bool
is_searchable(const DagPlan *plan)
{
    const DagGraph *graph = dag_plan_graph(plan);
    int64_t work = work_ns(plan);

    return dag_graph_n_tasks(graph) <= PROBLEM_MAX_TASKS && work > 0 &&
           work < MAX_WORK_NS && are_pools_known(graph);
}

static int
compare_phases(const void *left, const void *right)
{
    const Place *a = left, *b = right;

    if (a->phase != b->phase)
        return a->phase < b->phase ? -1 : 1;
    return a->id < b->id ? -1 : 1;
}

static int
compare_ranks(const void *left, const void *right)
{
    const Place *a = left, *b = right;

    if (a->rank != b->rank)
        return a->rank > b->rank ? -1 : 1;
    if (a->n_untimed != b->n_untimed)
        return a->n_untimed > b->n_untimed ? -1 : 1;
    return a->position < b->position ? -1 : 1;
}

static int
compare_starts(const void *left, const void *right)
{
    const Place *a = left, *b = right;

    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    if (a->takes_time != b->takes_time)
        return a->takes_time ? 1 : -1;
    return compare_phases(left, right);
}

static Place *
places_of(const DagPlan *plan, size_t n)
{
    Place *places = g_new(Place, n + 1); /* not NULL */

    for (DagTaskId id = 0; id < n; id++)
        places[id] = (Place){.id = id,
                             .takes_time = cost_ns(plan, id) > 0,
                             .phase = dag_plan_phase(plan, id),
                             .rank = dag_plan_rank(plan, id),
                             .position = dag_graph_position(dag_plan_graph(plan), id)};
    return places;
}

/* Return places[n] in the order of critical-path, but each after its predecessors: a task that takes no
 * time has the rank of a successor, which may be declared before it. */
static Place *
places_by_rank(const DagPlan *plan, size_t n)
{
    const DagGraph *graph = dag_plan_graph(plan);
    Place *places = places_of(plan, n);

    for (size_t id = n; id-- > 0;) {
        DagIds succs = dag_graph_successors(graph, (DagTaskId)id);

        for (size_t s = 0; s < succs.n; s++) {
            const Place *succ = &places[succs.ids[s]];

            if (succ->rank == places[id].rank)
                places[id].n_untimed = MAX(places[id].n_untimed, succ->n_untimed + 1);
        }
    }
    qsort(places, n, sizeof(Place), compare_ranks);
    return places;
}

static int64_t
greatest_common_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

/* Fill the descendants of each task of the problem, from the last phase to the first. */
static void
fill_descendants(Translation *it)
{
    const DagGraph *graph = dag_plan_graph(it->plan);
    Problem *problem = it->problem;
    size_t n_words = problem->n_words;
    /* [n_tasks] sets, also of tasks that take no time */
    g_autofree uint64_t *sets = g_new0(uint64_t, it->n_tasks * n_words);

    for (size_t i = it->n_tasks; i-- > 0;) {
        DagTaskId id = it->places[i].id;
        DagIds succs = dag_graph_successors(graph, id);
        uint64_t *set = sets + id * n_words;

        for (size_t s = 0; s < succs.n; s++) {
            const uint64_t *onward = sets + succs.ids[s] * n_words;

            for (size_t w = 0; w < n_words; w++)
                set[w] |= onward[w];
            if (it->number[succs.ids[s]] != UINT32_MAX)
                task_set_add(set, it->number[succs.ids[s]]);
        }
        if (it->number[id] != UINT32_MAX)
            memcpy(problem_descendants(problem, it->number[id]), set,
                   n_words * sizeof(uint64_t));
    }
}

/* Fill the needs of a task of the problem. */
static void
fill_needs(const Translation *it, uint32_t number)
{
    const DagGraph *graph = dag_plan_graph(it->plan);
    Problem *problem = it->problem;
    DagTaskId id = it->id_of[number];
    uint32_t *need = problem->need + (size_t)number * problem->n_limits;
    size_t n_uses, n_pools;
    const DagUse *uses = dag_graph_task_uses(graph, id, &n_uses);
    const DagPool *pools = dag_graph_pools(graph, &n_pools);

    need[dag_graph_task_kind(graph, id)->occupies == DAG_OCCUPIES_CONNECTION
             ? LIMIT_OF_CONNECTIONS
             : LIMIT_OF_WORKERS] = 1;
    for (size_t i = 0; i < n_uses; i++)
        if (pools[uses[i].pool].slots > 0) {
            need[N_LIMITS_OF_UNITS + uses[i].pool] = uses[i].slots;
            problem->pools[number] |= UINT64_C(1) << (N_LIMITS_OF_UNITS + uses[i].pool);
        }
}

/* Return the units of a limit: 0 are without limit; more than all tasks need at once are not needed. */
static uint32_t
units_of(const Problem *problem, uint32_t limit, uint32_t declared)
{
    uint32_t n = 1;

    for (uint32_t i = 0; i < problem->n; i++)
        n += MIN(problem_needs(problem, i)[limit], UINT32_MAX - n);
    return declared == 0 ? n : MIN(declared, n);
}

static void
fill_limits(Translation *it, const DagMachine *machine)
{
    const DagGraph *graph = dag_plan_graph(it->plan);
    Problem *problem = it->problem;
    size_t n_pools;
    const DagPool *pools = dag_graph_pools(graph, &n_pools);

    problem_set_limits(problem, N_LIMITS_OF_UNITS + (uint32_t)n_pools);
    for (uint32_t i = 0; i < problem->n; i++)
        fill_needs(it, i);
    problem->limit[LIMIT_OF_WORKERS] =
        units_of(problem, LIMIT_OF_WORKERS, machine->n_workers);
    problem->limit[LIMIT_OF_CONNECTIONS] =
        units_of(problem, LIMIT_OF_CONNECTIONS, machine->n_connections);
    for (uint32_t i = 0; i < n_pools; i++)
        problem->limit[N_LIMITS_OF_UNITS + i] =
            units_of(problem, N_LIMITS_OF_UNITS + i, pools[i].slots);
    if (!dag_graph_has_priorities(graph))
        return;
    problem->priority = g_new(int32_t, problem->n + 1);
    for (uint32_t i = 0; i < problem->n; i++)
        problem->priority[i] = dag_graph_task_priority(graph, it->id_of[i]);
}

/* Return whether work, multiplied by units, fits in 64 bits. */
static bool
is_small(const Problem *problem)
{
    uint32_t most = 4 * PROBLEM_MAX_TASKS + PROBLEM_MAX_LIMITS;

    for (uint32_t i = 0; i < problem->n_limits; i++)
        most = MAX(most, problem->limit[i]);
    return problem->work <= INT64_MAX / most;
}

static void
translate(Translation *it, const DagPlan *plan, const DagMachine *machine)
{
    uint32_t n = 0;
    unsigned n_workers = machine->n_workers;
    bool keeps_all = has_limits(dag_plan_graph(plan));

    it->plan = plan;
    it->n_tasks = dag_graph_n_tasks(dag_plan_graph(plan));
    it->places = places_of(plan, it->n_tasks);
    it->number = g_new(uint32_t, it->n_tasks);
    it->id_of = g_new(DagTaskId, it->n_tasks);
    it->unit_ns = 0;
    qsort(it->places, it->n_tasks, sizeof(Place), compare_phases);
    for (size_t i = 0; i < it->n_tasks; i++) {
        DagTaskId id = it->places[i].id;

        it->places[i].takes_time |= keeps_all;
        it->number[id] = it->places[i].takes_time ? n : UINT32_MAX;
        if (!it->places[i].takes_time)
            continue;
        it->id_of[n++] = id;
        it->unit_ns = greatest_common_divisor(cost_ns(plan, id), it->unit_ns);
    }
    it->problem = problem_new(n, n_workers == 0 ? n : MIN(n_workers, n));
    for (uint32_t i = 0; i < n; i++)
        it->problem->duration[i] = cost_ns(plan, it->id_of[i]) / it->unit_ns;
    fill_descendants(it);
    if (keeps_all)
        fill_limits(it, machine);
    problem_finish(it->problem);
}

static void
translation_clear(Translation *it)
{
    g_free(it->places);
    g_free(it->number);
    g_free(it->id_of);
    problem_free(it->problem);
}

/* Return the tasks of the problem in the order of places[n_tasks], as far as priorities allow. */
static Turn *
turns_of(const Translation *it, const Place *places)
{
    Turn *turns = g_new0(Turn, it->problem->n + 1);
    uint32_t n = 0;

    for (size_t i = 0; i < it->n_tasks; i++)
        if (it->number[places[i].id] != UINT32_MAX) {
            turns[n] = (Turn){-(int64_t)n, it->number[places[i].id], 0};
            n++;
        }
    turns_set_priorities(it->problem, turns);
    turns_sort(turns, n);
    return turns;
}

/* Fill the order and the holds of the schedule from the starts of the problem's tasks. */
static void
fill_schedule(const Translation *it, int64_t *start, DagSchedule *schedule_out)
{
    const DagGraph *graph = dag_plan_graph(it->plan);
    g_autoptr(GArray) holds = realize(it->problem, start);
    g_autofree int64_t *end = g_new0(int64_t, it->n_tasks);

    for (size_t i = 0; i < it->n_tasks; i++) {
        Place *place = &it->places[i];
        DagIds preds = dag_graph_predecessors(graph, place->id);

        if (place->takes_time)
            place->start = start[it->number[place->id]];
        else
            for (size_t p = 0; p < preds.n; p++)
                place->start = MAX(place->start, end[preds.ids[p]]);
        end[place->id] =
            place->start +
            (place->takes_time ? it->problem->duration[it->number[place->id]] : 0);
    }
    qsort(it->places, it->n_tasks, sizeof(Place), compare_starts);
    for (size_t i = 0; i < it->n_tasks; i++)
        schedule_out->order[i] = it->places[i].id;
    schedule_out->holds = g_new(DagHold, holds->len);
    schedule_out->n_holds = holds->len;
    for (uint32_t i = 0; i < holds->len; i++) {
        Hold hold = g_array_index(holds, Hold, i);

        schedule_out->holds[i] = (DagHold){it->id_of[hold.task], it->id_of[hold.after]};
    }
}

/* Order the tasks as critical-path does. */
static void
order_by_rank(const DagPlan *plan, DagSchedule *schedule_out)
{
    size_t n = dag_graph_n_tasks(dag_plan_graph(plan));
    g_autofree Place *places = places_by_rank(plan, n);

    for (size_t i = 0; i < n; i++)
        schedule_out->order[i] = places[i].id;
}

/* Find a schedule, no longer than that of critical-path.  If tasks that take no time have limits or priorities,
 * its order may not be one of a schedule; then it is tried beside the nearest one. */
static Solution
search_within(const Translation *it, const DagSearchLimits *limits)
{
    g_autofree Place *by_rank = places_by_rank(it->plan, it->n_tasks);
    g_autofree Place *exact = places_of(it->plan, it->n_tasks);
    g_autofree Turn *first = turns_of(it, by_rank), *second = NULL;

    qsort(exact, it->n_tasks, sizeof(Place), compare_ranks);
    second = turns_of(it, exact);
    return solution_of(it->problem, first, second, limits);
}

/* Do as critical-path. */
static void
fall_back(const DagPlan *plan, const DagMachine *machine, DagSchedule *schedule_out)
{
    size_t n = dag_graph_n_tasks(dag_plan_graph(plan));
    g_autofree double *costs = g_new(double, n);

    order_by_rank(plan, schedule_out);
    for (size_t i = 0; i < n; i++)
        costs[i] = dag_plan_cost(plan, (DagTaskId)i);
    schedule_out->lower_bound = dag_plan_bound(plan, machine, costs).duration;
}

static void
solve_optimal(const DagPlan *plan, const DagMachine *machine, const DagSearchLimits *limits,
              DagSchedule *schedule_out)
{
    DagSearchLimits own = *limits;
    Translation it;
    Solution solution;

    if (!is_searchable(plan)) {
        fall_back(plan, machine, schedule_out);
        return;
    }
    translate(&it, plan, machine);
    if (!is_small(it.problem)) {
        translation_clear(&it);
        fall_back(plan, machine, schedule_out);
        return;
    }
    if (own.budget_ns <= 0)
        own.budget_ns = DEFAULT_BUDGET_NS;
    solution = search_within(&it, &own);
    if (solution.is_first && it.problem->n_limits > 0)
        order_by_rank(plan, schedule_out);
    else
        fill_schedule(&it, solution.start, schedule_out);
    schedule_out->lower_bound = (double)(solution.bound * it.unit_ns) / NS_PER_SECOND;
    schedule_out->is_optimal = solution.bound == solution.makespan;
    schedule_out->is_over_budget = !schedule_out->is_optimal;
    g_free(solution.start);
    translation_clear(&it);
}

const DagStrategy dag__strategy_optimal = {
    .name = "optimal",
    .summary = "no barrier; the shortest schedule that a search finds",
    .source = "branch and bound",
    .release = DAG_RELEASE_READY,
    .order = DAG_ORDER_KEY,
    .solve = solve_optimal,
    .place = dag__place_optimal,
};
