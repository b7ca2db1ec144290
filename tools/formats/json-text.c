/* SPDX-License-Identifier: MIT */
#include "formats/json-text.h"

#include <dagrun/error.h>
#include <stdarg.h>
#include <string.h>

bool
json_text_complain(JsonText *text, const char *format, ...)
{
    g_autofree char *problem = NULL;
    va_list args;

    if (text->error)
        return false;
    va_start(args, format);
    problem = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(&text->error, DAG_ERROR, DAG_ERROR_INVALID, "%s:%u: %s", text->name,
                text->value_line, problem);
    return false;
}

char
json_text_peek(JsonText *text)
{
    for (; text->at < text->end && strchr(" \t\r\n", *text->at) && *text->at; text->at++)
        text->line += *text->at == '\n';
    return text->at < text->end ? *text->at : '\0';
}

/* Read the character `wanted`. */
static bool
read_character(JsonText *text, char wanted)
{
    if (json_text_peek(text) == wanted && wanted) {
        text->at++;
        return true;
    }
    text->value_line = text->line;
    if (text->at == text->end)
        return json_text_complain(text, "the text ends where '%c' should be", wanted);
    return json_text_complain(text, "there should be '%c'", wanted);
}

/* Go on by `size` bytes, and count the lines. */
static void
advance(JsonText *text, size_t size)
{
    const char *stop = text->at + size;

    while ((text->at = memchr(text->at, '\n', (size_t)(stop - text->at)))) {
        text->at++;
        text->line++;
    }
    text->at = stop;
}

json_t *
json_text_value(JsonText *text)
{
    json_error_t problem;
    json_t *value;

    json_text_peek(text);
    text->value_line = text->line;
    if (text->at == text->end) {
        json_text_complain(text, "the text ends where a value should be");
        return NULL;
    }
    value = json_loadb(text->at, (size_t)(text->end - text->at),
                       JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES,
                       &problem);
    if (!value) {
        text->value_line += (unsigned)MAX(problem.line, 1) - 1;
        json_text_complain(text, "this is not JSON: %s", problem.text);
        return NULL;
    }
    advance(text, (size_t)problem.position);
    return value;
}

/* Read a key and its colon, and call back. */
static bool
read_member(JsonText *text, bool (*member)(JsonText *text, const char *key, void *data),
            void *data)
{
    json_t *key = json_text_value(text);
    bool good = key && (json_is_string(key) ||
                        json_text_complain(text, "there should be a key, in quotes"));

    good = good && read_character(text, ':') && member(text, json_string_value(key), data);
    json_decref(key);
    return good;
}

/* Read the character after an item.  Returns: whether another item follows; if not, either the
 * closing bracket has been read, or text->error is set. */
static bool
has_more(JsonText *text, char closing)
{
    if (json_text_peek(text) == ',') {
        text->at++;
        return true;
    }
    read_character(text, closing);
    return false;
}

/* Read the opening bracket.  Returns: whether there is an item; if not, as has_more(). */
static bool
has_any(JsonText *text, char opening, char closing)
{
    if (!read_character(text, opening))
        return false;
    if (json_text_peek(text) != closing)
        return true;
    text->at++;
    return false;
}

bool
json_text_members(JsonText *text,
                  bool (*member)(JsonText *text, const char *key, void *data), void *data)
{
    bool more = has_any(text, '{', '}');

    while (more) {
        if (!read_member(text, member, data))
            return false;
        more = has_more(text, '}');
    }
    return !text->error;
}

bool
json_text_items(JsonText *text, bool (*item)(JsonText *text, void *data), void *data)
{
    bool more = has_any(text, '[', ']');

    while (more) {
        if (!item(text, data))
            return false;
        more = has_more(text, ']');
    }
    return !text->error;
}

bool
json_text_finish(JsonText *text)
{
    json_text_peek(text);
    if (text->at == text->end)
        return true;
    text->value_line = text->line;
    return json_text_complain(text, "there is something after the end of the document");
}
