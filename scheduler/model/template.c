/* SPDX-License-Identifier: MIT */
/*
 * Text with references.  `${name}` refers to a parameter or a task, `${name#/a/0}` to a value in the
 * JSON output of a task; `$${` is a literal `${`; any other `$` is itself.  A template is an array of segments.  In a finished graph, the remaining
 * references are to the outputs and outcomes of tasks.
 */
#include "model/template.h"

#include "model/name.h"

#include <dagrun/error.h>
#include <dagrun/json.h>
#include <string.h>

bool
dag_template_is_constant(const DagTemplate *text)
{
    g_return_val_if_fail(text, false);
    return text->n_segments == 1 && segment_is_literal(&text->segments[0]);
}

const char *
dag_template_constant(const DagTemplate *text)
{
    g_return_val_if_fail(text, NULL);
    return dag_template_is_constant(text) ? text->segments[0].text : NULL;
}

DagTaskId
dag_template_task(const DagTemplate *text)
{
    g_return_val_if_fail(text, DAG_TASK_NONE);

    const DagSegment *segment = &text->segments[0];

    if (text->n_segments != 1 || segment_is_literal(segment) || segment->text ||
        segment->is_outcome)
        return DAG_TASK_NONE;
    return segment->task;
}

/* Append the value to which the pointer of a reference leads. */
static bool
append_found(const DagSegment *segment, const char *output, GString *out, GError **error)
{
    g_autoptr(GString) found = g_string_new(NULL);

    return dag_json_find(output, segment->text, found, error) &&
           dag__segment_append(segment, found->str, out, error);
}

bool
dag_template_expand(const DagTemplate *text, DagReferenceText text_of, void *data,
                    GString *out, GError **error)
{
    g_return_val_if_fail(text && text_of && out, false);
    for (uint32_t i = 0; i < text->n_segments; i++) {
        const DagSegment *segment = &text->segments[i];

        if (segment_is_literal(segment)) {
            g_string_append_len(out, segment->text, segment->length);
            continue;
        }

        const char *value = text_of(segment->task, segment->is_outcome, data, error);

        if (!value || !(segment->text ? append_found(segment, value, out, error)
                                      : dag__segment_append(segment, value, out, error)))
            return false;
    }
    return true;
}

/* Return the end of the literal text at `text`: the next reference, escape, or NUL. */
static const char *
literal_end(const char *text)
{
    for (; *text; text++)
        if (text[0] == '$' && (text[1] == '{' || (text[1] == '$' && text[2] == '{')))
            break;
    return text;
}

static DagSegment
literal(DagArena *arena, const char *text, size_t length)
{
    return (DagSegment){.text = dag__arena_strndup(arena, text, length),
                        .length = (uint32_t)length,
                        .task = SEGMENT_LITERAL};
}

typedef struct Parser {
    DagArena *arena;
    DagReferenceFound found;
    void *data;
    GArray *segments; /* of DagSegment */
} Parser;

/* Read the reference at `text`.  Return the position after it, or NULL. */
static const char *
read_reference(const Parser *parser, const char *text, DagSegment *out, GError **error)
{
    const char *name = text + 2;
    size_t length = strcspn(name, "}"), name_length = strcspn(name, "#}");
    char *pointer = NULL;

    if (name[length] != '}') {
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID, "\"${\" lacks its \"}\"");
        return NULL;
    }
    if (!dag__is_name(name, name_length)) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID, "\"${%.*s}\" is not a reference",
                    (int)length, name);
        return NULL;
    }
    if (name_length < length) {
        pointer = dag__arena_strndup(parser->arena, name + name_length + 1,
                                     length - name_length - 1);
        if (!dag_json_is_pointer(pointer)) {
            g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID,
                        "\"${%.*s}\": \"%s\" is not a JSON pointer, such as /a/0",
                        (int)length, name, pointer);
            return NULL;
        }
    }
    *out = (DagSegment){
        .text = pointer,
        .task = parser->found(name, name_length, pointer != NULL, parser->data)};
    return name + length + 1;
}

static bool
read_segments(const Parser *parser, const char *text, GError **error)
{
    while (*text) {
        const char *end = literal_end(text);
        DagSegment segment;

        if (end > text) {
            segment = literal(parser->arena, text, (size_t)(end - text));
            text = end;
        } else if (text[1] == '$') {
            segment = literal(parser->arena, "${", 2);
            text += 3;
        } else {
            text = read_reference(parser, text, &segment, error);
            if (!text)
                return false;
        }
        g_array_append_val(parser->segments, segment);
    }
    return true;
}

static DagTemplate *
template_of(DagArena *arena, const DagSegment *segments, uint32_t n_segments)
{
    size_t size = n_segments * sizeof(DagSegment);
    DagTemplate *text = dag__arena_alloc(arena, sizeof(DagTemplate) + size);

    text->n_segments = n_segments;
    memcpy(text->segments, segments, size);
    return text;
}

DagTemplate *
dag__template_parse(DagArena *arena, const char *text, DagReferenceFound found, void *data,
                    GError **error)
{
    const char *end = literal_end(text);

    /* Most texts have no reference and need no array while they are parsed. */
    if (!*end) {
        DagSegment only = literal(arena, text, (size_t)(end - text));

        return template_of(arena, &only, 1);
    }

    g_autoptr(GArray) segments = g_array_new(FALSE, FALSE, sizeof(DagSegment));

    if (!read_segments(&(Parser){arena, found, data, segments}, text, error))
        return NULL;
    return template_of(arena, (const DagSegment *)(void *)segments->data, segments->len);
}

DagTemplate *
dag__template_of_reference(DagArena *arena, uint32_t reference)
{
    return template_of(arena, &(DagSegment){.task = reference}, 1);
}

/* Return the `n` literals at `segments` as one. */
static DagSegment
join(DagArena *arena, const DagSegment *segments, uint32_t n)
{
    size_t length = 0;
    char *end;

    for (uint32_t i = 0; i < n; i++)
        length += segments[i].length;

    DagSegment joined = {.text = dag__arena_alloc(arena, length + 1),
                         .length = (uint32_t)length,
                         .task = SEGMENT_LITERAL};

    end = (char *)joined.text;
    for (uint32_t i = 0; i < n; i++) {
        memcpy(end, segments[i].text, segments[i].length);
        end += segments[i].length;
    }
    return joined;
}

void
dag__template_join(DagArena *arena, DagTemplate *text)
{
    uint32_t n_out = 0;

    for (uint32_t i = 0, n; i < text->n_segments; i += n) {
        n = 1;
        while (segment_is_literal(&text->segments[i]) && i + n < text->n_segments &&
               segment_is_literal(&text->segments[i + n]))
            n++;
        text->segments[n_out++] =
            n == 1 ? text->segments[i] : join(arena, &text->segments[i], n);
    }
    text->n_segments = n_out;
}
