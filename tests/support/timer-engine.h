/* SPDX-License-Identifier: MIT */
/*
 * An engine for tests: its jobs end by time.  Connection kinds that use it.  It checks
 * the contract of dagrun/engine.h: every call comes on one thread, and every started job is
 * finished once.
 */
#pragma once

#include <dagrun/engine.h>
#include <stdatomic.h>

#define TIMER_NEVER INT64_MAX

/* One job; zero is a good choice. */
typedef struct TimerSpec {
    int64_t delay_ns; /* from start() to the end; 0: within start(); or TIMER_NEVER */
    /* From TERM to the end; 0: within cancel(); TIMER_NEVER: until KILL. */
    int64_t linger_ns;
    const char *reason; /* NULL: the job succeeds, unless its exit code is not expected */
    int exit_code;      /* reported unless it is 0 */
    const char *text;   /* output and transcript, or NULL; borrowed */
    bool finishes_twice;
    /* Return the outcome of the job, which is about to end with `outcome`.  May be NULL. */
    DagOutcome (*end)(DagJob *job, DagOutcome outcome);
} TimerSpec;

/* One engine tells its next time by next_ns(), one by a readable descriptor; one never opens. */
extern const DagEngine timer_engine, timerfd_engine, broken_engine;

/* Kinds of these engines.  Their configuration is a TimerSpec, or NULL for one that is zero. */
extern const DagKind timer, timerfd, broken_timer;

/* start() and cancel(), for other kinds of these engines.  Copies the spec. */
void timer_begin(DagJob *job, const TimerSpec *spec);
void timer_cancel(DagJob *job, DagCancelLevel level);

/* Counts of all engines since timer_counts_reset(). */
typedef struct TimerCounts {
    atomic_uint n_opens;  /* also those that failed */
    atomic_uint n_closes; /* asserts that no job was under way */
    atomic_uint n_starts;
    atomic_uint n_finishes;
    atomic_uint n_cancels; /* calls of cancel() for jobs under way */
    atomic_uint n_under_way;
    atomic_uint n_most; /* the largest n_under_way */
} TimerCounts;

extern TimerCounts timer_counts;

/*
 * Reset the counts.  From now on no job ends by time before `n_needed` were under way at once, or
 * a job is cancelled.  Then `on_full`, which may be NULL, is called once, on the I/O thread.
 */
void timer_counts_reset(unsigned n_needed, void (*on_full)(void));

/* Let jobs end by time from now on.  Any thread; takes effect within a millisecond. */
void timer_gate_open(void);
