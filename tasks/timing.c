/* SPDX-License-Identifier: MIT */
/*
 * The duration is also the expected cost of the task.
 */
#include "timing.h"

#include <dagrun/duration.h>
#include <dagrun/memory.h>

typedef struct Timing {
    int64_t ns;
} Timing;

const DagAttribute dag__timing_attributes[1] = {
    {.name = "duration", .type = DAG_ATTRIBUTE_DURATION, .required = true}};

void *
dag__timing_configure(DagElement *element, GError **error)
{
    Timing *timing = dag_element_alloc(element, sizeof(Timing));

    (void)error;
    timing->ns = dag_element_duration_ns(element, "duration");
    dag_element_suggest_cost(element, (double)timing->ns / 1e9);
    return timing;
}

int64_t
dag__timing_ns(const void *config)
{
    return ((const Timing *)config)->ns;
}

bool
dag__timing_identify(DagContext *context, const void *config, DagKey *key, GError **error)
{
    int64_t ns = dag__timing_ns(config);

    (void)context;
    (void)error;
    dag_key_add_bytes(key, "duration", &ns, sizeof(ns));
    return true;
}

void
dag__timing_describe(const void *config, GString *out)
{
    char buffer[DAG_DURATION_SIZE];

    g_string_append(out, dag_duration_format(dag__timing_ns(config), buffer));
}
