/* SPDX-License-Identifier: MIT */
/*
 * Workflows of Pegasus, DAX 2.1 to 3: <job id name runtime> and <child ref><parent ref>.  In version 3
 * a runtime is <profile namespace="pegasus" key="runtime">.  Only declared dependencies are read, as
 * Pegasus does.  A job may be declared after the dependencies.
 */
#include "formats/writers.h"

#include <string.h>

typedef struct Reader {
    const ImportText *text;
    ImportedGraph *graph;
    uint32_t job;     /* the open <job>, or IMPORTED_NONE */
    uint32_t child;   /* the open <child>, or IMPORTED_NONE */
    bool is_runtime;  /* the text of the open element is a runtime */
    bool has_root;    /* the root was <adag> */
    GString *runtime; /* that text */
} Reader;

static unsigned
line_of(const GMarkupParseContext *context)
{
    int line;

    g_markup_parse_context_get_position((GMarkupParseContext *)context, &line, NULL);
    return (unsigned)line;
}

static const char *
find(const char *name, const char **names, const char **values)
{
    for (; *names; names++, values++)
        if (strcmp(*names, name) == 0)
            return *values;
    return NULL;
}

/* Return the task that the attribute names; IMPORTED_NONE with `error` set if it is missing. */
static uint32_t
task_of(Reader *reader, unsigned line, const char *element, const char *name,
        GError **error)
{
    uint32_t task;

    if (!name) {
        import_refuse(reader->text, line, error, "<%s> names no job", element);
        return IMPORTED_NONE;
    }
    task = imported_graph_task(reader->graph, name);
    if (imported_graph_at(reader->graph, task)->mentioned == 0)
        imported_graph_at(reader->graph, task)->mentioned = line;
    return task;
}

static void
start_job(Reader *reader, unsigned line, const char **names, const char **values,
          GError **error)
{
    const char *runtime = find("runtime", names, values);
    uint32_t id = task_of(reader, line, "job", find("id", names, values), error);
    ImportedTask *task;

    if (id == IMPORTED_NONE)
        return;
    task = imported_graph_at(reader->graph, id);
    if (task->line > 0) {
        import_refuse(reader->text, line, error,
                      "job \"%s\" is declared in line %u already", task->name, task->line);
        return;
    }
    task->line = line;
    task->title = g_strdup(find("name", names, values));
    reader->job = id;
    if (runtime)
        import_cost(reader->text, line, runtime, &task->cost, error);
}

static void
start_parent(Reader *reader, unsigned line, const char *ref, GError **error)
{
    uint32_t parent = task_of(reader, line, "parent", ref, error);

    if (parent == IMPORTED_NONE)
        return;
    if (reader->child == IMPORTED_NONE)
        import_refuse(reader->text, line, error, "<parent> stands outside of <child>");
    else
        imported_graph_need(reader->graph, reader->child, parent);
}

/* The signatures of the next functions are those of GMarkup.  NOLINTBEGIN(readability-function-size) */

static void
start_element(GMarkupParseContext *context, const char *element, const char **names,
              const char **values, gpointer data, GError **error)
{
    Reader *reader = data;
    unsigned line = line_of(context);

    if (!reader->has_root) {
        reader->has_root = strcmp(element, "adag") == 0;
        if (reader->has_root)
            reader->graph->name = g_strdup(find("name", names, values));
        else
            import_refuse(reader->text, line, error,
                          "the root of a DAX is <adag>, not <%s>", element);
    } else if (strcmp(element, "job") == 0 || strcmp(element, "dag") == 0 ||
               strcmp(element, "dax") == 0) {
        start_job(reader, line, names, values, error);
    } else if (strcmp(element, "child") == 0) {
        reader->child = task_of(reader, line, "child", find("ref", names, values), error);
    } else if (strcmp(element, "parent") == 0) {
        start_parent(reader, line, find("ref", names, values), error);
    } else if (strcmp(element, "profile") == 0 && reader->job != IMPORTED_NONE) {
        reader->is_runtime = g_strcmp0(find("key", names, values), "runtime") == 0;
        g_string_truncate(reader->runtime, 0);
    }
}

static void
end_element(GMarkupParseContext *context, const char *element, gpointer data,
            GError **error)
{
    Reader *reader = data;

    if (strcmp(element, "job") == 0 || strcmp(element, "dag") == 0 ||
        strcmp(element, "dax") == 0)
        reader->job = IMPORTED_NONE;
    if (strcmp(element, "child") == 0)
        reader->child = IMPORTED_NONE;
    if (strcmp(element, "profile") != 0 || !reader->is_runtime)
        return;
    reader->is_runtime = false;
    g_strstrip(reader->runtime->str);
    if (reader->job != IMPORTED_NONE)
        import_cost(reader->text, line_of(context), reader->runtime->str,
                    &imported_graph_at(reader->graph, reader->job)->cost, error);
}

static void
take_text(GMarkupParseContext *context, const char *text, gsize length, gpointer data,
          GError **error)
{
    Reader *reader = data;

    (void)context;
    (void)error;
    if (reader->is_runtime)
        g_string_append_len(reader->runtime, text, (gssize)length);
}

/* NOLINTEND(readability-function-size) */

/* Refuse jobs that only dependencies name. */
static bool
check_jobs(const Reader *reader, GError **error)
{
    for (uint32_t t = 0; t < reader->graph->tasks->len; t++) {
        const ImportedTask *task = imported_graph_at(reader->graph, t);

        if (task->line == 0)
            return import_refuse(reader->text, task->mentioned, error,
                                 "job \"%s\" is named by a dependency and not declared",
                                 task->name);
    }
    return true;
}

/* Return the problem without its beginning, "Error on line 3 char 4: ". */
static const char *
problem_of(const GError *error)
{
    const char *rest = g_str_has_prefix(error->message, "Error on line")
                           ? strstr(error->message, ": ")
                           : NULL;

    return rest ? rest + 2 : error->message;
}

ImportedGraph *
read_dax(const ImportText *text, GError **error)
{
    const GMarkupParser parser = {
        .start_element = start_element, .end_element = end_element, .text = take_text};
    g_autoptr(ImportedGraph) graph = imported_graph_new();
    g_autoptr(GString) runtime = g_string_new(NULL);
    g_autoptr(GError) problem = NULL;
    Reader reader = {.text = text,
                     .graph = graph,
                     .job = IMPORTED_NONE,
                     .child = IMPORTED_NONE,
                     .runtime = runtime};
    g_autoptr(GMarkupParseContext) context =
        g_markup_parse_context_new(&parser, 0, &reader, NULL);

    if (!g_markup_parse_context_parse(context, text->bytes, (gssize)text->size, &problem) ||
        !g_markup_parse_context_end_parse(context, &problem)) {
        if (problem->domain == G_MARKUP_ERROR)
            import_refuse(text, line_of(context), error, "%s", problem_of(problem));
        else
            g_propagate_error(error, g_steal_pointer(&problem));
        return NULL;
    }
    return check_jobs(&reader, error) ? g_steal_pointer(&graph) : NULL;
}

bool
recognizes_dax(const ImportText *text)
{
    return g_strstr_len(text->bytes, (gssize)MIN(text->size, 4096), "<adag") != NULL;
}
