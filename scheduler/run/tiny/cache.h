/* SPDX-License-Identifier: MIT */
/*
 * Prefetching: memory that will be needed soon is fetched into the cache of this processor, so
 * that many cache misses overlap.
 */
#pragma once

#include "ready/countdown.h"
#include "record/records.h"
#include "run/lock.h"

/* The most successors of a task to prefetch: the cache is small. */
#define MAX_PREFETCHED_SUCCESSORS 16

/* Fetch memory that will be read.  GCC removes calls of a function that only prefetches,
 * since it has no effect; the empty asm statement counts as one. */
static inline void
prefetch(const void *address)
{
    __builtin_prefetch(address);
    __asm__ volatile("");
}

/* Fetch memory that will be written, and take it away from other processors.  On x86, GCC turns
 * `__builtin_prefetch(address, 1)` into a prefetch for reading unless it compiles for newer
 * processors only; where this instruction is unknown, it has no effect. */
static inline void
prefetch_write(const void *address)
{
#if defined(__x86_64__)
    __asm__("prefetchw %0" : : "m"(*(const char *)address));
#else
    __builtin_prefetch(address, 1);
#endif
}

/* Fetch the rows of successors of `ids`. */
static inline void
prefetch_rows(const DagGraph *graph, const DagTaskId *ids, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        prefetch(dag__successors(graph, ids[i]).ids);
}

/* Fetch the cells of the successors of `ids`. */
static inline void
prefetch_successors(const TaskTable *tasks, const DagGraph *graph, const DagTaskId *ids,
                    unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        DagIds succs = dag__successors(graph, ids[i]);

        for (size_t s = 0; s < MIN(succs.n, MAX_PREFETCHED_SUCCESSORS); s++)
            prefetch_write(&tasks->cells[succs.ids[s]]);
    }
}

/* Fetch the records that `writer` fills next. */
static inline void
prefetch_records(const RecordWriter *writer, unsigned n)
{
    uint32_t end = MIN(writer->next + n, writer->end);

    for (uint32_t i = writer->next; i < end; i += CACHE_LINE / sizeof(Record))
        prefetch_write(&writer->items[i]);
}
