/* SPDX-License-Identifier: MIT */
#include "formats/ninja-scope.h"

#include <string.h>

/* The depth of rule variables that refer to others, and the length of an expansion: a
 * variable may contain itself, or double at each step. */
#define MAX_DEPTH     40
#define MAX_EXPANSION (4 << 20)

struct NinjaScope {
    const NinjaScope *outer; /* or NULL */
    GHashTable *variables;
    GHashTable *rules; /* from a name to its variables */
};

GHashTable *
ninja_variables_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

NinjaScope *
ninja_scope_new(const NinjaScope *outer)
{
    NinjaScope *scope = g_new0(NinjaScope, 1);

    scope->outer = outer;
    scope->variables = ninja_variables_new();
    scope->rules = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify)g_hash_table_unref);
    return scope;
}

void
ninja_scope_free(NinjaScope *scope)
{
    if (!scope)
        return;
    g_hash_table_unref(scope->variables);
    g_hash_table_unref(scope->rules);
    g_free(scope);
}

void
ninja_scope_set(NinjaScope *scope, const char *name, char *value)
{
    g_hash_table_insert(scope->variables, g_strdup(name), value);
}

void
ninja_scope_add_rule(NinjaScope *scope, const char *name, GHashTable *variables)
{
    g_hash_table_insert(scope->rules, g_strdup(name), variables);
}

const GHashTable *
ninja_scope_rule(const NinjaScope *scope, const char *name)
{
    for (; scope; scope = scope->outer) {
        const GHashTable *rule = g_hash_table_lookup(scope->rules, name);

        if (rule)
            return rule;
    }
    return NULL;
}

typedef struct Expander {
    const NinjaScope *scope;
    const NinjaEdge *edge; /* or NULL */
    GString *out;
    int depth;
} Expander;

static bool expand(Expander *expander, const char *raw);

/* Append paths as words of a shell. */
static void
append_paths(GString *out, const GPtrArray *paths, const char *separator)
{
    for (guint i = 0; i < paths->len; i++) {
        const char *path = paths->pdata[i];
        g_autofree char *quoted =
            path[strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789_+-./")]
                ? g_shell_quote(path)
                : g_strdup(path);

        g_string_append_printf(out, "%s%s", i > 0 ? separator : "", quoted);
    }
}

/* Recursion is limited by MAX_DEPTH.  NOLINTBEGIN(misc-no-recursion) */

/* Append a variable of the statement.  Returns: false if it cannot be expanded. */
static bool
append_of_edge(Expander *expander, const char *name, bool *found_out)
{
    const NinjaEdge *edge = expander->edge;
    const char *own = g_hash_table_lookup(edge->variables, name);
    const char *of_rule = g_hash_table_lookup((GHashTable *)edge->rule, name);
    bool good;

    *found_out = true;
    if (strcmp(name, "in") == 0) {
        append_paths(expander->out, edge->inputs, " ");
    } else if (strcmp(name, "in_newline") == 0) {
        append_paths(expander->out, edge->inputs, "\n");
    } else if (strcmp(name, "out") == 0) {
        append_paths(expander->out, edge->outputs, " ");
    } else if (own) {
        /* Those of the statement see the variables of the file only. */
        Expander outside = {expander->scope, NULL, expander->out, expander->depth + 1};

        return expand(&outside, own);
    } else if (of_rule) {
        expander->depth++;
        good = expand(expander, of_rule);
        expander->depth--;
        return good;
    } else {
        *found_out = false;
    }
    return true;
}

/* Append the value of a variable.  Returns: false if it cannot be expanded. */
static bool
append_variable(Expander *expander, const char *name)
{
    bool is_found = false;

    if (expander->edge && !append_of_edge(expander, name, &is_found))
        return false;
    for (const NinjaScope *scope = expander->scope; scope && !is_found;
         scope = scope->outer) {
        const char *value = g_hash_table_lookup(scope->variables, name);

        if (value) {
            g_string_append(expander->out, value);
            is_found = true;
        }
    }
    return expander->out->len <= MAX_EXPANSION;
}

/* Return the length of a name after "$". */
static size_t
simple_length(const char *text)
{
    size_t length = 0;

    while (g_ascii_isalnum(text[length]) || text[length] == '_' || text[length] == '-')
        length++;
    return length;
}

/* Append the meaning of "$" and the text after it.  Returns: the rest, or NULL if it is wrong. */
static const char *
expand_dollar(Expander *expander, const char *at)
{
    bool is_braced = *at == '{';
    size_t length = is_braced ? strcspn(at + 1, "}") : simple_length(at);
    g_autofree char *name = NULL;

    if (*at == '$' || *at == ' ' || *at == ':') {
        g_string_append_c(expander->out, *at);
        return at + 1;
    }
    if (*at == '\n' || (at[0] == '\r' && at[1] == '\n')) {
        at += *at == '\r' ? 2 : 1;
        return at + strspn(at, " ");
    }
    if (length == 0 || (is_braced && at[1 + length] != '}'))
        return NULL;
    name = g_strndup(at + is_braced, length);
    if (!append_variable(expander, name))
        return NULL;
    return at + length + (is_braced ? 2 : 0);
}

/* Returns: false if the text is wrong, or too long. */
static bool
expand(Expander *expander, const char *raw)
{
    if (expander->depth > MAX_DEPTH)
        return false;
    while (*raw) {
        size_t length = strcspn(raw, "$");

        g_string_append_len(expander->out, raw, (gssize)length);
        raw += length;
        if (*raw == '$')
            raw = expand_dollar(expander, raw + 1);
        if (!raw || expander->out->len > MAX_EXPANSION)
            return false;
    }
    return true;
}

/* NOLINTEND(misc-no-recursion) */

/* Return the text, or set the error. */
static char *
finish(Expander *expander, bool is_good, const ImportText *text, unsigned line,
       GError **error)
{
    if (is_good)
        return g_string_free(expander->out, FALSE);
    g_string_free(expander->out, TRUE);
    import_refuse(text, line, error,
                  "a \"$\" is wrong here, or a variable contains itself or is too long");
    return NULL;
}

char *
ninja_scope_expand(const NinjaScope *scope, const char *raw, const ImportText *text,
                   unsigned line, GError **error)
{
    Expander expander = {scope, NULL, g_string_new(NULL), 0};

    return finish(&expander, expand(&expander, raw), text, line, error);
}

char *
ninja_edge_expand(const NinjaScope *scope, const NinjaEdge *edge, const char *name,
                  const ImportText *text, GError **error)
{
    Expander expander = {scope, edge, g_string_new(NULL), 0};

    return finish(&expander, append_variable(&expander, name), text, edge->line, error);
}
