/* SPDX-License-Identifier: MIT */
/*
 * The kinds, one per file.  A new kind is added here, to table.c, to CMakeLists.txt and to
 * schemas/dagrun.xsd; a test compares the table with the schema.
 */
#pragma once

#include <dagrun/kind.h>

extern const DagKind dag__kind_exec;
extern const DagKind dag__kind_shell;
extern const DagKind dag__kind_http;
extern const DagKind dag__kind_chat;
extern const DagKind dag__kind_sleep;
extern const DagKind dag__kind_spin;
extern const DagKind dag__kind_noop;
