/* SPDX-License-Identifier: MIT */
#include "strategies/optimal/incumbent.h"

#include <string.h>

#define N_JUSTIFICATIONS 6

Incumbent *
incumbent_new(const Problem *problem)
{
    Incumbent *incumbent = g_new0(Incumbent, 1);

    incumbent->problem = problem;
    incumbent->makespan = INT64_MAX;
    incumbent->start = g_new0(int64_t, problem->n);
    incumbent->trial = g_new0(int64_t, problem->n);
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
    g_free(incumbent->turns);
    generator_free(incumbent->generator);
    g_rand_free(incumbent->random);
    g_free(incumbent);
}

void
incumbent_offer(Incumbent *incumbent, int64_t makespan, const int64_t *start,
                bool is_reversed)
{
    const Problem *problem = incumbent->problem;

    if (makespan >= incumbent->makespan)
        return;
    incumbent->makespan = makespan;
    for (uint32_t id = 0; id < problem->n; id++)
        incumbent->start[id] =
            is_reversed ? makespan - start[id] - problem->duration[id] : start[id];
}

/* Generate a schedule in the order of `turns`, which is not sorted yet. */
static void
try_turns(Incumbent *incumbent, Scheme scheme, bool is_reversed)
{
    turns_sort(incumbent->turns, incumbent->problem->n);
    incumbent_offer(incumbent,
                    generate(incumbent->generator, scheme,
                             direction_of(incumbent->problem, is_reversed),
                             incumbent->turns, incumbent->trial),
                    incumbent->trial, is_reversed);
}

void
incumbent_justify(Incumbent *incumbent, bool is_reversed)
{
    const Problem *problem = incumbent->problem;

    for (unsigned i = 0; i < N_JUSTIFICATIONS; i++) {
        for (uint32_t id = 0; id < problem->n; id++)
            incumbent->turns[id] = (Turn){incumbent->trial[id] + problem->duration[id], id};
        is_reversed = !is_reversed;
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

        incumbent->turns[id] = (Turn){(int64_t)((double)chain * factor), id};
    }
    try_turns(incumbent, SCHEME_PARALLEL, is_reversed);
    incumbent_justify(incumbent, is_reversed);
}
