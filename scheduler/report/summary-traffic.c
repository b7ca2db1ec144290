/* SPDX-License-Identifier: MIT */
/*
 * The requests of a run in its summary: how many, their tokens and money, and what was not secure.
 */
#include "report/summary.h"

#include "report/table.h"

#include <dagrun/duration.h>
#include <dagrun/traffic.h>

static void
append_usage(GString *line, const DagUsage *usage)
{
    g_string_append_printf(line, "; tokens: %" G_GUINT64_FORMAT " of input", usage->input);
    if (usage->cached > 0)
        g_string_append_printf(line, " (%" G_GUINT64_FORMAT " cached)", usage->cached);
    g_string_append_printf(line, ", %" G_GUINT64_FORMAT " of output", usage->output);
    if (usage->reasoning > 0)
        g_string_append_printf(line, " (%" G_GUINT64_FORMAT " reasoning)",
                               usage->reasoning);
    if (usage->is_estimated)
        g_string_append(line, ", in part estimated");
    if (usage->has_cost)
        g_string_append_printf(line, "; cost: %.*f", usage->cost < 1 ? 4 : 2, usage->cost);
}

/* Name each service of which the certificate was not checked, once. */
static void
write_insecure(const Summary *summary)
{
    g_autoptr(GHashTable) named = g_hash_table_new(g_str_hash, g_str_equal);
    DagIds declared = dag_graph_declared(summary->graph);

    for (size_t i = 0; i < declared.n; i++) {
        size_t n;
        const DagRequest *requests = dag_run_requests(summary->run, declared.ids[i], &n);

        for (size_t j = 0; j < n; j++)
            if (requests[j].is_insecure && requests[j].service &&
                g_hash_table_add(named, (gpointer)requests[j].service))
                dag__text_line(summary->out, summary->style, TONE_ALARM,
                               "  insecure: the certificate of the service \"%s\" was not "
                               "checked",
                               requests[j].service);
    }
}

void
dag__summary_traffic(const Summary *summary)
{
    DagTraffic traffic = dag_run_traffic(summary->run);
    g_autoptr(GString) line = g_string_new(NULL);
    char waited[DAG_DURATION_SIZE];

    if (traffic.n_requests == 0)
        return;
    g_string_append_printf(line, "  %zu request%s", traffic.n_requests,
                           traffic.n_requests == 1 ? "" : "s");
    if (traffic.n_failed > 0)
        g_string_append_printf(line, ", %zu of them failed", traffic.n_failed);
    if (traffic.has_usage)
        append_usage(line, &traffic.usage);
    if (traffic.throttled_ns > 0)
        g_string_append_printf(line, "; waited %s for limits of servers",
                               dag_duration_format(traffic.throttled_ns, waited));
    dag__text_line(summary->out, summary->style, TONE_PLAIN, "%s", line->str);
    write_insecure(summary);
}
