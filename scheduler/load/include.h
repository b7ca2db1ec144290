/* SPDX-License-Identifier: MIT */
/*
 * Which files a graph may include: those in its own directory, and below, unless its user
 * allows others; not too many, and not too deep.
 */
#pragma once

#include "load/source.h"

typedef struct Inclusions {
    char *root; /* the graph's directory, without symbolic links; NULL: all files will do */
    unsigned n; /* opened so far */
} Inclusions;

/* `file` is the graph's; `anywhere`: its user allows all files. */
void dag__inclusions_init(Inclusions *inclusions, const char *file, bool anywhere);
void dag__inclusions_clear(Inclusions *inclusions);

/*
 * Opens the file that `href` in `source` names.
 * Returns: NULL with *problem_out, a clause that need not be freed.
 */
DagSource *dag__include_open(Inclusions *inclusions, DagSource *source, const char *href,
                             const char **problem_out);
