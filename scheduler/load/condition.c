/* SPDX-License-Identifier: MIT */
/*
 * A condition sees parameters as variables: a boolean is one, integers and numbers are numbers,
 * everything else is a string.  There is no document, so a path is always false: nearly always
 * a parameter whose `$` was forgotten, and an error here.
 */
#include "load/condition.h"

#include <dagrun/error.h>
#include <libxml/tree.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <string.h>

#define BLANKS " \t\r\n"

#define MAX_SHOWN 200 /* bytes of an expression in a message */

typedef struct Variables {
    const DagParam *params;
    size_t n_params;
} Variables;

static const DagParam *
find_param(const Variables *variables, const char *name)
{
    for (size_t i = 0; i < variables->n_params; i++)
        if (strcmp(variables->params[i].name, name) == 0)
            return &variables->params[i];
    return NULL;
}

static xmlXPathObject *
look_up(void *data, const xmlChar *name, const xmlChar *space)
{
    const DagParam *param = space ? NULL : find_param(data, (const char *)name);

    if (!param)
        return NULL;

    const char *value = param->value ? param->value : "";

    switch (param->type) {
    case DAG_PARAM_BOOLEAN:
        return xmlXPathNewBoolean(strcmp(value, "true") == 0);
    case DAG_PARAM_INTEGER:
    case DAG_PARAM_NUMBER:
        return xmlXPathNewFloat(g_ascii_strtod(value, NULL));
    default:
        return xmlXPathNewString(BAD_CAST value);
    }
}

static void
ignore_message(void *data, xmlError *problem)
{
    (void)data;
    (void)problem;
}

/* What an expression is made of, as far as it matters here. */
typedef enum TokenKind {
    TOKEN_OPERAND,  /* a variable, a number, a string, or a closing bracket */
    TOKEN_OPERATOR, /* also opening brackets and commas */
    TOKEN_WORD,     /* an operator, a function or a path, depending on what is around it */
    TOKEN_STEP,     /* a path for sure */
} TokenKind;

static size_t
word_length(const char *text)
{
    size_t n = 0;

    while (g_ascii_isalnum(text[n]) || (text[n] && strchr("_-.", text[n])) ||
           (text[n] & 0x80))
        n++;
    return n;
}

/* Returns: the kind of the token at `text`, which is not blank, and its length. */
static TokenKind
token_at(const char *text, bool after_operand, size_t *length_out)
{
    const char *end;

    *length_out = 1;
    switch (*text) {
    case '"':
    case '\'':
        end = strchr(text + 1, *text);
        *length_out = end ? (size_t)(end + 1 - text) : strlen(text);
        return TOKEN_OPERAND;
    case '$':
        *length_out = 1 + word_length(text + 1);
        return TOKEN_OPERAND;
    case ')':
    case ']':
        return TOKEN_OPERAND;
    case '/':
    case '@':
    case ':':
        return TOKEN_STEP;
    case '*':
        return after_operand ? TOKEN_OPERATOR : TOKEN_STEP;
    case '.':
        if (!g_ascii_isdigit(text[1]))
            return TOKEN_STEP;
        break;
    default:
        break;
    }
    if (*text == '-' || word_length(text) == 0)
        return TOKEN_OPERATOR;
    *length_out = word_length(text);
    return g_ascii_isdigit(*text) || *text == '.' ? TOKEN_OPERAND : TOKEN_WORD;
}

/* Whether `word` is an operator where it stands: one follows an operand, a name does not. */
static bool
is_operator(const char *word, bool after_operand)
{
    static const char *const operators[] = {"and", "or", "div", "mod", NULL};

    return after_operand && g_strv_contains(operators, word);
}

/* Whether XPath has the function, and it is not about nodes: `next` is what follows its name. */
static bool
is_usable(const char *name, const char *next)
{
    static const char *const functions[] = {"boolean",
                                            "ceiling",
                                            "concat",
                                            "contains",
                                            "false",
                                            "floor",
                                            "normalize-space",
                                            "not",
                                            "number",
                                            "round",
                                            "starts-with",
                                            "string",
                                            "string-length",
                                            "substring",
                                            "substring-after",
                                            "substring-before",
                                            "translate",
                                            "true",
                                            NULL};
    /* Without an argument these ask the node they are at. */
    static const char *const of_node[] = {"normalize-space", "number", "string",
                                          "string-length", NULL};
    const char *argument = next + 1 + strspn(next + 1, BLANKS);

    return g_strv_contains(functions, name) &&
           !(*argument == ')' && g_strv_contains(of_node, name));
}

/* A word that is no operator is a function if a bracket follows, and a path otherwise.
 * Returns: false with `error` set unless it is a function that can be used here. */
static bool
check_word(xmlXPathContext *context, const Variables *variables, const char *word,
           const char *next, GError **error)
{
    const char *hint = find_param(variables, word) ? word : NULL;

    if (*next != '(')
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID,
                    "\"%s\" is a path, not a parameter%s%s%s", word,
                    hint ? "; did you mean \"$" : "", hint ? hint : "", hint ? "\"?" : "");
    else if (is_usable(word, next))
        return true;
    else if (xmlXPathFunctionLookup(context, BAD_CAST word))
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID,
                    "\"%s\" is about the nodes of a document, and there is none", word);
    else
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID, "\"%s\" is not a function", word);
    return false;
}

/* Returns: false with `error` set if a word of `text` is not one that can be meant. */
static bool
check_words(xmlXPathContext *context, const Variables *variables, const char *text,
            GError **error)
{
    bool after_operand = false;

    while (*(text += strspn(text, BLANKS))) {
        size_t length;
        TokenKind kind = token_at(text, after_operand, &length);
        g_autofree char *word = g_strndup(text, length);

        text += length;
        if (kind == TOKEN_WORD && is_operator(word, after_operand))
            kind = TOKEN_OPERATOR;
        if ((kind == TOKEN_WORD || kind == TOKEN_STEP) &&
            !check_word(context, variables, word, text + strspn(text, BLANKS), error))
            return false;
        after_operand = kind == TOKEN_OPERAND;
    }
    return true;
}

bool
dag__condition(const char *expression, const DagParam *params, size_t n_params,
               bool *holds_out, GError **error)
{
    Variables variables = {params, n_params};
    xmlXPathContext *context = xmlXPathNewContext(NULL);
    xmlXPathCompExpr *compiled;
    xmlXPathObject *result = NULL;

    xmlXPathRegisterVariableLookup(context, look_up, &variables);
    context->error = ignore_message;
    compiled = xmlXPathCtxtCompile(context, BAD_CAST expression);
    if (compiled && check_words(context, &variables, expression, error))
        result = xmlXPathCompiledEval(compiled, context);
    if (result)
        *holds_out = xmlXPathCastToBoolean(result);
    else if (error && !*error)
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID,
                    "\"%s\" is not an XPath expression", expression);
    xmlXPathFreeObject(result);
    xmlXPathFreeCompExpr(compiled);
    xmlXPathFreeContext(context);
    return result != NULL;
}
