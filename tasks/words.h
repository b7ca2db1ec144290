/* SPDX-License-Identifier: MIT */
/*
 * A command line, split into words without a shell.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * White space separates words; '…' keeps everything, "…" keeps everything but `\"` and `\\`,
 * and a backslash outside of quotes keeps the next character.
 *
 * Puts the words into words_out[strlen(text) + 1], each with a NUL behind it, and counts them in
 * *n_out.  Returns: false with DAG_ERROR_INVALID.
 */
bool dag__words_split(const char *text, char *words_out, size_t *n_out, GError **error);
