/* SPDX-License-Identifier: MIT */
/*
 * Schedules from an order of the tasks, by the two schedule generation schemes of the field
 * (Kolisch, 1996), forward and on the reversed problem.
 */
#pragma once

#include "strategies/optimal/problem.h"

typedef enum Scheme {
    SCHEME_PARALLEL, /* at each time, start the ready tasks in their order: list scheduling */
    SCHEME_SERIAL,   /* task by task, each as early as it fits */
} Scheme;

/* A task with the numbers that decide its turn: the largest priority goes first, then the largest key. */
typedef struct Turn {
    int64_t key;
    uint32_t id;
    int32_t priority;
} Turn;

/* Let the tasks of turns[n] have their priorities. */
static inline void
turns_set_priorities(const Problem *problem, Turn *turns)
{
    for (uint32_t i = 0; problem->priority && i < problem->n; i++)
        turns[i].priority = problem->priority[turns[i].id];
}

typedef struct Generator Generator; /* memory for the schemes */

Generator *generator_new(const Problem *problem);
void generator_free(Generator *generator);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Generator, generator_free)

/* Sort turns[n]; ties in order of the tasks. */
void turns_sort(Turn *turns, uint32_t n);

/* The tasks before and after each task.  Reversed, a task comes after its successors, and times
 * count back from the end of the schedule. */
typedef struct Direction {
    const Neighbours *before, *after;
} Direction;

/* Return the direction in which the problem is read. */
static inline Direction
direction_of(const Problem *problem, bool is_reversed)
{
    if (is_reversed)
        return (Direction){&problem->succs, &problem->preds};
    return (Direction){&problem->preds, &problem->succs};
}

/*
 * Schedule all tasks in the order of turns[n], which is sorted.  SCHEME_SERIAL wants each task
 * after those before it.
 *
 * Returns: the makespan; start_out[n] receives the start of each task.
 */
int64_t generate(Generator *generator, Scheme scheme, Direction direction,
                 const Turn *turns, int64_t *start_out);
