/* SPDX-License-Identifier: MIT */
#include "record/records.h"

void
dag__records_init(Records *records, size_t n_tasks, unsigned n_writers)
{
    size_t n = 1 + n_tasks + (size_t)n_writers * RECORDS_PER_BLOCK;

    G_STATIC_ASSERT(DAG_MAX_ATTEMPTS <= UINT16_MAX);
    g_assert(n <= UINT32_MAX);
    records->items = g_new(Record, n); /* untouched memory costs nothing */
    records->items[0] = (Record){.exit_code = 0};
    records->index_of = g_new0(uint32_t, n_tasks);
    atomic_init(&records->n_given, 1);
}

void
dag__records_clear(Records *records)
{
    g_free(records->items);
    g_free(records->index_of);
}
