/* SPDX-License-Identifier: MIT */
/*
 * One file being parsed: reading it, within limits, and telling where in it the parser stands.
 */
#pragma once

#include <dagrun/types.h>
#include <libxml/parser.h>
#include <stdint.h>
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
    unsigned depth; /* of elements begun and not ended */
    void *data;     /* of the handlers */

    /* The limits. */
    const char *refusal;          /* NULL, or why no more is read; static */
    DagLocation refusal_location; /* the line */
    uint64_t n_bytes;             /* read, of the first file also by all that it includes */
    uint64_t n_pending;           /* read since the handlers were last told something */
};

/*
 * Opens the file; `file` is copied.  One that is included, as `parent` says, must be a regular
 * one, any other may also be a pipe.
 * Returns: NULL with *problem_out, a clause that need not be freed.
 */
DagSource *dag__source_open(const char *file, DagSource *parent, const char **problem_out);
void dag__source_free(DagSource *source);

/* Returns: the directory that names in the file start from; free with g_free().  What comes from a
 * descriptor, as /dev/stdin and /dev/fd/63 do, stands in the working directory. */
char *dag__source_directory(const char *file);

/* Parses the file with `handlers`, which get the source as their user data, and closes it. */
void dag__source_parse(DagSource *source, xmlSAXHandler *handlers);

/*
 * In any handler: something was told, so the limit of what is read at once starts anew.  What
 * is handed to a handler may be part of the text between two tags, or a whole element.
 */
void dag__source_progress(DagSource *source);

/* In an end-element handler: lets go of what the parser has read and no longer needs. */
void dag__source_forget(DagSource *source);

/* A start tag as it was written, in the parser's buffer. */
typedef struct DagTag {
    const char *start;    /* its `<` */
    const char *end;      /* where the parser stands */
    DagLocation location; /* of the `<` */
} DagTag;

/* In a start-element handler: the tag, for as long as the handler runs. */
DagTag dag__source_tag(const DagSource *source);

/*
 * The place of the first character in the value of the attribute written `name` (with its
 * prefix), or that of the element if it cannot be found.  `value` is what libxml2 handed over.
 */
DagLocation dag__tag_value_location(const DagTag *tag, const char *name, const char *value);
