/* SPDX-License-Identifier: MIT */
/*
 * JSON texts (RFC 8259) as references and kinds read them: checked strictly, and never as a tree.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/*
 * Check that `text` is one JSON value in UTF-8, nested up to 1000 levels.
 * Returns: false with DAG_ERROR_INVALID, which names line and column.
 */
bool dag_json_check(const char *text, GError **error);

/*
 * Append to `out` the value in the JSON `text` to which `pointer` leads (RFC 6901): "" is the whole, and
 * "/a/0" the first element of its member "a".  A string is appended as its characters, any other value
 * as it is written.  Of members with the same name, the last one counts.
 *
 * Returns: false with DAG_ERROR_INVALID if the text is not JSON, or the pointer leads nowhere or to a
 *   string with a NUL character.
 */
bool dag_json_find(const char *text, const char *pointer, GString *out, GError **error);

/* Return true if `pointer` is a JSON pointer: "", or parts that each begin with "/", with "~" only in "~0"
 * and "~1". */
bool dag_json_is_pointer(const char *pointer);

G_END_DECLS
