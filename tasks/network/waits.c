/* SPDX-License-Identifier: MIT */
/*
 * The list is not sorted: it is looked through when the earliest time in it may have come.
 */
#include "waits.h"

#include <dagrun/duration.h>

void
waits_init(Waits *waits)
{
    waits->list = g_ptr_array_new();
    waits->next_ns = INT64_MAX;
    waits->origins = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    waits->tasks = g_hash_table_new_full(NULL, NULL, NULL, g_free);
}

void
waits_clear(Waits *waits)
{
    g_clear_pointer(&waits->list, g_ptr_array_unref);
    g_clear_pointer(&waits->origins, g_hash_table_unref);
    g_clear_pointer(&waits->tasks, g_hash_table_unref);
}

Wait *
waits_add(Waits *waits, int64_t time_ns, void (*done)(void *data), void *data)
{
    Wait *wait = g_new(Wait, 1);

    *wait = (Wait){time_ns, done, data, waits->list->len};
    g_ptr_array_add(waits->list, wait);
    waits->next_ns = MIN(waits->next_ns, time_ns);
    return wait;
}

void
waits_remove(Waits *waits, Wait *wait)
{
    Wait *last = g_ptr_array_index(waits->list, waits->list->len - 1);

    last->index = wait->index;
    waits->list->pdata[wait->index] = last;
    g_ptr_array_set_size(waits->list, (gint)waits->list->len - 1);
    g_free(wait);
}

void
waits_check(Waits *waits, int64_t now_ns)
{
    if (now_ns < waits->next_ns)
        return;
    waits->next_ns = INT64_MAX;
    /* Backwards: the last one, which has been checked, takes the index of one that is removed. */
    for (guint i = waits->list->len; i-- > 0;) {
        Wait *wait = i < waits->list->len ? waits->list->pdata[i] : NULL;

        if (wait && wait->time_ns <= now_ns)
            wait->done(wait->data);
        else if (wait)
            waits->next_ns = MIN(waits->next_ns, wait->time_ns);
    }
}

Origin *
waits_origin(Waits *waits, const char *name)
{
    Origin *origin = g_hash_table_lookup(waits->origins, name);

    if (!origin) {
        origin = g_new0(Origin, 1);
        g_queue_init(&origin->queue);
        g_hash_table_insert(waits->origins, g_strdup(name), origin);
    }
    return origin;
}

void
origin_close(Origin *origin, int64_t time_ns, bool is_halved)
{
    /* The requests that were under way together are refused together: they halve once. */
    if (is_halved && dag_clock_ns() >= origin->opens_ns) {
        origin->ceiling = MAX(origin->ceiling, origin->n_running);
        origin->limit = MAX(origin->n_running / 2, 1);
    }
    origin->opens_ns = MAX(origin->opens_ns, time_ns);
}

void
origin_succeed(Origin *origin)
{
    if (origin->limit == 0 || ++origin->limit < origin->ceiling)
        return;
    origin->limit = origin->ceiling = 0;
}

unsigned
origin_n_places(const Origin *origin)
{
    unsigned limit = origin->limit > 0 ? origin->limit : UINT_MAX;

    if (!origin->is_resolved)
        limit = MIN(limit, 1U << MIN(origin->n_unresolved, 16));
    return limit > origin->n_running ? limit - origin->n_running : 0;
}

Patience *
waits_patience(Waits *waits, uint32_t task)
{
    Patience *patience = g_hash_table_lookup(waits->tasks, GUINT_TO_POINTER(task));

    if (!patience) {
        patience = g_new0(Patience, 1);
        g_hash_table_insert(waits->tasks, GUINT_TO_POINTER(task), patience);
    }
    return patience;
}
