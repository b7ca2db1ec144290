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

/*
 * Return the first word that a shell would take for an operator or expand, such as "|", ">file",
 * "$(date)" or "~/file", and that no quote protects; NULL if there is none.  `text` can be split.
 * Free with g_free().
 */
char *dag__command_words_find_shell(const char *text);
