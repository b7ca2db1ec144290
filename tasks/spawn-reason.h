/* SPDX-License-Identifier: MIT */
/*
 * Messages for programs that could not be started.
 */
#pragma once

#include <dagrun/place.h>

/* Return the reason for which the program could not be started in `environment`; `problem` is that of
 * dag__spawn().  Free with g_free(). */
char *dag__spawn_reason(const DagProcess *process, char **environment, int problem);
