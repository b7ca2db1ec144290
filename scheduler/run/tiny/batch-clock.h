/* SPDX-License-Identifier: MIT */
/*
 * The clock of a worker within a batch, where tasks take less time than to read the real one.
 *
 * CLOCK_MONOTONIC takes 20 to 40 ns, and waits for every read of memory before it.  The counter
 * of the processor takes half of that and waits for nothing.  But what it counts is its own
 * affair: it may be at odds with that of the next core, and stand still or leap while the machine
 * is suspended or moved.  So it is believed only from one reading of the real clock to the next,
 * and at the rate of the last ten microseconds or more before.  What is told is never ahead of the
 * last reading by more than the length of a batch.  It may be behind by any time, if the counter
 * stands still or slows down in mid-batch; the last task of the batch then gets all of it.  Whoever is
 * interrupted between the two readings from which a rate is measured gets a wrong one, until it is
 * measured again.
 */
#pragma once

#include <dagrun/duration.h>
#include <stdbool.h>
#include <stdint.h>

/* How long a batch may take.  One that has run for so long gives back what it has not started. */
#define BATCH_NS 20000

/* For how long both must have gone on beside each other until the rate is known: either may be
 * read some tens of nanoseconds late. */
#define BATCH_CLOCK_BASE_NS 10000

/* What a counter may count in a microsecond: from 1 MHz to 16 GHz. */
#define BATCH_CLOCK_MIN_TICKS 1
#define BATCH_CLOCK_MAX_TICKS 16000

typedef struct BatchClock {
    int64_t set_ns;     /* the last reading of the real clock */
    uint64_t set_ticks; /* the counter at that moment */
    uint64_t n_ticks;   /* for how many ticks after that it is believed; 0: it is not */
    uint64_t rate;      /* nanoseconds per tick, times 2^32 */
    int64_t base_ns;    /* since when the next rate is measured */
    uint64_t base_ticks;
} BatchClock;

/* Returns: what the counter of this processor stands at; always 0 where there is none. */
static inline uint64_t
batch_clock_ticks(void)
{
#if defined(__x86_64__) || defined(__i386__)
    return __builtin_ia32_rdtsc();
#else
    return 0;
#endif
}

/* Returns: whether the counter is believed when it stands at `ticks`; then *ns_out is the
 * time. */
static inline bool
batch_clock_believes(const BatchClock *clock, uint64_t ticks, int64_t *ns_out)
{
    uint64_t n_ticks = ticks - clock->set_ticks;

    if (n_ticks >= clock->n_ticks)
        return false;
    *ns_out = clock->set_ns + (int64_t)(n_ticks * clock->rate >> 32);
    return true;
}

/* Takes the rate at which the counter went on for the last `ns`. */
static inline void
batch_clock_tune(BatchClock *clock, int64_t ns, uint64_t n_ticks)
{
    double per_ns = (double)n_ticks / (double)ns;

    clock->n_ticks = 0;
    if (per_ns < BATCH_CLOCK_MIN_TICKS / 1e3 || per_ns > BATCH_CLOCK_MAX_TICKS / 1e3)
        return;
    clock->rate = (uint64_t)(4294967296.0 / per_ns);
    clock->n_ticks = (uint64_t)(BATCH_NS * per_ns);
}

/* Tells the clock that it was `now_ns` when the counter stood at `ticks`. */
static inline void
batch_clock_set(BatchClock *clock, int64_t now_ns, uint64_t ticks)
{
    clock->set_ns = now_ns;
    clock->set_ticks = ticks;
    if (now_ns - clock->base_ns < BATCH_CLOCK_BASE_NS)
        return;
    batch_clock_tune(clock, now_ns - clock->base_ns, ticks - clock->base_ticks);
    clock->base_ns = now_ns;
    clock->base_ticks = ticks;
}

/* Returns: a clock that has just been read for the first time. */
static inline BatchClock
batch_clock_of(int64_t now_ns, uint64_t ticks)
{
    return (BatchClock){
        .set_ns = now_ns, .set_ticks = ticks, .base_ns = now_ns, .base_ticks = ticks};
}
