/* SPDX-License-Identifier: MIT */
#include "ready/queue.h"

#include <math.h>
#include <string.h>

#include "dice.h"
#include "graph-of.h"

/* The key is the cost. */
static void
cost_keys(const DagPlan *plan, uint64_t seed, double *key_out)
{
    const DagGraph *graph = dag_plan_graph(plan);

    (void)seed;
    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++)
        key_out[id] = dag_plan_cost(plan, id);
}

static const DagStrategy fifo = {.name = "fifo", .order = DAG_ORDER_FIFO};
static const DagStrategy lifo = {.name = "lifo", .order = DAG_ORDER_LIFO};
static const DagStrategy by_cost = {
    .name = "by-cost", .order = DAG_ORDER_KEY, .keys = cost_keys};

typedef struct Fixture {
    DagGraph *graph;
    DagPlan *plan;
    TaskClasses classes;
    ReadyQueue *queue;
} Fixture;

/* Plan the graph and make a queue for it. */
static void
make_queue(Fixture *f, DagGraph *graph, const DagStrategy *strategy)
{
    g_autofree double *keys = g_new(double, dag_graph_n_tasks(graph) + 1);

    f->graph = graph;
    f->plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
    f->classes = dag__task_classes_of(graph);
    if (strategy->keys)
        strategy->keys(f->plan, 0, keys);
    f->queue = dag__ready_queue_new(graph, &f->classes, strategy->order,
                                    strategy->keys ? keys : NULL);
}

static void
begin(Fixture *f, const char *words, const DagStrategy *strategy)
{
    make_queue(f, graph_of(words, NULL), strategy);
}

static void
end(Fixture *f)
{
    dag__ready_queue_free(f->queue);
    dag__task_classes_clear(&f->classes);
    dag_plan_free(f->plan);
    dag_graph_free(f->graph);
}

static void
put(Fixture *f, const char *name)
{
    dag__ready_queue_put_all(f->queue, &(DagTaskId){dag_graph_find(f->graph, name)}, 1);
}

static void
assert_takes(Fixture *f, const char *expected)
{
    size_t length = dag__ready_queue_length(f->queue, 0);
    DagTaskId taken = dag__ready_queue_take(f->queue, 0);

    g_assert_cmpuint(dag__ready_queue_length(f->queue, 0), ==, length - 1);
    g_assert_cmpstr(dag_graph_task_name(f->graph, taken), ==, expected);
}

/* Put all tasks of `words` into the queue as declared, and assert the order in which they are
 * taken. */
static void
assert_order(const char *words, const DagStrategy *strategy, const char *expected)
{
    Fixture f;
    g_auto(GStrv) names = g_strsplit(expected, " ", -1);
    DagIds declared;

    begin(&f, words, strategy);
    declared = dag_graph_declared(f.graph);
    dag__ready_queue_put_all(f.queue, declared.ids, declared.n);
    for (char **name = names; *name; name++)
        assert_takes(&f, *name);
    g_assert_cmpuint(dag__ready_queue_length(f.queue, 0), ==, 0);
    end(&f);
}

static void
test_each_order_matches_its_name(void)
{
    assert_order("c:1 a:3 b:2", &fifo, "c a b");
    assert_order("c:1 a:3 b:2", &lifo, "b a c");
    assert_order("c:1 a:3 b:2", &by_cost, "a b c");
}

static void
test_priorities_come_first(void)
{
    assert_order("a b!2 c!-1 d!2 e", &fifo, "b d a e c");
    assert_order("a b!2 c!-1 d!2 e", &lifo, "d b e a c");
    assert_order("a:9 b:1!2 c:99!-1 d:5!2 e:3", &by_cost, "d b a e c");
    assert_order("a!-2147483648 b c!2147483647", &fifo, "c b a");
}

static void
test_equal_keys_go_to_the_task_declared_first(void)
{
    assert_order("d<a z y b:2 x a", &by_cost, "b d z y x a");
}

static void
test_a_later_task_is_inserted_by_its_key(void)
{
    Fixture f;

    begin(&f, "a:1 b:5 c:3 d:4", &by_cost);
    put(&f, "a");
    put(&f, "c");
    assert_takes(&f, "c");
    put(&f, "d");
    put(&f, "b");
    assert_takes(&f, "b");
    assert_takes(&f, "d");
    assert_takes(&f, "a");
    end(&f);
}

/* Take three of four tasks, put the last two back, the later one first, and assert the order. */
static void
assert_puts_back(const char *words, const DagStrategy *strategy, const char *expected)
{
    Fixture f;
    g_auto(GStrv) names = g_strsplit(expected, " ", -1);
    DagTaskId second, third;
    DagIds declared;

    begin(&f, words, strategy);
    declared = dag_graph_declared(f.graph);
    dag__ready_queue_put_all(f.queue, declared.ids, declared.n);
    dag__ready_queue_take(f.queue, 0);
    second = dag__ready_queue_take(f.queue, 0);
    third = dag__ready_queue_take(f.queue, 0);
    dag__ready_queue_put_back(f.queue, third);
    dag__ready_queue_put_back(f.queue, second);
    for (char **name = names; *name; name++)
        assert_takes(&f, *name);
    end(&f);
}

static void
test_a_returned_task_is_at_the_front(void)
{
    assert_puts_back("a b c d", &fifo, "b c d");
    assert_puts_back("a b c d", &lifo, "c b a");
    assert_puts_back("a:1 b:2 c:3 d:4", &by_cost, "c b a");
    assert_puts_back("a!1 b:2 c:3!-1 d:4!1", &by_cost, "a b c");
}

static void
test_a_returned_task_is_at_the_front_of_its_priority(void)
{
    assert_puts_back("a!1 b!1 c!1 d!1", &fifo, "b c d");
    assert_puts_back("a!1 b!1 c!1 d!1", &lifo, "c b a");
}

/* More tasks than the initial capacity, with the first task not at the start of the ring. */
static void
test_a_ring_that_has_wrapped_around_grows_in_order(void)
{
    Fixture f;
    DagTaskId n_put = 0, n_taken = 0;

    begin(&f, "a", &fifo);
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 700; i++, n_put++)
            dag__ready_queue_put_all(f.queue, &n_put, 1);
        for (int i = 0; i < 500; i++)
            g_assert_cmpuint(dag__ready_queue_take(f.queue, 0), ==, n_taken++);
        dag__ready_queue_put_back(f.queue, --n_taken);
    }
    while (n_taken < n_put)
        g_assert_cmpuint(dag__ready_queue_take(f.queue, 0), ==, n_taken++);
    g_assert_cmpuint(dag__ready_queue_length(f.queue, 0), ==, 0);
    end(&f);
}

#define N_KEYS 12

static void
unusual_keys(const DagPlan *plan, uint64_t seed, double *key_out)
{
    static const double keys[N_KEYS] = {0,      -0.0,    1e308, -1e308, HUGE_VAL, -HUGE_VAL,
                                        1e-310, -1e-310, 2,     -2,     1,        0};

    (void)plan, (void)seed;
    memcpy(key_out, keys, sizeof(keys));
}

static void
test_keys_may_be_any_numbers(void)
{
    static const DagStrategy unusual = {
        .name = "unusual", .order = DAG_ORDER_KEY, .keys = unusual_keys};

    assert_order("a b c d e f g h i j k l", &unusual, "e c i k g a b l h j d f");
}

/* Assert whether the tasks without a pool go before those that use one. */
static void
assert_goes_before(const char *words, const DagStrategy *strategy, bool expected)
{
    DagBuilder *builder = builder_of(words, NULL, NULL);
    Fixture f = {0};
    uint32_t without;

    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "p", .slots = 1});
    make_queue(&f, graph_finish(builder, NULL), strategy);
    g_assert_cmpuint(f.classes.n, ==, 2);
    without = f.classes.classes[0].n_uses == 0 ? 0 : 1;
    for (DagTaskId id = (DagTaskId)dag_graph_n_tasks(f.graph); id-- > 0;)
        dag__ready_queue_put_all(f.queue, &id, 1);
    g_assert_cmpint(dag__ready_queue_goes_before(f.queue, without, 1 - without), ==,
                    expected);
    g_assert_cmpint(dag__ready_queue_goes_before(f.queue, 1 - without, without), ==,
                    !expected);
    end(&f);
}

/* The task declared last arrives first. */
static void
test_the_first_of_all_classes_goes_before_the_others(void)
{
    assert_goes_before("a b@p", &fifo, false);
    assert_goes_before("a@p b", &fifo, true);
    assert_goes_before("a b@p", &lifo, true);
    assert_goes_before("a@p b", &lifo, false);
    assert_goes_before("a!1 b@p", &fifo, true);
    assert_goes_before("a b!1@p", &lifo, false);
    assert_goes_before("a:1 b:2@p", &by_cost, false);
    assert_goes_before("a:2 b:1@p", &by_cost, true);
    assert_goes_before("a:1 b:1@p", &by_cost, true);
    assert_goes_before("a:1@p b:1", &by_cost, false);
    assert_goes_before("x:1 a:3 b:2@p", &by_cost, true);
}

/* Return the task of `in` that goes first by key and declaration, by linear search. */
static DagTaskId
first_of(const bool *in, const double *keys, size_t n)
{
    DagTaskId first = DAG_TASK_NONE;

    for (DagTaskId id = 0; id < n; id++)
        if (in[id] && (first == DAG_TASK_NONE || keys[id] > keys[first]))
            first = id;
    return first;
}

/* Random keys of both signs: few different ones, so that there are ties, or many. */
static double random_keys[5000];

static void
copy_random_keys(const DagPlan *plan, uint64_t seed, double *key_out)
{
    (void)seed;
    memcpy(key_out, random_keys,
           dag_graph_n_tasks(dag_plan_graph(plan)) * sizeof(*random_keys));
}

static void
test_the_largest_key_goes_first_after_any_changes(void)
{
    static const DagStrategy random = {
        .name = "random", .order = DAG_ORDER_KEY, .keys = copy_random_keys};

    for (Dice seed = 0; seed < 12; seed++) {
        Dice dice = seed;
        uint32_t n = 1 + dice_below(&dice, G_N_ELEMENTS(random_keys));
        g_autofree bool *in = g_new0(bool, n);
        DagBuilder *builder = dag_builder_new();
        Fixture f = {0};
        size_t n_in = 0;

        for (uint32_t id = 0; id < n; id++) {
            g_autofree char *name = g_strdup_printf("t%u", id);

            dag_builder_add_task(builder, &(DagTaskSpec){.name = name});
            random_keys[id] = seed % 2 ? (double)dice_below(&dice, 7) - 3
                                       : (double)(int64_t)dice_next(&dice) / 1e9;
        }
        make_queue(&f, graph_finish(builder, NULL), &random);
        for (uint32_t step = 0; step < 4 * n; step++) {
            DagTaskId id = dice_below(&dice, n);

            if (n_in > 0 && dice_chance(&dice, 40)) {
                id = dag__ready_queue_take(f.queue, 0);
                g_assert_cmpuint(id, ==, first_of(in, random_keys, n));
                in[id] = false;
                n_in--;
            } else if (!in[id]) {
                dag__ready_queue_put_all(f.queue, &id, 1);
                in[id] = true;
                n_in++;
            }
            g_assert_cmpuint(dag__ready_queue_length(f.queue, 0), ==, n_in);
        }
        end(&f);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ready-queue/each-order-matches-its-name",
                    test_each_order_matches_its_name);
    g_test_add_func("/ready-queue/priorities-come-first", test_priorities_come_first);
    g_test_add_func("/ready-queue/equal-keys-go-to-the-task-declared-first",
                    test_equal_keys_go_to_the_task_declared_first);
    g_test_add_func("/ready-queue/a-later-task-is-inserted-by-its-key",
                    test_a_later_task_is_inserted_by_its_key);
    g_test_add_func("/ready-queue/a-returned-task-is-at-the-front",
                    test_a_returned_task_is_at_the_front);
    g_test_add_func("/ready-queue/a-returned-task-is-at-the-front-of-its-priority",
                    test_a_returned_task_is_at_the_front_of_its_priority);
    g_test_add_func("/ready-queue/a-ring-that-has-wrapped-around-grows-in-order",
                    test_a_ring_that_has_wrapped_around_grows_in_order);
    g_test_add_func("/ready-queue/keys-may-be-any-numbers", test_keys_may_be_any_numbers);
    g_test_add_func("/ready-queue/the-first-of-all-classes-goes-before-the-others",
                    test_the_first_of_all_classes_goes_before_the_others);
    g_test_add_func("/ready-queue/the-largest-key-goes-first-after-any-changes",
                    test_the_largest_key_goes_first_after_any_changes);
    return g_test_run();
}
