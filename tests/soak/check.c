/* SPDX-License-Identifier: MIT */
/*
 * Check that the record of a run is consistent with the observations from outside: with the chores, the
 * signals and the exit status.  dag_verify() checks that it is consistent in itself (verify.c).
 */
#include "soak.h"

#include <stdlib.h>
#include <sys/wait.h>

#define EXIT_TIMEOUT 124
#define EXIT_SIGNAL  128

/* Returns: whether the run may have been stopped before all tasks could start. */
static bool
may_have_stopped(const Case *c, const Record *record, const Sight *sight)
{
    if (sight->n_sent > 0 || WEXITSTATUS(sight->status) == EXIT_TIMEOUT)
        return true;
    for (uint32_t i = 0; i < record->n && !c->keep_going; i++)
        if (record->tasks[i].outcome == DAG_FAILED ||
            record->tasks[i].outcome == DAG_TIMED_OUT)
            if (!c->tasks[i].policy.allow_failure)
                return true;
    return false;
}

static const Attempt *
attempt_of(const TaskRecord *task, guint i)
{
    return &g_array_index(task->attempts, Attempt, i);
}

/* Returns: whether attempt `i` may have ended with `code`. */
static bool
can_end_with(const SoakTask *task, const TaskRecord *record, guint i, int code)
{
    bool may_be_uncounted = false;

    if (!task->chore->is_fickle)
        return code == (task->chore->code == CODE_OWN ? task->code : task->chore->code);
    for (guint k = 0; k < i; k++)
        may_be_uncounted =
            may_be_uncounted || attempt_of(record, k)->outcome == DAG_TIMED_OUT;
    if (may_be_uncounted)
        return code == CODE_FICKLE || code == task->code;
    return code == (i < task->n_bad ? CODE_FICKLE : task->code);
}

/* Returns: the outcome that follows from the exit code of an attempt that ended by itself. */
static DagOutcome
outcome_by_code(const SoakTask *task, int code)
{
    bool is_process = task->chore->element >= ELEMENT_EXEC;

    if (task->policy.limits_success)
        return dag_codes_has(&task->policy.expect, code) ? DAG_SUCCEEDED : DAG_FAILED;
    return code == 0 || !is_process ? DAG_SUCCEEDED : DAG_FAILED;
}

static void
check_own_end(const Case *c, const Record *record, uint32_t number, guint i,
              GString *problems)
{
    const SoakTask *task = &c->tasks[number];
    const Attempt *attempt = attempt_of(&record->tasks[number], i);

    if (task->chore->hangs)
        complain(problems, "t%u (%s) has %s, though it hangs", number, task->chore->name,
                 dag_outcome_name(attempt->outcome));
    else if (attempt->code == CODE_LOST)
        complain(problems, "t%u (%s) did not get the output of t%u", number,
                 task->chore->name, task->source);
    else if (!can_end_with(task, &record->tasks[number], i, attempt->code))
        complain(problems, "t%u (%s) has the exit code %d in attempt %u", number,
                 task->chore->name, attempt->code, i + 1);
    else if (attempt->outcome != outcome_by_code(task, attempt->code))
        complain(problems, "t%u has %s with exit code %d", number,
                 dag_outcome_name(attempt->outcome), attempt->code);
}

/* An attempt that was ended early must have a reason for it. */
static void
check_attempt(const Case *c, const Record *record, uint32_t number, guint i, Sight *sight)
{
    const DagPolicy *policy = &c->tasks[number].policy;
    const Attempt *attempt = attempt_of(&record->tasks[number], i);
    bool was_late = c->timeout_ns > 0 && attempt->end_ns >= c->timeout_ns;

    if (attempt->outcome == DAG_SUCCEEDED || attempt->outcome == DAG_FAILED)
        check_own_end(c, record, number, i, sight->problems);
    else if (attempt->outcome == DAG_CANCELLED && policy->always && sight->n_sent < 2)
        complain(sight->problems, "t%u, a clean-up, was cancelled by one signal", number);
    else if (attempt->outcome == DAG_CANCELLED && sight->n_sent == 0 && !was_late)
        complain(sight->problems, "t%u was cancelled, and no signal was sent", number);
}

/* A task that did not run must have a reason for that. */
static void
check_task(const Case *c, const Record *record, uint32_t number, Sight *sight)
{
    const TaskRecord *task = &record->tasks[number];
    bool must_run = c->tasks[number].policy.always ? sight->n_sent < 2
                                                   : !may_have_stopped(c, record, sight);

    if (task->n_seen != (c->random->excluded[number] ? 0 : 1) ||
        record->excluded[number] != c->random->excluded[number])
        complain(sight->problems, "t%u is %u times in the record", number, task->n_seen);
    for (guint i = 0; i < task->attempts->len; i++)
        check_attempt(c, record, number, i, sight);
    if (task->n_seen > 0 && task->attempts->len == 0 && must_run &&
        task->outcome != DAG_BLOCKED)
        complain(sight->problems, "t%u did not run, and nothing prevented it", number);
}

/* Returns: whether a signal killed dagrun, because it came before the handler was installed or
 * after it was removed. */
static bool
was_killed_by_signal(const Case *c, const Sight *sight)
{
    for (unsigned i = 0; i < sight->n_sent; i++)
        if (WIFSIGNALED(sight->status) && WTERMSIG(sight->status) == c->signals[i].number)
            return true;
    return false;
}

static void
check_status(const Case *c, const Record *record, Sight *sight)
{
    int code = WEXITSTATUS(sight->status);
    int expected = record->signal      ? EXIT_SIGNAL + record->signal
                   : record->succeeded ? EXIT_SUCCESS
                                       : EXIT_FAILURE;
    bool was_sent = false;

    for (unsigned i = 0; i < sight->n_sent; i++)
        was_sent = was_sent || c->signals[i].number == record->signal;
    if (record->signal && !was_sent)
        complain(sight->problems, "the signal %d was not sent", record->signal);
    if (was_killed_by_signal(c, sight))
        return;
    if (code == EXIT_TIMEOUT && c->timeout_ns > 0 && record->duration_ns >= c->timeout_ns)
        expected = EXIT_TIMEOUT;
    if (code != expected)
        complain(sight->problems, "the exit status is %d and should be %d", code, expected);
    if ((code == EXIT_TIMEOUT) != (g_strcmp0(record->stopped_by, "timeout") == 0))
        complain(sight->problems, "stopped by %s, with exit status %d", record->stopped_by,
                 code);
}

void
soak_check(const Case *c, const Record *record, Sight *sight)
{
    if (sight->hung)
        return;
    if (WIFSIGNALED(sight->status) && !was_killed_by_signal(c, sight))
        complain(sight->problems, "died of signal %d", WTERMSIG(sight->status));
    if (!record) {
        if (!was_killed_by_signal(c, sight) || sight->has_printed)
            complain(sight->problems, "there is no record; status 0x%x",
                     (unsigned)sight->status);
        return;
    }
    if (record->n_workers > c->n_workers)
        complain(sight->problems, "there were %u workers", record->n_workers);
    for (uint32_t i = 0; i < record->n; i++)
        check_task(c, record, i, sight);
    check_status(c, record, sight);
    soak_verify("graph.xml", "timings.json", sight->problems);
}
