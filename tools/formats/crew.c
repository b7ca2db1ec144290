/* SPDX-License-Identifier: MIT */
/*
 * The files of a crew, as `crewai create` lays them out.  A task without `context` reads the outputs of all
 * tasks before it, as in a crew whose tasks run one after another.
 */
#include "formats/crew.h"

#include <dagrun/error.h>
#include <dagrun/text.h>
#include <string.h>

/* Tasks without a context read all before them: their number is squared. */
#define MAX_TASKS 1000

/* Of a value in a remark, in columns. */
#define MAX_VALUE 120

/* One of the files. */
typedef struct CrewFile {
    ImportText text;
    char *path, *bytes;
    const char *what; /* "agent" or "task" */
} CrewFile;

static void
crew_file_clear(CrewFile *file)
{
    g_free(file->path);
    g_free(file->bytes);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CrewFile, crew_file_clear)

static void
free_agent(gpointer data)
{
    CrewAgent *agent = data;

    g_free(agent->service);
    g_free(agent);
}

static void
free_task(gpointer data)
{
    CrewTask *task = data;

    g_array_unref(task->context);
    g_ptr_array_unref(task->remarks);
    g_free(task);
}

void
crew_free(Crew *crew)
{
    if (!crew)
        return;
    g_ptr_array_unref(crew->agents);
    g_ptr_array_unref(crew->tasks);
    g_ptr_array_unref(crew->remarks);
    yaml_node_free(crew->agent_tree);
    yaml_node_free(crew->task_tree);
    g_free(crew);
}

/* Read a file in the directory, or in config/ in it. */
static bool
open_file(CrewFile *file, const char *directory, const char *name, GError **error)
{
    g_autoptr(GError) problem = NULL;

    file->path = g_build_filename(directory, name, NULL);
    if (!g_file_get_contents(file->path, &file->bytes, &file->text.size, &problem)) {
        g_autofree char *deeper = g_build_filename(directory, "config", name, NULL);

        if (!g_file_get_contents(deeper, &file->bytes, &file->text.size, NULL)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return false;
        }
        g_free(file->path);
        file->path = g_steal_pointer(&deeper);
    }
    file->text.name = file->path;
    file->text.bytes = file->bytes;
    return true;
}

/* Note that a part is not imported: as a warning, and for a comment in the graph. */
static void
remark(const CrewFile *file, GPtrArray *remarks, const char *owner, const YamlNode *key,
       const YamlNode *value)
{
    static const char *const hints[][2] = {
        {"tools", "; a tool is a task of its own, whose output is ${task}"},
        {"output_json", "; <result type=\"json\" schema=\"…\"/> demands it"},
        {"output_pydantic", "; <result type=\"json\" schema=\"…\"/> demands it"},
        {"guardrail", "; <result match=\"…\"/> or a schema checks an answer"},
    };
    g_autoptr(GString) clean = g_string_new(NULL);
    GString *line = g_string_new(NULL);
    const char *hint = "";

    for (size_t i = 0; i < G_N_ELEMENTS(hints); i++)
        if (strcmp(key->text, hints[i][0]) == 0)
            hint = hints[i][1];
    g_string_append_printf(line, "%s \"%s\": \"", file->what, owner);
    dag_text_append_clean(clean, key->text);
    dag_text_append_fitted(line, clean->str, MAX_VALUE);
    g_string_append(line, "\" is not imported");
    if (value->type == YAML_TEXT && *value->text) {
        g_string_append(line, ": ");
        g_string_truncate(clean, 0);
        dag_text_append_clean(clean, value->text);
        dag_text_append_fitted(line, clean->str, MAX_VALUE);
    }
    g_string_append(line, hint);
    import_warn(&file->text, key->line, "%s", line->str);
    g_ptr_array_add(remarks, g_string_free(line, FALSE));
}

/* Return true if the part has a place in the graph, or none is needed. */
static bool
is_mapped(const char *const *mapped, const YamlNode *key, const YamlNode *value)
{
    if (strcmp(key->text, "verbose") == 0)
        return true;
    if (strcmp(key->text, "allow_delegation") == 0 && value->type == YAML_TEXT)
        return g_ascii_strcasecmp(value->text, "false") == 0;
    return g_strv_contains(mapped, key->text);
}

static void
remark_others(const CrewFile *file, GPtrArray *remarks, const char *const *mapped,
              const YamlNode *key, const YamlNode *map)
{
    for (guint i = 0; i + 1 < map->children->len; i += 2)
        if (!is_mapped(mapped, map->children->pdata[i], map->children->pdata[i + 1]))
            remark(file, remarks, key->text, map->children->pdata[i],
                   map->children->pdata[i + 1]);
}

/* Set *text_out to the text under the key, or NULL; a null of YAML is none. */
static bool
read_text(const CrewFile *file, const YamlNode *map, const char *key, const char **text_out,
          GError **error)
{
    const YamlNode *value = yaml_node_get(map, key);

    *text_out = NULL;
    if (!value)
        return true;
    if (value->type != YAML_TEXT)
        return import_refuse(&file->text, value->line, error,
                             "the value of \"%s\" is not a text", key);
    if (!value->is_null && *value->text)
        *text_out = value->text;
    return true;
}

/* Check the name and the form of an agent or task. */
static bool
check_entry(const CrewFile *file, const YamlNode *key, const YamlNode *value,
            GError **error)
{
    size_t length = strspn(key->text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-");

    if (!*key->text || key->text[length] || length > 100 || *key->text == '-' ||
        g_ascii_isdigit(*key->text))
        return import_refuse(&file->text, key->line, error,
                             "\"%s\" is not a name of letters, digits and \"_\"",
                             key->text);
    return value->type == YAML_MAP ||
           import_refuse(&file->text, key->line, error, "%s \"%s\" has no description",
                         file->what, key->text);
}

static bool
read_rate(const CrewFile *file, const YamlNode *map, CrewAgent *agent, GError **error)
{
    const char *text;
    guint64 rpm = 0;

    if (!read_text(file, map, "max_rpm", &text, error))
        return false;
    if (text && !g_ascii_string_to_unsigned(text, 10, 1, 1000000, &rpm, NULL))
        return import_refuse(&file->text, yaml_node_get(map, "max_rpm")->line, error,
                             "max_rpm is \"%s\", not a number of requests a minute", text);
    agent->rpm = (unsigned)rpm;
    return true;
}

/* Read "openai/gpt-4o", or a model of OpenAI alone. */
static bool
read_model(const CrewFile *file, const YamlNode *map, CrewAgent *agent, GError **error)
{
    const char *text, *slash;

    if (!read_text(file, map, "llm", &text, error))
        return false;
    slash = text ? strchr(text, '/') : NULL;
    if (slash && !slash[1])
        return import_refuse(&file->text, yaml_node_get(map, "llm")->line, error,
                             "llm is \"%s\", which names no model", text);
    agent->model = slash ? slash + 1 : text;
    agent->service = g_strdup("openai");
    if (slash && slash > text) {
        g_free(agent->service);
        agent->service = g_strndup(text, (gsize)(slash - text));
        g_strcanon(agent->service, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_", '_');
        if (g_ascii_isdigit(*agent->service))
            *agent->service = '_';
    }
    return true;
}

static bool
read_agent(Crew *crew, const CrewFile *file, const YamlNode *key, const YamlNode *value,
           GError **error)
{
    static const char *const mapped[] = {"role", "goal",    "backstory",
                                         "llm",  "max_rpm", NULL};
    CrewAgent *agent;

    if (!check_entry(file, key, value, error))
        return false;
    agent = g_new0(CrewAgent, 1);
    agent->name = key->text;
    agent->line = key->line;
    g_ptr_array_add(crew->agents, agent);
    remark_others(file, crew->remarks, mapped, key, value);
    return read_text(file, value, "role", &agent->role, error) &&
           read_text(file, value, "goal", &agent->goal, error) &&
           read_text(file, value, "backstory", &agent->backstory, error) &&
           read_rate(file, value, agent, error) && read_model(file, value, agent, error);
}

/* Find the agent of the task. */
static bool
read_task_agent(const Crew *crew, const CrewFile *file, const YamlNode *map, CrewTask *task,
                GError **error)
{
    const char *name;

    if (!read_text(file, map, "agent", &name, error))
        return false;
    for (guint i = 0; name && i < crew->agents->len; i++) {
        CrewAgent *agent = crew->agents->pdata[i];

        if (strcmp(agent->name, name) == 0) {
            agent->is_used = true;
            task->agent = agent;
            return true;
        }
    }
    if (name)
        return import_refuse(&file->text, yaml_node_get(map, "agent")->line, error,
                             "task \"%s\" has the agent \"%s\", which is not declared",
                             task->name, name);
    import_warn(&file->text, task->line, "task \"%s\" has no agent", task->name);
    return true;
}

static bool
read_task(Crew *crew, const CrewFile *file, const YamlNode *key, const YamlNode *value,
          GError **error)
{
    static const char *const mapped[] = {"description", "expected_output", "agent",
                                         "context",     "async_execution", NULL};
    CrewTask *task;

    if (crew->tasks->len >= MAX_TASKS)
        return import_refuse(&file->text, key->line, error, "there are more than %d tasks",
                             MAX_TASKS);
    if (!check_entry(file, key, value, error))
        return false;
    task = g_new0(CrewTask, 1);
    task->name = key->text;
    task->line = key->line;
    task->context = g_array_new(FALSE, FALSE, sizeof(guint));
    task->remarks = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(crew->tasks, task);
    remark_others(file, task->remarks, mapped, key, value);
    if (!read_text(file, value, "description", &task->description, error) ||
        !read_text(file, value, "expected_output", &task->expected, error) ||
        !read_task_agent(crew, file, value, task, error))
        return false;
    return task->description || import_refuse(&file->text, key->line, error,
                                              "task \"%s\" has no description", task->name);
}

/* Add the task called `name` to the context. */
static bool
add_context(const Crew *crew, const CrewFile *file, CrewTask *task, const YamlNode *name,
            GError **error)
{
    if (name->type != YAML_TEXT)
        return import_refuse(&file->text, name->line, error,
                             "the context of task \"%s\" is not a list of names",
                             task->name);
    for (guint i = 0; i < crew->tasks->len; i++)
        if (strcmp(((CrewTask *)crew->tasks->pdata[i])->name, name->text) == 0) {
            for (guint k = 0; k < task->context->len; k++)
                if (g_array_index(task->context, guint, k) == i)
                    return true;
            g_array_append_val(task->context, i);
            return true;
        }
    return import_refuse(&file->text, name->line, error,
                         "task \"%s\" has the context \"%s\", which is not declared",
                         task->name, name->text);
}

static bool
read_context(const Crew *crew, const CrewFile *file, guint number, const YamlNode *map,
             GError **error)
{
    CrewTask *task = crew->tasks->pdata[number];
    const YamlNode *context = yaml_node_get(map, "context");

    if (!context || context->is_null) {
        for (guint i = 0; i < number; i++)
            g_array_append_val(task->context, i);
        return true;
    }
    if (context->type != YAML_LIST)
        return add_context(crew, file, task, context, error);
    for (guint i = 0; i < context->children->len; i++)
        if (!add_context(crew, file, task, context->children->pdata[i], error))
            return false;
    return true;
}

/* Check that no task reads its own output, directly or not. */
static bool
check_cycles(const Crew *crew, const CrewFile *file, GError **error)
{
    g_autoptr(ImportedGraph) graph = imported_graph_new();

    for (guint i = 0; i < crew->tasks->len; i++) {
        const CrewTask *task = crew->tasks->pdata[i];
        uint32_t id = imported_graph_task(graph, task->name);

        imported_graph_at(graph, id)->line = task->line;
    }
    for (guint i = 0; i < crew->tasks->len; i++) {
        const CrewTask *task = crew->tasks->pdata[i];

        for (guint k = 0; k < task->context->len; k++)
            imported_graph_need(graph, i, g_array_index(task->context, guint, k));
    }
    return imported_graph_check(graph, &file->text, error);
}

typedef bool (*ReadEntry)(Crew *crew, const CrewFile *file, const YamlNode *key,
                          const YamlNode *value, GError **error);

/* Read the file, a map of names, into *tree_out. */
static bool
read_file(Crew *crew, CrewFile *file, YamlNode **tree_out, ReadEntry read_entry,
          GError **error)
{
    YamlNode *tree = yaml_tree_read(&file->text, error);

    *tree_out = tree;
    if (!tree)
        return false;
    if (tree->type != YAML_MAP)
        return import_refuse(&file->text, tree->line, error, "it is not a map of %ss",
                             file->what);
    for (guint i = 0; i + 1 < tree->children->len; i += 2)
        if (!read_entry(crew, file, tree->children->pdata[i], tree->children->pdata[i + 1],
                        error))
            return false;
    return true;
}

/* Read everything into the crew. */
static bool
fill(Crew *crew, CrewFile *agents, CrewFile *tasks, GError **error)
{
    if (!read_file(crew, agents, &crew->agent_tree, read_agent, error) ||
        !read_file(crew, tasks, &crew->task_tree, read_task, error))
        return false;
    if (crew->tasks->len == 0)
        return import_refuse(&tasks->text, 1, error, "there are no tasks");
    for (guint i = 0; i < crew->tasks->len; i++)
        if (!read_context(crew, tasks, i, crew->task_tree->children->pdata[2 * i + 1],
                          error))
            return false;
    for (guint i = 0; i < crew->agents->len; i++) {
        const CrewAgent *agent = crew->agents->pdata[i];

        if (!agent->is_used)
            import_warn(&agents->text, agent->line, "no task has the agent \"%s\"",
                        agent->name);
    }
    return check_cycles(crew, tasks, error);
}

Crew *
crew_read(const char *directory, void (*warn)(const char *line, void *data), GError **error)
{
    g_autoptr(Crew) crew = g_new0(Crew, 1);
    g_auto(CrewFile) agents = {.what = "agent", .text.warn = warn};
    g_auto(CrewFile) tasks = {.what = "task", .text.warn = warn};

    crew->agents = g_ptr_array_new_with_free_func(free_agent);
    crew->tasks = g_ptr_array_new_with_free_func(free_task);
    crew->remarks = g_ptr_array_new_with_free_func(g_free);
    if (!open_file(&agents, directory, "agents.yaml", error) ||
        !open_file(&tasks, directory, "tasks.yaml", error) ||
        !fill(crew, &agents, &tasks, error))
        return NULL;
    return g_steal_pointer(&crew);
}
