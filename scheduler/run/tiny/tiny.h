/* SPDX-License-Identifier: MIT */
/*
 * Tiny tasks: so short that running several in one go is faster than distributing them.  README.md
 * describes the optimizations of this directory.  Without DAGRUN_TINY they are left out, and every
 * graph runs on the ordinary workers (threads.c).
 */
#pragma once

#include "run/execution.h"

/* A task that takes less is tiny: about the time to hand a task to another worker. */
#define DAG_TINY_NS 2000

/* Return true if a task of a kind that can be tiny is not known to take longer. */
static inline bool
dag__is_tiny_task(const DagPlan *plan, DagTaskId id)
{
    return dag_graph_task_kind(dag_plan_graph(plan), id)->is_tiny &&
           (!dag_plan_cost_is_known(plan, id) ||
            dag_plan_cost(plan, id) * 1e9 < DAG_TINY_NS);
}

#ifdef DAGRUN_TINY

/* Return true if the run can use dag__tiny_work(): every kind in the graph is tiny, no task has a
 * known cost of DAG_TINY_NS or more, and no task uses a pool.  Cost: O(tasks). */
bool dag__tiny_applies(const Execution *ex);

/* Run the loop of a worker that takes tasks in batches; a GFunc, like the loop of threads.c.
 * Worker thread. */
void dag__tiny_work(gpointer data, gpointer execution);

#else

static inline bool
dag__tiny_applies(const Execution *ex)
{
    (void)ex;
    return false;
}

#define dag__tiny_work NULL

#endif
