/* SPDX-License-Identifier: MIT */
/*
 * A model of chance.  The duration of a task is often a product of many small influences, so its
 * logarithm is nearly normal.  Two numbers that are independent and normal come from two uniform
 * ones (Box and Muller, 1958); one of them is used.
 */
#include <dagrun/simulate.h>

#include "model/random.h"

#include <math.h>

#define TWO_PI 6.283185307179586

/* Return a number from 0 to less than 1. */
static double
uniform(uint64_t *state)
{
    return (double)(dag__random_next(state) >> 11) * 0x1p-53;
}

/* Return a first state for an attempt: mixed, so that neighbours have nothing in common. */
static uint64_t
state_of(uint64_t seed, DagTaskId id, unsigned attempt)
{
    uint64_t state = seed;

    state = dag__random_next(&state) ^ id;
    state = dag__random_next(&state) ^ attempt;
    return dag__random_next(&state);
}

DagSimulatedAttempt
dag_noise_attempt(const DagPlan *plan, DagTaskId id, unsigned attempt, void *noise)
{
    const DagNoise *it = noise;
    uint64_t state = state_of(it->seed, id, attempt);
    double radius = sqrt(-2 * log(1 - uniform(&state)));
    double normal = radius * cos(TWO_PI * uniform(&state));
    bool fails = uniform(&state) < it->fail;

    return (DagSimulatedAttempt){
        .seconds = dag_plan_cost(plan, id) * exp(it->sigma * normal),
        .outcome = fails ? DAG_FAILED : DAG_SUCCEEDED,
        .exit_code = DAG_EXIT_NONE,
        .reason = fails ? "by chance" : NULL,
    };
}
