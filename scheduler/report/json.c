/* SPDX-License-Identifier: MIT */
/*
 * RFC 8259.  Numbers are written in the C locale.
 */
#include "report/json.h"

#include "model/invisible.h"
#include "model/mask.h"
#include "report/causes.h"

#include <dagrun/text.h>
#include <math.h>
#include <string.h>

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

/* Return the length of the character at `p` if it is one that could disturb a terminal and is not
 * ASCII, with its escape sequence; or 0. */
static size_t
escape_wide(const char *p, char buffer[8])
{
    gunichar c = (unsigned char)*p < 0x80 ? 0 : g_utf8_get_char(p);

    if (c < 0x80 || c > 0xffff || !(g_unichar_iscntrl(c) || dag__is_invisible(c)))
        return 0;
    g_snprintf(buffer, 8, "\\u%04x", c);
    return (size_t)(g_utf8_next_char(p) - p);
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
        size_t n_wide = escape_wide(p, buffer);
        const char *escaped = n_wide ? buffer : escape((unsigned char)*p, buffer);

        if (!escaped)
            continue;
        g_string_append_len(out, plain, p - plain);
        g_string_append(out, escaped);
        p += n_wide ? n_wide - 1 : 0;
        plain = p + 1;
    }
    g_string_append(out, plain);
    g_string_append_c(out, '"');
}

/* Append a string with its quotes.  Most strings are ASCII without escapes. */
static void
append_string(Stream *stream, const char *text)
{
    size_t n = strlen(text);
    char *start = stream_reserve(stream, n + 2);

    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c < ' ' || c > '~' || c == '"' || c == '\\') {
            dag_text_append_json(stream->text, text);
            return;
        }
        start[i + 1] = (char)c;
    }
    start[0] = start[n + 1] = '"';
    stream_end(stream, start + n + 2);
}

static void
append_literal(Stream *stream, const char *text, size_t n)
{
    char *start = stream_reserve(stream, n);

    memcpy(start, text, n);
    stream_end(stream, start + n);
}

/* Return whether values within this many objects and arrays share a line. */
static bool
is_shared(const JsonWriter *json, size_t depth)
{
    return json->shared_depth > 0 && depth >= json->shared_depth;
}

static void
begin_line(JsonWriter *json)
{
    static const char line[] = "\n                ";

    g_assert(2 * json->depth < sizeof(line) - 1); /* no document nests deeper */
    append_literal(json->stream, line, 1 + 2 * json->depth);
}

static void
begin_value(JsonWriter *json, const char *key)
{
    bool shares_line = is_shared(json, json->depth);

    stream_relieve(json->stream);
    if (json->has_item)
        append_literal(json->stream, ", ", shares_line ? 2 : 1);
    if (json->depth > 0 && !shares_line)
        begin_line(json);
    if (key) {
        append_string(json->stream, key);
        append_literal(json->stream, ": ", 2);
    }
    json->has_item = true;
}

static void
begin(JsonWriter *json, const char *key, char bracket)
{
    begin_value(json, key);
    append_literal(json->stream, &bracket, 1);
    json->depth++;
    json->has_item = false;
}

static void
end(JsonWriter *json, char bracket)
{
    bool shared_line = is_shared(json, json->depth);

    json->depth--;
    if (json->has_item && !shared_line)
        begin_line(json);
    append_literal(json->stream, &bracket, 1);
    json->has_item = true;
    if (json->depth == 0)
        append_literal(json->stream, "\n", 1);
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
        append_string(json->stream, value);
    else
        append_literal(json->stream, "null", strlen("null"));
}

void
dag__json_boolean(JsonWriter *json, const char *key, bool value)
{
    begin_value(json, key);
    append_literal(json->stream, value ? "true" : "false", value ? 4 : 5);
}

void
dag__json_integer(JsonWriter *json, const char *key, int64_t value)
{
    char *at;

    begin_value(json, key);
    at = stream_reserve(json->stream, 1 + MAX_DIGITS);
    if (value < 0)
        *at++ = '-';
    stream_end(json->stream,
               dag__put_digits(at, value < 0 ? -(uint64_t)value : (uint64_t)value, 1));
}

#define BILLION 1000000000

/* Append a number of billionths without the zeros at its end, but with at least `n_decimals`. */
static void
append_billionths(Stream *stream, uint64_t billionths, size_t n_decimals)
{
    char *point = dag__put_digits(stream_reserve(stream, 1 + 2 * MAX_DIGITS),
                                  billionths / BILLION, 1);
    char *end = dag__put_digits(point + 1, billionths % BILLION, 9);

    *point = '.';
    while (end[-1] == '0' && end > point + 1 + n_decimals)
        end--;
    stream_end(stream, end == point + 1 ? point : end);
}

/* Append a number in the C locale; null if it is not finite. */
static void
append_double(Stream *stream, const char *format, double value)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];

    if (isfinite(value))
        g_string_append(stream->text,
                        g_ascii_formatd(buffer, sizeof(buffer), format, value));
    else
        g_string_append(stream->text, "null");
}

/*
 * Append a number that has at most nine decimals and 15 digits, if `value` differs from one by no
 * more than `error`, relatively.  printf() takes ten times as long for the same digits.
 * Returns: false, with nothing appended, if there is no such number.
 */
static bool
append_short(Stream *stream, double value, double error)
{
    uint64_t billionths;

    /* "%g" writes smaller numbers with an exponent. */
    if (signbit(value) || !(value == 0 || (value >= 1e-4 && value < 1e6)))
        return false;
    billionths = (uint64_t)(value * BILLION + 0.5);
    if (fabs((double)billionths / BILLION - value) > error * value)
        return false;
    append_billionths(stream, billionths, 0);
    return true;
}

void
dag__json_number(JsonWriter *json, const char *key, double value)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];

    begin_value(json, key);
    if (append_short(json->stream, value, 0))
        return;
    g_ascii_formatd(buffer, sizeof(buffer), "%.15g", value);
    append_double(json->stream, g_ascii_strtod(buffer, NULL) == value ? "%.15g" : "%.17g",
                  value);
}

/* Half of the last of 15 digits is at least 5e-16 of the number; the quotient in append_short()
 * has an error of 1.1e-16 itself. */
#define COST_ERROR 3.5e-16

void
dag__json_cost(JsonWriter *json, const char *key, double seconds)
{
    begin_value(json, key);
    if (!append_short(json->stream, seconds, COST_ERROR))
        append_double(json->stream, "%.15g", seconds);
}

void
dag__json_cost_or_null(JsonWriter *json, const char *key, bool is_known, double seconds)
{
    if (is_known)
        dag__json_cost(json, key, seconds);
    else
        dag__json_string(json, key, NULL);
}

void
dag__json_seconds(JsonWriter *json, const char *key, int64_t ns)
{
    begin_value(json, key);
    /* Keep one decimal, so that readers that look at types always see a fraction. */
    append_billionths(json->stream, (uint64_t)ns, 1);
}

void
dag__json_names(JsonWriter *json, const char *key, const DagGraph *graph, DagIds tasks)
{
    dag__json_begin_array(json, key);
    for (size_t i = 0; i < tasks.n && !json->stream->is_over; i++)
        dag__json_string(json, NULL, dag_graph_task_name(graph, tasks.ids[i]));
    dag__json_end_array(json);
}

void
dag__json_search(JsonWriter *json, const char *key, const DagSearch *search)
{
    if (!search->is_search) {
        dag__json_string(json, key, NULL);
        return;
    }
    dag__json_begin_object(json, key);
    dag__json_string(json, "result", dag__search_word(search));
    dag__json_seconds(json, "lower_bound_seconds",
                      (int64_t)(search->lower_bound * 1e9 + 0.5));
    dag__json_end_object(json);
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

void
dag__json_pool(JsonWriter *json, const DagPool *pool)
{
    dag__json_string(json, "name", pool->name);
    if (pool->slots > 0)
        dag__json_integer(json, "slots", pool->slots);
    if (pool->tokens.count > 0) {
        dag__json_integer(json, "tokens_count", pool->tokens.count);
        dag__json_seconds(json, "tokens_seconds", pool->tokens.period_ns);
    }
    if (pool->rate.count == 0)
        return;
    dag__json_integer(json, "rate_count", pool->rate.count);
    dag__json_seconds(json, "rate_seconds", pool->rate.period_ns);
    dag__json_integer(json, "burst", pool->burst);
}

void
dag__json_end(JsonWriter *json, DagOutcome outcome, const char *reason, int exit_code)
{
    dag__json_string(json, "outcome", dag_outcome_name(outcome));
    if (reason)
        dag__json_string(json, "reason", reason);
    if (exit_code != DAG_EXIT_NONE)
        dag__json_integer(json, "exit_code", exit_code);
}
