/* SPDX-License-Identifier: MIT */
/*
 * The table of docs/reliability.md, which says when each task runs, written once more.
 *
 * An ordinary task runs, or its earlier result is reused, if all its predecessors ended well.  If one of them failed or is blocked, it is
 * blocked; otherwise it does not run only if the run was stopped, and is cancelled.  A clean-up does not
 * run only if the run was killed, by a second signal.
 *
 * In a run that was stopped, a clean-up may start while other tasks still run.  The tasks before it that
 * never ran get their outcomes then, so a later failure does not make them blocked.
 */
#include "verify/check.h"

/* Return how a predecessor ended, as a part of a sentence. */
static const char *
end_word(DagOutcome outcome)
{
    switch (outcome) {
    case DAG_FAILED:
        return "failed";
    case DAG_TIMED_OUT:
        return "timed out";
    case DAG_BLOCKED:
        return "is blocked";
    case DAG_CANCELLED:
        return "was cancelled";
    case DAG_SUCCEEDED:
    case DAG_REUSED:
    case DAG_PENDING:
        break;
    }
    return "succeeded";
}

/* The predecessors that keep a task from running; DAG_TASK_NONE: none. */
typedef struct Obstacles {
    DagTaskId failed; /* or blocked: it blocks the task */
    DagTaskId cancelled;
} Obstacles;

/* Return the latest time at which the outcome of a task that never ran was decided, as far as its
 * successors tell: `decided_ns` has the times of those. */
static int64_t
decision_ns(const Check *check, DagTaskId id, const int64_t *decided_ns)
{
    DagIds succs = dag_graph_successors(check->graph, id);
    int64_t first_ns = INT64_MAX;

    for (size_t i = 0; i < succs.n; i++)
        if (check->records[succs.ids[i]])
            first_ns = MIN(first_ns, decided_ns[succs.ids[i]]);
    return first_ns;
}

/* Return for each task the latest time at which the tasks before it that never ran were decided: a
 * clean-up decides at its start.  [n_tasks]; INT64_MAX: at the end of the run. */
static int64_t *
decision_times(const Check *check)
{
    int64_t *decided_ns = g_new0(int64_t, check->n_tasks + 1);

    for (DagTaskId id = (DagTaskId)check->n_tasks; id-- > 0;) {
        if (!check->records[id] || !dag_graph_task_policy(check->graph, id)->always)
            decided_ns[id] =
                check->records[id] &&
                        (has_run(check, id) || check->records[id]->outcome == DAG_REUSED)
                    ? INT64_MAX
                    : decision_ns(check, id, decided_ns);
        else if (dag_graph_task_kind(check->graph, id)->occupies == DAG_OCCUPIES_WORKER)
            decided_ns[id] = has_run(check, id) ? start_of(check, id) : INT64_MAX;
        /* An attempt on a connection may have been withdrawn, and left no time: 0. */
    }
    return decided_ns;
}

/* Return whether a task that was cancelled had got this outcome before `failed` ended. */
static bool
was_decided_before(const Check *check, DagTaskId id, DagTaskId failed)
{
    return check->records[id]->outcome == DAG_CANCELLED && !has_run(check, id) &&
           has_run(check, failed) && check->past->stop != DAG_STOP_NONE &&
           !is_before(end_of(check, failed), check->decided_ns[id] - check->slack_ns);
}

static Obstacles
obstacles_of(const Check *check, DagTaskId id)
{
    DagIds preds = dag_graph_predecessors(check->graph, id);
    Obstacles found = {DAG_TASK_NONE, DAG_TASK_NONE};

    for (size_t i = preds.n; i-- > 0;) {
        DagTaskId pred = preds.ids[i];

        if (!check->records[pred])
            continue;
        if (check->records[pred]->outcome == DAG_CANCELLED)
            found.cancelled = pred;
        else if (!is_good(check, pred, check->records[pred]->outcome) &&
                 !was_decided_before(check, id, pred))
            found.failed = pred;
    }
    return found;
}

static void
find_not_stopped(Check *check, DagTaskId id)
{
    dag__find(check, DAG_RULE_STOP, id,
              "task \"%s\" was cancelled, although nothing stopped the run",
              name_of(check, id));
}

/* A clean-up under way is cancelled by a kill, or by itself, which then counts as a failure. */
static void
check_cleanup(Check *check, DagTaskId id)
{
    const DagPastTask *record = check->records[id];
    const bool *stops = check->past->stops;

    if (record->outcome == DAG_BLOCKED || record->outcome == DAG_REUSED)
        dag__find(check, DAG_RULE_OUTCOME, id,
                  "task \"%s\" is %s, although it is a clean-up", name_of(check, id),
                  dag_outcome_name(record->outcome));
    else if (record->outcome == DAG_CANCELLED && check->past->stop == DAG_STOP_NONE)
        find_not_stopped(check, id);
    else if (record->outcome == DAG_CANCELLED && !stops[DAG_STOP_CANCEL] &&
             (record->n_attempts == 0 || !stops[DAG_STOP_FAILURE]))
        dag__find(check, DAG_RULE_OUTCOME, id,
                  "task \"%s\" was cancelled, although it is a clean-up and no signal "
                  "stopped the run",
                  name_of(check, id));
}

static void
check_ran(Check *check, DagTaskId id, const Obstacles *obstacles)
{
    DagTaskId obstacle =
        obstacles->failed != DAG_TASK_NONE ? obstacles->failed : obstacles->cancelled;

    if (obstacle != DAG_TASK_NONE)
        dag__find(check, DAG_RULE_OUTCOME, id,
                  "task \"%s\" %s, although \"%s\", which it needs, %s", name_of(check, id),
                  check->records[id]->outcome == DAG_REUSED ? "was reused" : "ran",
                  name_of(check, obstacle), end_word(check->records[obstacle]->outcome));
    if (check->records[id]->outcome == DAG_CANCELLED && check->past->stop == DAG_STOP_NONE)
        find_not_stopped(check, id);
}

static void
check_did_not_run(Check *check, DagTaskId id, const Obstacles *obstacles)
{
    DagOutcome outcome = check->records[id]->outcome;

    if (outcome == DAG_CANCELLED && obstacles->failed != DAG_TASK_NONE)
        dag__find(
            check, DAG_RULE_OUTCOME, id,
            "task \"%s\" is cancelled and should be blocked: \"%s\", which it needs, %s",
            name_of(check, id), name_of(check, obstacles->failed),
            end_word(check->records[obstacles->failed]->outcome));
    else if (outcome == DAG_BLOCKED && obstacles->failed == DAG_TASK_NONE)
        dag__find(check, DAG_RULE_OUTCOME, id,
                  "task \"%s\" is blocked, although no task that it needs failed or is "
                  "blocked",
                  name_of(check, id));
    else if (outcome == DAG_CANCELLED && check->past->stop == DAG_STOP_NONE)
        find_not_stopped(check, id);
}

static void
check_task(Check *check, DagTaskId id)
{
    Obstacles obstacles = obstacles_of(check, id);

    if (dag_graph_task_policy(check->graph, id)->always)
        check_cleanup(check, id);
    else if (has_run(check, id) || check->records[id]->outcome == DAG_REUSED)
        check_ran(check, id, &obstacles);
    else
        check_did_not_run(check, id, &obstacles);
}

/* Return whether the end of a task stops the run.  A task that waited for another attempt had not ended
 * before the stop. */
static bool
stops_run(Check *check, DagTaskId id)
{
    DagOutcome outcome = check->records[id]->outcome;

    if (outcome != DAG_FAILED && outcome != DAG_TIMED_OUT)
        return outcome == DAG_CANCELLED;
    return !check->past->keep_going && !is_good(check, id, outcome) &&
           !dag__may_try_again(check, id);
}

/* Return the first task that stopped the run by its end, or showed that it was stopped; or DAG_TASK_NONE. */
static DagTaskId
first_stopper(Check *check)
{
    DagTaskId first = DAG_TASK_NONE;

    for (DagTaskId id = 0; id < check->n_tasks; id++)
        if (has_run(check, id) && stops_run(check, id) &&
            (first == DAG_TASK_NONE || end_of(check, id) < end_of(check, first)))
            first = id;
    return first;
}

/* Check that no attempt of an ordinary task started after a time at which the run was stopped. */
static void
check_starts(Check *check, DagTaskId id, int64_t stop_ns, const char *cause)
{
    const DagPastTask *record = check->records[id];
    const DagPastAttempt *attempts = dag_past_run_attempts(check->past, record);

    for (uint32_t i = 0; i < record->n_attempts; i++) {
        char start[SECONDS_SIZE], stop[SECONDS_SIZE];

        if (is_before(stop_ns, attempts[i].start_ns - check->slack_ns))
            dag__find(check, DAG_RULE_STOP, id,
                      "task \"%s\" started at %s, although the run was stopped at %s, %s",
                      name_of(check, id), dag__seconds(attempts[i].start_ns, start),
                      dag__seconds(stop_ns, stop), cause);
    }
}

static void
check_starts_after(Check *check, int64_t stop_ns, const char *cause)
{
    for (DagTaskId id = 0; id < check->n_tasks; id++)
        if (has_run(check, id) && !dag_graph_task_policy(check->graph, id)->always)
            check_starts(check, id, stop_ns, cause);
}

/* A failure stops the run, unless it was to keep going; and only a failure does, or a task that ended
 * as cancelled. */
static void
check_failure(Check *check, DagTaskId stopper)
{
    const DagPastRun *past = check->past;

    if (stopper == DAG_TASK_NONE) {
        if (past->stops[DAG_STOP_FAILURE])
            dag__find(check, DAG_RULE_STOP, DAG_TASK_NONE,
                      "the run says that a failure stopped it, but no task failed");
        return;
    }

    const char *end = end_word(check->records[stopper]->outcome);
    g_autofree char *cause =
        g_strdup_printf("when \"%s\" %s", name_of(check, stopper), end);

    if (past->stop == DAG_STOP_NONE && check->records[stopper]->outcome != DAG_CANCELLED)
        dag__find(check, DAG_RULE_STOP, stopper,
                  "task \"%s\" %s, but the run says that nothing stopped it",
                  name_of(check, stopper), end);
    check_starts_after(check, end_of(check, stopper), cause);
}

/* Return the last end of all tasks, or -1. */
static int64_t
last_end(const Check *check)
{
    int64_t last_ns = -1;

    for (DagTaskId id = 0; id < check->n_tasks; id++)
        if (has_run(check, id))
            last_ns = MAX(last_ns, end_of(check, id));
    return last_ns;
}

static void
check_run_limit(Check *check)
{
    const DagPastRun *past = check->past;
    int64_t last_ns = last_end(check);
    char limit[SECONDS_SIZE], end[SECONDS_SIZE];

    dag__seconds(past->timeout_ns, limit);
    if (past->stops[DAG_STOP_TIMEOUT] && past->timeout_ns <= 0)
        dag__find(check, DAG_RULE_TIME_LIMIT, DAG_TASK_NONE,
                  "the run says that its time limit stopped it, but it has none");
    else if (past->stops[DAG_STOP_TIMEOUT] &&
             is_before(past->duration_ns, past->timeout_ns))
        dag__find(check, DAG_RULE_TIME_LIMIT, DAG_TASK_NONE,
                  "the run timed out after %s, but its time limit is %s",
                  dag__seconds(past->duration_ns, end), limit);
    else if (past->stops[DAG_STOP_TIMEOUT])
        check_starts_after(check, past->timeout_ns, "by its time limit");
    else if (past->timeout_ns > 0 && !past->stops[DAG_STOP_CANCEL] &&
             is_before(past->timeout_ns, last_ns - check->slack_ns))
        dag__find(check, DAG_RULE_TIME_LIMIT, DAG_TASK_NONE,
                  "the run went on until %s and did not time out, but its time limit is %s",
                  dag__seconds(last_ns, end), limit);
}

void
dag__check_outcomes(Check *check)
{
    check->decided_ns = decision_times(check);
    for (DagTaskId id = 0; id < check->n_tasks; id++)
        if (check->records[id])
            check_task(check, id);
    g_clear_pointer(&check->decided_ns, g_free);
    check_failure(check, first_stopper(check));
    check_run_limit(check);
    if (check->past->signal != 0 && !check->past->stops[DAG_STOP_CANCEL])
        dag__find(check, DAG_RULE_STOP, DAG_TASK_NONE,
                  "the run got the signal %d, but does not say that it was cancelled",
                  check->past->signal);
}
