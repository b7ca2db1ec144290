/* SPDX-License-Identifier: MIT */
/*
 * Batches of tiny tasks: taking several tasks at once, and chains.
 */
#include "run/tiny/batch.h"

#include "ready-set-case.h"

/* Take a batch of up to `share` ready tasks, and assert its content, with "|" before the chain. */
static void
assert_takes_batch(Fixture *f, Batch *batch, unsigned share, const char *expected)
{
    g_autoptr(GString) names = g_string_new(NULL);

    g_assert_cmpuint(dag__batch_n_ready(f->set), >, 0);
    dag__batch_take(f->set, batch, share, BATCH_SIZE);
    for (unsigned i = 0; i < batch->n; i++)
        g_string_append_printf(names, "%s%s%s", i > 0 ? " " : "",
                               i == batch->n_taken ? "| " : "",
                               dag_graph_task_name(f->graph, batch->ids[i]));
    g_assert_cmpstr(names->str, ==, expected);
}

static void
test_returned_tasks_are_taken_again_in_the_same_order(void)
{
    static const char *const strategies[] = {"phases", "dataflow", "depth-first", "random"};

    for (size_t i = 0; i < G_N_ELEMENTS(strategies); i++) {
        Fixture f;
        Batch batch;

        begin(&f, "a b c d", strategies[i], false);
        g_assert_cmpuint(dag__batch_n_ready(f.set), ==, 4);
        dag__batch_take(f.set, &batch, 4, BATCH_SIZE);
        g_assert_cmpuint(batch.n, ==, 4);
        dag__batch_succeed(f.set, &batch, 1);
        dag__batch_end(f.set, &batch, 1, true);
        g_assert_cmpuint(dag__batch_n_ready(f.set), ==, 3);
        for (int k = 1; k < 4; k++)
            g_assert_cmpuint(dag__ready_next(f.set, DAG_OCCUPIES_WORKER, 0), ==,
                             batch.ids[k]);
        end(&f);
    }
}

static void
test_a_chain_is_taken_as_a_whole(void)
{
    static const char *const strategies[] = {"dataflow", "depth-first", "critical-path"};

    for (size_t i = 0; i < G_N_ELEMENTS(strategies); i++) {
        Fixture f;
        Batch batch;

        begin(&f, "a b<a c<b d<c", strategies[i], false);
        assert_takes_batch(&f, &batch, 1, "a | b c d");
        assert_waits(&f);
        dag__batch_succeed(f.set, &batch, 4);
        dag__batch_end(f.set, &batch, 4, true);
        assert_done(&f, "");
        end(&f);
    }
}

static void
test_a_barrier_divides_a_chain(void)
{
    Fixture f;
    Batch batch;

    begin(&f, "a b<a c<b", "phases", false);
    assert_takes_batch(&f, &batch, 1, "a");
    end(&f);
}

static void
test_a_batch_leaves_tasks_that_other_workers_could_run(void)
{
    static const char *const strategies[] = {"dataflow", "depth-first", "critical-path"};

    for (size_t i = 0; i < G_N_ELEMENTS(strategies); i++) {
        Fixture f;
        Batch batch;

        begin(&f, "a b<a c<a d<b", strategies[i], false);
        assert_takes_batch(&f, &batch, 1, "a");
        end(&f);
        begin(&f, "a:9 x b<a", strategies[i], false);
        assert_takes_batch(&f, &batch, 1, i == 1 ? "x" : "a");
        end(&f);
        begin(&f, "a:9 x b<a c<x", strategies[i], false);
        assert_takes_batch(&f, &batch, 2, i == 1 ? "x a" : "a x");
        end(&f);
    }
}

static void
test_a_chain_ends_before_a_task_with_another_predecessor(void)
{
    Fixture f;
    Batch batch;

    begin(&f, "x a b<a c<b,x d<c", "dataflow", false);
    assert_takes(&f, "x");
    assert_takes_batch(&f, &batch, 1, "a | b");
    /* The end of another predecessor does not release "c": "b" has not run yet. */
    succeed(&f, "x");
    assert_waits(&f);
    dag__batch_succeed(f.set, &batch, 2);
    assert_takes_batch(&f, &batch, 1, "c | d");
    dag__batch_succeed(f.set, &batch, 2);
    assert_done(&f, "");
    end(&f);
}

/* Only some tasks of the chain are run. */
static void
test_tasks_that_a_batch_did_not_start_start_later(void)
{
    static const char *const then[] = {"a", "b", "c", "d"};

    for (unsigned n_run = 0; n_run < G_N_ELEMENTS(then); n_run++) {
        Fixture f;
        Batch batch;

        begin(&f, "a b<a c<b d<c", "dataflow", false);
        assert_takes_batch(&f, &batch, 1, "a | b c d");
        if (n_run > 0)
            dag__batch_succeed(f.set, &batch, n_run);
        dag__batch_end(f.set, &batch, n_run, true);
        for (unsigned i = n_run; i < G_N_ELEMENTS(then); i++) {
            assert_takes(&f, then[i]);
            assert_waits(&f);
            succeed(&f, then[i]);
        }
        assert_done(&f, "");
        end(&f);
    }
}

static void
test_a_failure_blocks_the_rest_of_a_chain(void)
{
    Fixture f;
    Batch batch;

    begin(&f, "a b<a c<b d<c", "dataflow", true);
    assert_takes_batch(&f, &batch, 1, "a | b c d");
    dag__batch_succeed(f.set, &batch, 1);
    end_task(&f, "b", DAG_FAILED);
    dag__batch_end(f.set, &batch, 2, false);
    assert_done(&f, "c:blocked d:blocked");
    end(&f);
}

static void
test_an_allowed_failure_lets_the_rest_of_a_chain_run(void)
{
    Fixture f;
    Batch batch;

    begin(&f, "a~ b<a", "dataflow", false);
    assert_takes_batch(&f, &batch, 1, "a | b");
    end_task(&f, "a", DAG_FAILED);
    dag__batch_end(f.set, &batch, 1, false);
    assert_takes(&f, "b");
    succeed(&f, "b");
    assert_done(&f, "");
    end(&f);
}

static void
test_a_failure_in_a_batch_stops_the_set(void)
{
    Fixture f;
    Batch batch;

    begin(&f, "a b<a c<b", "dataflow", false);
    assert_takes_batch(&f, &batch, 1, "a | b c");
    end_task(&f, "a", DAG_FAILED);
    dag__batch_end(f.set, &batch, 1, false);
    assert_done(&f, "b:blocked c:blocked");
    end(&f);
}

static void
test_a_task_that_fails_in_a_batch_may_be_tried_again(void)
{
    Fixture f;
    Batch batch;

    begin(&f, "a b<a c<b", "dataflow", true);
    assert_takes_batch(&f, &batch, 1, "a | b c");
    dag__batch_succeed(f.set, &batch, 1);
    g_assert_true(retry(&f, "b", 10));
    dag__batch_end(f.set, &batch, 2, false);
    assert_waits(&f);
    dag__ready_wake(f.set, 10);
    assert_takes_batch(&f, &batch, 1, "b | c");
    dag__batch_succeed(f.set, &batch, 2);
    assert_done(&f, "");
    end(&f);
}

/* Also with more predecessors than a byte can count. */
static void
test_a_chain_behind_any_number_of_predecessors_is_returned(void)
{
    static const unsigned sizes[] = {1, 2, 254, 255, 256, 257, 511, 512, 513, 1000};

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(GString) words = g_string_new(NULL);
        g_autoptr(GString) needs = g_string_new(NULL);
        Fixture f;

        for (unsigned k = 0; k < sizes[i]; k++) {
            g_string_append_printf(words, "t%u ", k);
            g_string_append_printf(needs, "%ct%u", k > 0 ? ',' : '<', k);
        }
        g_string_append_printf(words, "x%s y<x", needs->str);
        begin(&f, words->str, "dataflow", false);
        for (unsigned k = 0; k < sizes[i]; k++) {
            Batch batch;

            g_assert_cmpuint(dag__batch_n_ready(f.set), ==, sizes[i] - k);
            dag__batch_take(f.set, &batch, 1, 2);
            /* The last predecessor is taken with "x", which is returned. */
            g_assert_cmpuint(batch.n, ==, k + 1 < sizes[i] ? 1 : 2);
            dag__batch_succeed(f.set, &batch, 1);
            dag__batch_end(f.set, &batch, 1, true);
        }
        assert_takes(&f, "x");
        succeed(&f, "x");
        assert_takes(&f, "y");
        succeed(&f, "y");
        assert_done(&f, "");
        end(&f);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/batch/returned-tasks-are-taken-again-in-the-same-order",
                    test_returned_tasks_are_taken_again_in_the_same_order);
    g_test_add_func("/batch/a-chain-is-taken-as-a-whole", test_a_chain_is_taken_as_a_whole);
    g_test_add_func("/batch/a-barrier-divides-a-chain", test_a_barrier_divides_a_chain);
    g_test_add_func("/batch/a-batch-leaves-tasks-that-other-workers-could-run",
                    test_a_batch_leaves_tasks_that_other_workers_could_run);
    g_test_add_func("/batch/a-chain-ends-before-a-task-with-another-predecessor",
                    test_a_chain_ends_before_a_task_with_another_predecessor);
    g_test_add_func("/batch/tasks-that-a-batch-did-not-start-start-later",
                    test_tasks_that_a_batch_did_not_start_start_later);
    g_test_add_func("/batch/a-failure-blocks-the-rest-of-a-chain",
                    test_a_failure_blocks_the_rest_of_a_chain);
    g_test_add_func("/batch/an-allowed-failure-lets-the-rest-of-a-chain-run",
                    test_an_allowed_failure_lets_the_rest_of_a_chain_run);
    g_test_add_func("/batch/a-failure-in-a-batch-stops-the-set",
                    test_a_failure_in_a_batch_stops_the_set);
    g_test_add_func("/batch/a-task-that-fails-in-a-batch-may-be-tried-again",
                    test_a_task_that_fails_in_a_batch_may_be_tried_again);
    g_test_add_func("/batch/a-chain-behind-any-number-of-predecessors-is-returned",
                    test_a_chain_behind_any_number_of_predecessors_is_returned);
    return g_test_run();
}
