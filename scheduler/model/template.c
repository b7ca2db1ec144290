/* SPDX-License-Identifier: MIT */
/*
 * Text with references.  `${name}` refers to a parameter or a task; `$${` is a literal `${`; any
 * other `$` is itself.  A template is an array of segments.  In a finished graph, the remaining
 * references are to the outputs and outcomes of tasks.
 */
#include "model/template.h"

#include "model/name.h"

#include <dagrun/error.h>
#include <string.h>

bool
dag_template_is_constant(const DagTemplate *text)
{
    g_return_val_if_fail(text, false);
    return text->n_segments == 1 && text->segments[0].text;
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
    if (text->n_segments != 1 || text->segments[0].text || text->segments[0].is_outcome)
        return DAG_TASK_NONE;
    return text->segments[0].task;
}

bool
dag_template_expand(const DagTemplate *text, DagReferenceText text_of, void *data,
                    GString *out, GError **error)
{
    g_return_val_if_fail(text && text_of && out, false);
    for (uint32_t i = 0; i < text->n_segments; i++) {
        const DagSegment *segment = &text->segments[i];

        if (segment->text) {
            g_string_append_len(out, segment->text, segment->length);
        } else {
            const char *value = text_of(segment->task, segment->is_outcome, data, error);

            if (!value)
                return false;
            g_string_append(out, value);
        }
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
                        .length = (uint32_t)length};
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
    size_t length = strcspn(name, "}");

    if (name[length] != '}') {
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID, "\"${\" lacks its \"}\"");
        return NULL;
    }
    if (!dag__is_name(name, length)) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID, "\"${%.*s}\" is not a reference",
                    (int)length, name);
        return NULL;
    }
    *out = (DagSegment){.task = parser->found(name, length, parser->data)};
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
                         .length = (uint32_t)length};

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
        while (text->segments[i].text && i + n < text->n_segments &&
               text->segments[i + n].text)
            n++;
        text->segments[n_out++] =
            n == 1 ? text->segments[i] : join(arena, &text->segments[i], n);
    }
    text->n_segments = n_out;
}
