/* SPDX-License-Identifier: MIT */
/*
 * The interface of a fuzz target: one function, which aborts if an input violates an invariant.
 * fuzz-NAME.c linked with libFuzzer searches for such inputs; linked with replay.c it is a test.
 */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/* The signature is libFuzzer's.  Returns: 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Assert that an error is well-formed: of dagrun's domain, with a message in UTF-8. */
void assert_is_valid(const GError *error);

/* Returns: the bytes as a string, or NULL if they contain a NUL or are not UTF-8; free with
 * g_free().  XML and the command line never pass such bytes to the library. */
char *text_of(const uint8_t *data, size_t size);
