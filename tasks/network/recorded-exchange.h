/* SPDX-License-Identifier: MIT */
/*
 * A request and its answer as a recording has them: a line of JSON, without secrets and without what
 * differs in each run by chance.
 */
#pragma once

#include "request.h"

/* A request in a form in which it is compared. */
typedef struct RecordedRequest {
    char *method, *url;
    GPtrArray *headers; /* of char *, each "Name: value"; owned */
    GString *body;      /* or NULL: none */
} RecordedRequest;

typedef struct RecordedExchange {
    RecordedRequest request;
    char *failure; /* a word of http_failure_name(), or NULL */
    char *problem; /* libcurl's description of it, or NULL */
    int code;      /* of libcurl: a CURLcode */
    bool is_sent, is_whole;
    unsigned status;
    GPtrArray *headers; /* of char *: lines of the answer; owned */
    GString *body;      /* of the answer */
    unsigned line;      /* in the file, from 1 */
} RecordedExchange;

/*
 * Return the request as it is recorded, to be cleared with recorded_request_clear().  Secrets of the graph are
 * "***", and so are the service's key and password.  `mask` may be NULL.
 */
RecordedRequest recorded_request_of(const Request *request, const HttpConfig *config,
                                    const DagMask *mask);
void recorded_request_clear(RecordedRequest *request);

/* Replace in `text`, a part of an answer, all that recorded_request_of() replaces. */
void recorded_mask(const Request *request, const DagMask *mask, GString *text);

/* Return a text by which equal requests are found; free with g_free(). */
char *recorded_request_text(const RecordedRequest *request);

/* Return a line of JSON with its newline. */
GString *recorded_exchange_write(const RecordedExchange *exchange);

/*
 * Read a line of JSON without its newline.
 * Returns: NULL with DAG_ERROR_INVALID, whose message has no location.
 */
RecordedExchange *recorded_exchange_read(const char *line, size_t size, GError **error);

void recorded_exchange_free(RecordedExchange *exchange);
