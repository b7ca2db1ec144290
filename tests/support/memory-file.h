/* SPDX-License-Identifier: MIT */
/*
 * A file without a place in any directory, for functions that want a name.
 */
#pragma once

#include <stddef.h>

typedef struct MemoryFile {
    int fd;
    char path[32]; /* as long as it is open, in this process */
} MemoryFile;

/* Returns: a file that holds a copy of the bytes, [length]. */
MemoryFile memory_file_open(const void *bytes, size_t length);
void memory_file_close(MemoryFile *file);
