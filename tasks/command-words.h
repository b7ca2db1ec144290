/* SPDX-License-Identifier: MIT */
/*
 * A command line, split into words without a shell.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * Split `text` at white space.  '…' keeps all characters, "…" all but `\"` and `\\`; outside of
 * quotes, a backslash keeps the next character.
 *
 * Writes the words to words_out[strlen(text) + 1], each followed by a NUL, and their number to
 * *n_out.  Returns: false with DAG_ERROR_INVALID.
 */
bool dag__command_words_split(const char *text, char *words_out, size_t *n_out,
                              GError **error);
