/* SPDX-License-Identifier: MIT */
#include "model/keyed-digest.h"

#include <glib.h>
#include <string.h>

static uint64_t
read_word(const uint8_t *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof(word));
    return GUINT64_FROM_LE(word);
}

static void
absorb(SipState *state, uint64_t word)
{
    state->v3 ^= word;
    sip_round(state);
    sip_round(state);
    state->v0 ^= word;
}

void
dag__keyed_digest_init(KeyedDigest *digest, const uint8_t *key)
{
    const uint64_t words[2] = {read_word(key), read_word(key + 8)};

    *digest = (KeyedDigest){.state = sip_state(words)};
    digest->state.v1 ^= 0xee; /* 128 bits */
}

void
dag__keyed_digest_add(KeyedDigest *digest, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    size_t n_rest = digest->size % 8;

    if (size == 0)
        return;
    digest->size += size;
    if (n_rest > 0) {
        size_t n = MIN(size, 8 - n_rest);

        memcpy(digest->rest + n_rest, at, n);
        at += n;
        size -= n;
        if (n_rest + n < 8)
            return;
        absorb(&digest->state, read_word(digest->rest));
    }
    for (; size >= 8; size -= 8, at += 8)
        absorb(&digest->state, read_word(at));
    memcpy(digest->rest, at, size);
}

static uint64_t
end_word(SipState *state)
{
    for (int i = 0; i < 4; i++)
        sip_round(state);
    return GUINT64_TO_LE(state->v0 ^ state->v1 ^ state->v2 ^ state->v3);
}

void
dag__keyed_digest_end(const KeyedDigest *digest, uint8_t *out)
{
    SipState state = digest->state;
    uint8_t last[8] = {0};
    uint64_t words[2];

    memcpy(last, digest->rest, digest->size % 8);
    last[7] = (uint8_t)digest->size;
    absorb(&state, read_word(last));
    state.v2 ^= 0xee;
    words[0] = end_word(&state);
    state.v1 ^= 0xdd;
    words[1] = end_word(&state);
    memcpy(out, words, sizeof(words));
}
