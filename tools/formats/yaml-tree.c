/* SPDX-License-Identifier: MIT */
/*
 * libyaml reports events, and a stack holds the lists and maps that have begun: nothing recurses.
 */
#include "formats/yaml-tree.h"

#include <string.h>
#include <yaml.h>

#define MAX_DEPTH 32
#define MAX_SIZE  ((size_t)4 << 20)

typedef struct YamlReader {
    const ImportText *text;
    GPtrArray *open; /* of YamlNode, not owned: the lists and maps that have begun */
    YamlNode *root;  /* or NULL */
    unsigned n_documents;
} YamlReader;

/* Free it and its children, which are not deeper than MAX_DEPTH.  NOLINTBEGIN(misc-no-recursion) */
void
yaml_node_free(YamlNode *node)
{
    if (!node)
        return;
    g_free(node->text);
    if (node->values)
        g_hash_table_unref(node->values);
    if (node->children)
        g_ptr_array_unref(node->children);
    g_free(node);
}
/* NOLINTEND(misc-no-recursion) */

static void
free_node(gpointer node)
{
    yaml_node_free(node);
}

const YamlNode *
yaml_node_get(const YamlNode *map, const char *key)
{
    return map->type == YAML_MAP ? g_hash_table_lookup(map->values, key) : NULL;
}

/* Return a new list or map; free with yaml_node_free(). */
static YamlNode *
new_parent(YamlType type)
{
    YamlNode *node = g_new0(YamlNode, 1);

    node->type = type;
    node->children = g_ptr_array_new_with_free_func(free_node);
    if (type == YAML_MAP)
        node->values = g_hash_table_new(g_str_hash, g_str_equal);
    return node;
}

static bool
is_null(const yaml_event_t *scalar)
{
    const char *text = (const char *)scalar->data.scalar.value;

    return scalar->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (!*text || strcmp(text, "~") == 0 || g_ascii_strcasecmp(text, "null") == 0);
}

static bool
is_key(const YamlNode *parent)
{
    return parent && parent->type == YAML_MAP && parent->children->len % 2 == 0;
}

/* Check that the node can be a key of the map. */
static bool
check_key(const YamlReader *reader, const YamlNode *map, const YamlNode *key,
          GError **error)
{
    if (key->type != YAML_TEXT)
        return import_refuse(reader->text, key->line, error, "a key is a list or a map");
    return !yaml_node_get(map, key->text) ||
           import_refuse(reader->text, key->line, error, "the key \"%s\" stands twice",
                         key->text);
}

/* Add a node where the document has come to.  Takes the node. */
static bool
add_node(YamlReader *reader, YamlNode *node, GError **error)
{
    guint depth = reader->open->len;
    YamlNode *parent = depth > 0 ? reader->open->pdata[depth - 1] : NULL;

    if (is_key(parent) && !check_key(reader, parent, node, error)) {
        yaml_node_free(node);
        return false;
    }
    if (parent && parent->type == YAML_MAP && !is_key(parent)) {
        const YamlNode *key = parent->children->pdata[parent->children->len - 1];

        g_hash_table_insert(parent->values, key->text, node);
    }
    if (parent)
        g_ptr_array_add(parent->children, node);
    else
        reader->root = node;
    if (node->type == YAML_TEXT)
        return true;
    if (depth >= MAX_DEPTH)
        return import_refuse(reader->text, node->line, error,
                             "lists and maps are nested more than %d times", MAX_DEPTH);
    g_ptr_array_add(reader->open, node);
    return true;
}

static bool
add_event(YamlReader *reader, const yaml_event_t *event, GError **error)
{
    YamlNode *node;
    unsigned line = (unsigned)event->start_mark.line + 1;

    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return ++reader->n_documents == 1 ||
               import_refuse(reader->text, line, error, "a second document begins");
    case YAML_ALIAS_EVENT:
        return import_refuse(reader->text, line, error,
                             "the alias \"*%s\" is not read; write the value instead",
                             (const char *)event->data.alias.anchor);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        g_ptr_array_set_size(reader->open, (gint)reader->open->len - 1);
        return true;
    case YAML_SCALAR_EVENT:
        if (memchr(event->data.scalar.value, '\0', event->data.scalar.length))
            return import_refuse(reader->text, line, error, "a text holds a NUL");
        node = g_new0(YamlNode, 1);
        node->text = g_strdup((const char *)event->data.scalar.value);
        node->is_null = is_null(event);
        break;
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        node = new_parent(event->type == YAML_MAPPING_START_EVENT ? YAML_MAP : YAML_LIST);
        break;
    default:
        return true;
    }
    node->line = line;
    return add_node(reader, node, error);
}

/* Set `error` to the problem that libyaml has found. */
static bool
refuse(const YamlReader *reader, const yaml_parser_t *parser, GError **error)
{
    size_t line = parser->problem_mark.line;

    if (parser->error == YAML_READER_ERROR) /* it knows the byte only */
        for (size_t i = 0; i < parser->problem_offset && i < reader->text->size; i++)
            line += reader->text->bytes[i] == '\n';
    return import_refuse(reader->text, (unsigned)line + 1, error, "not YAML: %s%s%s",
                         parser->context ? parser->context : "",
                         parser->context ? ", " : "",
                         parser->problem ? parser->problem : "no memory");
}

static bool
read_events(YamlReader *reader, yaml_parser_t *parser, GError **error)
{
    for (bool is_end = false; !is_end;) {
        yaml_event_t event;
        bool good;

        if (!yaml_parser_parse(parser, &event))
            return refuse(reader, parser, error);
        is_end = event.type == YAML_STREAM_END_EVENT;
        good = add_event(reader, &event, error);
        yaml_event_delete(&event);
        if (!good)
            return false;
    }
    return true;
}

YamlNode *
yaml_tree_read(const ImportText *text, GError **error)
{
    YamlReader reader = {.text = text};
    yaml_parser_t parser;
    bool good;

    if (text->size > MAX_SIZE) {
        import_refuse(text, 1, error, "it has more than 4 MiB");
        return NULL;
    }
    if (!yaml_parser_initialize(&parser)) {
        import_refuse(text, 1, error, "no memory");
        return NULL;
    }
    reader.open = g_ptr_array_new();
    yaml_parser_set_input_string(&parser, (const unsigned char *)text->bytes, text->size);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    good = read_events(&reader, &parser, error);
    yaml_parser_delete(&parser);
    g_ptr_array_unref(reader.open);
    if (!good)
        g_clear_pointer(&reader.root, yaml_node_free);
    else if (!reader.root)
        reader.root = new_parent(YAML_MAP);
    return reader.root;
}
