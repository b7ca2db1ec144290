/* SPDX-License-Identifier: MIT */
/*
 * One file being parsed: reading it, and telling where in it the parser stands.
 */
#pragma once

#include <dagrun/types.h>
#include <libxml/parser.h>
#include <sys/types.h>

typedef struct DagSource DagSource;
struct DagSource {
    char *file;        /* the name in diagnostics; places borrow it */
    DagSource *parent; /* the file that includes this one, or NULL */
    int fd;
    int read_errno; /* 0, or why reading stopped */
    dev_t device;
    ino_t inode;
    xmlParserCtxt *parser; /* while it runs */
    bool root_seen;
    void *data; /* of the handlers */
};

/*
 * Opens the file; `file` is copied.  Returns: NULL with errno set.  A file that is included by
 * itself is ELOOP.
 */
DagSource *dag__source_open(const char *file, DagSource *parent);
void dag__source_free(DagSource *source);

/* Parses the file with `handlers`, which get the source as their user data, and closes it. */
void dag__source_parse(DagSource *source, xmlSAXHandler *handlers);

/* In a start-element handler: the place of the element's `<`. */
DagPlace dag__source_element_place(const DagSource *source);

/*
 * In a start-element handler: the place of the first character in the value of the attribute
 * written `name` (with its prefix), or that of the element if it cannot be found.
 */
DagPlace dag__source_value_place(const DagSource *source, const char *name);
