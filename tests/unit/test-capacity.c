/* SPDX-License-Identifier: MIT */
/*
 * The choice of the next task if workers, connections and pools are limited.
 */
#include "ready/capacity.h"

#include "graph-of.h"

/* A kind that occupies a connection; these tasks are never run. */
static const DagKind connected = {.name = "connected", .occupies = DAG_OCCUPIES_CONNECTION};

/* Tasks that share the pools "p" with 4 slots, "q" with 2 and "r" with 1; all are ready. */
typedef struct Fixture {
    DagGraph *graph;
    ReadyQueue *queue;
    TaskClasses classes;
    Capacities *capacities;
} Fixture;

/* Begin with `words` on workers, and `connected_words` behind them on connections. */
static void
begin_on(Fixture *f, const char *words, const char *connected_words, unsigned n_workers,
         unsigned n_connections)
{
    static const DagPoolSpec specs[] = {
        {.name = "p", .slots = 4}, {.name = "q", .slots = 2}, {.name = "r", .slots = 1}};
    DagBuilder *builder = builder_of(words, NULL, NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++)
        dag_builder_add_pool(builder, &specs[i]);
    declare_words(builder, connected_words, &connected, NULL);
    f->graph = graph_finish(builder, NULL);
    f->classes = dag__task_classes_of(f->graph);
    f->queue = dag__ready_queue_new(f->graph, &f->classes, DAG_ORDER_FIFO, NULL);
    f->capacities = dag__capacities_new(f->graph, &f->classes, n_workers, n_connections);
    dag__ready_queue_put_all(f->queue, dag_graph_declared(f->graph).ids,
                             dag_graph_n_tasks(f->graph));
}

/* Begin with more workers than tasks. */
static void
begin(Fixture *f, const char *words)
{
    begin_on(f, words, "", 100, 0);
}

static void
end(Fixture *f)
{
    dag__capacities_free(f->capacities);
    dag__ready_queue_free(f->queue);
    dag__task_classes_clear(&f->classes);
    dag_graph_free(f->graph);
}

/* Start every task that may start on a unit of this kind, and assert their names. */
static void
assert_starts_on(Fixture *f, DagOccupies unit, const char *names)
{
    g_autoptr(GString) started = g_string_new(NULL);
    uint32_t class_id;

    while ((class_id = dag__capacities_choose(f->capacities, f->queue, unit)) != NO_CLASS) {
        DagTaskId id = dag__ready_queue_take(f->queue, class_id);

        g_string_append_printf(started, "%s%s", started->len > 0 ? " " : "",
                               dag_graph_task_name(f->graph, id));
        dag__capacities_take(f->capacities, class_id);
    }
    g_assert_cmpstr(started->str, ==, names);
}

static void
assert_starts(Fixture *f, const char *names)
{
    assert_starts_on(f, DAG_OCCUPIES_WORKER, names);
}

static void
finish(Fixture *f, const char *name)
{
    dag__capacities_release(f->capacities,
                            task_class_of(&f->classes, dag_graph_find(f->graph, name)));
}

static void
test_as_many_tasks_start_as_there_are_slots(void)
{
    Fixture f;

    begin(&f, "a@p b@p=2 c@p d@p e@p");
    assert_starts(&f, "a b c");
    finish(&f, "b");
    assert_starts(&f, "d e");
    end(&f);
}

static void
test_no_task_overtakes_one_that_waits_for_the_same_pool(void)
{
    Fixture f;

    begin(&f, "a@p b@p=4 c@p d@p");
    assert_starts(&f, "a");
    finish(&f, "a");
    assert_starts(&f, "b");
    finish(&f, "b");
    assert_starts(&f, "c d");
    end(&f);
}

static void
test_a_large_request_is_not_starved_by_small_ones(void)
{
    Fixture f;

    begin(&f, "a@p=2 b@p=2 large@p=4 c@p d@p e@p");
    /* Slots come back one by one, and "c" would always fit. */
    assert_starts(&f, "a b");
    finish(&f, "a");
    assert_starts(&f, "");
    finish(&f, "b");
    assert_starts(&f, "large");
    finish(&f, "large");
    assert_starts(&f, "c d e");
    end(&f);
}

static void
test_a_task_that_uses_other_pools_or_none_starts(void)
{
    Fixture f;

    begin(&f, "a@p=4 b@p c@q d e@p=2+q f@r");
    assert_starts(&f, "a c d f");
    finish(&f, "a");
    assert_starts(&f, "b e");
    end(&f);
}

static void
test_a_waiting_task_reserves_all_its_pools(void)
{
    /* "b" lacks p alone, but waits for q as well: "c" is behind it, "d" is not. */
    Fixture f;

    begin(&f, "a@p=4 b@p=4+q=2 c@q d@r");
    assert_starts(&f, "a d");
    finish(&f, "a");
    assert_starts(&f, "b");
    finish(&f, "b");
    assert_starts(&f, "c");
    end(&f);
}

static void
test_a_task_held_up_by_a_reservation_reserves_too(void)
{
    /* "c" could start but for "b", which wants the same pool, and "d" but for "c". */
    Fixture f;

    begin(&f, "a@p=4 b@p=4+q c@q+r d@r e");
    assert_starts(&f, "a e");
    finish(&f, "a");
    assert_starts(&f, "b c");
    finish(&f, "c");
    assert_starts(&f, "d");
    end(&f);
}

static void
test_a_higher_priority_goes_first_among_waiting_tasks(void)
{
    Fixture f;

    begin(&f, "a@p=4 b@p=3 c!5@p=3 d!-1@p");
    assert_starts(&f, "c"); /* "d" would fit, but is behind "a" and "b" */
    finish(&f, "c");
    assert_starts(&f, "a");
    end(&f);
}

static void
test_tasks_with_equal_uses_start_in_their_order(void)
{
    Fixture f;

    begin(&f, "a@r b@r c@r");
    assert_starts(&f, "a");
    finish(&f, "a");
    assert_starts(&f, "b");
    finish(&f, "b");
    assert_starts(&f, "c");
    end(&f);
}

static void
test_as_many_tasks_start_as_there_are_workers(void)
{
    Fixture f;

    begin_on(&f, "a b c", "", 2, 0);
    g_assert_cmpuint(f.classes.n, ==, 1);
    assert_starts(&f, "a b");
    g_assert_cmpuint(dag__capacities_n_free(f.capacities, DAG_OCCUPIES_WORKER), ==, 0);
    finish(&f, "a");
    assert_starts(&f, "c");
    end(&f);
}

static void
test_connections_and_workers_do_not_wait_for_each_other(void)
{
    Fixture f;

    begin_on(&f, "a b", "x y z", 1, 2);
    g_assert_cmpuint(f.classes.n, ==, 2);
    assert_starts_on(&f, DAG_OCCUPIES_CONNECTION, "x y");
    assert_starts(&f, "a");
    finish(&f, "x");
    assert_starts(&f, "");
    assert_starts_on(&f, DAG_OCCUPIES_CONNECTION, "z");
    finish(&f, "a");
    assert_starts(&f, "b");
    end(&f);
}

static void
test_a_task_that_only_waits_for_a_worker_reserves_no_pool(void)
{
    Fixture f;

    begin_on(&f, "a b@r", "x@r", 1, 1);
    assert_starts(&f, "a");
    assert_starts_on(&f, DAG_OCCUPIES_CONNECTION, "x");
    end(&f);
}

static void
test_a_task_that_may_start_on_a_worker_keeps_its_turn(void)
{
    Fixture f;

    begin_on(&f, "b@r", "x@r", 1, 1);
    assert_starts_on(&f, DAG_OCCUPIES_CONNECTION, "");
    assert_starts(&f, "b");
    finish(&f, "b");
    assert_starts_on(&f, DAG_OCCUPIES_CONNECTION, "x");
    end(&f);
}

static void
test_a_refund_gives_everything_back(void)
{
    Fixture f;

    begin_on(&f, "a@p=4 b@p", "", 1, 0);
    assert_starts(&f, "a");
    dag__capacities_refund(f.capacities,
                           task_class_of(&f.classes, dag_graph_find(f.graph, "a")));
    assert_starts(&f, "b");
    end(&f);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/capacity/as-many-tasks-start-as-there-are-slots",
                    test_as_many_tasks_start_as_there_are_slots);
    g_test_add_func("/capacity/no-task-overtakes-one-that-waits-for-the-same-pool",
                    test_no_task_overtakes_one_that_waits_for_the_same_pool);
    g_test_add_func("/capacity/a-large-request-is-not-starved-by-small-ones",
                    test_a_large_request_is_not_starved_by_small_ones);
    g_test_add_func("/capacity/a-task-that-uses-other-pools-or-none-starts",
                    test_a_task_that_uses_other_pools_or_none_starts);
    g_test_add_func("/capacity/a-waiting-task-reserves-all-its-pools",
                    test_a_waiting_task_reserves_all_its_pools);
    g_test_add_func("/capacity/a-task-held-up-by-a-reservation-reserves-too",
                    test_a_task_held_up_by_a_reservation_reserves_too);
    g_test_add_func("/capacity/a-higher-priority-goes-first-among-waiting-tasks",
                    test_a_higher_priority_goes_first_among_waiting_tasks);
    g_test_add_func("/capacity/tasks-with-equal-uses-start-in-their-order",
                    test_tasks_with_equal_uses_start_in_their_order);
    g_test_add_func("/capacity/as-many-tasks-start-as-there-are-workers",
                    test_as_many_tasks_start_as_there_are_workers);
    g_test_add_func("/capacity/connections-and-workers-do-not-wait-for-each-other",
                    test_connections_and_workers_do_not_wait_for_each_other);
    g_test_add_func("/capacity/a-task-that-only-waits-for-a-worker-reserves-no-pool",
                    test_a_task_that_only_waits_for_a_worker_reserves_no_pool);
    g_test_add_func("/capacity/a-task-that-may-start-on-a-worker-keeps-its-turn",
                    test_a_task_that_may_start_on_a_worker_keeps_its_turn);
    g_test_add_func("/capacity/a-refund-gives-everything-back",
                    test_a_refund_gives_everything_back);
    return g_test_run();
}
