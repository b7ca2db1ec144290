/* SPDX-License-Identifier: MIT */
#include "strategies/optimal/windows.h"

#include "strategies/optimal/energy.h"
#include "strategies/optimal/scheme.h"

#include <stdlib.h>
#include <string.h>

/* Where shaving tries: a copy of the windows, and memory for the energy test. */
typedef struct Trial {
    Windows *windows;
    Turn *by_latest; /* [n]: tasks by latest start */
    Energy energy;
    int64_t *moments; /* [n] */
    bool (*give_up)(void *data);
    void *data;
} Trial;

Windows *
windows_new(const Problem *problem)
{
    Windows *windows = g_new0(Windows, 1);

    windows->problem = problem;
    windows->earliest = g_new(int64_t, problem->n);
    windows->latest = g_new(int64_t, problem->n);
    return windows;
}

void
windows_free(Windows *windows)
{
    if (!windows)
        return;
    g_free(windows->earliest);
    g_free(windows->latest);
    g_free(windows);
}

void
windows_reset(Windows *windows, int64_t deadline)
{
    const Problem *problem = windows->problem;

    windows->deadline = deadline;
    for (uint32_t id = 0; id < problem->n; id++) {
        windows->earliest[id] = problem->head[id];
        windows->latest[id] = deadline - problem->tail[id];
    }
}

static void
windows_copy(Windows *to, const Windows *from)
{
    size_t size = from->problem->n * sizeof(int64_t);

    to->deadline = from->deadline;
    memcpy(to->earliest, from->earliest, size);
    memcpy(to->latest, from->latest, size);
}

/* Let `id` start no earlier than `earliest`, and its descendants accordingly. */
static void
raise_earliest(Windows *windows, uint32_t id, int64_t earliest)
{
    const int64_t *distance = problem_distances(windows->problem, id);

    windows->earliest[id] = MAX(windows->earliest[id], earliest);
    for (uint32_t to = id + 1; to < windows->problem->n; to++)
        windows->earliest[to] = MAX(windows->earliest[to], earliest + distance[to]);
}

/* Let `id` start no later than `latest`, and its ancestors accordingly. */
static void
lower_latest(Windows *windows, uint32_t id, int64_t latest)
{
    windows->latest[id] = MIN(windows->latest[id], latest);
    for (uint32_t from = 0; from < id; from++)
        windows->latest[from] = MIN(windows->latest[from],
                                    latest - problem_distances(windows->problem, from)[id]);
}

static int
compare_moments(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;

    return (*a > *b) - (*a < *b);
}

/* Return whether the work of a limit after `from` is too much. */
static bool
is_limit_exceeded(Trial *trial, int64_t from, uint32_t limit)
{
    const Problem *problem = trial->windows->problem;

    trial->energy.n = 0;
    for (uint32_t i = 0; i < problem->n; i++) {
        uint32_t id = trial->by_latest[i].id;
        int64_t left = trial->windows->earliest[id] + problem->duration[id] - from;
        int64_t begin = MAX(from, trial->windows->latest[id]);

        energy_add_needs(&trial->energy, problem, id, limit,
                         (Span){begin, begin + MIN(left, problem->duration[id])});
    }
    return energy_exceeds(&trial->energy, from, problem->limit[limit]);
}

/* Return whether the work after `from` is too much. */
static bool
is_too_much_after(Trial *trial, int64_t from)
{
    const Problem *problem = trial->windows->problem;

    for (uint32_t limit = 0; limit < problem->n_limits; limit++)
        if (is_limit_exceeded(trial, from, limit))
            return true;
    if (problem->n_limits > 0)
        return false;
    trial->energy.n = 0;
    for (uint32_t i = 0; i < problem->n; i++) {
        uint32_t id = trial->by_latest[i].id;
        int64_t left = trial->windows->earliest[id] + problem->duration[id] - from;
        int64_t begin = MAX(from, trial->windows->latest[id]);

        if (left > 0)
            energy_add(&trial->energy, begin, begin + MIN(left, problem->duration[id]));
    }
    return energy_exceeds(&trial->energy, from, problem->n_workers);
}

/* Return whether a window is empty, or the energy test refutes the windows. */
static bool
is_refuted(Trial *trial)
{
    const Windows *windows = trial->windows;
    uint32_t n = windows->problem->n;

    for (uint32_t id = 0; id < n; id++) {
        if (windows->earliest[id] > windows->latest[id])
            return true;
        trial->by_latest[id] = (Turn){-windows->latest[id], id, 0};
        trial->moments[id] = windows->earliest[id];
    }
    turns_sort(trial->by_latest, n);
    qsort(trial->moments, n, sizeof(int64_t), compare_moments);
    for (uint32_t i = 0; i < n; i++)
        if ((i == 0 || trial->moments[i] > trial->moments[i - 1]) &&
            is_too_much_after(trial, trial->moments[i]))
            return true;
    return false;
}

/* Return whether `id` cannot start in the first or last `width` moments of its window. */
static bool
is_part_refuted(Trial *trial, const Windows *windows, uint32_t id, bool is_first,
                int64_t width)
{
    windows_copy(trial->windows, windows);
    if (is_first)
        lower_latest(trial->windows, id, windows->earliest[id] + width - 1);
    else
        raise_earliest(trial->windows, id, windows->latest[id] - width + 1);
    return is_refuted(trial);
}

/* Cut one side of the window of `id` as far as possible.  Returns: whether anything was cut. */
static bool
shave_side(Trial *trial, Windows *windows, uint32_t id, bool is_first)
{
    bool is_cut = false;

    for (int64_t width = 1; width > 0 && !trial->give_up(trial->data);) {
        int64_t length = windows->latest[id] - windows->earliest[id] + 1;

        if (length <= 0)
            return true;
        if (!is_part_refuted(trial, windows, id, is_first, MIN(width, length))) {
            width /= 2;
            continue;
        }
        if (is_first)
            raise_earliest(windows, id, windows->earliest[id] + MIN(width, length));
        else
            lower_latest(windows, id, windows->latest[id] - MIN(width, length));
        is_cut = true;
        width *= 2;
    }
    return is_cut;
}

static bool
is_any_empty(const Windows *windows)
{
    for (uint32_t id = 0; id < windows->problem->n; id++)
        if (windows->earliest[id] > windows->latest[id])
            return true;
    return false;
}

static bool
shave(Trial *trial, Windows *windows)
{
    bool is_cut = true;

    windows_copy(trial->windows, windows);
    if (is_refuted(trial))
        return false;
    while (is_cut && !trial->give_up(trial->data)) {
        is_cut = false;
        for (uint32_t id = 0; id < windows->problem->n; id++) {
            is_cut |= shave_side(trial, windows, id, true);
            is_cut |= shave_side(trial, windows, id, false);
            if (is_any_empty(windows))
                return false;
        }
    }
    return true;
}

bool
windows_shave(Windows *windows, bool (*give_up)(void *data), void *data)
{
    uint32_t n = windows->problem->n;
    g_autoptr(Windows) copy = windows_new(windows->problem);
    g_autofree Turn *by_latest = g_new(Turn, n);
    uint32_t max_parts = energy_parts_of(windows->problem);
    g_autofree int64_t *begins = g_new(int64_t, max_parts),
                       *ends = g_new(int64_t, max_parts);
    g_autofree int64_t *moments = g_new(int64_t, n);
    Trial trial = {copy, by_latest, {begins, ends, 0, max_parts}, moments, give_up, data};

    return shave(&trial, windows);
}

/* Return whether the deadline is refuted. */
static bool
is_deadline_refuted(Windows *windows, int64_t deadline, bool (*give_up)(void *data),
                    void *data)
{
    windows_reset(windows, deadline);
    return !windows_shave(windows, give_up, data);
}

int64_t
destructive_bound(Windows *windows, int64_t lower, int64_t upper,
                  bool (*give_up)(void *data), void *data)
{
    int64_t refuted = lower - 1, open, step = 1;

    /* Gallop to the first deadline that is not refuted, then bisect: with fine durations, steps
     * of one would be too many. */
    while (refuted + step < upper &&
           is_deadline_refuted(windows, refuted + step, give_up, data)) {
        refuted += step;
        step *= 2;
    }
    open = MIN(refuted + step, upper);
    while (refuted + 1 < open) {
        int64_t middle = refuted + (open - refuted) / 2;

        if (is_deadline_refuted(windows, middle, give_up, data))
            refuted = middle;
        else
            open = middle;
    }
    return open;
}
