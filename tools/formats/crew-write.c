/* SPDX-License-Identifier: MIT */
/*
 * A crew as a graph.  Placeholders such as {topic} become parameters; tasks and parameters share one name
 * space, so a parameter may get another name than its placeholder.
 */
#include "formats/crew.h"

#include <string.h>

typedef struct Writer {
    const Crew *crew;
    GString *out;
    GHashTable *taken;    /* set of names: tasks and parameters */
    GHashTable *param_of; /* of placeholder to the name of its parameter; owned */
    GPtrArray *params;    /* of char *: these names in order; borrowed */
    GHashTable *url_of;   /* of service to the parameter of its URL; owned */
    const char *model;    /* the parameter of agents that name no model, or NULL */
} Writer;

/* Append text to XML.  Characters that XML does not have are left out. */
static void
append_char(GString *out, gunichar c)
{
    if (c == '&')
        g_string_append(out, "&amp;");
    else if (c == '<')
        g_string_append(out, "&lt;");
    else if (c == '>')
        g_string_append(out, "&gt;");
    else if (c == '"')
        g_string_append(out, "&quot;");
    else if (c == '\r')
        g_string_append(out, "&#13;");
    else if (c >= 0x20 ? c != 0x7f && c != 0xfffe && c != 0xffff : c == '\n' || c == '\t')
        g_string_append_unichar(out, c);
}

/* Return the length of the placeholder's name at `at`, behind a "{"; 0: there is none. */
static size_t
placeholder(const char *at)
{
    size_t length = strspn(at, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-");

    return length > 0 && at[length] == '}' && !g_ascii_isdigit(*at) && *at != '-' &&
                   at[length - 1] != '-'
               ? length
               : 0;
}

/* Return a free name like this one, and take it; lives as long as the writer. */
static const char *
take_name(Writer *writer, const char *name)
{
    GString *other = g_string_new(name);
    char *found;

    while (g_hash_table_contains(writer->taken, other->str))
        g_string_append(other, "_input");
    found = g_string_free(other, FALSE);
    g_hash_table_add(writer->taken, found);
    return found;
}

/* Append a text with its placeholders as references. */
static void
append_template(const Writer *writer, const char *text)
{
    GString *out = writer->out;

    for (const char *c = text; *c; c = g_utf8_next_char(c)) {
        size_t length = *c == '{' ? placeholder(c + 1) : 0;

        if (length > 0) {
            g_autofree char *name = g_strndup(c + 1, length);

            /* "$${" would be a literal "${". */
            g_string_append_printf(out, "%s${%s}", c > text && c[-1] == '$' ? " " : "",
                                   (char *)g_hash_table_lookup(writer->param_of, name));
            c += length + 1;
        } else {
            if (*c == '$' && c[1] == '{' && placeholder(c + 2) == 0)
                g_string_append_c(out, '$');
            append_char(out, g_utf8_get_char(c));
        }
    }
}

/* Append a text without white space around it. */
static void
append_trimmed(const Writer *writer, const char *text)
{
    g_autofree char *trimmed = g_strstrip(g_strdup(text));

    append_template(writer, trimmed);
}

/* Note the placeholders in a text, or NULL. */
static void
note_params(Writer *writer, const char *text)
{
    while (text && (text = strchr(text, '{'))) {
        size_t length = placeholder(++text);
        g_autofree char *name = g_strndup(text, length);
        const char *param;

        if (length == 0 || g_hash_table_contains(writer->param_of, name))
            continue;
        param = take_name(writer, name);
        g_ptr_array_add(writer->params, (gpointer)param);
        g_hash_table_insert(writer->param_of, g_steal_pointer(&name), g_strdup(param));
    }
}

/* Append comments; one must not hold "--". */
static void
append_remarks(GString *out, const char *indent, const GPtrArray *remarks)
{
    for (guint i = 0; i < remarks->len; i++) {
        g_string_append_printf(out, "%s<!-- ", indent);
        for (const char *c = remarks->pdata[i]; *c; c++) {
            g_string_append_c(out, *c);
            if (*c == '-' && c[1] == '-')
                g_string_append_c(out, ' ');
        }
        g_string_append(out, " -->\n");
    }
}

/* Declare the service of an agent, once. */
static void
write_service(Writer *writer, const CrewAgent *agent)
{
    static const char *const urls[][2] = {
        {"openai", " default=\"https://api.openai.com/v1\""},
        {"openrouter", " default=\"https://openrouter.ai/api/v1\""},
        {"ollama", " default=\"http://localhost:11434/v1\""},
    };
    const char *name = agent->service, *otherwise = "", *url, *key;
    g_autofree char *url_name = g_strconcat(name, "_url", NULL);
    g_autofree char *key_name = g_strconcat(name, "_key", NULL);

    if (g_hash_table_contains(writer->url_of, name))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(urls); i++)
        if (strcmp(urls[i][0], name) == 0)
            otherwise = urls[i][1];
    url = take_name(writer, url_name);
    g_hash_table_insert(writer->url_of, (gpointer)name, (gpointer)url);
    g_string_append_printf(writer->out,
                           "  <param name=\"%s\" title=\"The URL of a service with "
                           "OpenAI's interface\"%s/>\n",
                           url, otherwise);
    if (strcmp(name, "ollama") == 0) {
        g_string_append_printf(writer->out, "  <service name=\"%s\" url=\"${%s}\"/>\n",
                               name, url);
        return;
    }
    key = take_name(writer, key_name);
    g_string_append_printf(writer->out,
                           "  <param name=\"%s\" secret=\"true\"/>\n"
                           "  <service name=\"%s\" url=\"${%s}\" key=\"${%s}\"/>\n",
                           key, name, url, key);
}

static void
write_agent(Writer *writer, const CrewAgent *agent)
{
    write_service(writer, agent);
    if (agent->rpm > 0)
        g_string_append_printf(writer->out, "  <pool name=\"%s\" rate=\"%u/m\"/>\n",
                               agent->name, agent->rpm);
    if (agent->model || writer->model)
        return;
    writer->model = take_name(writer, "model");
    g_string_append_printf(
        writer->out,
        "  <param name=\"%s\" title=\"The model of agents that name none\"/>\n",
        writer->model);
}

static void
write_system(const Writer *writer, const CrewAgent *agent)
{
    if (!agent->role && !agent->backstory && !agent->goal)
        return;
    g_string_append(writer->out, "      <system>");
    if (agent->role) {
        g_string_append(writer->out, "You are ");
        append_trimmed(writer, agent->role);
        g_string_append(writer->out, ".\n");
    }
    if (agent->backstory)
        append_trimmed(writer, agent->backstory);
    if (agent->goal) {
        g_string_append(writer->out, "\nYour personal goal is: ");
        append_trimmed(writer, agent->goal);
    }
    g_string_append(writer->out, "</system>\n");
}

static void
write_context(const Writer *writer, const CrewTask *task)
{
    if (task->context->len == 0)
        return;
    g_string_append(writer->out, "      <context of=\"");
    for (guint i = 0; i < task->context->len; i++) {
        const CrewTask *other =
            writer->crew->tasks->pdata[g_array_index(task->context, guint, i)];

        g_string_append_printf(writer->out, "%s%s", i > 0 ? " " : "", other->name);
    }
    g_string_append(writer->out, "\"/>\n");
}

static void
write_task(const Writer *writer, const CrewTask *task, const CrewAgent *agent)
{
    GString *out = writer->out;

    g_string_append_printf(out, "\n  <task id=\"%s\"", task->name);
    if (agent->rpm > 0)
        g_string_append_printf(out, " uses=\"%s\"", agent->name);
    g_string_append(out, ">\n");
    append_remarks(out, "    ", task->remarks);
    g_string_append_printf(out, "    <chat service=\"%s\" model=\"", agent->service);
    if (agent->model)
        append_template(writer, agent->model);
    else
        g_string_append_printf(out, "${%s}", writer->model);
    g_string_append(out, "\">\n");
    write_system(writer, agent);
    g_string_append(out, "      <user>");
    append_trimmed(writer, task->description);
    if (task->expected) {
        g_string_append(out, "\n\nThe answer must be: ");
        append_trimmed(writer, task->expected);
    }
    g_string_append(out, "</user>\n");
    write_context(writer, task);
    g_string_append(out, "    </chat>\n  </task>\n");
}

static void
collect(Writer *writer)
{
    for (guint i = 0; i < writer->crew->tasks->len; i++) {
        const CrewTask *task = writer->crew->tasks->pdata[i];

        g_hash_table_add(writer->taken, g_strdup(task->name));
    }
    for (guint i = 0; i < writer->crew->tasks->len; i++) {
        const CrewTask *task = writer->crew->tasks->pdata[i];

        note_params(writer, task->description);
        note_params(writer, task->expected);
        if (!task->agent)
            continue;
        note_params(writer, task->agent->role);
        note_params(writer, task->agent->goal);
        note_params(writer, task->agent->backstory);
        note_params(writer, task->agent->model);
    }
}

void
crew_write(const Crew *crew, GString *out)
{
    CrewAgent nobody = {.service = (char *)"openai"};
    Writer writer = {.crew = crew,
                     .out = out,
                     .taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                     .param_of =
                         g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
                     .params = g_ptr_array_new(),
                     .url_of = g_hash_table_new(g_str_hash, g_str_equal)};

    collect(&writer);
    g_string_append(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                         "<graph xmlns=\"urn:dagrun:graph:1\">\n");
    append_remarks(out, "  ", crew->remarks);
    for (guint i = 0; i < writer.params->len; i++)
        g_string_append_printf(out, "  <param name=\"%s\"/>\n",
                               (char *)writer.params->pdata[i]);
    for (guint i = 0; i < crew->tasks->len; i++)
        if (!((CrewTask *)crew->tasks->pdata[i])->agent) {
            write_agent(&writer, &nobody);
            break;
        }
    for (guint i = 0; i < crew->agents->len; i++)
        if (((CrewAgent *)crew->agents->pdata[i])->is_used)
            write_agent(&writer, crew->agents->pdata[i]);
    for (guint i = 0; i < crew->tasks->len; i++) {
        const CrewTask *task = crew->tasks->pdata[i];

        write_task(&writer, task, task->agent ? task->agent : &nobody);
    }
    g_string_append(out, "</graph>\n");
    g_hash_table_unref(writer.taken);
    g_hash_table_unref(writer.param_of);
    g_ptr_array_unref(writer.params);
    g_hash_table_unref(writer.url_of);
}
