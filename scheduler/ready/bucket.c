/* SPDX-License-Identifier: MIT */
#include "ready/bucket.h"

static BucketParts
parts_of(const Bucket *bucket, uint32_t amount)
{
    return (BucketParts)amount * bucket->rate.period_ns;
}

Bucket
dag__bucket_of(DagRate rate, uint32_t burst)
{
    Bucket bucket = {.rate = rate, .burst = burst};

    bucket.level = parts_of(&bucket, burst);
    return bucket;
}

/* Return the level at `ns`, which is not before at_ns, from a level at at_ns. */
static BucketParts
level_at(const Bucket *bucket, BucketParts level, int64_t ns)
{
    BucketParts grown = level + (BucketParts)(ns - bucket->at_ns) * bucket->rate.count;

    return MIN(grown, parts_of(bucket, bucket->burst));
}

int64_t
dag__bucket_next_ns(const Bucket *bucket, int64_t now_ns, uint32_t amount)
{
    int64_t from_ns = MAX(now_ns, bucket->at_ns);
    BucketParts lack, wait_ns;

    if (bucket->rate.count == 0)
        return from_ns;
    lack = parts_of(bucket, MIN(amount, bucket->burst)) - bucket->level;
    if (lack <= 0)
        return from_ns;
    wait_ns = (lack + bucket->rate.count - 1) / bucket->rate.count;
    if (wait_ns >= INT64_MAX - bucket->at_ns)
        return INT64_MAX;
    return MAX(now_ns, bucket->at_ns + (int64_t)wait_ns);
}

bool
dag__bucket_can_spare(const Bucket *bucket, int64_t now_ns, uint32_t amount,
                      uint32_t reserved, int64_t reserved_ns)
{
    Bucket after = *bucket;

    if (bucket->rate.count == 0 || reserved == 0 || amount == 0)
        return true;
    dag__bucket_take(&after, now_ns, amount);
    return dag__bucket_next_ns(&after, now_ns, reserved) <= reserved_ns;
}

void
dag__bucket_take(Bucket *bucket, int64_t now_ns, uint32_t amount)
{
    if (bucket->rate.count == 0)
        return;
    if (now_ns > bucket->at_ns) {
        bucket->level = level_at(bucket, bucket->level, now_ns);
        bucket->at_ns = now_ns;
    }
    bucket->level -= parts_of(bucket, amount);
}

void
dag__bucket_give_back(Bucket *bucket, int64_t now_ns, uint32_t amount)
{
    bool is_closed = bucket->at_ns > now_ns;
    BucketParts level = bucket->level + parts_of(bucket, amount);

    bucket->level = MIN(level, is_closed ? 0 : parts_of(bucket, bucket->burst));
}

void
dag__bucket_lower(Bucket *bucket, int64_t ns, uint32_t amount)
{
    BucketParts most = parts_of(bucket, MIN(amount, bucket->burst));

    if (bucket->rate.count == 0)
        return;
    if (ns > bucket->at_ns) {
        bucket->level = level_at(bucket, bucket->level, ns);
        bucket->at_ns = ns;
    }
    /* The tokens that came between then and at_ns are there, too. */
    most += (BucketParts)(bucket->at_ns - ns) * bucket->rate.count;
    bucket->level = MIN(bucket->level, most);
}

void
dag__bucket_close(Bucket *bucket, int64_t until_ns)
{
    bucket->at_ns = MAX(bucket->at_ns, until_ns);
    bucket->level = MIN(bucket->level, 0);
}
