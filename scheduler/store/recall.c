/* SPDX-License-Identifier: MIT */
#include "store/recall.h"

#include "store/cached.h"
#include "store/earlier.h"
#include "store/salt.h"
#include "store/texts.h"

#include <dagrun/duration.h>
#include <inttypes.h>
#include <string.h>

struct Recall {
    uint8_t salt[SALT_SIZE];
    DagStoreResume resume;
    Earlier *earlier; /* NULL: no run is resumed */
    Cached *cached;
    KeptKeys *keys;
    DagMemory memory;
};

/* Return why there is no result for the key of the task; free with g_free(). */
static char *
reason_of(const Recall *recall, const char *name, const DagKey *key)
{
    const EarlierTask *task = dag__earlier_by_name(recall->earlier, name);
    char *changes;

    if (!task)
        return g_strdup_printf("run %" PRId64 " has no result of it",
                               dag__earlier_run(recall->earlier));
    if (task->outcome == DAG_PENDING)
        return g_strdup_printf("run %" PRId64 " was ended while it ran", task->source);
    if (!dag_outcome_is_success(task->outcome))
        return g_strdup_printf("%s in run %" PRId64, dag_outcome_name(task->outcome),
                               task->source);
    if (!task->has_key || !task->parts)
        return g_strdup_printf("run %" PRId64 " kept no result of it", task->source);
    changes = dag_key_compare(task->parts, key);
    return changes ? changes
                   : g_strdup_printf("it changed since run %" PRId64, task->source);
}

/* Return whether the task succeeded, and did what `key` says, unless that does not matter. */
static bool
is_usable(const Recall *recall, const EarlierTask *task, const DagKey *key)
{
    return dag_outcome_is_success(task->outcome) && task->has_key && task->parts &&
           (recall->resume.only_failed ||
            memcmp(task->digest, dag_key_digest(key), DAG_DIGEST_SIZE) == 0);
}

/* Return the task to take over; NULL: with out->reason. */
static const EarlierTask *
find(const Recall *recall, const DagContext *context, const DagKey *key, DagRecalled *out)
{
    DagTaskId id = dag_context_task(context);
    const char *name = dag_graph_task_name(dag_context_graph(context), id);
    const EarlierTask *task = dag__earlier_by_name(recall->earlier, name);

    if (recall->resume.must_run && recall->resume.must_run[id]) {
        out->reason = g_strdup("it was to run again");
        return NULL;
    }
    if (!task) /* it may have had another name */
        task = dag__earlier_by_key(recall->earlier, dag_key_digest(key));
    if (task && is_usable(recall, task, key))
        return task;
    out->reason = reason_of(recall, name, key);
    return NULL;
}

/* Keep the key of a result that was taken over, for runs that resume this one.  Takes `output` and `files`. */
static void
pass_on(const Recall *recall, DagTaskId id, const EarlierTask *task, GString *output,
        char *files)
{
    KeptKey *kept = g_new0(KeptKey, 1);

    memcpy(kept->digest, task->digest, DAG_DIGEST_SIZE);
    kept->parts = g_strdup(task->parts);
    kept->output = output;
    kept->files = files;
    kept->source = task->source;
    kept->made_us = task->made_us;
    dag__kept_keys_add(recall->keys, id, kept);
}

/* Take a result over from the run that is resumed. */
static bool
recall_earlier(const Recall *recall, DagContext *context, const DagKey *key,
               DagRecalled *out)
{
    DagTaskId id = dag_context_task(context);
    const EarlierTask *task;
    GString *output;
    char *files;

    task = find(recall, context, key, out);
    if (!task)
        return false;
    out->reason = dag_context_compare_files(context, key, task->files, &files);
    if (out->reason)
        return false;
    output = dag__earlier_output(recall->earlier, task);
    if (!output && dag_graph_task_is_read(dag_context_graph(context), id)) {
        out->reason =
            g_strdup_printf("its output in run %" PRId64 " was not kept", task->source);
        g_free(files);
        return false;
    }
    if (output)
        dag_context_write_output(context, output->str, output->len);
    out->origin = g_strdup_printf("run %" PRId64, task->source);
    out->has_digest = true;
    memcpy(out->digest, task->digest, DAG_DIGEST_SIZE);
    pass_on(recall, id, task, output, files);
    return true;
}

/* Return why a result with the key of the task is not taken over, or NULL; free it with g_free(). */
static char *
refuse_cached(const Recall *recall, const DagContext *context, const CachedResult *result)
{
    const DagGraph *graph = dag_context_graph(context);
    DagTaskId id = dag_context_task(context);
    int64_t age_ns = dag_graph_task_cache_ns(graph, id);
    char text[DAG_DURATION_SIZE];

    if (age_ns != INT64_MAX && dag__cached_is_older(recall->cached, result, age_ns))
        return g_strdup_printf("its result of run %" PRId64 " is older than %s",
                               result->source, dag_duration_format(age_ns, text));
    if (!result->output && dag_graph_task_is_read(graph, id))
        return g_strdup_printf("its output in run %" PRId64 " was not kept",
                               result->source);
    return NULL;
}

/* Take over the newest result with the key. */
static bool
recall_cached(const Recall *recall, DagContext *context, const DagKey *key,
              DagRecalled *out)
{
    CachedResult result = {0};
    char *files = NULL;
    KeptKey *kept;

    if (!dag__cached_find(recall->cached, dag_key_digest(key), &result))
        return false;
    g_free(out->reason);
    out->reason = refuse_cached(recall, context, &result);
    if (!out->reason)
        out->reason = dag_context_compare_files(context, key, result.files, &files);
    if (out->reason) {
        dag__cached_result_clear(&result);
        return false;
    }
    if (result.output)
        dag_context_write_output(context, result.output->str, result.output->len);
    out->origin = g_strdup_printf("run %" PRId64, result.source);
    kept = g_new0(KeptKey, 1);
    memcpy(kept->digest, dag_key_digest(key), DAG_DIGEST_SIZE);
    kept->parts = result.parts;
    kept->output = result.output;
    kept->files = files;
    kept->source = result.source;
    kept->made_us = result.made_us;
    g_free(result.files);
    dag__kept_keys_add(recall->keys, dag_context_task(context), kept);
    return true;
}

/* DagMemory.recall */
static bool
recall_result(DagContext *context, const DagKey *key, DagRecalled *out, void *data)
{
    const Recall *recall = data;
    DagTaskId id = dag_context_task(context);
    bool must_run = recall->resume.must_run && recall->resume.must_run[id];

    if (recall->earlier && recall_earlier(recall, context, key, out))
        return true;
    return !must_run && dag_graph_task_cache_ns(dag_context_graph(context), id) > 0 &&
           recall_cached(recall, context, key, out);
}

/* A DagSpoolTaker. */
static bool
take_bytes(const char *bytes, uint64_t size, void *data)
{
    if (bytes)
        g_string_append_len(data, bytes, (gssize)size);
    return bytes != NULL;
}

/* Return true if the text shows a secret. */
static bool
has_secret(const DagGraph *graph, const GString *text)
{
    DagMask *mask = dag_graph_mask(graph);
    GString *masked;
    bool is_same;

    if (!mask)
        return false;
    masked = g_string_new_len(text->str, (gssize)text->len);
    dag_mask_text(mask, masked, 0);
    is_same = g_string_equal(masked, text);
    g_string_free(masked, TRUE);
    dag_mask_unref(mask);
    return !is_same;
}

/* Return the output of a task; NULL if it is not to be stored: it is too long, or shows a secret. */
static GString *
read_output(const DagKept *kept)
{
    GString *output;

    if (!kept->has_output || (kept->output && dag_spool_size(kept->output) > TEXT_MOST))
        return NULL;
    output = g_string_new(NULL);
    if (kept->output &&
        (dag_spool_read(kept->output, take_bytes, output) != 0 ||
         output->len != dag_spool_size(kept->output) || has_secret(kept->graph, output)))
        g_string_free(g_steal_pointer(&output), TRUE);
    return output;
}

/* DagMemory.keep: the writer stores it with the end of the task, before that is shown. */
static void
keep_result(const DagKept *result, void *data)
{
    const Recall *recall = data;
    KeptKey *kept = g_new0(KeptKey, 1);

    memcpy(kept->digest, dag_key_digest(result->key), DAG_DIGEST_SIZE);
    kept->parts = g_strdup(dag_key_parts(result->key));
    kept->files = g_strdup(result->files);
    kept->output = read_output(result);
    dag__kept_keys_add(recall->keys, result->task, kept);
}

Recall *
dag__recall_new(const char *directory, const char *graph_path, const DagStoreResume *resume,
                GError **error)
{
    Recall *recall = g_new0(Recall, 1);
    GError *problem = NULL;

    if (resume)
        recall->resume = *resume;
    recall->keys = dag__kept_keys_new();
    recall->cached = dag__cached_new(directory);
    recall->memory = (DagMemory){.salt = recall->salt,
                                 .salt_size = SALT_SIZE,
                                 .recall = resume && resume->run_all ? NULL : recall_result,
                                 .keep = keep_result,
                                 .data = recall};
    if (dag__salt_read(directory, recall->salt, &problem) && resume && !resume->run_all)
        recall->earlier = dag__earlier_new(directory, graph_path, resume->from, &problem);
    recall->memory.is_cache = !recall->earlier;
    if (!problem)
        return recall;
    g_propagate_error(error, problem);
    dag__recall_free(recall);
    return NULL;
}

void
dag__recall_free(Recall *recall)
{
    if (!recall)
        return;
    dag__earlier_free(recall->earlier);
    dag__cached_free(recall->cached);
    dag__kept_keys_free(recall->keys);
    g_free(recall);
}

const DagMemory *
dag__recall_memory(const Recall *recall)
{
    return &recall->memory;
}

KeptKeys *
dag__recall_keys(const Recall *recall)
{
    return recall ? recall->keys : NULL;
}

int64_t
dag__recall_run(const Recall *recall)
{
    return recall && recall->earlier ? dag__earlier_run(recall->earlier) : 0;
}

bool
dag__recall_has_result(const Recall *recall, const char *name)
{
    const EarlierTask *task =
        recall && recall->earlier ? dag__earlier_by_name(recall->earlier, name) : NULL;

    return task && dag_outcome_is_success(task->outcome);
}
