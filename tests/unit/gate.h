/* SPDX-License-Identifier: MIT */
/*
 * Gates make tasks run at the same time: each task waits at a gate until all have come.
 */
#pragma once

#include <dagrun/context.h>
#include <dagrun/execute.h>
#include <errno.h>
#include <pthread.h>
#include <time.h>

#define DEADLINE_S 20

/* A gate opens when the expected number of tasks have come, and stays open. */
typedef struct Gate {
    pthread_mutex_t lock;
    pthread_cond_t opened;
    unsigned expected;
    unsigned n_come;
} Gate;

#define GATE(n)                                                                            \
    {                                                                                      \
        PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, n, 0                          \
    }

/* Wait at the gate.  Return true if it opened before the deadline. */
static inline bool
gate_pass(Gate *gate)
{
    struct timespec deadline;
    int problem = 0;

    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += DEADLINE_S;
    pthread_mutex_lock(&gate->lock);
    gate->n_come++;
    pthread_cond_broadcast(&gate->opened);
    while (gate->n_come < gate->expected && problem != ETIMEDOUT)
        problem = pthread_cond_timedwait(&gate->opened, &gate->lock, &deadline);
    pthread_mutex_unlock(&gate->lock);
    return problem == 0;
}

/* Worker thread.  `config` is a gate, or NULL: do nothing. */
static inline DagOutcome
meet(DagContext *context, const void *config)
{
    if (!config || gate_pass((Gate *)(void *)config))
        return DAG_SUCCEEDED;
    dag_context_set_reason(context, "no other task came");
    return DAG_FAILED;
}

static inline DagRun *
execute(const DagPlan *plan, const DagExecuteOptions *options)
{
    g_autoptr(GError) error = NULL;
    DagRun *run = dag_execute(plan, options, &error);

    g_assert_no_error(error);
    return run;
}
