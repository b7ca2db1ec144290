/* SPDX-License-Identifier: MIT */
/*
 * A set of numbers below n that finds its next member by looking at one word per level: 64 bits
 * of a level are one bit of the level above, which is set if any of them is set (the tree of
 * van Emde Boas, 1975, with 64 children in each node and no recursion).  A million numbers take
 * 130 KB and four levels.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define BIT_SET_LEVELS 6 /* 64^6 > 2^32 */
#define BIT_SET_NONE   UINT32_MAX

typedef struct BitSet {
    uint64_t *words;                    /* the words of all levels; owned */
    uint64_t *level_of[BIT_SET_LEVELS]; /* into words: the members first, the root last */
    uint32_t n_words[BIT_SET_LEVELS];
    unsigned n_levels;
} BitSet;

/* Return an empty set of numbers below `n`. */
static inline BitSet
bit_set_of(uint32_t n)
{
    BitSet set = {0};
    size_t n_all = 0;
    uint32_t n_bits = n;

    do {
        uint32_t n_words = MAX(n_bits / 64 + (n_bits % 64 > 0), 1);

        set.n_words[set.n_levels++] = n_words;
        n_all += n_words;
        n_bits = n_words;
    } while (n_bits > 1);
    set.words = g_new0(uint64_t, n_all);
    for (unsigned level = 0, first = 0; level < set.n_levels; level++) {
        set.level_of[level] = set.words + first;
        first += set.n_words[level];
    }
    return set;
}

static inline void
bit_set_clear(BitSet *set)
{
    g_free(set->words);
}

static inline bool
bit_set_has(const BitSet *set, uint32_t member)
{
    return set->words[member / 64] >> member % 64 & 1;
}

static inline void
bit_set_add(BitSet *set, uint32_t member)
{
    for (unsigned level = 0; level < set->n_levels; level++, member /= 64) {
        uint64_t *word = &set->level_of[level][member / 64];
        uint64_t before = *word;

        *word = before | UINT64_C(1) << member % 64;
        if (before != 0)
            return; /* then the bits above are set already */
    }
}

static inline void
bit_set_remove(BitSet *set, uint32_t member)
{
    for (unsigned level = 0; level < set->n_levels; level++, member /= 64) {
        uint64_t *word = &set->level_of[level][member / 64];

        *word &= ~(UINT64_C(1) << member % 64);
        if (*word != 0)
            return;
    }
}

/* Return the smallest member that is not less than `from`, or BIT_SET_NONE. */
static inline uint32_t
bit_set_next(const BitSet *set, uint32_t from)
{
    unsigned level = 0;
    uint64_t word = 0;

    /* Go up to the first level that has a bit at `from` or after it. */
    for (;; level++, from = from / 64 + 1) {
        if (level == set->n_levels || from / 64 >= set->n_words[level])
            return BIT_SET_NONE;
        word = set->level_of[level][from / 64] & UINT64_MAX << from % 64;
        if (word != 0)
            break;
    }
    /* Go down to the first member below that bit. */
    from = from / 64 * 64 + (uint32_t)__builtin_ctzll(word);
    while (level-- > 0)
        from = from * 64 + (uint32_t)__builtin_ctzll(set->level_of[level][from]);
    return from;
}
