/* SPDX-License-Identifier: MIT */
/*
 * Where the program writes: standard output, standard error, and files that appear whole or not
 * at all.  Only used from the first thread.
 */
#pragma once

#include <dagrun/cancel.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Call first: makes the streams below, and sees that descriptors 0 to 2 are not taken for
 * anything else. */
void output_start(void);

/* Once `cancel` is raised, writing to a reader that does not read is given up.  NULL: no more. */
void output_set_cancel(const DagCancel *cancel);

/* Standard error, buffered: call output_flush_diagnostics() where a line is complete. */
FILE *diagnostics(void);
void output_flush_diagnostics(void);

/* Returns: how many bytes of diagnostics have been flushed so far. */
uint64_t output_n_diagnosed(void);

/* Lets output_flush_diagnostics() do nothing until output_draw(), or until this is over. */
void output_hold(bool hold);

/*
 * Shows lines (with a line feed between them, none after the last) below all that was written
 * so far, on a terminal that standard error must be, with what waits to be flushed.  Whatever is
 * written next takes their place, wherever it comes from.  NULL: shows none, and leaves those that
 * are shown to who has the terminal now.
 */
void output_draw(const char *lines);

/* Takes away what output_draw() shows; to be flushed. */
void output_undraw(void);

/* Any thread: the same, now; the next output_draw() of something else shows it again. */
void output_undraw_at_once(void);

/* Writes to standard output.  What cannot be written is remembered for output_finish(). */
void output_print(const char *format, ...) G_GNUC_PRINTF(1, 2);
void output_write(const void *bytes, size_t size);

/* Returns: whether writing more of something large to standard output, or to standard error, is
 * worth while: false once that has failed, or the run is to stop. */
bool output_goes_on(void);
bool output_diagnostics_go_on(void);

/* Hands on what was written so far, so that it stands in order with standard error. */
void output_flush(void);

/*
 * Ends both streams.  Returns: false, and complains, if something of standard output was lost;
 * that the reader went away, or was given up, is no loss.
 */
bool output_finish(void);

/* Replaces `path` with `text` atomically.  Returns: false, and complains. */
bool output_file(const char *path, const GString *text);
