/* SPDX-License-Identifier: MIT */
/*
 * Trees of elements.  Most kinds have no child elements; then nothing is allocated per task.
 */
#include "load/nodes.h"

Node *
node_new(void)
{
    Node *node = g_new0(Node, 1);

    node->pairs = dag__pairs_new();
    node->text = g_string_new(NULL);
    return node;
}

/* The depth of recursion is that of the kind's tables. */
void
node_free(Node *node)
{
    g_array_unref(node->pairs);
    g_string_free(node->text, TRUE);
    g_clear_pointer(&node->children, g_ptr_array_unref);
    g_clear_pointer(&node->specs, g_array_unref);
    g_free(node);
}

void
node_begin(Node *node, const DagElementType *type, DagLocation location)
{
    node->type = type;
    node->location = location;
    g_array_set_size(node->pairs, 0);
    g_string_truncate(node->text, 0);
    g_clear_pointer(&node->children, g_ptr_array_unref);
}

Node *
node_add(Node *node, const DagElementType *type, DagLocation location)
{
    Node *child = node_new();

    node_begin(child, type, location);
    if (!node->children)
        node->children = g_ptr_array_new_with_free_func((GDestroyNotify)node_free);
    g_ptr_array_add(node->children, child);
    return child;
}

/* Remove the blank lines around the text, which are the file's layout.  The indentation of the
 * first line stays: the other lines have it, too. */
static void
strip_blank_lines(GString *text)
{
    size_t n_before = 0;

    for (size_t i = 0; g_ascii_isspace(text->str[i]); i++)
        if (text->str[i] == '\n')
            n_before = i + 1;
    if (n_before > 0)
        g_string_erase(text, 0, (gssize)n_before);
    while (text->len > 0 && g_ascii_isspace(text->str[text->len - 1]))
        g_string_truncate(text, text->len - 1);
}

/* Recursion is as deep as the kind's tables.  NOLINTBEGIN(misc-no-recursion) */
DagElementSpec
node_spec(Node *node)
{
    DagElementSpec spec = {
        .name = node->type ? node->type->name : NULL,
        .attributes = (const DagPair *)(void *)node->pairs->data,
        .n_attributes = node->pairs->len,
        .location = node->location,
    };

    strip_blank_lines(node->text);
    spec.text = node->text->str;
    if (!node->children)
        return spec;
    g_clear_pointer(&node->specs, g_array_unref);
    node->specs = g_array_new(FALSE, FALSE, sizeof(DagElementSpec));
    for (guint i = 0; i < node->children->len; i++) {
        DagElementSpec child = node_spec(node->children->pdata[i]);

        g_array_append_val(node->specs, child);
    }
    spec.children = (const DagElementSpec *)(void *)node->specs->data;
    spec.n_children = node->specs->len;
    return spec;
}
/* NOLINTEND(misc-no-recursion) */
