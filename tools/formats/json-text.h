/* SPDX-License-Identifier: MIT */
/*
 * JSON that is read value by value, so that a document with a million records is never held as a
 * tree.  Jansson reads each value; the objects and arrays around them are walked here.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* A text that is being read. */
typedef struct JsonText {
    const char *name; /* of the file, for messages; borrowed */
    const char *at;   /* the rest of the text */
    const char *end;
    unsigned line;       /* of `at`, from 1 */
    unsigned value_line; /* where the last value began */
    GError *error;       /* the first problem, DAG_ERROR_INVALID, or NULL; owned */
} JsonText;

/* Set the error "NAME:LINE: …" with the line of the last value, unless there is one.  Returns: false. */
bool json_text_complain(JsonText *text, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Return the next value, free with json_decref(); or NULL with text->error set. */
json_t *json_text_value(JsonText *text);

/*
 * Walk an object or an array: call back before each value, which the callback must read.
 * Returns: false with text->error set after a problem, or if the callback returned false.
 */
bool json_text_members(JsonText *text,
                       bool (*member)(JsonText *text, const char *key, void *data),
                       void *data);
bool json_text_items(JsonText *text, bool (*item)(JsonText *text, void *data), void *data);

/* Return whether nothing but white space is left; if there is more, set text->error. */
bool json_text_finish(JsonText *text);

/* Skip white space.  Returns: the next character; 0 at the end. */
char json_text_peek(JsonText *text);
