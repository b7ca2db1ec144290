/* SPDX-License-Identifier: MIT */
/*
 * Events as lines of JSON in a file, as they happen.
 */
#pragma once

#include <dagrun/execute.h>

/* A log that is being written, or zero: there is none. */
typedef struct EventLog {
    const char *path; /* borrowed; NULL: there is no log */
    int fd;
    int problem;     /* the errno of the first write that failed, or 0 */
    GString *buffer; /* lines that are not written yet */
} EventLog;

/* Create the file, or empty it; a device or a pipe is written to.
 * Returns: false after an error message. */
bool event_log_open(EventLog *log, const char *path);

/* Return the observer that writes the log.  Lines are written at the end of each batch of events. */
DagObserver event_log_observer(EventLog *log);

/* Close the file.  Returns: false after an error message if it is not complete. */
bool event_log_close(EventLog *log);
