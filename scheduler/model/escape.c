/* SPDX-License-Identifier: MIT */
/*
 * Values of references, escaped by the text around them.
 */
#include "model/json-scan.h"
#include "model/template.h"

#include <dagrun/error.h>
#include <dagrun/json.h>
#include <string.h>

/* Append the characters of a JSON string.  Unlike dag_text_append_json(), change nothing else. */
static void
append_json_string(GString *out, const char *value)
{
    for (; *value; value++) {
        if (*value == '"' || *value == '\\')
            g_string_append_c(out, '\\');
        if ((unsigned char)*value < ' ')
            g_string_append_printf(out, "\\u%04x", (unsigned)(unsigned char)*value);
        else
            g_string_append_c(out, *value);
    }
}

static void
append_xml(GString *out, const char *value)
{
    g_autofree char *escaped = g_markup_escape_text(value, -1);

    g_string_append(out, escaped);
}

bool
dag__segment_append(const DagSegment *segment, const char *value, GString *out,
                    GError **error)
{
    switch ((SegmentEscape)segment->escape) {
    case SEGMENT_URL:
        g_string_append_uri_escaped(out, value, NULL, FALSE);
        return true;
    case SEGMENT_JSON_STRING:
        append_json_string(out, value);
        return true;
    case SEGMENT_XML:
        append_xml(out, value);
        return true;
    case SEGMENT_JSON_VALUE:
        if (!dag_json_check(value, NULL)) {
            g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID,
                        "a reference that stands for a JSON value is %s",
                        *value ? "none" : "empty");
            return false;
        }
        break;
    case SEGMENT_PLAIN:
        break;
    }
    g_string_append(out, value);
    return true;
}

/* Return the next reference of the template from segment *i on, and step over it. */
static DagSegment *
next_reference(DagTemplate *template, uint32_t *i)
{
    while (segment_is_literal(&template->segments[*i]))
        ++*i;
    return &template->segments[(*i)++];
}

static bool
refuse_json(const char *text, const char *at, GError **error)
{
    unsigned line = 1;
    const char *start = text;

    for (const char *p = text; p < at; p++)
        if (*p == '\n') {
            line++;
            start = p + 1;
        }
    g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID, "not JSON at line %u, column %ld",
                line, g_utf8_strlen(start, at - start) + 1);
    return false;
}

/* Take a reference where it stands.  Return false if no value may stand there. */
static bool
place_reference(JsonScan *scan, DagSegment *segment)
{
    if (dag__json_scan_is_in_string(scan)) {
        segment->escape = SEGMENT_JSON_STRING;
        return true;
    }
    if (!dag__json_scan_may_begin(scan))
        return false;
    segment->escape = SEGMENT_JSON_VALUE;
    dag__json_scan_push_value(scan);
    return true;
}

/* Push a character, or the `${` that `$${` stands for.  Return the number of bytes; 0: it does not fit. */
static size_t
push_literal(JsonScan *scan, const char *at)
{
    if (strncmp(at, "$${", 3) != 0)
        return dag__json_scan_push(scan, *at) ? 1 : 0;
    return dag__json_scan_push(scan, '$') && dag__json_scan_push(scan, '{') ? 3 : 0;
}

/* The walk is that of the parser of templates. */
static bool
escape_json(DagTemplate *template, const char *text, GError **error)
{
    JsonScan scan = {0};
    uint32_t i = 0;
    size_t n;

    for (const char *at = text; *at; at += n) {
        if (strncmp(at, "${", 2) != 0)
            n = push_literal(&scan, at);
        else if (place_reference(&scan, next_reference(template, &i)))
            n = (size_t)(strchr(at, '}') + 1 - at);
        else
            n = 0;
        if (n == 0)
            return refuse_json(text, at, error);
    }
    return dag__json_scan_may_end(&scan) || refuse_json(text, text + strlen(text), error);
}

bool
dag__template_escape(DagTemplate *template, const char *text, DagEscape escape,
                     GError **error)
{
    if (escape == DAG_ESCAPE_JSON)
        return escape_json(template, text, error);
    for (uint32_t i = 0; i < template->n_segments; i++)
        if (!segment_is_literal(&template->segments[i]) &&
            !(escape == DAG_ESCAPE_URL && i == 0))
            template->segments[i].escape =
                (uint8_t)(escape == DAG_ESCAPE_URL   ? SEGMENT_URL
                          : escape == DAG_ESCAPE_XML ? SEGMENT_XML
                                                     : SEGMENT_PLAIN);
    return true;
}
