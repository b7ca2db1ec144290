/* SPDX-License-Identifier: MIT */
/*
 * The schedule generation schemes for problems with limits.  The parallel one starts tasks as a run
 * does: a task that waits for a pool reserves all its pools (ready/capacity.h), so that those behind it
 * which need one of them wait, too.
 */
#pragma once

#include "strategies/optimal/scheme.h"

typedef struct Limited Limited; /* memory for the schemes */

Limited *limited_new(const Problem *problem);
void limited_free(Limited *limited);

/* As generate(), which calls this. */
int64_t limited_generate(Limited *limited, Scheme scheme, Direction direction,
                         const Turn *turns, int64_t *start_out);
