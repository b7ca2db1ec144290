/* SPDX-License-Identifier: MIT */
/*
 * Rates of pools: the bucket, the ready set, the simulator, and the bounds.
 */
#include "ready/bucket.h"
#include "ready/ready-set.h"

#include "dice.h"
#include "gate.h"
#include "simulate-case.h"

#include <dagrun/duration.h>
#include <dagrun/engine.h>
#include <dagrun/execute.h>
#include <dagrun/verify.h>

#define MINUTE_NS (60 * SECOND_NS)

static void
test_tokens_come_at_the_rate(void)
{
    DagPool pool = {.rate = {60, MINUTE_NS}, .burst = 2};
    Bucket bucket = dag__bucket_of(pool.rate, pool.burst);

    g_assert_cmpint(dag__bucket_next_ns(&bucket, 0, 2), ==, 0);
    dag__bucket_take(&bucket, 0, 2);
    g_assert_cmpint(dag__bucket_next_ns(&bucket, 0, 1), ==, SECOND_NS);
    dag__bucket_take(&bucket, SECOND_NS, 1);
    g_assert_cmpint(dag__bucket_next_ns(&bucket, SECOND_NS, 2), ==, 3 * SECOND_NS);
    /* No more than the burst, however long nothing starts. */
    dag__bucket_take(&bucket, 100 * SECOND_NS, 2);
    g_assert_cmpint(dag__bucket_next_ns(&bucket, 100 * SECOND_NS, 1), ==, 101 * SECOND_NS);
    dag__bucket_give_back(&bucket, bucket.at_ns, 1);
    g_assert_cmpint(dag__bucket_next_ns(&bucket, 100 * SECOND_NS, 1), ==, 100 * SECOND_NS);
    /* That nothing was left two seconds ago changes nothing; that nothing is left now does. */
    dag__bucket_lower(&bucket, 98 * SECOND_NS, 0);
    g_assert_cmpint(dag__bucket_next_ns(&bucket, 100 * SECOND_NS, 1), ==, 100 * SECOND_NS);
    dag__bucket_lower(&bucket, 101 * SECOND_NS, 0);
    g_assert_cmpint(dag__bucket_next_ns(&bucket, 101 * SECOND_NS, 1), ==, 102 * SECOND_NS);
}

static void
test_a_third_of_a_nanosecond_is_not_lost(void)
{
    DagPool pool = {.rate = {3, 1}, .burst = 1}; /* 3 a nanosecond: 1/3 ns each */
    DagPool slow = {.rate = {3, 10}, .burst = 1};
    Bucket bucket = dag__bucket_of(pool.rate, pool.burst);
    int64_t ns = 0;

    dag__bucket_take(&bucket, 0, 1);
    g_assert_cmpint(dag__bucket_next_ns(&bucket, 0, 1), ==, 1); /* rounded up */
    bucket = dag__bucket_of(slow.rate, slow.burst);
    dag__bucket_take(&bucket, 0, 1);
    g_assert_cmpint(dag__bucket_next_ns(&bucket, 0, 1), ==, 4);
    /* A full bucket loses what comes; with a burst of 2, nothing is lost. */
    slow.burst = 2;
    bucket = dag__bucket_of(slow.rate, slow.burst);
    for (int i = 0; i < 3002; i++) {
        ns = dag__bucket_next_ns(&bucket, ns, 1);
        dag__bucket_take(&bucket, ns, 1);
    }
    g_assert_cmpint(ns, ==, 10000);
}

static void
test_an_amount_above_the_burst_needs_a_full_bucket(void)
{
    DagPool pool = {.rate = {10, SECOND_NS}, .burst = 10};
    Bucket bucket = dag__bucket_of(pool.rate, pool.burst);

    dag__bucket_take(&bucket, 0, 1);
    g_assert_cmpint(dag__bucket_next_ns(&bucket, 0, 25), ==, SECOND_NS / 10);
    dag__bucket_take(&bucket, SECOND_NS, 25);
    /* 15 are lacking. */
    g_assert_cmpint(dag__bucket_next_ns(&bucket, SECOND_NS, 1), ==,
                    SECOND_NS + 16 * (SECOND_NS / 10));
}

static void
test_a_closed_bucket_reopens_empty(void)
{
    DagPool pool = {.rate = {10, SECOND_NS}, .burst = 10}, free_pool = {.slots = 1};
    Bucket bucket = dag__bucket_of(pool.rate, pool.burst);

    dag__bucket_close(&bucket, 5 * SECOND_NS);
    dag__bucket_close(&bucket, 3 * SECOND_NS); /* does not open it earlier */
    g_assert_cmpint(dag__bucket_next_ns(&bucket, SECOND_NS, 1), ==,
                    5 * SECOND_NS + SECOND_NS / 10);
    bucket = dag__bucket_of(free_pool.rate, free_pool.burst);
    dag__bucket_close(&bucket, 5 * SECOND_NS);
    g_assert_cmpint(dag__bucket_next_ns(&bucket, SECOND_NS, 1), ==, 5 * SECOND_NS);
    g_assert_cmpint(dag__bucket_next_ns(&bucket, 9 * SECOND_NS, 1), ==, 9 * SECOND_NS);
}

static void
test_the_largest_numbers_fit(void)
{
    DagPool pool = {.rate = {UINT32_MAX, INT64_MAX}, .burst = UINT32_MAX};
    Bucket bucket = dag__bucket_of(pool.rate, pool.burst);

    dag__bucket_take(&bucket, 0, UINT32_MAX);
    g_assert_cmpint(dag__bucket_next_ns(&bucket, 0, 1), ==, INT64_C(2147483649));
    g_assert_cmpint(dag__bucket_next_ns(&bucket, 0, UINT32_MAX), ==, INT64_MAX);
}

/* Against the definition: at most burst + rate x w within any time w, and never later than needed. */
static void
test_no_window_has_more_than_the_rate(void)
{
    Dice dice = 7;

    for (int round = 0; round < 200; round++) {
        DagPool pool = {.rate = {1 + dice_below(&dice, 9), 1 + dice_below(&dice, 50)},
                        .burst = 1 + dice_below(&dice, 5)};
        Bucket bucket = dag__bucket_of(pool.rate, pool.burst);
        int64_t starts[60], now = 0;

        for (int i = 0; i < 60; i++) {
            now += dice_below(&dice, 4) == 0 ? dice_below(&dice, 60) : 0;
            starts[i] = dag__bucket_next_ns(&bucket, now, 1);
            dag__bucket_take(&bucket, starts[i], 1);
            bool could_be_earlier = starts[i] > now;

            for (int j = 0; j <= i; j++) {
                int64_t most = pool.burst * pool.rate.period_ns +
                               pool.rate.count * (starts[i] - starts[j]);
                int64_t used = (i - j + 1) * pool.rate.period_ns;

                g_assert_cmpint(used, <=, most);
                could_be_earlier &= used <= most - pool.rate.count;
            }
            g_assert_false(could_be_earlier);
            now = starts[i];
        }
    }
}

/* Return the simulation of a graph with the pools "r" (one a second), "t" (two in 10 s, both at once)
 * and "p" (1 slot). */
static Case
rated(const char *words, DagSimulateOptions options)
{
    DagBuilder *builder = builder_of(words, NULL, NULL);

    dag_builder_add_pool(builder,
                         &(DagPoolSpec){.name = "r", .rate = {60, MINUTE_NS}, .burst = 1});
    dag_builder_add_pool(
        builder, &(DagPoolSpec){.name = "t", .rate = {2, 10 * SECOND_NS}, .burst = 2});
    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "p", .slots = 1});

    Case it = case_finish(builder);

    it.run = simulate(it.plan, options);
    return it;
}

static void
test_starts_wait_for_the_rate(void)
{
    g_auto(Case) it =
        rated("a:0.5@r b:0.5@r c:3@r d:0.5@r", (DagSimulateOptions){.n_workers = 9});

    assert_ran(&it, "a", 0, 0.5);
    assert_ran(&it, "b", 1, 1.5);
    assert_ran(&it, "c", 2, 5);
    assert_ran(&it, "d", 3, 3.5);
}

static void
test_a_burst_starts_at_once(void)
{
    g_auto(Case) it =
        rated("a:1@t b:1@t c:1@t d:1@t", (DagSimulateOptions){.n_workers = 9});

    assert_ran(&it, "a", 0, 1);
    assert_ran(&it, "b", 0, 1);
    assert_ran(&it, "c", 5, 6);
    assert_ran(&it, "d", 10, 11);
}

static void
test_other_tasks_go_on(void)
{
    /* One worker: it does not wait with b for its token. */
    g_auto(Case) it =
        rated("a:0.25@r b:0.25@r c:0.5 d:0.25", (DagSimulateOptions){.n_workers = 1});

    assert_ran(&it, "a", 0, 0.25);
    assert_ran(&it, "c", 0.25, 0.75);
    assert_ran(&it, "d", 0.75, 1);
    assert_ran(&it, "b", 1, 1.25);
}

static void
test_the_priority_decides_who_gets_the_token(void)
{
    g_auto(Case) it =
        rated("a:0.5!3@r b:0.5@r c:0.5!2@r", (DagSimulateOptions){.n_workers = 9});

    assert_ran(&it, "a", 0, 0.5);
    assert_ran(&it, "c", 1, 1.5);
    assert_ran(&it, "b", 2, 2.5);
}

static void
test_a_task_that_waits_for_a_token_holds_no_slot(void)
{
    /* b has to wait for "r" until 1 s, and c has the only slot of "p" meanwhile. */
    g_auto(Case) it =
        rated("a:0.1@r b:0.1@r+p c:0.5@p d:0.1@p", (DagSimulateOptions){.n_workers = 9});

    assert_ran(&it, "c", 0, 0.5);
    assert_ran(&it, "d", 0.5, 0.6);
    assert_ran(&it, "b", 1, 1.1);
}

static void
test_tokens_are_lent_if_they_are_back_in_time(void)
{
    /* x waits for "r" until 1 s.  Its token of "t", at 1 s, is kept: c takes the other one. */
    g_auto(Case) it =
        rated("a:0.1@r x:0.1@r+t c:0.1@t d:0.1@t", (DagSimulateOptions){.n_workers = 9});

    assert_ran(&it, "c", 0, 0.1);
    assert_ran(&it, "x", 1, 1.1);
    assert_ran(&it, "d", 5, 5.1);

    /* Here it is "t" for which x waits, until 10 s: the tokens of "r" are back by then. */
    g_auto(Case) other = rated("a:0.1@t b:0.1@t c:0.1@t x:0.1@r+t d:0.1@r e:0.1@r",
                               (DagSimulateOptions){.n_workers = 9});

    assert_ran(&other, "d", 0, 0.1);
    assert_ran(&other, "e", 1, 1.1);
    assert_ran(&other, "c", 5, 5.1);
    assert_ran(&other, "x", 10, 10.1);
}

static DagSimulatedAttempt
fail_once(const DagPlan *plan, DagTaskId id, unsigned attempt, void *data)
{
    (void)plan;
    (void)id;
    (void)data;
    return (DagSimulatedAttempt){.seconds = 0.1,
                                 .outcome = attempt == 1 ? DAG_FAILED : DAG_SUCCEEDED,
                                 .exit_code = attempt == 1};
}

static void
test_a_retry_takes_a_token(void)
{
    DagBuilder *builder = dag_builder_new();

    dag_builder_add_pool(
        builder, &(DagPoolSpec){.name = "r", .rate = {1, 10 * SECOND_NS}, .burst = 1});
    dag_builder_add_task(builder,
                         &(DagTaskSpec){.name = "a",
                                        .uses = "r",
                                        .policy = {.retries = 1, .retry_delay_ns = 1}});

    g_auto(Case) it = case_finish(builder);

    it.run = simulate(it.plan, (DagSimulateOptions){.n_workers = 1, .attempt = fail_once});
    assert_ran(&it, "a", 0, 10.1);
    g_assert_cmpuint(dag_run_record(it.run, 0).n_attempts, ==, 2);
}

static void
test_a_settled_task_takes_no_token(void)
{
    DagBuilder *builder = dag_builder_new();
    ReadySet *ready;

    dag_builder_add_pool(
        builder, &(DagPoolSpec){.name = "r", .rate = {1, 10 * SECOND_NS}, .burst = 1});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "a", .uses = "r"});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "b", .uses = "r"});

    g_auto(Case) it = case_finish(builder);

    ready = dag__ready_set_new(it.plan,
                               &(ReadyOptions){.strategy = dag_strategy_find("dataflow"),
                                               .machine = {.n_workers = 2}});
    dag__ready_begin(ready);
    g_assert_cmpuint(dag__ready_next(ready, DAG_OCCUPIES_WORKER, 0), ==, 0);
    g_assert_cmpuint(dag__ready_next(ready, DAG_OCCUPIES_WORKER, 0), ==, DAG_TASK_NONE);
    dag__ready_settle(ready, 0);
    g_assert_cmpuint(dag__ready_next(ready, DAG_OCCUPIES_WORKER, 0), ==, 1);
    dag__ready_end(ready, 1, DAG_SUCCEEDED);
    g_assert_true(dag__ready_is_done(ready));
    dag__ready_set_free(ready);
}

static void
test_the_default_burst_is_that_of_a_second(void)
{
    static const struct {
        DagRate rate;
        uint32_t burst;
    } cases[] = {
        {{60, MINUTE_NS}, 1},
        {{61, MINUTE_NS}, 2},
        {{50, INT64_C(24) * 60 * MINUTE_NS}, 1},
        {{100, SECOND_NS}, 100},
        {{1, 1000000}, 1000},
        {{UINT32_MAX, 1}, UINT32_MAX},
        {{1, INT64_MAX}, 1},
        {{3, 2 * SECOND_NS}, 2},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        DagBuilder *builder = dag_builder_new();
        size_t n;

        dag_builder_add_pool(builder, &(DagPoolSpec){.name = "r", .rate = cases[i].rate});

        g_autoptr(DagGraph) graph = graph_finish(builder, NULL);

        g_assert_cmpuint(dag_graph_pools(graph, &n)[0].burst, ==, cases[i].burst);
        g_assert_cmpuint(dag_graph_pools(graph, &n)[0].slots, ==, 0);
    }
}

static void
test_the_rate_is_a_bound(void)
{
    g_auto(Case) it =
        rated("a:2@r b:0.5@r c:2@r d:2@r e:9", (DagSimulateOptions){.n_workers = 9});
    double costs[] = {2, 0.5, 2, 2, 1};
    DagBound bound = dag_plan_bound(it.plan, &(DagMachine){9, 9}, costs);

    /* The last of four starts after 3 s, and takes 0.5 s or more. */
    g_assert_cmpint(bound.cause, ==, DAG_BOUND_RATE);
    g_assert_cmpuint(bound.pool, ==, 0);
    g_assert_cmpfloat(bound.duration, ==, 3.5);
    g_assert_cmpfloat(dag_plan_bound_by_phase(it.plan, &(DagMachine){9, 9}, costs), ==,
                      3.5);
    costs[4] = 9;
    bound = dag_plan_bound(it.plan, &(DagMachine){9, 9}, costs);
    g_assert_cmpint(bound.cause, ==, DAG_BOUND_CHAIN);
}

static void
test_too_many_starts_are_found(void)
{
    g_auto(Case) it =
        rated("a:0.5@r b:0.5@r c:0.5@r", (DagSimulateOptions){.n_workers = 9});
    g_autoptr(DagPastRun) past = dag_past_run_of(it.run);
    DagPastTask *b = dag_past_run_task(past, 1);
    DagPastAttempt *attempts =
        &g_array_index(past->attempts, DagPastAttempt, b->first_attempt);

    b->start_ns -= 3;
    attempts[0].start_ns -= 3;

    g_autoptr(DagVerdict) verdict = dag_verify(it.plan, past, 0);
    bool was_found = false;

    for (guint i = 0; i < verdict->findings->len; i++) {
        DagFinding *finding = &g_array_index(verdict->findings, DagFinding, i);

        if (finding->rule == DAG_RULE_RATE)
            g_assert_cmpstr(
                finding->text, ==,
                "task \"b\" started at 0.999999997 s, sooner than the rate of the pool "
                "\"r\" allows");
        was_found |= finding->rule == DAG_RULE_RATE;
    }
    g_assert_true(was_found);
}

/* How often the next jobs are to wait, and how long; on the I/O thread. */
static struct {
    unsigned n_left;
    int64_t ns;
} waits;

/* A connection kind whose first requests are answered with "later". */
static void
start_request(DagJob *job, const void *config)
{
    (void)config;
    if (waits.n_left == 0) {
        dag_job_finish(job, DAG_SUCCEEDED);
        return;
    }
    waits.n_left--;
    dag_job_wait(job, "llm", dag_clock_ns() + waits.ns);
}

static void
cancel_request(DagJob *job, DagCancelLevel level)
{
    (void)job;
    (void)level;
}

static const DagKind request = {.name = "request",
                                .occupies = DAG_OCCUPIES_CONNECTION,
                                .start = start_request,
                                .cancel = cancel_request};

static DagOutcome
fail(DagContext *context, const void *config)
{
    (void)context;
    (void)config;
    return DAG_FAILED;
}

static const DagKind failing = {.name = "failing", .run = fail};

static void
count_withdrawn(const DagEvent *event, void *data)
{
    *(unsigned *)data += event->type == DAG_EVENT_ATTEMPT_WITHDRAWN;
}

static DagRun *
run_requests(Case *it, const char *words, DagRate rate, const DagKind *other,
             unsigned *n_withdrawn)
{
    DagBuilder *builder = builder_of(words, &request, NULL);
    DagObserver observer = {.notify = count_withdrawn, .data = n_withdrawn};

    dag_builder_add_pool(
        builder,
        &(DagPoolSpec){.name = "llm", .slots = 1, .rate = rate, .burst = rate.count > 0});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "other", .kind = other});
    *it = case_finish(builder);
    it->run =
        execute(it->plan, &(DagExecuteOptions){.strategy = dag_strategy_find("dataflow"),
                                               .observers = &observer,
                                               .n_observers = 1});
    assert_verified(it->run);
    return it->run;
}

static void
test_a_job_closes_its_pool(void)
{
    unsigned n_withdrawn = 0;
    g_auto(Case) it = {0};

    waits.n_left = 2;
    waits.ns = 20000000;
    run_requests(&it, "a@llm b@llm", (DagRate){0}, NULL, &n_withdrawn);
    g_assert_true(dag_run_succeeded(it.run));
    g_assert_cmpuint(n_withdrawn, ==, 2);
    g_assert_cmpuint(record_of(&it, "a").n_attempts, ==, 1);
    /* Twice, since it goes first again; the task without the pool did not wait. */
    g_assert_cmpint(record_of(&it, "a").start_ns, >=, 2 * waits.ns);
    g_assert_cmpint(record_of(&it, "b").start_ns, >=, record_of(&it, "a").end_ns);
    g_assert_cmpint(record_of(&it, "other").end_ns, <, record_of(&it, "a").start_ns);
}

static void
test_a_rate_begins_anew_when_its_pool_reopens(void)
{
    unsigned n_withdrawn = 0;
    g_auto(Case) it = {0};

    waits.n_left = 1;
    waits.ns = 10000000;
    run_requests(&it, "a@llm b@llm", (DagRate){100, SECOND_NS}, NULL, &n_withdrawn);
    g_assert_true(dag_run_succeeded(it.run));
    g_assert_cmpint(record_of(&it, "a").start_ns, >=, 20000000);
    g_assert_cmpint(record_of(&it, "b").start_ns, >=,
                    record_of(&it, "a").start_ns + 10000000);
}

static void
test_a_stop_ends_the_wait(void)
{
    unsigned n_withdrawn = 0;
    g_auto(Case) it = {0};

    waits.n_left = 9;
    waits.ns = 3600 * SECOND_NS;
    run_requests(&it, "a@llm b@llm", (DagRate){0}, &failing, &n_withdrawn);
    g_assert_cmpuint(n_withdrawn, <=, 1); /* 0 if the failure came first */
    assert_ended(&it, "a", DAG_CANCELLED);
    assert_ended(&it, "b", DAG_CANCELLED);
    assert_ended(&it, "other", DAG_FAILED);
}

/* Random graphs: dag_verify() checks the rates by code of its own, and that no bound is above the
 * makespan. */
static void
test_random_graphs_keep_their_rates(void)
{
    Dice dice = 11;
    size_t n_strategies;

    for (n_strategies = 0; dag_strategies()[n_strategies]; n_strategies++)
        continue;
    for (int round = 0; round < 150; round++) {
        static const char *const uses[] = {"", "@r", "@t", "@r+p", "@t+p", "@r+t"};
        g_autoptr(GString) words = g_string_new(NULL);

        for (unsigned i = 0; i < 12; i++) {
            g_string_append_printf(words, "t%u", i);
            if (i > 0 && dice_chance(&dice, 40))
                g_string_append_printf(words, "<t%u", (unsigned)dice_below(&dice, i));
            g_string_append_printf(words, ":%u.%u%s ", (unsigned)dice_below(&dice, 4),
                                   (unsigned)dice_below(&dice, 10),
                                   uses[dice_below(&dice, G_N_ELEMENTS(uses))]);
        }

        g_auto(Case) it = rated(
            words->str,
            (DagSimulateOptions){
                .n_workers = 1 + (unsigned)dice_below(&dice, 4),
                .strategy = dag_strategies()[dice_below(&dice, (uint32_t)n_strategies)],
                .budget_ns = 1000000});

        g_assert_true(dag_run_succeeded(it.run));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rates/tokens-come-at-the-rate", test_tokens_come_at_the_rate);
    g_test_add_func("/rates/a-third-of-a-nanosecond-is-not-lost",
                    test_a_third_of_a_nanosecond_is_not_lost);
    g_test_add_func("/rates/an-amount-above-the-burst-needs-a-full-bucket",
                    test_an_amount_above_the_burst_needs_a_full_bucket);
    g_test_add_func("/rates/a-closed-bucket-reopens-empty",
                    test_a_closed_bucket_reopens_empty);
    g_test_add_func("/rates/the-largest-numbers-fit", test_the_largest_numbers_fit);
    g_test_add_func("/rates/no-window-has-more-than-the-rate",
                    test_no_window_has_more_than_the_rate);
    g_test_add_func("/rates/starts-wait-for-the-rate", test_starts_wait_for_the_rate);
    g_test_add_func("/rates/a-burst-starts-at-once", test_a_burst_starts_at_once);
    g_test_add_func("/rates/other-tasks-go-on", test_other_tasks_go_on);
    g_test_add_func("/rates/the-priority-decides-who-gets-the-token",
                    test_the_priority_decides_who_gets_the_token);
    g_test_add_func("/rates/a-task-that-waits-for-a-token-holds-no-slot",
                    test_a_task_that_waits_for_a_token_holds_no_slot);
    g_test_add_func("/rates/tokens-are-lent-if-they-are-back-in-time",
                    test_tokens_are_lent_if_they_are_back_in_time);
    g_test_add_func("/rates/a-retry-takes-a-token", test_a_retry_takes_a_token);
    g_test_add_func("/rates/a-settled-task-takes-no-token",
                    test_a_settled_task_takes_no_token);
    g_test_add_func("/rates/the-default-burst-is-that-of-a-second",
                    test_the_default_burst_is_that_of_a_second);
    g_test_add_func("/rates/the-rate-is-a-bound", test_the_rate_is_a_bound);
    g_test_add_func("/rates/too-many-starts-are-found", test_too_many_starts_are_found);
    g_test_add_func("/rates/a-job-closes-its-pool", test_a_job_closes_its_pool);
    g_test_add_func("/rates/a-rate-begins-anew-when-its-pool-reopens",
                    test_a_rate_begins_anew_when_its_pool_reopens);
    g_test_add_func("/rates/a-stop-ends-the-wait", test_a_stop_ends_the_wait);
    g_test_add_func("/rates/random-graphs-keep-their-rates",
                    test_random_graphs_keep_their_rates);
    return g_test_run();
}
