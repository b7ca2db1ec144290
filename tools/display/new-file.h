/* SPDX-License-Identifier: MIT */
/*
 * A file that takes the place of another when it is complete, and never in part.
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

typedef struct NewFile {
    char *target;       /* the file to replace; NULL: it is written itself */
    char *name;         /* of the new file; NULL: it has none yet */
    struct stat before; /* of the target; st_nlink is 0 if there is none */
} NewFile;

/*
 * Open a file that shall replace `path`; if that is a device, a pipe, or a symbolic link to a file that does
 * not exist yet, open it itself.  *file must be zero, and be cleared with new_file_clear() in any case.
 * Returns: a descriptor, which the caller closes; -1 with errno set.
 */
int new_file_open(NewFile *file, const char *path);

/* Put the file, which is complete and open as `fd`, in the place of the old one.
 * Returns: false with errno set. */
bool new_file_put(NewFile *file, int fd);

/* Free what belongs to the file, and remove it from the disk if it is not wanted. */
void new_file_clear(NewFile *file, bool remove);
