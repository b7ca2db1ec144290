/* SPDX-License-Identifier: MIT */
#include "kept-results.h"

#include "run-of.h"
#include "run/lock.h"

#define SALT "salt of the tests"

static GBytes *
key_of(const DagKey *key)
{
    return g_bytes_new(dag_key_digest(key), DAG_DIGEST_SIZE);
}

static bool
recall(DagContext *context, const DagKey *key, DagRecalled *out, void *data)
{
    KeptResults *results = data;
    const DagGraph *graph = dag_context_graph(context);
    const char *name = dag_graph_task_name(graph, dag_context_task(context)), *earlier;
    bool needs_output = dag_graph_task_is_read(graph, dag_context_task(context));
    g_autoptr(GBytes) digest = key_of(key);
    gpointer output;
    bool is_found;

    dag__lock(&results->lock);
    is_found = g_hash_table_lookup_extended(results->by_key, digest, NULL, &output);
    if (is_found && needs_output && !output) {
        out->reason = g_strdup("its output was not kept");
        is_found = false;
    } else if (is_found) {
        out->origin = g_strdup("earlier");
        if (output)
            dag_context_write_output(context, g_bytes_get_data(output, NULL),
                                     g_bytes_get_size(output));
    } else {
        earlier = g_hash_table_lookup(results->by_task, name);
        out->reason = earlier ? dag_key_compare(earlier, key) : NULL;
    }
    dag__unlock(&results->lock);
    return is_found;
}

static void
keep(const DagKept *kept, void *data)
{
    KeptResults *results = data;
    GBytes *output = NULL;

    if (kept->has_output)
        output = kept->output ? bytes_of_spool(kept->output) : g_bytes_new(NULL, 0);
    dag__lock(&results->lock);
    results->n_kept++;
    g_hash_table_insert(results->by_key, key_of(kept->key), output);
    g_hash_table_insert(results->by_task,
                        g_strdup(dag_graph_task_name(kept->graph, kept->task)),
                        g_strdup(dag_key_parts(kept->key)));
    dag__unlock(&results->lock);
}

static void
output_free(gpointer output)
{
    if (output)
        g_bytes_unref(output);
}

KeptResults *
kept_results_new(void)
{
    KeptResults *results = g_new0(KeptResults, 1);

    g_mutex_init(&results->lock);
    results->by_key = g_hash_table_new_full(g_bytes_hash, g_bytes_equal,
                                            (GDestroyNotify)g_bytes_unref, output_free);
    results->by_task = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    results->memory = (DagMemory){
        .salt = SALT,
        .salt_size = sizeof(SALT),
        .recall = recall,
        .keep = keep,
        .data = results,
    };
    return results;
}

void
kept_results_free(KeptResults *results)
{
    if (!results)
        return;
    g_hash_table_unref(results->by_key);
    g_hash_table_unref(results->by_task);
    g_mutex_clear(&results->lock);
    g_free(results);
}
