/* SPDX-License-Identifier: MIT */
/*
 * A capacity is a count: of free workers, of free connections, or of the free slots of a pool.
 *
 * A choice costs O(classes log classes) after a change, and nothing if nothing has changed.
 */
#include "ready/capacity.h"

struct Capacities {
    const TaskClasses *classes;
    size_t n_pools;
    uint32_t free_units[DAG_N_OCCUPIES]; /* by DagOccupies */
    uint32_t *free_slots;                /* [n_pools] */
    uint32_t choice[DAG_N_OCCUPIES];     /* by DagOccupies; valid if has_choice */
    bool has_choice[DAG_N_OCCUPIES];
    bool *is_reserved;    /* [n_pools]: scratch */
    uint32_t *candidates; /* [n_classes]: scratch */
};

Capacities *
dag__capacities_new(const DagGraph *graph, const TaskClasses *classes, unsigned n_workers,
                    unsigned n_connections)
{
    Capacities *capacities = g_new0(Capacities, 1);
    const DagPool *pools = dag_graph_pools(graph, &capacities->n_pools);

    capacities->classes = classes;
    capacities->free_units[DAG_OCCUPIES_WORKER] = n_workers;
    capacities->free_units[DAG_OCCUPIES_CONNECTION] = n_connections;
    capacities->free_slots = g_new(uint32_t, capacities->n_pools);
    capacities->is_reserved = g_new(bool, capacities->n_pools);
    capacities->candidates = g_new(uint32_t, classes->n);
    for (size_t i = 0; i < capacities->n_pools; i++)
        capacities->free_slots[i] = pools[i].slots;
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

static void
reserve_pools(Capacities *capacities, const TaskClass *needs)
{
    for (size_t i = 0; i < needs->n_uses; i++)
        capacities->is_reserved[needs->uses[i].pool] = true;
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

    if (capacities->free_units[unit] == 0)
        return NO_CLASS;
    waiting = waiting_classes(capacities, queue, &n);
    for (size_t i = 0; i < capacities->n_pools; i++)
        capacities->is_reserved[i] = false;
    for (uint32_t i = 0; i < n; i++) {
        const TaskClass *needs = &capacities->classes->classes[waiting[i]];
        bool fits = fits_pools(capacities, needs);

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
dag__capacities_reconsider(Capacities *capacities)
{
    for (int unit = 0; unit < DAG_N_OCCUPIES; unit++)
        capacities->has_choice[unit] = false;
}

void
dag__capacities_take(Capacities *capacities, uint32_t class_id)
{
    const TaskClass *needs = &capacities->classes->classes[class_id];

    g_assert(capacities->free_units[needs->unit] > 0);
    capacities->free_units[needs->unit]--;
    for (size_t i = 0; i < needs->n_uses; i++)
        capacities->free_slots[needs->uses[i].pool] -= needs->uses[i].slots;
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
    give_back(capacities, class_id);
}

int64_t
dag__capacities_next_ns(const Capacities *capacities)
{
    (void)capacities;
    return INT64_MAX;
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
