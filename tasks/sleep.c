/* SPDX-License-Identifier: MIT */
/*
 * <sleep duration="…"/>: waits, and uses nothing but a worker.
 */
#include "kinds.h"
#include "timing.h"

#include <dagrun/context.h>
#include <dagrun/duration.h>
#include <poll.h>

static DagOutcome
sleep_run(DagContext *context, const void *config)
{
    int64_t end_ns = dag_clock_ns() + dag__timing_ns(config);
    struct pollfd stop = {.fd = dag_context_cancel_fd(context, DAG_CANCEL_TERM),
                          .events = POLLIN};
    int64_t left_ns;

    while ((left_ns = end_ns - dag_clock_ns()) > 0) {
        struct timespec left = {left_ns / 1000000000, left_ns % 1000000000};

        if (ppoll(&stop, 1, &left, NULL) > 0)
            return DAG_CANCELLED;
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
    .describe = sleep_describe,
};
