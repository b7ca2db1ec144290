/* SPDX-License-Identifier: MIT */
/*
 * An imported graph as XML.  A script that runs in dagrun sees the outputs of the tasks that it needs
 * as variables.  So if the graph has commands, no id may become a variable that a command uses, that
 * programs know, or that another id becomes.
 */
#include "formats/imported-graph.h"
#include "formats/writers.h"

#include <dagrun/graph.h>
#include <string.h>

#define PIECE 65536

const char *const imported_work_names[] = {"noop", "sleep", "spin", NULL};

/* Letters beyond ASCII that ids may have: those of the most common scripts in the table BaseChar of XML
 * 1.0, fourth edition, by which libxml2 checks names. */
static const gunichar name_ranges[][2] = {
    {0xC0, 0xD6},     {0xD8, 0xF6},     {0xF8, 0x131},    {0x134, 0x13E}, {0x141, 0x148},
    {0x14A, 0x17E},   {0x180, 0x1C3},   {0x388, 0x38A},   {0x38E, 0x3A1}, {0x3A3, 0x3CE},
    {0x401, 0x40C},   {0x40E, 0x44F},   {0x451, 0x45C},   {0x45E, 0x481}, {0x531, 0x556},
    {0x561, 0x586},   {0x5D0, 0x5EA},   {0x621, 0x63A},   {0x641, 0x64A}, {0x3041, 0x3094},
    {0x30A1, 0x30FA}, {0x4E00, 0x9FA5}, {0xAC00, 0xD7A3},
};

static bool
begins_name(gunichar c)
{
    if (c < 0x80)
        return g_ascii_isalpha((char)c) || c == '_';
    for (size_t i = 0; i < G_N_ELEMENTS(name_ranges); i++)
        if (c >= name_ranges[i][0] && c <= name_ranges[i][1])
            return true;
    return false;
}

static bool
continues_name(gunichar c)
{
    return begins_name(c) ||
           (c < 0x80 && (g_ascii_isdigit((char)c) || c == '-' || c == '.'));
}

/* The longest id: one that could be the name of a file. */
#define MAX_ID 200

/* Return the name with each character that an id cannot have replaced by "_"; free with g_free(). */
static char *
valid_id(const char *name)
{
    GString *id = g_string_new(NULL);

    for (const char *c = name; *c && id->len < MAX_ID; c = g_utf8_next_char(c)) {
        gunichar u = g_utf8_get_char(c);

        if (id->len == 0 && !begins_name(u))
            g_string_append_c(id, g_ascii_isdigit(*c) ? 't' : '_');
        if (continues_name(u))
            g_string_append_unichar(id, u);
        else if (id->len != 1 || id->str[0] != '_')
            g_string_append_c(id, '_');
    }
    if (id->len == 0)
        g_string_append(id, "task");
    return g_string_free(id, FALSE);
}

/* The ids of a graph. */
typedef struct Ids {
    char **of;         /* [number of tasks] */
    uint32_t *user;    /* [number of tasks]: the last task that named it, plus 1 */
    GHashTable *taken; /* a set: ids, or the variables that they become */
    GHashTable *used;  /* a set: variables that commands use */
    bool has_commands;
} Ids;

static void
ids_clear(Ids *ids)
{
    g_strfreev(ids->of);
    g_free(ids->user);
    g_hash_table_unref(ids->taken);
    g_hash_table_unref(ids->used);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Ids, ids_clear)

/* Note each `$name` and `${name`, with "-" and "." as ids have them. */
static void
note_variables(GHashTable *used, const char *command)
{
    while ((command = strchr(command, '$'))) {
        size_t length = 0, plain;
        char *word;

        command += command[1] == '{' ? 2 : 1;
        while (g_ascii_isalnum(command[length]) || (command[length] & 0x80) ||
               (command[length] && strchr("_-.", command[length])))
            length++;
        if (length == 0)
            continue;
        word = g_strndup(command, length);
        g_hash_table_add(used, dag_variable_of_id(word));
        for (plain = 0; g_ascii_isalnum(word[plain]) || word[plain] == '_';)
            plain++;
        word[plain] = '\0';
        g_hash_table_add(used, word);
    }
}

/* Return whether the variable is one of those that programs know: in capitals, or a proxy. */
static bool
may_be_known(const char *variable)
{
    if (g_str_has_suffix(variable, "_proxy"))
        return true;
    for (; *variable; variable++)
        if (g_ascii_islower(*variable) || *variable & 0x80)
            return false;
    return true;
}

/* Return the text that must differ between ids; free with g_free(). */
static char *
key_of(const Ids *ids, const char *id)
{
    return ids->has_commands ? dag_variable_of_id(id) : g_strdup(id);
}

static bool
is_free(const Ids *ids, const char *key)
{
    if (g_hash_table_contains(ids->taken, key))
        return false;
    return !ids->has_commands ||
           (!g_hash_table_contains(ids->used, key) && !may_be_known(key));
}

/* Return a free id like the name, and take it. */
static char *
take_id(Ids *ids, const char *name)
{
    g_autofree char *base = valid_id(name), *id = g_strdup(base);
    g_autofree char *key = key_of(ids, id);

    for (unsigned n = 1; !is_free(ids, key); n++) {
        g_free(id);
        id = n == 1 && ids->has_commands ? g_strconcat(base, ".task", NULL)
                                         : g_strdup_printf("%s.task%u", base, n);
        g_free(key);
        key = key_of(ids, id);
    }
    g_hash_table_add(ids->taken, g_steal_pointer(&key));
    return g_steal_pointer(&id);
}

static Ids
new_ids(const ImportedGraph *graph)
{
    uint32_t n = graph->tasks->len;
    Ids ids = {.of = g_new0(char *, (gsize)n + 1), .user = g_new0(uint32_t, (gsize)n + 1)};

    ids.taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    ids.used = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (uint32_t t = 0; t < n; t++)
        if (imported_graph_at(graph, t)->command) {
            ids.has_commands = true;
            g_autofree char *valid =
                g_utf8_make_valid(imported_graph_at(graph, t)->command, -1);

            note_variables(ids.used, valid);
        }
    for (uint32_t t = 0; t < n; t++) {
        const ImportedTask *task = imported_graph_at(graph, t);
        g_autofree char *name = g_utf8_make_valid(task->name, -1);

        ids.of[t] = task->is_removed ? g_strdup("") : take_id(&ids, name);
    }
    return ids;
}

/* Append text that is escaped for an attribute or an element; characters that XML does not have
 * become U+FFFD. */
static void
append_text(GString *out, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);

    for (const char *c = valid; *c; c = g_utf8_next_char(c)) {
        gunichar u = g_utf8_get_char(c);

        if (u == '&')
            g_string_append(out, "&amp;");
        else if (u == '<')
            g_string_append(out, "&lt;");
        else if (u == '>')
            g_string_append(out, "&gt;");
        else if (u == '"')
            g_string_append(out, "&quot;");
        else if (u == '\t' || u == '\n' || u == '\r')
            g_string_append_printf(out, "&#%u;", u);
        else if (u < 0x20 || u == 0xFFFE || u == 0xFFFF)
            g_string_append(out, "\357\277\275");
        else
            g_string_append_unichar(out, u);
    }
}

/* Append the text of an element: newlines as they are. */
static void
append_script(GString *out, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++) {
        g_string_append(out, line == lines ? "" : "\n");
        append_text(out, *line);
    }
}

static bool
is_blank(const char *text)
{
    return !text[strspn(text, " \t\r\n")];
}

static void
append_needs(GString *out, const ImportedGraph *graph, const Ids *ids, uint32_t number)
{
    const ImportedTask *task = imported_graph_at(graph, number);
    bool is_first = true;

    for (guint i = 0; task->needs && i < task->needs->len; i++) {
        uint32_t needed = g_array_index(task->needs, uint32_t, i);

        if (imported_graph_at(graph, needed)->is_removed || ids->user[needed] == number + 1)
            continue;
        ids->user[needed] = number + 1;
        g_string_append_printf(out, "%s%s", is_first ? "\" needs=\"" : " ",
                               ids->of[needed]);
        is_first = false;
    }
}

/* Append the action of the task and its end. */
static void
append_action(GString *out, const ImportedTask *task, ImportedWork work)
{
    char number[NUMBER_SIZE];

    if (task->command && !is_blank(task->command)) {
        g_string_append(out, "\">\n    <shell interpreter=\"/bin/sh\">");
        append_script(out, task->command);
        g_string_append(out, "</shell>\n  </task>\n");
    } else if (work == IMPORTED_NOOP || task->is_noop || task->cost < 0) {
        g_string_append(out, "\"/>\n");
    } else {
        g_string_append_printf(out, "\"><%s duration=\"%ss\"/></task>\n",
                               imported_work_names[work], exact_number(task->cost, number));
    }
}

static void
append_task(GString *out, const ImportedGraph *graph, const Ids *ids, uint32_t number,
            ImportedWork work)
{
    const ImportedTask *task = imported_graph_at(graph, number);
    const char *title = task->title ? task->title : task->name;
    char digits[NUMBER_SIZE];

    g_string_append_printf(out, "  <task id=\"%s", ids->of[number]);
    append_needs(out, graph, ids, number);
    if (task->cost >= 0)
        g_string_append_printf(out, "\" cost=\"%s", exact_number(task->cost, digits));
    if (strcmp(title, ids->of[number]) != 0 && !is_blank(title)) {
        g_string_append(out, "\" title=\"");
        append_text(out, title);
    }
    append_action(out, task, work);
}

/* Pass the text on.  Returns: whether more is wanted. */
static bool
pass_on(GString *text, const DagReportSink *sink)
{
    bool good = sink->write(text->str, text->len, sink->data);

    g_string_truncate(text, 0);
    return good;
}

void
imported_graph_write(const ImportedGraph *graph, ImportedWork work,
                     const DagReportSink *sink)
{
    g_autoptr(GString) text = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                           "<graph xmlns=\"urn:dagrun:graph:1\"");
    g_auto(Ids) ids = new_ids(graph);

    if (graph->name && !is_blank(graph->name)) {
        g_autofree char *name = g_utf8_make_valid(graph->name, -1);
        g_autofree char *id = valid_id(name);

        g_string_append_printf(text, " name=\"%s\"", id);
        if (strcmp(id, name) != 0) {
            g_string_append(text, " title=\"");
            append_text(text, name);
            g_string_append_c(text, '"');
        }
    }
    g_string_append(text, ">\n");
    for (uint32_t t = 0; t < graph->tasks->len; t++) {
        if (!imported_graph_at(graph, t)->is_removed)
            append_task(text, graph, &ids, t, work);
        if (text->len >= PIECE && !pass_on(text, sink))
            return;
    }
    g_string_append(text, "</graph>\n");
    pass_on(text, sink);
}
