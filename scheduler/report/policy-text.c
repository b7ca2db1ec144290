/* SPDX-License-Identifier: MIT */
/*
 * The declared limits of a task, and how they ended it, as one line of text.
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
append_cache(Line *line, int64_t ns)
{
    if (ns == INT64_MAX)
        append_item(line, "cache forever");
    else if (ns > 0)
        append_duration(line, "cache", ns);
}

static void
append_files(Line *line, const char *name, const char *const *paths, size_t n)
{
    if (n > 0)
        append_item(line, name);
    for (size_t i = 0; i < n; i++)
        g_string_append_printf(line->out, " %s", paths[i]);
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
    const DagTaskFiles *files = dag_graph_task_files(graph, id);
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
    append_cache(&line, policy->cache_ns);
    if (files) {
        append_files(&line, "inputs", files->inputs, files->n_inputs);
        append_files(&line, "outputs", files->outputs, files->n_outputs);
    }
    append_uses(&line, graph, id);
}

/* Return true if each of several attempts was ended by the task's time limit. */
static bool
always_timed_out(const DagRun *run, DagTaskId id, int64_t timeout_ns)
{
    unsigned n = dag_run_record(run, id).n_attempts;

    for (unsigned i = 0; i < n; i++) {
        DagAttempt attempt = dag_run_attempt(run, id, i);

        if (attempt.outcome != DAG_TIMED_OUT ||
            attempt.end_ns - attempt.start_ns < timeout_ns)
            return false;
    }
    return n > 1 && timeout_ns > 0;
}

bool
dag_report_end(const DagRun *run, DagTaskId id, GString *out)
{
    g_return_val_if_fail(run && out, false);

    const DagGraph *graph = dag_plan_graph(dag_run_plan(run));
    int64_t timeout_ns = dag_graph_task_policy(graph, id)->timeout_ns;
    const char *reason = dag_run_reason(run, id);
    DagRecord record = dag_run_record(run, id);
    char limit[DAG_DURATION_SIZE];

    if (always_timed_out(run, id, timeout_ns)) {
        g_string_append_printf(out, "timed out: %u attempts of %s", record.n_attempts,
                               dag_duration_format(timeout_ns, limit));
        return true;
    }
    g_string_append(out, reason ? reason : dag_outcome_name(record.outcome));
    return !reason;
}
