/* SPDX-License-Identifier: MIT */
/*
 * <sleep duration="…"/>: waits.  It occupies a worker, as work does.
 */
#include "kinds.h"
#include "timing.h"

#include <dagrun/context.h>
#include <dagrun/duration.h>
#include <limits.h>
#include <time.h>

#define NS_PER_MS 1000000

static DagOutcome
sleep_run(DagContext *context, const void *config)
{
    int64_t end_ns = dag_clock_ns() + dag__timing_ns(config);
    int64_t left_ns;

    while ((left_ns = end_ns - dag_clock_ns()) > 0) {
        if (dag_context_cancel_level(context) != DAG_CANCEL_NONE)
            return DAG_CANCELLED;
        /* poll() takes whole milliseconds. */
        if (left_ns < NS_PER_MS)
            nanosleep(&(struct timespec){0, left_ns}, NULL);
        else
            dag_context_poll(context, NULL, 0, (int)MIN(left_ns / NS_PER_MS, INT_MAX));
    }
    return DAG_SUCCEEDED;
}

static void
sleep_describe(const DagGraph *graph, const void *config, GString *out)
{
    (void)graph;
    g_string_append(out, "sleep ");
    dag__timing_describe(config, out);
}

const DagKind dag__kind_sleep = {
    .name = "sleep",
    .summary = "waits for a duration",
    .attributes = dag__timing_attributes,
    .n_attributes = G_N_ELEMENTS(dag__timing_attributes),
    .configure = dag__timing_configure,
    .run = sleep_run,
    .identify = dag__timing_identify,
    .describe = sleep_describe,
};
