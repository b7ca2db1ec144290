/* SPDX-License-Identifier: MIT */
/*
 * Tokens of pools: the ready set, the simulator, and the budget of a run.
 */
#include "run/spending.h"

#include "ready-set-case.h"
#include "simulate-case.h"

/* Add a task that uses the pool "llm"; its cost is 0.5 s. */
static void
add_task(DagBuilder *builder, const char *name, uint32_t tokens)
{
    dag_builder_add_task(builder, &(DagTaskSpec){.name = name,
                                                 .uses = "llm",
                                                 .cost = 0.5,
                                                 .policy = {.tokens = tokens}});
}

/* Return a builder with the pool "llm", of 1000 tokens in 10 s: 100 a second. */
static DagBuilder *
builder_with_pool(void)
{
    DagBuilder *builder = dag_builder_new();

    dag_builder_add_pool(builder,
                         &(DagPoolSpec){.name = "llm", .tokens = {1000, 10 * SECOND_NS}});
    return builder;
}

static void
test_starts_wait_for_their_tokens(void)
{
    DagBuilder *builder = builder_with_pool();

    add_task(builder, "a", 600);
    add_task(builder, "b", 600);
    add_task(builder, "c", 100); /* behind b */
    add_task(builder, "d", 5000);
    add_task(builder, "e", 1);

    g_auto(Case) it = case_finish(builder);

    it.run = simulate(it.plan, (DagSimulateOptions){.n_workers = 9});
    assert_ran(&it, "a", 0, 0.5);
    assert_ran(&it, "b", 2, 2.5);
    assert_ran(&it, "c", 3, 3.5);
    /* More than the pool ever has: when it is full, and the next one when the lack is made up for. */
    assert_ran(&it, "d", 13, 13.5);
    assert_ran(&it, "e", 53.01, 53.51);
}

static void
test_a_task_without_an_estimate_has_the_default(void)
{
    DagBuilder *builder = builder_with_pool();

    add_task(builder, "a", 0);
    add_task(builder, "b", 76);

    g_auto(Case) it = case_finish(builder);

    g_assert_cmpuint(dag_graph_task_tokens(it.graph, 0), ==, 1024);
    it.run = simulate(it.plan, (DagSimulateOptions){.n_workers = 9});
    assert_ran(&it, "a", 0, 0.5);
    assert_ran(&it, "b", 1, 1.5); /* 24 of the lack, and 76 */
}

/* Begin a ready set of the tasks "a", "b" and "c", with 400 tokens each, of 1000 in 10 s. */
static void
begin_tokens(Fixture *f)
{
    DagBuilder *builder = builder_with_pool();

    add_task(builder, "a", 400);
    add_task(builder, "b", 400);
    add_task(builder, "c", 400);
    *f = (Fixture){.log = g_string_new(NULL)};
    f->graph = graph_finish(builder, NULL);
    f->plan = dag_plan_new(f->graph, DAG_PHASES_JUST_IN_TIME, NULL);
    f->set = dag__ready_set_new(f->plan,
                                &(ReadyOptions){.strategy = dag_strategy_find("dataflow"),
                                                .machine = {.n_workers = 9}});
    dag__ready_begin(f->set);
    assert_takes_at(f, "a", 0);
    assert_takes_at(f, "b", 0);
    g_assert_cmpuint(dag__ready_next(f->set, DAG_OCCUPIES_WORKER, 0), ==, DAG_TASK_NONE);
    g_assert_cmpint(dag__ready_next_ns(f->set), ==, 2 * SECOND_NS);
}

static void
test_the_usage_takes_the_place_of_the_estimate(void)
{
    Fixture f;

    begin_tokens(&f);
    /* It used 100 less than the half of the lack. */
    dag__ready_correct_tokens(f.set, 0, 300);
    succeed(&f, "a");
    g_assert_cmpint(dag__ready_next_ns(f.set), ==, SECOND_NS);
    /* And this one used more. */
    dag__ready_correct_tokens(f.set, 1, 700);
    succeed(&f, "b");
    g_assert_cmpint(dag__ready_next_ns(f.set), ==, 4 * SECOND_NS);
    assert_takes_at(&f, "c", 4 * SECOND_NS);
    end(&f);
}

static void
test_a_better_estimate_is_reserved_or_waited_for(void)
{
    Fixture f;

    begin_tokens(&f);
    g_assert_cmpint(dag__ready_reserve_tokens(f.set, 0, 300, false, 0), ==, 0);
    g_assert_cmpint(dag__ready_next_ns(f.set), ==, SECOND_NS);
    /* 300 are left, and it holds 400 of 800. */
    g_assert_cmpint(dag__ready_reserve_tokens(f.set, 1, 800, false, 0), ==, SECOND_NS);
    dag__ready_correct_tokens(f.set, 1, 0);
    g_assert_true(dag__ready_withdraw(f.set, 1, READY_NO_POOL, 0, 0));
    /* It goes first again, and what it has waited for stands. */
    g_assert_cmpuint(dag__ready_next(f.set, DAG_OCCUPIES_WORKER, 0), ==, DAG_TASK_NONE);
    assert_takes_at(&f, "b", SECOND_NS);
    g_assert_cmpint(dag__ready_reserve_tokens(f.set, 1, 850, false, SECOND_NS), ==,
                    SECOND_NS);
    g_assert_cmpint(dag__ready_next_ns(f.set), ==, 5 * SECOND_NS);
    /* A further question of a running task. */
    g_assert_cmpint(dag__ready_reserve_tokens(f.set, 0, 200, true, SECOND_NS), ==,
                    3 * SECOND_NS);
    g_assert_cmpint(dag__ready_reserve_tokens(f.set, 0, 200, true, 3 * SECOND_NS), ==,
                    3 * SECOND_NS);
    dag__ready_correct_tokens(f.set, 0, 450); /* of 500 */
    succeed(&f, "a b");
    g_assert_cmpint(dag__ready_next_ns(f.set), ==, 6500000000);
    assert_takes_at(&f, "c", 6500000000);
    end(&f);
}

/* Ask for further tokens of the task at `now_s` seconds; they must be there at `when_s`. */
static void
assert_further(Fixture *f, DagTaskId id, uint64_t amount, int64_t now_s, int64_t when_s)
{
    g_assert_cmpint(dag__ready_reserve_tokens(f->set, id, amount, true, now_s * SECOND_NS),
                    ==, when_s * SECOND_NS);
}

static void
assert_takes_nothing_at(Fixture *f, int64_t now_s)
{
    g_assert_cmpuint(dag__ready_next(f->set, DAG_OCCUPIES_WORKER, now_s * SECOND_NS), ==,
                     DAG_TASK_NONE);
}

static void
test_a_further_question_is_not_starved(void)
{
    Fixture f;

    begin_tokens(&f); /* 200 are left, and c waits for 400 */
    assert_further(&f, 0, 600, 0, 4);
    /* Those that come later are behind it, also if they want less. */
    assert_further(&f, 1, 100, 0, 5);
    assert_takes_nothing_at(&f, 2);
    assert_takes_nothing_at(&f, 4);
    assert_further(&f, 0, 600, 4, 4);
    assert_takes_nothing_at(&f, 4);
    assert_further(&f, 1, 100, 5, 5);
    g_assert_cmpint(dag__ready_next_ns(f.set), ==, 9 * SECOND_NS);
    assert_takes_at(&f, "c", 9 * SECOND_NS);
    end(&f);
}

static void
test_a_further_question_larger_than_the_burst_gets_a_full_pool(void)
{
    Fixture f;

    begin_tokens(&f);
    assert_further(&f, 0, 5000, 0, 8);
    assert_takes_nothing_at(&f, 7);
    assert_further(&f, 0, 5000, 8, 8);
    g_assert_cmpint(dag__ready_next_ns(f.set), ==, 52 * SECOND_NS);
    end(&f);
}

static void
test_a_better_estimate_waits_for_claims(void)
{
    Fixture f;

    begin_tokens(&f);
    assert_further(&f, 0, 600, 0, 4);
    g_assert_cmpint(dag__ready_reserve_tokens(f.set, 1, 500, false, 0), ==, 5 * SECOND_NS);
    dag__ready_correct_tokens(f.set, 1, 0);
    g_assert_true(dag__ready_withdraw(f.set, 1, READY_NO_POOL, 0, 0));
    assert_takes_nothing_at(&f, 1);
    assert_further(&f, 0, 600, 1, 1);
    assert_takes_nothing_at(&f, 4);
    assert_takes_at(&f, "b", 5 * SECOND_NS);
    end(&f);
}

static void
test_a_claim_ends_with_its_task(void)
{
    Fixture f;

    begin_tokens(&f);
    assert_further(&f, 0, 600, 0, 4);
    assert_further(&f, 1, 100, 0, 5);
    dag__ready_correct_tokens(f.set, 0, 400);
    succeed(&f, "a");
    assert_further(&f, 1, 100, 0, 0);
    assert_takes_at(&f, "c", 3 * SECOND_NS);
    end(&f);
}

static void
test_an_estimate_below_what_is_held_never_waits(void)
{
    Fixture f;

    begin_tokens(&f);
    dag__ready_correct_tokens(f.set, 0, 2000);
    succeed(&f, "a");
    g_assert_cmpint(dag__ready_reserve_tokens(f.set, 1, 300, false, 0), ==, 0);
    end(&f);
}

static void
test_a_closed_pool_stays_empty_if_tokens_come_back(void)
{
    Fixture f;

    begin_tokens(&f);
    dag__ready_correct_tokens(f.set, 0, 0);
    g_assert_true(dag__ready_withdraw(f.set, 0, 0, 0, 10 * SECOND_NS));
    dag__ready_correct_tokens(f.set, 1, 0); /* 400 of before */
    succeed(&f, "b");
    assert_takes_at(&f, "a", 14 * SECOND_NS);
    end(&f);
}

static void
test_a_settled_task_gives_its_tokens_back(void)
{
    Fixture f;

    begin_tokens(&f);
    dag__ready_settle(f.set, 1);
    assert_takes_at(&f, "c", 0);
    end(&f);
}

static void
test_a_budget_counts_what_is_reserved(void)
{
    Budget budget = {.max_tokens = 100, .max_cost = 0.3};
    const DagReservation question = {.tokens = 30, .has_cost = true, .cost = 0.1};
    Spending a = {0}, b = {0}, c = {0}, d = {0};
    Traffic traffic = {.has_usage = true,
                       .usage = {.input = 5, .output = 15, .cost = 0.05}};
    g_autofree char *tokens = NULL, *money = NULL, *unknown = NULL;

    g_assert_null(dag__budget_reserve(&budget, &question, &a));
    g_assert_null(dag__budget_reserve(&budget, &question, &b));
    dag__budget_settle(&budget, &a, &traffic);
    g_assert_null(dag__budget_reserve(&budget, &question, &c)); /* 20 + 30 + 30 of 100 */
    tokens = dag__budget_reserve(&budget, &question, &d);
    g_assert_cmpstr(tokens, ==,
                    "the budget of 100 tokens is used up: 20 are spent, 60 reserved by "
                    "questions under way, and this one may use 30");
    money = dag__budget_reserve(
        &budget, &(DagReservation){.tokens = 20, .has_cost = true, .cost = 0.06}, &d);
    g_assert_cmpstr(money, ==,
                    "the budget of 0.3 is used up: 0.05 is spent, 0.2 reserved by "
                    "questions under way, and this one may cost 0.06");
    unknown = dag__budget_reserve(&budget, &(DagReservation){.tokens = 1}, &d);
    g_assert_nonnull(strstr(unknown, "no prices"));
    g_assert_cmpuint(d.tokens, ==, 0);
    dag__budget_settle(&budget, &b, &traffic);
    dag__budget_settle(&budget, &c, NULL);
    g_assert_cmpuint(budget.spent.tokens, ==, 40);
    g_assert_cmpuint(budget.reserved.tokens, ==, 0);
    g_assert_cmpfloat_with_epsilon(budget.spent.cost, 0.1, 1e-12);
}

static void
test_the_largest_counts_are_not_too_large(void)
{
    Budget budget = {.max_tokens = 100};
    const DagReservation question = {.tokens = 30};
    const uint64_t most = INT64_MAX;
    Traffic traffic = {.usage = {.input = most, .output = most}};
    DagTraffic sums = {0};
    Spending of_job = {0};

    traffic.has_usage = true;
    traffic.requests = g_array_new(FALSE, FALSE, sizeof(DagRequest));
    for (int i = 0; i < 3; i++) {
        dag__budget_settle(&budget, &of_job, &traffic);
        dag__traffic_count(&sums, &traffic);
    }
    g_array_unref(traffic.requests);
    g_assert_cmpuint(budget.spent.tokens, ==, most);
    g_assert_cmpuint(sums.usage.output, ==, most);

    g_autofree char *problem = dag__budget_reserve(&budget, &question, &of_job);

    g_assert_nonnull(problem);
}

static void
test_a_budget_of_three_tenths_has_room_for_three(void)
{
    Budget budget = {.max_cost = 0.3};
    const DagReservation question = {.has_cost = true, .cost = 0.1};
    Spending of_job = {0};

    for (int i = 0; i < 3; i++)
        g_assert_null(dag__budget_reserve(&budget, &question, &of_job));

    g_autofree char *problem = dag__budget_reserve(&budget, &question, &of_job);

    g_assert_nonnull(problem);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tokens/simulated/wait", test_starts_wait_for_their_tokens);
    g_test_add_func("/tokens/simulated/default",
                    test_a_task_without_an_estimate_has_the_default);
    g_test_add_func("/tokens/ready-set/usage",
                    test_the_usage_takes_the_place_of_the_estimate);
    g_test_add_func("/tokens/ready-set/reserve",
                    test_a_better_estimate_is_reserved_or_waited_for);
    g_test_add_func("/tokens/ready-set/further", test_a_further_question_is_not_starved);
    g_test_add_func("/tokens/ready-set/further-burst",
                    test_a_further_question_larger_than_the_burst_gets_a_full_pool);
    g_test_add_func("/tokens/ready-set/better", test_a_better_estimate_waits_for_claims);
    g_test_add_func("/tokens/ready-set/further-ends", test_a_claim_ends_with_its_task);
    g_test_add_func("/tokens/ready-set/less",
                    test_an_estimate_below_what_is_held_never_waits);
    g_test_add_func("/tokens/ready-set/closed",
                    test_a_closed_pool_stays_empty_if_tokens_come_back);
    g_test_add_func("/tokens/ready-set/settle", test_a_settled_task_gives_its_tokens_back);
    g_test_add_func("/tokens/budget/reserved", test_a_budget_counts_what_is_reserved);
    g_test_add_func("/tokens/budget/largest", test_the_largest_counts_are_not_too_large);
    g_test_add_func("/tokens/budget/rounding",
                    test_a_budget_of_three_tenths_has_room_for_three);
    return g_test_run();
}
