/* SPDX-License-Identifier: MIT */
/*
 * A sequence sorted by the due time; of tasks due at the same time, the smallest number first.
 */
#include "ready/pauses.h"

typedef struct Delay {
    int64_t due_ns;
    DagTaskId id;
} Delay;

struct Pauses {
    GSequence *sequence; /* of Delay, owned */
    int64_t next_ns;     /* when the first task is due, or INT64_MAX */
    GHashTable *tried;   /* task to DagOutcome, also of tasks that have been removed */
};

Pauses *
dag__pauses_new(void)
{
    Pauses *pauses = g_new(Pauses, 1);

    pauses->sequence = g_sequence_new(g_free);
    pauses->next_ns = INT64_MAX;
    pauses->tried = g_hash_table_new(NULL, NULL);
    return pauses;
}

void
dag__pauses_free(Pauses *pauses)
{
    g_sequence_free(pauses->sequence);
    g_hash_table_unref(pauses->tried);
    g_free(pauses);
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
dag__pauses_add(Pauses *pauses, DagTaskId id, DagOutcome outcome, int64_t due_ns)
{
    Delay delay = {due_ns, id};

    g_sequence_insert_sorted(pauses->sequence, g_memdup2(&delay, sizeof(delay)),
                             compare_delays, NULL);
    pauses->next_ns = MIN(pauses->next_ns, due_ns);
    if (outcome != DAG_PENDING)
        g_hash_table_insert(pauses->tried, GUINT_TO_POINTER(id),
                            GINT_TO_POINTER((int)outcome));
}

int64_t
dag__pauses_next_ns(const Pauses *pauses)
{
    return pauses->next_ns;
}

/* Update next_ns after a removal. */
static void
update_next(Pauses *pauses)
{
    GSequenceIter *first = g_sequence_get_begin_iter(pauses->sequence);

    pauses->next_ns = g_sequence_iter_is_end(first)
                          ? INT64_MAX
                          : ((const Delay *)g_sequence_get(first))->due_ns;
}

DagTaskId
dag__pauses_take(Pauses *pauses)
{
    GSequenceIter *first = g_sequence_get_begin_iter(pauses->sequence);
    DagTaskId id = ((const Delay *)g_sequence_get(first))->id;

    g_sequence_remove(first);
    update_next(pauses);
    return id;
}

void
dag__pauses_drop(Pauses *pauses, bool (*may_stay)(DagTaskId id, const void *data),
                 const void *data)
{
    GSequenceIter *next, *at = g_sequence_get_begin_iter(pauses->sequence);

    for (; !g_sequence_iter_is_end(at); at = next) {
        next = g_sequence_iter_next(at);
        if (!may_stay(((const Delay *)g_sequence_get(at))->id, data))
            g_sequence_remove(at);
    }
    update_next(pauses);
}

DagOutcome
dag__pauses_outcome(const Pauses *pauses, DagTaskId id)
{
    return (DagOutcome)GPOINTER_TO_INT(
        g_hash_table_lookup(pauses->tried, GUINT_TO_POINTER(id)));
}
