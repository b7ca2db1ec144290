/* SPDX-License-Identifier: MIT */
/*
 * Loading a graph from XML.  The text is read as a stream: memory is proportional to the graph, and
 * no document is held whole.
 */
#pragma once

#include <dagrun/builder.h>
#include <dagrun/graph.h>

G_BEGIN_DECLS

/* Options of loading; everything but the kinds may be zero. */
typedef struct DagLoadOptions {
    const DagKind *const *kinds; /* NULL-terminated: the kinds that tasks may have */
    const DagSetting *settings;  /* [n_settings] */
    size_t n_settings;
    const char *const *targets;  /* as in DagBuildOptions */
    const char *const *without;  /* as in DagBuildOptions */
    bool lenient;                /* as in DagBuildOptions */
    bool only_plans;             /* as in DagBuildOptions */
    const char *secret_stand_in; /* as in DagBuildOptions */
    bool allow_include; /* files outside of the graph's directory may be included */
    const char *const *environment; /* as in DagBuildOptions */
    DagAdvise advise;               /* as in DagBuildOptions */
    DagWarn warn;                   /* as in DagBuildOptions */
    void *warn_data;                /* passed to warn() */
} DagLoadOptions;

/*
 * Load the graph in the file `path`, which may be a pipe, and the local files that it includes.
 * Never uses the network, nor files outside of the graph's directory unless allowed.  A graph of
 * more than 512 MiB is refused.  `options` may be NULL.
 *
 * Returns: the graph, or NULL with DAG_ERROR_INVALID, DAG_ERROR_CYCLE, DAG_ERROR_SETTING, or
 *   DAG_ERROR_IO if the file cannot be read.
 */
DagGraph *dag_load_file(const char *path, const DagLoadOptions *options, GError **error);

/* Return the schema of the format as XML text; static. */
const char *dag_schema(void);

G_END_DECLS
