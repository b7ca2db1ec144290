/* SPDX-License-Identifier: MIT */
/*
 * The shell of scripts, /bin/sh.
 */
#pragma once

#include <stdbool.h>

#define DAG__SH "/bin/sh"

/* Return true if /bin/sh knows `set -o pipefail`.  The first call in a process asks it, which takes
 * about a millisecond.  Worker thread. */
bool dag__sh_has_pipefail(void);
