/* SPDX-License-Identifier: MIT */
/*
 * The declared limits of a task as one line of text, in the words of the format.
 */
#include <dagrun/duration.h>
#include <dagrun/report.h>

/* A line of items that is being appended to a text. */
typedef struct Line {
    GString *out;
    size_t start; /* of the line within the text */
} Line;

static void
append_item(Line *line, const char *text)
{
    if (line->out->len > line->start)
        g_string_append(line->out, ", ");
    g_string_append(line->out, text);
}

static void
append_duration(Line *line, const char *name, int64_t ns)
{
    char buffer[DAG_DURATION_SIZE];

    append_item(line, name);
    g_string_append_printf(line->out, " %s", dag_duration_format(ns, buffer));
}

static void
append_codes(Line *line, const char *name, const DagCodes *codes)
{
    append_item(line, name);
    for (int code = 0; code < 256; code++)
        if (dag_codes_has(codes, code))
            g_string_append_printf(line->out, " %d", code);
}

static void
append_attempts(Line *line, const DagPolicy *policy)
{
    if (policy->retries != 0) {
        append_item(line, "retries");
        g_string_append_printf(line->out, " %d", (int)dag_given(policy->retries, 0));
    }
    if (policy->retry_delay_ns != 0)
        append_duration(line, "retry-delay", dag_given(policy->retry_delay_ns, 0));
    if (policy->limits_retries)
        append_codes(line, "retry-on", &policy->retry_on);
}

static void
append_uses(Line *line, const DagGraph *graph, DagTaskId id)
{
    size_t n_pools, n;
    const DagPool *pools = dag_graph_pools(graph, &n_pools);
    const DagUse *uses = dag_graph_task_uses(graph, id, &n);

    if (n > 0)
        append_item(line, "uses");
    for (size_t i = 0; i < n; i++) {
        g_string_append_printf(line->out, " %s", pools[uses[i].pool].name);
        if (uses[i].slots > 1)
            g_string_append_printf(line->out, ":%u", uses[i].slots);
    }
}

void
dag_report_limits(const DagGraph *graph, DagTaskId id, GString *out)
{
    g_return_if_fail(graph && out);

    const DagPolicy *policy = dag_graph_task_policy(graph, id);
    Line line = {out, out->len};

    if (policy->timeout_ns > 0)
        append_duration(&line, "timeout", policy->timeout_ns);
    append_attempts(&line, policy);
    if (policy->limits_success)
        append_codes(&line, "expect", &policy->expect);
    if (policy->allow_failure)
        append_item(&line, "allow-failure");
    if (policy->always)
        append_item(&line, "always");
    append_uses(&line, graph, id);
}
