/* SPDX-License-Identifier: MIT */
/*
 * Requests that wait because a server asked for it: times, the origins that are closed until then, and how
 * many requests an origin takes at once after it has refused some.
 * Everything is for the I/O thread.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* A time that is waited for. */
typedef struct Wait {
    int64_t time_ns; /* by dag_clock_ns() */
    void (*done)(void *data);
    void *data;
    guint index; /* in Waits.list */
} Wait;

/* Scheme, host and port of a server. */
typedef struct Origin {
    int64_t opens_ns; /* by dag_clock_ns(); 0: it was never closed */
    /* Requests under way; how many may be, 0: any number; and from how many on there is no limit. */
    unsigned n_running, limit, ceiling;
    bool is_resolved;      /* the name of the host was found once */
    unsigned n_unresolved; /* requests that ended before that */
    GQueue queue;          /* of void *: those that wait for a place */
} Origin;

/* How long the server has let a task wait. */
typedef struct Patience {
    unsigned n_waits;
    int64_t waited_ns;
    int64_t before_ns; /* a part of this: before the request that is sent next */
} Patience;

typedef struct Waits {
    GPtrArray *list;     /* of Wait; owned */
    int64_t next_ns;     /* none is due before; INT64_MAX: there is none */
    GHashTable *origins; /* of char * to Origin */
    GHashTable *tasks;   /* number of the task to Patience */
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

/* Return the origin called, for example, "https://x:443".  Lives as long as the waits. */
Origin *waits_origin(Waits *waits, const char *name);

/*
 * Close the origin until `time_ns`, unless it is closed for longer.  With `is_halved`, it then takes half
 * as many requests at once as now.
 */
void origin_close(Origin *origin, int64_t time_ns, bool is_halved);

/* Note that a request has succeeded: after a refusal, one more may be under way. */
void origin_succeed(Origin *origin);

/*
 * Return how many more requests may be under way.  Until the name of the host is resolved that is one, since
 * each has a thread for it; each that ends without a result doubles the number, so that many soon know that
 * there is none.
 */
unsigned origin_n_places(const Origin *origin);

/* Return how long the task has waited.  Lives as long as the waits. */
Patience *waits_patience(Waits *waits, uint32_t task);
