/* SPDX-License-Identifier: MIT */
/*
 * Tasks that may start, where more than their arrival decides: keys of the strategy, priorities,
 * or classes.  Not thread-safe: used under the lock of whoever owns it.
 */
#pragma once

#include <dagrun/strategy.h>

typedef struct Lanes Lanes;

/* Computes the strategy's keys, and who goes before whom: O(tasks). */
Lanes *dag__lanes_new(const DagPlan *plan, const DagStrategy *strategy, uint64_t seed);
void dag__lanes_free(Lanes *lanes);

/* A task is never in twice at once. */
void dag__lanes_put(Lanes *lanes, DagTaskId id);

/* Puts in again, before its equals, what was taken but not started. */
void dag__lanes_put_back(Lanes *lanes, DagTaskId id);

/* Returns: the task of the class to start next; there must be one. */
DagTaskId dag__lanes_take(Lanes *lanes, uint32_t class);

/* Returns: how many tasks of the class are in. */
size_t dag__lanes_length(const Lanes *lanes, uint32_t class);

/* Returns: whether the next task of one class goes before that of another; both must have one,
 * and there must be several classes. */
bool dag__lanes_goes_before(const Lanes *lanes, uint32_t class, uint32_t other);
