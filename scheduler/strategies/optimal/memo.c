/* SPDX-License-Identifier: MIT */
#include "strategies/optimal/memo.h"

#include <string.h>

#define N_CHAINS   (1u << 16)
#define FIRST_ROOM 2 /* states */

/* A state, without its set of started tasks. */
typedef struct State {
    int64_t time;
    size_t n_running;
    Running running[]; /* the last end first */
} State;

/* All states in which the same tasks have started, one after the other. */
typedef struct Group {
    struct Group *next; /* in the chain */
    char *states;
    uint32_t n_bytes, n_room; /* of the states */
    uint32_t hash;
    uint64_t started[];
} Group;

struct Memo {
    const Problem *problem;
    size_t max_bytes, n_bytes;
    Group *chains[N_CHAINS];
    GPtrArray *blocks; /* memory of the states */
    size_t n_used;     /* bytes of the last block */
};

#define BLOCK_SIZE ((size_t)1 << 20)

Memo *
memo_new(const Problem *problem, size_t max_bytes)
{
    Memo *memo = g_new0(Memo, 1);

    memo->problem = problem;
    memo->max_bytes = max_bytes;
    memo->blocks = g_ptr_array_new_with_free_func(g_free);
    return memo;
}

void
memo_free(Memo *memo)
{
    if (!memo)
        return;
    g_ptr_array_unref(memo->blocks);
    g_free(memo);
}

void
memo_clear(Memo *memo)
{
    if (memo->n_bytes == 0)
        return;
    memset(memo->chains, 0, sizeof memo->chains);
    g_ptr_array_set_size(memo->blocks, 0);
    memo->n_bytes = memo->n_used = 0;
}

static uint32_t
hash_of(const Memo *memo, const uint64_t *started)
{
    uint64_t hash = 0;

    for (uint32_t w = 0; w < memo->problem->n_words; w++) {
        hash = (hash ^ started[w]) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    return (uint32_t)hash;
}

/* Return memory, or NULL if the memo is full. */
static void *
allocate(Memo *memo, size_t size)
{
    char *memory;

    if (memo->blocks->len == 0 || memo->n_used + size > BLOCK_SIZE) {
        if (memo->n_bytes + BLOCK_SIZE > memo->max_bytes || size > BLOCK_SIZE)
            return NULL;
        g_ptr_array_add(memo->blocks, g_malloc(BLOCK_SIZE));
        memo->n_bytes += BLOCK_SIZE;
        memo->n_used = 0;
    }
    memory = (char *)g_ptr_array_index(memo->blocks, memo->blocks->len - 1) + memo->n_used;
    memo->n_used += size;
    return memory;
}

static Group *
find_group(const Memo *memo, const uint64_t *started, uint32_t hash)
{
    size_t size = memo->problem->n_words * sizeof(uint64_t);

    for (Group *group = memo->chains[hash % N_CHAINS]; group; group = group->next)
        if (group->hash == hash && memcmp(group->started, started, size) == 0)
            return group;
    return NULL;
}

/* Return the group of the moment, made if there is none; NULL if the memo is full. */
static Group *
group_for(Memo *memo, const Moment *moment)
{
    uint32_t hash = hash_of(memo, moment->started);
    size_t size = memo->problem->n_words * sizeof(uint64_t);
    Group *group = find_group(memo, moment->started, hash);

    if (group)
        return group;
    group = allocate(memo, sizeof(Group) + size);
    if (!group)
        return NULL;
    *group = (Group){.next = memo->chains[hash % N_CHAINS], .hash = hash};
    memcpy(group->started, moment->started, size);
    memo->chains[hash % N_CHAINS] = group;
    return group;
}

static size_t
size_of(size_t n_running)
{
    return sizeof(State) + n_running * sizeof(Running);
}

/* Return when a task ends that has started, no earlier than `time`. */
static int64_t
end_in(const Running *running, size_t n_running, uint32_t id, int64_t time)
{
    for (size_t i = 0; i < n_running; i++)
        if (running[i].id == id)
            return running[i].end;
    return time;
}

/* Return whether no task of the moment ends before the same one of the state. */
static bool
ends_earlier(const State *state, const Moment *moment)
{
    for (size_t i = 0; i < state->n_running; i++)
        if (state->running[i].end >
            end_in(moment->running, moment->n_running, state->running[i].id, moment->time))
            return false;
    return true;
}

/* Return whether at any time from the moment on as many workers are free after the state. */
static bool
is_freer(const State *state, const Moment *moment)
{
    for (size_t i = 0; i < state->n_running; i++)
        if (state->running[i].end >
            (i < moment->n_running ? moment->running[i].end : moment->time))
            return false;
    return true;
}

/* Return whether the running tasks of the state end before their successors can start after the
 * moment. */
static bool
releases_in_time(const Problem *problem, const State *state, const Moment *moment)
{
    const Neighbours *succs = &problem->succs;

    for (size_t i = 0; i < state->n_running && state->running[i].end > moment->time; i++)
        for (uint32_t k = succs->first[state->running[i].id];
             k < succs->first[state->running[i].id + 1]; k++)
            if (moment->earliest[succs->ids[k]] < state->running[i].end)
                return false;
    return true;
}

static bool
state_dominates(const Memo *memo, const State *state, const Moment *moment)
{
    if (state->time > moment->time)
        return false;
    if (memo->problem->n_limits > 0)
        return ends_earlier(state, moment);
    return is_freer(state, moment) && releases_in_time(memo->problem, state, moment);
}

/* Return whether the moment, which has failed, makes the state superfluous. */
static bool
is_superfluous(const State *state, const Moment *moment)
{
    if (moment->time > state->time || moment->n_running > state->n_running)
        return false;
    for (size_t i = 0; i < moment->n_running; i++)
        if (moment->running[i].end >
            end_in(state->running, state->n_running, moment->running[i].id, state->time))
            return false;
    return true;
}

/* Remove the states that the moment makes superfluous. */
static void
clean(Group *group, const Moment *moment)
{
    uint32_t n_kept = 0;

    for (uint32_t at = 0; at < group->n_bytes;) {
        const State *state = (const State *)(const void *)(group->states + at);
        uint32_t size = (uint32_t)size_of(state->n_running);

        if (!is_superfluous(state, moment)) {
            memmove(group->states + n_kept, group->states + at, size);
            n_kept += size;
        }
        at += size;
    }
    group->n_bytes = n_kept;
}

/* Return memory for a state behind the others of the group, or NULL if the memo is full. */
static State *
new_state(Memo *memo, Group *group, uint32_t size)
{
    uint32_t n_room = MAX(2 * group->n_room, FIRST_ROOM * size);
    char *states;

    if (group->n_bytes + size > group->n_room) {
        states = allocate(memo, n_room);
        if (!states)
            return NULL;
        if (group->n_bytes > 0)
            memcpy(states, group->states, group->n_bytes);
        group->states = states;
        group->n_room = n_room;
    }
    group->n_bytes += size;
    return (State *)(void *)(group->states + group->n_bytes - size);
}

void
memo_add(Memo *memo, const Moment *moment)
{
    Group *group = group_for(memo, moment);
    State *state;

    if (!group)
        return;
    clean(group, moment);
    state = new_state(memo, group, (uint32_t)size_of(moment->n_running));
    if (!state)
        return;
    state->time = moment->time;
    state->n_running = moment->n_running;
    if (moment->n_running > 0)
        memcpy(state->running, moment->running, moment->n_running * sizeof(Running));
}

bool
memo_dominates(const Memo *memo, const Moment *moment)
{
    const Group *group = find_group(memo, moment->started, hash_of(memo, moment->started));

    for (uint32_t at = 0; group && at < group->n_bytes;) {
        const State *state = (const State *)(const void *)(group->states + at);

        if (state_dominates(memo, state, moment))
            return true;
        at += (uint32_t)size_of(state->n_running);
    }
    return false;
}
