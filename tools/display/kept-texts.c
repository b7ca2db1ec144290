/* SPDX-License-Identifier: MIT */
/*
 * The name of a run's directory is its time and its process.  Old directories are removed by the
 * time of their last change, since several runs may go on at once.
 */
#include "display/kept-texts.h"

#include <dagrun/error.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A person looks at the last runs.  The bytes are a fraction of any disk. */
#define MAX_RUNS  20
#define MAX_BYTES (UINT64_C(256) * 1048576)

void
kept_texts_clear(KeptTexts *kept)
{
    g_clear_pointer(&kept->directory, g_free);
}

/* Set the error: "cannot …: REASON".  Returns: NULL. */
G_GNUC_PRINTF(3, 4)
static char *
fail(GError **error, int problem, const char *format, ...)
{
    va_list args;

    va_start(args, format);

    g_autofree char *text = g_strdup_vprintf(format, args);

    va_end(args);
    g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "%s: %s", text, g_strerror(problem));
    return NULL;
}

/* Return the directory of all runs; free with g_free().  NULL with `error` set: the environment
 * names no place for it. */
static char *
find_root(GError **error)
{
    const char *state = g_getenv("XDG_STATE_HOME");
    const char *home = g_getenv("HOME");

    if (state && g_path_is_absolute(state)) /* the specification ignores others */
        return g_build_filename(state, "dagrun", "failures", NULL);
    if (home && g_path_is_absolute(home))
        return g_build_filename(home, ".local", "state", "dagrun", "failures", NULL);
    g_set_error(error, DAG_ERROR, DAG_ERROR_IO,
                "neither XDG_STATE_HOME nor HOME is an absolute path");
    return NULL;
}

/* The directory of an earlier run. */
typedef struct OldRun {
    char *path;
    int64_t changed_ns;
    uint64_t n_bytes;
} OldRun;

static void
old_run_clear(gpointer data)
{
    g_free(((OldRun *)data)->path);
}

static int
compare_old_runs(gconstpointer a, gconstpointer b)
{
    int64_t x = ((const OldRun *)a)->changed_ns, y = ((const OldRun *)b)->changed_ns;

    return x > y ? -1 : x < y;
}

static uint64_t
bytes_in(const char *path)
{
    GDir *directory = g_dir_open(path, 0, NULL);
    uint64_t n = 0;
    const char *name;

    while (directory && (name = g_dir_read_name(directory))) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        struct stat info;

        if (lstat(file, &info) == 0)
            n += (uint64_t)info.st_size;
    }
    g_clear_pointer(&directory, g_dir_close);
    return n;
}

/* Remove the directory of a run: its files, and then itself. */
static void
remove_run(const char *path)
{
    GDir *directory = g_dir_open(path, 0, NULL);
    const char *name;

    while (directory && (name = g_dir_read_name(directory))) {
        g_autofree char *file = g_build_filename(path, name, NULL);

        if (g_str_has_suffix(name, ".log"))
            g_unlink(file);
    }
    g_clear_pointer(&directory, g_dir_close);
    g_rmdir(path);
}

/* Return the earlier runs, the latest first. */
static GArray *
find_old_runs(const char *root)
{
    GArray *runs = g_array_new(FALSE, FALSE, sizeof(OldRun));
    GDir *directory = g_dir_open(root, 0, NULL);
    const char *name;

    g_array_set_clear_func(runs, old_run_clear);
    while (directory && (name = g_dir_read_name(directory))) {
        OldRun run = {.path = g_build_filename(root, name, NULL)};
        struct stat info;

        if (!g_ascii_isdigit(*name) || lstat(run.path, &info) < 0 ||
            !S_ISDIR(info.st_mode)) {
            g_free(run.path);
            continue;
        }
        run.changed_ns = (int64_t)info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec;
        run.n_bytes = bytes_in(run.path);
        g_array_append_val(runs, run);
    }
    g_clear_pointer(&directory, g_dir_close);
    g_array_sort(runs, compare_old_runs);
    return runs;
}

/* Remove old runs so that there is room for one more. */
static void
remove_old_runs(const char *root)
{
    g_autoptr(GArray) runs = find_old_runs(root);
    uint64_t n_bytes = 0;

    for (guint i = 0; i < runs->len; i++) {
        const OldRun *run = &g_array_index(runs, OldRun, i);

        n_bytes += run->n_bytes;
        if (i + 1 >= MAX_RUNS || n_bytes > MAX_BYTES)
            remove_run(run->path);
    }
}

/* Make the directory of this run.  Returns: false with DAG_ERROR_IO. */
static bool
make_directory(KeptTexts *kept, const DagRun *run, GError **error)
{
    g_autoptr(GDateTime) now =
        g_date_time_new_from_unix_local(dag_run_started_us(run) / G_USEC_PER_SEC);
    g_autofree char *time = g_date_time_format(now, "%Y%m%d-%H%M%S");
    g_autofree char *name = g_strdup_printf("%s-%d", time, (int)getpid());
    g_autofree char *root = find_root(error);
    g_autofree char *path = NULL;

    if (!root)
        return false;
    path = g_build_filename(root, name, NULL);
    if (g_mkdir_with_parents(root, 0700) == 0)
        remove_old_runs(root);
    if (mkdir(path, 0700) < 0 && errno != EEXIST) {
        fail(error, errno, "cannot make the directory \"%s\"", path);
        return false;
    }
    kept->directory = g_steal_pointer(&path);
    return true;
}

/* A file that is being written. */
typedef struct KeptFile {
    int fd;
    int problem; /* errno of the first error, or 0 */
    uint64_t n_left;
} KeptFile;

static void
write_bytes(KeptFile *file, const char *bytes, size_t size)
{
    while (size > 0 && file->problem == 0) {
        ssize_t n = write(file->fd, bytes, size);

        if (n >= 0) {
            bytes += n;
            size -= (size_t)n;
        } else if (errno != EINTR) {
            file->problem = errno;
        }
    }
}

/* A DagSpoolTaker. */
static bool
write_piece(const char *bytes, uint64_t size, void *data)
{
    KeptFile *file = data;
    g_autofree char *gap =
        bytes ? NULL : g_strdup_printf("\n[%" PRIu64 " bytes are lost here]\n", size);

    if (gap)
        write_bytes(file, gap, strlen(gap));
    else
        write_bytes(file, bytes, MIN(size, file->n_left));
    if (size > file->n_left) {
        const char *end = "\n[the rest is left out]\n";

        write_bytes(file, end, strlen(end));
        return false;
    }
    file->n_left -= size;
    return file->problem == 0;
}

/* Write a line before the text of a later attempt. */
static void
write_heading(KeptFile *file, unsigned attempt)
{
    g_autofree char *line = g_strdup_printf("--- attempt %u ---\n", attempt);

    if (attempt > 1)
        write_bytes(file, line, strlen(line));
}

char *
kept_texts_add(KeptTexts *kept, const DagEvent *event, GError **error)
{
    const int flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC;
    const DagGraph *graph = dag_plan_graph(dag_run_plan(event->run));
    g_autofree char *name = dag_log_name(graph, event->task);
    g_autofree char *path = NULL;
    KeptFile file = {.n_left = MAX_BYTES};

    if (!kept->directory && !make_directory(kept, event->run, error))
        return NULL;
    path = g_build_filename(kept->directory, name, NULL);
    file.fd = open(path, flags, 0600);
    if (file.fd < 0)
        return fail(error, errno, "cannot write \"%s\"", path);
    write_heading(&file, event->type == DAG_EVENT_ATTEMPT_FAILED
                             ? event->attempt
                             : dag_run_record(event->run, event->task).n_attempts);
    dag_spool_read(event->transcript, write_piece, &file);
    if (close(file.fd) < 0 && file.problem == 0 && errno != EINTR)
        file.problem = errno;
    if (file.problem)
        return fail(error, file.problem, "cannot write \"%s\"", path);
    return g_steal_pointer(&path);
}
