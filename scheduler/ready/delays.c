/* SPDX-License-Identifier: MIT */
/*
 * A sequence sorted by the due time; of tasks due at the same time, the smallest number first.
 */
#include "ready/delays.h"

typedef struct Delay {
    int64_t due_ns;
    DagTaskId id;
} Delay;

struct Delays {
    GSequence *sequence; /* of Delay, owned */
    int64_t next_ns;     /* when the first task is due, or INT64_MAX */
    GHashTable *tried;   /* task to DagOutcome, also of tasks that have been removed */
};

Delays *
dag__delays_new(void)
{
    Delays *delays = g_new(Delays, 1);

    delays->sequence = g_sequence_new(g_free);
    delays->next_ns = INT64_MAX;
    delays->tried = g_hash_table_new(NULL, NULL);
    return delays;
}

void
dag__delays_free(Delays *delays)
{
    g_sequence_free(delays->sequence);
    g_hash_table_unref(delays->tried);
    g_free(delays);
}

static int
compare_delays(gconstpointer a, gconstpointer b, gpointer data)
{
    const Delay *x = a, *y = b;

    (void)data;
    if (x->due_ns != y->due_ns)
        return x->due_ns < y->due_ns ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

void
dag__delays_add(Delays *delays, DagTaskId id, DagOutcome outcome, int64_t due_ns)
{
    Delay delay = {due_ns, id};

    g_sequence_insert_sorted(delays->sequence, g_memdup2(&delay, sizeof(delay)),
                             compare_delays, NULL);
    delays->next_ns = MIN(delays->next_ns, due_ns);
    if (outcome != DAG_PENDING)
        g_hash_table_insert(delays->tried, GUINT_TO_POINTER(id),
                            GINT_TO_POINTER((int)outcome));
}

int64_t
dag__delays_next_ns(const Delays *delays)
{
    return delays->next_ns;
}

/* Update next_ns after a removal. */
static void
update_next(Delays *delays)
{
    GSequenceIter *first = g_sequence_get_begin_iter(delays->sequence);

    delays->next_ns = g_sequence_iter_is_end(first)
                          ? INT64_MAX
                          : ((const Delay *)g_sequence_get(first))->due_ns;
}

DagTaskId
dag__delays_take(Delays *delays)
{
    GSequenceIter *first = g_sequence_get_begin_iter(delays->sequence);
    DagTaskId id = ((const Delay *)g_sequence_get(first))->id;

    g_sequence_remove(first);
    update_next(delays);
    return id;
}

void
dag__delays_drop(Delays *delays, bool (*may_stay)(DagTaskId id, const void *data),
                 const void *data)
{
    GSequenceIter *next, *at = g_sequence_get_begin_iter(delays->sequence);

    for (; !g_sequence_iter_is_end(at); at = next) {
        next = g_sequence_iter_next(at);
        if (!may_stay(((const Delay *)g_sequence_get(at))->id, data))
            g_sequence_remove(at);
    }
    update_next(delays);
}

DagOutcome
dag__delays_outcome(const Delays *delays, DagTaskId id)
{
    return (DagOutcome)GPOINTER_TO_INT(
        g_hash_table_lookup(delays->tried, GUINT_TO_POINTER(id)));
}
