/* SPDX-License-Identifier: MIT */
/*
 * A hash of texts for which nobody can prepare collisions.
 */
#pragma once

#include <glib.h>

/* A GHashFunc: of a NUL-terminated text; another one in every process.  Any thread. */
guint dag__hash_text(gconstpointer text);

/* The same of bytes[0, length). */
guint dag__hash_bytes(const char *bytes, size_t length);
