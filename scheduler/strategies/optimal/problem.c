/* SPDX-License-Identifier: MIT */
#include "strategies/optimal/problem.h"

#include <string.h>

Problem *
problem_new(uint32_t n, unsigned n_workers)
{
    Problem *problem = g_new0(Problem, 1);

    problem->n = n;
    problem->n_words = (n + 63) / 64;
    problem->n_workers = n_workers;
    problem->duration = g_new0(int64_t, n);
    problem->head = g_new0(int64_t, n);
    problem->tail = g_new0(int64_t, n);
    problem->distance = g_new(int64_t, (size_t)n * n);
    problem->descendants = g_new0(uint64_t, (size_t)n * problem->n_words);
    return problem;
}

void
problem_set_limits(Problem *problem, uint32_t n_limits)
{
    problem->n_limits = n_limits;
    problem->limit = g_new0(uint32_t, n_limits + 1);
    problem->need = g_new0(uint32_t, (size_t)problem->n * n_limits + 1);
    problem->pools = g_new0(uint64_t, problem->n + 1);
}

void
problem_free(Problem *problem)
{
    if (!problem)
        return;
    g_free(problem->duration);
    g_free(problem->head);
    g_free(problem->tail);
    g_free(problem->distance);
    g_free(problem->descendants);
    neighbours_clear(&problem->preds);
    neighbours_clear(&problem->succs);
    g_free(problem->limit);
    g_free(problem->need);
    g_free(problem->pools);
    g_free(problem->priority);
    g_free(problem);
}

/* Fill direct_out with the descendants of `id` that depend on no other descendant of it. */
static void
find_direct(const Problem *problem, uint32_t id, uint64_t *direct_out)
{
    const uint64_t *all = problem_descendants(problem, id);

    for (uint32_t w = 0; w < problem->n_words; w++)
        direct_out[w] = all[w];
    for (uint32_t via = id + 1; via < problem->n; via++) {
        const uint64_t *implied = problem_descendants(problem, via);

        if (!task_set_has(direct_out, via))
            continue;
        for (uint32_t w = 0; w < problem->n_words; w++)
            direct_out[w] &= ~implied[w];
    }
}

/* Fill `succs`, then `preds` from it. */
static void
find_neighbours(Problem *problem)
{
    g_autofree uint64_t *direct = g_new(uint64_t, problem->n_words + 1);
    g_autofree uint32_t *next = g_new0(uint32_t, problem->n + 1);
    Neighbours *succs = &problem->succs, *preds = &problem->preds;
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(uint32_t));

    succs->first = g_new0(uint32_t, problem->n + 1);
    preds->first = g_new0(uint32_t, problem->n + 1);
    for (uint32_t id = 0; id < problem->n; id++) {
        find_direct(problem, id, direct);
        for (uint32_t to = id + 1; to < problem->n; to++)
            if (task_set_has(direct, to)) {
                g_array_append_val(ids, to);
                preds->first[to + 1]++;
            }
        succs->first[id + 1] = ids->len;
    }
    for (uint32_t id = 0; id < problem->n; id++)
        next[id + 1] = preds->first[id + 1] += preds->first[id];
    preds->ids = g_new(uint32_t, ids->len);
    succs->ids = (uint32_t *)(void *)g_array_free(ids, FALSE);
    for (uint32_t id = 0; id < problem->n; id++)
        for (uint32_t i = succs->first[id]; i < succs->first[id + 1]; i++)
            preds->ids[next[succs->ids[i]]++] = id;
}

/* Fill `tail`, and `distance` of `id`, after those of its successors. */
static void
measure_forward(Problem *problem, uint32_t id)
{
    int64_t duration = problem->duration[id];
    int64_t *distance = problem->distance + (size_t)id * problem->n;

    problem->tail[id] = duration;
    for (uint32_t to = 0; to < problem->n; to++)
        distance[to] = PROBLEM_NO_DISTANCE;
    for (uint32_t i = problem->succs.first[id]; i < problem->succs.first[id + 1]; i++) {
        uint32_t succ = problem->succs.ids[i];
        const int64_t *onward = problem_distances(problem, succ);

        problem->tail[id] = MAX(problem->tail[id], duration + problem->tail[succ]);
        distance[succ] = MAX(distance[succ], duration);
        for (uint32_t to = succ + 1; to < problem->n; to++)
            distance[to] = MAX(distance[to], duration + onward[to]);
    }
    for (uint32_t to = 0; to < problem->n; to++)
        if (distance[to] < 0)
            distance[to] = PROBLEM_NO_DISTANCE;
}

void
problem_finish(Problem *problem)
{
    find_neighbours(problem);
    for (uint32_t id = problem->n; id-- > 0;)
        measure_forward(problem, id);
    for (uint32_t id = 0; id < problem->n; id++) {
        problem->work += problem->duration[id];
        for (uint32_t i = problem->preds.first[id]; i < problem->preds.first[id + 1]; i++) {
            uint32_t pred = problem->preds.ids[i];

            problem->head[id] =
                MAX(problem->head[id], problem->head[pred] + problem->duration[pred]);
        }
    }
}

Problem *
problem_reversed(const Problem *problem)
{
    uint32_t n = problem->n;
    Problem *reversed = problem_new(n, problem->n_workers);

    for (uint32_t id = 0; id < n; id++) {
        const uint64_t *descendants = problem_descendants(problem, id);

        reversed->duration[n - 1 - id] = problem->duration[id];
        for (uint32_t to = id + 1; to < n; to++)
            if (task_set_has(descendants, to))
                task_set_add(problem_descendants(reversed, n - 1 - to), n - 1 - id);
    }
    problem_finish(reversed);
    return reversed;
}

Problem *
problem_coarse(const Problem *problem, int64_t unit)
{
    Problem *coarse = problem_new(problem->n, problem->n_workers);

    for (uint32_t id = 0; id < problem->n; id++)
        coarse->duration[id] = problem->duration[id] / unit;
    memcpy(coarse->descendants, problem->descendants,
           (size_t)problem->n * problem->n_words * sizeof(uint64_t));
    problem_finish(coarse);
    return coarse;
}

/* Return the time that a limit needs for the work of its tasks. */
static int64_t
bound_by_limit(const Problem *problem, uint32_t limit)
{
    int64_t work = 0, units = problem->limit[limit];

    for (uint32_t id = 0; id < problem->n; id++)
        work += problem->duration[id] * problem_needs(problem, id)[limit];
    return (work + units - 1) / units;
}

int64_t
problem_simple_bound(const Problem *problem)
{
    int64_t bound = 0;

    if (problem->n_limits == 0)
        bound = (problem->work + problem->n_workers - 1) / problem->n_workers;
    for (uint32_t i = 0; i < problem->n_limits; i++)
        bound = MAX(bound, bound_by_limit(problem, i));
    for (uint32_t id = 0; id < problem->n; id++)
        bound = MAX(bound, problem->head[id] + problem->tail[id]);
    return bound;
}
