/* SPDX-License-Identifier: MIT */
/*
 * <spin duration="…"/>: uses processor time, to try schedules and to measure overhead.
 */
#include "kinds.h"
#include "timing.h"

#include <dagrun/context.h>
#include <dagrun/duration.h>

static DagOutcome
spin_run(DagContext *context, const void *config)
{
    int64_t end_ns = dag_clock_ns() + dag__timing_ns(config);

    while (dag_clock_ns() < end_ns)
        if (dag_context_cancel_level(context) != DAG_CANCEL_NONE)
            return DAG_CANCELLED;
    return DAG_SUCCEEDED;
}

static void
spin_describe(const DagGraph *graph, const void *config, GString *out)
{
    (void)graph;
    g_string_append(out, "spin ");
    dag__timing_describe(config, out);
}

const DagKind dag__kind_spin = {
    .name = "spin",
    .summary = "burns processor time for a duration",
    .attributes = dag__timing_attributes,
    .n_attributes = G_N_ELEMENTS(dag__timing_attributes),
    .is_tiny = true, /* tasks of a longer duration are never batched */
    .configure = dag__timing_configure,
    .run = spin_run,
    .identify = dag__timing_identify,
    .describe = spin_describe,
};
