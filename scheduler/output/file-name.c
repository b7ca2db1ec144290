/* SPDX-License-Identifier: MIT */
#include "output/file-name.h"

#include <string.h>

/* The longest name in bytes that all common file systems accept. */
#define MAX_NAME 255

/* Names of tasks in XML have only these characters; names set in C may have any. */
static bool
is_harmless(char c)
{
    return g_ascii_isalnum(c) || strchr("_-.", c) || (c & 0x80);
}

static GString *
escape(const char *text)
{
    GString *name = g_string_new(NULL);

    for (const char *c = text; *c; c++)
        if (is_harmless(*c) && (c > text || *c != '.'))
            g_string_append_c(name, *c);
        else
            g_string_append_printf(name, "%%%02X", (unsigned char)*c);
    return name;
}

char *
dag__harmless_name(const char *text)
{
    return g_string_free(escape(text), FALSE);
}

char *
dag__file_name(const DagGraph *graph, DagTaskId id, const char *suffix)
{
    GString *name = escape(dag_graph_task_name(graph, id));

    if (name->len + strlen(suffix) > MAX_NAME) {
        /* Two names may differ only in the part cut off.  No other name has a '~'. */
        g_autofree char *number = g_strdup_printf("~%u", dag_graph_position(graph, id) + 1);

        size_t length = MAX_NAME - strlen(suffix) - strlen(number);

        while ((name->str[length] & 0xc0) == 0x80) /* in the middle of a UTF-8 character */
            length--;
        g_string_truncate(name, length);
        g_string_append(name, number);
    }
    g_string_append(name, suffix);
    return g_string_free(name, FALSE);
}
