/* SPDX-License-Identifier: MIT */
/*
 * The files that a graph may include: those in its directory and below, unless the user allows
 * others; limited in number and depth.
 */
#pragma once

#include "load/source.h"

typedef struct Inclusions {
    bool is_anywhere; /* any file is allowed */
    /* The graph's directory, without symbolic links.  NULL: it cannot be found, or is not used. */
    char *root;
    unsigned n;      /* opened so far */
    bool is_outside; /* the last problem was a file outside of `root` */
} Inclusions;

/* Prepare for the graph in `file`; `anywhere` allows any file. */
void dag__inclusions_init(Inclusions *inclusions, const char *file, bool anywhere);
void dag__inclusions_clear(Inclusions *inclusions);

/*
 * Open the file that `href` in `source` names.
 * Returns: NULL with DAG_ERROR_IO; the message does not name the file.
 */
DagSource *dag__include_open(Inclusions *inclusions, DagSource *source, const char *href,
                             GError **error);
