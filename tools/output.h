/* SPDX-License-Identifier: MIT */
/*
 * Standard output, and files that appear whole or not at all.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Writes to standard output.  What cannot be written is remembered for output_finish(). */
void output_print(const char *format, ...) G_GNUC_PRINTF(1, 2);
void output_write(const void *bytes, size_t size);

/* Hands on what was written so far, so that it stands in order with standard error. */
void output_flush(void);

/*
 * Ends standard output.  Returns: false, and complains, if something was lost; that the reader
 * went away is no loss.
 */
bool output_finish(void);

/* Replaces `path` with `text` atomically.  Returns: false, and complains. */
bool output_file(const char *path, const GString *text);
