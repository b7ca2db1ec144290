/* SPDX-License-Identifier: MIT */
/*
 * The data base that `make -pn` prints: variables, targets, prerequisites and recipes.  Each target with
 * a recipe is a task, with the recipe as its command; one with prerequisites only is a milestone; others
 * are sources.  Targets that the goal does not need are left out.  Variables in recipes are expanded,
 * functions are not.
 */
#include "formats/writers.h"

#include <string.h>

/* The depth of variables that refer to others, and the length of a command. */
#define MAX_DEPTH     40
#define MAX_EXPANSION (1 << 20)

/* A target; its prerequisites are names. */
typedef struct Target {
    uint32_t task;
    bool has_recipe;
    GPtrArray *needs;   /* of names */
    GHashTable *locals; /* its variables, also the automatic ones */
    GString *recipe;    /* lines, each with its newline, without the tab */
} Target;

typedef struct Reader {
    const ImportText *text;
    ImportedGraph *graph;
    GHashTable *variables; /* from a name to the raw value */
    GArray *targets;       /* of Target */
    char **lines;
    unsigned n; /* the index of the current line */
    bool is_one_shell;
} Reader;

static void
target_clear(gpointer data)
{
    Target *target = data;

    g_ptr_array_unref(target->needs);
    g_hash_table_unref(target->locals);
    g_string_free(target->recipe, TRUE);
}

/* Set the variable of a line such as "CC = cc".  Returns: false if it is none. */
static bool
set_variable(const char *line, GHashTable *variables)
{
    size_t length = strcspn(line, " ");
    const char *equals = strstr(line + length, "= ");
    g_autofree char *name = g_strndup(line, length);

    if (!equals && g_str_has_suffix(line, "="))
        equals = line + strlen(line) - 1;
    if (length == 0 || !equals || equals - (line + length) > 4 ||
        strspn(line + length, " :?+!") < (size_t)(equals - (line + length)))
        return false;
    g_hash_table_insert(variables, g_steal_pointer(&name),
                        g_strdup(equals[1] ? equals + 2 : ""));
    return true;
}

/* Read the lines of "define NAME" up to "endef". */
static void
read_define(Reader *reader)
{
    const char *line = reader->lines[reader->n] + strlen("define ");
    char *name = g_strndup(line, strcspn(line, " "));
    GString *value = g_string_new(NULL);

    for (reader->n++; reader->lines[reader->n]; reader->n++) {
        if (strcmp(reader->lines[reader->n], "endef") == 0)
            break;
        g_string_append_printf(value, "%s%s", value->len > 0 ? "\n" : "",
                               reader->lines[reader->n]);
    }
    g_hash_table_insert(reader->variables, name, g_string_free(value, FALSE));
    if (!reader->lines[reader->n])
        reader->n--;
}

/* Read variables up to the targets.  Returns: false if there are none. */
static bool
read_variables(Reader *reader)
{
    for (; reader->lines[reader->n]; reader->n++) {
        const char *line = reader->lines[reader->n];

        if (strcmp(line, "# Files") == 0)
            return true;
        if (g_str_has_prefix(line, "define "))
            read_define(reader);
        else if (*line != '#' && *line != '\t')
            set_variable(line, reader->variables);
    }
    return false;
}

/* Return the colon after the target of a line, or NULL. */
static const char *
find_colon(const char *line)
{
    for (const char *c = strchr(line, ':'); c; c = strchr(c + 1, ':'))
        if (c > line && (c[1] == ' ' || c[1] == '\0' || c[1] == ':'))
            return c;
    return NULL;
}

/* Return true if the name is that of a special target, such as .PHONY. */
static bool
is_special(const char *name)
{
    return *name == '.' && name[1] &&
           name[1 + strspn(name + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_")] == '\0';
}

/* Add the target; one with "::" may have several entries.  Takes a reference to `locals`. */
static Target *
add_target(Reader *reader, const char *name, const char *needs, GHashTable *locals)
{
    g_auto(GStrv) words = g_strsplit_set(needs, " ", -1);
    Target target = {
        .task = imported_graph_task(reader->graph, name),
        .needs = g_ptr_array_new_with_free_func(g_free),
        .locals = g_hash_table_ref(locals),
        .recipe = g_string_new(NULL),
    };
    ImportedTask *task = imported_graph_at(reader->graph, target.task);

    if (task->line == 0)
        task->line = reader->n + 1;
    for (char **word = words; *word; word++)
        if (**word)
            g_ptr_array_add(target.needs, g_strdup(*word));
    g_array_append_val(reader->targets, target);
    return &g_array_index(reader->targets, Target, reader->targets->len - 1);
}

/* Read the line "target: prerequisites", or "target: variable = value".  Returns: the target; NULL if
 * there is none. */
static Target *
read_head(Reader *reader, const char *line, GHashTable *locals)
{
    const char *colon = find_colon(line);
    const char *rest = colon ? colon + (colon[1] == ':' ? 2 : 1) : NULL;
    g_autofree char *name = colon ? g_strndup(line, (gsize)(colon - line)) : NULL;

    if (!colon)
        return NULL;
    if (strcmp(name, ".ONESHELL") == 0)
        reader->is_one_shell = true;
    if (is_special(name) || set_variable(rest + strspn(rest, " "), locals))
        return NULL;
    return add_target(reader, name, rest, locals);
}

/* Read an entry of the list of files, up to a blank line: a target with its variables, some of which
 * are comments, and its recipe. */
static void
read_entry(Reader *reader)
{
    bool is_target = strcmp(reader->lines[reader->n], "# Not a target:") != 0;
    g_autoptr(GHashTable) locals =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    Target *target = NULL;

    for (; reader->lines[reader->n] && *reader->lines[reader->n]; reader->n++) {
        const char *line = reader->lines[reader->n];

        if (!is_target)
            continue;
        if (g_str_has_prefix(line, "# ") && line[2] != ' ') {
            set_variable(line + 2, locals);
        } else if (*line == '\t' && target) {
            g_string_append_printf(target->recipe, "%s\n", line + 1);
            target->has_recipe = true;
        } else if (*line != '#' && *line != '\t' && !target) {
            target = read_head(reader, line, locals);
        }
    }
}

static void
read_files(Reader *reader)
{
    while (reader->lines[reader->n]) {
        const char *line = reader->lines[reader->n];

        if (g_str_has_prefix(line, "# files hash-table stats") ||
            g_str_has_prefix(line, "# Finished Make data base"))
            return;
        if (*line)
            read_entry(reader);
        else
            reader->n++;
    }
}

typedef struct Expander {
    const Reader *reader;
    const Target *target;
    GString *out;
    int depth;
    bool has_function; /* there is a function, which is left as it is */
} Expander;

static bool expand(Expander *expander, const char *raw);

/* Append the prerequisites, without repetitions; only the first one if `is_first`. */
static void
append_needs(const Expander *expander, bool is_first)
{
    const GPtrArray *needs = expander->target->needs;

    for (guint i = 0; i < needs->len; i++) {
        if (strcmp(needs->pdata[i], "|") == 0)
            return;
        g_string_append_printf(expander->out, "%s%s", i > 0 ? " " : "",
                               (char *)needs->pdata[i]);
        if (is_first)
            return;
    }
}

/* Append an automatic variable that the data base does not have. */
static void
append_automatic(const Expander *expander, char name)
{
    if (name == '@')
        g_string_append(
            expander->out,
            imported_graph_at(expander->reader->graph, expander->target->task)->name);
    else if (name == '<' || name == '^' || name == '+' || name == '?')
        append_needs(expander, name == '<');
}

/* Append the directories (D) or the names (F) of the files in an automatic variable. */
static void
append_parts(const Expander *expander, char name, char part)
{
    g_autoptr(GString) all = g_string_new(NULL);
    Expander inner = {expander->reader, expander->target, all, 0, false};
    g_auto(GStrv) words = NULL;

    append_automatic(&inner, name);
    words = g_strsplit(all->str, " ", -1);
    for (char **word = words; *word; word++) {
        g_autofree char *text =
            part == 'D' ? g_path_get_dirname(*word) : g_path_get_basename(*word);

        g_string_append_printf(expander->out, "%s%s", word > words ? " " : "", text);
    }
}

/* Recursion is limited by MAX_DEPTH.  NOLINTBEGIN(misc-no-recursion) */

/* Append the value of a variable. */
static bool
append_variable(Expander *expander, const char *name)
{
    const Reader *reader = expander->reader;
    const char *local = g_hash_table_lookup(expander->target->locals, name);
    const char *value = g_hash_table_lookup(reader->variables, name);
    bool good;

    if (strlen(name) == 1 && strchr("@<^+?*", *name)) {
        if (local && *name != '?')
            g_string_append(expander->out, local);
        else
            append_automatic(expander, *name);
        return true;
    }
    if (strlen(name) == 2 && strchr("@<^+?", *name) && strchr("DF", name[1])) {
        append_parts(expander, *name, name[1]);
        return true;
    }
    value = local ? local : value;
    if (!value)
        return true;
    expander->depth++;
    good = expand(expander, value);
    expander->depth--;
    return good;
}

/* Return the end of a reference in brackets, which may hold others; NULL if there is none. */
static const char *
find_bracket(const char *at, char opening, char closing)
{
    int depth = 0;

    for (; *at; at++) {
        depth += *at == opening;
        depth -= *at == closing;
        if (depth == 0)
            return at;
    }
    return NULL;
}

/* Append a reference: $(NAME), or a function as it is.  Returns: its end, or NULL. */
static const char *
expand_reference(Expander *expander, const char *at)
{
    const char *end = find_bracket(at, *at, *at == '(' ? ')' : '}');
    g_autofree char *name = NULL;

    if (!end)
        return NULL;
    name = g_strndup(at + 1, (gsize)(end - at - 1));
    if (strpbrk(name, " :,$")) {
        expander->has_function = true;
        g_string_append_printf(expander->out, "$%c%s%c", *at, name, *end);
    } else if (!append_variable(expander, name)) {
        return NULL;
    }
    return end + 1;
}

/* Append the meaning of "$" and the text after it.  Returns: the rest, or NULL if it is wrong. */
static const char *
expand_dollar(Expander *expander, const char *at)
{
    const char name[2] = {*at, '\0'};

    if (*at == '(' || *at == '{')
        return expand_reference(expander, at);
    if (*at == '$' || *at == '\0') {
        g_string_append_c(expander->out, '$');
        return at + (*at ? 1 : 0);
    }
    return append_variable(expander, name) ? at + 1 : NULL;
}

/* Returns: false if the text cannot be expanded. */
static bool
expand(Expander *expander, const char *raw)
{
    if (expander->depth > MAX_DEPTH)
        return false;
    while (*raw) {
        size_t length = strcspn(raw, "$");

        g_string_append_len(expander->out, raw, (gssize)length);
        raw += length;
        if (*raw)
            raw = expand_dollar(expander, raw + 1);
        if (!raw || expander->out->len > MAX_EXPANSION)
            return false;
    }
    return true;
}

/* NOLINTEND(misc-no-recursion) */

/* Return the end of a line of a recipe: a newline that no backslash continues. */
static const char *
logical_end(const char *line)
{
    bool is_escaped = false;

    for (; *line && (*line != '\n' || is_escaped); line++)
        is_escaped = *line == '\\' && !is_escaped;
    return line;
}

/* Append a line of a recipe without the tab after a line break. */
static void
append_unindented(GString *command, const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        g_string_append_c(command, line[i]);
        if (line[i] == '\n' && i + 1 < length && line[i + 1] == '\t')
            i++;
    }
}

/* Append a line of a recipe to the command.  make runs each line in a shell of its own. */
static void
append_line(GString *command, const char *line, size_t length, bool is_only)
{
    size_t n_marks = MIN(strspn(line, " \t@+-"), length);
    bool may_fail = memchr(line, '-', n_marks) != NULL;

    line += n_marks;
    length -= n_marks;
    while (length > 0 && strchr(" \t\n", line[length - 1]))
        length--;
    if (length == 0)
        return;
    if (command->len > 0)
        g_string_append(command, " &&\n");
    if (is_only && !may_fail) {
        append_unindented(command, line, length);
        return;
    }
    g_string_append(command, "(\n");
    append_unindented(command, line, length);
    g_string_append(command, may_fail ? "\n) || true" : "\n)");
}

/* Return the expanded recipe as a command; free with g_free(). */
static char *
command_of(const Reader *reader, const char *recipe)
{
    GString *command = g_string_new(NULL);
    const char *end = logical_end(recipe);
    bool is_only = reader->is_one_shell || !*end || !end[1];

    if (reader->is_one_shell)
        end = recipe + strlen(recipe);
    for (; *recipe; recipe = *end ? end + 1 : end, end = logical_end(recipe))
        append_line(command, recipe, (size_t)(end - recipe), is_only);
    return g_string_free(command, FALSE);
}

/* Give the task of the target its command. */
static bool
take_recipe(Reader *reader, const Target *target, GError **error)
{
    ImportedTask *task = imported_graph_at(reader->graph, target->task);
    g_autoptr(GString) text = g_string_new(NULL);
    Expander expander = {reader, target, text, 0, false};
    g_autofree char *command = NULL, *before = g_steal_pointer(&task->command);

    if (!expand(&expander, target->recipe->str))
        return import_refuse(
            reader->text, task->line, error,
            "a variable in the recipe of \"%s\" contains itself, has no end, "
            "or is too long",
            task->name);
    if (expander.has_function)
        import_warn(reader->text, task->line,
                    "the recipe of \"%s\" has a function of make, which stays as it is",
                    task->name);
    command = command_of(reader, text->str);
    task->command =
        before ? g_strconcat(before, "\n", command, NULL) : g_steal_pointer(&command);
    return true;
}

/* Let the task need the targets among its prerequisites; others are sources. */
static void
resolve_needs(const Reader *reader, const Target *target)
{
    for (guint i = 0; i < target->needs->len; i++) {
        uint32_t needed = imported_graph_find(reader->graph, target->needs->pdata[i]);

        if (needed != IMPORTED_NONE)
            imported_graph_need(reader->graph, target->task, needed);
    }
}

/* Keep the goal of the command line, or the default one, and its needs. */
static void
keep_goals(const Reader *reader)
{
    const char *goals = g_hash_table_lookup(reader->variables, "MAKECMDGOALS");
    g_autoptr(GArray) wanted = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    g_auto(GStrv) names = NULL;

    if (!goals)
        goals = g_hash_table_lookup(reader->variables, ".DEFAULT_GOAL");
    names = g_strsplit(goals ? goals : "", " ", -1);
    for (char **name = names; *name; name++) {
        uint32_t task = imported_graph_find(reader->graph, *name);

        if (task != IMPORTED_NONE)
            g_array_append_val(wanted, task);
    }
    if (wanted->len > 0)
        imported_graph_keep(reader->graph, wanted);
}

static bool
has_no_command(const ImportedTask *task)
{
    return !task->command;
}

/* Turn the targets into tasks. */
static bool
finish(Reader *reader, GError **error)
{
    for (guint i = 0; i < reader->targets->len; i++) {
        const Target *target = &g_array_index(reader->targets, Target, i);

        resolve_needs(reader, target);
        if (target->has_recipe && !take_recipe(reader, target, error))
            return false;
    }
    keep_goals(reader);
    for (uint32_t t = 0; t < reader->graph->tasks->len; t++) {
        ImportedTask *task = imported_graph_at(reader->graph, t);

        task->is_noop = !task->command;
        task->is_removed = task->is_removed || (!task->command && !task->needs);
    }
    imported_graph_drop_names(reader->graph, has_no_command);
    return true;
}

ImportedGraph *
read_make(const ImportText *text, GError **error)
{
    g_autoptr(ImportedGraph) graph = imported_graph_new();
    g_auto(GStrv) lines = g_strsplit(text->bytes, "\n", -1);
    g_autoptr(GHashTable) variables =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GArray) targets = g_array_new(FALSE, FALSE, sizeof(Target));
    Reader reader = {.text = text,
                     .graph = graph,
                     .variables = variables,
                     .targets = targets,
                     .lines = lines};

    g_array_set_clear_func(targets, target_clear);
    if (strlen(text->bytes) < text->size) {
        import_refuse(text, g_strv_length(lines), error, "there is a NUL byte");
        return NULL;
    }
    if (!read_variables(&reader)) {
        import_refuse(text, 1, error,
                      "this is not what `make -pn` prints: there is no line \"# Files\"");
        return NULL;
    }
    reader.n++;
    read_files(&reader);
    return finish(&reader, error) ? g_steal_pointer(&graph) : NULL;
}

bool
recognizes_make(const ImportText *text)
{
    return strstr(text->bytes, "# Make data base, printed on ") != NULL;
}
