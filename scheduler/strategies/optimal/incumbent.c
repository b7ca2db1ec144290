/* SPDX-License-Identifier: MIT */
#include "strategies/optimal/incumbent.h"

#include "strategies/optimal/realize.h"

#include <string.h>

#define N_JUSTIFICATIONS 6
#define N_REPETITIONS    4

Incumbent *
incumbent_new(const Problem *problem)
{
    Incumbent *incumbent = g_new0(Incumbent, 1);

    incumbent->problem = problem;
    incumbent->makespan = INT64_MAX;
    incumbent->start = g_new0(int64_t, problem->n);
    incumbent->trial = g_new0(int64_t, problem->n);
    incumbent->offered = g_new0(int64_t, problem->n);
    incumbent->before = g_new0(int64_t, problem->n);
    incumbent->turns = g_new0(Turn, problem->n);
    incumbent->generator = generator_new(problem);
    incumbent->random = g_rand_new_with_seed(1);
    return incumbent;
}

void
incumbent_free(Incumbent *incumbent)
{
    if (!incumbent)
        return;
    g_free(incumbent->start);
    g_free(incumbent->trial);
    g_free(incumbent->offered);
    g_free(incumbent->before);
    g_free(incumbent->turns);
    generator_free(incumbent->generator);
    g_rand_free(incumbent->random);
    g_free(incumbent);
}

/* Let the offered schedule be one that a run repeats, and shorter than the present one.  Returns: false if
 * that fails. */
static bool
make_repeatable(Incumbent *incumbent)
{
    const Problem *problem = incumbent->problem;
    int64_t *offered = incumbent->offered, *before = incumbent->before;

    for (unsigned i = 0; i < N_REPETITIONS; i++) {
        memcpy(before, offered, problem->n * sizeof(int64_t));
        g_array_unref(realize(problem, offered));
        if (problem_makespan(problem, offered) >= incumbent->makespan)
            return false;
        if (memcmp(before, offered, problem->n * sizeof(int64_t)) == 0)
            return true;
    }
    return false;
}

void
incumbent_begin(Incumbent *incumbent, const Turn *turns)
{
    incumbent->makespan =
        generate(incumbent->generator, SCHEME_PARALLEL,
                 direction_of(incumbent->problem, false), turns, incumbent->start);
    incumbent->is_first = true;
}

void
incumbent_offer(Incumbent *incumbent, int64_t makespan, const int64_t *start,
                bool is_reversed)
{
    const Problem *problem = incumbent->problem;
    int64_t *offered = incumbent->offered;

    if (makespan >= incumbent->makespan)
        return;
    for (uint32_t id = 0; id < problem->n; id++)
        offered[id] =
            is_reversed ? makespan - start[id] - problem->duration[id] : start[id];
    if (problem->n_limits > 0 && !make_repeatable(incumbent))
        return;
    incumbent->makespan = problem_makespan(problem, offered);
    incumbent->is_first = false;
    memcpy(incumbent->start, offered, problem->n * sizeof(int64_t));
}

/* Generate a schedule in the order of `turns`, which is not sorted yet. */
static void
try_turns(Incumbent *incumbent, Scheme scheme, bool is_reversed)
{
    if (scheme == SCHEME_PARALLEL && !is_reversed)
        turns_set_priorities(incumbent->problem, incumbent->turns);
    turns_sort(incumbent->turns, incumbent->problem->n);
    incumbent_offer(incumbent,
                    generate(incumbent->generator, scheme,
                             direction_of(incumbent->problem, is_reversed),
                             incumbent->turns, incumbent->trial),
                    incumbent->trial, is_reversed);
}

/* Return a key that is larger the later the task of the trial ends.  Tasks that take no time end with
 * others that they depend on: then the direction decides. */
static int64_t
end_key(const Incumbent *incumbent, uint32_t id, bool is_reversed)
{
    const Problem *problem = incumbent->problem;
    int64_t end = incumbent->trial[id] + problem->duration[id];

    return problem->n_limits == 0 ? end : end * problem->n + (is_reversed ? id : 0);
}

void
incumbent_justify(Incumbent *incumbent, bool is_reversed)
{
    const Problem *problem = incumbent->problem;

    for (unsigned i = 0; i < N_JUSTIFICATIONS; i++) {
        is_reversed = !is_reversed;
        for (uint32_t id = 0; id < problem->n; id++)
            incumbent->turns[id] = (Turn){end_key(incumbent, id, is_reversed), id, 0};
        try_turns(incumbent, i % 4 < 2 ? SCHEME_SERIAL : SCHEME_PARALLEL, is_reversed);
    }
}

void
incumbent_improve(Incumbent *incumbent, unsigned round)
{
    const Problem *problem = incumbent->problem;
    bool is_reversed = round % 2 == 1;
    double spread = round < 2 ? 0 : 0.25;

    for (uint32_t id = 0; id < problem->n; id++) {
        int64_t chain =
            is_reversed ? problem->head[id] + problem->duration[id] : problem->tail[id];
        double factor =
            g_rand_double_range(incumbent->random, 1 - spread, 1 + spread + 1e-9);

        incumbent->turns[id] = (Turn){(int64_t)((double)chain * factor), id, 0};
    }
    try_turns(incumbent, SCHEME_PARALLEL, is_reversed);
    incumbent_justify(incumbent, is_reversed);
}
