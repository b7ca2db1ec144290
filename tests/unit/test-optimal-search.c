/* SPDX-License-Identifier: MIT */
/*
 * The search by itself: heuristics solve small problems before it begins, so that its proofs are
 * compared here with those of all orders of the tasks.
 */
#include <string.h>

#include "dice.h"
#include "strategies/optimal/search.h"

#define N_PROBLEMS   1500
#define MAX_TASKS    7
#define MAX_DURATION 8
#define MEMO_BYTES   ((size_t)1 << 24)

/* The tasks that are placed in an order, each where it fits first. */
typedef struct Placement {
    uint32_t placed; /* set of tasks */
    unsigned end[MAX_TASKS];
    unsigned char busy[MAX_TASKS * MAX_DURATION]; /* workers, at each time */
} Placement;

static Problem *
small_problem(Dice *dice)
{
    uint32_t n = 4 + dice_below(dice, MAX_TASKS - 3);
    Problem *problem = problem_new(n, 2 + dice_below(dice, 2));
    unsigned percent = dice_below(dice, 50),
             longest = 2 + dice_below(dice, MAX_DURATION - 1);

    for (uint32_t id = n; id-- > 0;) {
        uint64_t *descendants = problem_descendants(problem, id);

        problem->duration[id] = 1 + dice_below(dice, longest);
        for (uint32_t to = id + 1; to < n; to++)
            if (dice_chance(dice, percent)) {
                task_set_add(descendants, to);
                *descendants |= *problem_descendants(problem, to);
            }
    }
    problem_finish(problem);
    return problem;
}

/* Place a task.  Returns: false if it is placed already, or comes before one that it needs. */
static bool
place(const Problem *problem, uint32_t id, Placement *placement)
{
    unsigned start = 0, duration = (unsigned)problem->duration[id];

    if (placement->placed >> id & 1)
        return false;
    for (uint32_t i = problem->preds.first[id]; i < problem->preds.first[id + 1]; i++) {
        uint32_t pred = problem->preds.ids[i];

        if (!(placement->placed >> pred & 1))
            return false;
        start = MAX(start, placement->end[pred]);
    }
    for (unsigned at = start; at < start + duration; at++)
        if (placement->busy[at] == problem->n_workers)
            start = at + 1;
    for (unsigned at = start; at < start + duration; at++)
        placement->busy[at]++;
    placement->placed |= UINT32_C(1) << id;
    placement->end[id] = start + duration;
    return true;
}

/* Return the shortest makespan of all orders of the tasks that are not placed yet, or `shortest` if
 * that is shorter. */
static unsigned
try_all(const Problem *problem, const Placement *placement, unsigned shortest)
{
    unsigned makespan = 0;

    for (uint32_t id = 0; id < problem->n; id++)
        if (placement->placed >> id & 1)
            makespan = MAX(makespan, placement->end[id]);
    if (makespan >= shortest)
        return shortest;
    if (placement->placed == (UINT32_C(1) << problem->n) - 1)
        return makespan;
    for (uint32_t id = 0; id < problem->n; id++) {
        Placement then = *placement;

        if (place(problem, id, &then))
            shortest = try_all(problem, &then, shortest);
    }
    return shortest;
}

static bool
never(G_GNUC_UNUSED void *data)
{
    return false;
}

/* Assert that the schedule keeps the rules of the problem, and its deadline. */
static void
assert_schedule(const Problem *problem, const int64_t *start, int64_t deadline)
{
    unsigned busy[MAX_TASKS * MAX_DURATION] = {0};

    g_assert_cmpint(problem_makespan(problem, start), <=, deadline);
    for (uint32_t id = 0; id < problem->n; id++) {
        for (uint32_t i = problem->preds.first[id]; i < problem->preds.first[id + 1]; i++) {
            uint32_t pred = problem->preds.ids[i];

            g_assert_cmpint(start[id], >=, start[pred] + problem->duration[pred]);
        }
        for (int64_t at = start[id]; at < start[id] + problem->duration[id]; at++)
            g_assert_cmpuint(++busy[at], <=, problem->n_workers);
    }
}

/* Search twice: first with few nodes, which leaves a part of the states in the memo, then to the end, in
 * another order. */
static void
assert_result(Search *search, const Windows *windows, SearchResult expected, Dice *dice)
{
    const Problem *problem = windows->problem;
    int64_t preference[MAX_TASKS] = {0}, start[MAX_TASKS] = {0};
    SearchLimits limits = {
        .max_nodes = 1 + dice_below(dice, 40), .give_up = never, .preference = preference};
    SearchResult result = search_run(search, windows, &limits, start);

    g_assert_true(result == expected || result == SEARCH_ENDED);
    g_assert_cmpuint(search_n_nodes(search), >, 0);
    for (uint32_t id = 0; id < problem->n; id++)
        preference[id] = dice_below(dice, 100);
    limits.max_nodes = UINT64_MAX;
    g_assert_cmpint(search_run(search, windows, &limits, start), ==, expected);
    if (expected == SEARCH_FOUND)
        assert_schedule(problem, start, windows->deadline);
}

/* The problem has a schedule of the makespan, and none that is shorter. */
static void
assert_shortest(const Problem *problem, int64_t makespan, Dice *dice)
{
    g_autoptr(Memo) memo = memo_new(problem, MEMO_BYTES);
    g_autoptr(Search) search = search_new(problem, memo);
    g_autoptr(Windows) windows = windows_new(problem);

    for (unsigned i = 0; i < 4; i++) {
        bool is_enough = i >= 2;
        int64_t deadline = is_enough ? makespan : makespan - 1;

        if (i == 2)
            memo_clear(memo);
        windows_reset(windows, deadline);
        if (deadline < problem_simple_bound(problem) ||
            (i % 2 == 1 && !windows_shave(windows, never, NULL))) {
            g_assert_false(is_enough);
            continue;
        }
        assert_result(search, windows, is_enough ? SEARCH_FOUND : SEARCH_EXHAUSTED, dice);
    }
}

static void
test_proofs_are_those_of_all_orders(void)
{
    Dice dice = 5;

    for (unsigned i = 0; i < N_PROBLEMS; i++) {
        Placement none = {0};
        g_autoptr(Problem) problem = small_problem(&dice);
        g_autoptr(Problem) reversed = problem_reversed(problem);
        unsigned shortest = try_all(problem, &none, UINT_MAX);

        assert_shortest(problem, shortest, &dice);
        assert_shortest(reversed, shortest, &dice);
    }
}

static void
test_reversed_twice_is_the_same(void)
{
    Dice dice = 9;

    for (unsigned i = 0; i < 100; i++) {
        g_autoptr(Problem) problem = small_problem(&dice);
        g_autoptr(Problem) reversed = problem_reversed(problem);
        g_autoptr(Problem) again = problem_reversed(reversed);
        uint32_t n = problem->n;

        for (uint32_t id = 0; id < n; id++) {
            g_assert_cmphex(*problem_descendants(again, id), ==,
                            *problem_descendants(problem, id));
            g_assert_cmpint(again->duration[id], ==, problem->duration[id]);
            g_assert_cmpint(reversed->head[n - 1 - id] + reversed->duration[n - 1 - id], ==,
                            problem->tail[id]);
        }
    }
}

static int64_t
least_duration(const Problem *problem)
{
    int64_t least = INT64_MAX;

    for (uint32_t id = 0; id < problem->n; id++)
        least = MIN(least, problem->duration[id]);
    return least;
}

static void
test_coarse_durations_give_a_bound(void)
{
    Dice dice = 11;

    for (unsigned i = 0; i < 300; i++) {
        Placement none = {0};
        g_autoptr(Problem) problem = small_problem(&dice);
        g_autoptr(Problem) coarse = NULL;
        unsigned shortest = try_all(problem, &none, UINT_MAX), bound;

        if (least_duration(problem) < 2)
            continue;
        coarse = problem_coarse(problem, 2);
        bound = 2 * try_all(coarse, &none, UINT_MAX);
        g_assert_cmpuint(bound, <=, shortest);
        g_assert_cmpuint(bound + 2 * problem->n, >,
                         shortest); /* each duration lost one at most */
        for (uint32_t id = 0; id < problem->n; id++)
            g_assert_cmphex(*problem_descendants(coarse, id), ==,
                            *problem_descendants(problem, id));
    }
}

/* Two tasks of three are running, and the last one can start when the first of them ends. */
static void
test_the_memo_needs_free_workers_and_ended_predecessors(void)
{
    g_autoptr(Problem) problem = problem_new(4, 2);
    Running failed[] = {{1, 6}, {0, 4}}, swapped[] = {{0, 6}, {1, 4}};
    const uint64_t started = 7;
    int64_t earliest[] = {0, 0, 0, 4};
    Moment moment = {3, &started, failed, 2, earliest};

    for (uint32_t id = 0; id < 4; id++)
        problem->duration[id] = 3;
    task_set_add(problem_descendants(problem, 0), 3);
    problem_finish(problem);

    g_autoptr(Memo) memo = memo_new(problem, MEMO_BYTES);
    memo_add(memo, &moment);
    g_assert_true(memo_dominates(memo, &moment));
    moment.running = swapped;
    earliest[3] = 6; /* task 0 ends later, and the workers are as busy */
    g_assert_true(memo_dominates(memo, &moment));
    swapped[0].end = 5;
    earliest[3] = 5; /* a worker is free earlier */
    g_assert_false(memo_dominates(memo, &moment));
    swapped[0] = (Running){1, 6};
    swapped[1] = (Running){2, 5};
    earliest[3] = 3; /* task 0 has ended already */
    g_assert_false(memo_dominates(memo, &moment));
    earliest[3] = 4;
    g_assert_true(memo_dominates(memo, &moment));
    memo_clear(memo);
    g_assert_false(memo_dominates(memo, &moment));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/optimal-search/proofs-are-those-of-all-orders",
                    test_proofs_are_those_of_all_orders);
    g_test_add_func("/optimal-search/reversed-twice-is-the-same",
                    test_reversed_twice_is_the_same);
    g_test_add_func("/optimal-search/coarse-durations-give-a-bound",
                    test_coarse_durations_give_a_bound);
    g_test_add_func("/optimal-search/the-memo-needs-free-workers-and-ended-predecessors",
                    test_the_memo_needs_free_workers_and_ended_predecessors);
    return g_test_run();
}
