/* SPDX-License-Identifier: MIT */
/*
 * The state of SipHash (Aumasson and Bernstein, 2012) and its round.
 */
#pragma once

#include <stdint.h>

/* The state: four words, made from the key. */
typedef struct SipState {
    uint64_t v0, v1, v2, v3;
} SipState;

/* Return the state for a key of two words. */
static inline SipState
sip_state(const uint64_t *key)
{
    return (SipState){key[0] ^ 0x736f6d6570736575U, key[1] ^ 0x646f72616e646f6dU,
                      key[0] ^ 0x6c7967656e657261U, key[1] ^ 0x7465646279746573U};
}

/* Return x, rotated to the left by n bits, 0 < n < 64. */
static inline uint64_t
sip_rotate(uint64_t x, unsigned n)
{
    return x << n | x >> (64 - n);
}

/* Mix the state once. */
static inline void
sip_round(SipState *s)
{
    s->v0 += s->v1;
    s->v1 = sip_rotate(s->v1, 13) ^ s->v0;
    s->v0 = sip_rotate(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = sip_rotate(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = sip_rotate(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = sip_rotate(s->v1, 17) ^ s->v2;
    s->v2 = sip_rotate(s->v2, 32);
}
