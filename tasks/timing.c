/* SPDX-License-Identifier: MIT */
/*
 * The duration is also the expected cost of the task.
 */
#include "timing.h"

#include <dagrun/duration.h>

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

void
dag__timing_describe(const void *config, GString *out)
{
    char buffer[DAG_DURATION_SIZE];

    g_string_append(out, dag_duration_format(dag__timing_ns(config), buffer));
}
