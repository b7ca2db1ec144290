/* SPDX-License-Identifier: MIT */
#include "run/spending.h"

#include <math.h>

/* Sums of money are inexact: a budget of 0.3 has room for three questions of 0.1. */
#define ROUNDING 1e-9

static char *
lacks_tokens(const Budget *budget, const DagReservation *wanted)
{
    uint64_t used = tokens_sum(budget->spent.tokens, budget->reserved.tokens);

    if (budget->max_tokens == 0 ||
        (used <= budget->max_tokens && wanted->tokens <= budget->max_tokens - used))
        return NULL;
    return g_strdup_printf(
        "the budget of %" G_GUINT64_FORMAT " tokens is used up: %" G_GUINT64_FORMAT
        " are spent, %" G_GUINT64_FORMAT
        " reserved by questions under way, and this one may use %" G_GUINT64_FORMAT,
        budget->max_tokens, budget->spent.tokens, budget->reserved.tokens, wanted->tokens);
}

static char *
lacks_money(const Budget *budget, const DagReservation *wanted)
{
    double sum = budget->spent.cost + budget->reserved.cost + wanted->cost;

    if (budget->max_cost <= 0)
        return NULL;
    if (!wanted->has_cost)
        return g_strdup("its cost is not known, since its service has no prices, and the "
                        "run has a budget of money");
    if (sum <= budget->max_cost * (1 + ROUNDING))
        return NULL;
    return g_strdup_printf("the budget of %.6g is used up: %.6g is spent, %.6g reserved by "
                           "questions under way, and this one may cost %.6g",
                           budget->max_cost, budget->spent.cost, budget->reserved.cost,
                           wanted->cost);
}

char *
dag__budget_reserve(Budget *budget, const DagReservation *wanted, Spending *of_job)
{
    char *problem = lacks_tokens(budget, wanted);

    if (!problem)
        problem = lacks_money(budget, wanted);
    if (problem)
        return problem;
    budget->reserved.tokens += wanted->tokens;
    budget->reserved.cost += wanted->cost;
    of_job->tokens += wanted->tokens;
    of_job->cost += wanted->cost;
    return NULL;
}

void
dag__budget_settle(Budget *budget, Spending *of_job, const Traffic *traffic)
{
    budget->reserved.tokens -= of_job->tokens;
    budget->reserved.cost = fmax(budget->reserved.cost - of_job->cost, 0);
    *of_job = (Spending){0};
    if (!traffic)
        return;
    budget->spent.tokens = tokens_sum(
        budget->spent.tokens, tokens_sum(traffic->usage.input, traffic->usage.output));
    budget->spent.cost += traffic->usage.cost;
}
