/* SPDX-License-Identifier: MIT */
/*
 * Recording and replay, as the engine of requests sees them: it has a recording.
 */
#include <dagrun/requests.h>

#include "recording.h"

const DagEngine *
dag_requests_engine(void)
{
    return &dag__transfers_engine;
}

DagRequests *
dag_requests_record(const char *path, GError **error)
{
    g_return_val_if_fail(path, NULL);

    Recording *recording = recording_new(path, error);

    return recording ? transfers_new(recording, error) : NULL;
}

DagRequests *
dag_requests_replay(const char *path, GError **error)
{
    g_return_val_if_fail(path, NULL);

    Recording *recording = recording_load(path, error);

    return recording ? transfers_new(recording, error) : NULL;
}

bool
dag_requests_close(DagRequests *requests, GError **error)
{
    bool good;

    if (!requests)
        return true;
    good = recording_close(transfers_take_recording(requests), error);
    dag__transfers_engine.close(requests);
    return good;
}
