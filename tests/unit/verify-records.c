/* SPDX-License-Identifier: MIT */
/*
 * Outcomes, stops, and what the record says of tasks and sums.
 */
#include "verify-case.h"

/* Outcomes. */

static void
forge_ran_behind_failure(DagPastRun *past)
{
    past->keep_going = true;
    end_with(past, "a", DAG_FAILED, 1);
}

static void
forge_ran_behind_cancelled(DagPastRun *past)
{
    stop_by(past, DAG_STOP_CANCEL);
    never_ran(past, "a", DAG_CANCELLED);
}

static void
forge_blocked_for_nothing(DagPastRun *past)
{
    never_ran(past, "r", DAG_BLOCKED);
}

static void
forge_cancelled_not_blocked(DagPastRun *past)
{
    past->keep_going = true;
    end_with(past, "d", DAG_FAILED, 1);
    stop_by(past, DAG_STOP_CANCEL);
    never_ran(past, "r", DAG_CANCELLED);
}

static void
forge_cancelled_for_nothing(DagPastRun *past)
{
    never_ran(past, "r", DAG_CANCELLED);
}

static void
forge_attempt_cancelled_for_nothing(DagPastRun *past)
{
    end_with(past, "r", DAG_CANCELLED, DAG_EXIT_NONE);
}

static void
forge_blocked_cleanup(DagPastRun *past)
{
    never_ran(past, "end", DAG_BLOCKED);
}

static void
forge_cancelled_cleanup(DagPastRun *past)
{
    past->timeout_ns = 3000 * MS;
    never_ran(past, "end", DAG_CANCELLED);
    stop_by(past, DAG_STOP_TIMEOUT);
    move(past, "r", 0, 3000, 3500);
    never_ran(past, "r", DAG_CANCELLED);
    past->duration_ns = 3000 * MS;
}

/* Stops. */

static void
forge_start_after_failure(DagPastRun *past)
{
    stop_by(past, DAG_STOP_FAILURE);
    end_with(past, "b", DAG_FAILED, 1);
    never_ran(past, "e", DAG_BLOCKED);
    never_ran(past, "d", DAG_CANCELLED);
    never_ran(past, "r", DAG_CANCELLED);
    move(past, "end", 0, 5000, 6000);
    move(past, "web", 0, 2001, 3000);
}

static void
forge_unnoticed_failure(DagPastRun *past)
{
    end_with(past, "r", DAG_FAILED, 7);
}

static void
forge_stop_without_failure(DagPastRun *past)
{
    stop_by(past, DAG_STOP_FAILURE);
}

static void
forge_signal_without_stop(DagPastRun *past)
{
    past->signal = 15;
}

static void
forge_start_after_timeout(DagPastRun *past)
{
    past->timeout_ns = 3000 * MS;
    stop_by(past, DAG_STOP_TIMEOUT);
}

/* Phases and sums. */

static void
forge_other_phase(DagPastRun *past)
{
    task_of(past, "b")->phase = 3;
}

static void
forge_phase_times(DagPastRun *past)
{
    g_array_index(past->phases, DagPastPhase, 1).end_ns += 1;
}

static void
forge_phase_size(DagPastRun *past)
{
    g_array_index(past->phases, DagPastPhase, 1).n_tasks = 9;
}

static void
forge_no_last_phase(DagPastRun *past)
{
    g_array_set_size(past->phases, past->phases->len - 1);
}

static void
forge_count(DagPastRun *past)
{
    past->counts[DAG_SUCCEEDED]--;
}

static void
forge_allowed_count(DagPastRun *past)
{
    past->n_allowed = 1;
}

static void
forge_no_success(DagPastRun *past)
{
    past->succeeded = false;
}

static void
forge_success(DagPastRun *past)
{
    past->keep_going = true;
    end_with(past, "r", DAG_FAILED, 7);
    past->succeeded = true;
}

static void
forge_makespan(DagPastRun *past)
{
    past->makespan_ns -= 1;
}

static void
forge_bound(DagPastRun *past)
{
    past->lower_bound_ns = past->makespan_ns + 2;
}

static void
forge_pool_bound(DagPastRun *past)
{
    g_array_index(past->pools, DagPastPool, 0).lower_bound_ns = 9000 * MS;
}

/* Records. */

static void
forge_record_start(DagPastRun *past)
{
    task_of(past, "r")->start_ns += 1;
}

static void
forge_record_busy(DagPastRun *past)
{
    task_of(past, "r")->busy_ns = 7 * MS;
}

static void
forge_record_outcome(DagPastRun *past)
{
    attempt_of(past, "r", 1)->outcome = DAG_FAILED;
    attempt_of(past, "r", 1)->exit_code = 0;
}

static void
forge_record_code(DagPastRun *past)
{
    task_of(past, "r")->exit_code = DAG_EXIT_NONE;
}

static void
forge_record_worker(DagPastRun *past)
{
    task_of(past, "r")->worker = 7;
}

static void
forge_backwards(DagPastRun *past)
{
    move(past, "end", 0, 3500, 3400);
}

static void
forge_overlapping_attempts(DagPastRun *past)
{
    past->n_workers = 3;
    put_on(past, "r", 2);
    move(past, "r", 1, 3400, 4000);
}

static void
forge_end_after_run(DagPastRun *past)
{
    past->duration_ns -= 1;
}

static void
forge_success_without_attempt(DagPastRun *past)
{
    never_ran(past, "r", DAG_SUCCEEDED);
}

static void
forge_blocked_attempt(DagPastRun *past)
{
    end_with(past, "r", DAG_BLOCKED, DAG_EXIT_NONE);
    past->keep_going = true;
}

static void
forge_allowed(DagPastRun *past)
{
    task_of(past, "e")->allowed = true;
}

/* Tasks. */

static void
forge_missing_task(DagPastRun *past)
{
    uint32_t last = past->tasks->len - 1;

    g_assert_cmpstr(dag_past_run_task(past, last)->id, ==, "web");
    g_array_set_size(past->tasks, last);
    settle(past);
}

static void
forge_other_task(DagPastRun *past)
{
    task_of(past, "ftp")->id = "spider";
}

static void
forge_double_task(DagPastRun *past)
{
    DagPastTask web = *task_of(past, "web");

    g_array_append_val(past->tasks, web);
    settle(past);
}

static void
forge_not_excluded(DagPastRun *past)
{
    g_ptr_array_set_size(past->excluded, 0);
}

static void
forge_excluded(DagPastRun *past)
{
    g_ptr_array_add(past->excluded, (gpointer) "y");
}

const Forgery forged_records[] = {
    {forge_ran_behind_failure, DAG_RULE_OUTCOME,
     "task \"b\" ran, although \"a\", which it needs, failed", NULL},
    {forge_ran_behind_cancelled, DAG_RULE_OUTCOME,
     "task \"b\" ran, although \"a\", which it needs, was cancelled", NULL},
    {forge_blocked_for_nothing, DAG_RULE_OUTCOME,
     "task \"r\" is blocked, although no task that it needs failed or is blocked", NULL},
    {forge_cancelled_not_blocked, DAG_RULE_OUTCOME,
     "task \"r\" is cancelled and should be blocked: \"d\", which it needs, failed", NULL},
    {forge_cancelled_for_nothing, DAG_RULE_STOP,
     "task \"r\" was cancelled, although nothing stopped the run", NULL},
    {forge_attempt_cancelled_for_nothing, DAG_RULE_STOP,
     "task \"r\" was cancelled, although nothing stopped the run", NULL},
    {forge_blocked_cleanup, DAG_RULE_OUTCOME,
     "task \"end\" is blocked, although it is a clean-up", NULL},
    {forge_cancelled_cleanup, DAG_RULE_OUTCOME,
     "task \"end\" was cancelled, although it is a clean-up and no signal stopped the run",
     NULL},
    {forge_start_after_failure, DAG_RULE_STOP,
     "task \"web\" started at 2.001 s, although the run was stopped at 2.00 s, when \"b\" "
     "failed",
     NULL},
    {forge_unnoticed_failure, DAG_RULE_STOP,
     "task \"r\" failed, but the run says that nothing stopped it", NULL},
    {forge_stop_without_failure, DAG_RULE_STOP,
     "the run says that a failure stopped it, but no task failed", NULL},
    {forge_signal_without_stop, DAG_RULE_STOP,
     "the run got the signal 15, but does not say that it was cancelled", NULL},
    {forge_start_after_timeout, DAG_RULE_STOP,
     "task \"r\" started at 3.55583446 s, although the run was stopped at 3.00 s, by its "
     "time limit",
     NULL},
    {forge_other_phase, DAG_RULE_PHASES,
     "task \"b\" is in phase 3 in the run, but in phase 2 in the graph", NULL},
    {forge_phase_times, DAG_RULE_PHASES, "the times of phase 2 are not those of its tasks",
     NULL},
    {forge_phase_size, DAG_RULE_PHASES,
     "phase 2 has 9 tasks in the run, but 2 in the graph", NULL},
    {forge_no_last_phase, DAG_RULE_PHASES, "the run has 3 phases, the graph has 4", NULL},
    {forge_count, DAG_RULE_SUMS, "the run counts 9 tasks as succeeded, but has 10", NULL},
    {forge_allowed_count, DAG_RULE_SUMS,
     "the run counts 1 failures that are allowed, but has 0", NULL},
    {forge_no_success, DAG_RULE_SUMS, "the run says that it did not succeed, but it did",
     NULL},
    {forge_success, DAG_RULE_SUMS, "the run says that it succeeded, but it did not", NULL},
    {forge_makespan, DAG_RULE_SUMS,
     "the makespan is said to be 4.055834459 s; by the tasks it is 4.05583446 s", NULL},
    {forge_bound, DAG_RULE_SUMS,
     "the lower bound of the run is 4.055834462 s, but the makespan is only 4.05583446 s",
     NULL},
    {forge_pool_bound, DAG_RULE_SUMS,
     "the lower bound of the pool \"p\" is 9.00 s, but the makespan is only 4.05583446 s",
     NULL},
    {forge_record_start, DAG_RULE_RECORD,
     "the record of task \"r\" says that its start is 3.000000001 s; by its attempts it is "
     "3.00 s",
     NULL},
    {forge_record_busy, DAG_RULE_RECORD,
     "the record of task \"r\" says that it was busy for 0.007 s; by its attempts it is "
     "1.00 s",
     NULL},
    {forge_record_outcome, DAG_RULE_RECORD,
     "the record of task \"r\" says succeeded, its last attempt failed", NULL},
    {forge_record_code, DAG_RULE_RECORD,
     "the exit code in the record of task \"r\" is not that of its last attempt", NULL},
    {forge_record_worker, DAG_RULE_RECORD,
     "the worker in the record of task \"r\" is not that of its last attempt", NULL},
    {forge_backwards, DAG_RULE_RECORD,
     "task \"end\" ended at 3.40 s, before it started at 3.50 s", NULL},
    {forge_overlapping_attempts, DAG_RULE_RECORD,
     "attempt 2 of task \"r\" started at 3.40 s, before attempt 1 ended at 3.50 s", NULL},
    {forge_end_after_run, DAG_RULE_RECORD,
     "task \"r\" ended at 4.05583446 s, after the run ended at 4.055834459 s", NULL},
    {forge_success_without_attempt, DAG_RULE_RECORD,
     "task \"r\" is said to have succeeded, but it never started", NULL},
    {forge_blocked_attempt, DAG_RULE_RECORD, "task \"r\" is blocked, but ran", NULL},
    {forge_allowed, DAG_RULE_RECORD, "task \"e\" has no failure that is allowed", NULL},
    {forge_missing_task, DAG_RULE_TASKS, "task \"web\" is in the graph, but not in the run",
     NULL},
    {forge_other_task, DAG_RULE_TASKS,
     "task \"spider\" is in the run, but not in the graph\ntask \"ftp\" is in the graph, "
     "but not in the run",
     NULL},
    {forge_double_task, DAG_RULE_TASKS, "task \"web\" is in the run twice", NULL},
    {forge_not_excluded, DAG_RULE_TASKS,
     "task \"x\" is excluded in the graph, but not in the run", NULL},
    {forge_excluded, DAG_RULE_TASKS,
     "task \"y\" is excluded in the run, but not in the graph", NULL},
    {NULL, DAG_RULE_TASKS, NULL, NULL},
};
