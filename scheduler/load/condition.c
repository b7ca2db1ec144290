/* SPDX-License-Identifier: MIT */
/*
 * Parameters are variables in a condition: booleans, numbers (also for integers) and strings.  There
 * is no document, so a path would always be false.  Nearly always it is a parameter without its `$`;
 * so it is an error.
 */
#include "load/condition.h"

#include "model/hash.h"
#include "model/name.h"

#include <dagrun/error.h>
#include <libxml/tree.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <string.h>

#define BLANKS " \t\r\n"

#define MAX_SHOWN 60 /* bytes of an expression in a message */

/* The work that all conditions of a graph may take together, in steps of a few nanoseconds; a million
 * conditions on short texts take far less.  XPath has no loops, but contains() of two long texts is
 * one. */
#define MAX_WORK 200000000

/* Bytes of a function's arguments, since its result may be as long. */
#define MAX_LENGTH ((size_t)16 << 20)

struct ConditionEvaluator {
    xmlXPathContext *context;  /* NULL: make a new one */
    const DagParam *params_of; /* the scope of which `params` is, or NULL */
    GHashTable *params; /* name to const DagParam *, borrowed from the scope; or NULL */
    int64_t work_left;  /* below 0: over the limit */
    int code;           /* of libxml2's last error, or 0 */
};

ConditionEvaluator *
dag__condition_evaluator_new(void)
{
    ConditionEvaluator *evaluator = g_new0(ConditionEvaluator, 1);

    evaluator->work_left = MAX_WORK;
    return evaluator;
}

void
dag__condition_evaluator_free(ConditionEvaluator *evaluator)
{
    g_clear_pointer(&evaluator->context, xmlXPathFreeContext);
    g_clear_pointer(&evaluator->params, g_hash_table_unref);
    g_free(evaluator);
}

/* Count work.  Return false once it is over the limit. */
static bool
charge(ConditionEvaluator *evaluator, size_t work)
{
    evaluator->work_left -= (int64_t)MIN(work, (size_t)MAX_WORK + 1);
    return evaluator->work_left >= 0;
}

static const DagParam *
find_param(const ConditionEvaluator *evaluator, const char *name)
{
    return g_hash_table_lookup(evaluator->params, name);
}

static xmlXPathObject *
variable_value(void *data, const xmlChar *name, const xmlChar *space)
{
    ConditionEvaluator *evaluator = data;
    const DagParam *param = space ? NULL : find_param(evaluator, (const char *)name);
    const char *value = param && param->value ? param->value : "";

    if (!param || !charge(evaluator, strlen(value)))
        return NULL;

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

/* A function of XPath that works without a document. */
typedef struct Function {
    const char *name;
    xmlXPathFunction call;
    bool uses_node; /* uses the current node if it has no argument */
    bool searches;  /* takes the product of the lengths of its arguments */
} Function;

static const Function functions[] = {
    {"boolean", xmlXPathBooleanFunction, false, false},
    {"ceiling", xmlXPathCeilingFunction, false, false},
    {"concat", xmlXPathConcatFunction, false, false},
    {"contains", xmlXPathContainsFunction, false, true},
    {"false", xmlXPathFalseFunction, false, false},
    {"floor", xmlXPathFloorFunction, false, false},
    {"normalize-space", xmlXPathNormalizeFunction, true, false},
    {"not", xmlXPathNotFunction, false, false},
    {"number", xmlXPathNumberFunction, true, false},
    {"round", xmlXPathRoundFunction, false, false},
    {"starts-with", xmlXPathStartsWithFunction, false, false},
    {"string", xmlXPathStringFunction, true, false},
    {"string-length", xmlXPathStringLengthFunction, true, false},
    {"substring", xmlXPathSubstringFunction, false, false},
    {"substring-after", xmlXPathSubstringAfterFunction, false, true},
    {"substring-before", xmlXPathSubstringBeforeFunction, false, true},
    {"translate", xmlXPathTranslateFunction, false, true},
    {"true", xmlXPathTrueFunction, false, false},
};

/* Return NULL if there is no such function, or it needs nodes. */
static const Function *
find_function(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(functions); i++)
        if (strcmp(functions[i].name, name) == 0)
            return &functions[i];
    return NULL;
}

/* Called for every function: call it unless that is too much work. */
static void
call_within_bounds(xmlXPathParserContext *parser, int n_arguments)
{
    const Function *function = find_function((const char *)parser->context->function);
    ConditionEvaluator *evaluator = parser->context->funcLookupData;
    size_t length = 1, work = 1;

    for (int i = 0; i < MIN(n_arguments, parser->valueNr); i++) {
        const xmlXPathObject *argument = parser->valueTab[parser->valueNr - 1 - i];
        size_t n = argument->type == XPATH_STRING ? strlen((char *)argument->stringval) : 0;

        length += n;
        work = MIN(work * (n + 1), (size_t)MAX_WORK + 1);
    }
    if (!charge(evaluator, function->searches ? MAX(work, length) : length) ||
        length > MAX_LENGTH) {
        evaluator->work_left = -1;
        xmlXPathErr(parser, XPATH_INVALID_OPERAND);
    } else {
        function->call(parser, n_arguments);
    }
}

static xmlXPathFunction
find_bounded_function(void *data, const xmlChar *name, const xmlChar *space)
{
    (void)data;
    return !space && find_function((const char *)name) ? call_within_bounds : NULL;
}

static void
note_error(void *data, xmlError *problem)
{
    ConditionEvaluator *evaluator = data;

    evaluator->code = problem->code;
}

/* The tokens of an expression, as far as they are told apart here. */
typedef enum TokenKind {
    TOKEN_OPERAND,  /* a variable, a number, a string, or a closing bracket */
    TOKEN_OPERATOR, /* also opening brackets and commas */
    TOKEN_WORD,     /* an operator, a function or a path, depending on its neighbours */
    TOKEN_STEP,     /* part of a path */
} TokenKind;

/* Return the kind and the length of the token at `text`, which is not blank. */
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
        *length_out = 1 + dag__name_length(text + 1);
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
    if (*text == '-' || dag__name_length(text) == 0)
        return TOKEN_OPERATOR;
    *length_out = dag__name_length(text);
    return g_ascii_isdigit(*text) || *text == '.' ? TOKEN_OPERAND : TOKEN_WORD;
}

/* Return true if `word` is an operator: operators follow an operand, names do not. */
static bool
is_operator(const char *word, bool after_operand)
{
    static const char *const operators[] = {"and", "or", "div", "mod", NULL};

    return after_operand && g_strv_contains(operators, word);
}

/* Return true if the function `name`, followed by `next`, can be used in conditions. */
static bool
is_usable(const char *name, const char *next)
{
    const Function *function = find_function(name);
    const char *argument = next + 1 + strspn(next + 1, BLANKS);

    return function && !(*argument == ')' && function->uses_node);
}

/* Return what may be meant by a word that is a path: a parameter, or a constant; "" if neither.
 * Free with g_free(). */
static char *
path_hint(const ConditionEvaluator *evaluator, const char *word)
{
    if (find_param(evaluator, word))
        return g_strdup_printf("; did you mean \"$%s\"?", word);
    if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0)
        return g_strdup_printf("; did you mean \"%s()\"?", word);
    return g_strdup("");
}

/* Check a word that is not an operator: a function if a bracket follows, else a path.
 * Returns: false with `error` set unless it is a function that can be used. */
static bool
check_word(const ConditionEvaluator *evaluator, const char *word, const char *next,
           GError **error)
{
    g_autofree char *hint = path_hint(evaluator, word);

    if (*next != '(')
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID,
                    "\"%s\" is a path, not a parameter%s", word, hint);
    else if (is_usable(word, next))
        return true;
    else if (xmlXPathFunctionLookup(evaluator->context, BAD_CAST word))
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID,
                    "\"%s\" is about the nodes of a document, and there is none", word);
    else
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID, "\"%s\" is not a function", word);
    return false;
}

/* Return false, with `error` set, if a word of `text` cannot be used.  Return false without `error` if
 * brackets stay open, which libxml2 accepts after the name of a function. */
static bool
check_words(const ConditionEvaluator *evaluator, const char *text, GError **error)
{
    bool after_operand = false;
    size_t n_open = 0;

    while (*(text += strspn(text, BLANKS))) {
        size_t length;
        TokenKind kind = token_at(text, after_operand, &length);
        g_autofree char *word = g_strndup(text, length);

        n_open += (*text == '(' || *text == '[') - (*text == ')' || *text == ']');
        text += length;
        if (kind == TOKEN_WORD && is_operator(word, after_operand))
            kind = TOKEN_OPERATOR;
        if ((kind == TOKEN_WORD || kind == TOKEN_STEP) &&
            !check_word(evaluator, word, text + strspn(text, BLANKS), error))
            return false;
        after_operand = kind == TOKEN_OPERAND;
    }
    return n_open == 0;
}

/* Prepare the evaluator for the next condition. */
static void
prepare(ConditionEvaluator *evaluator, const DagScope *scope)
{
    evaluator->code = 0;
    if (!evaluator->params || evaluator->params_of != scope->params) {
        g_clear_pointer(&evaluator->params, g_hash_table_unref);
        evaluator->params_of = scope->params;
        evaluator->params = g_hash_table_new(dag__hash_text, g_str_equal);
        for (size_t i = 0; i < scope->n_params; i++)
            g_hash_table_insert(evaluator->params, (gpointer)scope->params[i].name,
                                (gpointer)&scope->params[i]);
    }
    if (!evaluator->context) {
        evaluator->context = xmlXPathNewContext(NULL);
        evaluator->context->error = note_error;
        evaluator->context->userData = evaluator;
        xmlXPathRegisterVariableLookup(evaluator->context, variable_value, evaluator);
        xmlXPathRegisterFuncLookup(evaluator->context, find_bounded_function, evaluator);
    }
}

/* An operator of another language, and the words that name the one of XPath. */
typedef struct OperatorHint {
    const char *written;
    const char *text;
} OperatorHint;

static const OperatorHint symbols[] = {
    {"==", "; \"is equal to\" is written ="},
    {"&&", "; \"&&\" is written and"},
    {"||", "; \"||\" is written or"},
    {"<>", "; \"is not equal to\" is written !="},
    {"=~", "; a text is searched with contains(…) or starts-with(…)"},
    {"%", "; the remainder of a division is written mod"},
    {"?", "; XPath has no ?:, a condition is true or false"},
    {"${", "; a parameter is written $name, without braces"},
};

static const OperatorHint operator_words[] = {
    {"and", "; \"and\" is written in lower case"},
    {"or", "; \"or\" is written in lower case"},
    {"not", "; \"not x\" is written not(x)"},
    {"eq", "; \"is equal to\" is written ="},
    {"is", "; \"is equal to\" is written ="},
    {"ne", "; \"is not equal to\" is written !="},
    {"lt", "; \"is less than\" is written &lt;"},
    {"le", "; \"is at most\" is written &lt;="},
    {"gt", "; \"is greater than\" is written &gt;"},
    {"ge", "; \"is at least\" is written &gt;="},
    {"in", "; XPath has no \"in\": write $x = 'a' or $x = 'b'"},
};

static const char *
symbol_hint(const char *at)
{
    for (size_t i = 0; i < G_N_ELEMENTS(symbols); i++)
        if (g_str_has_prefix(at, symbols[i].written))
            return symbols[i].text;
    return *at == '!' && at[1] != '=' ? "; \"not x\" is written not(x)" : NULL;
}

/* Return the hint for a word of `length` letters, or NULL. */
static const char *
word_hint(const char *word, size_t length)
{
    for (size_t i = 0; i < G_N_ELEMENTS(operator_words); i++) {
        const char *written = operator_words[i].written;

        if (strlen(written) != length || g_ascii_strncasecmp(word, written, length) != 0)
            continue;
        /* "and", "or" and "not(" are right as they are. */
        if ((i < 2 && strncmp(word, written, length) == 0) ||
            (i == 2 && word[length + strspn(word + length, " ")] == '(' && *word == 'n'))
            continue;
        return operator_words[i].text;
    }
    return NULL;
}

/* Return the text behind a string in quotes, or its end. */
static const char *
skip_string(const char *text)
{
    const char *end = strchr(text + 1, *text);

    return end ? end + 1 : text + strlen(text);
}

static size_t
letters(const char *text)
{
    size_t n = 0;

    while (g_ascii_isalpha(text[n]))
        n++;
    return n;
}

/* Return advice on the first operator of another language, or "". */
static const char *
operator_hint(const char *expression)
{
    const char *at = expression;

    while (*at) {
        size_t length = letters(at);
        /* A part of a parameter or of a longer word is no operator. */
        bool is_part =
            at > expression && (strchr("$-_.", at[-1]) || g_ascii_isalnum(at[-1]));
        const char *hint = length == 0 ? symbol_hint(at)
                           : is_part   ? NULL
                                       : word_hint(at, length);

        if (hint)
            return hint;
        at = *at == '"' || *at == '\'' ? skip_string(at) : at + MAX(length, 1);
    }
    return "";
}

/* Set `error` for an expression without a result. */
static void
set_failure(const ConditionEvaluator *evaluator, const char *expression, GError **error)
{
    const char *end = expression + strnlen(expression, MAX_SHOWN);
    const char *problem = "is not an XPath expression";

    if (evaluator->work_left < 0)
        problem = "takes too long to decide";
    else if (evaluator->code == XML_XPATH_EXPRESSION_OK + XPATH_RECURSION_LIMIT_EXCEEDED)
        problem = "is nested too deeply";
    while (end > expression && (*end & 0xc0) == 0x80)
        end--;
    g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID, "\"%.*s%s\" %s%s",
                (int)(end - expression), expression, *end ? "…" : "", problem,
                evaluator->work_left < 0 ? "" : operator_hint(expression));
}

bool
dag__condition(const char *expression, const DagScope *scope, bool *holds_out,
               GError **error)
{
    ConditionEvaluator *evaluator = scope->data;
    GError *problem = NULL;
    xmlXPathCompExpr *compiled;
    xmlXPathObject *result = NULL;

    prepare(evaluator, scope);
    compiled = xmlXPathCtxtCompile(evaluator->context, BAD_CAST expression);
    if (compiled && check_words(evaluator, expression, &problem))
        result = xmlXPathCompiledEval(compiled, evaluator->context);
    if (result)
        *holds_out = xmlXPathCastToBoolean(result);
    else if (problem)
        g_propagate_error(error, problem);
    else
        set_failure(evaluator, expression, error);
    xmlXPathFreeObject(result);
    xmlXPathFreeCompExpr(compiled);
    /* An error may leave a count of nested calls behind. */
    if (!result)
        g_clear_pointer(&evaluator->context, xmlXPathFreeContext);
    return result != NULL;
}
