/* SPDX-License-Identifier: MIT */
/*
 * The states of an exchange.  Requests of one origin take places, of which there may be few (waits.h); those for
 * which there is none stand in a queue.  A place belongs to the state: whichever way an exchange leaves it, the
 * place is free again and the next one in the queue has it.
 *
 * state      ends by itself  in the queue  has a place  may be followed by
 * IDLE       -               -             -            WAITING QUEUED RUNNING REPLAYING
 * WAITING    at its time     -             -            WAITING QUEUED RUNNING REPLAYING
 * QUEUED     -               yes           -            ADMITTED
 * ADMITTED   soon            -             yes          WAITING RUNNING
 * RUNNING    -               -             yes          WAITING RUNNING ENDED
 * REPLAYING  soon            -             -            WAITING ENDED
 * ENDED      -               -             -
 *
 * and each by IDLE.  Everything is for the I/O thread.
 */
#pragma once

#include "waits.h"

typedef struct Exchange Exchange;

/* The state of an exchange. */
typedef enum ExchangeState {
    EXCHANGE_IDLE,      /* not begun; cleared; or ended without a request */
    EXCHANGE_WAITING,   /* until the time that the server named */
    EXCHANGE_QUEUED,    /* for a place at its origin */
    EXCHANGE_ADMITTED,  /* it was given a place, and is sent from the loop of the engine */
    EXCHANGE_RUNNING,   /* there is a transfer */
    EXCHANGE_REPLAYING, /* a recording answers, from the loop of the engine */
    EXCHANGE_ENDED,     /* the request is recorded, and the owner decides */
} ExchangeState;

/*
 * Move the exchange to a state that may follow, with all that the table says.  `time_ns`: when it ends by itself,
 * by dag_clock_ns(), with a call of exchange_go_on(); only WAITING has a time of its own.
 */
void exchange_move(Exchange *exchange, ExchangeState state, int64_t time_ns);

/* Return true if the exchange has a place at its origin. */
bool exchange_has_place(const Exchange *exchange);

/* Give free places to those that are first in the queue. */
void exchange_admit(Origin *origin);

/* Go on from a state that has ended by itself; `exchange` is an Exchange.  In exchange.c. */
void exchange_go_on(void *exchange);
