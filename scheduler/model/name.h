/* SPDX-License-Identifier: MIT */
/*
 * The characters of names.  A name in a graph is an NCName of XML; these tests take every byte
 * beyond ASCII for part of one, since an unknown name is found when it is looked up.
 */
#pragma once

#include <dagrun/text.h>

static inline bool
dag__is_name_byte(char c)
{
    return g_ascii_isalnum(c) || c == '_' || c == '-' || c == '.' || (c & 0x80);
}

/* Return the number of bytes at the start of `text` that a name can have. */
static inline size_t
dag__name_length(const char *text)
{
    size_t n = 0;

    while (dag__is_name_byte(text[n]))
        n++;
    return n;
}

/* Return true if text[0, length) can be a name. */
static inline bool
dag__is_name(const char *text, size_t length)
{
    return length > 0 && !g_ascii_isdigit(*text) && *text != '-' && *text != '.' &&
           dag__name_length(text) >= length;
}

/* Return true if `text` is the name of an environment variable, as a parameter's is. */
static inline bool
dag__is_variable_name(const char *text)
{
    size_t n = dag_text_variable_length(text);

    return n > 0 && !text[n];
}
