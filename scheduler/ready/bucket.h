/* SPDX-License-Identifier: MIT */
/*
 * A token bucket limits how often something happens.  It holds at most `burst` tokens, and gets new
 * ones at a steady rate; whatever happens takes some, or waits until they are there.  So at most
 * burst + rate x w tokens are taken within any time w.
 *
 * The arithmetic is exact.  A token is as many parts as its rate's period has nanoseconds, so that
 * each nanosecond brings a whole number of parts.
 *
 * A bucket without a rate has no limit, except that it may be closed until a time.
 */
#pragma once

#include <dagrun/policy.h>

__extension__ typedef __int128 BucketParts; /* 2^95 are possible */

typedef struct Bucket {
    DagRate rate; /* count 0: none */
    uint32_t burst;
    BucketParts level; /* at at_ns; negative after more was taken than there is at once */
    int64_t at_ns;     /* in the future: the bucket is closed until then */
} Bucket;

/* Tokens that the buckets of a pool have at most: of its rate, and of language models. */
typedef struct PoolRest {
    uint32_t starts, tokens;
} PoolRest;

/* Return a full bucket. */
Bucket dag__bucket_of(DagRate rate, uint32_t burst);

/* Return the first time from `now_ns` on at which `amount` tokens are there, or INT64_MAX.  An amount
 * above the burst needs a full bucket. */
int64_t dag__bucket_next_ns(const Bucket *bucket, int64_t now_ns, uint32_t amount);

/* Return whether a task may take `amount` tokens at `now_ns` without delay for another one, for which
 * `reserved` tokens must be there at `reserved_ns`.  That is not before `now_ns`. */
bool dag__bucket_can_spare(const Bucket *bucket, int64_t now_ns, uint32_t amount,
                           uint32_t reserved, int64_t reserved_ns);

/* Take tokens.  If there are fewer, the level becomes negative, and the next tokens fill it up first. */
void dag__bucket_take(Bucket *bucket, int64_t now_ns, uint32_t amount);

/* Put tokens back at `now_ns` that were taken and not used.  A closed bucket stays empty. */
void dag__bucket_give_back(Bucket *bucket, int64_t now_ns, uint32_t amount);

/* Let the bucket have had no more than `amount` tokens at `ns`.  Never raises the level. */
void dag__bucket_lower(Bucket *bucket, int64_t ns, uint32_t amount);

/* Close the bucket until `until_ns`, when it will be empty. */
void dag__bucket_close(Bucket *bucket, int64_t until_ns);
