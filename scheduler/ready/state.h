/* SPDX-License-Identifier: MIT */
/*
 * The state of every task of a run, and the only function that changes it.
 *
 *     waiting ──► ready ──► running ──► ended
 *        │          │▲        │ ▲ │
 *        │          ││        │ │ └──► paused ──► ready, or ended
 *        │          │└────────┘ │      (an attempt failed; another one follows)
 *        │          ▼ returned  │
 *        └────────► ended       └── waiting: taken as part of a chain, or returned from one
 *
 * A task that ends without having run has no outcome at first (DAG_PENDING): whether it counts as
 * blocked or as cancelled depends on tasks that still run.
 *
 * A task takes two bytes.  The state shares a cache line with the count of predecessors that the
 * task waits for, since both change together; see countdown.h for the count.
 */
#pragma once

#include <dagrun/types.h>

typedef enum TaskState {
    TASK_WAITING, /* needs something that has not ended: a predecessor, a hold, its phase */
    TASK_READY,   /* in the queue: may start as soon as a driver has the capacity */
    TASK_RUNNING, /* handed to a driver */
    TASK_PAUSED,  /* an attempt failed; the next one is due later */
    TASK_ENDED,   /* final: it has an outcome, or will not run any more */
} TaskState;

#define N_TASK_STATES 5

typedef struct TaskCell {
    uint8_t n_left; /* tasks that it waits for, modulo 256; see countdown.h */
    uint8_t status; /* TaskState in the low three bits, DagOutcome above */
} TaskCell;

/* All tasks of a run. */
typedef struct TaskTable {
    TaskCell *cells;    /* [n_tasks], owned */
    uint32_t *rounds;   /* [n_tasks], owned, or NULL; see countdown.h */
    size_t n_undecided; /* tasks without an outcome */
    size_t n_in[N_TASK_STATES];
} TaskTable;

/* Return true if a task may go from one state to the other. */
static inline bool
task_state_may_follow(TaskState from, TaskState to)
{
    static const uint8_t followers[N_TASK_STATES] = {
        [TASK_WAITING] = 1 << TASK_READY | 1 << TASK_RUNNING | 1 << TASK_ENDED,
        [TASK_READY] = 1 << TASK_RUNNING | 1 << TASK_ENDED,
        [TASK_RUNNING] =
            1 << TASK_WAITING | 1 << TASK_READY | 1 << TASK_PAUSED | 1 << TASK_ENDED,
        [TASK_PAUSED] = 1 << TASK_READY | 1 << TASK_ENDED,
        [TASK_ENDED] = 1 << TASK_ENDED, /* only from undecided to an outcome */
    };

    return followers[from] >> to & 1;
}

static inline TaskState
task_table_state(const TaskTable *table, DagTaskId id)
{
    return (TaskState)(table->cells[id].status & 7);
}

/* Return the outcome, or DAG_PENDING. */
static inline DagOutcome
task_table_outcome(const TaskTable *table, DagTaskId id)
{
    return (DagOutcome)(table->cells[id].status >> 3);
}

/*
 * Move tasks from one state to another.  `outcome` is that of tasks that end; DAG_PENDING if
 * it is decided later, or if they do not end.  Every change of a state goes through this function.
 */
static inline void
task_table_move(TaskTable *table, DagIds tasks, TaskState from, TaskState to,
                DagOutcome outcome)
{
    uint8_t before = (uint8_t)(from | DAG_PENDING << 3);
    uint8_t after = (uint8_t)(to | outcome << 3);
    uint8_t mismatch = 0;

    g_assert(task_state_may_follow(from, to));
    for (size_t i = 0; i < tasks.n; i++) {
        TaskCell *cell = &table->cells[tasks.ids[i]];

        mismatch |= cell->status ^ before;
        cell->status = after;
    }
    g_assert(mismatch == 0);
    table->n_in[from] -= tasks.n;
    table->n_in[to] += tasks.n;
    if (outcome != DAG_PENDING)
        table->n_undecided -= tasks.n;
}

/* Move one task from its present state. */
static inline void
task_table_move_one(TaskTable *table, DagTaskId id, TaskState to, DagOutcome outcome)
{
    task_table_move(table, (DagIds){&id, 1}, task_table_state(table, id), to, outcome);
}
