/* SPDX-License-Identifier: MIT */
/*
 * From ^C to the wish to stop.
 */
#pragma once

#include <dagrun/cancel.h>

/*
 * SIGINT, SIGTERM and SIGHUP raise `cancel` from now on; the second one ends what runs at once.
 * What dagrun was told to ignore (nohup) stays ignored.
 */
void signals_raise(DagCancel *cancel);

/* The signals do again what they did before. */
void signals_restore(void);
