/* SPDX-License-Identifier: MIT */
/*
 * <noop/>: a milestone: a task that other tasks need, and that does nothing.
 */
#include "kinds.h"

static DagOutcome
noop_run(DagContext *context, const void *config)
{
    (void)context;
    (void)config;
    return DAG_SUCCEEDED;
}

const DagKind dag__kind_noop = {
    .name = "noop",
    .summary = "nothing: a milestone that others can need",
    .is_tiny = true,
    .run = noop_run,
};
