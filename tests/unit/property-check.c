/* SPDX-License-Identifier: MIT */
/*
 * The checks of a run: they compare its records with the graph, and with the probe.
 */
#include "property.h"

#include "timer-engine.h"
#include "verified.h"

/* Return true if the outcome of a predecessor blocks the task, unless it is a clean-up. */
static bool
is_behind_failure(const Case *c, const DagRun *run, DagTaskId id)
{
    DagIds preds = dag_graph_predecessors(c->graph, id);

    for (size_t p = 0; p < preds.n; p++) {
        DagOutcome outcome = dag_run_record(run, preds.ids[p]).outcome;

        if (outcome != DAG_CANCELLED && !is_good_end(preds.ids[p], outcome))
            return true;
    }
    return false;
}

/* Assert that the record agrees with the end that the probe has seen.  A kind does not know
 * whether it was cancelled because of the task's timeout. */
static void
check_end(const Case *c, DagTaskId id, DagOutcome outcome)
{
    if (outcome == DAG_TIMED_OUT) {
        g_assert_true(c->limited);
        g_assert_cmpint(dag_graph_task_policy(c->graph, id)->timeout_ns, >, 0);
        outcome = DAG_CANCELLED;
    }
    g_assert_cmpint(outcome, ==, get(&probe.ended[id]));
}

static void
check_reason(const Case *c, const DagRun *run, DagTaskId id)
{
    const char *reason = dag_run_reason(run, id);
    g_autofree char *expected =
        g_strdup_printf("no luck with %s", dag_graph_task_name(c->graph, id));

    switch (dag_run_record(run, id).outcome) {
    case DAG_FAILED:
        g_assert_cmpstr(reason, ==, expected);
        break;
    case DAG_TIMED_OUT:
        g_assert_true(g_str_has_prefix(reason, "its timeout is "));
        break;
    default:
        g_assert_null(reason);
    }
}

/* The outcomes of its predecessors decide whether a task runs: the truth table of
 * docs/reliability.md. */
static void
check_outcome(const Case *c, const DagRun *run, DagTaskId id, Ending ending)
{
    DagRecord record = dag_run_record(run, id);
    bool has_run = get(&probe.n_runs[id]) > 0;
    bool is_always = dag_graph_task_policy(c->graph, id)->always;
    bool is_behind = is_behind_failure(c, run, id) && !is_always;

    g_assert_cmpint(record.start_ns >= 0, ==, has_run);
    g_assert_cmpint(record.end_ns >= 0, ==, has_run);
    if (has_run)
        check_end(c, id, record.outcome);
    else
        g_assert_cmpint(record.outcome, ==, is_behind ? DAG_BLOCKED : DAG_CANCELLED);
    if (ending == TO_THE_END || (is_always && ending != KILLED))
        g_assert_cmpint(has_run, ==, !is_behind);
    check_reason(c, run, id);
}

/* Attempts end with the first success, or with the last allowed one. */
static void
check_attempts(const Case *c, const DagRun *run, DagTaskId id, Ending ending)
{
    DagRecord record = dag_run_record(run, id);
    unsigned n_needed = MIN(probe.n_failures[id] + 1, attempts_allowed(id));
    int64_t free_ns = record.start_ns, busy_ns = 0;

    g_assert_cmpuint(record.n_attempts, ==, get(&probe.n_runs[id]));
    if (record.outcome == DAG_SUCCEEDED && c->limited)
        g_assert_cmpuint(record.n_attempts, >, probe.n_failures[id]);
    else if (record.outcome == DAG_SUCCEEDED)
        g_assert_cmpuint(record.n_attempts, ==, probe.n_failures[id] + 1);
    if (record.outcome == DAG_FAILED && ending == TO_THE_END)
        g_assert_cmpuint(record.n_attempts, ==, n_needed);
    if (record.outcome == DAG_TIMED_OUT && ending == TO_THE_END)
        g_assert_cmpuint(record.n_attempts, ==, attempts_allowed(id));
    for (unsigned i = 0; i < record.n_attempts; i++) {
        DagAttempt attempt = dag_run_attempt(run, id, i);
        bool is_last = i + 1u == record.n_attempts;

        g_assert_cmpint(attempt.start_ns, >=, free_ns);
        g_assert_cmpint(attempt.end_ns, >=, attempt.start_ns);
        if (is_last || !c->limited || attempt.outcome != DAG_TIMED_OUT)
            g_assert_cmpint(attempt.outcome, ==, is_last ? record.outcome : DAG_FAILED);
        busy_ns += attempt.end_ns - attempt.start_ns;
        free_ns = attempt.end_ns;
    }
    if (record.n_attempts > 0)
        g_assert_cmpint(free_ns, ==, record.end_ns);
    g_assert_cmpint(dag_run_busy_ns(run, id), ==, busy_ns);
}

/* The predecessors of a task had ended when it started, and at a barrier all earlier phases. */
static void
check_times(const Case *c, const DagRun *run)
{
    bool has_barrier = c->strategy->release == DAG_RELEASE_PHASE;
    int64_t reached_ns = 0;

    for (uint32_t phase = 0; phase < dag_plan_n_phases(c->plan); phase++) {
        DagIds tasks = dag_plan_phase_tasks(c->plan, phase);
        int64_t end_ns = reached_ns;

        for (size_t i = 0; i < tasks.n; i++) {
            DagRecord record = dag_run_record(run, tasks.ids[i]);
            DagIds preds = dag_graph_predecessors(c->graph, tasks.ids[i]);

            if (record.start_ns < 0)
                continue;
            g_assert_cmpint(record.start_ns, <=, record.end_ns);
            if (has_barrier)
                g_assert_cmpint(record.start_ns, >=, reached_ns);
            for (size_t p = 0; p < preds.n; p++)
                g_assert_cmpint(dag_run_record(run, preds.ids[p]).end_ns, <=,
                                record.start_ns);
            end_ns = MAX(end_ns, record.end_ns);
        }
        reached_ns = end_ns;
    }
}

static int
compare_starts(gconstpointer a, gconstpointer b)
{
    const DagAttempt *x = a, *y = b;

    if (x->start_ns != y->start_ns)
        return x->start_ns < y->start_ns ? -1 : 1;
    return x->end_ns < y->end_ns ? -1 : x->end_ns > y->end_ns;
}

/* A unit, which is a worker or a connection, runs one task at a time. */
static void
check_units(const Case *c, const DagRun *run, DagOccupies occupies, unsigned n_units)
{
    g_autoptr(GArray) attempts = g_array_new(FALSE, FALSE, sizeof(DagAttempt));
    g_autofree int64_t *free_ns = g_new0(int64_t, n_units + 1);

    for (DagTaskId id = 0; id < c->n; id++)
        for (unsigned i = 0; i < dag_run_record(run, id).n_attempts; i++) {
            DagAttempt attempt = dag_run_attempt(run, id, i);

            if (dag_graph_task_kind(c->graph, id)->occupies == occupies)
                g_array_append_val(attempts, attempt);
        }
    g_array_sort(attempts, compare_starts);
    for (guint i = 0; i < attempts->len; i++) {
        const DagAttempt *attempt = &g_array_index(attempts, DagAttempt, i);

        g_assert_cmpuint(attempt->worker, <, n_units);
        g_assert_cmpint(attempt->start_ns, >=, free_ns[attempt->worker]);
        free_ns[attempt->worker] = attempt->end_ns;
    }
}

/* Slots taken, or given back if negative. */
typedef struct Change {
    int64_t time_ns;
    int64_t slots;
} Change;

/* Slots are given back before others are taken at the same time. */
static int
compare_changes(gconstpointer a, gconstpointer b)
{
    const Change *x = a, *y = b;

    if (x->time_ns != y->time_ns)
        return x->time_ns < y->time_ns ? -1 : 1;
    return x->slots < y->slots ? -1 : x->slots > y->slots;
}

/* Append the changes of one pool by one task.  Attempts that take no time are left out. */
static void
append_changes(const Case *c, const DagRun *run, DagTaskId id, uint32_t pool,
               GArray *changes)
{
    size_t n_uses;
    const DagUse *uses = dag_graph_task_uses(c->graph, id, &n_uses);

    for (size_t u = 0; u < n_uses; u++)
        for (unsigned i = 0; i < dag_run_record(run, id).n_attempts; i++) {
            DagAttempt attempt = dag_run_attempt(run, id, i);
            Change both[] = {{attempt.start_ns, uses[u].slots},
                             {attempt.end_ns, -(int64_t)uses[u].slots}};

            if (uses[u].pool == pool && attempt.end_ns > attempt.start_ns)
                g_array_append_vals(changes, both, G_N_ELEMENTS(both));
        }
}

/* No more slots of a pool are in use than it has.  In a real run the tasks check this. */
static void
check_pools(const Case *c, const DagRun *run)
{
    size_t n_pools;
    const DagPool *pools = dag_graph_pools(c->graph, &n_pools);

    for (uint32_t pool = 0; pool < n_pools; pool++) {
        g_autoptr(GArray) changes = g_array_new(FALSE, FALSE, sizeof(Change));
        int64_t in_use = 0;

        for (DagTaskId id = 0; id < c->n; id++)
            append_changes(c, run, id, pool, changes);
        g_array_sort(changes, compare_changes);
        for (guint i = 0; i < changes->len; i++) {
            in_use += g_array_index(changes, Change, i).slots;
            g_assert_cmpint(in_use, <=, pools[pool].slots);
        }
    }
}

static int
compare_turns(gconstpointer a, gconstpointer b)
{
    uint32_t x = probe.turn[*(const DagTaskId *)a], y = probe.turn[*(const DagTaskId *)b];

    return x < y ? -1 : x > y;
}

GArray *
start_order(const Case *c)
{
    GArray *order = g_array_new(FALSE, FALSE, sizeof(DagTaskId));

    for (DagTaskId id = 0; id < c->n; id++)
        if (get(&probe.n_runs[id]) > 0)
            g_array_append_val(order, id);
    g_array_sort(order, compare_turns);
    return order;
}

static void
check_counts(const Case *c, const DagRun *run)
{
    size_t counts[DAG_N_OUTCOMES] = {0}, n_good = 0;

    for (DagTaskId id = 0; id < c->n; id++) {
        DagOutcome outcome = dag_run_record(run, id).outcome;

        counts[outcome]++;
        n_good += is_good_end(id, outcome);
    }
    for (int outcome = 0; outcome < DAG_N_OUTCOMES; outcome++)
        g_assert_cmpuint(dag_run_count(run, (DagOutcome)outcome), ==, counts[outcome]);
    g_assert_cmpint(dag_run_succeeded(run), ==,
                    n_good == c->n && !dag_run_stopped_by(run, DAG_STOP_CANCEL) &&
                        !dag_run_stopped_by(run, DAG_STOP_TIMEOUT));
    g_assert_cmpuint(dag_run_n_allowed(run), ==, n_good - counts[DAG_SUCCEEDED]);
    g_assert_cmpint(dag_run_makespan_ns(run), <=, dag_run_duration_ns(run));
}

void
check_run(const Case *c, const DagRun *run, Ending ending)
{
    g_assert_cmpuint(dag_run_n_workers(run), <=, c->n_workers);
    g_assert_cmpuint(dag_run_n_connections(run), <=, c->n_connections);
    g_assert_cmpint(dag_run_is_simulated(run), ==, c->simulated);
    g_assert_cmpuint(timer_counts.n_starts, ==, timer_counts.n_finishes);
    g_assert_cmpuint(timer_counts.n_opens, ==, timer_counts.n_closes);
    for (DagTaskId id = 0; id < c->n; id++) {
        check_outcome(c, run, id, ending);
        check_attempts(c, run, id, ending);
    }
    assert_verified(run);
    check_times(c, run);
    check_units(c, run, DAG_OCCUPIES_WORKER, dag_run_n_workers(run));
    check_units(c, run, DAG_OCCUPIES_CONNECTION, dag_run_n_connections(run));
    check_counts(c, run);
    if (c->simulated)
        check_pools(c, run);
}
