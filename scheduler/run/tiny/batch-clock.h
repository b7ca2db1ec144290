/* SPDX-License-Identifier: MIT */
/*
 * The clock of a worker within a batch, where tasks take less time than reading the real clock.
 *
 * Reading CLOCK_MONOTONIC takes 20 to 40 ns and waits for every earlier read of memory.  Reading the
 * counter of the processor takes half as long and waits for nothing.  But the counter has no
 * guaranteed relation to the clock: it may differ between cores, and stand still or jump while the
 * machine is suspended or moved.  So it is used only from one reading of the real clock to the
 * next, at the rate of the last ten microseconds or more.
 *
 * The time is never ahead of the last reading by more than the length of a batch.  It may be
 * behind by any amount if the counter stands still or slows down in the middle of a batch; the last
 * task of the batch then gets all of that time.  A worker that is interrupted between the two
 * readings that measure a rate gets a wrong rate, until the next measurement.
 */
#pragma once

#include <dagrun/duration.h>
#include <stdbool.h>
#include <stdint.h>

/* The time that a batch may take.  A batch that has run for longer returns the tasks that it has
 * not started. */
#define BATCH_NS 20000

/* The time over which a rate is measured at least: each reading may be some tens of nanoseconds
 * late. */
#define BATCH_CLOCK_BASE_NS 10000

/* Plausible ticks per microsecond: from 1 MHz to 16 GHz. */
#define BATCH_CLOCK_MIN_TICKS 1
#define BATCH_CLOCK_MAX_TICKS 16000

typedef struct BatchClock {
    int64_t set_ns;     /* the last reading of the real clock */
    uint64_t set_ticks; /* the counter at that moment */
    uint64_t n_ticks;   /* ticks after that for which the counter is used; 0: not used */
    uint64_t rate;      /* nanoseconds per tick, times 2^32 */
    int64_t base_ns;    /* where the measurement of the next rate began */
    uint64_t base_ticks;
} BatchClock;

/* Return the counter of this processor; 0 if it has none. */
static inline uint64_t
batch_clock_ticks(void)
{
#if defined(__x86_64__) || defined(__i386__)
    return __builtin_ia32_rdtsc();
#else
    return 0;
#endif
}

/* Convert the counter value `ticks` to a time.  Returns: false if the counter may not be used at
 * this value; then the real clock must be read. */
static inline bool
batch_clock_convert(const BatchClock *clock, uint64_t ticks, int64_t *ns_out)
{
    uint64_t n_ticks = ticks - clock->set_ticks;

    if (n_ticks >= clock->n_ticks)
        return false;
    *ns_out = clock->set_ns + (int64_t)(n_ticks * clock->rate >> 32);
    return true;
}

/* Set the rate of the counter: it advanced by `n_ticks` in `ns`. */
static inline void
batch_clock_set_rate(BatchClock *clock, int64_t ns, uint64_t n_ticks)
{
    double per_ns = (double)n_ticks / (double)ns;

    clock->n_ticks = 0;
    if (per_ns < BATCH_CLOCK_MIN_TICKS / 1e3 || per_ns > BATCH_CLOCK_MAX_TICKS / 1e3)
        return;
    clock->rate = (uint64_t)(4294967296.0 / per_ns);
    clock->n_ticks = (uint64_t)(BATCH_NS * per_ns);
}

/* Set the clock: the real clock showed `now_ns` when the counter was `ticks`. */
static inline void
batch_clock_set(BatchClock *clock, int64_t now_ns, uint64_t ticks)
{
    clock->set_ns = now_ns;
    clock->set_ticks = ticks;
    if (now_ns - clock->base_ns < BATCH_CLOCK_BASE_NS)
        return;
    batch_clock_set_rate(clock, now_ns - clock->base_ns, ticks - clock->base_ticks);
    clock->base_ns = now_ns;
    clock->base_ticks = ticks;
}

/* Return a clock that was set for the first time. */
static inline BatchClock
batch_clock_of(int64_t now_ns, uint64_t ticks)
{
    return (BatchClock){
        .set_ns = now_ns, .set_ticks = ticks, .base_ns = now_ns, .base_ticks = ticks};
}
