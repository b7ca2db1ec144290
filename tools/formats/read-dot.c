/* SPDX-License-Identifier: MIT */
/*
 * Directed graphs in the language DOT of Graphviz: nodes, edges, chains of edges, subgraphs and their
 * nodes as ends of edges, attributes, quoted and HTML ids, ports, comments.  An edge from a to b lets
 * b need a.  The attributes label and cost of a node are its title and its cost; others have no effect.
 */
#include "formats/writers.h"

#include <string.h>

/* The depth of subgraphs. */
#define MAX_DEPTH 200

typedef enum TokenType {
    TOKEN_END,
    TOKEN_ID,     /* in `word` */
    TOKEN_ARROW,  /* -> */
    TOKEN_LINE,   /* -- */
    TOKEN_SYMBOL, /* a single character */
    TOKEN_WRONG,  /* the error is set */
} TokenType;

typedef struct Parser {
    const ImportText *text;
    ImportedGraph *graph;
    GError **error;
    const char *at;
    const char *end;
    unsigned line; /* of `at` */
    /* The current token. */
    TokenType type;
    char symbol;
    bool is_quoted; /* the id cannot be a keyword */
    unsigned token_line;
    GString *word;
    int depth;
} Parser;

static bool
refuse(Parser *parser, const char *wanted)
{
    static const char *const names[] = {"the end of the file", "", "\"->\"", "\"--\""};
    g_autofree char *found = NULL;

    if (parser->type == TOKEN_WRONG)
        return false;
    if (parser->type == TOKEN_ID)
        found = g_strdup_printf("\"%s\"", parser->word->str);
    else if (parser->type == TOKEN_SYMBOL)
        found = g_strdup_printf("\"%c\"", parser->symbol);
    else
        found = g_strdup(names[parser->type]);
    parser->type = TOKEN_WRONG;
    return import_refuse(parser->text, parser->token_line, parser->error,
                         "there should be %s, not %s", wanted, found);
}

/* End the token with an error. */
static void
refuse_token(Parser *parser, const char *problem)
{
    parser->type = TOKEN_WRONG;
    import_refuse(parser->text, parser->token_line, parser->error, "%s", problem);
}

static bool
has(const Parser *parser, const char *prefix)
{
    size_t length = strlen(prefix);

    return (size_t)(parser->end - parser->at) >= length &&
           memcmp(parser->at, prefix, length) == 0;
}

static void
skip_line(Parser *parser)
{
    while (parser->at < parser->end && *parser->at != '\n')
        parser->at++;
}

/* Skip a comment between the marks.  Returns: false if it does not end. */
static bool
skip_comment(Parser *parser)
{
    parser->token_line = parser->line;
    for (parser->at += 2; parser->at < parser->end; parser->at++) {
        parser->line += *parser->at == '\n';
        if (has(parser, "*/")) {
            parser->at += 2;
            return true;
        }
    }
    refuse_token(parser, "the comment that begins here does not end");
    return false;
}

/* Skip white space and comments.  Returns: false with an error. */
static bool
skip_space(Parser *parser)
{
    while (parser->at < parser->end) {
        char c = *parser->at;
        bool begins_line = parser->at == parser->text->bytes || parser->at[-1] == '\n';

        if (has(parser, "//") || (c == '#' && begins_line)) {
            skip_line(parser);
        } else if (has(parser, "/*")) {
            if (!skip_comment(parser))
                return false;
        } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f') {
            parser->line += c == '\n';
            parser->at++;
        } else {
            return true;
        }
    }
    return true;
}

/* Read a string after its first quote. */
static void
read_quoted(Parser *parser)
{
    parser->is_quoted = true;
    for (; parser->at < parser->end && *parser->at != '"'; parser->at++) {
        if (*parser->at == '\0') {
            refuse_token(parser, "the string that begins here has a NUL byte");
            return;
        }
        parser->line += *parser->at == '\n';
        if (has(parser, "\\\"")) {
            parser->at++;
        } else if (has(parser, "\\\n")) {
            parser->at++;
            parser->line++;
            continue;
        } else if (has(parser, "\\\\")) {
            g_string_append_c(parser->word, *parser->at++);
        }
        g_string_append_c(parser->word, *parser->at);
    }
    if (parser->at == parser->end)
        refuse_token(parser, "the string that begins here does not end");
    else
        parser->at++;
}

/* Read an HTML string after its first bracket. */
static void
read_html(Parser *parser)
{
    unsigned depth = 1;

    parser->is_quoted = true;
    for (; parser->at < parser->end && *parser->at; parser->at++) {
        parser->line += *parser->at == '\n';
        depth += *parser->at == '<';
        depth -= *parser->at == '>';
        if (depth == 0) {
            parser->at++;
            return;
        }
        g_string_append_c(parser->word, *parser->at);
    }
    refuse_token(parser, "the HTML string that begins here does not end");
}

static bool
is_id_byte(char c)
{
    return g_ascii_isalnum(c) || c == '_' || c & 0x80;
}

/* Read a word, or a number such as -1.5. */
static void
read_word(Parser *parser)
{
    bool is_number = !is_id_byte(*parser->at) || g_ascii_isdigit(*parser->at);

    do
        g_string_append_c(parser->word, *parser->at++);
    while (parser->at < parser->end &&
           (is_id_byte(*parser->at) || (is_number && *parser->at == '.')));
}

/* Read "+" and the string after it.  Returns: false if they are not there. */
static bool
read_one_joined(Parser *parser)
{
    if (!skip_space(parser) || !has(parser, "+"))
        return false;
    parser->at++;
    if (!skip_space(parser) || !has(parser, "\""))
        return false;
    parser->at++;
    read_quoted(parser);
    return true;
}

/* Read the strings that "+" joins to the one that was read. */
static void
read_joined(Parser *parser)
{
    const char *at = parser->at;
    unsigned line = parser->line;

    while (parser->type == TOKEN_ID && read_one_joined(parser)) {
        at = parser->at;
        line = parser->line;
    }
    parser->at = at;
    parser->line = line;
}

static void
next(Parser *parser)
{
    if (parser->type == TOKEN_WRONG || !skip_space(parser))
        return;
    parser->token_line = parser->line;
    parser->is_quoted = false;
    parser->type = TOKEN_ID;
    g_string_truncate(parser->word, 0);
    if (parser->at == parser->end) {
        parser->type = TOKEN_END;
    } else if (has(parser, "\"")) {
        parser->at++;
        read_quoted(parser);
        read_joined(parser);
    } else if (has(parser, "<")) {
        parser->at++;
        read_html(parser);
    } else if (has(parser, "->") || has(parser, "--")) {
        parser->type = parser->at[1] == '>' ? TOKEN_ARROW : TOKEN_LINE;
        parser->at += 2;
    } else if (is_id_byte(*parser->at) || *parser->at == '-' || *parser->at == '.') {
        read_word(parser);
    } else if (*parser->at == '\0') {
        refuse_token(parser, "there is a NUL byte");
    } else {
        parser->type = TOKEN_SYMBOL;
        parser->symbol = *parser->at++;
    }
}

static bool
is_symbol(const Parser *parser, char symbol)
{
    return parser->type == TOKEN_SYMBOL && parser->symbol == symbol;
}

static bool
is_keyword(const Parser *parser, const char *keyword)
{
    return parser->type == TOKEN_ID && !parser->is_quoted &&
           g_ascii_strcasecmp(parser->word->str, keyword) == 0;
}

/* Read the symbol.  Returns: false with the error set if another token is there. */
static bool
expect(Parser *parser, char symbol)
{
    const char wanted[] = {'"', symbol, '"', '\0'};

    if (!is_symbol(parser, symbol))
        return refuse(parser, wanted);
    next(parser);
    return true;
}

/* Return the text of a label: escapes and the entity that dagrun writes; free with g_free(). */
static char *
label_text(const char *label)
{
    GString *out = g_string_new(NULL);

    for (; *label; label++) {
        if (g_str_has_prefix(label, "&amp;")) {
            g_string_append_c(out, '&');
            label += strlen("&amp;") - 1;
        } else if (*label == '\\' && label[1]) {
            label++;
            g_string_append_c(out, strchr("nlr", *label) ? '\n' : *label);
        } else {
            g_string_append_c(out, *label);
        }
    }
    return g_string_free(out, FALSE);
}

/* Give the attribute of a node to each of the tasks. */
static bool
take_attribute(Parser *parser, const GArray *nodes, const char *name, unsigned line)
{
    const char *value = parser->word->str;

    for (guint i = 0; nodes && i < nodes->len; i++) {
        ImportedTask *task =
            imported_graph_at(parser->graph, g_array_index(nodes, uint32_t, i));

        if (strcmp(name, "label") == 0 && strcmp(value, "\\N") != 0) {
            g_free(task->title);
            task->title = label_text(value);
        } else if (strcmp(name, "cost") == 0 &&
                   !import_cost(parser->text, line, value, &task->cost, parser->error)) {
            parser->type = TOKEN_WRONG;
            return false;
        }
    }
    return true;
}

/* Read an attribute, "name=value" or "name", and the separator behind it. */
static bool
read_attribute(Parser *parser, const GArray *nodes)
{
    g_autofree char *name = g_strdup(parser->word->str);
    unsigned line = parser->token_line;

    next(parser);
    if (is_symbol(parser, '=')) {
        next(parser);
        if (parser->type != TOKEN_ID)
            return refuse(parser, "a value");
        if (!take_attribute(parser, nodes, name, line))
            return false;
        next(parser);
    }
    if (is_symbol(parser, ',') || is_symbol(parser, ';'))
        next(parser);
    return true;
}

/* Read lists of attributes, "[a=b, c=d] [e=f]", of these nodes, or of anything else (NULL). */
static bool
read_attributes(Parser *parser, const GArray *nodes)
{
    while (is_symbol(parser, '[')) {
        next(parser);
        while (parser->type == TOKEN_ID)
            if (!read_attribute(parser, nodes))
                return false;
        if (!expect(parser, ']'))
            return false;
    }
    return true;
}

/* Recursion is limited by MAX_DEPTH.  NOLINTBEGIN(misc-no-recursion) */

static bool read_statements(Parser *parser, GArray *nodes);

/* Read a subgraph; append its nodes. */
static bool
read_subgraph(Parser *parser, GArray *nodes)
{
    if (is_keyword(parser, "subgraph")) {
        next(parser);
        if (parser->type == TOKEN_ID)
            next(parser);
    }
    if (++parser->depth > MAX_DEPTH) {
        refuse_token(parser, "subgraphs are nested too deeply");
        return false;
    }
    if (!expect(parser, '{') || !read_statements(parser, nodes) || !expect(parser, '}'))
        return false;
    parser->depth--;
    return true;
}

/* Read the ports of a node, ":port:compass". */
static bool
skip_ports(Parser *parser)
{
    while (is_symbol(parser, ':')) {
        next(parser);
        if (parser->type != TOKEN_ID)
            return refuse(parser, "the name of a port");
        next(parser);
    }
    return true;
}

/* Read the end of an edge: a node or a subgraph; append its nodes. */
static bool
read_end(Parser *parser, GArray *nodes)
{
    uint32_t node;
    ImportedTask *task;

    if (is_symbol(parser, '{') || is_keyword(parser, "subgraph"))
        return read_subgraph(parser, nodes);
    if (parser->type != TOKEN_ID)
        return refuse(parser, "a node");
    node = imported_graph_task(parser->graph, parser->word->str);
    task = imported_graph_at(parser->graph, node);
    if (task->line == 0)
        task->line = parser->token_line;
    g_array_append_val(nodes, node);
    next(parser);
    return skip_ports(parser);
}

/* The most edges between two subgraphs: the product of their nodes. */
#define MAX_PRODUCT 10000000

/* Let each of the heads need each of the tails. */
static bool
connect(Parser *parser, const GArray *tails, const GArray *heads)
{
    if ((uint64_t)tails->len * heads->len > MAX_PRODUCT) {
        refuse_token(parser, "there are too many edges between the subgraphs");
        return false;
    }
    for (guint h = 0; h < heads->len; h++)
        for (guint t = 0; t < tails->len; t++)
            imported_graph_need(parser->graph, g_array_index(heads, uint32_t, h),
                                g_array_index(tails, uint32_t, t));
    return true;
}

/* Read the rest of a chain of edges, after its first end. */
static bool
read_chain(Parser *parser, const GArray *first, GArray *nodes)
{
    g_autoptr(GArray) tails = g_array_copy((GArray *)first);

    while (parser->type == TOKEN_ARROW || parser->type == TOKEN_LINE) {
        g_autoptr(GArray) heads = g_array_new(FALSE, FALSE, sizeof(uint32_t));

        if (parser->type == TOKEN_LINE)
            return refuse(parser, "\"->\" in a directed graph");
        next(parser);
        if (!read_end(parser, heads) || !connect(parser, tails, heads))
            return false;
        g_array_append_vals(nodes, heads->data, heads->len);
        g_array_unref(tails);
        tails = g_steal_pointer(&heads);
    }
    return read_attributes(parser, NULL);
}

/* Return true if the current id is followed by "=". */
static bool
is_assignment(const Parser *parser)
{
    const char *at = parser->at;

    while (at < parser->end && g_ascii_isspace(*at))
        at++;
    return at < parser->end && *at == '=';
}

/* Read a statement; append the nodes in it. */
static bool
read_statement(Parser *parser, GArray *nodes)
{
    g_autoptr(GArray) first = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    bool is_default = is_keyword(parser, "graph") || is_keyword(parser, "node") ||
                      is_keyword(parser, "edge");

    if (parser->type == TOKEN_ID && is_assignment(parser)) {
        next(parser);
        next(parser);
        if (parser->type != TOKEN_ID)
            return refuse(parser, "a value");
        next(parser);
        return true;
    }
    if (is_default) {
        next(parser);
        return read_attributes(parser, NULL);
    }
    if (!read_end(parser, first))
        return false;
    g_array_append_vals(nodes, first->data, first->len);
    if (parser->type == TOKEN_ARROW || parser->type == TOKEN_LINE)
        return read_chain(parser, first, nodes);
    return read_attributes(parser, first);
}

static bool
read_statements(Parser *parser, GArray *nodes)
{
    while (!is_symbol(parser, '}') && parser->type != TOKEN_END) {
        if (is_symbol(parser, ';')) {
            next(parser);
            continue;
        }
        if (!read_statement(parser, nodes))
            return false;
    }
    return parser->type != TOKEN_WRONG;
}

/* NOLINTEND(misc-no-recursion) */

static bool
read_graph(Parser *parser)
{
    g_autoptr(GArray) nodes = g_array_new(FALSE, FALSE, sizeof(uint32_t));

    next(parser);
    if (is_keyword(parser, "strict"))
        next(parser);
    if (is_keyword(parser, "graph")) {
        refuse_token(parser, "the graph is not directed; dependencies are \"->\" in a "
                             "\"digraph\"");
        return false;
    }
    if (!is_keyword(parser, "digraph"))
        return refuse(parser, "\"digraph\"");
    next(parser);
    if (parser->type == TOKEN_ID) {
        parser->graph->name = g_strdup(parser->word->str);
        next(parser);
    }
    if (!expect(parser, '{') || !read_statements(parser, nodes) || !expect(parser, '}'))
        return false;
    return parser->type == TOKEN_END || refuse(parser, "the end of the file");
}

ImportedGraph *
read_dot(const ImportText *text, GError **error)
{
    g_autoptr(ImportedGraph) graph = imported_graph_new();
    g_autoptr(GString) word = g_string_new(NULL);
    Parser parser = {.text = text,
                     .graph = graph,
                     .error = error,
                     .at = text->bytes,
                     .end = text->bytes + text->size,
                     .line = 1,
                     .word = word};

    return read_graph(&parser) ? g_steal_pointer(&graph) : NULL;
}

bool
recognizes_dot(const ImportText *text)
{
    return g_str_has_suffix(text->name, ".dot") || g_str_has_suffix(text->name, ".gv") ||
           g_regex_match_simple("^(strict\\s+)?digraph\\b", text->bytes,
                                G_REGEX_RAW | G_REGEX_CASELESS, 0);
}
