/* SPDX-License-Identifier: MIT */
/*
 * What became of each task, in the order in which tasks ran.
 *
 * Tasks that run one after the other may lie anywhere in the graph; their records lie one after
 * the other, so that writing them is what memory is fastest at, and workers do not take each
 * other's cache lines away.  Of each task there is only the place of its record to write where
 * the task lies.
 *
 * A place is written, like the record itself, by the worker that runs the task, before it settles
 * it under its lock; or under that lock, where the task never ran.
 */
#pragma once

#include "run/monitor.h"

#include <dagrun/policy.h>
#include <dagrun/types.h>
#include <stdatomic.h>

/* A DagRecord in three words: there may be millions. */
typedef struct Record {
    int64_t start_ns;
    int64_t end_ns;
    uint16_t worker;
    uint16_t n_attempts; /* <= DAG_MAX_ATTEMPTS; 0: it never ran, and there are no times */
    int16_t exit_code;
    uint8_t outcome; /* DagOutcome */
} Record;

typedef struct Records {
    Record *items;    /* owned; one block of a writer after the other.  The first stands for
                         tasks that have none */
    uint32_t *places; /* [n_tasks], owned: of items; 0: none yet */
    atomic_uint n_given; /* of items, to writers */
} Records;

/* Where one thread writes records. */
typedef struct RecordWriter {
    Records *records;
    Record
        *items; /* those of records, as the next: what lies around them in a run changes */
    uint32_t *places;
    uint32_t next; /* place of the next record */
    uint32_t end;  /* of the block */
} RecordWriter;

/* How many records a writer gets at a time: enough that blocks are rare, few enough that what is
 * left of the last one does not matter. */
#define RECORDS_PER_BLOCK 256

/* Room for one record per task, by so many writers. */
void dag__records_init(Records *records, size_t n_tasks, unsigned n_writers);
void dag__records_clear(Records *records);

static inline RecordWriter
record_writer_of(Records *records)
{
    return (RecordWriter){records, records->items, records->places, 0, 0};
}

static inline Record *
records_get(const Records *records, DagTaskId id)
{
    return &records->items[records->places[id]];
}

/* Returns: the record of a task that has none yet, to be filled in. */
static inline Record *
record_writer_add(RecordWriter *writer, DagTaskId id)
{
    if (writer->next == writer->end) {
        writer->next = atomic_fetch_add_explicit(&writer->records->n_given,
                                                 RECORDS_PER_BLOCK, memory_order_relaxed);
        writer->end = writer->next + RECORDS_PER_BLOCK;
    }
    writer->places[id] = writer->next;
    return &writer->items[writer->next++];
}

/* Fetches what the next `n` records will be written to. */
static inline void
record_writer_read_ahead(const RecordWriter *writer, unsigned n)
{
    uint32_t end = MIN(writer->next + n, writer->end);

    for (uint32_t i = writer->next; i < end; i += CACHE_LINE / sizeof(Record))
        dag__prefetch_write(&writer->items[i]);
}
