/* SPDX-License-Identifier: MIT */
/*
 * A request and its answer, with all that needs no decision of the task: it waits while its origin is
 * closed and when the server asks for it, and is sent once more if a connection had ended unnoticed.
 * Every transfer leaves a record.  Its states are in exchange-state.h.  Everything is for the I/O thread.
 */
#pragma once

#include "exchange-state.h"
#include "verdict.h"

/*
 * Called at the end.  `end` is valid until the exchange is begun again or cleared, both of which the
 * callee may do; NULL: the request could not be started.  The callee owns verdict.text.
 */
typedef void (*ExchangeDone)(const TransferEnd *end, Verdict verdict, void *data);

/*
 * Called instead of ExchangeDone if the server asks to wait until `until_ns` by dag_clock_ns(): the callee
 * clears the exchange and withdraws its job, which closes `pool`; NULL: none.
 */
typedef void (*ExchangeWithdraw)(const char *pool, int64_t until_ns, void *data);

struct Exchange {
    DagJob *job;         /* borrowed; set by the owner */
    DagContext *context; /* takes the records; borrowed */
    Transfers *transfers;
    const HttpConfig *config; /* borrowed */
    const Request *request;   /* borrowed */
    int save_fd;   /* takes the body of the answer; -1, the default: it is kept in memory */
    bool was_sent; /* an earlier transfer was sent */

    ExchangeDone done;
    /* Or NULL: it waits in place, so that nothing is done twice. */
    ExchangeWithdraw withdraw;
    /* Or NULL: called with each piece of an answer's body as it arrives; it only looks.  Set by the owner. */
    void (*arrived)(const char *bytes, size_t size, bool is_first, void *data);
    void *data;
    /* Set by exchange_move() alone. */
    ExchangeState state;
    Wait *wait;        /* of the states with one, else NULL */
    int64_t queued_ns; /* since when it is EXCHANGE_QUEUED, by dag_clock_ns() */
    int64_t queue_ns;  /* waited before the request for a place */

    Transfer *transfer;   /* of EXCHANGE_RUNNING and EXCHANGE_ENDED, else NULL */
    Origin *origin;       /* of the request, once it has asked for a place */
    unsigned status;      /* of an answer that was replayed */
    unsigned n_redirects; /* that led to this request; set by the owner */
    bool is_fresh;        /* the request must have a new connection */
    bool is_aside; /* the pools of the task are for another service; set by the owner */
};

/* Prepare an exchange, to be cleared with exchange_clear(). */
void exchange_init(Exchange *exchange, DagContext *context, const HttpConfig *config,
                   const Request *request);

/* End it at once; a transfer that has not ended is recorded as cancelled. */
void exchange_clear(Exchange *exchange);

/* Send the request, now or when its origin opens.  An earlier transfer is freed. */
void exchange_begin(Exchange *exchange, ExchangeDone done, void *data);

/* Return true if the request has begun to be sent, and its answer is under way. */
bool exchange_is_under_way(const Exchange *exchange);

/* Return true if the last request has ended with an answer or without one, and is the last in the record of the
 * task. */
bool exchange_has_ended(const Exchange *exchange);
