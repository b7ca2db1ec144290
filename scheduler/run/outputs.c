/* SPDX-License-Identifier: MIT */
/*
 * An output is bytes in memory, as its task wrote them, and on demand a text or a descriptor.
 * The descriptor is a sealed memfd: a file without a name in any directory, that no reader can
 * alter, and that goes away with dagrun however that ends.
 *
 * An output is let go when all direct successors of its task are settled, since they are the
 * only ones that may read it.
 */
#include "run/outputs.h"

#include "run/monitor.h"

#include <dagrun/error.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct Output {
    GBytes *bytes; /* NULL: none, or empty */
    char *text;    /* NULL: not asked for yet */
    int fd;        /* -1: not asked for yet */
} Output;

struct Outputs {
    const DagGraph *graph;
    GMutex lock;
    Output **outputs;       /* [n_tasks]; protected by lock */
    uint32_t *readers_left; /* [n_tasks]: unsettled successors; protected by lock */
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
    g_bytes_unref(output->bytes);
    g_free(output->text);
    if (output->fd >= 0)
        close(output->fd);
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
dag__outputs_take(Outputs *outputs, DagTaskId id, GBytes *output)
{
    if (!outputs || !dag_graph_task_is_read(outputs->graph, id) ||
        g_bytes_get_size(output) == 0) {
        g_bytes_unref(output);
        return;
    }

    Output *kept = g_new(Output, 1);

    *kept = (Output){.bytes = output, .fd = -1};
    dag__lock(&outputs->lock);
    output_free(outputs->outputs[id]); /* of an earlier attempt */
    outputs->outputs[id] = kept;
    dag__unlock(&outputs->lock);
}

void
dag__outputs_settle(Outputs *outputs, DagTaskId id)
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

/* Returns: the text of `output`, made once. */
static const char *
text_locked(Output *output, const char *name, GError **error)
{
    size_t size;
    const char *bytes = g_bytes_get_data(output->bytes, &size);

    if (!output->text && memchr(bytes, '\0', size)) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID,
                    "the output of \"%s\" holds a NUL byte, so it cannot be an argument; "
                    "read it with stdin=\"%s\"",
                    name, name);
        return NULL;
    }
    if (!output->text) {
        while (size > 0 && bytes[size - 1] == '\n')
            size--;
        output->text = g_strndup(bytes, size);
    }
    return output->text;
}

const char *
dag__outputs_text(Outputs *outputs, DagTaskId id, GError **error)
{
    const char *text = "";

    dag__lock(&outputs->lock);
    if (outputs->outputs[id])
        text = text_locked(outputs->outputs[id], dag_graph_task_name(outputs->graph, id),
                           error);
    dag__unlock(&outputs->lock);
    return text;
}

static bool
write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        bytes += n;
        size -= (size_t)n;
    }
    return true;
}

/* Returns: a sealed memfd with the bytes, or -1 with errno set. */
static int
memfd_of(GBytes *bytes, const char *name)
{
    const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    size_t size;
    const char *data = g_bytes_get_data(bytes, &size);
    g_autofree char *label = g_strndup(name, 200); /* the kernel allows 249 */
    int fd = memfd_create(label, MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd < 0)
        return -1;
    if (!write_all(fd, data, size) || fcntl(fd, F_ADD_SEALS, seals) < 0) {
        int saved = errno;

        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

int
dag__outputs_fd(Outputs *outputs, DagTaskId id, GError **error)
{
    const char *name = dag_graph_task_name(outputs->graph, id);
    int fd = -1, made;

    dag__lock(&outputs->lock);

    /* The caller is a reader that is not settled, so the output stays where it is. */
    Output *output = outputs->outputs[id];

    if (output)
        fd = output->fd;
    dag__unlock(&outputs->lock);
    if (!output || fd >= 0)
        return fd;

    /* Copying may take a while, and nobody else should wait for it. */
    made = memfd_of(output->bytes, name);
    if (made < 0) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO,
                    "cannot pass on the output of \"%s\": %s", name, g_strerror(errno));
        return -1;
    }
    dag__lock(&outputs->lock);
    fd = output->fd < 0 ? made : output->fd;
    output->fd = fd;
    dag__unlock(&outputs->lock);
    if (fd != made)
        close(made); /* another reader was faster */
    return fd;
}
