/* SPDX-License-Identifier: MIT */
#include "strategies/optimal/limited.h"

#include <string.h>

struct Limited {
    const Problem *problem;
    Direction direction;
    const Turn *turns;

    /* The parallel scheme. */
    uint32_t *turn_of; /* [n]: the number of a task's turn */
    uint32_t *n_left;  /* [n]: tasks before it that have not ended */
    uint64_t *ready;   /* set of turns */
    uint32_t *running; /* [n_running] */
    uint32_t n_running;
    uint32_t *free_units; /* [n_limits] */

    /* The serial scheme: from times[i] until the next one, free_at[i] is free. */
    int64_t *times;    /* [n_times] */
    uint32_t *free_at; /* [n_times][n_limits] */
    uint32_t n_times;
};

Limited *
limited_new(const Problem *problem)
{
    Limited *limited = g_new0(Limited, 1);
    size_t n = problem->n, n_times = 2 * n + 2;

    limited->problem = problem;
    limited->turn_of = g_new(uint32_t, n + 1);
    limited->n_left = g_new(uint32_t, n + 1);
    limited->ready = g_new(uint64_t, problem->n_words + 1);
    limited->running = g_new(uint32_t, n + 1);
    limited->free_units = g_new(uint32_t, problem->n_limits + 1);
    limited->times = g_new(int64_t, n_times);
    limited->free_at = g_new(uint32_t, n_times * problem->n_limits + 1);
    return limited;
}

void
limited_free(Limited *limited)
{
    if (!limited)
        return;
    g_free(limited->turn_of);
    g_free(limited->n_left);
    g_free(limited->ready);
    g_free(limited->running);
    g_free(limited->free_units);
    g_free(limited->times);
    g_free(limited->free_at);
    g_free(limited);
}

static void
begin(Limited *limited)
{
    const Problem *problem = limited->problem;
    const Neighbours *before = limited->direction.before;

    limited->n_running = 0;
    memset(limited->ready, 0, problem->n_words * sizeof(uint64_t));
    memcpy(limited->free_units, problem->limit, problem->n_limits * sizeof(uint32_t));
    for (uint32_t turn = 0; turn < problem->n; turn++) {
        uint32_t id = limited->turns[turn].id;

        limited->turn_of[id] = turn;
        limited->n_left[id] = before->first[id + 1] - before->first[id];
        if (limited->n_left[id] == 0)
            task_set_add(limited->ready, turn);
    }
}

static uint32_t
unit_of(const Problem *problem, uint32_t id)
{
    return problem_needs(problem, id)[LIMIT_OF_WORKERS] > 0 ? LIMIT_OF_WORKERS
                                                            : LIMIT_OF_CONNECTIONS;
}

static bool
fits_pools(const Limited *limited, uint32_t id)
{
    const Problem *problem = limited->problem;

    for (uint32_t i = N_LIMITS_OF_UNITS; i < problem->n_limits; i++)
        if (problem_needs(problem, id)[i] > limited->free_units[i])
            return false;
    return true;
}

/* Return the task that starts next on a worker, or a connection, by the rules of a run; UINT32_MAX:
 * none. */
static uint32_t
next_on(const Limited *limited, uint32_t unit)
{
    const Problem *problem = limited->problem;
    uint64_t reserved = 0;

    for (uint32_t w = 0; w < problem->n_words && limited->free_units[unit] > 0; w++)
        for (uint64_t left = limited->ready[w]; left != 0; left &= left - 1) {
            uint32_t id = limited->turns[w * 64 + (uint32_t)__builtin_ctzll(left)].id;
            uint32_t own = unit_of(problem, id);
            bool fits = (problem->pools[id] & reserved) == 0 && fits_pools(limited, id);

            if (fits && own == unit)
                return id;
            if (!fits || limited->free_units[own] > 0)
                reserved |= problem->pools[id];
        }
    return UINT32_MAX;
}

/* Start all that may start now on a worker, or a connection.  Returns: whether anything started. */
static bool
start_on(Limited *limited, uint32_t unit, int64_t now, int64_t *start_out)
{
    uint32_t n_before = limited->n_running, id;

    while ((id = next_on(limited, unit)) != UINT32_MAX) {
        task_set_remove(limited->ready, limited->turn_of[id]);
        problem_take(limited->problem, id, limited->free_units);
        limited->running[limited->n_running++] = id;
        start_out[id] = now;
    }
    return limited->n_running > n_before;
}

static void
start_ready(Limited *limited, int64_t now, int64_t *start_out)
{
    bool has_started;

    do {
        has_started = start_on(limited, LIMIT_OF_WORKERS, now, start_out);
        has_started |= start_on(limited, LIMIT_OF_CONNECTIONS, now, start_out);
    } while (has_started);
}

/* End all tasks that end first.  Returns: that time. */
static int64_t
end_next(Limited *limited, const int64_t *start)
{
    const Problem *problem = limited->problem;
    const Neighbours *after = limited->direction.after;
    int64_t next = INT64_MAX;
    uint32_t n = limited->n_running;

    for (uint32_t i = 0; i < n; i++) {
        uint32_t id = limited->running[i];

        next = MIN(next, start[id] + problem->duration[id]);
    }
    limited->n_running = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t id = limited->running[i];

        if (start[id] + problem->duration[id] > next) {
            limited->running[limited->n_running++] = id;
            continue;
        }
        problem_give_back(problem, id, limited->free_units);
        for (uint32_t k = after->first[id]; k < after->first[id + 1]; k++)
            if (--limited->n_left[after->ids[k]] == 0)
                task_set_add(limited->ready, limited->turn_of[after->ids[k]]);
    }
    return next;
}

static int64_t
generate_parallel(Limited *limited, int64_t *start_out)
{
    int64_t now = 0;

    begin(limited);
    for (uint32_t n_ended = 0; n_ended < limited->problem->n;) {
        uint32_t n_running;

        start_ready(limited, now, start_out);
        n_running = limited->n_running;
        now = end_next(limited, start_out);
        n_ended += n_running - limited->n_running;
    }
    return now;
}

static uint32_t *
free_from(const Limited *limited, uint32_t i)
{
    return limited->free_at + (size_t)i * limited->problem->n_limits;
}

/* Let `time` be one of the times, from index `from` on.  Returns: its index. */
static uint32_t
cut_times(Limited *limited, uint32_t from, int64_t time)
{
    size_t size = limited->problem->n_limits * sizeof(uint32_t);
    uint32_t i = from;

    while (i < limited->n_times && limited->times[i] < time)
        i++;
    if (i < limited->n_times && limited->times[i] == time)
        return i;
    memmove(limited->times + i + 1, limited->times + i,
            (limited->n_times - i) * sizeof(int64_t));
    memmove(free_from(limited, i + 1), free_from(limited, i),
            (limited->n_times - i) * size);
    limited->times[i] = time;
    memcpy(free_from(limited, i), free_from(limited, i - 1), size);
    limited->n_times++;
    return i;
}

/* Return the first time from `earliest` on at which the task fits for as long as it takes, and take it. */
static int64_t
place(Limited *limited, uint32_t id, int64_t earliest)
{
    const Problem *problem = limited->problem;
    int64_t start = earliest, duration = problem->duration[id];
    uint32_t first = 0, last;

    while (first + 1 < limited->n_times && limited->times[first + 1] <= start)
        first++;
    for (uint32_t i = first; i < limited->n_times && (limited->times[i] <= start ||
                                                      limited->times[i] < start + duration);
         i++)
        if (!problem_fits(problem, id, free_from(limited, i)))
            start =
                limited->times[i + 1]; /* at the last time all is free, so there is one */
    if (duration == 0)
        return start;
    first = cut_times(limited, first, start);
    last = cut_times(limited, first, start + duration);
    for (uint32_t i = first; i < last; i++)
        problem_take(problem, id, free_from(limited, i));
    return start;
}

static int64_t
generate_serial(Limited *limited, int64_t *start_out)
{
    const Problem *problem = limited->problem;
    const Neighbours *before = limited->direction.before;
    int64_t makespan = 0;

    limited->n_times = 1;
    limited->times[0] = 0;
    memcpy(limited->free_at, problem->limit, problem->n_limits * sizeof(uint32_t));
    for (uint32_t turn = 0; turn < problem->n; turn++) {
        uint32_t id = limited->turns[turn].id;
        int64_t earliest = 0;

        for (uint32_t i = before->first[id]; i < before->first[id + 1]; i++)
            earliest = MAX(earliest,
                           start_out[before->ids[i]] + problem->duration[before->ids[i]]);
        start_out[id] = place(limited, id, earliest);
        makespan = MAX(makespan, start_out[id] + problem->duration[id]);
    }
    return makespan;
}

int64_t
limited_generate(Limited *limited, Scheme scheme, Direction direction, const Turn *turns,
                 int64_t *start_out)
{
    limited->direction = direction;
    limited->turns = turns;
    return scheme == SCHEME_PARALLEL ? generate_parallel(limited, start_out)
                                     : generate_serial(limited, start_out);
}
