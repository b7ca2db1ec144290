/* SPDX-License-Identifier: MIT */
/*
 * The words of `expect` and `retry-on`: statuses and kinds of failure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* The kinds of failure of a request. */
typedef enum HttpFailure {
    HTTP_NO_FAILURE,
    HTTP_FAILED_NAME,    /* the name of the host was not found */
    HTTP_FAILED_CONNECT, /* no connection */
    HTTP_FAILED_TLS,
    HTTP_FAILED_PROXY,
    HTTP_FAILED_NO_ANSWER, /* the connection ended before the first byte */
    HTTP_FAILED_CUT,       /* the answer is incomplete */
    HTTP_FAILED_TIMEOUT_CONNECT,
    HTTP_FAILED_TIMEOUT_FIRST_BYTE,
    HTTP_FAILED_TIMEOUT_STALL,
    HTTP_FAILED_PROTOCOL, /* the answer is not HTTP, or cannot be decoded */
    HTTP_FAILED_STATUS,
    HTTP_FAILED_THROTTLED, /* the server asks to wait for too long */
    HTTP_FAILED_QUOTA,     /* the quota is used up */
    HTTP_FAILED_REDIRECT,
    HTTP_FAILED_TOO_LARGE,
    HTTP_FAILED_SAVE,
    HTTP_FAILED_EXTRACT,
    HTTP_FAILED_LENGTH,         /* of a chat: the answer reached a limit of tokens */
    HTTP_FAILED_FILTERED,       /* the service withheld it */
    HTTP_FAILED_REFUSED,        /* the model refused */
    HTTP_FAILED_EMPTY,          /* no text */
    HTTP_FAILED_INVALID_RESULT, /* it does not meet the demands */
    HTTP_FAILED_CONTEXT,        /* the question does not fit into the model's window */
    HTTP_FAILED_REQUEST,        /* the request cannot be made */
    HTTP_FAILED_NOT_RECORDED,   /* the recording that is replayed does not have it */
    HTTP_FAILED_BUDGET,         /* the budget of the run does not suffice */
} HttpFailure;

/* Return the word for a failure, such as "no-answer". */
const char *http_failure_name(HttpFailure failure);

/* Statuses from 100 to 599, and kinds of failure. */
typedef struct HttpOutcomes {
    bool is_given;
    uint32_t statuses[600 / 32 + 1];
    uint32_t failures; /* set of 1 << HttpFailure */
} HttpOutcomes;

/*
 * Read words such as "200-299 404 5xx", and "connect timeout" if `may_fail`.
 * Returns: false with DAG_ERROR_INVALID.
 */
bool http_outcomes_parse(const char *text, bool may_fail, HttpOutcomes *out,
                         GError **error);

/* Return true if the status is among them. */
bool http_outcomes_has(const HttpOutcomes *outcomes, unsigned status);
