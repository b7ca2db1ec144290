/* SPDX-License-Identifier: MIT */
#include "ready/retry.h"

#include "model/random.h"

#include <dagrun/run.h>

#define SECOND_NS INT64_C(1000000000)
#define MINUTE_NS (60 * SECOND_NS)

/* The end of an attempt. */
typedef struct End {
    DagOutcome outcome;
    int exit_code;
} End;

static const End failed = {.outcome = DAG_FAILED, .exit_code = 7};
static const End killed = {.outcome = DAG_FAILED, .exit_code = 128 + 9};
static const End without_code = {.outcome = DAG_FAILED, .exit_code = DAG_EXIT_NONE};
static const End timed_out = {.outcome = DAG_TIMED_OUT, .exit_code = DAG_EXIT_NONE};

static bool
is_due(const DagPolicy *policy, unsigned run_retries, unsigned n_attempts, const End *end)
{
    return dag__retry_is_due(policy, run_retries, n_attempts, end->outcome, end->exit_code);
}

static DagPolicy
retry_on(int32_t retries, unsigned code)
{
    DagPolicy policy = {.retries = retries, .limits_retries = true};

    dag_codes_add(&policy.retry_on, code);
    return policy;
}

static void
test_the_declared_number_of_attempts_follows_the_first(void)
{
    DagPolicy twice = {.retries = 2}, most = {.retries = 1000};

    g_assert_true(is_due(&twice, 0, 1, &failed));
    g_assert_true(is_due(&twice, 0, 2, &failed));
    g_assert_false(is_due(&twice, 0, 3, &failed));
    g_assert_true(is_due(&most, 0, 1000, &failed));
    g_assert_false(is_due(&most, 0, 1001, &failed));
}

static void
test_the_number_of_attempts_is_limited(void)
{
    DagPolicy endless = {.retries = INT32_MAX}, nothing = {0};

    g_assert_true(is_due(&endless, 0, DAG_MAX_ATTEMPTS - 1, &failed));
    g_assert_false(is_due(&endless, 0, DAG_MAX_ATTEMPTS, &failed));
    g_assert_false(is_due(&nothing, UINT_MAX, DAG_MAX_ATTEMPTS, &failed));
}

static void
test_the_retries_of_the_run_apply_to_tasks_that_declare_none(void)
{
    DagPolicy nothing = {0}, none = {.retries = DAG_ZERO}, once = {.retries = 1};

    g_assert_false(is_due(&nothing, 0, 1, &failed));
    g_assert_true(is_due(&nothing, 3, 3, &failed));
    g_assert_false(is_due(&nothing, 3, 4, &failed));
    g_assert_false(is_due(&none, 3, 1, &failed));
    g_assert_true(is_due(&once, 3, 1, &failed));
    g_assert_false(is_due(&once, 3, 2, &failed));
}

static void
test_only_failures_are_tried_again(void)
{
    static const DagOutcome others[] = {DAG_SUCCEEDED, DAG_BLOCKED, DAG_CANCELLED};
    DagPolicy policy = {.retries = 9};

    g_assert_true(is_due(&policy, 0, 1, &failed));
    g_assert_true(is_due(&policy, 0, 1, &timed_out));
    g_assert_true(is_due(&policy, 0, 1, &without_code));
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        g_assert_false(is_due(&policy, 9, 1, &(End){.outcome = others[i]}));
}

static void
test_declared_codes_limit_the_failures_that_are_tried_again(void)
{
    DagPolicy on_7 = retry_on(1, 7), on_timeout = retry_on(1, 124),
              on_kill = retry_on(1, 137), of_run = retry_on(0, 7);

    g_assert_true(is_due(&on_7, 0, 1, &failed));
    g_assert_false(is_due(&on_7, 0, 1, &killed));
    g_assert_false(is_due(&on_7, 0, 1, &timed_out));
    g_assert_false(is_due(&on_7, 0, 1, &without_code));
    g_assert_true(is_due(&on_timeout, 0, 1, &timed_out));
    g_assert_false(is_due(&on_timeout, 0, 1, &failed));
    g_assert_true(is_due(&on_kill, 0, 1, &killed));
    g_assert_true(is_due(&of_run, 1, 1, &failed));
    g_assert_false(is_due(&of_run, 1, 1, &killed));
}

/* Assert that pause number `n` ranges from half of `full_ns` to all of it. */
static void
assert_pause(const DagPolicy *policy, unsigned n, int64_t full_ns)
{
    uint64_t random = 1;
    int64_t shortest_ns = INT64_MAX, longest_ns = 0;

    g_assert_cmpint(dag__retry_pause_ns(policy, n, 0), ==, full_ns);
    g_assert_cmpint(dag__retry_pause_ns(policy, n, UINT64_MAX), >=, full_ns - full_ns / 2);
    for (int i = 0; i < 1000; i++) {
        int64_t pause_ns = dag__retry_pause_ns(policy, n, dag__random_next(&random));

        shortest_ns = MIN(shortest_ns, pause_ns);
        longest_ns = MAX(longest_ns, pause_ns);
    }
    g_assert_cmpint(shortest_ns, >=, full_ns - full_ns / 2);
    g_assert_cmpint(longest_ns, <=, full_ns);
    if (full_ns >= SECOND_NS) { /* the whole range occurs */
        g_assert_cmpint(shortest_ns, <, full_ns / 100 * 55);
        g_assert_cmpint(longest_ns, >, full_ns / 100 * 95);
    }
}

static void
test_the_first_pause_is_a_second_unless_declared(void)
{
    DagPolicy nothing = {0}, declared = {.retry_delay_ns = 5 * SECOND_NS};

    assert_pause(&nothing, 1, SECOND_NS);
    assert_pause(&declared, 1, 5 * SECOND_NS);
}

static void
test_pauses_double_up_to_a_minute(void)
{
    DagPolicy policy = {.retry_delay_ns = SECOND_NS};

    assert_pause(&policy, 2, 2 * SECOND_NS);
    assert_pause(&policy, 6, 32 * SECOND_NS);
    assert_pause(&policy, 7, MINUTE_NS);
    assert_pause(&policy, 8, MINUTE_NS);
    assert_pause(&policy, UINT16_MAX, MINUTE_NS);
}

static void
test_a_longer_delay_is_kept_and_does_not_grow(void)
{
    DagPolicy hour = {.retry_delay_ns = 60 * MINUTE_NS},
              just = {.retry_delay_ns = MINUTE_NS + 1};

    assert_pause(&hour, 1, 60 * MINUTE_NS);
    assert_pause(&hour, 5, 60 * MINUTE_NS);
    assert_pause(&just, 2, MINUTE_NS + 1);
}

static void
test_a_pause_of_zero_stays_zero(void)
{
    DagPolicy none = {.retry_delay_ns = DAG_ZERO}, least = {.retry_delay_ns = 1};

    assert_pause(&none, 1, 0);
    assert_pause(&none, 1000, 0);
    assert_pause(&least, 1, 1);
    assert_pause(&least, 2, 2);
    assert_pause(&least, 1000, MINUTE_NS);
}

static void
test_the_longest_delay_does_not_overflow(void)
{
    DagPolicy policy = {.retry_delay_ns = INT64_MAX};

    for (unsigned n = 1; n <= 3; n++) {
        g_assert_cmpint(dag__retry_pause_ns(&policy, n, 0), ==, INT64_MAX);
        g_assert_cmpint(dag__retry_pause_ns(&policy, n, UINT64_MAX), >=, INT64_MAX / 2);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/retry/the-declared-number-of-attempts-follows-the-first",
                    test_the_declared_number_of_attempts_follows_the_first);
    g_test_add_func("/retry/the-number-of-attempts-is-limited",
                    test_the_number_of_attempts_is_limited);
    g_test_add_func("/retry/the-retries-of-the-run-apply-to-tasks-that-declare-none",
                    test_the_retries_of_the_run_apply_to_tasks_that_declare_none);
    g_test_add_func("/retry/only-failures-are-tried-again",
                    test_only_failures_are_tried_again);
    g_test_add_func("/retry/declared-codes-limit-the-failures-that-are-tried-again",
                    test_declared_codes_limit_the_failures_that_are_tried_again);
    g_test_add_func("/retry/the-first-pause-is-a-second-unless-declared",
                    test_the_first_pause_is_a_second_unless_declared);
    g_test_add_func("/retry/pauses-double-up-to-a-minute",
                    test_pauses_double_up_to_a_minute);
    g_test_add_func("/retry/a-longer-delay-is-kept-and-does-not-grow",
                    test_a_longer_delay_is_kept_and_does_not_grow);
    g_test_add_func("/retry/a-pause-of-zero-stays-zero", test_a_pause_of_zero_stays_zero);
    g_test_add_func("/retry/the-longest-delay-does-not-overflow",
                    test_the_longest_delay_does_not_overflow);
    return g_test_run();
}
