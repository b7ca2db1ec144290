/* SPDX-License-Identifier: MIT */
#include "ready/pools.h"

#include "graph-of.h"

/* Tasks that share the pools "p" with 4 slots, "q" with 2 and "r" with 1; all are ready. */
typedef struct Fixture {
    DagGraph *graph;
    DagPlan *plan;
    ReadyQueue *queue;
    Pools *pools;
} Fixture;

static Fixture
begin(const char *words)
{
    static const DagPoolSpec specs[] = {
        {.name = "p", .slots = 4}, {.name = "q", .slots = 2}, {.name = "r", .slots = 1}};
    DagBuilder *builder = builder_of(words, NULL, NULL);
    Fixture f = {0};

    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++)
        dag_builder_add_pool(builder, &specs[i]);
    f.graph = graph_finish(builder, NULL);
    f.plan = dag_plan_new(f.graph, DAG_PHASES_ASAP, NULL);
    f.queue = dag__ready_queue_new(f.plan, dag_strategy_find("dataflow"), 0);
    f.pools = dag__pools_new(f.graph);
    dag__ready_queue_put_all(f.queue, dag_graph_declared(f.graph).ids,
                             dag_graph_n_tasks(f.graph));
    return f;
}

static void
end(Fixture *f)
{
    dag__pools_free(f->pools);
    dag__ready_queue_free(f->queue);
    dag_plan_free(f->plan);
    dag_graph_free(f->graph);
}

/* Starts what is chosen, which has to be `names`, and then nothing. */
static void
assert_starts(Fixture *f, const char *names)
{
    g_auto(GStrv) list = g_strsplit(names, " ", -1);

    for (char **name = list; *name; name++) {
        uint32_t class = dag__pools_choose(f->pools, f->queue);

        g_assert_cmpuint(class, !=, NO_CLASS);

        DagTaskId id = dag__ready_queue_take(f->queue, class);

        g_assert_cmpstr(dag_graph_task_name(f->graph, id), ==, *name);
        dag__pools_take(f->pools, id);
    }
    g_assert_cmpuint(dag__pools_choose(f->pools, f->queue), ==, NO_CLASS);
}

static void
finish(Fixture *f, const char *name)
{
    dag__pools_give_back(f->pools, dag_graph_find(f->graph, name));
}

static void
test_as_many_start_as_there_are_slots(void)
{
    Fixture f = begin("a@p b@p=2 c@p d@p e@p");

    assert_starts(&f, "a b c");
    finish(&f, "b");
    assert_starts(&f, "d e");
    end(&f);
}

static void
test_nobody_overtakes_who_waits_for_the_same_pool(void)
{
    Fixture f = begin("a@p b@p=4 c@p d@p");

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
    Fixture f = begin("a@p=2 b@p=2 large@p=4 c@p d@p e@p");

    /* Slots come back one by one, and "c" would always fit. */
    assert_starts(&f, "a b");
    finish(&f, "a");
    g_assert_cmpuint(dag__pools_choose(f.pools, f.queue), ==, NO_CLASS);
    finish(&f, "b");
    assert_starts(&f, "large");
    finish(&f, "large");
    assert_starts(&f, "c d e");
    end(&f);
}

static void
test_who_wants_other_pools_or_none_goes_on(void)
{
    Fixture f = begin("a@p=4 b@p c@q d e@p=2+q f@r");

    assert_starts(&f, "a c d f");
    finish(&f, "a");
    assert_starts(&f, "b e");
    end(&f);
}

static void
test_who_waits_waits_for_all_of_its_pools(void)
{
    /* "b" lacks p alone, but waits for q as well: "c" is behind it, "d" is not. */
    Fixture f = begin("a@p=4 b@p=4+q=2 c@q d@r");

    assert_starts(&f, "a d");
    finish(&f, "a");
    assert_starts(&f, "b");
    finish(&f, "b");
    assert_starts(&f, "c");
    end(&f);
}

static void
test_who_is_held_up_by_order_alone_holds_up_others_in_turn(void)
{
    /* "c" could start but for "b", which wants the same pool, and "d" but for "c". */
    Fixture f = begin("a@p=4 b@p=4+q c@q+r d@r e");

    assert_starts(&f, "a e");
    finish(&f, "a");
    assert_starts(&f, "b c");
    finish(&f, "c");
    assert_starts(&f, "d");
    end(&f);
}

static void
test_a_priority_goes_before_among_those_that_wait(void)
{
    Fixture f = begin("a@p=4 b@p=3 c!5@p=3 d!-1@p");

    assert_starts(&f, "c"); /* "d" would fit, but is behind "a" and "b" */
    finish(&f, "c");
    assert_starts(&f, "a");
    end(&f);
}

static void
test_tasks_that_use_the_same_take_turns_in_their_order(void)
{
    Fixture f = begin("a@r b@r c@r");

    assert_starts(&f, "a");
    finish(&f, "a");
    assert_starts(&f, "b");
    finish(&f, "b");
    assert_starts(&f, "c");
    end(&f);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pools/as-many-start-as-there-are-slots",
                    test_as_many_start_as_there_are_slots);
    g_test_add_func("/pools/nobody-overtakes-who-waits-for-the-same-pool",
                    test_nobody_overtakes_who_waits_for_the_same_pool);
    g_test_add_func("/pools/a-large-request-is-not-starved-by-small-ones",
                    test_a_large_request_is_not_starved_by_small_ones);
    g_test_add_func("/pools/who-wants-other-pools-or-none-goes-on",
                    test_who_wants_other_pools_or_none_goes_on);
    g_test_add_func("/pools/who-waits-waits-for-all-of-its-pools",
                    test_who_waits_waits_for_all_of_its_pools);
    g_test_add_func("/pools/who-is-held-up-by-order-alone-holds-up-others-in-turn",
                    test_who_is_held_up_by_order_alone_holds_up_others_in_turn);
    g_test_add_func("/pools/a-priority-goes-before-among-those-that-wait",
                    test_a_priority_goes_before_among_those_that_wait);
    g_test_add_func("/pools/tasks-that-use-the-same-take-turns-in-their-order",
                    test_tasks_that_use_the_same_take_turns_in_their_order);
    return g_test_run();
}
