/* SPDX-License-Identifier: MIT */
/*
 * The cancel level of an attempt.  It rises if the run is cancelled, or if the time limit of the run
 * or the timeout of the task has passed.  Time limits need no other thread: the thread that runs the
 * attempt computes the level when it asks for it, and waits no longer than until it may rise.
 */
#include "run/context.h"

#include "run/later.h"

#include <dagrun/duration.h>
#include <dagrun/run.h>
#include <limits.h>
#include <poll.h>

void
dag__context_begin(DagContext *context, DagTaskId task, unsigned attempt, int64_t start_ns)
{
    const DagPolicy *policy = dag_graph_task_policy(context->env->graph, task);

    context->task = task;
    context->attempt = attempt;
    if (attempt > 1)
        dag__outputs_forget(context->env->outputs, task);
    context->policy = policy;
    context->level = DAG_CANCEL_NONE;
    context->limit_ns = policy->always ? INT64_MAX : context->env->run_limit_ns;
    context->limit_is_own = false;
    context->is_final = false;
    context->is_transient = false;
    context->timed_out = false;
    context->exit_code = DAG_EXIT_NONE;
    if (policy->timeout_ns > 0 &&
        dag__later(start_ns, policy->timeout_ns) < context->limit_ns) {
        context->limit_ns = dag__later(start_ns, policy->timeout_ns);
        context->limit_is_own = true;
    }
}

/* Return the level of the run's cancellation as it applies to this task: a clean-up ignores
 * TERM. */
static DagCancelLevel
requested_level(const DagContext *context)
{
    DagCancelLevel level =
        context->env->cancel ? dag_cancel_level(context->env->cancel) : DAG_CANCEL_NONE;

    return level == DAG_CANCEL_TERM && context->policy->always ? DAG_CANCEL_NONE : level;
}

DagCancelLevel
dag_context_cancel_level(DagContext *context)
{
    g_return_val_if_fail(context, DAG_CANCEL_NONE);

    DagCancelLevel requested = requested_level(context);

    if (requested <= context->level && context->limit_ns == INT64_MAX)
        return context->level;

    int64_t now_ns = dag_clock_ns();
    bool has_expired = now_ns >= context->limit_ns;

    if (context->level == DAG_CANCEL_NONE && (requested > DAG_CANCEL_NONE || has_expired)) {
        context->timed_out = requested == DAG_CANCEL_NONE && context->limit_is_own;
        context->level = DAG_CANCEL_TERM;
        context->limit_ns = dag__later(now_ns, context->env->grace_ns);
        has_expired = now_ns >= context->limit_ns;
    }
    if (context->level == DAG_CANCEL_TERM &&
        (requested == DAG_CANCEL_KILL || has_expired)) {
        context->level = DAG_CANCEL_KILL;
        context->limit_ns = INT64_MAX;
    }
    return context->level;
}

bool
dag_context_is_timed_out(const DagContext *context)
{
    g_return_val_if_fail(context, false);
    return context->timed_out;
}

/* Return a descriptor that becomes readable when the cancellation rises above the level, or -1. */
static int
next_level_fd(const DagContext *context)
{
    if (!context->env->cancel || context->level == DAG_CANCEL_KILL)
        return -1;
    return dag_cancel_fd(context->env->cancel,
                         context->level == DAG_CANCEL_NONE && !context->policy->always
                             ? DAG_CANCEL_TERM
                             : DAG_CANCEL_KILL);
}

/* Return `timeout_ms`, or the time until the level rises by itself if that is less, rounded up. */
static int
wait_limit_ms(const DagContext *context, int timeout_ms)
{
    if (context->limit_ns == INT64_MAX)
        return timeout_ms;

    int64_t left_ms = (context->limit_ns - dag_clock_ns() + 999999) / 1000000;

    left_ms = CLAMP(left_ms, 0, INT_MAX);
    return timeout_ms < 0 ? (int)left_ms : (int)MIN(left_ms, timeout_ms);
}

#define MAX_FDS 7

int
dag_context_poll(DagContext *context, struct pollfd *fds, nfds_t n_fds, int timeout_ms)
{
    struct pollfd all[MAX_FDS + 1];
    int n_ready;

    g_return_val_if_fail(context && (fds || n_fds == 0), -1);
    g_return_val_if_fail(n_fds <= MAX_FDS, -1);
    for (nfds_t i = 0; i < n_fds; i++)
        all[i] = fds[i];
    all[n_fds] = (struct pollfd){.fd = next_level_fd(context), .events = POLLIN};
    n_ready = poll(all, n_fds + 1, wait_limit_ms(context, timeout_ms));
    for (nfds_t i = 0; i < n_fds; i++)
        fds[i].revents = n_ready < 0 ? 0 : all[i].revents;
    return n_ready > 0 && all[n_fds].revents ? n_ready - 1 : n_ready;
}

DagOutcome
dag_context_set_exit_code(DagContext *context, int exit_code)
{
    g_return_val_if_fail(context, DAG_FAILED);

    const DagPolicy *policy = context->policy;
    bool is_good =
        policy->limits_success ? dag_codes_has(&policy->expect, exit_code) : exit_code == 0;

    context->exit_code = exit_code;
    return is_good ? DAG_SUCCEEDED : DAG_FAILED;
}
