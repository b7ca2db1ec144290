/* SPDX-License-Identifier: MIT */
/*
 * An output is the spool that its task wrote.  The first reader that gets it as standard input turns
 * it into a read-only file without a name: a small output becomes a sealed memfd, a large one is in
 * such a file already.  The first reader that needs a name turns it into an ordinary file
 * (run-files.c), which takes the place of the spool.  So an output is stored once.
 *
 * An output is freed when all direct successors of its task have ended, since only they may read
 * it.  A file with a name stays until the end of the run: a server that a task left running may read
 * it again.  A script could alter such a file, so it is checked before each use.
 */
#include "output/outputs.h"

#include "output/file-name.h"
#include "run/lock.h"

#include <dagrun/error.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Larger than any command line (the kernel accepts 6 MiB, and 128 KiB in one word), and small
 * enough to be in memory several times. */
#define MAX_TEXT 8388608

/* Each output has a lock of its own: copying takes time, and only readers of the same output
 * should wait for it. */
typedef struct Output {
    GMutex lock;
    /* Its content is immutable, its storage is protected by lock.  NULL if the output has a file
     * with a name, or is empty. */
    DagSpool *spool;
    char *path;       /* of the file with a name, or NULL; protected by lock */
    struct stat info; /* of that file when it was made; protected by lock */
    bool has_digest;  /* of the content, as the next; protected by lock */
    uint8_t digest[DAG__OUTPUT_DIGEST];
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
    g_free(output->path);
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

/* Takes the spool, which may be NULL. */
static Output *
output_new(DagSpool *spool)
{
    Output *output = g_new0(Output, 1);

    output->spool = spool;
    g_mutex_init(&output->lock);
    return output;
}

void
dag__outputs_take(Outputs *outputs, DagTaskId id, DagSpool *spool)
{
    Output *output = output_new(spool), *old;

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

/* The same, but never NULL. */
static Output *
find_or_add(Outputs *outputs, DagTaskId id)
{
    Output *output;

    dag__lock(&outputs->lock);
    if (!outputs->outputs[id])
        outputs->outputs[id] = output_new(NULL);
    output = outputs->outputs[id];
    dag__unlock(&outputs->lock);
    return output;
}

/* Open the file of an output for reading, and check that it is as its task wrote it.
 * Returns: -1 with `error` set. */
static int
open_named_locked(const Output *output, const char *name, GError **error)
{
    int fd = open(output->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    int problem = errno;
    struct stat info;

    if (fd >= 0 && fstat(fd, &info) == 0 && info.st_ino == output->info.st_ino &&
        info.st_dev == output->info.st_dev && info.st_size == output->info.st_size &&
        info.st_mtim.tv_sec == output->info.st_mtim.tv_sec &&
        info.st_mtim.tv_nsec == output->info.st_mtim.tv_nsec)
        return fd;
    if (fd >= 0) {
        close(fd);
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO,
                    "the file with the output of \"%s\" was altered by a task; change a "
                    "copy of it",
                    name);
    } else if (problem == ENOENT || problem == ELOOP) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO,
                    "the file with the output of \"%s\" was moved or removed by a task; "
                    "copy it instead",
                    name);
    } else {
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO,
                    "cannot open the file with the output of \"%s\": %s", name,
                    g_strerror(problem));
    }
    return -1;
}

/* Open the nameless file of an output anew, since each reader has an offset of its own. */
static int
open_nameless_locked(const Output *output, const char *name, GError **error)
{
    int shared = dag__spool_share(output->spool, name), fd = -1;
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", shared);

    if (shared >= 0)
        fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO,
                    "cannot pass on the output of \"%s\": %s", name,
                    errno == ENOENT ? "/proc is not mounted" : g_strerror(errno));
    return fd;
}

static uint64_t
size_of_locked(const Output *output)
{
    return output->path    ? (uint64_t)output->info.st_size
           : output->spool ? dag_spool_size(output->spool)
                           : 0;
}

/* Copy the whole output to `text`.  Returns: false with `error` set. */
static bool
copy_text_locked(const Output *output, const char *name, char *text, uint64_t size,
                 GError **error)
{
    uint64_t n = 0;

    if (!output->path) {
        n = output->spool ? dag_spool_tail(output->spool, text, size) : 0;
    } else {
        int fd = open_named_locked(output, name, error);

        if (fd < 0)
            return false;
        for (ssize_t piece = 1; n < size && piece > 0; n += piece > 0 ? (size_t)piece : 0)
            piece = pread(fd, text + n, size - n, (off_t)n);
        close(fd);
    }
    if (n < size)
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot read the output of \"%s\"",
                    name);
    return n == size;
}

/* Return the text of an output, free with g_free(); NULL with `error` set. */
static char *
text_of_locked(const Output *output, const char *name, GError **error)
{
    uint64_t size = size_of_locked(output);
    g_autofree char *text = NULL;

    if (size > MAX_TEXT) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID,
                    "the output of \"%s\" has %" PRIu64 " bytes, so it cannot be an "
                    "argument; read it with stdin=\"%s\"",
                    name, size, name);
        return NULL;
    }
    text = g_malloc(size + 1);
    if (!copy_text_locked(output, name, text, size, error))
        return NULL;
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
    text = text_of_locked(output, dag_graph_task_name(outputs->graph, id), error);
    dag__unlock(&output->lock);
    return text;
}

static bool
add_to_sum(const char *bytes, uint64_t size, void *sum)
{
    if (bytes)
        g_checksum_update(sum, (const guchar *)bytes, (gssize)size);
    return bytes != NULL;
}

/* Add the file of an output to the sum.  Returns: false with `error` set. */
static bool
sum_named_locked(const Output *output, const char *name, GChecksum *sum, GError **error)
{
    int fd = open_named_locked(output, name, error);
    guchar piece[16384];
    ssize_t n;

    if (fd < 0)
        return false;
    while ((n = read(fd, piece, sizeof(piece))) > 0)
        g_checksum_update(sum, piece, n);
    if (n < 0)
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot read the output of \"%s\": %s",
                    name, g_strerror(errno));
    close(fd);
    return n == 0;
}

/* Compute the digest of an output.  Returns: false with `error` set. */
static bool
sum_locked(Output *output, const char *name, GError **error)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    gsize size = sizeof(output->digest);
    int problem = 0;

    if (output->path) {
        if (!sum_named_locked(output, name, sum, error))
            return false;
    } else if (output->spool) {
        problem = dag_spool_read(output->spool, add_to_sum, sum);
    }
    if (problem != 0) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot read the output of \"%s\": %s",
                    name, g_strerror(problem));
        return false;
    }
    g_checksum_get_digest(sum, output->digest, &size);
    output->has_digest = true;
    return true;
}

bool
dag__outputs_digest(Outputs *outputs, DagTaskId id, uint8_t *digest_out, GError **error)
{
    Output *output = find_or_add(outputs, id);

    dag__lock(&output->lock);
    if (output->has_digest ||
        sum_locked(output, dag_graph_task_name(outputs->graph, id), error))
        memcpy(digest_out, output->digest, sizeof(output->digest));
    else
        digest_out = NULL;
    dag__unlock(&output->lock);
    return digest_out != NULL;
}

int
dag__outputs_open(Outputs *outputs, DagTaskId id, GError **error)
{
    const char *name = dag_graph_task_name(outputs->graph, id);
    Output *output = find(outputs, id);
    int fd = -1;

    if (!output)
        return -1;
    dag__lock(&output->lock);
    if (output->path)
        fd = open_named_locked(output, name, error);
    else if (output->spool)
        fd = open_nameless_locked(output, name, error);
    dag__unlock(&output->lock);
    return fd;
}

/* Turn the output into a file with a name.  Returns: false with `error` set. */
static bool
give_name_locked(Output *output, const RunFile *file, DagRunFiles *files, GError **error)
{
    g_autofree char *path = dag__run_files_add(files, file, error);

    if (!path)
        return false;
    if (stat(path, &output->info) < 0) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot find \"%s\": %s", path,
                    g_strerror(errno));
        return false;
    }
    output->path = g_steal_pointer(&path);
    g_clear_pointer(&output->spool, dag__spool_free);
    return true;
}

char *
dag__outputs_file(Outputs *outputs, DagTaskId id, DagRunFiles *files, GError **error)
{
    const char *name = dag_graph_task_name(outputs->graph, id);
    Output *output = find_or_add(outputs, id);
    char *path = NULL;
    int fd;

    dag__lock(&output->lock);
    if (output->path) {
        fd = open_named_locked(output, name, error);
        path = fd >= 0 ? g_strdup(output->path) : NULL;
        if (fd >= 0)
            close(fd);
    } else {
        g_autofree char *file_name = dag__file_name(outputs->graph, id, "");
        RunFile file = {file_name, dag_graph_readers(outputs->graph), output->spool};

        if (give_name_locked(output, &file, files, error))
            path = g_strdup(output->path);
        else
            g_prefix_error(error, "cannot pass on the output of \"%s\": ", name);
    }
    dag__unlock(&output->lock);
    return path;
}
