/* SPDX-License-Identifier: MIT */
/*
 * Processes that wrote runs.  A process is known by its number and the time of its start, since numbers are used
 * again.
 */
#pragma once

#include <stdint.h>

/* Return the number of this process. */
int64_t dag__past_process_self(void);

/* Return when a process started, in ticks since the machine did; 0: there is no such process, or it cannot be seen. */
int64_t dag__past_process_start(int64_t process);
