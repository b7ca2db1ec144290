/* SPDX-License-Identifier: MIT */
/*
 * The tables, and the checks of single values.  What depends on other declarations is the
 * builder's.
 */
#include "load/vocabulary.h"

#include <dagrun/duration.h>
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
                                      [PARAM_TITLE] = {"title", FORM_TEXT, false},
                                      [PARAM_SECRET] = {"secret", FORM_BOOLEAN, false}},
                       .n_attributes = 6},
    [ELEMENT_PHASE] = {.name = "phase",
                       .parents = IN(GRAPH) | IN(TASKS),
                       .attributes = {[PHASE_TITLE] = {"title", FORM_TEXT, true},
                                      [PHASE_OF] = {"of", FORM_NAME, true}},
                       .n_attributes = 2},
    [ELEMENT_POOL] = {.name = "pool",
                      .parents = IN(GRAPH) | IN(TASKS),
                      .attributes = {[POOL_NAME] = {"name", FORM_NAME, true},
                                     [POOL_SLOTS] = {"slots", FORM_SLOTS, true}},
                      .n_attributes = 2},
    [ELEMENT_TASK] =
        {.name = "task",
         .parents = IN(GRAPH) | IN(TASKS),
         .attributes = {[TASK_ID] = {"id", FORM_NAME, true},
                        [TASK_NEEDS] = {"needs", FORM_NAMES, false},
                        [TASK_WHEN] = {"when", FORM_VERBATIM, false},
                        [TASK_COST] = {"cost", FORM_DECIMAL, false},
                        [TASK_TITLE] = {"title", FORM_TEXT, false},
                        [TASK_DIR] = {"dir", FORM_VERBATIM, false},
                        [TASK_PRIORITY] = {"priority", FORM_INTEGER, false},
                        [TASK_TIMEOUT] = {"timeout", FORM_TIMEOUT, false},
                        [TASK_RETRIES] = {"retries", FORM_RETRIES, false},
                        [TASK_RETRY_DELAY] = {"retry-delay", FORM_DURATION, false},
                        [TASK_RETRY_ON] = {"retry-on", FORM_CODES, false},
                        [TASK_EXPECT] = {"expect", FORM_CODES, false},
                        [TASK_ALLOW_FAILURE] = {"allow-failure", FORM_BOOLEAN, false},
                        [TASK_ALWAYS] = {"always", FORM_BOOLEAN, false},
                        [TASK_USES] = {"uses", FORM_USES, false}},
         .n_attributes = 15},
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

    /* Up to the first space that may be one too many, everything stays where it is. */
    while (*out && !is_blank(*out))
        out++;
    for (const char *in = out; *in; in++) {
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

static char *
check_count(const char *text, uint64_t min, uint64_t max)
{
    if (g_ascii_string_to_unsigned(text, 10, min, max, NULL, NULL))
        return NULL;
    return g_strdup_printf("\"%s\" is not a whole number from %" G_GUINT64_FORMAT
                           " to %" G_GUINT64_FORMAT,
                           text, min, max);
}

static char *
check_boolean(const char *text)
{
    static const char *const good[] = {"true", "false", "1", "0", NULL};

    if (g_strv_contains(good, text))
        return NULL;
    return g_strdup_printf("\"%s\" is not a boolean (true or false)", text);
}

static char *
check_duration(const char *text, bool may_be_zero)
{
    g_autoptr(GError) error = NULL;
    int64_t ns;

    if (!dag_duration_parse(text, &ns, &error))
        return g_strdup(error->message);
    if (ns == 0 && !may_be_zero)
        return g_strdup_printf("\"%s\" is not a duration above 0", text);
    return NULL;
}

static bool
is_code(const char *text)
{
    return g_ascii_string_to_unsigned(text, 10, 0, 255, NULL, NULL);
}

static bool
is_plain_name_byte(char c)
{
    return g_ascii_isalnum(c) || c == '_' || c == '-' || c == '.';
}

/* Returns: whether the text is a name of ASCII letters, or several with single spaces between
 * them, as nearly all are.  Of the others libxml2 knows which are names. */
static bool
is_plain(const char *text, bool may_be_several)
{
    for (;; text++) {
        if (!g_ascii_isalpha(*text) && *text != '_')
            return false;
        while (is_plain_name_byte(*text))
            text++;
        if (*text != ' ' || !may_be_several)
            return !*text;
    }
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

/* "gpu" or "gpu:2"; whether there are so many slots is known later. */
static bool
is_use(const char *text)
{
    const char *colon = strchr(text, ':');
    g_autofree char *name = colon ? g_strndup(text, (gsize)(colon - text)) : g_strdup(text);

    return is_name(name) &&
           (!colon || g_ascii_string_to_unsigned(colon + 1, 10, 1, UINT32_MAX, NULL, NULL));
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
    if ((form == FORM_NAME || form == FORM_NAMES) && is_plain(value, form == FORM_NAMES))
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
    case FORM_BOOLEAN:
        return check_boolean(value);
    case FORM_DURATION:
    case FORM_TIMEOUT:
        return check_duration(value, form == FORM_DURATION);
    case FORM_RETRIES:
        return check_count(value, 0, DAG__MAX_RETRIES);
    case FORM_SLOTS:
        return check_count(value, 1, UINT32_MAX);
    case FORM_CODES:
        return check_list(value, is_code, "is not an exit code (0 to 255)");
    case FORM_USES:
        return check_list(value, is_use,
                          "is not a pool, or a pool with a number of slots such as db:2");
    case FORM_RAW:
    case FORM_VERBATIM:
    case FORM_TEXT:
        break;
    }
    return NULL;
}
