/* SPDX-License-Identifier: MIT */
#include "strategies/optimal/limited.h"

#include <stdlib.h>
#include <string.h>

/* From `time` on, `n_busy` workers are busy, until the next step. */
typedef struct Step {
    int64_t time;
    unsigned n_busy;
} Step;

struct Generator {
    const Problem *problem;
    uint32_t *turn_of; /* [n]: the number of a task's turn */
    uint32_t *n_left;  /* [n]: predecessors that have not ended */
    uint64_t *ready;   /* set of turns */
    uint32_t *running; /* [n_workers]: tasks */
    Step *steps;       /* [2 n + 1] */
    Limited *limited;  /* for problems with limits; then the rest is not used */
};

Generator *
generator_new(const Problem *problem)
{
    Generator *generator = g_new0(Generator, 1);

    generator->problem = problem;
    if (problem->n_limits > 0) {
        generator->limited = limited_new(problem);
        return generator;
    }
    generator->turn_of = g_new(uint32_t, problem->n);
    generator->n_left = g_new(uint32_t, problem->n);
    generator->ready = g_new(uint64_t, problem->n_words);
    generator->running = g_new(uint32_t, MIN(problem->n_workers, problem->n));
    generator->steps = g_new(Step, 2 * (size_t)problem->n + 2);
    return generator;
}

void
generator_free(Generator *generator)
{
    if (!generator)
        return;
    g_free(generator->turn_of);
    g_free(generator->n_left);
    g_free(generator->ready);
    g_free(generator->running);
    g_free(generator->steps);
    limited_free(generator->limited);
    g_free(generator);
}

static int
compare_turns(const void *left, const void *right)
{
    const Turn *a = left, *b = right;

    if (a->priority != b->priority)
        return a->priority > b->priority ? -1 : 1;
    if (a->key != b->key)
        return a->key > b->key ? -1 : 1;
    return a->id < b->id ? -1 : 1;
}

void
turns_sort(Turn *turns, uint32_t n)
{
    qsort(turns, n, sizeof(Turn), compare_turns);
}

/* Return the first member of the set, or UINT32_MAX. */
static uint32_t
first_member(const uint64_t *set, uint32_t n_words)
{
    for (uint32_t w = 0; w < n_words; w++)
        if (set[w] != 0)
            return w * 64 + (uint32_t)__builtin_ctzll(set[w]);
    return UINT32_MAX;
}

/* Return the index in `running` of the task that ends first. */
static unsigned
next_to_end(const Generator *generator, unsigned n_running, const int64_t *start)
{
    const int64_t *duration = generator->problem->duration;
    const uint32_t *running = generator->running;
    unsigned best = 0;

    for (unsigned i = 1; i < n_running; i++)
        if (start[running[i]] + duration[running[i]] <
            start[running[best]] + duration[running[best]])
            best = i;
    return best;
}

/* Make the neighbours of a task that has ended ready if it was the last that they waited for. */
static void
release(Generator *generator, uint32_t id, const Neighbours *after)
{
    for (uint32_t i = after->first[id]; i < after->first[id + 1]; i++)
        if (--generator->n_left[after->ids[i]] == 0)
            task_set_add(generator->ready, generator->turn_of[after->ids[i]]);
}

static void
begin(Generator *generator, const Neighbours *before, const Turn *turns)
{
    uint32_t n = generator->problem->n;

    memset(generator->ready, 0, generator->problem->n_words * sizeof(uint64_t));
    for (uint32_t turn = 0; turn < n; turn++) {
        uint32_t id = turns[turn].id;

        generator->turn_of[id] = turn;
        generator->n_left[id] = before->first[id + 1] - before->first[id];
        if (generator->n_left[id] == 0)
            task_set_add(generator->ready, turn);
    }
}

/* Start ready tasks on free workers. */
static void
start_ready(Generator *generator, const Turn *turns, int64_t now, unsigned *n_running,
            int64_t *start_out)
{
    const Problem *problem = generator->problem;
    uint32_t turn;

    while (*n_running < problem->n_workers &&
           (turn = first_member(generator->ready, problem->n_words)) != UINT32_MAX) {
        task_set_remove(generator->ready, turn);
        start_out[turns[turn].id] = now;
        generator->running[(*n_running)++] = turns[turn].id;
    }
}

/* End all tasks that end `now`, before the next one starts.  Returns: how many still run. */
static unsigned
end_all(Generator *generator, unsigned n_running, const Neighbours *after,
        const int64_t *start, int64_t now)
{
    unsigned n_left = 0;

    for (unsigned i = 0; i < n_running; i++) {
        uint32_t id = generator->running[i];

        if (start[id] + generator->problem->duration[id] > now)
            generator->running[n_left++] = id;
        else
            release(generator, id, after);
    }
    return n_left;
}

static int64_t
generate_parallel(Generator *generator, Direction direction, const Turn *turns,
                  int64_t *start_out)
{
    const Problem *problem = generator->problem;
    unsigned n_running = 0;
    int64_t now = 0;

    begin(generator, direction.before, turns);
    for (uint32_t n_ended = 0; n_ended < problem->n;) {
        unsigned i;

        start_ready(generator, turns, now, &n_running, start_out);
        i = next_to_end(generator, n_running, start_out);
        now = start_out[generator->running[i]] + problem->duration[generator->running[i]];
        n_ended += n_running;
        n_running = end_all(generator, n_running, direction.after, start_out, now);
        n_ended -= n_running;
    }
    return now;
}

/* Insert a step at `time`, which may exist.  Returns: its index. */
static unsigned
cut_steps(Step *steps, unsigned *n_steps, unsigned from, int64_t time)
{
    unsigned i = from;

    while (i < *n_steps && steps[i].time < time)
        i++;
    if (i < *n_steps && steps[i].time == time)
        return i;
    memmove(steps + i + 1, steps + i, (*n_steps - i) * sizeof(Step));
    steps[i] = (Step){time, steps[i - 1].n_busy};
    ++*n_steps;
    return i;
}

/* Find the first time from `earliest` on at which a worker is free for `duration`, and take it. */
static int64_t
place(Generator *generator, unsigned *n_steps, int64_t earliest, int64_t duration)
{
    Step *steps = generator->steps;
    unsigned first = 0, last, i;
    int64_t start = earliest;

    while (first + 1 < *n_steps && steps[first + 1].time <= start)
        first++;
    for (i = first; i < *n_steps && steps[i].time < start + duration; i++)
        if (steps[i].n_busy >= generator->problem->n_workers)
            start = steps[i + 1].time; /* the last step is idle, so there is one */
    first = cut_steps(steps, n_steps, first, start);
    last = cut_steps(steps, n_steps, first, start + duration);
    for (i = first; i < last; i++)
        steps[i].n_busy++;
    return start;
}

static int64_t
generate_serial(Generator *generator, Direction direction, const Turn *turns,
                int64_t *start_out)
{
    const Problem *problem = generator->problem;
    const Neighbours *before = direction.before;
    unsigned n_steps = 1;
    int64_t makespan = 0;

    generator->steps[0] = (Step){0, 0};
    for (uint32_t turn = 0; turn < problem->n; turn++) {
        uint32_t id = turns[turn].id;
        int64_t earliest = 0;

        for (uint32_t i = before->first[id]; i < before->first[id + 1]; i++) {
            uint32_t first = before->ids[i];

            earliest = MAX(earliest, start_out[first] + problem->duration[first]);
        }
        start_out[id] = place(generator, &n_steps, earliest, problem->duration[id]);
        makespan = MAX(makespan, start_out[id] + problem->duration[id]);
    }
    return makespan;
}

int64_t
generate(Generator *generator, Scheme scheme, Direction direction, const Turn *turns,
         int64_t *start_out)
{
    if (generator->limited)
        return limited_generate(generator->limited, scheme, direction, turns, start_out);
    return scheme == SCHEME_PARALLEL
               ? generate_parallel(generator, direction, turns, start_out)
               : generate_serial(generator, direction, turns, start_out);
}
