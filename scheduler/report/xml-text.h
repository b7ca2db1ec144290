/* SPDX-License-Identifier: MIT */
/*
 * Text of others in XML.
 */
#pragma once

#include <glib.h>

/* The treatment of the ends of lines and of tabs. */
typedef enum XmlLines {
    XML_ONE_LINE, /* each is a blank: for attributes and labels */
    XML_LINES,    /* they stay */
} XmlLines;

/* Append text with the characters of markup escaped.  Bytes that are not UTF-8, and characters that XML does not
 * have or that are invisible, become U+FFFD. */
void dag__xml_append(GString *out, const char *text, XmlLines lines);
