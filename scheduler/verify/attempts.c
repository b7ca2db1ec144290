/* SPDX-License-Identifier: MIT */
/*
 * The attempts of each task: they must agree with the record of the task, follow each other
 * after a failure and a pause, be as many as the limits of the task allow, and keep its time limit.
 */
#include "verify/check.h"

#define DEFAULT_PAUSE_NS (INT64_C(1) * 1000000000)
#define MAX_PAUSE_NS     (INT64_C(60) * 1000000000)

/* One task under check. */
typedef struct Subject {
    Check *check;
    DagTaskId id;
    const char *name;
    const DagPolicy *policy;
    const DagPastTask *record;
    const DagPastAttempt *attempts; /* [record->n_attempts] */
} Subject;

/* Report that a time of the task is not the one that follows from its attempts. */
static void
compare_time(const Subject *s, const char *what, int64_t said_ns, int64_t true_ns)
{
    char said[SECONDS_SIZE], truth[SECONDS_SIZE];

    if (is_same(said_ns, true_ns, MAX(s->check->past->duration_ns, true_ns)))
        return;
    dag__find(s->check, DAG_RULE_RECORD, s->id,
              "the record of task \"%s\" says that %s %s; by its attempts it is %s",
              s->name, what, said_ns < 0 ? "nothing" : dag__seconds(said_ns, said),
              dag__seconds(true_ns, truth));
}

/* The record of a task repeats its attempts. */
static void
compare_with_attempts(const Subject *s)
{
    const DagPastTask *record = s->record;
    const DagPastAttempt *last = &s->attempts[record->n_attempts - 1];
    uint64_t busy_ns = 0; /* of a forged record it may overflow */

    for (uint32_t i = 0; i < record->n_attempts; i++)
        busy_ns += (uint64_t)(s->attempts[i].end_ns - s->attempts[i].start_ns);
    compare_time(s, "its start is", record->start_ns, s->attempts[0].start_ns);
    compare_time(s, "its end is", record->end_ns, last->end_ns);
    compare_time(s, "its duration is", record->duration_ns,
                 last->end_ns - s->attempts[0].start_ns);
    compare_time(s, "it was busy for", record->busy_ns, (int64_t)busy_ns);
    if (record->outcome != last->outcome)
        dag__find(s->check, DAG_RULE_RECORD, s->id,
                  "the record of task \"%s\" says %s, its last attempt %s", s->name,
                  dag_outcome_name(record->outcome), dag_outcome_name(last->outcome));
    if (record->worker != last->worker)
        dag__find(s->check, DAG_RULE_RECORD, s->id,
                  "the worker in the record of task \"%s\" is not that of its last attempt",
                  s->name);
    if (record->exit_code != last->exit_code)
        dag__find(s->check, DAG_RULE_RECORD, s->id,
                  "the exit code in the record of task \"%s\" is not that of its last "
                  "attempt",
                  s->name);
}

/* Each attempt ends after its start, and before the next one starts and the run ends. */
static void
check_times(const Subject *s)
{
    int64_t free_ns = 0;

    for (uint32_t i = 0; i < s->record->n_attempts; i++) {
        const DagPastAttempt *attempt = &s->attempts[i];
        char start[SECONDS_SIZE], end[SECONDS_SIZE], limit[SECONDS_SIZE];

        dag__seconds(attempt->start_ns, start);
        dag__seconds(attempt->end_ns, end);
        if (is_before(attempt->end_ns, attempt->start_ns))
            dag__find(s->check, DAG_RULE_RECORD, s->id,
                      "task \"%s\" ended at %s, before it started at %s", s->name, end,
                      start);
        if (is_before(attempt->start_ns, free_ns))
            dag__find(s->check, DAG_RULE_RECORD, s->id,
                      "attempt %u of task \"%s\" started at %s, before attempt %u ended at "
                      "%s",
                      i + 1, s->name, start, i, dag__seconds(free_ns, limit));
        if (is_before(s->check->past->duration_ns, attempt->end_ns))
            dag__find(s->check, DAG_RULE_RECORD, s->id,
                      "task \"%s\" ended at %s, after the run ended at %s", s->name, end,
                      dag__seconds(s->check->past->duration_ns, limit));
        free_ns = attempt->end_ns;
    }
}

/* A task without attempts has nothing of one. */
static void
check_never_ran(const Subject *s)
{
    const DagPastTask *record = s->record;

    if (record->outcome != DAG_BLOCKED && record->outcome != DAG_CANCELLED &&
        record->outcome != DAG_REUSED)
        dag__find(s->check, DAG_RULE_RECORD, s->id,
                  "task \"%s\" is said to have %s, but it never started", s->name,
                  record->outcome == DAG_TIMED_OUT ? "timed out"
                                                   : dag_outcome_name(record->outcome));
    if (record->exit_code != DAG_EXIT_NONE)
        dag__find(s->check, DAG_RULE_RECORD, s->id,
                  "task \"%s\" has an exit code, but it never started", s->name);
}

/* Return the number of attempts that the task may have. */
static uint32_t
attempts_allowed(const Subject *s)
{
    int64_t retries = dag_given(s->policy->retries, s->check->past->retries);

    return (uint32_t)MIN(retries + 1, DAG_MAX_ATTEMPTS);
}

/* Return whether an attempt ended so that another one may follow, if there may be so many. */
static bool
may_be_repeated(const Subject *s, const DagPastAttempt *attempt)
{
    int code = attempt->outcome == DAG_TIMED_OUT ? DAG_CODE_TIMED_OUT : attempt->exit_code;

    return (attempt->outcome == DAG_FAILED || attempt->outcome == DAG_TIMED_OUT) &&
           (!s->policy->limits_retries || dag_codes_has(&s->policy->retry_on, code));
}

/* Return whether another attempt may follow the last one of a task that ran. */
static bool
may_try_again(const Subject *s)
{
    uint32_t n = s->record->n_attempts;

    return n < attempts_allowed(s) && may_be_repeated(s, &s->attempts[n - 1]);
}

/* A stop ends the attempts of a task; those of a clean-up end only if the run is killed, by a second
 * signal. */
static bool
may_have_given_up(const Subject *s)
{
    const DagPastRun *past = s->check->past;

    return s->policy->always ? past->stops[DAG_STOP_CANCEL] : past->stop != DAG_STOP_NONE;
}

static void
check_number(const Subject *s)
{
    uint32_t n = s->record->n_attempts, n_allowed = attempts_allowed(s);

    if (n > n_allowed)
        dag__find(s->check, DAG_RULE_ATTEMPTS, s->id,
                  "task \"%s\" had %u attempts, and may have %u", s->name, n, n_allowed);
    for (uint32_t i = 0; i + 1 < n; i++) {
        DagOutcome outcome = s->attempts[i].outcome;

        if (may_be_repeated(s, &s->attempts[i]))
            continue;
        if (outcome != DAG_FAILED && outcome != DAG_TIMED_OUT)
            dag__find(s->check, DAG_RULE_ATTEMPTS, s->id,
                      "task \"%s\" was tried again, although attempt %u %s", s->name, i + 1,
                      outcome == DAG_SUCCEEDED ? "succeeded" : "was cancelled");
        else
            dag__find(s->check, DAG_RULE_ATTEMPTS, s->id,
                      "task \"%s\" was tried again after attempt %u, although it ended "
                      "with no exit code that its retry-on names",
                      s->name, i + 1);
    }
    if (may_try_again(s) && !may_have_given_up(s))
        dag__find(s->check, DAG_RULE_ATTEMPTS, s->id,
                  "task \"%s\" was not tried again after attempt %u, although it may have "
                  "%u attempts",
                  s->name, n, n_allowed);
}

/* A pause doubles with each attempt, up to a minute, or up to the first one if that is longer.  At most
 * half of it is left out. */
static void
check_pauses(const Subject *s)
{
    int64_t pause_ns = dag_given(s->policy->retry_delay_ns, DEFAULT_PAUSE_NS);
    int64_t max_ns = MAX(pause_ns, MAX_PAUSE_NS);

    for (uint32_t i = 1; i < s->record->n_attempts; i++) {
        int64_t waited_ns = s->attempts[i].start_ns - s->attempts[i - 1].end_ns;
        char waited[SECONDS_SIZE], least[SECONDS_SIZE];

        if (waited_ns >= 0 && is_before(waited_ns, pause_ns / 2) &&
            !is_same(waited_ns, pause_ns / 2, s->attempts[i].start_ns))
            dag__find(s->check, DAG_RULE_PAUSE, s->id,
                      "task \"%s\" was tried again %s after attempt %u; its pause is at "
                      "least %s",
                      s->name, dag__seconds(waited_ns, waited), i,
                      dag__seconds(pause_ns / 2, least));
        pause_ns = pause_ns > max_ns / 2 ? max_ns : 2 * pause_ns;
    }
}

static void
check_exit_codes(const Subject *s)
{
    for (uint32_t i = 0; i < s->record->n_attempts; i++) {
        const DagPastAttempt *attempt = &s->attempts[i];

        if (attempt->outcome != DAG_SUCCEEDED || attempt->exit_code == DAG_EXIT_NONE)
            continue;
        if (s->policy->limits_success
                ? !dag_codes_has(&s->policy->expect, attempt->exit_code)
                : attempt->exit_code != 0)
            dag__find(s->check, DAG_RULE_EXIT_CODE, s->id,
                      "task \"%s\" succeeded with the exit code %d, which is not success",
                      s->name, attempt->exit_code);
    }
}

/* An attempt that timed out has reached its limit.  Another one has not, but a real one may have ended
 * within the grace period, or be late. */
static void
check_time_limit(const Subject *s)
{
    const DagPastRun *past = s->check->past;
    int64_t limit_ns = s->policy->timeout_ns;
    int64_t slack_ns = s->check->slack_ns;
    int64_t late_ns =
        past->is_simulated ? 0 : MIN(past->grace_ns, INT64_MAX - slack_ns) + slack_ns;

    for (uint32_t i = 0; i < s->record->n_attempts; i++) {
        const DagPastAttempt *attempt = &s->attempts[i];
        int64_t lasted_ns = attempt->end_ns - attempt->start_ns;
        char lasted[SECONDS_SIZE], limit[SECONDS_SIZE];

        if (lasted_ns < 0)
            continue;
        dag__seconds(lasted_ns, lasted);
        dag__seconds(MAX(limit_ns, 0), limit);
        if (attempt->outcome == DAG_TIMED_OUT && limit_ns <= 0)
            dag__find(s->check, DAG_RULE_TIME_LIMIT, s->id,
                      "task \"%s\" timed out, but has no time limit", s->name);
        else if (attempt->outcome == DAG_TIMED_OUT && lasted_ns < limit_ns &&
                 !is_same(lasted_ns, limit_ns, attempt->end_ns))
            dag__find(s->check, DAG_RULE_TIME_LIMIT, s->id,
                      "task \"%s\" timed out after %s, but its time limit is %s", s->name,
                      lasted, limit);
        else if (attempt->outcome != DAG_TIMED_OUT && limit_ns > 0 &&
                 lasted_ns - late_ns > limit_ns &&
                 !is_same(lasted_ns, limit_ns, attempt->end_ns))
            dag__find(s->check, DAG_RULE_TIME_LIMIT, s->id,
                      "task \"%s\" ran for %s and did not time out, but its time limit is "
                      "%s",
                      s->name, lasted, limit);
    }
}

static void
check_allowed(const Subject *s)
{
    DagOutcome outcome = s->record->outcome;
    bool is_allowed =
        (outcome == DAG_FAILED || outcome == DAG_TIMED_OUT) && s->policy->allow_failure;

    if (s->record->allowed != is_allowed)
        dag__find(s->check, DAG_RULE_RECORD, s->id,
                  is_allowed ? "the failure of task \"%s\" is not said to be allowed"
                             : "task \"%s\" has no failure that is allowed",
                  s->name);
}

/* An attempt cannot end as a task that never ran. */
static void
check_ends(const Subject *s)
{
    for (uint32_t i = 0; i < s->record->n_attempts; i++)
        if (s->attempts[i].outcome == DAG_BLOCKED || s->attempts[i].outcome == DAG_REUSED)
            dag__find(s->check, DAG_RULE_RECORD, s->id, "task \"%s\" is %s, but ran",
                      s->name, dag_outcome_name(s->attempts[i].outcome));
}

static void
check_subject(const Subject *s)
{
    check_allowed(s);
    if (s->record->n_attempts == 0) {
        check_never_ran(s);
        return;
    }
    compare_with_attempts(s);
    check_ends(s);
    check_times(s);
    check_number(s);
    check_pauses(s);
    check_exit_codes(s);
    check_time_limit(s);
}

static Subject
subject_of(Check *check, DagTaskId id)
{
    return (Subject){
        .check = check,
        .id = id,
        .name = name_of(check, id),
        .policy = dag_graph_task_policy(check->graph, id),
        .record = check->records[id],
        .attempts = dag_past_run_attempts(check->past, check->records[id]),
    };
}

bool
dag__may_try_again(Check *check, DagTaskId id)
{
    Subject s = subject_of(check, id);

    return may_try_again(&s);
}

void
dag__check_attempts(Check *check)
{
    for (DagTaskId id = 0; id < check->n_tasks; id++) {
        if (!check->records[id])
            continue;

        Subject s = subject_of(check, id);

        check_subject(&s);
    }
}
