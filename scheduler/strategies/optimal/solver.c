/* SPDX-License-Identifier: MIT */
#include "strategies/optimal/solver.h"

#include "strategies/optimal/balance.h"
#include "strategies/optimal/incumbent.h"
#include "strategies/optimal/search.h"

#include <string.h>
#include <time.h>

#define MEMO_BYTES     ((size_t)128 << 20) /* of both sides */
#define N_FIRST_ROUNDS 64                  /* of heuristics, before the bounds */
#define N_FIRST_NODES  2000                /* of the first searches */
#define MAX_GAP_PART   16 /* how near to the bound searches come: this part of the gap */
#define N_BALANCES     20 /* between two searches */
#define FINE_GAP       8  /* units; wider gaps are searched at several deadlines */
#define WIDE_GAP       100 /* from a gap of this part of the bound, coarse durations are tried */
#define LEAST_COARSE   8  /* the mean duration in coarse units, at first */
#define MOST_COARSE    12 /* and at last: finer ones take longer than they are worth */
#define COARSE_BUDGET  10 /* part of the budget for each of them */

/* The problem as it is, or reversed, with the state of its search. */
typedef struct Side {
    const Problem *problem;
    bool is_reversed;
    Windows *windows;
    Memo *memo;
    int64_t memo_deadline; /* the memo holds for deadlines up to this */
    Search *search;
    int64_t *preference; /* [n] */
} Side;

typedef struct Solver {
    const Problem *problem;
    Incumbent *incumbent;
    Problem *reversed; /* NULL: there is none */
    Side sides[2];     /* [n_sides]; forward; reversed */
    unsigned n_sides;
    unsigned side; /* the one that is searched next */
    int64_t bound;
    uint64_t n_nodes, max_nodes;
    int64_t gap_part; /* searches go to this part of the gap */
    int64_t ends_ns;  /* processor time of the thread */
    const DagSearchLimits *limits;
} Solver;

static int64_t
thread_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static bool
is_time_over(void *data)
{
    const Solver *solver = data;
    const DagSearchLimits *limits = solver->limits;

    return thread_ns() >= solver->ends_ns ||
           (limits->give_up && limits->give_up(limits->data));
}

static bool
is_solved(const Solver *solver)
{
    return solver->incumbent->makespan <= solver->bound;
}

/* Return the deadline to search at: the bound if the gap is narrow, otherwise above it by the
 * present part of the gap. */
static int64_t
next_deadline(const Solver *solver)
{
    int64_t gap = solver->incumbent->makespan - solver->bound;

    return gap <= FINE_GAP ? solver->bound : solver->bound + (gap - 1) / solver->gap_part;
}

/* After a search that was cut off, search the other side; after both, nearer to the bound, where proofs
 * are easier; from there, start again with twice the nodes. */
static void
retreat(Solver *solver)
{
    solver->side = (solver->side + 1) % solver->n_sides;
    if (solver->side != 0)
        return;
    solver->gap_part *= 2;
    if (solver->gap_part > MAX_GAP_PART ||
        solver->incumbent->makespan - solver->bound <= FINE_GAP) {
        solver->gap_part = 1;
        solver->max_nodes *= 2;
    }
}

/* Set the order in which the search tries ready tasks: by latest start, at some rounds
 * disturbed. */
static void
choose_preference(Solver *solver, const Side *side, unsigned round)
{
    const Problem *problem = side->problem;
    double spread = round / 2 % 2 == 0 ? 0 : 0.25;

    for (uint32_t id = 0; id < problem->n; id++) {
        double factor = spread > 0 ? g_rand_double_range(solver->incumbent->random,
                                                         1 - spread, 1 + spread)
                                   : 1;

        side->preference[id] = spread > 0 ? -(int64_t)((double)problem->tail[id] * factor)
                                          : side->windows->latest[id];
    }
}

/* Take the schedule that the search of a side has found. */
static void
take_found(Solver *solver, const Side *side, int64_t *start)
{
    Incumbent *incumbent = solver->incumbent;
    int64_t makespan = problem_makespan(side->problem, start);

    for (uint32_t id = 0; id < solver->problem->n; id++)
        incumbent->trial[id] = start[side->is_reversed ? solver->problem->n - 1 - id : id];
    incumbent_offer(incumbent, makespan, incumbent->trial, side->is_reversed);
    incumbent_justify(incumbent, side->is_reversed);
}

/* Search at one deadline, and draw the conclusion. */
static void
search_round(Solver *solver, unsigned round)
{
    Side *side = &solver->sides[solver->side];
    int64_t deadline = next_deadline(solver);
    SearchLimits limits = {.max_nodes = solver->max_nodes,
                           .give_up = is_time_over,
                           .data = solver,
                           .preference = side->preference};
    g_autofree int64_t *start = g_new0(int64_t, solver->problem->n);
    SearchResult result;

    if (deadline > side->memo_deadline)
        memo_clear(side->memo);
    side->memo_deadline = deadline;
    windows_reset(side->windows, deadline);
    if (!windows_shave(side->windows, is_time_over, solver)) {
        solver->bound = MAX(solver->bound, deadline + 1);
        return;
    }
    choose_preference(solver, side, round);
    result = search_run(side->search, side->windows, &limits, start);
    solver->n_nodes += search_n_nodes(side->search);
    if (result == SEARCH_EXHAUSTED)
        solver->bound = MAX(solver->bound, deadline + 1);
    if (result == SEARCH_ENDED)
        retreat(solver);
    if (result == SEARCH_FOUND)
        take_found(solver, side, start);
}

/* Try to reach the bound from the best schedule, or the last one. */
static void
balance_trial(Solver *solver, bool is_best)
{
    Incumbent *incumbent = solver->incumbent;

    if (is_best)
        memcpy(incumbent->trial, incumbent->start, solver->problem->n * sizeof(int64_t));
    if (balance(solver->problem, solver->bound, incumbent->random, incumbent->trial))
        incumbent_offer(incumbent, solver->bound, incumbent->trial, false);
}

static Side
side_of(const Problem *problem, bool is_reversed)
{
    Memo *memo = memo_new(problem, MEMO_BYTES / 2);

    return (Side){.problem = problem,
                  .is_reversed = is_reversed,
                  .windows = windows_new(problem),
                  .memo = memo,
                  .search = search_new(problem, memo),
                  .preference = g_new0(int64_t, problem->n)};
}

static void
side_clear(Side *side)
{
    windows_free(side->windows);
    search_free(side->search);
    memo_free(side->memo);
    g_free(side->preference);
}

/* Make the sides.  A run repeats schedules with limits only from their start. */
static void
prepare(Solver *solver)
{
    solver->sides[solver->n_sides++] = side_of(solver->problem, false);
    if (solver->problem->n_limits > 0)
        return;
    solver->reversed = problem_reversed(solver->problem);
    solver->sides[solver->n_sides++] = side_of(solver->reversed, true);
}

/* Try heuristics between two searches.  Balancing is for fine durations. */
static void
try_heuristics(Solver *solver, unsigned round)
{
    unsigned n = solver->incumbent->makespan - solver->bound > FINE_GAP ? N_BALANCES : 1;

    for (unsigned i = 0; i < n && !is_solved(solver) && !is_time_over(solver); i++) {
        if (solver->problem->n_limits == 0)
            balance_trial(solver, i == 0);
        incumbent_improve(solver->incumbent, (round * N_BALANCES + i) * 2);
    }
}

/* Return the order of the longest chains, which list scheduling begins with; free with g_free(). */
static Turn *
turns_by_tail(const Problem *problem)
{
    Turn *turns = g_new0(Turn, problem->n);

    for (uint32_t id = 0; id < problem->n; id++)
        turns[id] = (Turn){problem->tail[id], id, 0};
    turns_sort(turns, problem->n);
    return turns;
}

/* A coarse problem is not made coarser: its durations are too small.  NOLINTBEGIN(misc-no-recursion) */

/* Raise the bound by that of the problem with durations rounded down to multiples of `unit`.
 * Returns: false if it is no better. */
static bool
bound_in_units(Solver *solver, int64_t unit)
{
    g_autoptr(Problem) coarse = problem_coarse(solver->problem, unit);
    g_autofree Turn *turns = turns_by_tail(coarse);
    DagSearchLimits limits = *solver->limits;
    int64_t before = solver->bound;
    Solution solution;

    limits.budget_ns /= COARSE_BUDGET;
    solution = solution_of(coarse, turns, turns, &limits);
    solver->bound = MAX(solver->bound, solution.bound * unit);
    solver->n_nodes += solution.n_nodes;
    g_free(solution.start);
    return solver->bound > before;
}

/* If the gap is wide, raise the bound by coarse durations: states of a search are often equal then, so
 * the length of the shortest schedule is proven fast. */
static void
bound_coarsely(Solver *solver)
{
    const Problem *problem = solver->problem;
    int64_t least = INT64_MAX, mean = problem->work / problem->n;
    bool is_better = problem->n_limits == 0;

    for (uint32_t id = 0; id < problem->n; id++)
        least = MIN(least, problem->duration[id]);
    for (int64_t parts = LEAST_COARSE; parts <= MOST_COARSE && is_better; parts++) {
        int64_t unit = mean / parts;

        is_better =
            unit > 1 && unit <= least && !is_time_over(solver) &&
            solver->incumbent->makespan - solver->bound > solver->bound / WIDE_GAP &&
            bound_in_units(solver, unit);
    }
}

/* Improve the first schedule and the bound until they meet, or the time is over. */
static void
solve(Solver *solver)
{
    for (unsigned i = 0; i < N_FIRST_ROUNDS && !is_solved(solver); i++)
        incumbent_improve(solver->incumbent, i);
    if (is_solved(solver))
        return;
    prepare(solver);
    solver->bound = destructive_bound(solver->sides[0].windows, solver->bound,
                                      solver->incumbent->makespan, is_time_over, solver);
    bound_coarsely(solver);
    for (unsigned round = 0; !is_solved(solver) && !is_time_over(solver); round++) {
        try_heuristics(solver, round);
        /* The search does not know priorities. */
        if (!is_solved(solver) && !solver->problem->priority)
            search_round(solver, round);
    }
}

Solution
solution_of(const Problem *problem, const Turn *first, const Turn *second,
            const DagSearchLimits *limits)
{
    g_autoptr(Incumbent) incumbent = incumbent_new(problem);
    Solver solver = {.problem = problem,
                     .incumbent = incumbent,
                     .bound = problem_simple_bound(problem),
                     .max_nodes = N_FIRST_NODES,
                     .gap_part = 2,
                     .ends_ns = thread_ns() + limits->budget_ns,
                     .limits = limits};

    incumbent_begin(incumbent, first);
    incumbent_offer(incumbent,
                    generate(incumbent->generator, SCHEME_PARALLEL,
                             direction_of(problem, false), second, incumbent->trial),
                    incumbent->trial, false);
    solve(&solver);
    for (unsigned i = 0; i < solver.n_sides; i++)
        side_clear(&solver.sides[i]);
    problem_free(solver.reversed);
    return (Solution){.start = g_steal_pointer(&incumbent->start),
                      .makespan = incumbent->makespan,
                      .is_first = incumbent->is_first,
                      .bound = MIN(solver.bound, incumbent->makespan),
                      .n_nodes = solver.n_nodes};
}
/* NOLINTEND(misc-no-recursion) */
