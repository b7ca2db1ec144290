/* SPDX-License-Identifier: MIT */
/*
 * Asking a memory, and telling it.
 *
 * A task that reads the output of a predecessor depends on that.  If it does not read it, it may
 * depend on anything that the predecessor did, such as a file that neither declares.  So the trace of such a
 * predecessor is a part of the key: a digest of its work.  It stays the same if the predecessor
 * runs again as before; through milestones it passes on the traces of those before them.
 *
 * Tasks that take less time than a question are not asked for; they have traces.
 */
#include "run/reuse.h"

#include "output/spool.h"
#include "run/context.h"
#include "run/key.h"
#include "run/task-files.h"
#include "run/tiny/tiny.h"

#include <string.h>
#include <sys/random.h>

struct Reuse {
    const DagMemory *memory;
    const DagGraph *graph;
    KeyedDigest empty; /* read-only */
    /* [n_tasks]: the memory keeps its result, and is asked for it; read-only */
    uint8_t *is_kept;
    /* [n_tasks]: each is written by the thread that ends the task, before it takes the lock of the run,
     * and read by those that run its successors. */
    uint8_t (*trace_of)[DAG_DIGEST_SIZE];
};

static bool
may_keep(const DagPlan *plan, DagTaskId id)
{
    const DagGraph *graph = dag_plan_graph(plan);

    return dag_graph_task_kind(graph, id)->identify &&
           !dag_graph_task_policy(graph, id)->always && !dag__is_tiny_task(plan, id);
}

Reuse *
dag__reuse_new(const DagPlan *plan, const DagMemory *memory)
{
    const DagGraph *graph = dag_plan_graph(plan);
    size_t n = dag_graph_n_tasks(graph), n_kept = 0;
    g_autofree uint8_t *is_kept = NULL;
    Reuse *reuse;

    if (!memory)
        return NULL;
    is_kept = g_malloc(n + 1);
    for (DagTaskId id = 0; id < n; id++)
        n_kept += is_kept[id] = may_keep(plan, id);
    if (n_kept == 0)
        return NULL;
    reuse = g_new0(Reuse, 1);
    reuse->memory = memory;
    reuse->graph = graph;
    dag__key_begin_digests(&reuse->empty, memory->salt, memory->salt_size);
    reuse->is_kept = g_steal_pointer(&is_kept);
    reuse->trace_of = g_malloc0_n(n, DAG_DIGEST_SIZE);
    return reuse;
}

void
dag__reuse_free(Reuse *reuse)
{
    if (!reuse)
        return;
    g_free(reuse->is_kept);
    g_free(reuse->trace_of);
    g_free(reuse);
}

bool
dag__reuse_asks(const Reuse *reuse, DagTaskId id)
{
    return reuse && reuse->memory->recall && reuse->is_kept[id] &&
           (!reuse->memory->is_cache || dag_graph_task_cache_ns(reuse->graph, id) > 0);
}

/* Add the traces of the predecessors that the task does not read. */
static void
add_traces(const Reuse *reuse, const DagContext *context, DagKey *key)
{
    DagIds preds = dag_graph_predecessors(reuse->graph, context->task);

    for (size_t i = 0; i < preds.n; i++) {
        DagTaskId pred = preds.ids[i];
        uint8_t trace[DAG_DIGEST_SIZE + 1];
        g_autofree char *name = NULL;

        if (!dag_graph_dependency_is_bare(reuse->graph, context->task, i) &&
            dag__key_reads(key, pred))
            continue;
        name = g_strconcat("task ", dag_graph_task_name(reuse->graph, pred), NULL);
        memcpy(trace, reuse->trace_of[pred], DAG_DIGEST_SIZE);
        trace[DAG_DIGEST_SIZE] = (uint8_t)dag_context_outcome(context, pred);
        dag_key_add_bytes(key, name, trace, sizeof(trace));
    }
}

/* Add the exit codes with which the task succeeds. */
static void
add_expected(const DagPolicy *policy, DagKey *key)
{
    if (policy->limits_success)
        dag_key_add_bytes(key, "expect", &policy->expect, sizeof(policy->expect));
}

/* Return the key of the task, or NULL if it is unknown. */
static DagKey *
make_key(const Reuse *reuse, DagContext *context)
{
    const DagKind *kind = dag_graph_task_kind(reuse->graph, context->task);
    const void *config = dag_graph_task_config(reuse->graph, context->task);
    g_autoptr(DagKey) key = NULL;
    g_autoptr(GError) error = NULL;

    if (!kind->identify)
        return NULL;
    key = dag__key_new(context, &reuse->empty);
    dag_key_add_text(key, "kind", kind->name);
    if (!kind->identify(context, config, key, &error) ||
        !dag__task_files_add(context, key, &error)) {
        g_free(context->reuse);
        context->reuse = g_strdup_printf("its key is unknown: %s", error->message);
        return NULL;
    }
    add_expected(context->policy, key);
    add_traces(reuse, context, key);
    dag__key_finish(key);
    return g_steal_pointer(&key);
}

/* Set the trace of the task to the digest; NULL: to random bytes, since no other task did the same work. */
static void
set_trace(const Reuse *reuse, const DagContext *context, const uint8_t *digest)
{
    uint8_t *trace = reuse->trace_of[context->task];

    if (digest)
        memcpy(trace, digest, DAG_DIGEST_SIZE);
    else if (getrandom(trace, DAG_DIGEST_SIZE, GRND_NONBLOCK) != DAG_DIGEST_SIZE)
        for (size_t i = 0; i < DAG_DIGEST_SIZE; i++)
            trace[i] = (uint8_t)g_random_int();
}

bool
dag__reuse_begin(DagContext *context, bool is_asked)
{
    const Reuse *reuse = context->env->reuse;
    DagRecalled recalled = {0};
    bool is_found;

    if (!reuse)
        return false;
    context->key = make_key(reuse, context);
    set_trace(reuse, context, context->key ? context->key->digest : NULL);
    if (!is_asked || !context->key)
        return false;
    is_found =
        reuse->memory->recall(context, context->key, &recalled, reuse->memory->data) &&
        (!context->output || dag_spool_n_lost(context->output) == 0);
    g_free(context->reuse);
    context->reuse = is_found ? recalled.origin : recalled.reason;
    g_free(is_found ? recalled.reason : recalled.origin);
    if (!is_found)
        dag__context_forget_output(context);
    else if (recalled.has_digest)
        set_trace(reuse, context, recalled.digest);
    return is_found;
}

static void
keep(const Reuse *reuse, const DagContext *context)
{
    const DagTaskFiles *declared = dag_graph_task_files(reuse->graph, context->task);
    g_autofree char *files = dag__task_files_note(context, context->key);

    if (!files && declared && declared->n_outputs > 0)
        return;
    reuse->memory->keep(
        &(DagKept){
            .graph = reuse->graph,
            .task = context->task,
            .key = context->key,
            .has_output = dag_graph_task_is_read(reuse->graph, context->task),
            .output = context->output,
            .exit_code = context->exit_code,
            .files = files,
        },
        reuse->memory->data);
}

void
dag__reuse_end(DagContext *context, DagOutcome outcome)
{
    const Reuse *reuse = context->env->reuse;

    if (!reuse)
        return;
    /* A failed attempt may have done anything, and a server that it left running is another one. */
    if (!dag_outcome_is_success(outcome) || context->is_transient)
        set_trace(reuse, context, NULL);
    if (outcome == DAG_SUCCEEDED && context->key && !context->is_transient &&
        reuse->is_kept[context->task])
        keep(reuse, context);
    g_clear_pointer(&context->key, dag__key_free);
}
