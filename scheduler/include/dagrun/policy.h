/* SPDX-License-Identifier: MIT */
/*
 * The limits of a task, whatever its kind: time, exit codes that count as success, retries,
 * the effect of a failure, and shared pools.
 */
#pragma once

#include <dagrun/types.h>

G_BEGIN_DECLS

/* A set of exit codes, 0 to 255.  As in a shell, 128 + n stands for the end by signal n, and
 * 124 for the end by the task's own time limit. */
typedef struct DagCodes {
    uint32_t bits[8];
} DagCodes;

/* The exit code that stands for the end by the task's own time limit. */
#define DAG_CODE_TIMED_OUT 124

/* Added to the number of a signal, the exit code that stands for the end by it. */
#define DAG_CODE_SIGNAL_BASE 128

/* Add `code`, 0 to 255, to the set. */
static inline void
dag_codes_add(DagCodes *codes, unsigned code)
{
    g_return_if_fail(code < 256);
    codes->bits[code / 32] |= UINT32_C(1) << (code % 32);
}

/* Return true if `code`, which may be any number, is in the set. */
static inline bool
dag_codes_has(const DagCodes *codes, int code)
{
    return code >= 0 && code < 256 && (codes->bits[code / 32] >> (code % 32) & 1);
}

/* So many in a period.  count 0: without limit. */
typedef struct DagRate {
    uint32_t count;
    int64_t period_ns; /* above 0, unless count is 0 */
} DagRate;

/* A limit shared by tasks: at most `slots` of it are in use at any moment, at most burst + rate x w
 * attempts of its tasks start within any time w, and these use at most tokens.count + tokens x w tokens of
 * language models, as far as is known before.  It has at least one of these limits. */
typedef struct DagPool {
    const char *name;
    uint32_t slots; /* 0: without limit */
    DagRate rate;
    uint32_t burst; /* at least 1 if there is a rate */
    DagRate tokens;
} DagPool;

/* The slots of a pool that a task holds while it runs.
 * An attempt counts once at the rate of the pool,
 * however many slots it takes. */
typedef struct DagUse {
    uint32_t pool;  /* number among the graph's pools */
    uint32_t slots; /* from 1 to those of the pool; 1 if the pool has none */
} DagUse;

/* The tokens that a task is estimated to use if nothing is known. */
#define DAG_DEFAULT_TOKENS 1024

/* The maximum number of attempts of a task, whatever is declared. */
#define DAG_MAX_ATTEMPTS 65535

/* Whether the output of a task is meant for people. */
typedef enum DagPrint {
    DAG_PRINT_UNREAD, /* print it unless another task reads it */
    DAG_PRINT_ALWAYS,
    DAG_PRINT_NEVER,
} DagPrint;

/* The limits of a task.  A zeroed policy declares nothing. */
typedef struct DagPolicy {
    int64_t timeout_ns; /* of each attempt; 0: none */
    /* Before the second attempt, growing from there; see DAG_ZERO. */
    int64_t retry_delay_ns;
    int32_t retries;     /* attempts after the first; see DAG_ZERO */
    bool allow_failure;  /* successors run and the run may succeed although it fails */
    bool always;         /* a clean-up: runs once its predecessors have ended, however */
    bool limits_retries; /* retry only after the exit codes in `retry_on` */
    DagPrint print;      /* for programs that print outputs; the scheduler ignores it */
    bool limits_success; /* succeed with the exit codes in `expect` instead of 0 */
    DagCodes retry_on;
    DagCodes expect;
    /* A result of an earlier run that is not older is taken over, if the run has a memory with such results.
     * INT64_MAX: of any age; 0: none is, unless the memory resumes a run. */
    int64_t cache_ns;
    uint32_t tokens; /* that an attempt is estimated to use; 0: DAG_DEFAULT_TOKENS */
} DagPolicy;

G_END_DECLS
