/* SPDX-License-Identifier: MIT */
/*
 * The words for errors of the XML parser.  libxml2 speaks in the terms of its grammar ("AttValue",
 * "Start tag expected"); here an error says what to write.  Errors that are not listed keep the words of
 * libxml2.
 */
#include "load/syntax.h"

#include <glib.h>
#include <stdbool.h>

#define GRAPH "a graph is <graph xmlns=\"urn:dagrun:graph:1\">…</graph>"

/* Messages without arguments. */
static const struct {
    int code;
    const char *text;
} fixed[] = {
    {XML_ERR_DOCUMENT_END, "the file goes on behind the end of its only element"},
    {XML_ERR_ATTRIBUTE_NOT_STARTED, "the value of an attribute is written in quotes"},
    {XML_ERR_SPACE_REQUIRED, "a space is missing, as between two attributes"},
    {XML_ERR_RESERVED_XML_NAME,
     "the declaration <?xml …?> must be the very first text of the file"},
    {XML_ERR_COMMENT_NOT_FINISHED, "a comment that begins with <!-- is not closed by -->"},
    {XML_ERR_HYPHEN_IN_COMMENT, "a comment contains -- only in its end, -->"},
    {XML_ERR_CDATA_NOT_FINISHED, "<![CDATA[ is not closed by ]]>"},
    {XML_ERR_PI_NOT_FINISHED, "<? is not closed by ?>"},
};

/* Return the message for an error about a name that the file holds, or NULL. */
static char *
named_message(const xmlError *problem)
{
    const char *name = problem->str1;
    bool is_include = g_strcmp0(name, "xi") == 0;

    if (!name)
        return NULL;
    switch (problem->code) {
    case XML_ERR_TAG_NAME_MISMATCH:
        return g_strdup_printf("</%s> does not close <%s> of line %d",
                               problem->str2 ? problem->str2 : "…", name, problem->int1);
    case XML_ERR_TAG_NOT_FINISHED:
        return g_strdup_printf("the file ends, and <%s> of line %d is not closed by </%s>",
                               name, problem->int1, name);
    case XML_ERR_ATTRIBUTE_WITHOUT_VALUE:
        return g_strdup_printf("attribute \"%s\" has no value: write %s=\"…\"", name, name);
    case XML_ERR_ATTRIBUTE_REDEFINED:
        return g_strdup_printf("attribute \"%s\" is written twice", name);
    case XML_ERR_GT_REQUIRED:
        return g_strdup_printf("the tag <%s is not closed by >", name);
    case XML_ERR_UNSUPPORTED_ENCODING:
        return g_strdup_printf("the encoding %s is not known; save the file as UTF-8",
                               name);
    case XML_NS_ERR_UNDEFINED_NAMESPACE:
        return g_strdup_printf(
            "the prefix \"%s\" is not declared: write xmlns:%s=\"%s\" in "
            "<graph>",
            name, name, is_include ? "http://www.w3.org/2001/XInclude" : "…");
    default:
        return NULL;
    }
}

/* Return the message for an error in the text of libxml2 that another error shares its code with, or
 * NULL. */
static char *
worded_message(const xmlError *problem, const char *text)
{
    if (problem->code == XML_ERR_DOCUMENT_EMPTY)
        return g_strdup(g_str_has_prefix(text, "Document is empty")
                            ? "the file is empty; " GRAPH
                            : "this is not XML; " GRAPH);
    if (g_str_has_prefix(text, "Input is not proper UTF-8"))
        return g_strdup(
            "the bytes are not UTF-8; save the file as UTF-8, or name its encoding "
            "in the first line: <?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>");
    if (g_str_has_prefix(text, "error parsing attribute name"))
        return g_strdup(
            "this is neither an attribute, name=\"value\", nor the end of the tag");
    if (problem->code == XML_ERR_INVALID_CHAR)
        return g_strdup_printf("XML does not allow this character (U+%04X)",
                               (unsigned)problem->int1);
    return NULL;
}

char *
dag__syntax_message(const xmlError *problem)
{
    const char *text = problem->message ? problem->message : "not XML";
    char *message = named_message(problem);

    for (size_t i = 0; i < G_N_ELEMENTS(fixed) && !message; i++)
        if (fixed[i].code == problem->code)
            message = g_strdup(fixed[i].text);
    if (!message)
        message = worded_message(problem, text);
    if (!message)
        message = g_strdup(text);

    /* It may quote the file, which need not be text. */
    char *valid = g_utf8_make_valid(message, -1);

    g_free(message);
    return g_strdelimit(g_strchomp(valid), "\n", ' ');
}
