/* SPDX-License-Identifier: MIT */
/*
 * A text is checked first, in one pass.  A pointer then leads through it without a tree, and skips the values
 * before its own.
 */
#include "model/json-scan.h"

#include <dagrun/error.h>
#include <dagrun/json.h>
#include <string.h>

#define BLANKS " \t\r\n"

/* Complain about the byte at `at`. */
static bool
refuse(const char *text, const char *at, GError **error)
{
    unsigned line = 1, column = 1;

    for (const char *p = text; p < at; p++) {
        if (*p == '\n') {
            line++;
            column = 1;
        } else {
            column += ((unsigned char)*p & 0xc0) != 0x80; /* begins a character */
        }
    }
    g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID, "not JSON at line %u, column %u", line,
                column);
    return false;
}

bool
dag_json_check(const char *text, GError **error)
{
    JsonScan scan = {0};
    const char *at = text;

    g_return_val_if_fail(text, false);
    if (!g_utf8_validate(text, -1, &at))
        return refuse(text, at, error);
    for (at = text; *at; at++)
        if (!dag__json_scan_push(&scan, *at))
            return refuse(text, at, error);
    return dag__json_scan_may_end(&scan) || refuse(text, at, error);
}

bool
dag_json_is_pointer(const char *pointer)
{
    g_return_val_if_fail(pointer, false);
    if (*pointer && *pointer != '/')
        return false;
    for (const char *p = pointer; (p = strchr(p, '~')); p++)
        if (p[1] != '0' && p[1] != '1')
            return false;
    return true;
}

static const char *
skip_blanks(const char *p)
{
    return p + strspn(p, BLANKS);
}

/* Return the end of the string that begins at `p`. */
static const char *
skip_string(const char *p)
{
    for (p++; *p != '"'; p++)
        if (*p == '\\')
            p++;
    return p + 1;
}

/* Return the end of the value that begins at `p`. */
static const char *
skip_value(const char *p)
{
    size_t depth = 0;

    if (*p != '{' && *p != '[' && *p != '"')
        return p + strcspn(p, ",]}" BLANKS);
    do {
        if (*p == '"') {
            p = skip_string(p);
            continue;
        }
        depth += *p == '{' || *p == '[';
        depth -= *p == '}' || *p == ']';
        p++;
    } while (depth > 0);
    return p;
}

static gunichar
hex_of(const char *digits)
{
    gunichar value = 0;

    for (int i = 0; i < 4; i++)
        value = value * 16 + (gunichar)g_ascii_xdigit_value(digits[i]);
    return value;
}

/* Append the character of the escape "\uXXXX" at `p`, or of the two for a character above U+FFFF.
 * Returns: the position after it; NULL if it is no character, or NUL. */
static const char *
append_unicode(const char *p, GString *out)
{
    gunichar c = hex_of(p + 2);

    p += 6;
    if (c >= 0xd800 && c < 0xdc00 && p[0] == '\\' && p[1] == 'u') {
        gunichar low = hex_of(p + 2);

        if (low < 0xdc00 || low > 0xdfff)
            return NULL;
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        p += 6;
    }
    if (c == 0 || (c >= 0xd800 && c <= 0xdfff))
        return NULL;
    g_string_append_unichar(out, c);
    return p;
}

/* Append the characters of the string at `p`.  Returns: false if one cannot be in a text. */
static bool
append_string(const char *p, GString *out)
{
    static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";

    for (p++; *p != '"';) {
        const char *letter;

        if (*p != '\\') {
            g_string_append_c(out, *p++);
        } else if (p[1] == 'u') {
            p = append_unicode(p, out);
            if (!p)
                return false;
        } else {
            letter = strchr(letters, p[1]);
            g_string_append_c(out, letter ? meanings[letter - letters] : p[1]);
            p += 2;
        }
    }
    return true;
}

/* Return the part of a pointer between two slashes, without its escapes. */
static char *
part_of(const char *pointer, size_t length)
{
    g_autoptr(GString) part = g_string_new_len(pointer, (gssize)length);

    g_string_replace(part, "~1", "/", 0);
    g_string_replace(part, "~0", "~", 0);
    return g_string_free(g_steal_pointer(&part), FALSE);
}

/* Return the value of the last member called `name` of the object at `p`, or NULL. */
static const char *
find_member(const char *p, const char *name)
{
    const char *found = NULL;
    g_autoptr(GString) key = g_string_new(NULL);

    for (p = skip_blanks(p + 1); *p == '"'; p = skip_blanks(p)) {
        g_string_truncate(key, 0);

        bool is_it = append_string(p, key) && strcmp(key->str, name) == 0;

        p = skip_blanks(skip_blanks(skip_string(p)) + 1);
        if (is_it)
            found = p;
        p = skip_blanks(skip_value(p));
        if (*p == ',')
            p++;
    }
    return found;
}

/* Return element number `name` of the array at `p`, or NULL. */
static const char *
find_element(const char *p, const char *name)
{
    guint64 index;

    if ((name[0] == '0' && name[1]) ||
        !g_ascii_string_to_unsigned(name, 10, 0, G_MAXUINT64, &index, NULL))
        return NULL;
    for (p = skip_blanks(p + 1); *p != ']'; p = skip_blanks(p)) {
        if (index-- == 0)
            return p;
        p = skip_blanks(skip_value(p));
        if (*p == ',')
            p++;
    }
    return NULL;
}

/* Return the value to which the pointer leads in the checked text, or NULL. */
static const char *
follow(const char *text, const char *pointer)
{
    const char *p = skip_blanks(text);

    while (p && *pointer) {
        size_t length = strcspn(++pointer, "/");
        g_autofree char *name = part_of(pointer, length);

        pointer += length;
        p = *p == '{' ? find_member(p, name) : *p == '[' ? find_element(p, name) : NULL;
    }
    return p;
}

bool
dag_json_find(const char *text, const char *pointer, GString *out, GError **error)
{
    const char *value;

    g_return_val_if_fail(text && pointer && dag_json_is_pointer(pointer) && out, false);
    if (!dag_json_check(text, error))
        return false;
    value = follow(text, pointer);
    if (!value) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID, "there is no \"%s\"", pointer);
        return false;
    }
    if (*value != '"') {
        g_string_append_len(out, value, skip_value(value) - value);
        return true;
    }
    if (append_string(value, out))
        return true;
    g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID,
                "\"%s\" has a character that no text can hold", pointer);
    return false;
}
