/* SPDX-License-Identifier: MIT */
/*
 * A memory keeps a line for each output: its digest, and its stamp, which tells without reading the file
 * that it is still the same.  A file that changed less than SETTLED_US ago has no stamp: another change
 * might not alter it, where the clock of the file system is coarse.
 */
#include "run/task-files.h"

#include "run/context.h"

#include <dagrun/error.h>
#include <errno.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define SETTLED_US ((int64_t)2000000)
#define SUFFIX     ".failed"

/* Equal stamps of a file tell that it was not changed. */
typedef struct Stamp {
    int64_t size, modified_ns, changed_ns;
    uint64_t inode; /* 0: no stamp */
} Stamp;

static const DagTaskFiles *
files_of(const DagContext *context)
{
    return dag_graph_task_files(context->env->graph, context->task);
}

/* Return the path of a declared file; free it with g_free(). */
static char *
path_of(const DagGraph *graph, const char *name)
{
    return g_canonicalize_filename(name, dag_graph_directory(graph));
}

/* Add the paths of all outputs of a task to a set. */
static void
add_outputs(const DagGraph *graph, DagTaskId id, GHashTable *paths)
{
    const DagTaskFiles *files = dag_graph_task_files(graph, id);

    for (size_t i = 0; files && i < files->n_outputs; i++)
        g_hash_table_add(paths, path_of(graph, files->outputs[i]));
}

/* Return an input of the task that does not exist, and is not in `made`; NULL: there is none. */
static const char *
missing_input(const DagGraph *graph, DagTaskId id, GHashTable *made)
{
    const DagTaskFiles *files = dag_graph_task_files(graph, id);

    for (size_t i = 0; files && i < files->n_inputs; i++) {
        g_autofree char *path = path_of(graph, files->inputs[i]);
        struct stat status;

        if (!dag_path_is_pattern(files->inputs[i]) && !g_hash_table_contains(made, path) &&
            stat(path, &status) != 0 && (errno == ENOENT || errno == ENOTDIR))
            return files->inputs[i];
    }
    return NULL;
}

bool
dag__task_files_check(const DagGraph *graph, GError **error)
{
    size_t n = dag_graph_has_files(graph) ? dag_graph_n_tasks(graph) : 0;
    g_autoptr(GHashTable) made = NULL;
    const char *missing = NULL;

    if (n == 0)
        return true;
    made = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (DagTaskId id = 0; id < n; id++)
        add_outputs(graph, id, made);
    for (DagTaskId id = 0; id < n && !missing; id++) {
        missing = missing_input(graph, id, made);
        if (missing)
            g_set_error(
                error, DAG_ERROR, DAG_ERROR_IO,
                "task \"%s\": its input \"%s\" does not exist, and no task makes it",
                dag_graph_task_name(graph, id), missing);
    }
    return !missing;
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Return a directory as the beginning of a pattern; free it with g_free(). */
static char *
quote_directory(const char *directory)
{
    GString *quoted = g_string_new(NULL);

    for (const char *c = directory; *c; c++) {
        if (strchr("*?[]\\", *c))
            g_string_append_c(quoted, '\\');
        g_string_append_c(quoted, *c);
    }
    g_string_append_c(quoted, '/');
    return g_string_free(quoted, FALSE);
}

/* Add the content of all files that match a pattern.  Directories are left out. */
static bool
add_matches(const DagGraph *graph, const char *pattern, DagKey *key, GError **error)
{
    const char *directory = g_path_is_absolute(pattern) ? NULL : dag_graph_directory(graph);
    g_autofree char *start = directory ? quote_directory(directory) : g_strdup("");
    g_autofree char *whole = g_strconcat(start, pattern, NULL);
    size_t skipped = directory ? strlen(directory) + 1 : 0;
    glob_t found = {0};
    bool is_good = true;

    dag_key_add_text(key, "pattern", pattern);
    if (glob(whole, GLOB_NOSORT | GLOB_MARK, NULL, &found) == 0)
        qsort(found.gl_pathv, found.gl_pathc, sizeof(char *), compare_names);
    for (size_t i = 0; i < found.gl_pathc && is_good; i++)
        if (!g_str_has_suffix(found.gl_pathv[i], "/"))
            is_good = dag__key_add_input(key, found.gl_pathv[i] + skipped,
                                         found.gl_pathv[i], error);
    globfree(&found);
    return is_good;
}

/* Note that the key has the files that predecessors make. */
static void
note_makers(const DagContext *context, DagKey *key)
{
    const DagGraph *graph = context->env->graph;
    const DagTaskFiles *files = files_of(context);
    DagIds preds = dag_graph_predecessors(graph, context->task);
    g_autoptr(GHashTable) inputs =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (size_t i = 0; i < files->n_inputs; i++)
        g_hash_table_add(inputs, path_of(graph, files->inputs[i]));
    for (size_t i = 0; i < preds.n; i++) {
        const DagTaskFiles *made = dag_graph_task_files(graph, preds.ids[i]);
        bool is_read = false;

        for (size_t k = 0; made && k < made->n_outputs && !is_read; k++) {
            g_autofree char *path = path_of(graph, made->outputs[k]);

            is_read = g_hash_table_contains(inputs, path);
        }
        if (is_read)
            dag__key_note_read(key, preds.ids[i]);
    }
}

bool
dag__task_files_add(const DagContext *context, DagKey *key, GError **error)
{
    const DagGraph *graph = context->env->graph;
    const DagTaskFiles *files = files_of(context);
    bool is_good = true;

    if (!files)
        return true;
    for (size_t i = 0; i < files->n_inputs && is_good; i++) {
        g_autofree char *path = path_of(graph, files->inputs[i]);

        is_good = dag_path_is_pattern(files->inputs[i])
                      ? add_matches(graph, files->inputs[i], key, error)
                      : dag__key_add_input(key, files->inputs[i], path, error);
    }
    for (size_t i = 0; i < files->n_outputs; i++)
        dag_key_add_text(key, "outputs", files->outputs[i]);
    if (is_good && files->n_inputs > 0)
        note_makers(context, key);
    return is_good;
}

/* Read the stamp of a file.  Returns: false if it is no file. */
static bool
read_stamp(const char *path, Stamp *out)
{
    struct stat status;

    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return false;
    *out = (Stamp){
        .size = status.st_size,
        .modified_ns = status.st_mtim.tv_sec * INT64_C(1000000000) + status.st_mtim.tv_nsec,
        .changed_ns = status.st_ctim.tv_sec * INT64_C(1000000000) + status.st_ctim.tv_nsec,
        .inode = status.st_ino,
    };
    return true;
}

static bool
stamps_are_equal(const Stamp *a, const Stamp *b)
{
    return a->inode != 0 && a->inode == b->inode && a->size == b->size &&
           a->modified_ns == b->modified_ns && a->changed_ns == b->changed_ns;
}

/* Append the line of a file. */
static void
append_line(GString *text, const char *digest, const Stamp *stamp)
{
    bool is_settled = stamp->changed_ns / 1000 < g_get_real_time() - SETTLED_US;

    g_string_append_printf(text, "%s %" PRId64 " %" PRId64 " %" PRId64 " %" PRIu64 "\n",
                           digest, stamp->size, stamp->modified_ns, stamp->changed_ns,
                           is_settled ? stamp->inode : 0);
}

/* Read a line.  Returns: the digest, to be freed with g_free(); NULL: the line is damaged. */
static char *
read_line(const char *line, Stamp *out)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);

    if (g_strv_length(words) != 5)
        return NULL;
    *out = (Stamp){.size = g_ascii_strtoll(words[1], NULL, 10),
                   .modified_ns = g_ascii_strtoll(words[2], NULL, 10),
                   .changed_ns = g_ascii_strtoll(words[3], NULL, 10),
                   .inode = g_ascii_strtoull(words[4], NULL, 10)};
    return g_strdup(words[0]);
}

/* Append the line of a file as it is now, which was `earlier`.
 * Returns: NULL, or how it differs from that. */
static const char *
compare_file(const DagKey *key, const char *path, const char *earlier, GString *now)
{
    Stamp stamp, was;
    g_autofree char *digest = NULL, *old = read_line(earlier, &was);

    if (!read_stamp(path, &stamp))
        return "is gone";
    if (!old)
        return "is not known";
    if (!stamps_are_equal(&was, &stamp)) {
        digest = dag__key_sum_file(key, path);
        if (g_strcmp0(digest, old) != 0)
            return "changed";
    }
    append_line(now, old, &stamp);
    return NULL;
}

char *
dag_context_compare_files(const DagContext *context, const DagKey *key, const char *files,
                          char **files_out)
{
    g_return_val_if_fail(context && key && files_out, NULL);

    const DagTaskFiles *declared = files_of(context);
    g_auto(GStrv) lines = g_strsplit(files ? files : "", "\n", -1);
    GString *now;

    *files_out = NULL;
    if (!declared || declared->n_outputs == 0)
        return NULL;
    if (g_strv_length(lines) != declared->n_outputs + 1)
        return g_strdup("its outputs were not kept");
    now = g_string_new(NULL);
    for (size_t i = 0; i < declared->n_outputs; i++) {
        g_autofree char *path = path_of(context->env->graph, declared->outputs[i]);
        const char *difference = compare_file(key, path, lines[i], now);

        if (difference) {
            g_string_free(now, TRUE);
            return g_strdup_printf("its output %s %s", declared->outputs[i], difference);
        }
    }
    *files_out = g_string_free(now, FALSE);
    return NULL;
}

char *
dag__task_files_note(const DagContext *context, const DagKey *key)
{
    const DagTaskFiles *files = files_of(context);
    GString *text;
    bool is_good = true;

    if (!files || files->n_outputs == 0)
        return NULL;
    text = g_string_new(NULL);
    for (size_t i = 0; i < files->n_outputs && is_good; i++) {
        g_autofree char *path = path_of(context->env->graph, files->outputs[i]);
        g_autofree char *digest = NULL;
        Stamp stamp;

        is_good = read_stamp(path, &stamp) && (digest = dag__key_sum_file(key, path));
        if (is_good)
            append_line(text, digest, &stamp);
    }
    return g_string_free(text, !is_good);
}

/* Return the names of the outputs that are not there, to be freed with g_string_free(). */
static GString *
missing_outputs(const DagContext *context, const DagTaskFiles *files)
{
    GString *names = g_string_new(NULL);

    for (size_t i = 0; i < files->n_outputs; i++) {
        g_autofree char *path = path_of(context->env->graph, files->outputs[i]);
        Stamp stamp;

        if (!read_stamp(path, &stamp))
            g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "",
                                   files->outputs[i]);
    }
    return names;
}

/* Rename the outputs that are there. */
static void
set_aside(const DagContext *context, const DagTaskFiles *files)
{
    for (size_t i = 0; i < files->n_outputs; i++) {
        g_autofree char *path = path_of(context->env->graph, files->outputs[i]);
        g_autofree char *other = g_strconcat(path, SUFFIX, NULL);

        /* It may not be there. */
        (void)!rename(path, other);
    }
}

DagOutcome
dag__task_files_end(DagContext *context, DagOutcome outcome)
{
    const DagTaskFiles *files = files_of(context);
    GString *missing;

    if (!files || files->n_outputs == 0 || outcome == DAG_REUSED)
        return outcome;
    if (outcome == DAG_SUCCEEDED) {
        missing = missing_outputs(context, files);
        if (missing->len > 0) {
            dag_context_set_reason(context, "it did not make %s", missing->str);
            outcome = DAG_FAILED;
        }
        g_string_free(missing, TRUE);
    }
    if (outcome != DAG_SUCCEEDED)
        set_aside(context, files);
    return outcome;
}
