/* SPDX-License-Identifier: MIT */
/*
 * One file being parsed: reading it within limits, and the locations of tags and attributes.
 */
#pragma once

#include <dagrun/types.h>
#include <libxml/parser.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct DagSource DagSource;
struct DagSource {
    char *file;        /* the name in messages; locations borrow it */
    DagSource *parent; /* the file that includes this one, or NULL */
    int fd;
    int read_errno;   /* 0, or the error that stopped reading */
    bool has_begun;   /* the first bytes have been read */
    GByteArray *kept; /* what was read of a pipe, to be read again; or NULL */
    GBytes *text;     /* read instead of the file, or NULL */
    size_t n_read;    /* of text */
    dev_t device;
    ino_t inode;
    xmlParserCtxt *parser; /* while it runs */
    bool root_seen;
    /* The root shows that elements of this namespace, or of none (NULL), are meant to be ours. */
    bool has_mistaken_space;
    const char *mistaken_space; /* borrowed from the parser */
    unsigned depth;             /* number of open elements */
    void *data;                 /* for the handlers */

    /* The limits. */
    const char *refusal;          /* NULL, or the reason to stop reading; static */
    DagLocation refusal_location; /* the line */
    uint64_t n_bytes;             /* read; in the outermost file, with all included files */
    uint64_t n_pending;           /* read since the last call of a handler */
};

/*
 * Open a file; `file` is copied.  A file with a `parent`, which includes it, must be regular; the
 * outermost one may also be a pipe.
 * Returns: NULL with DAG_ERROR_IO; the message does not name the file.
 */
DagSource *dag__source_open(const char *file, DagSource *parent, GError **error);
void dag__source_free(DagSource *source);

/* Return the directory of relative names in the file; free with g_free().  For a file that is a
 * descriptor, such as /dev/stdin or /dev/fd/63, it is the working directory. */
char *dag__source_directory(const char *file);

/* Return what the file holds, including what was read before; free with g_byte_array_unref().
 * NULL if it cannot be read, or is too large to be mended. */
GByteArray *dag__source_contents(DagSource *source);

/* Parse `text` instead of the file.  Takes it. */
void dag__source_replace(DagSource *source, GBytes *text);

/* Parse the file with `handlers`, which get the source as their user data, and close it. */
void dag__source_parse(DagSource *source, xmlSAXHandler *handlers);

/* Restart the limit of bytes read at once.  Every handler calls this. */
void dag__source_progress(DagSource *source);

/* Release input that the parser no longer needs.  Call it in an end-element handler. */
void dag__source_forget(DagSource *source);

/* A start tag as it was written, in the parser's buffer. */
typedef struct DagTag {
    const char *start;    /* its `<` */
    const char *end;      /* the position of the parser */
    DagLocation location; /* of the `<` */
} DagTag;

/* Return the tag; valid while the start-element handler runs. */
DagTag dag__source_tag(const DagSource *source);

/*
 * Return the location of the first character in the value of the attribute written `name` (with its
 * prefix), or that of the element if it cannot be found.  `value` is the pointer from libxml2.
 */
DagLocation dag__tag_value_location(const DagTag *tag, const char *name, const char *value);

/* Return true if the value was written with a line end, which the parser turns into a space. */
bool dag__tag_value_has_line_end(const DagTag *tag, const char *name, const char *value);
