/* SPDX-License-Identifier: MIT */
/*
 * The tokens that running tasks hold, and those that they wait for in their place.
 *
 * A task that starts takes as many as it is estimated to use.  Before it sends its question, a better estimate
 * takes their place; in the end, those that it has used.  For a further question it takes more, or claims them.
 */
#include "ready/capacity-private.h"

/* Return when the pools have the needs of the task beside all that is reserved, with `back` tokens more than
 * now. */
static int64_t
beside_reserved_ns(const Capacities *capacities, const Candidate *task, uint32_t back)
{
    int64_t latest_ns = capacities->now_ns;

    for (size_t i = 0; i < task->needs->n_uses; i++) {
        size_t number = bucket_of(capacities, FLOW_TOKENS, task->needs->uses[i].pool);
        Bucket bucket = capacities->buckets[number];
        int64_t ns;

        dag__bucket_give_back(&bucket, capacities->now_ns, back);
        dag__bucket_take(&bucket, capacities->now_ns,
                         capacities->reservations[number].amount);
        ns = dag__bucket_next_ns(&bucket, capacities->now_ns, task->amounts[FLOW_TOKENS]);
        latest_ns = MAX(latest_ns, ns);
    }
    return latest_ns;
}

static Candidate
claimant(const Capacities *capacities, uint32_t class_id, uint32_t amount)
{
    return (Candidate){&capacities->classes->classes[class_id], {[FLOW_TOKENS] = amount}};
}

void
dag__capacities_reserve_claims(Capacities *capacities, guint n)
{
    dag__capacities_forget_reservations(capacities);
    for (guint i = 0; i < n; i++) {
        Claim claim = g_array_index(capacities->claims, Claim, i);
        Candidate task = claimant(capacities, claim.class_id, claim.amount);

        dag__capacities_reserve(capacities, &task,
                                beside_reserved_ns(capacities, &task, 0));
    }
}

/* Return the bucket with the tokens of the i-th pool of a class. */
static Bucket *
tokens_of(Capacities *capacities, uint32_t class_id, size_t i)
{
    uint32_t pool = capacities->classes->classes[class_id].uses[i].pool;

    return &capacities->buckets[bucket_of(capacities, FLOW_TOKENS, pool)];
}

/* Take tokens of all pools of the class. */
static void
take_tokens(Capacities *capacities, uint32_t class_id, uint32_t amount)
{
    for (size_t i = 0; i < capacities->classes->classes[class_id].n_uses; i++)
        dag__bucket_take(tokens_of(capacities, class_id, i), capacities->now_ns, amount);
    dag__capacities_reconsider(capacities);
}

/* Give back tokens of all pools of the class. */
static void
give_tokens_back(Capacities *capacities, uint32_t class_id, uint32_t amount)
{
    for (size_t i = 0; i < capacities->classes->classes[class_id].n_uses; i++)
        dag__bucket_give_back(tokens_of(capacities, class_id, i), capacities->now_ns,
                              amount);
    dag__capacities_reconsider(capacities);
}

void
dag__capacities_begin_tokens(Capacities *capacities, uint32_t class_id, DagTaskId id)
{
    TokenUse *use;

    if (!capacities->token_uses)
        return;
    use = &capacities->token_uses[id];
    use->held = use->wanted;
    take_tokens(capacities, class_id, use->held);
}

int64_t
dag__capacities_reserve_tokens(Capacities *capacities, uint32_t class_id, DagTaskId id,
                               uint32_t amount, int64_t now_ns)
{
    TokenUse *use;
    int64_t when_ns = now_ns;

    if (!capacities->token_uses)
        return now_ns;
    use = &capacities->token_uses[id];
    if (use->has_waited) {
        use->has_waited = false;
        return now_ns;
    }
    dag__capacities_pass_time(capacities, now_ns);
    if (amount > use->held) {
        Candidate task = claimant(capacities, class_id, amount);

        dag__capacities_reserve_claims(capacities, capacities->claims->len);
        when_ns = beside_reserved_ns(capacities, &task, use->held);
    }
    use->wanted = amount;
    use->has_waited = when_ns > now_ns;
    if (use->has_waited)
        return when_ns;
    give_tokens_back(capacities, class_id, use->held);
    take_tokens(capacities, class_id, amount);
    use->held = amount;
    return now_ns;
}

/* Return the index of the task's claim, or the number of claims: it has none. */
static guint
claim_of(const Capacities *capacities, DagTaskId id)
{
    guint i = 0;

    while (i < capacities->claims->len &&
           g_array_index(capacities->claims, Claim, i).id != id)
        i++;
    return i;
}

/* Let the task wait no more for further tokens. */
static void
drop_claim(Capacities *capacities, DagTaskId id)
{
    guint i = claim_of(capacities, id);

    if (i == capacities->claims->len)
        return;
    g_array_remove_index(capacities->claims, i);
    dag__capacities_reconsider(capacities);
}

/* Let the task wait for further tokens, in the place that it has among the others if it waits already. */
static void
set_claim(Capacities *capacities, Claim claim)
{
    guint i = claim_of(capacities, claim.id);

    if (i == capacities->claims->len)
        g_array_append_val(capacities->claims, claim);
    else
        g_array_index(capacities->claims, Claim, i) = claim;
    dag__capacities_reconsider(capacities);
}

int64_t
dag__capacities_add_tokens(Capacities *capacities, uint32_t class_id, DagTaskId id,
                           uint32_t amount, int64_t now_ns)
{
    Candidate task = claimant(capacities, class_id, amount);
    TokenUse *use;
    int64_t when_ns;

    if (!capacities->token_uses)
        return now_ns;
    use = &capacities->token_uses[id];
    dag__capacities_pass_time(capacities, now_ns);
    dag__capacities_reserve_claims(capacities, claim_of(capacities, id));
    when_ns = beside_reserved_ns(capacities, &task, 0);
    if (when_ns > now_ns) {
        set_claim(capacities, (Claim){id, class_id, amount});
        return when_ns;
    }
    drop_claim(capacities, id);
    amount = MIN(amount, UINT32_MAX - use->held);
    take_tokens(capacities, class_id, amount);
    use->held += amount;
    return now_ns;
}

void
dag__capacities_correct_tokens(Capacities *capacities, uint32_t class_id, DagTaskId id,
                               uint32_t used)
{
    TokenUse *use;

    if (!capacities->token_uses)
        return;
    use = &capacities->token_uses[id];
    drop_claim(capacities, id);
    if (used < use->held)
        give_tokens_back(capacities, class_id, use->held - used);
    else if (used > use->held)
        take_tokens(capacities, class_id, used - use->held);
    use->held = 0;
}
