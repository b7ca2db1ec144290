/* SPDX-License-Identifier: MIT */
/*
 * What every target has: one function, which aborts where something is not as it has to be.
 * fuzz-NAME.c with libFuzzer is a search for such inputs; with replay.c it is a test.
 */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/* The signature is libFuzzer's.  Returns: 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Asserts that an error is one: a sentence, of the domain of dagrun, in UTF-8. */
void assert_tells(const GError *error);

/* Returns: the bytes as a text, or NULL if they are none (a NUL within, or no UTF-8); free with
 * g_free().  No such text reaches the library: neither XML nor the command line has any. */
char *text_of(const uint8_t *data, size_t size);
