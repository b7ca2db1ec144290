/* SPDX-License-Identifier: MIT */
/*
 * The parts of the check of a run; verify.c calls one after the other.
 */
#pragma once

#include <dagrun/verify.h>

/* A check under way.  A task of the plan that is not in the run has no record. */
typedef struct Check {
    const DagPlan *plan;
    const DagGraph *graph;
    const DagPastRun *past;
    const DagPastTask **records; /* [n_tasks], by DagTaskId; NULL: not in the run */
    size_t n_tasks;
    /* [n_tasks]: when the outcome of a task that never ran was decided, at the latest; only used by
     * dag__check_outcomes(). */
    int64_t *decided_ns;
    int64_t slack_ns;
    DagVerdict *verdict;
} Check;

/* Note that a rule was broken by a task, or DAG_TASK_NONE. */
void dag__find(Check *check, DagRule rule, DagTaskId task, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* The size of a text of dag__seconds(). */
#define SECONDS_SIZE 32

/* Write a time as "1.20 s", with as many decimals as it has, but at least two.  Returns: `text`. */
const char *dag__seconds(int64_t ns, char text[SECONDS_SIZE]);

/* Describe each task by its attempts, and check their number, pauses and limits. */
void dag__check_attempts(Check *check);

/* Return whether a task that ran was waiting for another attempt when the run stopped. */
bool dag__may_try_again(Check *check, DagTaskId id);

/* Check which tasks ran, by the outcomes of their predecessors, and when the run stopped. */
void dag__check_outcomes(Check *check);

/* Check that tasks started after those that they waited for. */
void dag__check_precedence(Check *check);

/* Check that attempts started no faster than the rates of pools allow. */
void dag__check_rates(Check *check);

/* Check that no more workers, connections and slots were in use than there are, and the rates. */
void dag__check_occupancy(Check *check);

/* Check the sums and the phases of the run. */
void dag__check_sums(Check *check);

/* Return the name of a task. */
static inline const char *
name_of(const Check *check, DagTaskId id)
{
    return dag_graph_task_name(check->graph, id);
}

/* Return whether the task has a record, and ran. */
static inline bool
has_run(const Check *check, DagTaskId id)
{
    return check->records[id] && check->records[id]->n_attempts > 0;
}

/* Return the first start or the last end of a task that ran. */
static inline int64_t
start_of(const Check *check, DagTaskId id)
{
    return dag_past_run_attempts(check->past, check->records[id])[0].start_ns;
}

static inline int64_t
end_of(const Check *check, DagTaskId id)
{
    const DagPastTask *record = check->records[id];

    return dag_past_run_attempts(check->past, record)[record->n_attempts - 1].end_ns;
}

/* Return whether a task that ended so lets its successors run: it succeeded, or failed and may. */
static inline bool
is_good(const Check *check, DagTaskId id, DagOutcome outcome)
{
    return dag_outcome_is_success(outcome) ||
           ((outcome == DAG_FAILED || outcome == DAG_TIMED_OUT) &&
            dag_graph_task_policy(check->graph, id)->allow_failure);
}

/* A time in a file is a double of 53 bits, in seconds.  The text, the double and its product with 10^9
 * have an error of 2^-52 together, so times below 2^51 ns (26 days) are exact. */
static inline int64_t
rounding_ns(int64_t time_ns)
{
    return time_ns < INT64_C(1) << 51 ? 0 : (time_ns >> 51) + 1;
}

/* Return whether x is before y, and not only by a rounding error. */
static inline bool
is_before(int64_t x_ns, int64_t y_ns)
{
    return x_ns < y_ns && y_ns - x_ns > 2 * rounding_ns(y_ns);
}

/* Return whether two times, or sums or differences of times up to `latest_ns`, are the same. */
static inline bool
is_same(int64_t x_ns, int64_t y_ns, int64_t latest_ns)
{
    uint64_t x = (uint64_t)x_ns, y = (uint64_t)y_ns; /* the difference may need 64 bits */

    return (x_ns > y_ns ? x - y : y - x) <= (uint64_t)(4 * rounding_ns(latest_ns));
}
