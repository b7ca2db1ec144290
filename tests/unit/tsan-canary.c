/* SPDX-License-Identifier: MIT */
/*
 * Two threads of a pool write one number without a lock; ThreadSanitizer must report it.  If it
 * does not, the suppression of GLib (tests/support/tsan.supp) hides races, and the results of all
 * other tests mean nothing.  Expected to fail.
 *
 * The threads wait for each other without synchronizing, so that both do write.
 */
#include <glib.h>
#include <stdatomic.h>
#include <stdio.h>

static unsigned planted; /* the race */
static atomic_uint n_arrived;

static void
write_number(gpointer data, gpointer user_data)
{
    (void)user_data;
    atomic_fetch_add_explicit(&n_arrived, 1, memory_order_relaxed);
    while (atomic_load_explicit(&n_arrived, memory_order_relaxed) < 2)
        g_thread_yield();
    for (unsigned i = 0; i < 1000; i++)
        planted += GPOINTER_TO_UINT(data);
}

int
main(void)
{
    GThreadPool *pool = g_thread_pool_new(write_number, NULL, 2, TRUE, NULL);

    g_thread_pool_push(pool, GUINT_TO_POINTER(1), NULL);
    g_thread_pool_push(pool, GUINT_TO_POINTER(2), NULL);
    g_thread_pool_free(pool, FALSE, TRUE);
    printf("race not detected: %u\n", planted);
    return 0;
}
