/* SPDX-License-Identifier: MIT */
/*
 * A list of blocks.  Pieces are taken from the first one.  A large request gets a block of its own,
 * which is put second, so that the first block keeps being filled.
 */
#include "model/arena.h"

#include <glib.h>
#include <stdalign.h>
#include <string.h>

/* Large enough for a short list, small enough for a cheap graph of ten tasks. */
#define BLOCK_SIZE ((size_t)64 * 1024 - 64)

typedef struct Block Block;
struct Block {
    Block *next;
    size_t used;
    size_t size;
    alignas(max_align_t) char bytes[];
};

struct DagArena {
    Block *blocks; /* the first is the one being filled */
};

static Block *
block_new(size_t size)
{
    Block *block = g_malloc(sizeof(Block) + size);

    block->next = NULL;
    block->used = 0;
    block->size = size;
    return block;
}

DagArena *
dag__arena_new(void)
{
    DagArena *arena = g_new(DagArena, 1);

    arena->blocks = block_new(BLOCK_SIZE);
    return arena;
}

void
dag__arena_free(DagArena *arena)
{
    if (!arena)
        return;
    for (Block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        g_free(block);
    }
    g_free(arena);
}

/* Return `size` bytes at an address divisible by `align`, a power of two. */
static char *
take(DagArena *arena, size_t size, size_t align)
{
    Block *block = arena->blocks;
    size_t start = (block->used + align - 1) & ~(align - 1);

    if (start > block->size || block->size - start < size) {
        start = 0;
        if (size > BLOCK_SIZE / 4) {
            block = block_new(size);
            block->next = arena->blocks->next;
            arena->blocks->next = block;
        } else {
            block = block_new(BLOCK_SIZE);
            block->next = arena->blocks;
            arena->blocks = block;
        }
    }
    block->used = start + size;
    return block->bytes + start;
}

void *
dag__arena_alloc(DagArena *arena, size_t size)
{
    return memset(take(arena, size, alignof(max_align_t)), 0, size);
}

char *
dag__arena_strndup(DagArena *arena, const char *text, size_t length)
{
    char *copy = take(arena, length + 1, 1);

    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *
dag__arena_strdup(DagArena *arena, const char *text)
{
    return text ? dag__arena_strndup(arena, text, strlen(text)) : NULL;
}
