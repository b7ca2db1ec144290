/* SPDX-License-Identifier: MIT */
/*
 * The declared limits of a task as one line of text, in the words of the format.
 */
#include <dagrun/duration.h>
#include <dagrun/report.h>

static void
append_item(GString *out, const char *text)
{
    if (out->len > 0)
        g_string_append(out, ", ");
    g_string_append(out, text);
}

static void
append_duration(GString *out, const char *name, int64_t ns)
{
    char buffer[DAG_DURATION_SIZE];

    append_item(out, name);
    g_string_append_printf(out, " %s", dag_duration_format(ns, buffer));
}

static void
append_codes(GString *out, const char *name, const DagCodes *codes)
{
    append_item(out, name);
    for (int code = 0; code < 256; code++)
        if (dag_codes_has(codes, code))
            g_string_append_printf(out, " %d", code);
}

static void
append_attempts(GString *out, const DagPolicy *policy)
{
    if (policy->retries != 0) {
        append_item(out, "retries");
        g_string_append_printf(out, " %d", (int)dag_given(policy->retries, 0));
    }
    if (policy->retry_delay_ns != 0)
        append_duration(out, "retry-delay", dag_given(policy->retry_delay_ns, 0));
    if (policy->limits_retries)
        append_codes(out, "retry-on", &policy->retry_on);
}

static void
append_uses(GString *out, const DagGraph *graph, DagTaskId id)
{
    size_t n_pools, n;
    const DagPool *pools = dag_graph_pools(graph, &n_pools);
    const DagUse *uses = dag_graph_task_uses(graph, id, &n);

    if (n > 0)
        append_item(out, "uses");
    for (size_t i = 0; i < n; i++) {
        g_string_append_printf(out, " %s", pools[uses[i].pool].name);
        if (uses[i].slots > 1)
            g_string_append_printf(out, ":%u", uses[i].slots);
    }
}

void
dag_report_limits(const DagGraph *graph, DagTaskId id, GString *out)
{
    g_return_if_fail(graph && out);

    const DagPolicy *policy = dag_graph_task_policy(graph, id);
    g_autoptr(GString) text = g_string_new(NULL);

    if (policy->timeout_ns > 0)
        append_duration(text, "timeout", policy->timeout_ns);
    append_attempts(text, policy);
    if (policy->limits_success)
        append_codes(text, "expect", &policy->expect);
    if (policy->allow_failure)
        append_item(text, "allow-failure");
    if (policy->always)
        append_item(text, "always");
    append_uses(text, graph, id);
    g_string_append(out, text->str);
}
