/* SPDX-License-Identifier: MIT */
/*
 * Memory that is handed out in small pieces and freed all at once: what a graph is made of.
 * One million tasks are a few hundred blocks, not several million allocations.
 */
#pragma once

#include <stddef.h>

typedef struct DagArena DagArena;

DagArena *dag__arena_new(void);
void dag__arena_free(DagArena *arena);

/* Returns: `size` zeroed bytes, aligned for any type. */
void *dag__arena_alloc(DagArena *arena, size_t size);

/* Returns: a copy of the `length` bytes at `text`, and a NUL. */
char *dag__arena_strndup(DagArena *arena, const char *text, size_t length);

/* Returns: a copy of `text`; NULL for NULL. */
char *dag__arena_strdup(DagArena *arena, const char *text);
