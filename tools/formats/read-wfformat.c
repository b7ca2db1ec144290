/* SPDX-License-Identifier: MIT */
/*
 * WfFormat 1.5 of WfCommons (Coleman et al., 2022): the tasks and their dependencies are in
 * workflow.specification, their runtimes in workflow.execution.  Earlier versions have both in
 * workflow.tasks.  Commands are left out: they are those of another machine.
 */
#include "formats/json-text.h"
#include "formats/writers.h"

#include <string.h>

typedef struct Reader {
    const ImportText *text;
    ImportedGraph *graph;
    GError **error;
} Reader;

/* Return the line in which a string occurs first; 1 if it is written in another way. */
static unsigned
line_of(const ImportText *text, const char *string)
{
    g_autofree char *quoted = g_strconcat("\"", string, "\"", NULL);
    const char *found = g_strstr_len(text->bytes, (gssize)text->size, quoted);
    unsigned line = 1;

    for (const char *c = text->bytes; found && c < found; c++)
        line += *c == '\n';
    return line;
}

/* Set the error, at the line in which `string` occurs.  Returns: false. */
static bool
refuse(const Reader *reader, const char *string, const char *problem)
{
    return import_refuse(reader->text, line_of(reader->text, string), reader->error,
                         "\"%s\" %s", string, problem);
}

/* Return the id of a task: before 1.5, it may have only a name. */
static const char *
id_of(const json_t *task)
{
    const char *id = json_string_value(json_object_get(task, "id"));

    return id && *id ? id : json_string_value(json_object_get(task, "name"));
}

/* Set the cost of the task to its runtime, if it has one. */
static bool
take_runtime(const Reader *reader, uint32_t id, const json_t *task)
{
    const json_t *runtime = json_object_get(task, "runtimeInSeconds");
    ImportedTask *at = imported_graph_at(reader->graph, id);

    if (!runtime)
        runtime = json_object_get(task, "runtime");
    if (!runtime)
        return true;
    if (!json_is_number(runtime) || json_number_value(runtime) < 0 ||
        json_number_value(runtime) > 1e9)
        return refuse(reader, at->name,
                      "has a runtime that is no number of seconds from 0 to 1000000000");
    at->cost = json_number_value(runtime);
    return true;
}

static bool
declare(const Reader *reader, const json_t *task)
{
    const char *id = id_of(task);
    const char *name = json_string_value(json_object_get(task, "name"));
    uint32_t number;

    if (!id || !*id)
        return refuse(reader, "tasks", "has a task without an id");
    if (imported_graph_find(reader->graph, id) != IMPORTED_NONE)
        return refuse(reader, id, "is the id of two tasks");
    number = imported_graph_task(reader->graph, id);
    imported_graph_at(reader->graph, number)->title = g_strdup(name);
    return take_runtime(reader, number, task);
}

/* Add the dependencies in an array: of the task on these, or of these on the task. */
static bool
relate(const Reader *reader, uint32_t task, const json_t *others, bool are_parents)
{
    size_t i;
    const json_t *other;

    json_array_foreach(others, i, other)
    {
        const char *name = json_string_value(other);
        uint32_t number = name ? imported_graph_find(reader->graph, name) : IMPORTED_NONE;

        if (number == IMPORTED_NONE)
            return refuse(reader, name ? name : "parents", "is not the id of a task");
        imported_graph_need(reader->graph, are_parents ? task : number,
                            are_parents ? number : task);
    }
    return true;
}

static bool
read_tasks(const Reader *reader, const json_t *tasks)
{
    size_t i;
    const json_t *task;

    json_array_foreach(tasks, i, task) if (!declare(reader, task)) return false;
    json_array_foreach(tasks, i, task)
    {
        uint32_t number = imported_graph_find(reader->graph, id_of(task));

        if (!relate(reader, number, json_object_get(task, "parents"), true) ||
            !relate(reader, number, json_object_get(task, "children"), false))
            return false;
    }
    return true;
}

static bool
read_runtimes(const Reader *reader, const json_t *tasks)
{
    size_t i;
    const json_t *task;

    json_array_foreach(tasks, i, task)
    {
        const char *id = id_of(task);
        uint32_t number = id ? imported_graph_find(reader->graph, id) : IMPORTED_NONE;

        if (number == IMPORTED_NONE)
            return refuse(reader, id ? id : "execution", "is not the id of a task");
        if (!take_runtime(reader, number, task))
            return false;
    }
    return true;
}

/* Give each task the line of its id, for messages about cycles. */
static bool
read_document(const Reader *reader, const json_t *document)
{
    const json_t *workflow = json_object_get(document, "workflow");
    const json_t *specification = json_object_get(workflow, "specification");
    const json_t *tasks =
        json_object_get(specification ? specification : workflow, "tasks");
    const json_t *execution = json_object_get(workflow, "execution");

    if (!json_is_array(tasks))
        return import_refuse(reader->text, 1, reader->error,
                             "there are no tasks in workflow.specification.tasks");
    reader->graph->name = g_strdup(json_string_value(json_object_get(document, "name")));
    return read_tasks(reader, tasks) &&
           (!execution || read_runtimes(reader, json_object_get(execution, "tasks")));
}

ImportedGraph *
read_wfformat(const ImportText *text, GError **error)
{
    g_autoptr(ImportedGraph) graph = imported_graph_new();
    JsonText json = {
        .name = text->name, .at = text->bytes, .end = text->bytes + text->size, .line = 1};
    const Reader reader = {text, graph, error};
    json_t *document = json_text_value(&json);
    bool good = document && json_text_finish(&json) && read_document(&reader, document);

    json_decref(document);
    if (json.error) {
        const char *problem = strstr(json.error->message, ": ");

        import_refuse(text, json.value_line, error, "%s",
                      problem ? problem + 2 : json.error->message);
        g_error_free(json.error);
    }
    return good ? g_steal_pointer(&graph) : NULL;
}

bool
recognizes_wfformat(const ImportText *text)
{
    return *text->bytes == '{' &&
           g_strstr_len(text->bytes, (gssize)text->size, "\"workflow\"") != NULL;
}
