/* SPDX-License-Identifier: MIT */
#include "result-config.h"

#include "graph-file.h"
#include "http-config.h"
#include "result-check.h"

#include <string.h>

static const char *const types[] = {"text", "json", NULL};

const DagAttribute result_attributes[RESULT_N_ATTRIBUTES] = {
    {.name = "type", .type = DAG_ATTRIBUTE_CHOICE, .choices = types},
    {.name = "schema", .type = DAG_ATTRIBUTE_TEXT},
    {.name = "repair", .type = DAG_ATTRIBUTE_NUMBER, .min = 0, .max = 10},
    {.name = "match", .type = DAG_ATTRIBUTE_TEXT},
    {.name = "min-length", .type = DAG_ATTRIBUTE_NUMBER, .min = 0, .max = 1e9},
    {.name = "max-length", .type = DAG_ATTRIBUTE_NUMBER, .min = 1, .max = 1e9},
};

static bool
read_schema(DagElement *element, const char *name, ResultConfig *result, GError **error)
{
    g_autoptr(JsonSchema) schema = NULL;
    g_autoptr(GError) problem = NULL;

    result->schema = graph_file_read(element, name, error);
    if (!result->schema)
        return false;
    schema = dag__json_schema_read(result->schema, strlen(result->schema), &problem);
    return schema || http_refuse(error, "schema \"%s\": %s", name, problem->message);
}

bool
result_read(DagElement *parent, ResultConfig *result_out, GError **error)
{
    DagElement *element = dag_element_child(parent, "result", 0);
    ResultConfig *result = result_out;
    const char *schema = element ? dag_element_string(element, "schema") : NULL;
    g_autoptr(GError) problem = NULL;
    g_autoptr(GRegex) regex = NULL;

    if (!element)
        return true;
    result->is_given = true;
    result->wants_json = dag_element_choice(element, "type", 0) == 1;
    result->match = dag_element_string(element, "match");
    result->min_length = (int64_t)dag_element_number(element, "min-length", 0);
    result->max_length = (int64_t)dag_element_number(element, "max-length", 0);
    result->repair = (int)dag_element_number(element, "repair", 0);
    if (result->max_length > 0 && result->min_length > result->max_length)
        return http_refuse(error, "<result>: min-length is more than max-length");
    if (schema && !result->wants_json)
        return http_refuse(error, "<result>: a schema needs type=\"json\"");
    regex = result->match ? g_regex_new(result->match, 0, 0, &problem) : NULL;
    if (result->match && !regex)
        return http_refuse(error, "<result>: %s", problem->message);
    return !schema || read_schema(element, schema, result, error);
}

char *
result_faults(const ResultConfig *result, bool may_be_fenced, GString *text)
{
    /* Both were read with the graph, so they are valid. */
    g_autoptr(JsonSchema) schema =
        result->schema ? dag__json_schema_read(result->schema, strlen(result->schema), NULL)
                       : NULL;
    g_autoptr(GRegex) match = result->match ? g_regex_new(result->match, 0, 0, NULL) : NULL;
    const ResultDemands demands = {.is_json = result->wants_json,
                                   .may_be_fenced = may_be_fenced,
                                   .schema = schema,
                                   .match = match,
                                   .min_length = result->min_length,
                                   .max_length = result->max_length};

    return dag__result_check(&demands, text);
}

char *
result_key(const ResultConfig *result)
{
    return g_strdup_printf(
        "%d %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %zu:%s %s", result->wants_json,
        result->min_length, result->max_length, result->match ? strlen(result->match) : 0,
        result->match ? result->match : "", result->schema ? result->schema : "");
}
