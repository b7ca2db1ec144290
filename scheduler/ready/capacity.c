/* SPDX-License-Identifier: MIT */
/*
 * A capacity is a count: of free workers, of free connections, of the free slots of a pool, or of the
 * tokens of a rate, which come back with time.
 *
 * A choice costs O(classes log classes) after a change, and nothing if nothing has changed.
 */
#include "ready/capacity.h"

#include "ready/bucket.h"

/* A start takes one token of each pool with a rate that it uses. */
#define TOKENS_OF_A_START 1

/* Tokens kept for a task that waits for tokens of several pools. */
typedef struct Reservation {
    uint32_t tokens;
    int64_t when_ns; /* when that task could start */
} Reservation;

struct Capacities {
    const TaskClasses *classes;
    const DagPool *pools; /* [n_pools]; borrowed */
    size_t n_pools;
    uint32_t free_units[DAG_N_OCCUPIES]; /* by DagOccupies */
    uint32_t *free_slots;                /* [n_pools] */
    uint32_t choice[DAG_N_OCCUPIES];     /* by DagOccupies; valid if has_choice */
    bool has_choice[DAG_N_OCCUPIES];
    bool *is_reserved; /* [n_pools]: scratch */
    /* NULL: no pool has a rate or is closed, and time does not matter. */
    Bucket *buckets;           /* [n_pools] */
    Reservation *reservations; /* [n_pools]: scratch */
    int64_t now_ns;
    int64_t grows_ns
        [DAG_N_OCCUPIES]; /* valid if has_choice, for NO_CLASS: when to choose again */
    uint32_t *candidates; /* [n_classes]: scratch */
};

/* Fill the buckets of all pools. */
static void
make_buckets(Capacities *capacities)
{
    capacities->buckets = g_new(Bucket, capacities->n_pools + 1);
    capacities->reservations = g_new(Reservation, capacities->n_pools + 1);
    for (size_t i = 0; i < capacities->n_pools; i++)
        capacities->buckets[i] = dag__bucket_of(&capacities->pools[i]);
}

Capacities *
dag__capacities_new(const DagGraph *graph, const TaskClasses *classes, unsigned n_workers,
                    unsigned n_connections)
{
    Capacities *capacities = g_new0(Capacities, 1);
    const DagPool *pools = dag_graph_pools(graph, &capacities->n_pools);

    capacities->classes = classes;
    capacities->pools = pools;
    capacities->free_units[DAG_OCCUPIES_WORKER] = n_workers;
    capacities->free_units[DAG_OCCUPIES_CONNECTION] = n_connections;
    capacities->free_slots = g_new(uint32_t, capacities->n_pools);
    capacities->is_reserved = g_new(bool, capacities->n_pools);
    capacities->candidates = g_new(uint32_t, classes->n);
    for (size_t i = 0; i < capacities->n_pools; i++) {
        capacities->free_slots[i] = pools[i].slots > 0 ? pools[i].slots : UINT32_MAX;
        if (pools[i].rate.count > 0 && !capacities->buckets)
            make_buckets(capacities);
    }
    return capacities;
}

void
dag__capacities_free(Capacities *capacities)
{
    if (!capacities)
        return;
    g_free(capacities->free_slots);
    g_free(capacities->is_reserved);
    g_free(capacities->candidates);
    g_free(capacities->buckets);
    g_free(capacities->reservations);
    g_free(capacities);
}

static int
compare_classes(gconstpointer a, gconstpointer b, gpointer queue)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    if (x == y)
        return 0;
    return dag__ready_queue_goes_before(queue, x, y) ? -1 : 1;
}

/* Return true if the pools have enough free slots for the class, and no task before it has
 * reserved them. */
static bool
fits_pools(const Capacities *capacities, const TaskClass *needs)
{
    for (size_t i = 0; i < needs->n_uses; i++)
        if (capacities->is_reserved[needs->uses[i].pool] ||
            needs->uses[i].slots > capacities->free_slots[needs->uses[i].pool])
            return false;
    return true;
}

/* Return the first time at which all pools of the class have a token for it, as far as is known. */
static int64_t
tokens_ns(const Capacities *capacities, const TaskClass *needs)
{
    int64_t latest_ns = capacities->now_ns;

    for (size_t i = 0; capacities->buckets && i < needs->n_uses; i++) {
        int64_t ns = dag__bucket_next_ns(&capacities->buckets[needs->uses[i].pool],
                                         capacities->now_ns, TOKENS_OF_A_START);

        latest_ns = MAX(latest_ns, ns);
    }
    return latest_ns;
}

/* Return whether the pools of the class have tokens beside those that are reserved. */
static bool
can_spare_tokens(const Capacities *capacities, const TaskClass *needs)
{
    for (size_t i = 0; capacities->buckets && i < needs->n_uses; i++) {
        uint32_t pool = needs->uses[i].pool;
        Reservation reserved = capacities->reservations[pool];

        if (!dag__bucket_can_spare(&capacities->buckets[pool], capacities->now_ns,
                                   TOKENS_OF_A_START, reserved.tokens, reserved.when_ns))
            return false;
    }
    return true;
}

/* Keep tokens of all pools of the class until `when_ns`. */
static void
reserve_tokens(Capacities *capacities, const TaskClass *needs, int64_t when_ns)
{
    for (size_t i = 0; i < needs->n_uses; i++) {
        Reservation *reserved = &capacities->reservations[needs->uses[i].pool];

        reserved->tokens += TOKENS_OF_A_START;
        reserved->when_ns = MIN(reserved->when_ns, when_ns);
    }
}

static void
reserve_pools(Capacities *capacities, const TaskClass *needs)
{
    for (size_t i = 0; i < needs->n_uses; i++)
        capacities->is_reserved[needs->uses[i].pool] = true;
}

static void
forget_reservations(Capacities *capacities)
{
    for (size_t i = 0; i < capacities->n_pools; i++)
        capacities->is_reserved[i] = false;
    for (size_t i = 0; capacities->buckets && i < capacities->n_pools; i++)
        capacities->reservations[i] = (Reservation){.when_ns = INT64_MAX};
}

/* Note that a class, whose slots are free, has its tokens at `when_ns`, not yet. */
static void
await_tokens(Capacities *capacities, const TaskClass *needs, int64_t when_ns)
{
    int64_t *grows_ns = &capacities->grows_ns[needs->unit];

    if (capacities->free_units[needs->unit] == 0)
        return;
    *grows_ns = MIN(*grows_ns, when_ns);
    reserve_tokens(capacities, needs, when_ns);
}

/* Return the classes that have a task in the queue, in the order of the queue; `*n_out` of them. */
static const uint32_t *
waiting_classes(Capacities *capacities, const ReadyQueue *queue, uint32_t *n_out)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < capacities->classes->n; i++)
        if (dag__ready_queue_length(queue, i) > 0)
            capacities->candidates[n++] = i;
    if (n > 1)
        g_qsort_with_data(capacities->candidates, (gint)n, sizeof(uint32_t),
                          compare_classes, (gpointer)queue);
    *n_out = n;
    return capacities->candidates;
}

static uint32_t
choose(Capacities *capacities, const ReadyQueue *queue, DagOccupies unit)
{
    uint32_t n;
    const uint32_t *waiting;

    capacities->grows_ns[unit] = INT64_MAX;
    if (capacities->free_units[unit] == 0)
        return NO_CLASS;
    waiting = waiting_classes(capacities, queue, &n);
    forget_reservations(capacities);
    for (uint32_t i = 0; i < n; i++) {
        const TaskClass *needs = &capacities->classes->classes[waiting[i]];
        bool fits = fits_pools(capacities, needs);
        int64_t when_ns = fits ? tokens_ns(capacities, needs) : capacities->now_ns;

        if (when_ns > capacities->now_ns) {
            await_tokens(capacities, needs, when_ns);
            continue;
        }
        fits = fits && can_spare_tokens(capacities, needs);
        if (fits && needs->unit == unit)
            return waiting[i];
        /* A task that can start now on the other kind of unit will do so: keep its slots. */
        if (!fits || capacities->free_units[needs->unit] > 0)
            reserve_pools(capacities, needs);
    }
    return NO_CLASS;
}

uint32_t
dag__capacities_choose(Capacities *capacities, const ReadyQueue *queue, DagOccupies unit)
{
    if (!capacities->has_choice[unit])
        capacities->choice[unit] = choose(capacities, queue, unit);
    capacities->has_choice[unit] = true;
    return capacities->choice[unit];
}

void
dag__capacities_pass_time(Capacities *capacities, int64_t now_ns)
{
    if (!capacities->buckets || now_ns <= capacities->now_ns)
        return;
    capacities->now_ns = now_ns;
    for (int unit = 0; unit < DAG_N_OCCUPIES; unit++)
        if (capacities->grows_ns[unit] <= now_ns)
            capacities->has_choice[unit] = false;
}

void
dag__capacities_reconsider(Capacities *capacities)
{
    for (int unit = 0; unit < DAG_N_OCCUPIES; unit++)
        capacities->has_choice[unit] = false;
}

bool
dag__capacities_have(const Capacities *capacities, uint32_t class_id)
{
    const TaskClass *needs = &capacities->classes->classes[class_id];

    for (size_t i = 0; i < needs->n_uses; i++)
        if (needs->uses[i].slots > capacities->free_slots[needs->uses[i].pool])
            return false;
    return capacities->free_units[needs->unit] > 0;
}

void
dag__capacities_take(Capacities *capacities, uint32_t class_id)
{
    const TaskClass *needs = &capacities->classes->classes[class_id];

    g_assert(capacities->free_units[needs->unit] > 0);
    capacities->free_units[needs->unit]--;
    for (size_t i = 0; i < needs->n_uses; i++)
        capacities->free_slots[needs->uses[i].pool] -= needs->uses[i].slots;
    for (size_t i = 0; capacities->buckets && i < needs->n_uses; i++)
        dag__bucket_take(&capacities->buckets[needs->uses[i].pool], capacities->now_ns,
                         TOKENS_OF_A_START);
    dag__capacities_reconsider(capacities);
}

/* Give back units and slots, which come back however the task ended. */
static void
give_back(Capacities *capacities, uint32_t class_id)
{
    const TaskClass *needs = &capacities->classes->classes[class_id];

    capacities->free_units[needs->unit]++;
    for (size_t i = 0; i < needs->n_uses; i++)
        capacities->free_slots[needs->uses[i].pool] += needs->uses[i].slots;
    dag__capacities_reconsider(capacities);
}

void
dag__capacities_release(Capacities *capacities, uint32_t class_id)
{
    give_back(capacities, class_id);
}

void
dag__capacities_refund(Capacities *capacities, uint32_t class_id)
{
    const TaskClass *needs = &capacities->classes->classes[class_id];

    for (size_t i = 0; capacities->buckets && i < needs->n_uses; i++)
        dag__bucket_give_back(&capacities->buckets[needs->uses[i].pool], TOKENS_OF_A_START);
    give_back(capacities, class_id);
}

void
dag__capacities_close(Capacities *capacities, uint32_t pool, int64_t now_ns,
                      int64_t until_ns)
{
    if (!capacities->buckets)
        make_buckets(capacities);
    dag__capacities_pass_time(capacities, now_ns);
    dag__bucket_close(&capacities->buckets[pool], until_ns);
    dag__capacities_reconsider(capacities);
}

int64_t
dag__capacities_next_ns(Capacities *capacities, const ReadyQueue *queue)
{
    int64_t next_ns = INT64_MAX;

    for (int unit = 0; capacities->buckets && unit < DAG_N_OCCUPIES; unit++)
        if (dag__capacities_choose(capacities, queue, (DagOccupies)unit) == NO_CLASS)
            next_ns = MIN(next_ns, capacities->grows_ns[unit]);
    return next_ns;
}

void
dag__capacities_set_units(Capacities *capacities, DagOccupies unit, unsigned n)
{
    capacities->free_units[unit] = n;
    dag__capacities_reconsider(capacities);
}

unsigned
dag__capacities_n_free(const Capacities *capacities, DagOccupies unit)
{
    return capacities->free_units[unit];
}
