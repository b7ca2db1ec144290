/* SPDX-License-Identifier: MIT */
/*
 * The search goes from moment to moment: the start, and whenever a task ends.  At a moment it
 * chooses which of the ready tasks start.  If it leaves a worker idle although a task is ready,
 * that task is skipped: it may start only after a moment at which all workers were busy, and only
 * if it would not have fitted before the next start.  Otherwise the same schedule with that task
 * moved to the left is found elsewhere.  With limits the same holds for a moment at which something
 * that the task needs is not free.
 */
#include "strategies/optimal/search.h"

#include "strategies/optimal/energy.h"
#include "strategies/optimal/scheme.h"

#include <string.h>

#define NODES_BETWEEN_QUESTIONS 256

/* A moment at which tasks may start, and the choices made there. */
typedef struct Level {
    int64_t time;
    int64_t *earliest; /* [n]: earliest start of tasks that have not started */
    Running *running;  /* [n_workers]: tasks that end after `time` */
    unsigned n_running;
    uint32_t *free_units; /* [n_limits] */
    uint32_t *ready;      /* [n], in the order in which they are tried */
    uint32_t n_ready;
    uint32_t *skipped;   /* [n] */
    int64_t *skipped_at; /* [n]: the time of each */
    uint32_t n_skipped;
} Level;

struct Search {
    const Problem *problem;
    Memo *memo;
    const Windows *windows;
    const SearchLimits *limits;
    uint64_t n_nodes;
    bool is_ended; /* the limits were reached */

    Turn *by_latest; /* [n]: tasks by latest start */
    Turn *by_choice; /* [n]: tasks in the order in which they are tried */
    uint64_t *started;
    uint32_t n_started;
    int64_t *start;      /* [n], of started tasks */
    uint32_t *n_waiting; /* [n]: predecessors that have not started */
    Level *levels;       /* [n + 1] */
    GPtrArray *memory;   /* of the levels */
    Energy energy;
};

static SearchResult advance(Search *search, uint32_t depth, uint32_t n_skipped);

static void *
allocate(Search *search, size_t n, size_t size)
{
    void *memory = g_malloc0_n(n + 1, size);

    g_ptr_array_add(search->memory, memory);
    return memory;
}

Search *
search_new(const Problem *problem, Memo *memo)
{
    Search *search = g_new0(Search, 1);
    uint32_t n = problem->n;

    search->problem = problem;
    search->memo = memo;
    search->memory = g_ptr_array_new_with_free_func(g_free);
    search->by_latest = allocate(search, n, sizeof(Turn));
    search->by_choice = allocate(search, n, sizeof(Turn));
    search->started = allocate(search, problem->n_words, sizeof(uint64_t));
    search->start = allocate(search, n, sizeof(int64_t));
    search->n_waiting = allocate(search, n, sizeof(uint32_t));
    search->energy.max_parts = energy_parts_of(problem);
    search->energy.begins = allocate(search, search->energy.max_parts, sizeof(int64_t));
    search->energy.ends = allocate(search, search->energy.max_parts, sizeof(int64_t));
    search->levels = allocate(search, n + 1, sizeof(Level));
    return search;
}

void
search_free(Search *search)
{
    if (!search)
        return;
    g_ptr_array_unref(search->memory);
    g_free(search);
}

/* Return the level, with memory. */
static Level *
level_at(Search *search, uint32_t depth)
{
    Level *level = &search->levels[depth];
    uint32_t n = search->problem->n;

    if (!level->earliest) {
        level->earliest = allocate(search, n, sizeof(int64_t));
        level->running = allocate(search, n, sizeof(Running));
        level->free_units = allocate(search, search->problem->n_limits, sizeof(uint32_t));
        level->ready = allocate(search, n, sizeof(uint32_t));
        level->skipped = allocate(search, n, sizeof(uint32_t));
        level->skipped_at = allocate(search, n, sizeof(int64_t));
    }
    return level;
}

/* Return whether the search has to end. */
static bool
is_over(Search *search)
{
    const SearchLimits *limits = search->limits;

    search->n_nodes++;
    if (search->n_nodes >= limits->max_nodes ||
        (search->n_nodes % NODES_BETWEEN_QUESTIONS == 0 && limits->give_up(limits->data)))
        search->is_ended = true;
    return search->is_ended;
}

static bool
is_skipped(const Level *level, uint32_t id)
{
    for (uint32_t i = 0; i < level->n_skipped; i++)
        if (level->skipped[i] == id)
            return true;
    return false;
}

static int64_t
next_end(const Level *level)
{
    int64_t next = INT64_MAX;

    for (unsigned i = 0; i < level->n_running; i++)
        next = MIN(next, level->running[i].end);
    return next;
}

/* Return whether a task could start now beside those that run. */
static bool
fits(const Problem *problem, const Level *level, uint32_t id)
{
    return problem->n_limits == 0 ? level->n_running < problem->n_workers
                                  : problem_fits(problem, id, level->free_units);
}

/* Go on to the next end of a task.  Returns: false if none is running. */
static bool
move_on(const Problem *problem, Level *level)
{
    int64_t next = next_end(level);
    unsigned n_running = 0;

    if (level->n_running == 0)
        return false;
    level->time = next;
    for (unsigned i = 0; i < level->n_running; i++)
        if (level->running[i].end > next)
            level->running[n_running++] = level->running[i];
        else
            problem_give_back(problem, level->running[i].id, level->free_units);
    level->n_running = n_running;
    return true;
}

/* Return whether a skipped task would have fitted before the present moment. */
static bool
is_skip_useless(const Search *search, const Level *level)
{
    for (uint32_t i = 0; i < level->n_skipped; i++)
        if (level->skipped_at[i] + search->problem->duration[level->skipped[i]] <=
            level->time)
            return true;
    return false;
}

/* Fill `ready` of the level. */
static void
find_ready(const Search *search, Level *level)
{
    level->n_ready = 0;
    for (uint32_t i = 0; i < search->problem->n; i++) {
        uint32_t id = search->by_choice[i].id;

        if (!task_set_has(search->started, id) && search->n_waiting[id] == 0 &&
            level->earliest[id] <= level->time && !is_skipped(level, id))
            level->ready[level->n_ready++] = id;
    }
}

/* Let no task that has not started start before the present moment.  Returns: false if one
 * cannot start in time any more. */
static bool
lift(const Search *search, Level *level)
{
    uint32_t n = search->problem->n;

    for (uint32_t id = 0; id < n; id++) {
        const int64_t *distance = problem_distances(search->problem, id);

        if (task_set_has(search->started, id))
            continue;
        if (level->earliest[id] < level->time) {
            level->earliest[id] = level->time;
            for (uint32_t to = id + 1; to < n; to++)
                level->earliest[to] = MAX(level->earliest[to], level->time + distance[to]);
        }
        if (level->earliest[id] > search->windows->latest[id])
            return false;
    }
    return true;
}

/* Return whether the work of a limit after `from`, which is not before the level, is too much. */
static bool
is_limit_exceeded(Search *search, const Level *level, int64_t from, uint32_t limit)
{
    const Problem *problem = search->problem;
    Energy *energy = &search->energy;

    energy->n = 0;
    for (unsigned i = 0; i < level->n_running; i++)
        energy_add_needs(energy, problem, level->running[i].id, limit,
                         (Span){from, level->running[i].end});
    for (uint32_t i = 0; i < problem->n; i++) {
        uint32_t id = search->by_latest[i].id;
        int64_t left, begin;

        if (task_set_has(search->started, id))
            continue;
        left =
            MIN(problem->duration[id], level->earliest[id] + problem->duration[id] - from);
        begin = MAX(from, search->windows->latest[id]);
        energy_add_needs(energy, problem, id, limit, (Span){begin, begin + left});
    }
    return energy_exceeds(energy, from, problem->limit[limit]);
}

/* Return whether the work of workers after `from`, which is not before the level, is too much. */
static bool
is_too_much_after(Search *search, const Level *level, int64_t from)
{
    const Problem *problem = search->problem;
    Energy *energy = &search->energy;

    energy->n = 0;
    for (unsigned i = 0; i < level->n_running; i++)
        if (level->running[i].end > from)
            energy_add(energy, from, level->running[i].end);
    for (uint32_t i = 0; i < problem->n; i++) {
        uint32_t id = search->by_latest[i].id;
        int64_t left, begin;

        if (task_set_has(search->started, id))
            continue;
        left =
            MIN(problem->duration[id], level->earliest[id] + problem->duration[id] - from);
        begin = MAX(from, search->windows->latest[id]);
        if (left > 0)
            energy_add(energy, begin, begin + left);
    }
    return energy_exceeds(energy, from, problem->n_workers);
}

/* Return the earliest start after `time` of a task that has not started. */
static int64_t
next_earliest(const Search *search, const Level *level, int64_t time)
{
    int64_t next = INT64_MAX;

    for (uint32_t id = 0; id < search->problem->n; id++)
        if (!task_set_has(search->started, id) && level->earliest[id] > time)
            next = MIN(next, level->earliest[id]);
    return next;
}

/* Return whether the energy test refutes the level, at its time and the next two earliest
 * starts. */
static bool
is_refuted(Search *search, const Level *level)
{
    int64_t from = level->time;

    for (unsigned i = 0; i < 3 && from < INT64_MAX; i++) {
        if (search->problem->n_limits == 0 && is_too_much_after(search, level, from))
            return true;
        for (uint32_t k = 0; k < search->problem->n_limits; k++)
            if (is_limit_exceeded(search, level, from, k))
                return true;
        from = next_earliest(search, level, from);
    }
    return false;
}

/* Return whether starting `id` is no better than starting a task that was skipped, which is as
 * long, needs the same, and on which at least the same tasks depend. */
static bool
is_worse_than(const Problem *problem, uint32_t id, uint32_t skipped)
{
    return problem->duration[skipped] == problem->duration[id] &&
           problem_needs_equal(problem, skipped, id) &&
           task_set_contains(problem_descendants(problem, skipped),
                             problem_descendants(problem, id), problem->n_words);
}

static bool
is_dominated(const Search *search, const Level *level, uint32_t turn)
{
    const Problem *problem = search->problem;
    uint32_t id = level->ready[turn];

    for (uint32_t i = 0; i < turn; i++)
        if (!task_set_has(search->started, level->ready[i]) &&
            is_worse_than(problem, id, level->ready[i]))
            return true;
    for (uint32_t i = 0; i < level->n_skipped; i++)
        if (is_worse_than(problem, id, level->skipped[i]))
            return true;
    return false;
}

/* Each level of recursion starts a task or moves on to the end of one, so there are at most two for
 * each of PROBLEM_MAX_TASKS tasks.  NOLINTBEGIN(misc-no-recursion) */

/* Leave the other workers idle until the next end of a task. */
static SearchResult
idle(Search *search, uint32_t depth)
{
    Level *level = &search->levels[depth];
    int64_t next = next_end(level);
    uint32_t n_skipped = level->n_skipped;
    SearchResult result;

    if (level->n_running == 0)
        return SEARCH_EXHAUSTED;
    for (uint32_t i = 0; i < level->n_ready; i++) {
        uint32_t id = level->ready[i];

        if (task_set_has(search->started, id))
            continue;
        if (search->windows->latest[id] < next) {
            level->n_skipped = n_skipped;
            return SEARCH_EXHAUSTED;
        }
        if (!fits(search->problem, level, id))
            continue;
        if (level->time + search->problem->duration[id] <= next) {
            level->n_skipped = n_skipped;
            return SEARCH_EXHAUSTED;
        }
        level->skipped[level->n_skipped] = id;
        level->skipped_at[level->n_skipped++] = level->time;
    }
    result = advance(search, depth + 1, level->n_skipped);
    level->n_skipped = n_skipped;
    return result;
}

static void
change_waiting(Search *search, uint32_t id, int by)
{
    const Neighbours *succs = &search->problem->succs;

    for (uint32_t i = succs->first[id]; i < succs->first[id + 1]; i++)
        search->n_waiting[succs->ids[i]] += (uint32_t)by;
}

static SearchResult choose(Search *search, uint32_t depth, uint32_t turn);

/* Start the ready task of this turn and go on; undo it unless that succeeds. */
static SearchResult
start_task(Search *search, uint32_t depth, uint32_t turn)
{
    Level *level = &search->levels[depth];
    uint32_t id = level->ready[turn];
    SearchResult result;

    search->start[id] = level->time;
    task_set_add(search->started, id);
    change_waiting(search, id, -1);
    level->running[level->n_running++] =
        (Running){id, level->time + search->problem->duration[id]};
    if (++search->n_started == search->problem->n)
        return SEARCH_FOUND;
    problem_take(search->problem, id, level->free_units);
    if (search->problem->n_limits == 0 && level->n_running == search->problem->n_workers)
        result = advance(search, depth + 1, 0);
    else
        result = choose(search, depth, turn + 1);
    search->n_started--;
    level->n_running--;
    problem_give_back(search->problem, id, level->free_units);
    change_waiting(search, id, 1);
    task_set_remove(search->started, id);
    return result;
}

/* Try every choice among the ready tasks from this turn on. */
static SearchResult
choose(Search *search, uint32_t depth, uint32_t turn)
{
    Level *level = &search->levels[depth];

    if (is_over(search))
        return SEARCH_ENDED;
    for (; turn < level->n_ready; turn++) {
        if (fits(search->problem, level, level->ready[turn]) &&
            !is_dominated(search, level, turn)) {
            SearchResult result = start_task(search, depth, turn);

            if (result != SEARCH_EXHAUSTED)
                return result;
        }
        if (search->windows->latest[level->ready[turn]] <= level->time)
            return SEARCH_EXHAUSTED; /* this task cannot be skipped */
    }
    return idle(search, depth);
}

/* Begin the level from the one before it, with those of its skipped tasks [n_skipped] that would have
 * fitted until now. */
static Level *
begin_level(Search *search, uint32_t depth, uint32_t n_skipped)
{
    Level *level = level_at(search, depth), *before = &search->levels[depth - 1];

    level->time = before->time;
    level->n_running = before->n_running;
    level->n_skipped = 0;
    memcpy(level->earliest, before->earliest, search->problem->n * sizeof(int64_t));
    memcpy(level->running, before->running, before->n_running * sizeof(Running));
    memcpy(level->free_units, before->free_units,
           search->problem->n_limits * sizeof(uint32_t));
    for (uint32_t i = 0; i < n_skipped; i++)
        if (fits(search->problem, before, before->skipped[i])) {
            level->skipped[level->n_skipped] = before->skipped[i];
            level->skipped_at[level->n_skipped++] = before->skipped_at[i];
        }
    return level;
}

/* Sort the running tasks, the last end first. */
static void
sort_running(Level *level)
{
    for (unsigned i = 1; i < level->n_running; i++) {
        Running moved = level->running[i];
        unsigned k = i;

        for (; k > 0 && level->running[k - 1].end < moved.end; k--)
            level->running[k] = level->running[k - 1];
        level->running[k] = moved;
    }
}

/* Go on to the next moment at which a task is ready. */
static SearchResult
advance(Search *search, uint32_t depth, uint32_t n_skipped)
{
    Level *level = begin_level(search, depth, n_skipped);
    Moment moment;
    SearchResult result;

    n_skipped = level->n_skipped;
    do {
        if (!move_on(search->problem, level) || is_skip_useless(search, level))
            return SEARCH_EXHAUSTED;
        find_ready(search, level);
    } while (level->n_ready == 0);
    sort_running(level);
    moment = (Moment){level->time, search->started, level->running, level->n_running,
                      level->earliest};
    if (memo_dominates(search->memo, &moment) || !lift(search, level) ||
        is_refuted(search, level))
        return SEARCH_EXHAUSTED;
    result = choose(search, depth, 0);
    /* With skipped tasks, the failure may be due to them: the moment alone proves nothing. */
    if (result == SEARCH_EXHAUSTED && n_skipped == 0)
        memo_add(search->memo, &moment);
    return result;
}
/* NOLINTEND(misc-no-recursion) */

/* Set the state before the first task. */
static void
reset(Search *search, const Windows *windows, const SearchLimits *limits)
{
    const Problem *problem = search->problem;
    Level *level = level_at(search, 0);

    search->windows = windows;
    search->limits = limits;
    search->n_nodes = 0;
    search->n_started = 0;
    search->is_ended = false;
    memset(search->started, 0, problem->n_words * sizeof(uint64_t));
    for (uint32_t id = 0; id < problem->n; id++) {
        search->by_latest[id] = (Turn){-windows->latest[id], id, 0};
        search->by_choice[id] = (Turn){-limits->preference[id], id, 0};
        search->n_waiting[id] = problem->preds.first[id + 1] - problem->preds.first[id];
    }
    turns_sort(search->by_latest, problem->n);
    turns_sort(search->by_choice, problem->n);
    level->time = 0;
    level->n_running = level->n_skipped = 0;
    for (uint32_t i = 0; i < problem->n_limits; i++)
        level->free_units[i] = problem->limit[i];
    memcpy(level->earliest, windows->earliest, problem->n * sizeof(int64_t));
}

SearchResult
search_run(Search *search, const Windows *windows, const SearchLimits *limits,
           int64_t *start_out)
{
    SearchResult result;

    reset(search, windows, limits);
    find_ready(search, &search->levels[0]);
    result = choose(search, 0, 0);
    if (result == SEARCH_FOUND)
        memcpy(start_out, search->start, search->problem->n * sizeof(int64_t));
    return result;
}

uint64_t
search_n_nodes(const Search *search)
{
    return search->n_nodes;
}
