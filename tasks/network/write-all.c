/* SPDX-License-Identifier: MIT */
#include "write-all.h"

#include <errno.h>
#include <unistd.h>

bool
write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        bytes += n;
        size -= (size_t)n;
    }
    return true;
}
