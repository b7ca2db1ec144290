/* SPDX-License-Identifier: MIT */
#include "strategies/optimal/memo.h"

#include <string.h>

#define N_CHAINS (1u << 16)

/* A state, followed by its set of started tasks and its running tasks. */
typedef struct State {
    struct State *next; /* in the chain */
    int64_t time;
    unsigned n_running;
    uint64_t words[];
} State;

struct Memo {
    uint32_t n_words;
    size_t max_bytes, n_bytes;
    State *chains[N_CHAINS];
    GPtrArray *blocks; /* memory of the states */
    size_t n_used;     /* bytes of the last block */
};

#define BLOCK_SIZE ((size_t)1 << 20)

Memo *
memo_new(uint32_t n_words, size_t max_bytes)
{
    Memo *memo = g_new0(Memo, 1);

    memo->n_words = n_words;
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
chain_of(const Memo *memo, const uint64_t *started)
{
    uint64_t hash = 0;

    for (uint32_t w = 0; w < memo->n_words; w++) {
        hash = (hash ^ started[w]) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    return (uint32_t)(hash % N_CHAINS);
}

static Running *
running_of(const Memo *memo, State *state)
{
    return (Running *)(void *)(state->words + memo->n_words);
}

/* Return memory for a state, or NULL if the memo is full. */
static State *
new_state(Memo *memo, unsigned n_running)
{
    size_t size =
        sizeof(State) + memo->n_words * sizeof(uint64_t) + n_running * sizeof(Running);
    State *state;

    if (memo->blocks->len == 0 || memo->n_used + size > BLOCK_SIZE) {
        if (memo->n_bytes + BLOCK_SIZE > memo->max_bytes || size > BLOCK_SIZE)
            return NULL;
        g_ptr_array_add(memo->blocks, g_malloc(BLOCK_SIZE));
        memo->n_bytes += BLOCK_SIZE;
        memo->n_used = 0;
    }
    state = (void *)((char *)g_ptr_array_index(memo->blocks, memo->blocks->len - 1) +
                     memo->n_used);
    memo->n_used += size;
    return state;
}

void
memo_add(Memo *memo, const Moment *moment)
{
    State *state = new_state(memo, moment->n_running);
    uint32_t chain;

    if (!state)
        return;
    chain = chain_of(memo, moment->started);
    state->next = memo->chains[chain];
    state->time = moment->time;
    state->n_running = moment->n_running;
    memcpy(state->words, moment->started, memo->n_words * sizeof(uint64_t));
    memcpy(running_of(memo, state), moment->running, moment->n_running * sizeof(Running));
    memo->chains[chain] = state;
}

/* Return when a task ends that has started, no earlier than `moment`. */
static int64_t
end_in(const Moment *moment, uint32_t id)
{
    for (unsigned i = 0; i < moment->n_running; i++)
        if (moment->running[i].id == id)
            return moment->running[i].end;
    return moment->time;
}

static bool
state_dominates(const Memo *memo, State *state, const Moment *moment)
{
    const Running *running = running_of(memo, state);

    if (state->time > moment->time ||
        memcmp(state->words, moment->started, memo->n_words * sizeof(uint64_t)) != 0)
        return false;
    for (unsigned i = 0; i < state->n_running; i++)
        if (running[i].end > end_in(moment, running[i].id))
            return false;
    return true;
}

bool
memo_dominates(const Memo *memo, const Moment *moment)
{
    for (State *state = memo->chains[chain_of(memo, moment->started)]; state;
         state = state->next)
        if (state_dominates(memo, state, moment))
            return true;
    return false;
}
