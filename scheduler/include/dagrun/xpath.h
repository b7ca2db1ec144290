/* SPDX-License-Identifier: MIT */
/*
 * Values in documents of XML and HTML, by expressions of XPath 1.0.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* A document.  All is borrowed. */
typedef struct DagMarkup {
    const char *text; /* [size] */
    size_t size;
    bool is_html; /* as browsers read it: with mistakes, and without namespaces */
    /* Of HTML, as the server says.  NULL: UTF-8 if the text is valid in it, else as the document says. */
    const char *charset;
} DagMarkup;

/* Check that `expression` is one.  Any thread.
 * Returns: false with DAG_ERROR_INVALID. */
bool dag_xpath_check(const char *expression, GError **error);

/*
 * Append to `out` the value of the expression in the document: the text of the first node that it finds, or its
 * number, truth value or text.  Prefixes that the outermost element declares are known, and `_` is its default
 * namespace.  Nothing is fetched, and no entities are expanded that the document declares.  Any thread; takes time
 * proportional to the document, and to the work of the expression, which is limited.
 *
 * Returns: false with DAG_ERROR_INVALID if no node is found, the expression cannot be evaluated, or the text is not
 *   a document.
 */
bool dag_xpath_find(const DagMarkup *markup, const char *expression, GString *out,
                    GError **error);

G_END_DECLS
