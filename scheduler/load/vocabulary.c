/* SPDX-License-Identifier: MIT */
/*
 * The tables, and the conversion of single values.  The builder checks everything that depends on
 * other declarations.
 */
#include "load/vocabulary.h"

#include "model/name.h"
#include "model/value.h"

#include <dagrun/duration.h>
#include <dagrun/suggest.h>
#include <dagrun/types.h>
#include <libxml/tree.h>
#include <math.h>
#include <string.h>

#define IN(kind) (1U << ELEMENT_##kind)

const DagElementRule dag__elements[N_ELEMENT_KINDS] = {
    [ELEMENT_GRAPH] =
        {.name = "graph",
         .parents = IN(DOCUMENT),
         .attributes = {[GRAPH_NAME] = {"name", FORM_NAME, false},
                        [GRAPH_TITLE] = {"title", FORM_TEXT, false},
                        [GRAPH_OUTPUT] = {"output", FORM_VERBATIM, false},
                        [GRAPH_READERS] = {"output-readers", FORM_READERS, false},
                        [GRAPH_STRATEGY] = {"strategy", FORM_STRATEGY, false}},
         .n_attributes = 5},
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
                                     [POOL_SLOTS] = {"slots", FORM_SLOTS, false},
                                     [POOL_RATE] = {"rate", FORM_RATE, false},
                                     [POOL_BURST] = {"burst", FORM_SLOTS, false},
                                     [POOL_TOKENS] = {"tokens", FORM_RATE, false}},
                      .n_attributes = 5},
    [ELEMENT_MACHINE] =
        {.name = "machine",
         .parents = IN(GRAPH) | IN(TASKS),
         .attributes = {[MACHINE_BANDWIDTH] = {"bandwidth", FORM_POSITIVE, false},
                        [MACHINE_LATENCY] = {"latency", FORM_DURATION, false}},
         .n_attributes = 2},
    [ELEMENT_WORKER] = {.name = "worker",
                        .parents = IN(MACHINE),
                        .attributes = {[WORKER_NAME] = {"name", FORM_NAME, true},
                                       [WORKER_SPEED] = {"speed", FORM_POSITIVE, false}},
                        .n_attributes = 2},
    [ELEMENT_LINK] = {.name = "link",
                      .parents = IN(MACHINE),
                      .attributes = {[LINK_FROM] = {"from", FORM_NAME, true},
                                     [LINK_TO] = {"to", FORM_NAME, true},
                                     [LINK_BANDWIDTH] = {"bandwidth", FORM_POSITIVE, false},
                                     [LINK_LATENCY] = {"latency", FORM_DURATION, false}},
                      .n_attributes = 4},
    [ELEMENT_COSTS] = {.name = "costs",
                       .parents = IN(MACHINE),
                       .attributes = {[COSTS_OF] = {"of", FORM_NAME, true},
                                      [COSTS_SECONDS] = {"seconds", FORM_COSTS, true}},
                       .n_attributes = 2},
    [ELEMENT_DATA] = {.name = "data",
                      .parents = IN(MACHINE),
                      .attributes = {[DATA_FROM] = {"from", FORM_NAME, true},
                                     [DATA_TO] = {"to", FORM_NAME, true},
                                     [DATA_SIZE] = {"size", FORM_SIZE, true}},
                      .n_attributes = 3},
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
                        [TASK_PRINT] = {"print", FORM_BOOLEAN, false},
                        [TASK_USES] = {"uses", FORM_USES, false},
                        [TASK_CACHE] = {"cache", FORM_AGE, false},
                        [TASK_INPUTS] = {"inputs", FORM_TEXT, false},
                        [TASK_OUTPUTS] = {"outputs", FORM_TEXT, false}},
         .n_attributes = 19},
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
    [ELEMENT_PART] = {.name = "part", .parents = IN(KIND) | IN(PART) | IN(DECLARATION)},
    [ELEMENT_DECLARATION] = {.name = "declaration", .parents = IN(GRAPH) | IN(TASKS)},
};

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Remove leading and trailing white space; turn the rest into single spaces. */
static void
collapse(char *value)
{
    char *out = value;

    /* Nothing moves before the first space. */
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

static char *
parse_cost(const char *text, double *out)
{
    if (!dag__is_decimal(text) || (*text == '-' && g_ascii_strtod(text, NULL) < 0))
        return g_strdup_printf("\"%s\" is not a number >= 0", text);
    *out = fabs(g_ascii_strtod(text, NULL)); /* "-0" is 0 */
    return *out > DAG__MAX_COST ? g_strdup_printf("\"%s\" is out of range", text) : NULL;
}

/* Parse a number from 0 to DAG__MAX_SIZE; not 0 if it must be positive. */
static char *
parse_size(const char *text, bool is_positive, double *out)
{
    if (!dag__is_decimal(text) || (*text == '-' && g_ascii_strtod(text, NULL) < 0))
        return g_strdup_printf("\"%s\" is not a number %s", text,
                               is_positive ? "> 0" : ">= 0");
    *out = fabs(g_ascii_strtod(text, NULL));
    if (is_positive && *out < DAG__MIN_SIZE)
        return g_strdup_printf(
            *out == 0 ? "\"%s\" is not a number > 0" : "\"%s\" is out of range", text);
    return *out > DAG__MAX_SIZE ? g_strdup_printf("\"%s\" is out of range", text) : NULL;
}

static char *
parse_count(const char *text, uint64_t min, uint64_t max, int64_t *out)
{
    uint64_t count = 0;
    char *problem = dag__parse_count(text, min, max, &count);

    *out = (int64_t)count;
    return problem;
}

static char *
parse_duration(const char *text, bool may_be_zero, int64_t *ns_out)
{
    char *problem = dag__parse_duration(text, ns_out);

    if (!problem && *ns_out == 0 && !may_be_zero)
        return g_strdup_printf("\"%s\" is not a duration above 0", text);
    return problem;
}

/* Convert "60/m" or "50/24h": a count, and the time in which it is allowed. */
static char *
parse_rate(const char *text, DagRate *out)
{
    const char *slash = strchr(text, '/');
    g_autofree char *count = slash ? g_strndup(text, (gsize)(slash - text)) : NULL;
    bool has_number = slash && g_ascii_isdigit(slash[1]);
    g_autofree char *period =
        slash ? g_strconcat(has_number ? "" : "1", slash + 1, NULL) : NULL;
    guint64 number;

    if (!slash || !g_ascii_string_to_unsigned(count, 10, 1, UINT32_MAX, &number, NULL) ||
        !dag_duration_parse(period, &out->period_ns, NULL) || out->period_ns == 0)
        return g_strdup_printf("\"%s\" is not a rate such as 60/m or 50/24h", text);
    out->count = (uint32_t)number;
    return NULL;
}

static bool
is_code(const char *text)
{
    return g_ascii_string_to_unsigned(text, 10, 0, 255, NULL, NULL);
}

static char *
parse_readers(const char *text, int64_t *out)
{
    static const char *const names[] = {[DAG_READERS_USER] = "user",
                                        [DAG_READERS_GROUP] = "group",
                                        [DAG_READERS_ALL] = "all"};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(text, names[i]) == 0) {
            *out = (int64_t)i;
            return NULL;
        }
    return g_strdup_printf("\"%s\" is not user, group or all", text);
}

const char *const dag__strategy_names[] = {
    "phases",  "phases-longest", "dataflow",      "depth-first",    "critical-path",
    "cp-misf", "slack",          "longest-first", "shortest-first", "most-successors",
    "random",  "optimal",        "heft",          "cpop",           NULL,
};

static char *
check_strategy(const char *text)
{
    DagSuggestion near = dag_suggestion(text);
    g_autofree char *hint = NULL;

    for (const char *const *name = dag__strategy_names; *name; name++) {
        if (strcmp(text, *name) == 0)
            return NULL;
        dag_suggestion_consider(&near, *name);
    }
    hint = dag_suggestion_text(&near);
    return g_strdup_printf("\"%s\" is not a strategy%s", text,
                           *hint ? hint : "; docs/strategies.md describes them");
}

/* Return true if the text is a name of ASCII characters, or several with single spaces between
 * them, as nearly all names are.  libxml2 decides about the others. */
static bool
is_plain(const char *text, bool may_be_several)
{
    for (;; text++) {
        if (!g_ascii_isalpha(*text) && *text != '_')
            return false;
        while (dag__is_name_byte(*text) && !(*text & 0x80))
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

/* Check each of the words, which are separated by single spaces. */
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

/* Return true if the names in the text are separated by something else than spaces. */
static bool
is_separated_otherwise(const char *text)
{
    g_auto(GStrv) names = g_strsplit_set(text, ",;|", -1);

    if (!names[1])
        return false;
    for (char **name = names; *name; name++)
        if (**name && !is_name(*name))
            return false;
    return true;
}

/* Return the message about something that is not a name; free with g_free(). */
static char *
name_problem(const char *text, const char *rest)
{
    return g_strdup_printf("\"%s\" is not a name%s", text, rest);
}

static char *
check_names(char *list)
{
    char *problem = check_list(list, is_name, "is not a name");
    g_auto(GStrv) names = problem ? g_strsplit(list, " ", -1) : NULL;

    for (char **name = names; name && *name; name++)
        if (is_separated_otherwise(*name)) {
            g_free(problem);
            return name_problem(*name, "; ids are separated by spaces");
        }
    return problem;
}

static bool
is_word(const char *text)
{
    return xmlValidateNMToken(BAD_CAST text, 0) == 0;
}

/* Return true for "gpu" and "gpu:2".  The builder checks the number of slots of the pool. */
static bool
is_use(const char *text)
{
    const char *colon = strchr(text, ':');
    g_autofree char *name = colon ? g_strndup(text, (gsize)(colon - text)) : g_strdup(text);

    return is_name(name) &&
           (!colon || g_ascii_string_to_unsigned(colon + 1, 10, 1, UINT32_MAX, NULL, NULL));
}

/* Check the costs of a task on each worker. */
static char *
check_costs(const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    double cost;

    for (char **word = words; *word; word++) {
        char *problem = parse_cost(*word, &cost);

        if (problem)
            return problem;
    }
    return NULL;
}

char *
dag__codes_parse(char *text, DagCodes *out)
{
    char *problem = check_list(text, is_code, "is not an exit code (0 to 255)");

    *out = (DagCodes){0};
    while (!problem && *text)
        dag_codes_add(out, (unsigned)g_ascii_strtoull(text, &text, 10));
    return problem;
}

static char *
check_variable(const char *text)
{
    if (dag__is_variable_name(text))
        return NULL;
    return g_strdup_printf("\"%s\" is not a variable name (letters, digits and _, "
                           "no digit first)",
                           text);
}

/* Convert a text with collapsed white space that is not empty. */
static char *
parse_collapsed(DagAttributeForm form, char *text, DagFormValue *value)
{
    switch (form) {
    case FORM_NAME:
        if (is_name(text))
            return NULL;
        return name_problem(text, strchr(text, ' ') ? "; a name has no spaces" : "");
    case FORM_NAMES:
        return check_names(text);
    case FORM_WORDS:
        return check_list(text, is_word,
                          "is not a word (letters, digits and . - _ : only)");
    case FORM_VARIABLE:
        return check_variable(text);
    case FORM_DECIMAL:
        return parse_cost(text, &value->number);
    case FORM_SIZE:
    case FORM_POSITIVE:
        return parse_size(text, form == FORM_POSITIVE, &value->number);
    case FORM_COSTS:
        return check_costs(text);
    case FORM_INTEGER:
        return dag__parse_integer(text, INT32_MIN, INT32_MAX, &value->integer);
    case FORM_BOOLEAN:
        return dag__parse_boolean(text, &value->boolean);
    case FORM_DURATION:
    case FORM_TIMEOUT:
        return parse_duration(text, form == FORM_DURATION, &value->integer);
    case FORM_AGE:
        return dag__parse_age(text, &value->integer);
    case FORM_RETRIES:
        return parse_count(text, 0, DAG__MAX_RETRIES, &value->integer);
    case FORM_SLOTS:
        return parse_count(text, 1, UINT32_MAX, &value->integer);
    case FORM_RATE:
        return parse_rate(text, &value->rate);
    case FORM_CODES:
        return NULL; /* dag__codes_parse(), unless the kind has other words */
    case FORM_READERS:
        return parse_readers(text, &value->integer);
    case FORM_STRATEGY:
        return check_strategy(text);
    case FORM_USES:
        return check_list(text, is_use,
                          "is not a pool, or a pool with a number of slots such as db:2");
    case FORM_RAW:
    case FORM_VERBATIM:
    case FORM_TEXT:
        break;
    }
    return NULL;
}

char *
dag__form_parse(DagAttributeForm form, char *text, DagFormValue *value_out)
{
    char *problem = NULL;

    if (form == FORM_VERBATIM) {
        problem = text[strspn(text, " \t\r\n")] ? NULL : g_strdup("is empty");
    } else if (form != FORM_RAW && !((form == FORM_NAME || form == FORM_NAMES) &&
                                     is_plain(text, form == FORM_NAMES))) {
        collapse(text);
        if (*text)
            problem = parse_collapsed(form, text, value_out);
        else if (form != FORM_NAMES)
            problem = g_strdup("is empty");
    }
    value_out->text = problem ? NULL : text;
    return problem;
}
