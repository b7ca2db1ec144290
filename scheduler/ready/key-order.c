/* SPDX-License-Identifier: MIT */
/*
 * A sort by digits, the least significant first (Knuth, volume 3, 5.2.5).
 *
 * The bits of a double are ordered as its value, so a key is a number of 64 bits, its weight.  Most of
 * these bits tell apart keys that others tell apart already.  So the sort looks at the first 32 bits of
 * the range in which all weights lie: three digits, and eight bytes for a task.  Tasks that are equal in
 * these are sorted once more among themselves: then 32 bits contain everything that is left.
 */
#include "ready/key-order.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

#define PREFIX_BITS 32
#define DIGIT_BITS  11
#define N_DIGITS    3 /* of a prefix */
#define N_VALUES    (1U << DIGIT_BITS)

/* Fewer tasks are sorted by insertion, in less time than it takes to clear the counts of digits. */
#define FEW 64

typedef struct Item {
    uint32_t prefix; /* the first bits of the weight; a smaller one goes first */
    DagTaskId id;
} Item;

/* How often each value of each digit occurs; then, the place of the next item with it. */
typedef struct Counts {
    uint32_t of[N_DIGITS][N_VALUES];
} Counts;

/* Return the key as a number that is smaller for a larger key. */
static uint64_t
weight_of(double key)
{
    uint64_t bits;

    key += 0; /* makes -0 of the same weight as 0 */
    memcpy(&bits, &key, sizeof(bits));
    return bits >> 63 ? bits : ~bits & INT64_MAX;
}

static void
sort_few(DagTaskId *ids, size_t n, const double *keys)
{
    for (size_t i = 1; i < n; i++) {
        DagTaskId id = ids[i];
        size_t at = i;

        for (; at > 0 && keys[ids[at - 1]] < keys[id]; at--)
            ids[at] = ids[at - 1];
        ids[at] = id;
    }
}

static uint32_t
digit_of(uint32_t prefix, unsigned digit)
{
    return prefix >> digit * DIGIT_BITS & (N_VALUES - 1);
}

/* Sort stably by one digit, from `items` into `out`.
 * Returns: false, with `out` untouched, if all items have the same digit. */
static bool
sort_by_digit(const Item *items, Item *out, size_t n, uint32_t *counts, unsigned digit)
{
    uint32_t next = 0;

    if (counts[digit_of(items[0].prefix, digit)] == n)
        return false;
    for (uint32_t value = 0; value < N_VALUES; value++) {
        uint32_t count = counts[value];

        counts[value] = next;
        next += count;
    }
    for (size_t i = 0; i < n; i++)
        out[counts[digit_of(items[i].prefix, digit)]++] = items[i];
    return true;
}

/* Return ids[n] sorted by the bits of the weight from `shift` on, at most PREFIX_BITS above `least`. */
static Item *
sorted_by_prefix(const DagTaskId *ids, size_t n, const double *keys, uint64_t least,
                 unsigned shift)
{
    Counts *counts = g_new0(Counts, 1);
    Item *items = g_new(Item, n), *scratch = g_new(Item, n);

    for (size_t i = 0; i < n; i++) {
        uint32_t prefix = (uint32_t)((weight_of(keys[ids[i]]) - least) >> shift);

        items[i] = (Item){prefix, ids[i]};
        for (unsigned digit = 0; digit < N_DIGITS; digit++)
            counts->of[digit][digit_of(prefix, digit)]++;
    }
    for (unsigned digit = 0; digit < N_DIGITS; digit++)
        if (sort_by_digit(items, scratch, n, counts->of[digit], digit)) {
            Item *sorted = scratch;

            scratch = items;
            items = sorted;
        }
    g_free(scratch);
    g_free(counts);
    return items;
}

/* Sort ids[n] by the first bits of the range of weights.  Returns: the items in this order if the weights have more
 * bits, free with g_free(); NULL if ids[n] is sorted. */
static Item *
sort_roughly(DagTaskId *ids, size_t n, const double *keys)
{
    uint64_t least = UINT64_MAX, most = 0, before = 0;
    bool is_sorted = true;
    unsigned shift = 0;
    Item *items;

    if (n <= FEW) {
        sort_few(ids, n, keys);
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        uint64_t weight = weight_of(keys[ids[i]]);

        is_sorted = is_sorted && before <= weight;
        before = weight;
        least = MIN(least, weight);
        most = MAX(most, weight);
    }
    if (is_sorted)
        return NULL;
    while ((most - least) >> shift > UINT32_MAX)
        shift++;
    items = sorted_by_prefix(ids, n, keys, least, shift);
    for (size_t i = 0; i < n; i++)
        ids[i] = items[i].id;
    if (shift == 0)
        g_clear_pointer(&items, g_free);
    return items;
}

/* Sort a run of equal prefixes by the rest of the weights, which fits into a prefix. */
static void
sort_run(DagTaskId *ids, size_t n, const double *keys)
{
    Item *rest = sort_roughly(ids, n, keys);

    g_assert(!rest);
}

void
dag__order_by_key(DagTaskId *ids, size_t n, const double *keys)
{
    g_autofree Item *items = sort_roughly(ids, n, keys);
    size_t end;

    for (size_t i = 0; items && i < n; i = end) {
        end = i + 1;
        while (end < n && items[end].prefix == items[i].prefix)
            end++;
        if (end - i > 1)
            sort_run(ids + i, end - i, keys);
    }
}
