/* SPDX-License-Identifier: MIT */
/*
 * The traffic of one task: its requests and its usage.
 */
#pragma once

#include <dagrun/traffic.h>

typedef struct Traffic {
    GArray *requests; /* of DagRequest, which own their texts */
    bool is_kept;     /* the output is an answer that was kept */
    bool has_usage;
    DagUsage usage; /* owns its texts */
} Traffic;

/* Return the sum of two counts of tokens, or the largest number that JSON readers take: a server may claim any. */
static inline uint64_t
tokens_sum(uint64_t a, uint64_t b)
{
    uint64_t most = INT64_MAX;

    return a >= most || b >= most - a ? most : a + b;
}

Traffic *dag__traffic_new(void);

/* NULL is fine. */
void dag__traffic_free(Traffic *traffic);

/* Add a copy of the request.  Returns: the copy. */
DagRequest *dag__traffic_add_request(Traffic *traffic, const DagRequest *request);

/* Add numbers, and replace texts. */
void dag__traffic_add_usage(Traffic *traffic, const DagUsage *usage);

/* Add the later traffic of the same task to *traffic, which may be NULL.  Takes `later`, which may be NULL. */
void dag__traffic_join(Traffic **traffic, Traffic *later);

/* Add the traffic of a task to the sums; `traffic` may be NULL. */
void dag__traffic_count(DagTraffic *sums, const Traffic *traffic);
