/* SPDX-License-Identifier: MIT */
/*
 * The files that tasks declare.  A path may refer to parameters, so it is known once these have values.  Then a task
 * depends on the task that makes one of its inputs.
 */
#include "model/declared.h"

#include <string.h>

/* A dependency that a file implies. */
typedef struct Implied {
    uint32_t task;  /* number, ascending in a list */
    uint32_t maker; /* number */
} Implied;

static void
add_words(DagBuilder *builder, const char *text, bool is_output, DagLocation location)
{
    g_auto(GStrv) words = g_strsplit_set(text ? text : "", " \t\r\n", -1);

    for (char **word = words; *word; word++) {
        g_autoptr(GError) error = NULL;
        FileWord file = {.task = builder->tasks->len - 1,
                         .is_output = is_output,
                         .spot = dag__builder_spot(builder, location)};

        if (!**word)
            continue;
        file.path = dag__builder_add_template(builder, *word, "task", location, &error);
        if (file.path)
            g_array_append_val(builder->file_words, file);
        else
            dag_builder_complain(builder, location, "attribute \"%s\" of <task>: %s",
                                 is_output ? "outputs" : "inputs", error->message);
    }
}

void
dag__builder_add_files(DagBuilder *builder, const DagTaskSpec *spec)
{
    if (!spec->inputs && !spec->outputs)
        return;
    if (spec->kind->is_tiny)
        dag_builder_complain(
            builder, spec->inputs ? spec->inputs_location : spec->outputs_location,
            "task \"%s\" declares files, and <%s> uses none", spec->name, spec->kind->name);
    add_words(builder, spec->inputs, false, spec->inputs_location);
    add_words(builder, spec->outputs, true, spec->outputs_location);
}

/* Return the path with the values of parameters, in the arena; NULL: one is unknown. */
static char *
expand(const DagBuilder *builder, const DagTemplate *path)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (uint32_t i = 0; i < path->n_segments; i++) {
        const DagSegment *segment = &path->segments[i];
        const Name *name =
            segment_is_literal(segment) ? NULL : name_at(builder, segment->task);
        const char *value = name && name->kind == NAME_PARAM
                                ? param_at(builder, name->target)->param.value
                                : NULL;

        if (segment_is_literal(segment))
            g_string_append_len(text, segment->text, segment->length);
        else if (!value || !dag__segment_append(segment, value, text, NULL))
            return NULL; /* complained of, or a lenient graph */
    }
    return dag__arena_strndup(builder->arena, text->str, text->len);
}

/* Complain of a path that cannot be one. */
static void
check_path(DagBuilder *builder, const FileWord *word, const char *path)
{
    DagLocation location = dag__builder_location(builder, word->spot);
    const char *attribute = word->is_output ? "outputs" : "inputs";

    if (!*path)
        dag_builder_complain(builder, location,
                             "attribute \"%s\" of <task>: the value of a path is empty",
                             attribute);
    else if (word->is_output && dag_path_is_pattern(path))
        dag_builder_complain(builder, location,
                             "attribute \"outputs\" of <task>: \"%s\" is a pattern, and an "
                             "output has a name",
                             path);
}

/* Set the files of the task of the words from `from` to before `end`. */
static void
set_files(DagBuilder *builder, guint from, guint end)
{
    const FileWord *words = (const FileWord *)(void *)builder->file_words->data;
    DagTaskFiles *files = dag__arena_alloc(builder->arena, sizeof(DagTaskFiles));
    const char **paths =
        dag__arena_alloc(builder->arena, (end - from) * sizeof(const char *));

    *files = (DagTaskFiles){.inputs = paths};
    for (guint i = from; i < end; i++) {
        const char *path = expand(builder, words[i].path);

        if (!path)
            continue;
        check_path(builder, &words[i], path);
        paths[files->n_inputs + files->n_outputs] = path;
        files->n_inputs += !words[i].is_output;
        files->n_outputs += words[i].is_output;
    }
    files->outputs = paths + files->n_inputs;
    task_at(builder, words[from].task)->extra->files = files;
}

/* Return a path in a form that is equal for equal paths; free it with g_free(). */
static char *
canonical(const DagBuilder *builder, const char *path)
{
    return g_canonicalize_filename(path, builder->directory ? builder->directory : "/");
}

/* Return the task of the word at `i`, and set *end_out to the first word of another task. */
static uint32_t
next_task(const DagBuilder *builder, guint i, guint *end_out)
{
    uint32_t task = g_array_index(builder->file_words, FileWord, i).task;

    while (i < builder->file_words->len &&
           g_array_index(builder->file_words, FileWord, i).task == task)
        i++;
    *end_out = i;
    return task;
}

/* Return true if the task has a condition. */
static bool
is_conditional(const DagBuilder *builder, uint32_t task)
{
    for (guint i = 0; i < builder->conditions->len; i++)
        if (g_array_index(builder->conditions, TaskText, i).task == task)
            return true;
    return false;
}

/* Note the outputs of a task in `makers`, of path to number of a task + 1. */
static void
note_outputs(DagBuilder *builder, uint32_t task, bool is_lenient, DagLocation location,
             GHashTable *makers)
{
    const DagTaskFiles *files = task_at(builder, task)->extra->files;

    for (size_t i = 0; i < files->n_outputs; i++) {
        char *path = canonical(builder, files->outputs[i]);
        gpointer other = g_hash_table_lookup(makers, path);

        /* Where parameters have no values, conditions are not known. */
        if (other && !(is_lenient && is_conditional(builder, task)))
            dag_builder_complain(
                builder, location, "\"%s\" is an output of both \"%s\" and \"%s\"",
                files->outputs[i], task_at(builder, GPOINTER_TO_UINT(other) - 1)->name,
                task_at(builder, task)->name);
        g_hash_table_replace(makers, path, GUINT_TO_POINTER(task + 1));
    }
}

/* Find the tasks that make the inputs of a task. */
static void
find_makers(DagBuilder *builder, uint32_t task, DagLocation location, GHashTable *makers,
            GArray *implied)
{
    const DagTaskFiles *files = task_at(builder, task)->extra->files;

    for (size_t i = 0; i < files->n_inputs; i++) {
        g_autofree char *path = canonical(builder, files->inputs[i]);
        guint maker = GPOINTER_TO_UINT(g_hash_table_lookup(makers, path));
        Implied edge = {task, maker - 1};

        if (maker == task + 1)
            dag_builder_complain(builder, location,
                                 "\"%s\" is an input of task \"%s\", and its output",
                                 files->inputs[i], task_at(builder, task)->name);
        else if (maker > 0)
            g_array_append_val(implied, edge);
    }
}

/* Add dependencies to the edges of all tasks. */
static void
add_edges(DagBuilder *builder, const GArray *implied)
{
    DagNumbers edges = {0};
    guint next = 0;

    for (uint32_t task = 0; task < builder->tasks->len; task++) {
        uint32_t end = edges_end(builder, task), start = edges.n;

        for (uint32_t e = first_edge(builder, task); e < end; e++)
            dag__numbers_add(&edges, edge_at(builder, e));
        builder->first_edges.items[task] = start;
        for (; next < implied->len && g_array_index(implied, Implied, next).task == task;
             next++) {
            const char *name =
                task_at(builder, g_array_index(implied, Implied, next).maker)->name;

            /* As that of an outcome: not bare, and the output is not read. */
            dag__numbers_add(&edges, dag__builder_number_of(builder, name, strlen(name)) |
                                         EDGE_MAY_BE_PARAM);
        }
    }
    g_free(builder->edges.items);
    builder->edges = edges;
}

void
dag__builder_resolve_files(DagBuilder *builder, bool is_lenient, const bool *excluded)
{
    g_autoptr(GHashTable) makers = NULL;
    g_autoptr(GArray) implied = NULL;
    guint n = builder->file_words->len, end;

    if (n == 0)
        return;
    makers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    implied = g_array_new(FALSE, FALSE, sizeof(Implied));
    for (guint i = 0; i < n; i = end) {
        uint32_t task = next_task(builder, i, &end);
        DagSpot spot = g_array_index(builder->file_words, FileWord, end - 1).spot;

        set_files(builder, i, end);
        if (!excluded[task])
            note_outputs(builder, task, is_lenient, dag__builder_location(builder, spot),
                         makers);
    }
    for (guint i = 0; i < n; i = end) {
        uint32_t task = next_task(builder, i, &end);
        DagSpot spot = g_array_index(builder->file_words, FileWord, i).spot;

        find_makers(builder, task, dag__builder_location(builder, spot), makers, implied);
    }
    if (implied->len > 0)
        add_edges(builder, implied);
}
