/* SPDX-License-Identifier: MIT */
/*
 * An output is the spool that its task wrote.  The first reader that needs a file turns it into a
 * read-only one: a small output becomes a sealed memfd, a large one is in a file already.  Neither
 * has a name in a directory, and both disappear with the process, however that ends.
 *
 * An output is freed when all direct successors of its task have ended, since only they may read
 * it.
 */
#include "output/outputs.h"

#include "run/lock.h"

#include <dagrun/error.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* Larger than any command line (the kernel accepts 6 MiB, and 128 KiB in one word), and small
 * enough to be in memory several times. */
#define MAX_TEXT 8388608

/* Each output has a lock of its own: copying takes time, and only readers of the same output
 * should wait for it. */
typedef struct Output {
    GMutex lock;
    DagSpool *spool; /* its content is immutable, its storage is protected by lock */
} Output;

struct Outputs {
    const DagGraph *graph;
    GMutex lock;
    Output **outputs; /* [n_tasks]; protected by lock */
    /* [n_tasks]: successors that have not ended; protected by lock. */
    uint32_t *readers_left;
};

Outputs *
dag__outputs_new(const DagGraph *graph)
{
    if (!dag_graph_has_readers(graph))
        return NULL;

    Outputs *outputs = g_new0(Outputs, 1);
    size_t n = dag_graph_n_tasks(graph);

    outputs->graph = graph;
    g_mutex_init(&outputs->lock);
    outputs->outputs = g_new0(Output *, n);
    outputs->readers_left = g_new(uint32_t, n);
    for (DagTaskId id = 0; id < n; id++)
        outputs->readers_left[id] = (uint32_t)dag_graph_successors(graph, id).n;
    return outputs;
}

static void
output_free(Output *output)
{
    if (!output)
        return;
    dag__spool_free(output->spool);
    g_mutex_clear(&output->lock);
    g_free(output);
}

void
dag__outputs_free(Outputs *outputs)
{
    if (!outputs)
        return;
    for (size_t id = 0; id < dag_graph_n_tasks(outputs->graph); id++)
        output_free(outputs->outputs[id]);
    g_free(outputs->outputs);
    g_free(outputs->readers_left);
    g_mutex_clear(&outputs->lock);
    g_free(outputs);
}

void
dag__outputs_take(Outputs *outputs, DagTaskId id, DagSpool *spool)
{
    Output *output = g_new(Output, 1), *old;

    output->spool = spool;
    g_mutex_init(&output->lock);
    dag__lock(&outputs->lock);
    old = outputs->outputs[id];
    outputs->outputs[id] = output;
    dag__unlock(&outputs->lock);
    output_free(old);
}

void
dag__outputs_forget(Outputs *outputs, DagTaskId id)
{
    Output *old;

    if (!outputs)
        return;
    dag__lock(&outputs->lock);
    old = g_steal_pointer(&outputs->outputs[id]);
    dag__unlock(&outputs->lock);
    output_free(old);
}

void
dag__outputs_task_ended(Outputs *outputs, DagTaskId id)
{
    if (!outputs)
        return;

    DagIds preds = dag_graph_predecessors(outputs->graph, id);

    dag__lock(&outputs->lock);
    for (size_t p = 0; p < preds.n; p++)
        if (--outputs->readers_left[preds.ids[p]] == 0)
            g_clear_pointer(&outputs->outputs[preds.ids[p]], output_free);
    dag__unlock(&outputs->lock);
}

/* Return the output of `id`, which lives until its last reader has ended; NULL if it is empty. */
static Output *
find(Outputs *outputs, DagTaskId id)
{
    Output *output;

    dag__lock(&outputs->lock);
    output = outputs->outputs[id];
    dag__unlock(&outputs->lock);
    return output;
}

/* Return the text of a spool, free with g_free(); NULL with `error` set. */
static char *
text_of(const DagSpool *spool, const char *name, GError **error)
{
    uint64_t size = dag_spool_size(spool);
    g_autofree char *text = NULL;

    if (size > MAX_TEXT) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID,
                    "the output of \"%s\" has %" PRIu64 " bytes, so it cannot be an "
                    "argument; read it with stdin=\"%s\"",
                    name, size, name);
        return NULL;
    }
    text = g_malloc(size + 1);
    if (dag_spool_tail(spool, text, size) < size) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot read the output of \"%s\"",
                    name);
        return NULL;
    }
    if (memchr(text, '\0', size)) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID,
                    "the output of \"%s\" holds a NUL byte, so it cannot be an argument; "
                    "read it with stdin=\"%s\"",
                    name, name);
        return NULL;
    }
    while (size > 0 && text[size - 1] == '\n')
        size--;
    text[size] = '\0';
    return g_steal_pointer(&text);
}

char *
dag__outputs_text(Outputs *outputs, DagTaskId id, GError **error)
{
    Output *output = find(outputs, id);
    char *text;

    if (!output)
        return g_strdup("");
    dag__lock(&output->lock);
    text = text_of(output->spool, dag_graph_task_name(outputs->graph, id), error);
    dag__unlock(&output->lock);
    return text;
}

int
dag__outputs_fd(Outputs *outputs, DagTaskId id, GError **error)
{
    const char *name = dag_graph_task_name(outputs->graph, id);
    Output *output = find(outputs, id);
    int fd;

    if (!output)
        return -1;
    dag__lock(&output->lock);
    fd = dag__spool_share(output->spool, name);
    if (fd < 0)
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO,
                    "cannot pass on the output of \"%s\": %s", name, g_strerror(errno));
    dag__unlock(&output->lock);
    return fd;
}
