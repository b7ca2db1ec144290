/* SPDX-License-Identifier: MIT */
/*
 * A hash table of names by their text.  Every dependency is looked up here, so the table is made
 * for speed: a bucket holds the hash beside the number, so that growing reads no names and a search
 * rarely compares a wrong one; at least half of the buckets are free.
 */
#include "model/builder.h"
#include "model/hash.h"

#include <string.h>

#define FIRST_BUCKETS 64 /* a power of two */

struct NameBucket {
    uint32_t hash;
    uint32_t number; /* plus 1; 0: a free bucket */
};

static bool
is_called(const DagBuilder *builder, uint32_t number, const char *text, size_t length)
{
    const char *name = name_at(builder, number)->text;

    return strncmp(name, text, length) == 0 && !name[length];
}

/* Return the bucket of the name text[0, length), or the free one for it. */
static NameBucket *
find_bucket(const DagBuilder *builder, const char *text, size_t length, uint32_t hash)
{
    uint32_t mask = builder->n_buckets - 1;

    /* Steps of 1, 2, 3, … reach every bucket, since their number is a power of two. */
    for (uint32_t at = hash, step = 1;; at += step++) {
        NameBucket *bucket = &builder->buckets[at & mask];

        if (bucket->number == 0 ||
            (bucket->hash == hash && is_called(builder, bucket->number - 1, text, length)))
            return bucket;
    }
}

static void
grow(DagBuilder *builder)
{
    uint32_t n_before = builder->n_buckets;
    g_autofree NameBucket *before = builder->buckets;

    builder->n_buckets = n_before ? 2 * n_before : FIRST_BUCKETS;
    /* Zeroed here: zeroed memory from the system takes two page faults per page that is read
     * before it is written, as buckets are. */
    builder->buckets = g_new(NameBucket, builder->n_buckets);
    memset(builder->buckets, 0, builder->n_buckets * sizeof(NameBucket));
    for (uint32_t i = 0; i < n_before; i++) {
        if (before[i].number == 0)
            continue;

        uint32_t at = before[i].hash, mask = builder->n_buckets - 1;

        for (uint32_t step = 1; builder->buckets[at & mask].number != 0; step++)
            at += step;
        builder->buckets[at & mask] = before[i];
    }
}

uint32_t
dag__builder_find_name(const DagBuilder *builder, const char *text)
{
    size_t length = strlen(text);

    if (builder->n_buckets == 0)
        return NO_NAME;
    /* A free bucket has number 0, so that NO_NAME is returned. */
    return find_bucket(builder, text, length, dag__hash_bytes(text, length))->number - 1;
}

/* Return the number of names. */
static uint32_t
add_name(DagBuilder *builder, const char *text, size_t length)
{
    Name name = {.text = dag__arena_strndup(builder->arena, text, length)};

    g_assert(builder->names->len < MAX_NAMES);
    g_array_append_val(builder->names, name);
    builder->has_outcome_names |= g_str_has_suffix(name.text, DAG__OUTCOME_SUFFIX);
    return builder->names->len;
}

uint32_t
dag__builder_number_of(DagBuilder *builder, const char *text, size_t length)
{
    uint32_t hash = dag__hash_bytes(text, length);
    NameBucket *bucket;

    if (2 * (size_t)builder->names->len >= builder->n_buckets)
        grow(builder);
    bucket = find_bucket(builder, text, length, hash);
    if (bucket->number == 0)
        *bucket = (NameBucket){hash, add_name(builder, text, length)};
    return bucket->number - 1;
}

void
dag__builder_forget_names(DagBuilder *builder)
{
    g_clear_pointer(&builder->buckets, g_free);
    builder->n_buckets = 0;
}

const Name *
dag__builder_name(const DagBuilder *builder, const char *text)
{
    uint32_t number = dag__builder_find_name(builder, text);

    return number == NO_NAME ? NULL : name_at(builder, number);
}
