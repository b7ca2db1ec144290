/* SPDX-License-Identifier: MIT */
/*
 * The wish to stop, told once and seen by every thread.  dag_cancel_raise() may be called from
 * a signal handler; all else about it is read.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct DagCancel DagCancel; /* one wish to stop */

/* How urgent the wish is. */
typedef enum DagCancelLevel {
    DAG_CANCEL_NONE, /* go on */
    DAG_CANCEL_TERM, /* start nothing new; ask what runs to end, and give it a while */
    DAG_CANCEL_KILL, /* end what runs at once */
} DagCancelLevel;

/* The number of levels. */
#define DAG_N_CANCEL_LEVELS 3

/* Returns: a new wish, not told yet, or NULL with DAG_ERROR_IO if descriptors are used up. */
DagCancel *dag_cancel_new(GError **error);

/* Frees it, once nobody uses it any more; NULL is fine. */
void dag_cancel_free(DagCancel *cancel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DagCancel, dag_cancel_free)

/*
 * Raises the level by one, up to DAG_CANCEL_KILL.  `signal_number` says why (0: no signal); the
 * first reason stands.  Any thread; async-signal-safe; never blocks.
 */
void dag_cancel_raise(DagCancel *cancel, int signal_number);

/* Returns: how far it was raised.  Any thread. */
DagCancelLevel dag_cancel_level(const DagCancel *cancel);

/* Returns: the signal given first, or 0.  Any thread. */
int dag_cancel_signal(const DagCancel *cancel);

/* Returns: a descriptor that becomes, and stays, readable once `level` (TERM or KILL) is
 * reached.  Do not read it.  Any thread. */
int dag_cancel_fd(const DagCancel *cancel, DagCancelLevel level);

G_END_DECLS
