/* SPDX-License-Identifier: MIT */
/*
 * SipHash-1-3 (Aumasson and Bernstein, 2012) with a random key.  g_str_hash() is a public
 * polynomial: an author can write 65 536 names of 32 letters with one hash, and loading them took
 * minutes.
 *
 * The last two bytes are not hashed but added, times 40 and 4.  Names are often numbered; this
 * keeps t1700 to t1799 close together in a table, on one page and few cache lines, which saves a
 * fifth of the time to load a million of them.  The factor 4 leaves gaps, so that two such rows can
 * overlap without displacing each other throughout.  The price: names that differ only in the last
 * two bytes can be made to collide, a few dozen at most.
 */
#include "model/hash.h"

#include "model/sip-round.h"

#include <stdint.h>
#include <string.h>
#include <sys/random.h>

static void
absorb(SipState *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    s->v0 ^= word;
}

/* Return the key, two words that stay the same until the process ends. */
static const uint64_t *
key(void)
{
    static gsize is_made;
    static uint64_t words[2];

    if (g_once_init_enter(&is_made)) {
        /* A kernel that has just started has no random numbers; the key is 0 then. */
        if (getrandom(words, sizeof(words), GRND_NONBLOCK) < 0)
            memset(words, 0, sizeof(words));
        g_once_init_leave(&is_made, 1);
    }
    return words;
}

static uint64_t
sip_hash(const char *at, size_t length)
{
    SipState s = sip_state(key());
    uint64_t word, last = 0;

    for (size_t left = length; left >= sizeof(word); left -= sizeof(word)) {
        memcpy(&word, at, sizeof(word));
        absorb(&s, word);
        at += sizeof(word);
    }
    for (size_t i = length % sizeof(word); i-- > 0;)
        last = last << 8 | (unsigned char)at[i];
    absorb(&s, last | (uint64_t)length << 56);
    s.v2 ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

guint
dag__hash_bytes(const char *bytes, size_t length)
{
    size_t head = length < 2 ? 0 : length - 2;
    uint64_t tail = 0;

    for (size_t i = head; i < length; i++)
        tail = 10 * tail + (unsigned char)bytes[i];
    return (guint)(sip_hash(bytes, head) + 4 * tail);
}

guint
dag__hash_text(gconstpointer text)
{
    return dag__hash_bytes(text, strlen(text));
}
