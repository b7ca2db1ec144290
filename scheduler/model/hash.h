/* SPDX-License-Identifier: MIT */
/*
 * A keyed hash of text.  Without the key, an author cannot prepare names with equal hashes, except
 * for groups of a few dozen that differ only in their last two bytes.
 */
#pragma once

#include <glib.h>

/* Hash a NUL-terminated text; a GHashFunc.  The key differs in each process.  Any thread. */
guint dag__hash_text(gconstpointer text);

/* Hash bytes[0, length). */
guint dag__hash_bytes(const char *bytes, size_t length);
