/* SPDX-License-Identifier: MIT */
/*
 * The records of all tasks, in the order in which they were written.
 *
 * Tasks that run one after the other may lie anywhere in the graph.  Their records lie one after
 * the other, so that memory is written sequentially, and workers do not write to each other's
 * cache lines.  Only the index of its record is stored per task.
 *
 * A thread that writes records has a RecordWriter of its own and takes blocks of records from the
 * shared array.  A record may be read once the end of its task was reported under the lock of the
 * run.
 */
#pragma once

#include <dagrun/policy.h>
#include <dagrun/run.h>
#include <stdatomic.h>

/* A DagRecord in three words, since there may be millions. */
typedef struct Record {
    int64_t start_ns;
    int64_t end_ns;
    uint16_t unit;       /* number of the worker or connection */
    uint16_t n_attempts; /* <= DAG_MAX_ATTEMPTS; 0: the task never ran, and has no times */
    int16_t exit_code;
    uint8_t outcome; /* DagOutcome */
} Record;

typedef struct Records {
    /* Blocks of the writers; owned.  The first item stands for tasks without a record. */
    Record *items;
    uint32_t *index_of;  /* [n_tasks], owned: into items; 0: no record yet */
    atomic_uint n_given; /* number of items that writers have taken */
} Records;

/* The block of records that one thread fills. */
typedef struct RecordWriter {
    Records *records;
    Record *items; /* copies of pointers in `records`; the fields beside those change */
    uint32_t *index_of;
    uint32_t next; /* index of the next record */
    uint32_t end;  /* of the block */
} RecordWriter;

/* Records per block: enough to make taking blocks rare, few enough that the unused rest of the
 * last one does not matter. */
#define RECORDS_PER_BLOCK 256

/* Allocate the records of `n_tasks` tasks for `n_writers` writers. */
void dag__records_init(Records *records, size_t n_tasks, unsigned n_writers);
void dag__records_clear(Records *records);

static inline RecordWriter
record_writer_of(Records *records)
{
    return (RecordWriter){records, records->items, records->index_of, 0, 0};
}

static inline Record *
records_get(const Records *records, DagTaskId id)
{
    return &records->items[records->index_of[id]];
}

/* Add the record of a task that has none.  The caller fills it. */
static inline Record *
record_writer_add(RecordWriter *writer, DagTaskId id)
{
    if (writer->next == writer->end) {
        writer->next = atomic_fetch_add_explicit(&writer->records->n_given,
                                                 RECORDS_PER_BLOCK, memory_order_relaxed);
        writer->end = writer->next + RECORDS_PER_BLOCK;
    }
    writer->index_of[id] = writer->next;
    return &writer->items[writer->next++];
}

/* Add the record of a task that succeeded at its first attempt, has no exit code, and has no record yet. */
static inline void
record_writer_succeeded(RecordWriter *writer, DagTaskId id, int64_t start_ns,
                        int64_t end_ns, uint16_t unit)
{
    *record_writer_add(writer, id) = (Record){
        .start_ns = start_ns,
        .end_ns = end_ns,
        .unit = unit,
        .n_attempts = 1,
        .exit_code = DAG_EXIT_NONE,
        .outcome = DAG_SUCCEEDED,
    };
}
