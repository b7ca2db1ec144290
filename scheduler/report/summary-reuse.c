/* SPDX-License-Identifier: MIT */
/*
 * The results that a run took over, in its summary, and why it did not take others.
 */
#include "report/summary.h"

#include "report/table.h"

/* Tasks that are named with a reason. */
#define MAX_NAMED 5

/* Write the tasks for which the memory had no result, although it was asked and had a reason. */
static void
write_others(const Summary *summary)
{
    DagIds declared = dag_graph_declared(summary->graph);
    g_autoptr(GString) others = g_string_new(NULL);
    size_t n = 0;

    for (size_t i = 0; i < declared.n; i++) {
        const char *reason = dag_run_reuse(summary->run, declared.ids[i]);

        if (!reason || dag_run_record(summary->run, declared.ids[i]).outcome == DAG_REUSED)
            continue;
        if (n++ < MAX_NAMED)
            g_string_append_printf(others, "%s%s (%s)", others->len > 0 ? ", " : "",
                                   dag_graph_task_name(summary->graph, declared.ids[i]),
                                   reason);
    }
    if (n > 0)
        dag__text_line(summary->out, summary->style, TONE_PLAIN, "  %zu not reused: %s%s",
                       n, others->str, n > MAX_NAMED ? ", …" : "");
}

void
dag__summary_reuse(const Summary *summary)
{
    size_t n = dag_run_count(summary->run, DAG_REUSED);

    if (n > 0)
        dag__text_line(
            summary->out, summary->style, TONE_PLAIN, "  %zu of them reused: %s", n,
            n == 1 ? "the result of an earlier run" : "the results of earlier runs");
    write_others(summary);
}
