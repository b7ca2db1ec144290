/* SPDX-License-Identifier: MIT */
/*
 * When tasks ran, how often, and on what.
 */
#include "verify-case.h"

/* Dependencies and barriers. */

static void
forge_early_start(DagPastRun *past)
{
    move(past, "b", 0, 999, 2000);
    put_on(past, "b", 0);
    attempt_of(past, "a", 0)->end_ns = 1000 * MS;
    move(past, "a", 0, 0, 1000);
    past->n_workers = 3;
    put_on(past, "b", 2);
}

static void
forge_early_cleanup(DagPastRun *past)
{
    move(past, "end", 0, 2500, 3500);
    past->n_workers = 3;
    put_on(past, "end", 2);
}

/* With phases: b of phase 2 must wait for c of phase 1. */
static void
forge_broken_barrier(DagPastRun *past)
{
    past->n_workers = 3;
    put_on(past, "b", 2);
    move(past, "b", 0, 1500, 2500);
}

/* Workers, connections, pools. */

static void
forge_busy_worker(DagPastRun *past)
{
    put_on(past, "a", 1);
    put_on(past, "c", 1);
    put_on(past, "b", 0);
}

static void
forge_unknown_worker(DagPastRun *past)
{
    put_on(past, "end", 2);
}

static void
forge_no_worker(DagPastRun *past)
{
    put_on(past, "end", -1);
}

static void
forge_busy_connection(DagPastRun *past)
{
    move(past, "ftp", 0, 500, 1500);
    move(past, "web", 0, 2000, 3000);
}

static void
forge_full_pool(DagPastRun *past)
{
    past->n_connections = 3;
    move(past, "web", 0, 500, 1500);
}

static void
forge_other_pool(DagPastRun *past)
{
    g_array_index(past->pools, DagPastPool, 0).slots = 2;
}

static void
forge_other_rate(DagPastRun *past)
{
    g_array_index(past->pools, DagPastPool, 1).count = 60;
}

static void
forge_no_pool(DagPastRun *past)
{
    g_array_set_size(past->pools, 0);
}

/* Attempts. */

static void
forge_third_attempt(DagPastRun *past)
{
    DagPastTask *r = task_of(past, "r");
    DagPastAttempt third = *attempt_of(past, "r", 1);

    /* The attempts of a task are together, so they move to the end. */
    for (uint32_t i = 0; i < 2; i++) {
        DagPastAttempt copy = *attempt_of(past, "r", i);

        copy.outcome = DAG_FAILED;
        copy.exit_code = 3;
        g_array_append_val(past->attempts, copy);
    }
    third.start_ns += 1000 * MS;
    third.end_ns += 1000 * MS;
    g_array_append_val(past->attempts, third);
    r->first_attempt = past->attempts->len - 3;
    r->n_attempts = 3;
    settle(past);
}

static void
forge_attempt_after_success(DagPastRun *past)
{
    attempt_of(past, "r", 0)->outcome = DAG_SUCCEEDED;
    attempt_of(past, "r", 0)->exit_code = 0;
}

static void
forge_attempt_after_other_code(DagPastRun *past)
{
    attempt_of(past, "r", 0)->exit_code = 4;
}

static void
forge_not_tried_again(DagPastRun *past)
{
    past->keep_going = true;
    task_of(past, "r")->n_attempts = 1;
    end_with(past, "r", DAG_FAILED, 3);
}

static void
forge_short_pause(DagPastRun *past)
{
    move(past, "r", 1, 3549, 4049);
}

static void
forge_strange_success(DagPastRun *past)
{
    end_with(past, "r", DAG_SUCCEEDED, 9);
}

/* Time limits. */

static void
forge_early_timeout(DagPastRun *past)
{
    past->keep_going = true;
    end_with(past, "a", DAG_TIMED_OUT, DAG_EXIT_NONE);
    never_ran(past, "b", DAG_BLOCKED);
    never_ran(past, "e", DAG_BLOCKED);
}

static void
forge_timeout_without_limit(DagPastRun *past)
{
    past->keep_going = true;
    end_with(past, "d", DAG_TIMED_OUT, DAG_EXIT_NONE);
    never_ran(past, "r", DAG_BLOCKED);
}

static void
forge_timeout_at_once(DagPastRun *past)
{
    past->keep_going = true;
    move(past, "d", 0, 2000, 2000);
    end_with(past, "d", DAG_TIMED_OUT, DAG_EXIT_NONE);
    never_ran(past, "r", DAG_BLOCKED);
}

static void
forge_overrun(DagPastRun *past)
{
    past->n_workers = 3;
    put_on(past, "a", 2);
    move(past, "b", 0, 5000, 6000);
    move(past, "e", 0, 6000, 7000);
    move(past, "end", 0, 7000, 8000);
    move(past, "a", 0, 0, 3001);
}

static void
forge_run_timeout_without_limit(DagPastRun *past)
{
    stop_by(past, DAG_STOP_TIMEOUT);
}

static void
forge_early_run_timeout(DagPastRun *past)
{
    past->timeout_ns = 60000 * MS;
    stop_by(past, DAG_STOP_TIMEOUT);
}

static void
forge_run_overrun(DagPastRun *past)
{
    past->timeout_ns = 3000 * MS;
}

const Forgery forged_times[] = {
    {forge_early_start, DAG_RULE_DEPENDENCY,
     "task \"b\" started at 0.999 s, before \"a\", which it needs, ended at 1.00 s", NULL},
    {forge_early_cleanup, DAG_RULE_DEPENDENCY,
     "task \"end\" started at 2.50 s, before \"e\", which it needs, ended at 3.00 s", NULL},
    {forge_broken_barrier, DAG_RULE_BARRIER,
     "task \"b\" of phase 2 started at 1.50 s, before \"web\" of phase 1 ended at 3.00 s",
     "phases"},
    {forge_busy_worker, DAG_RULE_WORKER,
     "task \"c\" started on worker 1 at 0.00 s, before \"a\" ended there at 1.00 s", NULL},
    {forge_unknown_worker, DAG_RULE_WORKER,
     "task \"end\" ran on worker 2, but the run had 2, numbered from 0", NULL},
    {forge_no_worker, DAG_RULE_WORKER, "task \"end\" does not say on which worker it ran",
     NULL},
    {forge_busy_connection, DAG_RULE_CONNECTION,
     "when task \"ftp\" started at 0.50 s, 2 connections were in use, more than 1", NULL},
    {forge_full_pool, DAG_RULE_POOL,
     "when task \"web\" started at 0.50 s, 2 slots of the pool \"q\" were in use, more "
     "than 1",
     NULL},
    {forge_other_pool, DAG_RULE_POOL,
     "the pool \"p\" has 2 slots in the run, but 1 in the graph", NULL},
    {forge_other_rate, DAG_RULE_RATE,
     "the rate of the pool \"q\" is not the one in the graph", NULL},
    {forge_no_pool, DAG_RULE_POOL,
     "the pool \"p\" is in the graph, but not in the run\nthe pool \"q\" is in the graph, "
     "but not in the run",
     NULL},
    {forge_third_attempt, DAG_RULE_ATTEMPTS, "task \"r\" had 3 attempts, and may have 2",
     NULL},
    {forge_attempt_after_success, DAG_RULE_ATTEMPTS,
     "task \"r\" was tried again, although attempt 1 succeeded", NULL},
    {forge_attempt_after_other_code, DAG_RULE_ATTEMPTS,
     "task \"r\" was tried again after attempt 1, although it ended with no exit code that "
     "its retry-on names",
     NULL},
    {forge_not_tried_again, DAG_RULE_ATTEMPTS,
     "task \"r\" was not tried again after attempt 1, although it may have 2 attempts",
     NULL},
    {forge_short_pause, DAG_RULE_PAUSE,
     "task \"r\" was tried again 0.049 s after attempt 1; its pause is at least 0.05 s",
     NULL},
    {forge_strange_success, DAG_RULE_EXIT_CODE,
     "task \"r\" succeeded with the exit code 9, which is not success", NULL},
    {forge_early_timeout, DAG_RULE_TIME_LIMIT,
     "task \"a\" timed out after 1.00 s, but its time limit is 3.00 s", NULL},
    {forge_timeout_without_limit, DAG_RULE_TIME_LIMIT,
     "task \"d\" timed out, but has no time limit", NULL},
    {forge_timeout_at_once, DAG_RULE_TIME_LIMIT,
     "task \"d\" timed out, but has no time limit", NULL},
    {forge_overrun, DAG_RULE_TIME_LIMIT,
     "task \"a\" ran for 3.001 s and did not time out, but its time limit is 3.00 s", NULL},
    {forge_run_timeout_without_limit, DAG_RULE_TIME_LIMIT,
     "the run says that its time limit stopped it, but it has none", NULL},
    {forge_early_run_timeout, DAG_RULE_TIME_LIMIT,
     "the run timed out after 4.05583446 s, but its time limit is 60.00 s", NULL},
    {forge_run_overrun, DAG_RULE_TIME_LIMIT,
     "the run went on until 4.05583446 s and did not time out, but its time limit is 3.00 "
     "s",
     NULL},
    {NULL, DAG_RULE_TASKS, NULL, NULL},
};
