/* SPDX-License-Identifier: MIT */
/*
 * The formats of other programs that dagrun writes and reads: one file per format and direction, and
 * one table.
 */
#pragma once

#include "formats/imported-graph.h"

#include <dagrun/graph.h>
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* A graph to export. */
typedef struct Export {
    const DagGraph *graph; /* borrowed */
    /* Takes "FILE:LINE:COLUMN: warning: …" about a property of the graph that the format lacks. */
    void (*warn)(const char *line, void *data);
    void *warn_data; /* passed to warn() */
} Export;

/* Warn about a property of the task. */
void export_warn(const Export *export, DagTaskId id, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* Set `error`, DAG_ERROR_INVALID, to a problem of the task, with its location.  Returns: false. */
bool export_refuse(const Export *export, DagTaskId id, GError **error, const char *format,
                   ...) G_GNUC_PRINTF(4, 5);

/* A text to import. */
typedef struct ImportText {
    const char *name;  /* of the file, for messages and to find files beside it */
    const char *bytes; /* [size], followed by a NUL */
    size_t size;
    /* Takes "FILE:LINE: warning: …" about a part of the text that cannot be imported. */
    void (*warn)(const char *line, void *data);
    void *warn_data; /* passed to warn() */
} ImportText;

/* Warn about a line of the text. */
void import_warn(const ImportText *text, unsigned line, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* Set `error`, DAG_ERROR_INVALID, to "FILE:LINE: error: …".  Returns: false. */
bool import_refuse(const ImportText *text, unsigned line, GError **error,
                   const char *format, ...) G_GNUC_PRINTF(4, 5);

/*
 * Read a cost in seconds; it is from 0 to 10⁹.
 * Returns: false with `error` set.
 */
bool import_cost(const ImportText *text, unsigned line, const char *word, double *cost_out,
                 GError **error);

/* Return true if the graph has no cycle; else set `error`. */
bool imported_graph_check(const ImportedGraph *graph, const ImportText *text,
                          GError **error);

typedef struct Format {
    const char *name;
    const char *summary;      /* one line */
    const char *read_summary; /* that for reading, if it differs; or NULL */

    /* Append the graph.  Returns: false with `error` set; NULL: the format cannot be written. */
    bool (*write)(const Export *export, GString *out, GError **error);

    /* Return the graph, free with imported_graph_free(); or NULL with `error` set.  NULL: the format
     * cannot be read. */
    ImportedGraph *(*read)(const ImportText *text, GError **error);

    /* Return true if the text is certainly in this format; NULL if the format cannot be read. */
    bool (*recognizes)(const ImportText *text);
} Format;

/* All formats, NULL-terminated. */
extern const Format *const formats[];
