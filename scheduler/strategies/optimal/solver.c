/* SPDX-License-Identifier: MIT */
#include "strategies/optimal/solver.h"

#include "strategies/optimal/balance.h"
#include "strategies/optimal/incumbent.h"
#include "strategies/optimal/search.h"

#include <string.h>
#include <time.h>

#define MEMO_BYTES     ((size_t)128 << 20)
#define N_FIRST_ROUNDS 64   /* of heuristics, before the bounds */
#define N_FIRST_NODES  2000 /* of the first searches */
#define MAX_GAP_PART   16   /* how near to the bound searches come: this part of the gap */
#define N_BALANCES     20   /* between two searches */
#define FINE_GAP       8    /* units; wider gaps are searched at several deadlines */

typedef struct Solver {
    const Problem *problem;
    Incumbent *incumbent;
    Windows *windows;
    Memo *memo;
    Search *search;
    int64_t *preference; /* [n] */
    int64_t bound;
    int64_t memo_deadline; /* the memo holds for deadlines up to this */
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

/* After a search that was cut off, search nearer to the bound, where proofs are easier; from
 * there, start again with twice the nodes. */
static void
retreat(Solver *solver)
{
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
choose_preference(Solver *solver, unsigned round)
{
    const Problem *problem = solver->problem;
    double spread = round / 2 % 2 == 0 ? 0 : 0.25;

    for (uint32_t id = 0; id < problem->n; id++) {
        double factor = spread > 0 ? g_rand_double_range(solver->incumbent->random,
                                                         1 - spread, 1 + spread)
                                   : 1;

        solver->preference[id] = spread > 0 ? -(int64_t)((double)problem->tail[id] * factor)
                                            : solver->windows->latest[id];
    }
}

/* Search at one deadline, and draw the conclusion. */
static void
search_round(Solver *solver, unsigned round)
{
    int64_t deadline = next_deadline(solver);
    SearchLimits limits = {.max_nodes = solver->max_nodes,
                           .give_up = is_time_over,
                           .data = solver,
                           .preference = solver->preference};
    SearchResult result;

    if (deadline > solver->memo_deadline)
        memo_clear(solver->memo);
    solver->memo_deadline = deadline;
    windows_reset(solver->windows, deadline);
    if (!windows_shave(solver->windows, is_time_over, solver)) {
        solver->bound = MAX(solver->bound, deadline + 1);
        return;
    }
    choose_preference(solver, round);
    result = search_run(solver->search, solver->windows, &limits, solver->incumbent->trial);
    if (result == SEARCH_EXHAUSTED)
        solver->bound = MAX(solver->bound, deadline + 1);
    if (result == SEARCH_ENDED)
        retreat(solver);
    if (result == SEARCH_FOUND) {
        int64_t *trial = solver->incumbent->trial;

        incumbent_offer(solver->incumbent, problem_makespan(solver->problem, trial), trial,
                        false);
        incumbent_justify(solver->incumbent, false);
    }
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

/* Improve the first schedule and the bound until they meet, or the time is over. */
static void
solve(Solver *solver)
{
    for (unsigned i = 0; i < N_FIRST_ROUNDS && !is_solved(solver); i++)
        incumbent_improve(solver->incumbent, i);
    if (!is_solved(solver))
        solver->bound =
            destructive_bound(solver->windows, solver->bound, solver->incumbent->makespan,
                              is_time_over, solver);
    for (unsigned round = 0; !is_solved(solver) && !is_time_over(solver); round++) {
        for (unsigned i = 0; i < N_BALANCES && !is_solved(solver) && !is_time_over(solver);
             i++) {
            if (solver->problem->n_limits == 0)
                balance_trial(solver, i == 0);
            incumbent_improve(solver->incumbent, (round * N_BALANCES + i) * 2);
        }
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
    g_autoptr(Windows) windows = windows_new(problem);
    g_autoptr(Memo) memo = memo_new(problem->n_words, MEMO_BYTES);
    g_autoptr(Search) search = search_new(problem, memo);
    g_autofree int64_t *preference = g_new0(int64_t, problem->n);
    Solver solver = {.problem = problem,
                     .incumbent = incumbent,
                     .windows = windows,
                     .memo = memo,
                     .search = search,
                     .preference = preference,
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
    return (Solution){.start = g_steal_pointer(&incumbent->start),
                      .makespan = incumbent->makespan,
                      .is_first = incumbent->is_first,
                      .bound = MIN(solver.bound, incumbent->makespan),
                      .n_nodes = solver.n_nodes};
}
