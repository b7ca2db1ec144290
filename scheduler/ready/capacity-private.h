/* SPDX-License-Identifier: MIT */
/*
 * The capacities of a run as capacity.c and tokens.c share them.
 */
#pragma once

#include "ready/bucket.h"
#include "ready/capacity.h"

/* The limits of a pool that come back with time; each has a bucket. */
typedef enum Flow {
    FLOW_STARTS, /* a start takes 1 of them */
    FLOW_TOKENS, /* a start takes those that the task is estimated to use */
    N_FLOWS,
} Flow;

/* The tokens kept for a task that waits for several buckets. */
typedef struct Reservation {
    uint32_t amount;
    int64_t when_ns; /* when that task could start */
} Reservation;

/* The tokens of a task, of each pool with tokens that it uses. */
typedef struct TokenUse {
    uint32_t wanted; /* for its next start */
    uint32_t held;   /* taken by the attempt that runs */
    /* It was withdrawn to wait for `wanted`, which then stands, even if another estimate is more. */
    bool has_waited;
} TokenUse;

/* The needs of a task: one that may start next, the first of its class, or one with a claim. */
typedef struct Candidate {
    const TaskClass *needs;
    uint32_t amounts[N_FLOWS];
} Candidate;

/* The further tokens that a running task waits for in its place. */
typedef struct Claim {
    DagTaskId id;
    uint32_t class_id;
    uint32_t amount;
} Claim;

struct Capacities {
    const TaskClasses *classes;
    const DagPool *pools; /* [n_pools]; borrowed */
    size_t n_pools;
    uint32_t free_units[DAG_N_OCCUPIES]; /* by DagOccupies */
    uint32_t *free_slots;                /* [n_pools] */
    uint32_t choice[DAG_N_OCCUPIES];     /* by DagOccupies; valid if has_choice */
    bool has_choice[DAG_N_OCCUPIES];
    bool *is_reserved; /* [n_pools]: scratch */
    /* NULL: no pool has a rate or tokens, or is closed, and time does not matter. */
    Bucket *buckets;           /* [N_FLOWS * n_pools]: see bucket_of() */
    Reservation *reservations; /* [N_FLOWS * n_pools]: scratch */
    TokenUse *token_uses;      /* [n_tasks]; NULL: no pool has tokens */
    GArray *claims;            /* of Claim, the one that has waited longest first */
    int64_t now_ns;
    /* Valid if has_choice, for NO_CLASS: when to choose again.  A choice for one unit also lowers the time of the
     * other, if a task for that has its tokens sooner.  It never raises it, so no time is missed; at worst that unit
     * is chosen again with the same result. */
    int64_t grows_ns[DAG_N_OCCUPIES];
    uint32_t *candidates; /* [n_classes]: scratch */
};

/* Return the number of a pool's bucket. */
static inline size_t
bucket_of(const Capacities *capacities, Flow flow, uint32_t pool)
{
    return (size_t)flow * capacities->n_pools + pool;
}

/* Keep the needs of the task in all its pools until `when_ns`. */
void dag__capacities_reserve(Capacities *capacities, const Candidate *task,
                             int64_t when_ns);

/* Forget all that was reserved by the last choice. */
void dag__capacities_forget_reservations(Capacities *capacities);

/* Reserve nothing but the tokens of the first `n` claims.  Their tasks have had their turn, so those in the queue come
 * after them.  In tokens.c. */
void dag__capacities_reserve_claims(Capacities *capacities, guint n);
