/* SPDX-License-Identifier: MIT */
/*
 * A command line, split into words without a shell.
 */
#pragma once

#include <glib.h>

/*
 * White space separates words; '…' keeps everything, "…" keeps everything but `\"` and `\\`,
 * and a backslash outside of quotes keeps the next character.
 *
 * Returns: the words, NULL-terminated, free with g_strfreev(); or NULL with DAG_ERROR_INVALID.
 */
char **dag__words_split(const char *text, GError **error);
