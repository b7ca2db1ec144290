/* SPDX-License-Identifier: MIT */
/*
 * Build files of ninja: rules, variables, build statements with implicit and order-only inputs, include
 * and subninja.  Each build statement is a task, called by its first output; a phony one is a milestone.
 * An input that no statement builds is a source, and no task.  Statements that the defaults do not need
 * are left out: one may well be clean.  Durations are in the file .ninja_log beside the build file.
 */
#include "formats/ninja-cursor.h"
#include "formats/ninja-log.h"
#include "formats/ninja-scope.h"
#include "formats/writers.h"

#include <string.h>

/* The depth of include and subninja. */
#define MAX_DEPTH 50

/* A build statement; its inputs are paths. */
typedef struct Edge {
    uint32_t task;     /* or IMPORTED_NONE: phony, without inputs */
    GPtrArray *inputs; /* of paths */
} Edge;

typedef struct Builder {
    const ImportText *text; /* of the whole import */
    ImportedGraph *graph;
    /* From the path of an output to the number of its task, plus 1. */
    GHashTable *producers;
    GArray *edges;       /* of Edge */
    GPtrArray *defaults; /* of paths: ninja builds only these and their inputs */
} Builder;

/* A file that is being read. */
typedef struct Parser {
    Builder *builder;
    const ImportText *text;
    NinjaScope *scope;
    NinjaCursor cursor;
    int depth;
} Parser;

static void
edge_clear(gpointer data)
{
    g_ptr_array_unref(((Edge *)data)->inputs);
}

/* Read "name", free with g_free(); NULL with `error` set. */
static char *
read_name(Parser *parser, const char *noun, GError **error)
{
    size_t length;
    char *name;

    ninja_skip_spaces(&parser->cursor);
    length = ninja_name_length(parser->cursor.at);
    if (length == 0) {
        import_refuse(parser->text, parser->cursor.line, error,
                      "there should be the name of %s", noun);
        return NULL;
    }
    name = g_strndup(parser->cursor.at, length);
    parser->cursor.at += length;
    return name;
}

/* Read "= value" to the end of the line, as it is written. Returns: free with g_free(); NULL with
 * `error` set. */
static char *
read_value(Parser *parser, GError **error)
{
    size_t length;
    char *value;

    ninja_skip_spaces(&parser->cursor);
    if (*parser->cursor.at != '=') {
        import_refuse(parser->text, parser->cursor.line, error, "there should be \"=\"");
        return NULL;
    }
    parser->cursor.at++;
    ninja_skip_spaces(&parser->cursor);
    length = ninja_raw_length(&parser->cursor, "");
    value = g_strndup(parser->cursor.at, length);
    parser->cursor.at += length;
    ninja_end_line(&parser->cursor);
    return value;
}

/* Read the indented variables below a statement into `variables`, as they are written. */
static bool
read_block(Parser *parser, GHashTable *variables, GError **error)
{
    while (*parser->cursor.at == ' ') {
        g_autofree char *name = NULL, *value = NULL;

        ninja_skip_spaces(&parser->cursor);
        if (ninja_is_line_end(&parser->cursor) || *parser->cursor.at == '#') {
            parser->cursor.at += strcspn(parser->cursor.at, "\n");
            ninja_end_line(&parser->cursor);
            continue;
        }
        name = read_name(parser, "a variable", error);
        value = name ? read_value(parser, error) : NULL;
        if (!value)
            return false;
        g_hash_table_insert(variables, g_steal_pointer(&name), g_steal_pointer(&value));
    }
    return true;
}

/* Read paths up to a separator or the end of the line; append them, expanded. */
static bool
read_paths(Parser *parser, const NinjaScope *scope, GPtrArray *paths, GError **error)
{
    for (;;) {
        g_autofree char *raw = NULL;
        char *path;
        unsigned line;
        size_t length;

        ninja_skip_spaces(&parser->cursor);
        line = parser->cursor.line;
        length = ninja_raw_length(&parser->cursor, " :|");
        if (length == 0)
            return true;
        raw = g_strndup(parser->cursor.at, length);
        parser->cursor.at += length;
        path = ninja_scope_expand(scope, raw, parser->text, line, error);
        if (!path)
            return false;
        g_ptr_array_add(paths, path);
    }
}

/* Read the paths after the separator, if it is there. */
static bool
read_more_paths(Parser *parser, const char *separator, GPtrArray *paths, GError **error)
{
    ninja_skip_spaces(&parser->cursor);
    if (strncmp(parser->cursor.at, separator, strlen(separator)) != 0 ||
        (strlen(separator) == 1 && strchr("|@", parser->cursor.at[1]) &&
         parser->cursor.at[1]))
        return true;
    parser->cursor.at += strlen(separator);
    return read_paths(parser, parser->scope, paths, error);
}

/* The parts of a build statement. */
typedef struct Statement {
    unsigned line;
    char *rule;
    GPtrArray *outputs;
    GPtrArray *implicit_outputs;
    GPtrArray *inputs; /* explicit ones */
    GPtrArray *others; /* implicit and order-only inputs */
    GHashTable *variables;
} Statement;

static void
statement_clear(Statement *statement)
{
    g_free(statement->rule);
    g_ptr_array_unref(statement->outputs);
    g_ptr_array_unref(statement->implicit_outputs);
    g_ptr_array_unref(statement->inputs);
    g_ptr_array_unref(statement->others);
    g_hash_table_unref(statement->variables);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Statement, statement_clear)

static bool
read_statement(Parser *parser, Statement *statement, GError **error)
{
    g_autoptr(GPtrArray) validations = g_ptr_array_new_with_free_func(g_free);

    if (!read_paths(parser, parser->scope, statement->outputs, error) ||
        !read_more_paths(parser, "|", statement->implicit_outputs, error))
        return false;
    if (statement->outputs->len + statement->implicit_outputs->len == 0)
        return import_refuse(parser->text, parser->cursor.line, error,
                             "there should be an output");
    if (*parser->cursor.at != ':')
        return import_refuse(parser->text, parser->cursor.line, error,
                             "there should be \":\" after the outputs");
    parser->cursor.at++;
    statement->rule = read_name(parser, "a rule", error);
    if (!statement->rule || !read_paths(parser, parser->scope, statement->inputs, error) ||
        !read_more_paths(parser, "|", statement->others, error) ||
        !read_more_paths(parser, "||", statement->others, error) ||
        !read_more_paths(parser, "|@", validations, error))
        return false;
    if (!ninja_is_line_end(&parser->cursor))
        return import_refuse(parser->text, parser->cursor.line, error,
                             "there should be the end of the line");
    ninja_end_line(&parser->cursor);
    return read_block(parser, statement->variables, error);
}

/* Note the outputs of the task; each has one statement. */
static bool
note_outputs(Parser *parser, const Statement *statement, const GPtrArray *outputs,
             uint32_t task, GError **error)
{
    Builder *builder = parser->builder;

    for (guint i = 0; i < outputs->len; i++) {
        const char *path = outputs->pdata[i];

        if (g_hash_table_contains(builder->producers, path))
            return import_refuse(parser->text, statement->line, error,
                                 "\"%s\" is built by another statement, too", path);
        g_hash_table_insert(builder->producers, g_strdup(path),
                            GSIZE_TO_POINTER((size_t)task + 1));
    }
    return true;
}

/* Return the command of the statement, free with g_free(); NULL with `error` set. */
static char *
command_of(Parser *parser, const Statement *statement, GError **error)
{
    const GHashTable *rule = ninja_scope_rule(parser->scope, statement->rule);
    const NinjaEdge edge = {statement->variables, rule, statement->inputs,
                            statement->outputs, statement->line};
    g_autoptr(GString) command = g_string_new(NULL);
    g_autofree char *body = NULL, *file = NULL, *content = NULL;

    if (!rule) {
        import_refuse(parser->text, statement->line, error, "there is no rule \"%s\"",
                      statement->rule);
        return NULL;
    }
    body = ninja_edge_expand(parser->scope, &edge, "command", parser->text, error);
    if (body)
        file = ninja_edge_expand(parser->scope, &edge, "rspfile", parser->text, error);
    if (file)
        content =
            ninja_edge_expand(parser->scope, &edge, "rspfile_content", parser->text, error);
    if (!content)
        return NULL;
    /* ninja makes the directories of outputs, and the file of arguments. */
    for (guint i = 0; i < statement->outputs->len; i++) {
        g_autofree char *directory = g_path_get_dirname(statement->outputs->pdata[i]);
        g_autofree char *quoted = g_shell_quote(directory);

        if (strcmp(directory, ".") != 0 && strcmp(directory, "/") != 0)
            g_string_append_printf(command, "mkdir -p %s &&\n", quoted);
    }
    if (*file) {
        g_autofree char *quoted_file = g_shell_quote(file);
        g_autofree char *quoted = g_shell_quote(content);

        g_string_append_printf(command, "printf '%%s' %s >%s &&\n", quoted, quoted_file);
    }
    g_string_append(command, body);
    return g_string_free(g_steal_pointer(&command), FALSE);
}

/* Add the task of the statement.  Returns: its number; IMPORTED_NONE if it needs none, or with `error`
 * set. */
static uint32_t
add_task(Parser *parser, const Statement *statement, GError **error)
{
    bool is_phony = g_strcmp0(statement->rule, "phony") == 0;
    const GPtrArray *named =
        statement->outputs->len > 0 ? statement->outputs : statement->implicit_outputs;
    g_autofree char *command = NULL;
    uint32_t task;

    /* A phony output without inputs is never up to date, and orders nothing. */
    if (is_phony && statement->inputs->len + statement->others->len == 0)
        return IMPORTED_NONE;
    if (!is_phony) {
        command = command_of(parser, statement, error);
        if (!command)
            return IMPORTED_NONE;
    }
    task = imported_graph_task(parser->builder->graph, named->pdata[0]);

    ImportedTask *at = imported_graph_at(parser->builder->graph, task);

    at->line = statement->line;
    at->is_noop = is_phony;
    g_free(at->command); /* of another statement with this output, which is refused below */
    at->command = g_steal_pointer(&command);
    return task;
}

static void
add_edge(Builder *builder, const Statement *statement, uint32_t task)
{
    Edge edge = {task, g_ptr_array_new_with_free_func(g_free)};

    for (guint i = 0; i < statement->inputs->len; i++)
        g_ptr_array_add(edge.inputs, g_strdup(statement->inputs->pdata[i]));
    for (guint i = 0; i < statement->others->len; i++)
        g_ptr_array_add(edge.inputs, g_strdup(statement->others->pdata[i]));
    g_array_append_val(builder->edges, edge);
}

static bool
read_build(Parser *parser, GError **error)
{
    g_auto(Statement) statement = {
        .line = parser->cursor.line,
        .outputs = g_ptr_array_new_with_free_func(g_free),
        .implicit_outputs = g_ptr_array_new_with_free_func(g_free),
        .inputs = g_ptr_array_new_with_free_func(g_free),
        .others = g_ptr_array_new_with_free_func(g_free),
        .variables = ninja_variables_new(),
    };
    GError *problem = NULL;
    uint32_t task;

    if (!read_statement(parser, &statement, error))
        return false;
    task = add_task(parser, &statement, &problem);
    if (problem) {
        g_propagate_error(error, problem);
        return false;
    }
    if (task == IMPORTED_NONE)
        return true;
    add_edge(parser->builder, &statement, task);
    return note_outputs(parser, &statement, statement.outputs, task, error) &&
           note_outputs(parser, &statement, statement.implicit_outputs, task, error);
}

static bool
read_rule(Parser *parser, GError **error)
{
    g_autoptr(GHashTable) variables = ninja_variables_new();
    g_autofree char *name = read_name(parser, "a rule", error);

    if (!name)
        return false;
    if (!ninja_is_line_end(&parser->cursor))
        return import_refuse(parser->text, parser->cursor.line, error,
                             "there should be the end of the line");
    ninja_end_line(&parser->cursor);
    if (!read_block(parser, variables, error))
        return false;
    ninja_scope_add_rule(parser->scope, name, g_steal_pointer(&variables));
    return true;
}

static bool
read_variable(Parser *parser, GError **error)
{
    unsigned line = parser->cursor.line;
    g_autofree char *name = read_name(parser, "a variable", error);
    g_autofree char *raw = name ? read_value(parser, error) : NULL;
    char *value =
        raw ? ninja_scope_expand(parser->scope, raw, parser->text, line, error) : NULL;

    if (value)
        ninja_scope_set(parser->scope, name, value);
    return value != NULL;
}

static bool read_file(Builder *builder, const ImportText *text, NinjaScope *scope,
                      int depth, GError **error);

/* Recursion is limited by MAX_DEPTH.  NOLINTBEGIN(misc-no-recursion) */

/* Read the file that include or subninja names: relative to the directory of the first file. */
static bool
read_include(Parser *parser, bool has_scope, GError **error)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *directory = NULL, *path = NULL, *bytes = NULL;
    g_autoptr(NinjaScope) inner = NULL;
    ImportText text = *parser->builder->text;
    unsigned line = parser->cursor.line;

    if (!read_paths(parser, parser->scope, paths, error))
        return false;
    if (paths->len != 1)
        return import_refuse(parser->text, line, error,
                             "there should be the name of a file");
    directory = g_path_get_dirname(parser->builder->text->name);
    path = g_path_is_absolute(paths->pdata[0])
               ? g_strdup(paths->pdata[0])
               : g_build_filename(directory, (char *)paths->pdata[0], NULL);
    if (parser->depth >= MAX_DEPTH)
        return import_refuse(parser->text, line, error, "files are included too deeply");
    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR) ||
        !g_file_get_contents(path, &bytes, &text.size, NULL))
        return import_refuse(parser->text, line, error, "cannot read \"%s\"", path);
    text.name = path;
    text.bytes = bytes;
    if (has_scope)
        inner = ninja_scope_new(parser->scope);
    return read_file(parser->builder, &text, has_scope ? inner : parser->scope,
                     parser->depth + 1, error);
}

/* Skip a statement that has no effect on the graph, and the variables below it. */
static bool
skip_statement(Parser *parser, GError **error)
{
    g_autoptr(GHashTable) unused = ninja_variables_new();

    parser->cursor.at += ninja_raw_length(&parser->cursor, "");
    ninja_end_line(&parser->cursor);
    return read_block(parser, unused, error);
}

/* Read the keyword, if it is there and not the name of a variable. */
static bool
take_keyword(Parser *parser, const char *keyword)
{
    size_t length = strlen(keyword);

    if (ninja_name_length(parser->cursor.at) != length ||
        strncmp(parser->cursor.at, keyword, length) != 0 ||
        parser->cursor.at[length + strspn(parser->cursor.at + length, " ")] == '=')
        return false;
    parser->cursor.at += length;
    return true;
}

/* Read a line that is neither blank nor a comment, and the lines below that belong to it. */
static bool
read_declaration(Parser *parser, GError **error)
{
    if (take_keyword(parser, "build"))
        return read_build(parser, error);
    if (take_keyword(parser, "rule"))
        return read_rule(parser, error);
    if (take_keyword(parser, "default"))
        return read_paths(parser, parser->scope, parser->builder->defaults, error) &&
               skip_statement(parser, error);
    if (take_keyword(parser, "pool"))
        return skip_statement(parser, error);
    if (take_keyword(parser, "include"))
        return read_include(parser, false, error);
    if (take_keyword(parser, "subninja"))
        return read_include(parser, true, error);
    return read_variable(parser, error);
}

static bool
read_file(Builder *builder, const ImportText *text, NinjaScope *scope, int depth,
          GError **error)
{
    Parser parser = {builder, text, scope, {text->bytes, 1}, depth};

    while (*parser.cursor.at) {
        size_t spaces = strspn(parser.cursor.at, " ");

        if (parser.cursor.at[spaces] == '#' || parser.cursor.at[spaces] == '\n' ||
            parser.cursor.at[spaces] == '\r') {
            parser.cursor.at += strcspn(parser.cursor.at, "\n");
            ninja_end_line(&parser.cursor);
        } else if (spaces > 0 && parser.cursor.at[spaces]) {
            return import_refuse(text, parser.cursor.line, error,
                                 "an indented line should be below a statement");
        } else if (spaces > 0) {
            parser.cursor.at += spaces;
        } else if (!read_declaration(&parser, error)) {
            return false;
        }
    }
    if ((size_t)(parser.cursor.at - text->bytes) < text->size)
        return import_refuse(text, parser.cursor.line, error, "there is a NUL byte");
    return true;
}

/* NOLINTEND(misc-no-recursion) */

/* Let each task need those that build its inputs. */
static void
resolve_inputs(Builder *builder)
{
    for (guint i = 0; i < builder->edges->len; i++) {
        const Edge *edge = &g_array_index(builder->edges, Edge, i);

        for (guint k = 0; k < edge->inputs->len; k++) {
            gpointer found =
                g_hash_table_lookup(builder->producers, edge->inputs->pdata[k]);

            if (found)
                imported_graph_need(builder->graph, edge->task,
                                    (uint32_t)(GPOINTER_TO_SIZE(found) - 1));
        }
    }
}

/* Keep the defaults and their inputs, if the file has defaults. */
static bool
keep_defaults(Builder *builder, GError **error)
{
    g_autoptr(GArray) wanted = g_array_new(FALSE, FALSE, sizeof(uint32_t));

    for (guint i = 0; i < builder->defaults->len; i++) {
        const char *path = builder->defaults->pdata[i];
        gpointer found = g_hash_table_lookup(builder->producers, path);
        uint32_t task = (uint32_t)(GPOINTER_TO_SIZE(found) - 1);

        if (!found)
            return import_refuse(builder->text, 1, error,
                                 "no statement builds the default \"%s\"", path);
        g_array_append_val(wanted, task);
    }
    if (wanted->len > 0)
        imported_graph_keep(builder->graph, wanted);
    return true;
}

static bool
is_phony(const ImportedTask *task)
{
    return task->is_noop;
}

ImportedGraph *
read_ninja(const ImportText *text, GError **error)
{
    g_autoptr(ImportedGraph) graph = imported_graph_new();
    g_autoptr(NinjaScope) scope = ninja_scope_new(NULL);
    g_autoptr(GHashTable) producers =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GArray) edges = g_array_new(FALSE, FALSE, sizeof(Edge));
    g_autoptr(GPtrArray) defaults = g_ptr_array_new_with_free_func(g_free);
    Builder builder = {text, graph, producers, edges, defaults};

    g_array_set_clear_func(edges, edge_clear);
    if (!read_file(&builder, text, scope, 0, error))
        return NULL;
    resolve_inputs(&builder);
    if (!keep_defaults(&builder, error))
        return NULL;
    ninja_log_read(text, producers, graph);
    imported_graph_drop_names(graph, is_phony);
    return g_steal_pointer(&graph);
}

bool
recognizes_ninja(const ImportText *text)
{
    return g_str_has_suffix(text->name, ".ninja");
}
