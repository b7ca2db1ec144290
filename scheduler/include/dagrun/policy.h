/* SPDX-License-Identifier: MIT */
/*
 * What holds for a task whatever its kind: how long it may take, what counts as success, how
 * often it is tried, whom its failure concerns, and what it shares with others.
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

/* Adds `code`, 0 to 255, to the set. */
static inline void
dag_codes_add(DagCodes *codes, unsigned code)
{
    g_return_if_fail(code < 256);
    codes->bits[code / 32] |= UINT32_C(1) << (code % 32);
}

/* Returns: whether `code`, which may be any number, is in the set. */
static inline bool
dag_codes_has(const DagCodes *codes, int code)
{
    return code >= 0 && code < 256 && (codes->bits[code / 32] >> (code % 32) & 1);
}

/* A limit that tasks share: no more than `slots` of it are in use at any moment. */
typedef struct DagPool {
    const char *name;
    uint32_t slots; /* at least 1 */
} DagPool;

/* What a task takes from a pool while it runs. */
typedef struct DagUse {
    uint32_t pool;  /* number among the graph's pools */
    uint32_t slots; /* from 1 to those of the pool */
} DagUse;

/* How often a task is tried at most, whatever is declared. */
#define DAG_MAX_ATTEMPTS 65535

/* All zero is what holds where nothing was declared. */
typedef struct DagPolicy {
    int64_t timeout_ns;     /* of each attempt; 0: none */
    int64_t retry_delay_ns; /* before the second attempt; it grows.  0: as it should be by
                                default; below 0: no pause */
    int32_t retries;        /* attempts after the first; 0: not declared; below 0: none */
    bool allow_failure;     /* its failure concerns nobody else */
    bool always;            /* a clean-up: runs once its predecessors have ended, however */
    bool limits_retries;    /* `retry_on` tells which failures are worth another attempt */
    bool limits_success; /* `expect` tells which exit codes are a success, instead of 0 */
    DagCodes retry_on;
    DagCodes expect;
} DagPolicy;

G_END_DECLS
