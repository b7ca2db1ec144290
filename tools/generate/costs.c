/* SPDX-License-Identifier: MIT */
/*
 * Costs in whole microseconds.  So small differences between mathematical libraries do not show.
 */
#include "generate/generate.h"
#include "generate/random-numbers.h"

#include <math.h>

const char *const cost_rule_names[] = {"constant", "uniform", "log-normal", NULL};

/* The deviation of the logarithm.  With 1, one task in ten costs more than twice the mean, and one
 * in a hundred more than six times. */
#define LOG_DEVIATION 1.0

/* The largest cost in the format is 10⁹ seconds; a shape may multiply a cost by some tens. */
#define MAX_COST_US 1e13

/* Return a number of the normal distribution (Box and Muller, 1958). */
static double
normal(uint64_t *random)
{
    double radius = sqrt(-2 * log(random_unit(random)));

    return radius * cos(2 * G_PI * random_unit(random));
}

uint64_t
cost_next(Generator *generator)
{
    uint64_t mean_us = generator->request.mean_us;
    uint64_t *random = &generator->cost_random;
    double cost_us;

    switch (generator->request.costs) {
    case COSTS_CONSTANT:
        return mean_us;
    case COSTS_UNIFORM:
        return 1 + random_below(random, 2 * mean_us - 1);
    case COSTS_LOG_NORMAL:
        /* The mean of exp(N(μ, σ)) is exp(μ + σ²/2). */
        cost_us = (double)mean_us *
                  exp(LOG_DEVIATION * normal(random) - LOG_DEVIATION * LOG_DEVIATION / 2);
        return (uint64_t)CLAMP(cost_us + 0.5, 1.0, MAX_COST_US);
    }
    g_assert_not_reached();
}
