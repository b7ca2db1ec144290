/* SPDX-License-Identifier: MIT */
/*
 * Memory that is allocated in small pieces and freed all at once; a graph is made of it.  One
 * million tasks take a few hundred blocks instead of several million allocations.
 */
#pragma once

#include <stddef.h>

typedef struct DagArena DagArena;

DagArena *dag__arena_new(void);
void dag__arena_free(DagArena *arena);

/* Return `size` zeroed bytes, aligned for any type. */
void *dag__arena_alloc(DagArena *arena, size_t size);

/* Return a copy of the `length` bytes at `text`, with a NUL. */
char *dag__arena_strndup(DagArena *arena, const char *text, size_t length);

/* Return a copy of `text`; NULL for NULL. */
char *dag__arena_strdup(DagArena *arena, const char *text);
