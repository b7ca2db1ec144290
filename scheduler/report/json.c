/* SPDX-License-Identifier: MIT */
/*
 * RFC 8259.  Numbers are written in the C locale.
 */
#include "report/json.h"

#include "model/mask.h"

#include <dagrun/text.h>
#include <math.h>

/* Return the escape sequence of `c`, or NULL if it needs none. */
static const char *
escape(unsigned char c, char buffer[8])
{
    static const char *const shorts[] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f",
        ['\r'] = "\\r", ['"'] = "\\\"", ['\\'] = "\\\\"};

    if (c < G_N_ELEMENTS(shorts) && shorts[c])
        return shorts[c];
    if (c >= ' ' && c != 0x7f)
        return NULL;
    g_snprintf(buffer, 8, "\\u%04x", c);
    return buffer;
}

void
dag_text_append_json(GString *out, const char *text)
{
    g_autofree char *valid =
        g_utf8_validate(text, -1, NULL) ? NULL : g_utf8_make_valid(text, -1);
    const char *plain = valid ? valid : text; /* start of the text not appended yet */
    char buffer[8];

    g_string_append_c(out, '"');
    for (const char *p = plain; *p; p++) {
        const char *escaped = escape((unsigned char)*p, buffer);

        if (!escaped)
            continue;
        g_string_append_len(out, plain, p - plain);
        g_string_append(out, escaped);
        plain = p + 1;
    }
    g_string_append(out, plain);
    g_string_append_c(out, '"');
}

static void
begin_line(JsonWriter *json)
{
    static const char line[] = "\n            ";

    g_assert(2 * json->depth < sizeof(line) - 1); /* no document nests deeper */
    g_string_append_len(json->out, line, 1 + 2 * json->depth);
}

static void
begin_value(JsonWriter *json, const char *key)
{
    if (json->has_item)
        g_string_append_c(json->out, ',');
    if (json->depth > 0)
        begin_line(json);
    if (key) {
        dag_text_append_json(json->out, key);
        g_string_append(json->out, ": ");
    }
    json->has_item = true;
}

static void
begin(JsonWriter *json, const char *key, char bracket)
{
    begin_value(json, key);
    g_string_append_c(json->out, bracket);
    json->depth++;
    json->has_item = false;
}

static void
end(JsonWriter *json, char bracket)
{
    json->depth--;
    if (json->has_item)
        begin_line(json);
    g_string_append_c(json->out, bracket);
    json->has_item = true;
    if (json->depth == 0)
        g_string_append_c(json->out, '\n');
}

void
dag__json_begin_object(JsonWriter *json, const char *key)
{
    begin(json, key, '{');
}

void
dag__json_end_object(JsonWriter *json)
{
    end(json, '}');
}

void
dag__json_begin_array(JsonWriter *json, const char *key)
{
    begin(json, key, '[');
}

void
dag__json_end_array(JsonWriter *json)
{
    end(json, ']');
}

void
dag__json_string(JsonWriter *json, const char *key, const char *value)
{
    begin_value(json, key);
    if (value)
        dag_text_append_json(json->out, value);
    else
        g_string_append(json->out, "null");
}

void
dag__json_boolean(JsonWriter *json, const char *key, bool value)
{
    begin_value(json, key);
    g_string_append(json->out, value ? "true" : "false");
}

void
dag__json_integer(JsonWriter *json, const char *key, int64_t value)
{
    begin_value(json, key);
    g_string_append_printf(json->out, "%" G_GINT64_FORMAT, value);
}

/* Append a number in the C locale; null if it is not finite. */
static void
append_double(GString *out, const char *format, double value)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];

    if (isfinite(value))
        g_string_append(out, g_ascii_formatd(buffer, sizeof(buffer), format, value));
    else
        g_string_append(out, "null");
}

void
dag__json_number(JsonWriter *json, const char *key, double value)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];

    begin_value(json, key);
    g_ascii_formatd(buffer, sizeof(buffer), "%.15g", value);
    append_double(json->out, g_ascii_strtod(buffer, NULL) == value ? "%.15g" : "%.17g",
                  value);
}

void
dag__json_cost(JsonWriter *json, const char *key, double seconds)
{
    begin_value(json, key);
    append_double(json->out, "%.15g", seconds);
}

void
dag__json_seconds(JsonWriter *json, const char *key, int64_t ns)
{
    begin_value(json, key);
    g_string_append_printf(json->out, "%" G_GINT64_FORMAT ".%09d", ns / 1000000000,
                           (int)(ns % 1000000000));

    /* Keep one decimal, so that readers that look at types always see a fraction. */
    gsize length = json->out->len;

    while (json->out->str[length - 1] == '0' && json->out->str[length - 2] != '.')
        length--;
    g_string_truncate(json->out, length);
}

void
dag__json_names(JsonWriter *json, const char *key, const DagGraph *graph, DagIds tasks)
{
    dag__json_begin_array(json, key);
    for (size_t i = 0; i < tasks.n; i++)
        dag__json_string(json, NULL, dag_graph_task_name(graph, tasks.ids[i]));
    dag__json_end_array(json);
}

void
dag__json_excluded(JsonWriter *json, const char *key, const DagGraph *graph)
{
    dag__json_begin_array(json, key);
    for (const char *const *name = dag_graph_excluded(graph); *name; name++)
        dag__json_string(json, NULL, *name);
    dag__json_end_array(json);
}

void
dag__json_param(JsonWriter *json, const DagParam *param)
{
    if (param->is_secret && param->value)
        dag__json_string(json, param->name, DAG__MASKED);
    else if (!param->value || param->type == DAG_PARAM_STRING ||
             param->type == DAG_PARAM_PATH || param->type == DAG_PARAM_CHOICE)
        dag__json_string(json, param->name, param->value);
    else if (param->type == DAG_PARAM_BOOLEAN)
        dag__json_boolean(json, param->name, g_str_equal(param->value, "true"));
    else if (param->type == DAG_PARAM_INTEGER)
        dag__json_integer(json, param->name, g_ascii_strtoll(param->value, NULL, 10));
    else
        dag__json_number(json, param->name, g_ascii_strtod(param->value, NULL));
}

void
dag__json_params(JsonWriter *json, const char *key, const DagGraph *graph)
{
    size_t n_params;
    const DagParam *params = dag_graph_params(graph, &n_params);

    dag__json_begin_object(json, key);
    for (size_t i = 0; i < n_params; i++)
        dag__json_param(json, &params[i]);
    dag__json_end_object(json);
}
