/* SPDX-License-Identifier: MIT */
/*
 * From ^C to the wish to stop, and ^Z passed on to what tasks have started.
 */
#pragma once

#include <dagrun/cancel.h>

/*
 * SIGINT, SIGTERM and SIGHUP raise `cancel` from now on; the second one ends what runs at once.
 * SIGTSTP stops (suspends) what tasks have started, then dagrun; SIGCONT continues both.
 * What dagrun was told to ignore (nohup) stays ignored.  Call it before there are other threads.
 */
void signals_raise(DagCancel *cancel);

/* The signals do again what they did before. */
void signals_restore(void);
