/* SPDX-License-Identifier: MIT */
/*
 * Standard output, standard error, and files that are replaced atomically.  Use from the main
 * thread only, except where stated.
 */
#pragma once

#include <dagrun/cancel.h>
#include <dagrun/report.h>
#include <dagrun/text.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Open the streams.  Call it first.  Descriptors 0 to 2 must be open. */
void output_start(void);

/* Once `cancel` is raised, writing to a reader that does not read times out.  NULL: never. */
void output_set_cancel(const DagCancel *cancel);

/* Mask these secrets in all text from now on; NULL: none.  Takes `mask`. */
void output_take_secrets(DagMask *mask);

/* Return them; borrowed. */
const DagMask *output_secrets(void);

/* Let DAG_ANSI_* pass in the text on `stream`, which is stdout or stderr; not by default. */
void output_allow_color(const FILE *stream, bool allow);

/*
 * Write to standard error.  It is buffered: call output_flush_diagnostics() after each line.
 * diagnose() makes its string arguments harmless and keeps each on its line, see
 * safe_text_append_format(); diagnose_text() makes a whole text harmless, but keeps newlines;
 * diagnose_report() also keeps the colours of a report, whose parts are clean; diagnose_data() writes
 * the output of a task as it is.
 */
void diagnose(const char *format, ...) G_GNUC_PRINTF(1, 2);
void diagnose_text(const char *text, size_t size);
void diagnose_report(const char *text, size_t size);
void diagnose_data(const void *bytes, size_t size);
void output_flush_diagnostics(void);

/* Return the number of bytes of diagnostics flushed so far. */
uint64_t output_n_diagnostic_bytes(void);

/* While held, output_flush_diagnostics() does nothing; output_draw() flushes. */
void output_hold(bool hold);

/*
 * Flush diagnostics and show the live lines below them.  Standard error must be a terminal.
 * `lines` are separated by newlines; the last one has none.  Whatever is written next, by any
 * process, overwrites them.  NULL: forget the lines without erasing them, because another process
 * has the terminal.
 */
void output_draw(const char *lines);

/* Erase the live lines at the next flush. */
void output_undraw(void);

/* Any thread.  Erase the live lines at once.  The next output_draw() of other lines shows them. */
void output_undraw_at_once(void);

/*
 * Withhold what is written to the terminal, until output_withhold(false): a task has the terminal.  First
 * erases the live lines, and writes all that was written so far.  A pipe, which may lead to the terminal,
 * counts as one.
 */
void output_withhold(bool withhold);
bool output_is_withheld(void);

/* The same as diagnose() for standard output; output_sink() takes reports.  output_finish() reports an
 * error. */
void output_print(const char *format, ...) G_GNUC_PRINTF(1, 2);
void output_write(const char *text, size_t size);
void output_write_data(const void *bytes, size_t size);

/* Return the sink that writes reports to standard output. */
DagReportSink output_sink(void);

/* Return whether to continue writing a large text to standard output, or to standard error.
 * False after an error, and once the run is cancelled. */
bool output_is_wanted(void);
bool output_diagnostics_are_wanted(void);

/* Flush standard output, to keep it in order with standard error. */
void output_flush(void);

/*
 * Close both streams.  It is no error if the reader has closed its end or has stopped reading.
 * Returns: false after an error message if standard output could not be written completely.
 */
bool output_finish(void);

/* A file that is being written. */
typedef struct OutputFile OutputFile;

/* Begin to replace the file `path`, atomically: its content changes when it is complete.  A device
 * or a pipe is written to.
 * Returns: NULL after an error message. */
OutputFile *output_file_open(const char *path);

/* Write to the file.  Returns: false after an error; output_file_close() reports it. */
bool output_file_write(const char *bytes, size_t size, void *file);

/* Complete the file, and free `file`.  After an error, the old file stays.
 * Returns: false after an error message. */
bool output_file_close(OutputFile *file);

/* Leave the old file as it is, and free `file`, which may be NULL. */
void output_file_discard(OutputFile *file);
