/* SPDX-License-Identifier: MIT */
/*
 * Requests that wait because a server asked for it: times, and the origins that are closed until then.
 * Everything is for the I/O thread.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

/* A time that is waited for. */
typedef struct Wait {
    int64_t time_ns; /* by dag_clock_ns() */
    void (*done)(void *data);
    void *data;
    guint index; /* in Waits.list */
} Wait;

typedef struct Waits {
    GPtrArray *list;     /* of Wait; owned */
    int64_t next_ns;     /* none is due before; INT64_MAX: there is none */
    GHashTable *origins; /* of char * to int64_t *: when each opens */
} Waits;

void waits_init(Waits *waits);
void waits_clear(Waits *waits);

/* Let `done` be called by waits_check() once `time_ns` has come.  It must remove the wait, or another must
 * before. */
Wait *waits_add(Waits *waits, int64_t time_ns, void (*done)(void *data), void *data);

/* Remove and free the wait. */
void waits_remove(Waits *waits, Wait *wait);

/* Call done() of the waits whose time has come. */
void waits_check(Waits *waits, int64_t now_ns);

/* Close an origin, such as "https://x:443", until `time_ns`, unless it is closed for longer. */
void waits_close(Waits *waits, const char *origin, int64_t time_ns);

/* Return the time at which the origin opens; 0: it was never closed. */
int64_t waits_opens_ns(const Waits *waits, const char *origin);
