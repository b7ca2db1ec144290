/* SPDX-License-Identifier: MIT */
/*
 * A file in memory, for functions that need a path.
 */
#pragma once

#include <stddef.h>

typedef struct MemoryFile {
    int fd;
    char path[32]; /* valid in this process while the file is open */
} MemoryFile;

/* Returns: a file with a copy of the bytes, [length]. */
MemoryFile memory_file_open(const void *bytes, size_t length);
void memory_file_close(MemoryFile *file);
