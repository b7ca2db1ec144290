/* SPDX-License-Identifier: MIT */
/*
 * <noop/>: a milestone: a task that other tasks need, and that does nothing.
 */
#include "kinds.h"

#include <dagrun/memory.h>

static DagOutcome
noop_run(DagContext *context, const void *config)
{
    (void)context;
    (void)config;
    return DAG_SUCCEEDED;
}

/* It does the same thing always. */
static bool
noop_identify(DagContext *context, const void *config, DagKey *key, GError **error)
{
    (void)context;
    (void)config;
    (void)key;
    (void)error;
    return true;
}

const DagKind dag__kind_noop = {
    .name = "noop",
    .summary = "nothing: a milestone that others can need",
    .is_tiny = true,
    .run = noop_run,
    .identify = noop_identify,
};
