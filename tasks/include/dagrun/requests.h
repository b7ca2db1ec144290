/* SPDX-License-Identifier: MIT */
/*
 * The requests of one run, which are recorded in a file, or answered from such a file without a server.  A program
 * makes a DagRequests before the run and passes it in DagExecuteOptions.engines:
 *
 *     DagOpenEngine engine = {dag_requests_engine(), requests};
 *
 * Without one, requests are sent and not recorded.
 */
#pragma once

#include <dagrun/engine.h>

G_BEGIN_DECLS

typedef struct DagRequests DagRequests; /* the state of one run's requests */

/* Return the engine of http and chat; static.  Its state is a DagRequests. */
const DagEngine *dag_requests_engine(void);

/*
 * Record the requests of a run in the file `path`, which is made, or emptied, at once; only the user may read
 * it.  Each request is a line of JSON, written when the request has ended.  Secrets are masked.
 *
 * Returns: NULL with DAG_ERROR_IO if the file cannot be written, or libcurl cannot be loaded.
 */
DagRequests *dag_requests_record(const char *path, GError **error);

/*
 * Answer the requests of a run from a file that dag_requests_record() has made.  A request that it does not have
 * fails.  Nothing is sent, and libcurl is loaded only to follow a redirect.
 *
 * Returns: NULL with DAG_ERROR_IO if the file cannot be read, or DAG_ERROR_INVALID with its line.
 */
DagRequests *dag_requests_replay(const char *path, GError **error);

/*
 * Free it after the run; NULL is fine.
 * Returns: false with DAG_ERROR_IO if the recording is incomplete, because something could not be written.
 */
bool dag_requests_close(DagRequests *requests, GError **error);

G_END_DECLS
