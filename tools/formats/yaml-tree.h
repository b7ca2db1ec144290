/* SPDX-License-Identifier: MIT */
/*
 * A small YAML document as a tree, for configurations of other programs.  One document without aliases, keys
 * that are scalars and stand once, bounded in size and depth.
 */
#pragma once

#include "formats/format.h"

typedef enum YamlType { YAML_TEXT, YAML_LIST, YAML_MAP } YamlType;

typedef struct YamlNode YamlNode;
struct YamlNode {
    YamlType type;
    unsigned line;
    char *text;          /* of a YAML_TEXT; valid UTF-8 without NUL */
    bool is_null;        /* of a YAML_TEXT: nothing, "~" or "null", not in quotes */
    GPtrArray *children; /* of YamlNode: of a list; of a map, keys and values in turn */
    GHashTable *values;  /* of a map: the text of each key to its value; both borrowed */
};

/*
 * Read the document; an empty one is an empty map.
 * Returns: the root, free with yaml_node_free(); NULL with DAG_ERROR_INVALID, with the line.
 */
YamlNode *yaml_tree_read(const ImportText *text, GError **error);

void yaml_node_free(YamlNode *node);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(YamlNode, yaml_node_free)

/* Return the value of the key in a map, or NULL. */
const YamlNode *yaml_node_get(const YamlNode *map, const char *key);
