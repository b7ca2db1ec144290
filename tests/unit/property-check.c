/* SPDX-License-Identifier: MIT */
/*
 * The checks of a run: dag_verify() compares its records with the graph, and the functions below with the
 * probe.
 */
#include "property.h"

#include "timer-engine.h"
#include "verified.h"

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

/* dag_verify() compares the outcomes with each other; a clean-up that was cancelled may have been killed,
 * as far as it knows. */
static void
check_outcome(const Case *c, const DagRun *run, DagTaskId id, Ending ending)
{
    DagRecord record = dag_run_record(run, id);
    bool has_run = get(&probe.n_runs[id]) > 0;

    g_assert_cmpint(record.start_ns >= 0, ==, has_run);
    g_assert_cmpint(record.end_ns >= 0, ==, has_run);
    if (has_run)
        check_end(c, id, record.outcome);
    if (dag_graph_task_policy(c->graph, id)->always && ending != KILLED)
        g_assert_true(has_run);
    check_reason(c, run, id);
}

/* Attempts end with the first success, or with the last allowed one. */
static void
check_attempts(const Case *c, const DagRun *run, DagTaskId id, Ending ending)
{
    DagRecord record = dag_run_record(run, id);
    unsigned n_needed = MIN(probe.n_failures[id] + 1, attempts_allowed(id));

    g_assert_cmpuint(record.n_attempts, ==, get(&probe.n_runs[id]));
    if (record.outcome == DAG_SUCCEEDED && c->limited)
        g_assert_cmpuint(record.n_attempts, >, probe.n_failures[id]);
    else if (record.outcome == DAG_SUCCEEDED)
        g_assert_cmpuint(record.n_attempts, ==, probe.n_failures[id] + 1);
    if (record.outcome == DAG_FAILED && ending == TO_THE_END)
        g_assert_cmpuint(record.n_attempts, ==, n_needed);
    if (record.outcome == DAG_TIMED_OUT && ending == TO_THE_END)
        g_assert_cmpuint(record.n_attempts, ==, attempts_allowed(id));
}

static int
compare_starts(gconstpointer a, gconstpointer b)
{
    const DagAttempt *x = a, *y = b;

    if (x->start_ns != y->start_ns)
        return x->start_ns < y->start_ns ? -1 : 1;
    return x->end_ns < y->end_ns ? -1 : x->end_ns > y->end_ns;
}

/* A connection has one task at a time.  dag_verify() counts connections, since a record of the past does not
 * number them. */
static void
check_connections(const Case *c, const DagRun *run)
{
    unsigned n_connections = dag_run_n_connections(run);
    g_autoptr(GArray) attempts = g_array_new(FALSE, FALSE, sizeof(DagAttempt));
    g_autofree int64_t *free_ns = g_new0(int64_t, n_connections + 1);

    for (DagTaskId id = 0; id < c->n; id++)
        for (unsigned i = 0; i < dag_run_record(run, id).n_attempts; i++) {
            DagAttempt attempt = dag_run_attempt(run, id, i);

            if (dag_graph_task_kind(c->graph, id)->occupies == DAG_OCCUPIES_CONNECTION)
                g_array_append_val(attempts, attempt);
        }
    g_array_sort(attempts, compare_starts);
    for (guint i = 0; i < attempts->len; i++) {
        const DagAttempt *attempt = &g_array_index(attempts, DagAttempt, i);

        g_assert_cmpuint(attempt->worker, <, n_connections);
        g_assert_cmpint(attempt->start_ns, >=, free_ns[attempt->worker]);
        free_ns[attempt->worker] = attempt->end_ns;
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

void
check_run(const Case *c, const DagRun *run, Ending ending)
{
    g_assert_cmpuint(dag_run_n_workers(run), <=, c->n_workers);
    g_assert_cmpuint(dag_run_n_connections(run), <=, c->n_connections);
    g_assert_cmpint(dag_run_is_simulated(run), ==, c->simulated);
    g_assert_cmpuint(timer_counts.n_starts, ==, timer_counts.n_finishes);
    g_assert_cmpuint(timer_counts.n_opens, ==, timer_counts.n_closes);
    if (ending == TO_THE_END)
        g_assert_cmpint(dag_run_stop(run), ==, DAG_STOP_NONE);
    for (DagTaskId id = 0; id < c->n; id++) {
        check_outcome(c, run, id, ending);
        check_attempts(c, run, id, ending);
    }
    check_connections(c, run);
    assert_verified(run);
}
