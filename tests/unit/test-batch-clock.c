/* SPDX-License-Identifier: MIT */
/*
 * The clock of a batch with simulated readings: a counter that counts `per_us` ticks per
 * microsecond, unless a test says otherwise.
 */
#include "run/tiny/batch-clock.h"

#include <glib.h>

static uint64_t
ticks_at(int64_t ns, uint64_t per_us)
{
    return UINT64_C(1) << 40 | ((uint64_t)ns * per_us / 1000);
}

/* Return a clock that has been read for 100 microseconds, last at `ns`. */
static BatchClock
clock_at(int64_t ns, uint64_t per_us)
{
    BatchClock clock = batch_clock_of(ns - 100000, ticks_at(ns - 100000, per_us));

    for (int64_t at_ns = ns - 100000 + 5000; at_ns <= ns; at_ns += 5000)
        batch_clock_set(&clock, at_ns, ticks_at(at_ns, per_us));
    return clock;
}

static void
test_the_counter_gives_the_time(void)
{
    static const uint64_t rates[] = {24, 1000, 2100, 5700};

    for (size_t i = 0; i < G_N_ELEMENTS(rates); i++) {
        BatchClock clock = clock_at(1000000, rates[i]);
        int64_t now_ns = 0;

        for (int64_t ns = 0; ns < BATCH_NS - 1000; ns += 777) {
            g_assert_true(
                batch_clock_convert(&clock, ticks_at(1000000 + ns, rates[i]), &now_ns));
            g_assert_cmpint(ABS(now_ns - 1000000 - ns), <=, 1000 / (int64_t)rates[i] + 50);
        }
    }
}

static void
test_the_counter_is_not_used_before_its_rate_is_known(void)
{
    BatchClock clock = batch_clock_of(0, ticks_at(0, 2000));
    int64_t now_ns;

    g_assert_false(batch_clock_convert(&clock, ticks_at(100, 2000), &now_ns));
    batch_clock_set(&clock, BATCH_CLOCK_BASE_NS - 1,
                    ticks_at(BATCH_CLOCK_BASE_NS - 1, 2000));
    g_assert_false(
        batch_clock_convert(&clock, ticks_at(BATCH_CLOCK_BASE_NS, 2000), &now_ns));
    batch_clock_set(&clock, BATCH_CLOCK_BASE_NS, ticks_at(BATCH_CLOCK_BASE_NS, 2000));
    g_assert_true(
        batch_clock_convert(&clock, ticks_at(BATCH_CLOCK_BASE_NS + 100, 2000), &now_ns));
}

/* For every value of the counter, the time lies within a batch after the last reading. */
static void
test_jumps_of_the_counter_are_not_used(void)
{
    BatchClock clock = clock_at(1000000, 2000);
    uint64_t set_ticks = ticks_at(1000000, 2000);
    int64_t now_ns = 0;

    g_assert_false(batch_clock_convert(&clock, set_ticks - 1, &now_ns));
    g_assert_false(batch_clock_convert(&clock, 0, &now_ns));
    g_assert_false(batch_clock_convert(&clock, UINT64_MAX, &now_ns));
    g_assert_false(
        batch_clock_convert(&clock, ticks_at(1000000 + BATCH_NS + 1000, 2000), &now_ns));
    for (uint64_t n_ticks = 0; n_ticks < 50000; n_ticks += 13)
        if (batch_clock_convert(&clock, set_ticks + n_ticks, &now_ns)) {
            g_assert_cmpint(now_ns, >=, 1000000);
            g_assert_cmpint(now_ns, <=, 1000000 + BATCH_NS);
        }
}

/* Also after a long constant rate, and with short batches. */
static void
test_a_change_of_the_rate_is_detected_soon(void)
{
    static const int64_t batches_ns[] = {1000, 3000, 9000, 16000, 50000};

    for (size_t i = 0; i < G_N_ELEMENTS(batches_ns); i++) {
        const int64_t batch_ns = batches_ns[i], soon_ns = INT64_C(2) * BATCH_CLOCK_BASE_NS;
        int64_t ns = 6 * INT64_C(1000000000), now_ns = 0;
        BatchClock clock = clock_at(ns, 2000);
        uint64_t ticks = ticks_at(ns, 2000);

        /* The counter is twice as fast now. */
        for (int64_t since_ns = 0; since_ns < soon_ns + batch_ns; since_ns += batch_ns) {
            ns += batch_ns;
            ticks += 4 * (uint64_t)batch_ns;
            batch_clock_set(&clock, ns, ticks);
        }
        g_assert_true(batch_clock_convert(&clock, ticks + UINT64_C(4) * 2000, &now_ns));
        g_assert_cmpint(ABS(now_ns - ns - 2000), <=, 10);
    }
}

static void
test_a_counter_with_an_implausible_rate_is_never_used(void)
{
    static const struct {
        uint64_t first, step;
    } counters[] = {
        {0, 0}, {7, 0}, {1, 4}, {UINT64_MAX / 2, -(uint64_t)9000}, {0, 1 << 20}};

    for (size_t i = 0; i < G_N_ELEMENTS(counters); i++) {
        uint64_t ticks = counters[i].first;
        BatchClock clock = batch_clock_of(0, ticks);
        int64_t now_ns;

        for (int64_t ns = 5000; ns < 1000000; ns += 5000) {
            ticks += counters[i].step;
            batch_clock_set(&clock, ns, ticks);
            g_assert_false(batch_clock_convert(&clock, ticks, &now_ns));
        }
    }
}

/* With the real counter and clock, the time is not ahead by more than a batch.  (It may be behind
 * if the test is interrupted.) */
static void
test_the_real_counter_gives_the_time(void)
{
    uint64_t first_ticks = batch_clock_ticks();
    BatchClock clock = batch_clock_of(dag_clock_ns(), first_ticks);
    unsigned n_valid = 0;

    for (int i = 0; i < 20000; i++) {
        int64_t now_ns = 0;
        bool is_valid = batch_clock_convert(&clock, batch_clock_ticks(), &now_ns);
        int64_t after_ns = dag_clock_ns();

        if (is_valid) {
            n_valid++;
            g_assert_cmpint(now_ns, >=, clock.set_ns);
            g_assert_cmpint(now_ns, <=, after_ns + BATCH_NS);
        } else {
            uint64_t ticks = batch_clock_ticks();

            batch_clock_set(&clock, dag_clock_ns(), ticks);
        }
    }
    if (batch_clock_ticks() > 0)
        g_assert_cmpuint(n_valid, >, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/batch-clock/the-counter-gives-the-time",
                    test_the_counter_gives_the_time);
    g_test_add_func("/batch-clock/the-counter-is-not-used-before-its-rate-is-known",
                    test_the_counter_is_not_used_before_its_rate_is_known);
    g_test_add_func("/batch-clock/jumps-of-the-counter-are-not-used",
                    test_jumps_of_the_counter_are_not_used);
    g_test_add_func("/batch-clock/a-change-of-the-rate-is-detected-soon",
                    test_a_change_of_the_rate_is_detected_soon);
    g_test_add_func("/batch-clock/a-counter-with-an-implausible-rate-is-never-used",
                    test_a_counter_with_an_implausible_rate_is_never_used);
    g_test_add_func("/batch-clock/the-real-counter-gives-the-time",
                    test_the_real_counter_gives_the_time);
    return g_test_run();
}
