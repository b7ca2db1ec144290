/* SPDX-License-Identifier: MIT */
/*
 * A capacity is a count: of free workers, of free connections, of the free slots of a pool, or of
 * starts or tokens that a pool allows in a time, which come back with time.
 *
 * A choice costs O(classes log classes) after a change, and nothing if nothing has changed.
 */
#include "ready/capacity-private.h"

/* Fill the buckets of all pools. */
static void
make_buckets(Capacities *capacities)
{
    size_t n = capacities->n_pools;

    capacities->buckets = g_new0(Bucket, N_FLOWS * n + 1);
    capacities->reservations = g_new0(Reservation, N_FLOWS * n + 1);
    for (size_t i = 0; i < n; i++) {
        const DagPool *pool = &capacities->pools[i];

        capacities->buckets[FLOW_STARTS * n + i] = dag__bucket_of(pool->rate, pool->burst);
        capacities->buckets[FLOW_TOKENS * n + i] =
            dag__bucket_of(pool->tokens, pool->tokens.count);
    }
}

/* Note the tokens that each task is estimated to use. */
static TokenUse *
token_uses_of(const DagGraph *graph)
{
    size_t n = dag_graph_n_tasks(graph);
    TokenUse *uses = g_new0(TokenUse, n + 1);

    for (DagTaskId id = 0; id < n; id++)
        uses[id].wanted = dag_graph_task_tokens(graph, id);
    return uses;
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
    capacities->claims = g_array_new(FALSE, FALSE, sizeof(Claim));
    for (size_t i = 0; i < capacities->n_pools; i++) {
        capacities->free_slots[i] = pools[i].slots > 0 ? pools[i].slots : UINT32_MAX;
        if ((pools[i].rate.count > 0 || pools[i].tokens.count > 0) && !capacities->buckets)
            make_buckets(capacities);
        if (pools[i].tokens.count > 0 && !capacities->token_uses)
            capacities->token_uses = token_uses_of(graph);
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
    g_free(capacities->token_uses);
    g_array_unref(capacities->claims);
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

/* Return the first task of a class in the queue. */
static Candidate
candidate_of(const Capacities *capacities, const ReadyQueue *queue, uint32_t class_id)
{
    Candidate first = {&capacities->classes->classes[class_id], {[FLOW_STARTS] = 1}};

    if (capacities->token_uses)
        first.amounts[FLOW_TOKENS] =
            capacities->token_uses[dag__ready_queue_first(queue, class_id)].wanted;
    return first;
}

/* Return the first time at which the buckets of all pools have enough for the task, as far as is known. */
static int64_t
tokens_ns(const Capacities *capacities, const Candidate *task)
{
    int64_t latest_ns = capacities->now_ns;

    for (size_t i = 0; capacities->buckets && i < N_FLOWS * task->needs->n_uses; i++) {
        Flow flow = (Flow)(i % N_FLOWS);
        size_t number = bucket_of(capacities, flow, task->needs->uses[i / N_FLOWS].pool);
        int64_t ns = dag__bucket_next_ns(&capacities->buckets[number], capacities->now_ns,
                                         task->amounts[flow]);

        latest_ns = MAX(latest_ns, ns);
    }
    return latest_ns;
}

/* Return whether the pools have enough for the task beside the reservations. */
static bool
can_spare_tokens(const Capacities *capacities, const Candidate *task)
{
    for (size_t i = 0; capacities->buckets && i < N_FLOWS * task->needs->n_uses; i++) {
        Flow flow = (Flow)(i % N_FLOWS);
        size_t number = bucket_of(capacities, flow, task->needs->uses[i / N_FLOWS].pool);
        Reservation reserved = capacities->reservations[number];

        if (!dag__bucket_can_spare(&capacities->buckets[number], capacities->now_ns,
                                   task->amounts[flow], reserved.amount, reserved.when_ns))
            return false;
    }
    return true;
}

void
dag__capacities_reserve(Capacities *capacities, const Candidate *task, int64_t when_ns)
{
    for (size_t i = 0; i < N_FLOWS * task->needs->n_uses; i++) {
        Flow flow = (Flow)(i % N_FLOWS);
        Reservation *reserved = &capacities->reservations[bucket_of(
            capacities, flow, task->needs->uses[i / N_FLOWS].pool)];

        if (task->amounts[flow] == 0)
            continue;
        reserved->amount = task->amounts[flow] < UINT32_MAX - reserved->amount
                               ? reserved->amount + task->amounts[flow]
                               : UINT32_MAX;
        reserved->when_ns = MIN(reserved->when_ns, when_ns);
    }
}

static void
reserve_pools(Capacities *capacities, const TaskClass *needs)
{
    for (size_t i = 0; i < needs->n_uses; i++)
        capacities->is_reserved[needs->uses[i].pool] = true;
}

void
dag__capacities_forget_reservations(Capacities *capacities)
{
    for (size_t i = 0; i < capacities->n_pools; i++)
        capacities->is_reserved[i] = false;
    for (size_t i = 0; capacities->buckets && i < N_FLOWS * capacities->n_pools; i++)
        capacities->reservations[i] = (Reservation){.when_ns = INT64_MAX};
}

/* Note that a task with free slots has its tokens at `when_ns`, not yet. */
static void
await_tokens(Capacities *capacities, const Candidate *task, int64_t when_ns)
{
    int64_t *grows_ns = &capacities->grows_ns[task->needs->unit];

    if (capacities->free_units[task->needs->unit] == 0)
        return;
    *grows_ns = MIN(*grows_ns, when_ns);
    dag__capacities_reserve(capacities, task, when_ns);
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
    dag__capacities_reserve_claims(capacities, capacities->claims->len);
    for (uint32_t i = 0; i < n; i++) {
        Candidate task = candidate_of(capacities, queue, waiting[i]);
        const TaskClass *needs = task.needs;
        bool fits = fits_pools(capacities, needs);
        int64_t when_ns = fits ? tokens_ns(capacities, &task) : capacities->now_ns;

        if (when_ns > capacities->now_ns) {
            await_tokens(capacities, &task, when_ns);
            continue;
        }
        fits = fits && can_spare_tokens(capacities, &task);
        if (fits && needs->unit == unit)
            return waiting[i];
        /* This task starts now, on a unit of the other kind, when that is asked: keep its slots. */
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
        dag__bucket_take(
            &capacities->buckets[bucket_of(capacities, FLOW_STARTS, needs->uses[i].pool)],
            capacities->now_ns, 1);
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
        dag__bucket_give_back(
            &capacities->buckets[bucket_of(capacities, FLOW_STARTS, needs->uses[i].pool)],
            capacities->now_ns, 1);
    give_back(capacities, class_id);
}

void
dag__capacities_close(Capacities *capacities, uint32_t pool, int64_t now_ns,
                      int64_t until_ns)
{
    if (!capacities->buckets)
        make_buckets(capacities);
    dag__capacities_pass_time(capacities, now_ns);
    for (int flow = 0; flow < N_FLOWS; flow++)
        dag__bucket_close(&capacities->buckets[bucket_of(capacities, (Flow)flow, pool)],
                          until_ns);
    dag__capacities_reconsider(capacities);
}

void
dag__capacities_lower(Capacities *capacities, uint32_t pool, const PoolRest *rest,
                      int64_t ns)
{
    if (!capacities->buckets)
        return;
    dag__bucket_lower(&capacities->buckets[bucket_of(capacities, FLOW_STARTS, pool)], ns,
                      rest->starts);
    dag__bucket_lower(&capacities->buckets[bucket_of(capacities, FLOW_TOKENS, pool)], ns,
                      rest->tokens);
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
