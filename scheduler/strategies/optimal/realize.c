/* SPDX-License-Identifier: MIT */
#include "strategies/optimal/realize.h"

#include "strategies/optimal/scheme.h"

#include <string.h>

/* Return the tasks before each task, those for which it is held included, and the reverse. */
static void
add_holds(const Neighbours *dependencies, const GArray *holds, bool is_reversed, uint32_t n,
          Neighbours *out)
{
    uint32_t n_ids = 0;

    out->first = g_new(uint32_t, n + 1);
    out->ids = g_new(uint32_t, dependencies->first[n] + holds->len + 1);
    for (uint32_t id = 0; id < n; id++) {
        out->first[id] = n_ids;
        for (uint32_t i = dependencies->first[id]; i < dependencies->first[id + 1]; i++)
            out->ids[n_ids++] = dependencies->ids[i];
        for (uint32_t i = 0; i < holds->len; i++) {
            Hold hold = g_array_index(holds, Hold, i);

            if ((is_reversed ? hold.after : hold.task) == id)
                out->ids[n_ids++] = is_reversed ? hold.task : hold.after;
        }
    }
    out->first[n] = n_ids;
}

/* Fill start_out with list scheduling in the order of turns[n], with holds. */
static void
replay(const Problem *problem, Generator *generator, const GArray *holds, const Turn *turns,
       int64_t *start_out)
{
    Neighbours before, after;

    add_holds(&problem->preds, holds, false, problem->n, &before);
    add_holds(&problem->succs, holds, true, problem->n, &after);
    generate(generator, SCHEME_PARALLEL, (Direction){&before, &after}, turns, start_out);
    neighbours_clear(&before);
    neighbours_clear(&after);
}

/* Return the task that a replay starts too early, first of all; UINT32_MAX: there is none. */
static uint32_t
first_too_early(const Problem *problem, const int64_t *wanted, const int64_t *replayed)
{
    uint32_t first = UINT32_MAX;

    for (uint32_t id = 0; id < problem->n; id++)
        if (replayed[id] < wanted[id] &&
            (first == UINT32_MAX || replayed[id] < replayed[first]))
            first = id;
    return first;
}

/* Return the task that ends last of those that start and end before `id` starts; UINT32_MAX: there is
 * none. */
static uint32_t
last_before(const Problem *problem, const int64_t *start, uint32_t id)
{
    uint32_t last = UINT32_MAX;
    int64_t last_end = 0;

    for (uint32_t other = 0; other < problem->n; other++) {
        int64_t end = start[other] + problem->duration[other];

        if (start[other] < start[id] && end <= start[id] && end > last_end) {
            last = other;
            last_end = end;
        }
    }
    return last;
}

static void
sort_by_start(const Problem *problem, const int64_t *start, Turn *turns)
{
    for (uint32_t id = 0; id < problem->n; id++)
        turns[id] = (Turn){-start[id], id, 0};
    turns_sort(turns, problem->n);
}

GArray *
realize(const Problem *problem, int64_t *start)
{
    g_autoptr(Generator) generator = generator_new(problem);
    g_autofree Turn *turns = g_new(Turn, problem->n);
    g_autofree int64_t *replayed = g_new(int64_t, problem->n);
    GArray *holds = g_array_new(FALSE, FALSE, sizeof(Hold));

    sort_by_start(problem, start, turns);
    if (problem->priority) {
        turns_set_priorities(problem, turns);
        turns_sort(turns, problem->n);
    } else {
        generate(generator, SCHEME_SERIAL, direction_of(problem, false), turns, replayed);
        memcpy(start, replayed, problem->n * sizeof(int64_t));
        sort_by_start(problem, start, turns);
    }
    replay(problem, generator, holds, turns, replayed);
    /* Each round holds one task, until the end of another one at which it should start.  A held task
     * starts in time, so each is held once. */
    for (uint32_t round = 0; !problem->priority && round < problem->n; round++) {
        uint32_t early = first_too_early(problem, start, replayed);
        Hold hold = {early,
                     early == UINT32_MAX ? early : last_before(problem, start, early)};

        if (hold.after == UINT32_MAX)
            break;
        g_array_append_val(holds, hold);
        replay(problem, generator, holds, turns, replayed);
    }
    memcpy(start, replayed, problem->n * sizeof(int64_t));
    return holds;
}
