/* SPDX-License-Identifier: MIT */
#include "memory-file.h"

#include <glib.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

MemoryFile
memory_file_open(const void *bytes, size_t length)
{
    MemoryFile file = {.fd = memfd_create("graph", MFD_CLOEXEC)};

    g_assert_cmpint(file.fd, >=, 0);
    for (size_t done = 0; done < length;) {
        ssize_t n = write(file.fd, (const char *)bytes + done, length - done);

        g_assert_cmpint(n, >, 0);
        done += (size_t)n;
    }
    snprintf(file.path, sizeof(file.path), "/proc/self/fd/%d", file.fd);
    return file;
}

void
memory_file_close(MemoryFile *file)
{
    close(file->fd);
}
