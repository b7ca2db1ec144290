/* SPDX-License-Identifier: MIT */
/*
 * The text of running tasks, on its way from the threads that run them to observers.
 */
#pragma once

#include <dagrun/execute.h>

typedef struct Execution Execution;
typedef struct Follow Follow; /* of one run */

/* Return NULL if no observer is to follow. */
Follow *dag__follow_new(Execution *ex, DagFollow how);
void dag__follow_free(Follow *follow);

/* Text that a task wrote. */
typedef struct FollowedText {
    DagTaskId task;
    DagStream stream;
    const char *bytes; /* [size] */
    size_t size;       /* at least 1 */
    /* By dag_clock_ns(): do not wait longer for observers; INT64_MAX: never. */
    int64_t limit_ns;
} FollowedText;

/* Pass on text that a task wrote.  May wait until the observers have read earlier text.  The thread
 * that runs the task, without the lock of the execution. */
void dag__follow_push(Follow *follow, const FollowedText *said);

/* Keep the number of tokens that a task has received, for the next tick.  Any thread, without the lock of the
 * execution. */
void dag__follow_count(Follow *follow, DagTaskId task, uint64_t n_tokens);

/* Record the last lines and numbers of tokens as events: a tick is due.  `follow` may be NULL. */
void dag__follow_tick_locked(Follow *follow);

/* Forget the last line and the tokens of a task that ended.  `follow` may be NULL. */
void dag__follow_forget_locked(Follow *follow, DagTaskId task);

/* The events recorded so far are being delivered.  `follow` may be NULL. */
void dag__follow_delivered_locked(Follow *follow);
