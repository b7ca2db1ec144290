/* SPDX-License-Identifier: MIT */
/*
 * Pseudo-random numbers: the same for a seed on every machine.
 */
#pragma once

#include <stdint.h>

/* SplitMix64 (Steele, Lea and Flood, 2014).  Any number is a good first state. */
static inline uint64_t
random_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15U;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

/* Return a number from 0 to `limit` - 1; `limit` is at least 1. */
static inline uint64_t
random_below(uint64_t *state, uint64_t limit)
{
    return random_next(state) % limit;
}

/* Return a number above 0 and at most 1. */
static inline double
random_unit(uint64_t *state)
{
    return (double)((random_next(state) >> 11) + 1) * 0x1p-53;
}
