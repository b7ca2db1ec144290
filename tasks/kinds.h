/* SPDX-License-Identifier: MIT */
/*
 * Every kind, one per file.  A new one is written here, in the table, in CMakeLists.txt, and in
 * schemas/dagrun.xsd; a test compares table and schema.
 */
#pragma once

#include <dagrun/kind.h>

extern const DagKind dag__kind_exec;
extern const DagKind dag__kind_shell;
extern const DagKind dag__kind_sleep;
extern const DagKind dag__kind_spin;
extern const DagKind dag__kind_noop;
