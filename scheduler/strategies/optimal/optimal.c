/* SPDX-License-Identifier: MIT */
/*
 * Optimal: search for a schedule that is as short as possible, and for the proof that it is.
 * Graphs with pools, connections, priorities or very many tasks are scheduled as critical-path
 * does.  Loses when costs are wrong: the schedule is exact for durations that do not come true.
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
    int64_t start;   /* in the schedule */
    bool takes_time; /* a task that takes none goes first */
    uint32_t phase;  /* successors are in later phases */
    double rank;
} Place;

/* The graph as a problem: tasks that take time are numbered by phase. */
typedef struct Translation {
    const DagPlan *plan;
    size_t n_tasks;
    Place *places; /* [n_tasks], by phase */
    uint32_t
        *number; /* [n_tasks]: of the problem; UINT32_MAX for tasks that take no time */
    DagTaskId *id_of; /* [n_tasks] */
    int64_t unit_ns;  /* of the problem */
    Problem *problem;
} Translation;

static int64_t
cost_ns(const DagPlan *plan, DagTaskId id)
{
    return (int64_t)MIN(dag_plan_cost(plan, id) * NS_PER_SECOND + 0.5, (double)MAX_WORK_NS);
}

/* Return whether the search knows everything on which the graph's schedule depends. */
static bool
is_searchable(const DagPlan *plan)
{
    const DagGraph *graph = dag_plan_graph(plan);
    size_t n_uses;
    int64_t work = 0;

    if (dag_graph_n_tasks(graph) > PROBLEM_MAX_TASKS || dag_graph_has_priorities(graph))
        return false;
    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++) {
        dag_graph_task_uses(graph, id, &n_uses);
        if (n_uses > 0 ||
            dag_graph_task_kind(graph, id)->occupies == DAG_OCCUPIES_CONNECTION)
            return false;
        work += cost_ns(plan, id);
        if (work > MAX_WORK_NS)
            return false;
    }
    return work > 0;
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
    return compare_phases(left, right);
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
                             .rank = dag_plan_rank(plan, id)};
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

static void
translate(Translation *it, const DagPlan *plan, unsigned n_workers)
{
    uint32_t n = 0;

    it->plan = plan;
    it->n_tasks = dag_graph_n_tasks(dag_plan_graph(plan));
    it->places = places_of(plan, it->n_tasks);
    it->number = g_new(uint32_t, it->n_tasks);
    it->id_of = g_new(DagTaskId, it->n_tasks);
    it->unit_ns = 0;
    qsort(it->places, it->n_tasks, sizeof(Place), compare_phases);
    for (size_t i = 0; i < it->n_tasks; i++) {
        DagTaskId id = it->places[i].id;

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

/* Return the tasks of the problem in the order of critical-path. */
static Turn *
critical_path_turns(const Translation *it)
{
    g_autofree Place *places = places_of(it->plan, it->n_tasks);
    Turn *turns = g_new(Turn, it->problem->n);
    uint32_t n = 0;

    /* critical-path has ties in order of declaration. */
    for (size_t i = 0; i < it->n_tasks; i++)
        places[i].phase = 0;
    qsort(places, it->n_tasks, sizeof(Place), compare_ranks);
    for (size_t i = 0; i < it->n_tasks; i++)
        if (places[i].takes_time) {
            turns[n] = (Turn){-(int64_t)n, it->number[places[i].id]};
            n++;
        }
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
fall_back(const DagPlan *plan, const DagMachine *machine, DagSchedule *schedule_out)
{
    size_t n = dag_graph_n_tasks(dag_plan_graph(plan));
    g_autofree Place *places = places_of(plan, n);
    g_autofree double *costs = g_new(double, n);

    qsort(places, n, sizeof(Place), compare_ranks);
    for (size_t i = 0; i < n; i++) {
        schedule_out->order[i] = places[i].id;
        costs[i] = dag_plan_cost(plan, (DagTaskId)i);
    }
    schedule_out->lower_bound = dag_plan_bound(plan, machine, costs).duration;
}

static void
solve_optimal(const DagPlan *plan, const DagMachine *machine, const DagSearchLimits *limits,
              DagSchedule *schedule_out)
{
    DagSearchLimits own = *limits;
    Translation it;
    Solution solution;
    g_autofree Turn *turns = NULL;

    if (!is_searchable(plan)) {
        fall_back(plan, machine, schedule_out);
        return;
    }
    translate(&it, plan, machine->n_workers);
    turns = critical_path_turns(&it);
    if (own.budget_ns <= 0)
        own.budget_ns = DEFAULT_BUDGET_NS;
    solution = solution_of(it.problem, turns, &own);
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
