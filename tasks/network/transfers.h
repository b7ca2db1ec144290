/* SPDX-License-Identifier: MIT */
/*
 * The engine of requests: a multi handle of libcurl, driven by an epoll descriptor of its own.  A transfer
 * is one request and its answer; redirects and further attempts are further transfers.
 *
 * Everything is for the I/O thread.
 */
#pragma once

#include "curl-library.h"
#include "waits.h"

#include <dagrun/engine.h>
#include <dagrun/requests.h>
#include <dagrun/traffic.h>

extern const DagEngine dag__transfers_engine;

typedef struct DagRequests Transfers;
typedef struct Transfer Transfer;
typedef struct AnswerCache AnswerCache; /* see answer-cache.h */
typedef struct Recording Recording;     /* see recording.h */

/* A request.  Texts and bytes are borrowed until the transfer is freed. */
typedef struct TransferSpec {
    const char *method;
    const char *url;
    const char *const *headers; /* NULL-terminated, each "Name: value" */
    const char *body;           /* NULL: none */
    size_t body_size;
    bool is_fresh;         /* on a new connection, which cannot die of its age */
    size_t max_size;       /* of the decoded body of the answer */
    int save_fd;           /* takes the body of the answer; -1: it is kept in memory */
    int64_t connect_ns;    /* limits of time: until the connection stands, */
    int64_t first_byte_ns; /* from then to the first byte of the answer, */
    int64_t stall_ns;      /* and between two bytes */
    const char *user, *password;      /* or NULL */
    const char *ca, *cert, *cert_key; /* files, or NULL */
    const char *proxy;                /* NULL: of the environment; "": none */
    bool is_insecure;
    bool wants_http2;
    /* Called with the transfer's data once the name of the host is resolved, perhaps several times, from
     * within libcurl: it must neither start nor free a transfer. */
    void (*resolved)(void *data);
    /* Or NULL: called likewise with each piece of the body as it arrives. */
    void (*arrived)(const char *bytes, size_t size, bool is_first, void *data);
} TransferSpec;

/* The reason why dagrun itself ended a transfer. */
typedef enum TransferStop {
    TRANSFER_NOT_STOPPED,
    TRANSFER_TOO_LARGE,
    TRANSFER_NOT_SAVED,
    TRANSFER_LATE,    /* no first byte in time */
    TRANSFER_STALLED, /* no further byte in time */
} TransferStop;

/* The end of a transfer. */
typedef struct TransferEnd {
    CURLcode code;
    TransferStop stop;
    const char *problem; /* libcurl's description, if code is not CURLE_OK */
    int save_errno;      /* of TRANSFER_NOT_SAVED */
    bool is_sent;        /* the request began to be sent */
    /* On a connection that had been used before, and ended without an answer. */
    bool is_stale;
    bool is_whole; /* the headers of an answer are there, with the blank line after them */
    unsigned status;          /* 0: there is no status line */
    const GPtrArray *headers; /* of char *: lines of the answer, without line end */
    const GString *body;      /* of a saved one, the first bytes */
    size_t size;              /* decoded bytes of the body */
} TransferEnd;

/* Called on the I/O thread at the end of a transfer, which the callee frees. */
typedef void (*TransferDone)(Transfer *transfer, const TransferEnd *end, void *data);

/* Return the engine of a run whose requests are recorded or answered by `recording`, which it takes.  Freed with
 * dag_requests_close().  Returns: NULL with DAG_ERROR_IO. */
Transfers *transfers_new(Recording *recording, GError **error);

/* Return the recording, or NULL. */
Recording *transfers_recording(const Transfers *transfers);

/* Take the recording out, to be closed by the caller; NULL: there is none. */
Recording *transfers_take_recording(Transfers *transfers);

/* Load libcurl if it is not: a replay begins without it.  Returns: false with DAG_ERROR_IO. */
bool transfers_load_curl(Transfers *transfers, GError **error);

/* Return the functions of libcurl; those of a replay are NULL before transfers_load_curl(). */
const CurlLibrary *transfers_curl(const Transfers *transfers);

/* Return the waits of requests. */
Waits *transfers_waits(Transfers *transfers);

/* Return the cache of answers. */
AnswerCache *transfers_answers(Transfers *transfers);

/* Return a random text, the same during the run. */
const char *transfers_salt(const Transfers *transfers);

/* Return `size` bytes that are kept for `key`, an address, as long as the engine; 0 at first. */
void *transfers_note(Transfers *transfers, const void *key, size_t size);

/* Start a transfer.  `done` is called later, never from within.
 * Returns: NULL with DAG_ERROR_IO or DAG_ERROR_INVALID. */
Transfer *transfer_start(Transfers *transfers, const TransferSpec *spec, TransferDone done,
                         void *data, GError **error);

/* End the transfer, if it has not ended, and free it; NULL is fine.  Does not wait for a name that is being
 * looked up. */
void transfer_free(Transfer *transfer);

/* Return true if the request has begun to be sent. */
bool transfer_is_sent(const Transfer *transfer);

/* Set what libcurl has measured so far: status, connection, times and bytes.  The texts are borrowed until the
 * transfer is freed. */
void transfer_measure(const Transfer *transfer, DagRequest *request_out);

/* Return the part of the answer's body that has come so far; borrowed. */
const GString *transfer_body(const Transfer *transfer);

/* Return the value of the last header of this name, or NULL.  Borrowed. */
const char *transfer_end_header(const TransferEnd *end, const char *name);
