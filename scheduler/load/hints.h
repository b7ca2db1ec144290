/* SPDX-License-Identifier: MIT */
/*
 * The words of other tools, and what they are called here.
 */
#pragma once

#include "load/vocabulary.h"

/* Return the end of a message about an unknown attribute of an element of this kind, such as
 * "; write needs=\"…\""; NULL if the word is unknown.  `kind` is ELEMENT_KIND for those of kinds. */
const char *dag__attribute_hint(DagElementKind kind, const char *attribute);

/* The same for an unknown element within an element of this kind. */
const char *dag__element_hint(DagElementKind parent, const char *element);
