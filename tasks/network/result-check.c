/* SPDX-License-Identifier: MIT */
#include "result-check.h"

#include <string.h>

#define FENCE "```"

static bool
is_blank(char c)
{
    return g_ascii_isspace(c);
}

/* Remove white space around the text, which JSON allows. */
static void
trim(GString *text)
{
    gsize n_before = 0;

    while (text->len > 0 && is_blank(text->str[text->len - 1]))
        g_string_truncate(text, text->len - 1);
    while (is_blank(text->str[n_before]))
        n_before++;
    g_string_erase(text, 0, (gssize)n_before);
}

/* Remove a fence, "```json" and "```" on lines of their own, if it encloses the whole text. */
static void
remove_fence(GString *text)
{
    const char *first_end = strchr(text->str, '\n');
    const char *last = g_strrstr(text->str, "\n" FENCE);

    if (!g_str_has_prefix(text->str, FENCE) || !first_end || !last || last < first_end ||
        strcmp(last, "\n" FENCE) != 0 ||
        memchr(text->str + strlen(FENCE), '`',
               (size_t)(first_end - text->str) - strlen(FENCE)))
        return;
    g_string_truncate(text, (gsize)(last - text->str));
    g_string_erase(text, 0,
                   first_end - text->str + 1 <= (gssize)text->len
                       ? first_end - text->str + 1
                       : (gssize)text->len);
    trim(text);
}

static void
add(GString *problems, const char *problem)
{
    if (problems->len > 0)
        g_string_append_c(problems, '\n');
    g_string_append(problems, problem);
}

static void
check_json(const ResultDemands *demands, GString *text, GString *problems)
{
    json_error_t problem;
    json_t *value;

    if (demands->may_be_fenced) {
        trim(text);
        remove_fence(text);
    }
    value = json_loadb(text->str, text->len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
                       &problem);
    if (!value) {
        g_autofree char *what = g_strdup_printf("not JSON: line %d, column %d: %s",
                                                problem.line, problem.column, problem.text);

        add(problems, what);
        return;
    }
    if (demands->schema) {
        g_auto(GStrv) violations = dag__json_schema_check(demands->schema, value);

        for (char **violation = violations; *violation; violation++)
            add(problems, *violation);
    }
    json_decref(value);
}

static void
check_length(const ResultDemands *demands, const GString *text, GString *problems)
{
    int64_t n = (int64_t)g_utf8_strlen(text->str, -1);
    g_autofree char *what = NULL;

    if (n < demands->min_length)
        what =
            g_strdup_printf("%" G_GINT64_FORMAT " characters, fewer than %" G_GINT64_FORMAT,
                            n, demands->min_length);
    else if (demands->max_length > 0 && n > demands->max_length)
        what =
            g_strdup_printf("%" G_GINT64_FORMAT " characters, more than %" G_GINT64_FORMAT,
                            n, demands->max_length);
    if (what)
        add(problems, what);
}

char *
dag__result_check(const ResultDemands *demands, GString *text)
{
    GString *problems = g_string_new(NULL);

    if (!g_utf8_validate(text->str, (gssize)text->len, NULL)) {
        add(problems, "it is not a text in UTF-8");
        return g_string_free(problems, FALSE);
    }
    if (demands->is_json)
        check_json(demands, text, problems);
    if (demands->match && !g_regex_match(demands->match, text->str, 0, NULL)) {
        g_autofree char *what =
            g_strdup_printf("it does not match %s", g_regex_get_pattern(demands->match));

        add(problems, what);
    }
    check_length(demands, text, problems);
    return g_string_free(problems, problems->len == 0);
}
