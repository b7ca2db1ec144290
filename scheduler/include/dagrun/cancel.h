/* SPDX-License-Identifier: MIT */
/*
 * A cancellation token: raised from one place, visible to every thread.  dag_cancel_raise() may
 * be called from a signal handler.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct DagCancel DagCancel; /* a cancellation token */

/* How urgent the cancellation is. */
typedef enum DagCancelLevel {
    DAG_CANCEL_NONE, /* go on */
    DAG_CANCEL_TERM, /* start no new task; ask running tasks to end within the grace */
    DAG_CANCEL_KILL, /* end running tasks at once */
} DagCancelLevel;

/* The number of levels. */
#define DAG_N_CANCEL_LEVELS 3

/* Return a new token at DAG_CANCEL_NONE.  Returns: NULL with DAG_ERROR_IO if descriptors are
 * used up. */
DagCancel *dag_cancel_new(GError **error);

/* Free the token.  No thread may still use it.  NULL is fine. */
void dag_cancel_free(DagCancel *cancel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DagCancel, dag_cancel_free)

/*
 * Raise the level by one, up to DAG_CANCEL_KILL.  `signal_number` is the signal that caused it, or
 * 0; the first signal is kept.  Any thread; async-signal-safe; never blocks.
 */
void dag_cancel_raise(DagCancel *cancel, int signal_number);

/* Return the present level.  Any thread. */
DagCancelLevel dag_cancel_level(const DagCancel *cancel);

/* Return the signal that was passed first, or 0.  Any thread. */
int dag_cancel_signal(const DagCancel *cancel);

/* Return a descriptor that becomes, and stays, readable once `level` (TERM or KILL) is
 * reached.  Do not read it.  Any thread. */
int dag_cancel_fd(const DagCancel *cancel, DagCancelLevel level);

G_END_DECLS
