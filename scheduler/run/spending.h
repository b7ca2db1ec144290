/* SPDX-License-Identifier: MIT */
/*
 * The tokens and the money that questions to language models may use in a run.  A question is counted before it
 * is sent, by its reservation, and afterwards by its usage.
 *
 * Not thread-safe.
 */
#pragma once

#include <dagrun/engine.h>

#include "record/traffic.h"

/* Tokens, and money in the currency of the prices. */
typedef struct Spending {
    uint64_t tokens;
    double cost;
} Spending;

typedef struct Budget {
    uint64_t max_tokens; /* 0: without limit */
    double max_cost;     /* 0: without limit */
    Spending spent, reserved;
} Budget;

/* Reserve the use of a question, and add it to `of_job`.
 * Returns: NULL, or the reason why it does not fit, with nothing changed; free with g_free(). */
char *dag__budget_reserve(Budget *budget, const DagReservation *wanted, Spending *of_job);

/* A job has ended: give back its reservation, which becomes 0, and count its use; `traffic`
 * may be NULL. */
void dag__budget_settle(Budget *budget, Spending *of_job, const Traffic *traffic);
