/* SPDX-License-Identifier: MIT */
/*
 * Pseudo-random numbers determined by a seed, the same on every machine (SplitMix64; Steele, Lea
 * and Flood, 2014).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef uint64_t Dice; /* the state; any number is a good seed */

static inline uint64_t
dice_next(Dice *dice)
{
    uint64_t z = *dice += 0x9e3779b97f4a7c15U;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

/* Returns: a number from 0 to `limit` - 1; 0 if `limit` is 0. */
static inline uint32_t
dice_below(Dice *dice, uint32_t limit)
{
    return limit == 0 ? 0 : (uint32_t)(dice_next(dice) % limit);
}

/* Returns: true `percent` times in a hundred. */
static inline bool
dice_chance(Dice *dice, uint32_t percent)
{
    return dice_below(dice, 100) < percent;
}
