/* SPDX-License-Identifier: MIT */
/*
 * The requests of a run in a file: recorded as they end, or read to answer those of another run.  The first line
 * names the format, each further one is a RecordedExchange.  Everything but making and freeing it is for the I/O
 * thread.
 */
#pragma once

#include "request.h"

typedef struct Recording Recording;

/* Make the file, which only the user may read.  Returns: NULL with DAG_ERROR_IO. */
Recording *recording_new(const char *path, GError **error);

/* Read a file.  Returns: NULL with DAG_ERROR_IO or DAG_ERROR_INVALID; the message has file and line. */
Recording *recording_load(const char *path, GError **error);

/* Free it; NULL is fine.  Returns: false with DAG_ERROR_IO if something could not be written. */
bool recording_close(Recording *recording, GError **error);

/* Return true if it answers requests. */
bool recording_is_replayed(const Recording *recording);

/* A request that is recorded or looked for. */
typedef struct RecordingRequest {
    const Request *request;
    const HttpConfig *config;
    const DagMask *mask; /* or NULL */
    int save_fd;         /* holds, or takes, the body of the answer; -1: none */
} RecordingRequest;

/* Append a request and its end.  `failure`: its word, or NULL. */
void recording_add(Recording *recording, const RecordingRequest *request,
                   const TransferEnd *end, const char *failure);

/*
 * Set the end of the request to the next one in the recording; the texts live as long as the recording.  Equal
 * requests are answered in their order.
 * Returns: false with DAG_ERROR_INVALID, which names the first difference to the nearest one.
 */
bool recording_answer(Recording *recording, const RecordingRequest *request,
                      TransferEnd *end_out, GError **error);
