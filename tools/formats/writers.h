/* SPDX-License-Identifier: MIT */
/*
 * The writers and readers of the table of formats; see Format.
 */
#pragma once

#include "formats/format.h"

bool write_dot(const Export *export, GString *out, GError **error);
bool write_make(const Export *export, GString *out, GError **error);
bool write_mermaid(const Export *export, GString *out, GError **error);
bool write_ninja(const Export *export, GString *out, GError **error);
bool write_stg(const Export *export, GString *out, GError **error);
bool write_wfformat(const Export *export, GString *out, GError **error);

ImportedGraph *read_dax(const ImportText *text, GError **error);
ImportedGraph *read_dot(const ImportText *text, GError **error);
ImportedGraph *read_make(const ImportText *text, GError **error);
ImportedGraph *read_ninja(const ImportText *text, GError **error);
ImportedGraph *read_stg(const ImportText *text, GError **error);
ImportedGraph *read_wfformat(const ImportText *text, GError **error);

bool recognizes_dax(const ImportText *text);
bool recognizes_dot(const ImportText *text);
bool recognizes_make(const ImportText *text);
bool recognizes_ninja(const ImportText *text);
bool recognizes_stg(const ImportText *text);
bool recognizes_wfformat(const ImportText *text);

/* The size of a buffer for exact_number(). */
#define NUMBER_SIZE G_ASCII_DTOSTR_BUF_SIZE

/* Format a number of seconds with the fewest digits that give it back; without an exponent if it is
 * one that dagrun accepts as cost.  Returns: `buffer`. */
const char *exact_number(double value, char buffer[NUMBER_SIZE]);
