/* SPDX-License-Identifier: MIT */
/*
 * A digest of 128 bits that depends on a secret key: SipHash-2-4 (Aumasson and Bernstein, 2012).  Without the key it
 * tells nothing about the bytes.  For the short texts of a task it takes a tenth of the time of GLib's SHA-256.
 */
#pragma once

#include "model/sip-round.h"

#include <stddef.h>

/* The bytes of a key, and of a digest. */
#define KEYED_DIGEST_SIZE 16

/* A digest while it is computed.  A copy of it goes on independently. */
typedef struct KeyedDigest {
    SipState state;
    uint8_t rest[8]; /* bytes that are no whole word yet: [size % 8] */
    uint64_t size;   /* of all bytes so far */
} KeyedDigest;

/* Begin a digest with key[KEYED_DIGEST_SIZE]. */
void dag__keyed_digest_init(KeyedDigest *digest, const uint8_t *key);

/* Add bytes[size]; NULL is fine if the size is 0. */
void dag__keyed_digest_add(KeyedDigest *digest, const void *bytes, size_t size);

/* Write the digest of all bytes to out[KEYED_DIGEST_SIZE].  `digest` stays as it was. */
void dag__keyed_digest_end(const KeyedDigest *digest, uint8_t *out);
