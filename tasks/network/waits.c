/* SPDX-License-Identifier: MIT */
/*
 * The list is not sorted: it is looked through when the earliest time in it may have come.
 */
#include "waits.h"

void
waits_init(Waits *waits)
{
    waits->list = g_ptr_array_new();
    waits->next_ns = INT64_MAX;
    waits->origins = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

void
waits_clear(Waits *waits)
{
    g_clear_pointer(&waits->list, g_ptr_array_unref);
    g_clear_pointer(&waits->origins, g_hash_table_unref);
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

void
waits_close(Waits *waits, const char *origin, int64_t time_ns)
{
    if (time_ns > waits_opens_ns(waits, origin))
        g_hash_table_insert(waits->origins, g_strdup(origin),
                            g_memdup2(&time_ns, sizeof(time_ns)));
}

int64_t
waits_opens_ns(const Waits *waits, const char *origin)
{
    const int64_t *time_ns = g_hash_table_lookup(waits->origins, origin);

    return time_ns ? *time_ns : 0;
}
