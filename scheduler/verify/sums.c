/* SPDX-License-Identifier: MIT */
/*
 * Counts, makespan, bounds and phases must follow from the tasks.
 */
#include "verify/check.h"

/* Rounding errors of sums in floating point are smaller than this part of them. */
#define SUM_ERROR_BITS 40

static void
check_counts(Check *check)
{
    const DagPastRun *past = check->past;
    uint32_t counts[DAG_N_OUTCOMES] = {0}, n_allowed = 0;
    bool succeeded;

    for (guint i = 0; i < past->tasks->len; i++)
        counts[dag_past_run_task(past, i)->outcome]++;
    for (DagTaskId id = 0; id < check->n_tasks; id++)
        n_allowed += check->records[id] &&
                     !dag_outcome_is_success(check->records[id]->outcome) &&
                     is_good(check, id, check->records[id]->outcome);
    for (DagOutcome outcome = DAG_SUCCEEDED; outcome < DAG_N_OUTCOMES; outcome++)
        if (past->counts[outcome] != counts[outcome])
            dag__find(check, DAG_RULE_SUMS, DAG_TASK_NONE,
                      "the run counts %u tasks as %s, but has %u", past->counts[outcome],
                      dag_outcome_name(outcome), counts[outcome]);
    if (past->n_allowed != n_allowed)
        dag__find(check, DAG_RULE_SUMS, DAG_TASK_NONE,
                  "the run counts %u failures that are allowed, but has %u",
                  past->n_allowed, n_allowed);
    succeeded =
        counts[DAG_SUCCEEDED] + counts[DAG_REUSED] + n_allowed == past->tasks->len &&
        !past->stops[DAG_STOP_CANCEL] && !past->stops[DAG_STOP_TIMEOUT];
    if (past->succeeded != succeeded)
        dag__find(check, DAG_RULE_SUMS, DAG_TASK_NONE,
                  succeeded ? "the run says that it did not succeed, but it did"
                            : "the run says that it succeeded, but it did not");
}

/* The first start and the last end of tasks; -1: none. */
typedef struct Span {
    int64_t start_ns;
    int64_t end_ns;
} Span;

static void
extend(const Check *check, Span *span, DagTaskId id)
{
    if (!has_run(check, id))
        return;
    if (span->start_ns < 0 || start_of(check, id) < span->start_ns)
        span->start_ns = start_of(check, id);
    span->end_ns = MAX(span->end_ns, end_of(check, id));
}

static int64_t
length_of(const Span *span)
{
    return span->start_ns < 0 ? 0 : span->end_ns - span->start_ns;
}

static void
check_bound(Check *check, const char *what, int64_t bound_ns)
{
    int64_t makespan_ns = check->past->makespan_ns;
    char bound[SECONDS_SIZE], makespan[SECONDS_SIZE];

    if (bound_ns - makespan_ns <= (makespan_ns >> SUM_ERROR_BITS) + 1)
        return;
    dag__find(check, DAG_RULE_SUMS, DAG_TASK_NONE,
              "the lower bound of %s is %s, but the makespan is only %s", what,
              dag__seconds(bound_ns, bound), dag__seconds(makespan_ns, makespan));
}

static void
check_makespan(Check *check)
{
    const DagPastRun *past = check->past;
    Span all = {-1, -1};
    char said[SECONDS_SIZE], truth[SECONDS_SIZE];

    for (DagTaskId id = 0; id < check->n_tasks; id++)
        extend(check, &all, id);
    if (!is_same(past->makespan_ns, length_of(&all), MAX(all.end_ns, 0)))
        dag__find(check, DAG_RULE_SUMS, DAG_TASK_NONE,
                  "the makespan is said to be %s; by the tasks it is %s",
                  dag__seconds(past->makespan_ns, said),
                  dag__seconds(length_of(&all), truth));
    check_bound(check, "the run", past->lower_bound_ns);
    for (guint i = 0; i < past->pools->len; i++) {
        const DagPastPool *pool = &g_array_index(past->pools, DagPastPool, i);
        g_autofree char *what = g_strdup_printf("the pool \"%s\"", pool->name);

        check_bound(check, what, pool->lower_bound_ns);
    }
}

static bool
is_same_span(const Check *check, const DagPastPhase *phase, const Span *span)
{
    int64_t latest_ns = MAX(check->past->duration_ns, span->end_ns);

    return (phase->start_ns < 0) == (span->start_ns < 0) &&
           is_same(phase->start_ns, span->start_ns, latest_ns) &&
           is_same(phase->end_ns, span->end_ns, latest_ns) &&
           is_same(phase->timing_ns, length_of(span), latest_ns);
}

/* Check a phase of the run against the one of the plan with the same number, from 0. */
static void
check_phase(Check *check, uint32_t number)
{
    const DagPastPhase *phase = &g_array_index(check->past->phases, DagPastPhase, number);
    DagIds tasks = dag_plan_phase_tasks(check->plan, number);
    Span span = {-1, -1};

    for (size_t i = 0; i < tasks.n; i++)
        extend(check, &span, tasks.ids[i]);
    if (phase->number != number + 1)
        dag__find(check, DAG_RULE_PHASES, DAG_TASK_NONE, "phase %u has the number %u",
                  number + 1, phase->number);
    else if (phase->n_tasks != tasks.n)
        dag__find(check, DAG_RULE_PHASES, DAG_TASK_NONE,
                  "phase %u has %u tasks in the run, but %zu in the graph", number + 1,
                  phase->n_tasks, tasks.n);
    else if (!is_same_span(check, phase, &span))
        dag__find(check, DAG_RULE_PHASES, DAG_TASK_NONE,
                  "the times of phase %u are not those of its tasks", number + 1);
}

static void
check_phases(Check *check)
{
    size_t n_phases = dag_plan_n_phases(check->plan);
    uint32_t n_said = check->past->phases->len;

    if (n_said != n_phases)
        dag__find(check, DAG_RULE_PHASES, DAG_TASK_NONE,
                  "the run has %u phases, the graph has %zu", n_said, n_phases);
    for (uint32_t number = 0; number < MIN(n_said, n_phases); number++)
        check_phase(check, number);
    for (DagTaskId id = 0; id < check->n_tasks; id++)
        if (check->records[id] &&
            check->records[id]->phase != dag_plan_phase(check->plan, id) + 1)
            dag__find(check, DAG_RULE_PHASES, id,
                      "task \"%s\" is in phase %u in the run, but in phase %u in the graph",
                      name_of(check, id), check->records[id]->phase,
                      dag_plan_phase(check->plan, id) + 1);
}

void
dag__check_sums(Check *check)
{
    check_counts(check);
    check_makespan(check);
    check_phases(check);
}
