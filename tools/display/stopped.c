/* SPDX-License-Identifier: MIT */
#include "display/stopped.h"

void
stopped_clear(Stopped *stopped)
{
    g_clear_pointer(&stopped->seen, g_hash_table_unref);
}

GStrv
stopped_look(Stopped *stopped, const DagGraph *graph, int64_t now_ns, int64_t interval_ns)
{
    g_auto(GStrv) lines = NULL;
    g_autoptr(GStrvBuilder) fresh = NULL;
    GHashTable *seen;

    if (!stopped->tasks || now_ns - stopped->checked_ns < interval_ns)
        return NULL;
    stopped->checked_ns = now_ns;
    lines = dag_tasks_stopped(stopped->tasks, graph);
    fresh = g_strv_builder_new();
    seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (char **line = lines; *line; line++) {
        gpointer was_returned;
        bool was_seen = stopped->seen && g_hash_table_lookup_extended(stopped->seen, *line,
                                                                      NULL, &was_returned);

        if (was_seen && !GPOINTER_TO_INT(was_returned))
            g_strv_builder_add(fresh, *line);
        g_hash_table_insert(seen, g_strdup(*line), GINT_TO_POINTER(was_seen));
    }
    stopped_clear(stopped);
    stopped->seen = seen;
    return g_strv_builder_end(fresh);
}
