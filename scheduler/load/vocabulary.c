/* SPDX-License-Identifier: MIT */
/*
 * The tables, and the checks of single values.  What depends on other declarations is the
 * builder's.
 */
#include "load/vocabulary.h"

#include <glib.h>
#include <libxml/tree.h>
#include <string.h>

#define IN(kind) (1U << ELEMENT_##kind)

const DagElementRule dag__elements[N_ELEMENT_KINDS] = {
    [ELEMENT_GRAPH] = {.name = "graph",
                       .parents = IN(DOCUMENT),
                       .attributes = {[GRAPH_NAME] = {"name", FORM_NAME, false},
                                      [GRAPH_TITLE] = {"title", FORM_TEXT, false},
                                      [GRAPH_OUTPUT] = {"output", FORM_VERBATIM, false}},
                       .n_attributes = 3},
    [ELEMENT_TASKS] = {.name = "tasks", .parents = IN(GRAPH) | IN(TASKS)},
    [ELEMENT_PARAM] = {.name = "param",
                       .parents = IN(GRAPH) | IN(TASKS),
                       .attributes = {[PARAM_NAME] = {"name", FORM_VARIABLE, true},
                                      [PARAM_TYPE] = {"type", FORM_TEXT, false},
                                      [PARAM_DEFAULT] = {"default", FORM_RAW, false},
                                      [PARAM_CHOICES] = {"choices", FORM_WORDS, false},
                                      [PARAM_TITLE] = {"title", FORM_TEXT, false}},
                       .n_attributes = 5},
    [ELEMENT_PHASE] = {.name = "phase",
                       .parents = IN(GRAPH) | IN(TASKS),
                       .attributes = {[PHASE_TITLE] = {"title", FORM_TEXT, true},
                                      [PHASE_OF] = {"of", FORM_NAME, true}},
                       .n_attributes = 2},
    [ELEMENT_TASK] = {.name = "task",
                      .parents = IN(GRAPH) | IN(TASKS),
                      .attributes = {[TASK_ID] = {"id", FORM_NAME, true},
                                     [TASK_NEEDS] = {"needs", FORM_NAMES, false},
                                     [TASK_WHEN] = {"when", FORM_VERBATIM, false},
                                     [TASK_COST] = {"cost", FORM_DECIMAL, false},
                                     [TASK_TITLE] = {"title", FORM_TEXT, false},
                                     [TASK_DIR] = {"dir", FORM_VERBATIM, false},
                                     [TASK_PRIORITY] = {"priority", FORM_INTEGER, false}},
                      .n_attributes = 7},
    [ELEMENT_ENV] = {.name = "env",
                     .parents = IN(TASK),
                     .attributes = {[ENV_NAME] = {"name", FORM_VARIABLE, true},
                                    [ENV_VALUE] = {"value", FORM_RAW, true}},
                     .n_attributes = 2},
    [ELEMENT_INCLUDE] = {.name = "xi:include",
                         .parents = IN(GRAPH) | IN(TASKS),
                         .attributes = {[INCLUDE_HREF] = {"href", FORM_TEXT, true}},
                         .n_attributes = 1},
    [ELEMENT_KIND] = {.name = "kind", .parents = IN(TASK)},
};

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Leading and trailing white space goes, the rest becomes single spaces. */
static void
collapse(char *value)
{
    char *out = value;

    for (const char *in = value; *in; in++) {
        if (!is_blank(*in))
            *out++ = *in;
        else if (out > value && out[-1] != ' ')
            *out++ = ' ';
    }
    if (out > value && out[-1] == ' ')
        out--;
    *out = '\0';
}

static bool
is_variable(const char *text)
{
    if (g_ascii_isdigit(*text))
        return false;
    for (; *text; text++)
        if (!g_ascii_isalnum(*text) && *text != '_')
            return false;
    return true;
}

/* xs:decimal: digits with at most one point, and at least one digit. */
static bool
is_decimal(const char *text, bool *negative_out)
{
    size_t whole, fraction = 0;

    *negative_out = *text == '-';
    text += *text == '-' || *text == '+';
    whole = strspn(text, "0123456789");
    text += whole;
    if (*text == '.') {
        fraction = strspn(text + 1, "0123456789");
        text += 1 + fraction;
    }
    return *text == '\0' && whole + fraction > 0;
}

static char *
check_decimal(const char *text)
{
    bool negative;

    if (!is_decimal(text, &negative) || (negative && g_ascii_strtod(text, NULL) < 0))
        return g_strdup_printf("\"%s\" is not a number >= 0", text);
    if (g_ascii_strtod(text, NULL) > DAG__MAX_COST)
        return g_strdup_printf("\"%s\" is out of range", text);
    return NULL;
}

static char *
check_integer(const char *text)
{
    const char *digits = text + (*text == '-' || *text == '+');
    gint64 value = 0;

    if (!*digits || digits[strspn(digits, "0123456789")])
        return g_strdup_printf("\"%s\" is not an integer", text);
    if (!g_ascii_string_to_signed(*text == '+' ? digits : text, 10, G_MININT32, G_MAXINT32,
                                  &value, NULL))
        return g_strdup_printf("\"%s\" is out of range", text);
    return NULL;
}

static bool
is_name(const char *text)
{
    return xmlValidateNCName(BAD_CAST text, 0) == 0;
}

static bool
is_word(const char *text)
{
    return xmlValidateNMToken(BAD_CAST text, 0) == 0;
}

/* Checks each of the words separated by single spaces. */
static char *
check_list(char *list, bool (*good)(const char *), const char *complaint)
{
    for (char *item = list, *next; item && *item; item = next) {
        char *space = strchr(item, ' ');
        char *problem = NULL;

        if (space)
            *space = '\0';
        if (!good(item))
            problem = g_strdup_printf("\"%s\" %s", item, complaint);
        if (space)
            *space = ' ';
        if (problem)
            return problem;
        next = space ? space + 1 : NULL;
    }
    return NULL;
}

char *
dag__attribute_check(DagAttributeForm form, char *value)
{
    if (form == FORM_RAW)
        return NULL;
    if (form == FORM_VERBATIM)
        return value[strspn(value, " \t\r\n")] ? NULL : g_strdup("is empty");
    collapse(value);
    if (!*value)
        return form == FORM_NAMES ? NULL : g_strdup("is empty");

    switch (form) {
    case FORM_NAME:
        return is_name(value) ? NULL : g_strdup_printf("\"%s\" is not a name", value);
    case FORM_NAMES:
        return check_list(value, is_name, "is not a name");
    case FORM_WORDS:
        return check_list(value, is_word,
                          "is not a word (letters, digits and . - _ : only)");
    case FORM_VARIABLE:
        return is_variable(value)
                   ? NULL
                   : g_strdup_printf(
                         "\"%s\" is not a variable name (letters, digits and _, "
                         "no digit first)",
                         value);
    case FORM_DECIMAL:
        return check_decimal(value);
    case FORM_INTEGER:
        return check_integer(value);
    case FORM_RAW:
    case FORM_VERBATIM:
    case FORM_TEXT:
        break;
    }
    return NULL;
}
