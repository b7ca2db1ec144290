/* SPDX-License-Identifier: MIT */
/*
 * Changes in order of time, and a tree of maxima above them, in which the last change before another
 * one with a large use is found in O(log(changes)).
 */
#include "delays/usage.h"

Usage
dag__usage_new(int64_t capacity)
{
    return (Usage){.changes = g_array_new(FALSE, FALSE, sizeof(Change)),
                   .capacity = capacity};
}

void
dag__usage_clear(Usage *usage)
{
    g_array_unref(usage->changes);
    g_free(usage->tree);
}

void
dag__usage_add(Usage *usage, DagTaskId task, int64_t start_ns, int64_t end_ns,
               uint32_t units)
{
    Change both[] = {{start_ns, task, (int32_t)units}, {end_ns, task, -(int32_t)units}};

    g_array_append_vals(usage->changes, both, G_N_ELEMENTS(both));
}

static const Change *
change_at(const Usage *usage, size_t i)
{
    return &g_array_index(usage->changes, Change, i);
}

/* By time; of equal times ends first, since a unit that is free is taken at once. */
static int
compare_changes(gconstpointer a, gconstpointer b)
{
    const Change *x = a, *y = b;

    if (x->ns != y->ns)
        return x->ns < y->ns ? -1 : 1;
    if ((x->units < 0) != (y->units < 0))
        return x->units < 0 ? -1 : 1;
    return x->task < y->task ? -1 : x->task > y->task;
}

void
dag__usage_finish(Usage *usage)
{
    size_t n = usage->changes->len;
    int64_t in_use = 0;

    g_array_sort(usage->changes, compare_changes);
    for (usage->size = 1; usage->size < n;)
        usage->size *= 2;
    usage->tree = g_new0(int64_t, 2 * usage->size);
    for (size_t i = 0; i < n; i++) {
        in_use += change_at(usage, i)->units;
        usage->tree[usage->size + i] = in_use;
    }
    for (size_t node = usage->size; node-- > 1;)
        usage->tree[node] = MAX(usage->tree[2 * node], usage->tree[2 * node + 1]);
}

/* Return the number of changes before `ns`, and of the ends at it. */
static size_t
count_before(const Usage *usage, int64_t ns)
{
    size_t low = 0, high = usage->changes->len;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const Change *change = change_at(usage, middle);

        if (change->ns < ns || (change->ns == ns && change->units < 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Return the largest leaf below the node at which more than `limit` are in use; there is one. */
static size_t
last_below(const Usage *usage, size_t node, int64_t limit)
{
    while (node < usage->size)
        node = 2 * node + (usage->tree[2 * node + 1] > limit ? 1 : 0);
    return node - usage->size;
}

/* Return the last of the first `n` changes after which more than `limit` are in use, or SIZE_MAX. */
static size_t
last_above(const Usage *usage, size_t n, int64_t limit)
{
    size_t left = usage->size, right = left + n;
    size_t before[64], n_before = 0;

    /* The nodes from the right end to the left are met in this order, those of the left side after. */
    for (; left < right; left /= 2, right /= 2) {
        if (right % 2 == 1 && usage->tree[--right] > limit)
            return last_below(usage, right, limit);
        if (left % 2 == 1)
            before[n_before++] = left++;
    }
    while (n_before > 0)
        if (usage->tree[before[--n_before]] > limit)
            return last_below(usage, before[n_before], limit);
    return SIZE_MAX;
}

DagTaskId
dag__usage_last_lack(const Usage *usage, int64_t after_ns, int64_t start_ns, uint32_t units,
                     int64_t *ns_out)
{
    size_t n = count_before(usage, start_ns);
    size_t last = last_above(usage, n, usage->capacity - units);

    if (last == SIZE_MAX || last + 1 >= n)
        return DAG_TASK_NONE;
    if (change_at(usage, last + 1)->ns <= after_ns)
        return DAG_TASK_NONE;
    *ns_out = change_at(usage, last + 1)->ns;
    return change_at(usage, last + 1)->task;
}
