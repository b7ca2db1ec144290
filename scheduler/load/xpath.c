/* SPDX-License-Identifier: MIT */
/*
 * The document is untrusted.  The parser limits depth and size; entities that a document declares could
 * expand to any size, so such a document is refused.
 */
#include <dagrun/xpath.h>

#include <dagrun/error.h>
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <string.h>

/* Steps of an evaluation: about a second. */
#define MAX_STEPS 20000000

/* The prefix of the default namespace; XML names may begin so. */
#define DEFAULT_PREFIX "_"

/* Set the error.  Returns: false. */
G_GNUC_PRINTF(2, 3)
static bool
refuse(GError **error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (error)
        *error = g_error_new_valist(DAG_ERROR, DAG_ERROR_INVALID, format, args);
    va_end(args);
    return false;
}

/* The first problem with an expression. */
typedef struct Problem {
    int code; /* of libxml2; 0: none */
    int position;
} Problem;

static void
note_problem(Problem *problem, const xmlError *error)
{
    if (problem->code == 0)
        *problem = (Problem){error->code, error->int1};
}

/* An xmlStructuredErrorFunc.  Its type has changed. */
#if LIBXML_VERSION >= 21200
static void
on_error(void *data, const xmlError *error)
#else
static void
on_error(void *data, xmlError *error)
#endif
{
    note_problem(data, error);
}

/* Return the problem in words. */
static const char *
words_of(const Problem *problem)
{
    switch (problem->code) {
    case XML_XPATH_EXPRESSION_OK + XPATH_UNDEF_VARIABLE_ERROR:
    case XML_XPATH_EXPRESSION_OK + XPATH_FORBID_VARIABLE_ERROR:
        return "it has a variable, and there are none";
    case XML_XPATH_EXPRESSION_OK + XPATH_UNKNOWN_FUNC_ERROR:
        return "it calls an unknown function";
    case XML_XPATH_EXPRESSION_OK + XPATH_INVALID_ARITY:
        return "a function has too many or too few arguments";
    case XML_XPATH_EXPRESSION_OK + XPATH_UNDEF_PREFIX_ERROR:
        return "a prefix is not declared by the outermost element of the document";
    case XML_XPATH_EXPRESSION_OK + XPATH_OP_LIMIT_EXCEEDED:
        return "it takes too long";
    case XML_XPATH_EXPRESSION_OK + XPATH_INVALID_TYPE:
    case XML_XPATH_EXPRESSION_OK + XPATH_INVALID_OPERAND:
        return "a value has the wrong type";
    default:
        return "there is a mistake";
    }
}

bool
dag_xpath_check(const char *expression, GError **error)
{
    g_return_val_if_fail(expression, false);

    Problem problem = {0};
    xmlXPathContext *context;
    xmlXPathCompExpr *compiled;

    xmlInitParser();
    context = xmlXPathNewContext(NULL);
    context->error = on_error;
    context->userData = &problem;
    context->flags = XML_XPATH_NOVAR;
    compiled = xmlXPathCtxtCompile(context, BAD_CAST expression);
    xmlXPathFreeContext(context);
    if (!compiled)
        return refuse(error, "\"%s\" is not an expression of XPath: %s, at character %d",
                      expression, words_of(&problem), problem.position + 1);
    xmlXPathFreeCompExpr(compiled);
    return true;
}

/* Read HTML.  Return NULL if there is no element. */
static xmlDoc *
read_html(const DagMarkup *markup)
{
    htmlParserCtxt *parser = htmlNewParserCtxt();
    const char *charset = markup->charset;
    xmlDoc *document;

    if (!charset && g_utf8_validate(markup->text, (gssize)markup->size, NULL))
        charset = "UTF-8";
    document = htmlCtxtReadMemory(parser, markup->text, (int)markup->size, NULL, charset,
                                  HTML_PARSE_RECOVER | HTML_PARSE_NOERROR |
                                      HTML_PARSE_NOWARNING | HTML_PARSE_NONET);
    htmlFreeParserCtxt(parser);
    return document;
}

/* Read XML.  Return NULL with the problem in *message_out, which may be NULL. */
static xmlDoc *
read_xml(const DagMarkup *markup, char **message_out)
{
    xmlParserCtxt *parser = xmlNewParserCtxt();
    xmlDoc *document = xmlCtxtReadMemory(
        parser, markup->text, (int)markup->size, NULL, NULL,
        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA);
    const xmlError *problem = xmlCtxtGetLastError(parser);

    if (document && document->intSubset && document->intSubset->entities) {
        xmlFreeDoc(document);
        document = NULL;
        *message_out = g_strdup("it declares entities, which are not expanded");
    } else if (!document && problem && problem->message) {
        *message_out =
            g_strchomp(g_strdup_printf("line %d: %s", problem->line, problem->message));
    }
    xmlFreeParserCtxt(parser);
    return document;
}

/* Make the namespaces of the outermost element known. */
static void
register_namespaces(xmlXPathContext *context, const xmlNode *root)
{
    for (const xmlNs *space = root->nsDef; space; space = space->next)
        xmlXPathRegisterNs(context, space->prefix ? space->prefix : BAD_CAST DEFAULT_PREFIX,
                           space->href);
}

/* Append the value of the result.  Return false if it is an empty set of nodes. */
static bool
append_value(xmlXPathObject *result, GString *out)
{
    xmlChar *text;

    if (result->type == XPATH_NODESET && xmlXPathNodeSetIsEmpty(result->nodesetval))
        return false;
    /* Of a set, the first node in the order of the document. */
    text = xmlXPathCastToString(result);
    g_string_append(out, (const char *)text);
    xmlFree(text);
    return true;
}

static bool
find_in(xmlDoc *document, const char *expression, GString *out, GError **error)
{
    Problem problem = {0};
    xmlXPathContext *context = xmlXPathNewContext(document);
    xmlNode *root = xmlDocGetRootElement(document);
    xmlXPathObject *result;
    bool is_found;

    context->error = on_error;
    context->userData = &problem;
    context->opLimit = MAX_STEPS;
    register_namespaces(context, root);
    result = xmlXPathEval(BAD_CAST expression, context);
    is_found = result && append_value(result, out);
    if (!result)
        refuse(error, "\"%s\" cannot be evaluated: %s", expression, words_of(&problem));
    else if (!is_found)
        refuse(error, "\"%s\" finds nothing", expression);
    xmlXPathFreeObject(result);
    xmlXPathFreeContext(context);
    return is_found;
}

bool
dag_xpath_find(const DagMarkup *markup, const char *expression, GString *out,
               GError **error)
{
    g_return_val_if_fail(markup && markup->text && expression && out, false);

    const char *form = markup->is_html ? "HTML" : "XML";
    g_autofree char *message = NULL;
    xmlDoc *document = NULL;
    bool is_found = false;

    xmlInitParser();
    if (markup->size > INT_MAX)
        message = g_strdup("it is too long");
    else if (markup->is_html)
        document = read_html(markup);
    else
        document = read_xml(markup, &message);
    if (document && xmlDocGetRootElement(document))
        is_found = find_in(document, expression, out, error);
    else
        refuse(error, "it is not %s%s%s", form, message ? ": " : "",
               message ? message : "");
    xmlFreeDoc(document);
    return is_found;
}
