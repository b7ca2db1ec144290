/* SPDX-License-Identifier: MIT */
/*
 * The states of tasks, and the counts of what each task waits for.
 */
#include "ready/countdown.h"

#include "graph-of.h"

static const char *const names[N_TASK_STATES] = {
    [TASK_WAITING] = "waiting", [TASK_READY] = "ready", [TASK_RUNNING] = "running",
    [TASK_PAUSED] = "paused",   [TASK_ENDED] = "ended",
};

/* The transitions of state.h, written down a second time: [from][to]. */
static const bool is_allowed[N_TASK_STATES][N_TASK_STATES] = {
    [TASK_WAITING] = {[TASK_READY] = true, [TASK_RUNNING] = true, [TASK_ENDED] = true},
    [TASK_READY] = {[TASK_RUNNING] = true, [TASK_ENDED] = true},
    [TASK_RUNNING] = {[TASK_WAITING] = true,
                      [TASK_READY] = true,
                      [TASK_PAUSED] = true,
                      [TASK_ENDED] = true},
    [TASK_PAUSED] = {[TASK_READY] = true, [TASK_ENDED] = true},
    [TASK_ENDED] = {[TASK_ENDED] = true},
};

/* A way from waiting to each state, by allowed transitions. */
static const TaskState ways[N_TASK_STATES][2] = {
    [TASK_READY] = {TASK_READY},
    [TASK_RUNNING] = {TASK_RUNNING},
    [TASK_PAUSED] = {TASK_RUNNING, TASK_PAUSED},
    [TASK_ENDED] = {TASK_ENDED},
};

/* Return a table of two tasks; the first one is in the state. */
static TaskTable
table_in(const DagGraph *graph, TaskState state)
{
    TaskTable table = task_table_of(graph, NULL);

    for (size_t i = 0; i < 2 && ways[state][i] != TASK_WAITING; i++)
        task_table_move_one(&table, 0, ways[state][i], DAG_PENDING);
    g_assert_cmpint(task_table_state(&table, 0), ==, state);
    return table;
}

static void
check_allowed(const DagGraph *graph, TaskState from, TaskState to)
{
    TaskTable table = table_in(graph, from);

    task_table_move_one(&table, 0, to, DAG_PENDING);
    g_assert_cmpint(task_table_state(&table, 0), ==, to);
    g_assert_cmpint(task_table_state(&table, 1), ==, TASK_WAITING);
    for (TaskState state = 0; state < N_TASK_STATES; state++)
        g_assert_cmpuint(table.n_in[state], ==, (state == to) + (state == TASK_WAITING));
    g_assert_cmpuint(table.n_undecided, ==, 2);
    task_table_clear(&table);
}

static void
test_allowed_transitions_move_and_count(void)
{
    g_autoptr(DagGraph) graph = graph_of("a b", NULL);

    for (TaskState from = 0; from < N_TASK_STATES; from++)
        for (TaskState to = 0; to < N_TASK_STATES; to++) {
            g_assert_cmpint(task_state_may_follow(from, to), ==, is_allowed[from][to]);
            if (is_allowed[from][to])
                check_allowed(graph, from, to);
        }
}

/* A refused transition aborts the program. */
static void
test_refused(gconstpointer pair)
{
    unsigned number = GPOINTER_TO_UINT(pair);
    TaskState from = number / N_TASK_STATES, to = number % N_TASK_STATES;

    if (g_test_subprocess()) {
        g_autoptr(DagGraph) graph = graph_of("a b", NULL);
        TaskTable table = table_in(graph, from);

        task_table_move_one(&table, 0, to, DAG_PENDING);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*task_state_may_follow*");
}

/* An outcome is final. */
static void
test_second_outcome_is_refused(void)
{
    if (g_test_subprocess()) {
        g_autoptr(DagGraph) graph = graph_of("a", NULL);
        TaskTable table = task_table_of(graph, NULL);

        task_table_move_one(&table, 0, TASK_ENDED, DAG_BLOCKED);
        task_table_move_one(&table, 0, TASK_ENDED, DAG_CANCELLED);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*mismatch == 0*");
}

static void
test_outcomes_are_counted_once_decided(void)
{
    g_autoptr(DagGraph) graph = graph_of("a b c", NULL);
    TaskTable table = task_table_of(graph, NULL);
    const DagTaskId both[] = {0, 2};

    g_assert_cmpuint(table.n_undecided, ==, 3);
    task_table_move(&table, (DagIds){both, 2}, TASK_WAITING, TASK_RUNNING, DAG_PENDING);
    g_assert_cmpuint(table.n_in[TASK_RUNNING], ==, 2);
    task_table_move(&table, (DagIds){both, 2}, TASK_RUNNING, TASK_ENDED, DAG_SUCCEEDED);
    g_assert_cmpint(task_table_outcome(&table, 0), ==, DAG_SUCCEEDED);
    g_assert_cmpint(task_table_outcome(&table, 1), ==, DAG_PENDING);
    g_assert_cmpuint(table.n_undecided, ==, 1);

    /* Given up: ended, and decided later. */
    task_table_move_one(&table, 1, TASK_ENDED, DAG_PENDING);
    g_assert_cmpint(task_table_outcome(&table, 1), ==, DAG_PENDING);
    g_assert_cmpuint(table.n_undecided, ==, 1);
    task_table_move_one(&table, 1, TASK_ENDED, DAG_CANCELLED);
    g_assert_cmpint(task_table_outcome(&table, 1), ==, DAG_CANCELLED);
    g_assert_cmpuint(table.n_undecided, ==, 0);
    g_assert_cmpuint(table.n_in[TASK_ENDED], ==, 3);
    task_table_clear(&table);
}

/* Return the graph of `n` tasks and a last one that needs all of them. */
static DagGraph *
fan_in(unsigned n)
{
    DagBuilder *builder = dag_builder_new();
    g_autoptr(GString) needs = g_string_new(NULL);

    for (unsigned i = 0; i < n; i++) {
        g_autofree char *name = g_strdup_printf("t%u", i);

        dag_builder_add_task(builder, &(DagTaskSpec){.name = name});
        g_string_append_printf(needs, "%s ", name);
    }
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "last", .needs = needs->str});
    return graph_finish(builder, NULL);
}

/* Count `n` off task `id`, and take some ticks back on the way. */
static void
check_countdown(TaskTable *table, DagTaskId id, unsigned n)
{
    for (unsigned left = n; left > 0; left--) {
        g_assert_false(countdown_is_over(table, id));
        g_assert_cmpint(countdown_is_last(table, id), ==, left == 1);
        g_assert_cmpint(countdown_tick(table, id), ==, left == 1);
        countdown_untick(table, id);
        g_assert_cmpint(countdown_is_last(table, id), ==, left == 1);
        g_assert_cmpint(countdown_tick(table, id), ==, left == 1);
    }
    g_assert_true(countdown_is_over(table, id));
}

static void
test_countdown_counts_beyond_a_byte(void)
{
    static const unsigned sizes[] = {0, 1, 2, 254, 255, 256, 257, 511, 512, 513, 70000};

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(DagGraph) graph = fan_in(sizes[i]);
        TaskTable table = task_table_of(graph, NULL);

        if (sizes[i] > 0)
            g_assert_true(countdown_is_over(&table, 0));
        check_countdown(&table, sizes[i], sizes[i]);
        task_table_clear(&table);
    }
}

static void
test_holds_count_with_predecessors(void)
{
    static const unsigned held[] = {0, 1, 55, 56, 300};

    for (size_t i = 0; i < G_N_ELEMENTS(held); i++) {
        g_autoptr(DagGraph) graph = fan_in(200);
        g_autofree uint32_t *n_extra = g_new0(uint32_t, 201);
        TaskTable table;

        n_extra[200] = held[i];
        table = task_table_of(graph, n_extra);
        check_countdown(&table, 200, 200 + held[i]);
        task_table_clear(&table);
    }
}

/* Release `n` predecessors of the last task, and assert that only the last one frees it. */
static void
test_release_frees_after_the_last(void)
{
    static const unsigned sizes[] = {1, 3, 255, 256, 600};

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(DagGraph) graph = fan_in(sizes[i]);
        TaskTable table = task_table_of(graph, NULL);
        DagNumbers freed = {0};

        for (DagTaskId id = 0; id < sizes[i]; id++) {
            g_assert_cmpuint(freed.n, ==, 0);
            countdown_release(&table, graph, &id, 1, &freed);
        }
        g_assert_cmpuint(freed.n, ==, 1);
        g_assert_cmpuint(freed.items[0], ==, sizes[i]);
        g_free(freed.items);
        task_table_clear(&table);
    }
}

static void
add_refused(void)
{
    for (unsigned from = 0; from < N_TASK_STATES; from++)
        for (unsigned to = 0; to < N_TASK_STATES; to++) {
            g_autofree char *path =
                g_strdup_printf("/state/refused/%s-to-%s", names[from], names[to]);

            if (!is_allowed[from][to])
                g_test_add_data_func(path, GUINT_TO_POINTER(from * N_TASK_STATES + to),
                                     test_refused);
        }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/state/allowed", test_allowed_transitions_move_and_count);
    add_refused();
    g_test_add_func("/state/refused/second-outcome", test_second_outcome_is_refused);
    g_test_add_func("/state/outcomes", test_outcomes_are_counted_once_decided);
    g_test_add_func("/state/countdown", test_countdown_counts_beyond_a_byte);
    g_test_add_func("/state/holds", test_holds_count_with_predecessors);
    g_test_add_func("/state/release", test_release_frees_after_the_last);
    return g_test_run();
}
