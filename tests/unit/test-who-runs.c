/* SPDX-License-Identifier: MIT */
/*
 * Tests every row of the table "Who runs when" of docs/reliability.md.
 *
 * There is one worker, so that the order is known: the needed tasks run first, then "gate", which
 * stops the run if the row says so, then the task under test.  Needed tasks that are to be cancelled
 * come after the gate.
 */
#include <dagrun/dagrun.h>
#include <signal.h>
#include <string.h>

#include "graph-of.h"

typedef enum RunState { GOES_ON, STOPPED, KILLED } RunState;

/* The cause that stops a run. */
typedef enum Cause { BY_CANCEL, BY_TIME, BY_FAILURE, N_CAUSES } Cause;

/* A line of the table. */
typedef struct Row {
    char *needed; /* as in the table: "failed, allowed" */
    RunState run_state;
    DagOutcome ordinary; /* SUCCEEDED: it runs */
    DagOutcome clean_up;
} Row;

/* The end of a needed task. */
typedef struct End {
    DagOutcome outcome;
    bool allowed;
    bool excluded;
} End;

#define TIME_LIMIT_NS (INT64_C(200) * 1000000)

/* Parameters of the gate. */
static DagCancel *cancel;
static RunState run_state;
static Cause cause;

/* Worker thread. */
static DagOutcome
succeed(DagContext *context, const void *config)
{
    (void)context;
    (void)config;
    return DAG_SUCCEEDED;
}

/* Worker thread. */
static DagOutcome
fail(DagContext *context, const void *config)
{
    (void)config;
    dag_context_set_reason(context, "it was meant to");
    return DAG_FAILED;
}

/* Worker thread. */
static DagOutcome
hang(DagContext *context, const void *config)
{
    (void)config;
    while (dag_context_cancel_level(context) == DAG_CANCEL_NONE)
        dag_context_poll(context, NULL, 0, -1);
    return DAG_CANCELLED;
}

/* Worker thread. */
static DagOutcome
run_gate(DagContext *context, const void *config)
{
    int64_t end_ns = dag_clock_ns() + TIME_LIMIT_NS;

    if (run_state == GOES_ON)
        return DAG_SUCCEEDED;
    if (run_state == STOPPED && cause == BY_FAILURE)
        return fail(context, config);
    while (run_state == STOPPED && cause == BY_TIME && dag_clock_ns() < end_ns)
        g_usleep(1000);
    if (run_state == KILLED || cause == BY_CANCEL)
        dag_cancel_raise(cancel, SIGINT);
    if (run_state == KILLED)
        dag_cancel_raise(cancel, SIGINT);
    return DAG_SUCCEEDED;
}

static const DagKind succeeding = {.name = "succeeding", .run = succeed};
static const DagKind failing = {.name = "failing", .run = fail};
static const DagKind hanging = {.name = "hanging", .run = hang};
static const DagKind gate_kind = {.name = "gate", .run = run_gate};

static void
read_cell(char *cell, const char *const *words, unsigned *number_out)
{
    for (*number_out = 0; words[*number_out]; ++*number_out)
        if (strcmp(g_strstrip(cell), words[*number_out]) == 0)
            return;
    g_error("\"%s\" is not a word of the table", cell);
}

static void
row_clear(gpointer data)
{
    g_free(((Row *)data)->needed);
}

/* Return the table; of Row. */
static GArray *
read_table(void)
{
    static const char *const run_states[] = {"goes on", "stopped", "killed", NULL};
    static const char *const ends[] = {"", "runs", "", "", "blocked", "cancelled", NULL};
    g_autofree char *text = NULL;
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(Row));

    g_array_set_clear_func(rows, row_clear);
    g_assert_true(
        g_file_get_contents(DAGRUN_SOURCE_DIR "/docs/reliability.md", &text, NULL, NULL));

    char *table = strstr(text, "| its predecessors |");

    g_assert_nonnull(table);
    *strstr(table, "\n\n") = '\0';

    g_auto(GStrv) lines = g_strsplit(table, "\n", -1);

    for (char **line = lines + 2; *line; line++) {
        g_auto(GStrv) cells = g_strsplit(*line, "|", -1);
        unsigned state, ordinary, clean_up;

        g_assert_cmpuint(g_strv_length(cells), ==, 6);
        read_cell(cells[2], run_states, &state);
        read_cell(cells[3], ends, &ordinary);
        read_cell(cells[4], ends, &clean_up);

        Row row = {g_strdup(g_strstrip(cells[1])), (RunState)state, (DagOutcome)ordinary,
                   (DagOutcome)clean_up};

        g_array_append_val(rows, row);
    }
    return rows;
}

static End
end_of(const Row *row)
{
    g_auto(GStrv) words = g_strsplit(row->needed, ", ", 2);
    End end = {.allowed = g_strcmp0(words[1], "allowed") == 0,
               .excluded = strcmp(words[0], "excluded") == 0};

    while (!end.excluded && strcmp(dag_outcome_name(end.outcome), words[0]) != 0)
        g_assert_cmpint(++end.outcome, <, DAG_N_OUTCOMES);
    return end;
}

static const DagKind *
kind_that_ends(DagOutcome outcome)
{
    if (outcome == DAG_FAILED)
        return &failing;
    return outcome == DAG_TIMED_OUT ? &hanging : &succeeding;
}

/* Declare the needed task of `row` (may be NULL) if it belongs before or after the gate, as
 * `after_gate` says, and the task that makes it blocked. */
static void
declare_needed(DagBuilder *builder, const char *name, const Row *row, bool after_gate)
{
    End end = row ? end_of(row) : (End){0};
    g_autofree char *failed_name = g_strconcat(name, "-failed", NULL);
    const char *needs = end.outcome == DAG_BLOCKED ? failed_name : NULL;

    if (!row || (end.outcome == DAG_CANCELLED) != after_gate)
        return;
    if (end.outcome == DAG_BLOCKED)
        dag_builder_add_task(builder,
                             &(DagTaskSpec){.name = failed_name, .kind = &failing});
    dag_builder_add_task(
        builder,
        &(DagTaskSpec){.name = name,
                       .needs = needs,
                       .when = end.excluded ? "no" : NULL,
                       .kind = kind_that_ends(end.outcome),
                       .policy = {.allow_failure = end.allowed,
                                  .timeout_ns = end.outcome == DAG_TIMED_OUT ? 1 : 0}});
}

/* Return a graph with the tasks under test, "ordinary" and "clean-up", behind the needed tasks of
 * `row` and of `other`, which may be NULL. */
static DagGraph *
graph_of_rows(const Row *row, const Row *other)
{
    DagBuilder *builder = dag_builder_new();
    const char *needs = other ? "needed1 needed2" : "needed1";

    declare_needed(builder, "needed1", row, false);
    declare_needed(builder, "needed2", other, false);
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "gate", .kind = &gate_kind});
    declare_needed(builder, "needed1", row, true);
    declare_needed(builder, "needed2", other, true);
    dag_builder_add_task(
        builder, &(DagTaskSpec){.name = "ordinary", .needs = needs, .kind = &succeeding});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "clean-up",
                                                 .needs = needs,
                                                 .policy = {.always = true},
                                                 .kind = &succeeding});
    return graph_finish(builder, NULL);
}

static void
assert_ended(const DagRun *run, const char *name, DagOutcome expected)
{
    const DagGraph *graph = dag_plan_graph(dag_run_plan(run));
    DagRecord record = dag_run_record(run, dag_graph_find(graph, name));

    g_assert_cmpstr(dag_outcome_name(record.outcome), ==, dag_outcome_name(expected));
    g_assert_cmpuint(record.n_attempts, ==, expected == DAG_SUCCEEDED);
}

/* Assert that the needed task ended as the row says. */
static void
assert_needed(const DagRun *run, const char *name, const Row *row)
{
    const DagGraph *graph = dag_plan_graph(dag_run_plan(run));
    End end = end_of(row);

    if (!end.excluded)
        g_assert_cmpstr(
            dag_outcome_name(dag_run_record(run, dag_graph_find(graph, name)).outcome), ==,
            dag_outcome_name(end.outcome));
}

/* Run the tasks behind both rows; the second row may be NULL. */
static void
try_rows(const Row *const rows[2], const char *strategy, bool keep_going,
         const DagOutcome expected[2])
{
    g_autoptr(DagGraph) graph = graph_of_rows(rows[0], rows[1]);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(DagRun) run = NULL;

    g_test_message("%s and %s, run state %d by %d, %s, keep going %d", rows[0]->needed,
                   rows[1] ? rows[1]->needed : "nothing", run_state, cause, strategy,
                   keep_going);
    cancel = dag_cancel_new(NULL);
    run = dag_execute(
        plan,
        &(DagExecuteOptions){
            .strategy = dag_strategy_find(strategy),
            .n_workers = 1,
            .keep_going = keep_going,
            .cancel = cancel,
            .timeout_ns = run_state == STOPPED && cause == BY_TIME ? TIME_LIMIT_NS : 0,
        },
        &error);
    g_assert_no_error(error);
    assert_needed(run, "needed1", rows[0]);
    if (rows[1])
        assert_needed(run, "needed2", rows[1]);
    assert_ended(run, "ordinary", expected[0]);
    assert_ended(run, "clean-up", expected[1]);
    dag_cancel_free(cancel);
}

static const char *const strategies[] = {"phases", "dataflow"}; /* first in, first out */

static void
test_every_row(void)
{
    g_autoptr(GArray) rows = read_table();

    for (guint i = 0; i < rows->len; i++) {
        const Row *row = &g_array_index(rows, Row, i);
        unsigned n_causes = row->run_state == STOPPED ? N_CAUSES : 1;

        run_state = row->run_state;
        for (cause = 0; cause < n_causes; cause++)
            for (size_t s = 0; s < G_N_ELEMENTS(strategies); s++)
                try_rows((const Row *[]){row, NULL}, strategies[s],
                         run_state == GOES_ON || cause == BY_CANCEL,
                         (DagOutcome[]){row->ordinary, row->clean_up});
    }
}

/* Return the outcome of a task behind two: blocked if either blocks it, else cancelled if either
 * cancels it, else it runs. */
static DagOutcome
of_both(DagOutcome a, DagOutcome b)
{
    if (a == DAG_BLOCKED || b == DAG_BLOCKED)
        return DAG_BLOCKED;
    return a == DAG_CANCELLED ? a : b;
}

static void
test_every_pair_of_rows(void)
{
    g_autoptr(GArray) rows = read_table();

    cause = BY_CANCEL;
    for (guint i = 0; i < rows->len; i++)
        for (guint k = 0; k < rows->len; k++) {
            const Row *a = &g_array_index(rows, Row, i), *b = &g_array_index(rows, Row, k);

            run_state = a->run_state;
            for (size_t s = 0; s < G_N_ELEMENTS(strategies) && a->run_state == b->run_state;
                 s++)
                try_rows((const Row *[]){a, b}, strategies[s], true,
                         (DagOutcome[]){of_both(a->ordinary, b->ordinary),
                                        of_both(a->clean_up, b->clean_up)});
        }
}

/* The table has every outcome, in every state of the run in which it is possible. */
static void
test_the_table_is_complete(void)
{
    static const char *const needed[] = {
        "succeeded",          "failed",  "failed, allowed", "timed-out",
        "timed-out, allowed", "blocked", "cancelled",       "excluded",
    };
    g_autoptr(GArray) rows = read_table();
    guint n = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(needed); i++)
        for (RunState state = GOES_ON; state <= KILLED; state++) {
            guint n_found = 0;

            for (guint r = 0; r < rows->len; r++) {
                const Row *row = &g_array_index(rows, Row, r);

                n_found += row->run_state == state && strcmp(row->needed, needed[i]) == 0;
            }
            /* Nothing is cancelled in a run that goes on. */
            g_assert_cmpuint(n_found, ==,
                             state == GOES_ON && strcmp(needed[i], "cancelled") == 0 ? 0
                                                                                     : 1);
            n += n_found;
        }
    g_assert_cmpuint(rows->len, ==, n);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/who-runs/the-table-is-complete", test_the_table_is_complete);
    g_test_add_func("/who-runs/every-row", test_every_row);
    g_test_add_func("/who-runs/every-pair-of-rows", test_every_pair_of_rows);
    return g_test_run();
}
