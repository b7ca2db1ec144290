/* SPDX-License-Identifier: MIT */
/*
 * The digest holds no secrets, so its key is a constant.  A SHA-256 would take a third of the time that storing the
 * tasks of the graph takes.
 */
#include "store/graph-digest.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Open a regular file.  Returns: -1 for all else. */
static int
open_regular(const char *path)
{
    struct stat info;
    int fd;

    /* Not by open() alone: that would wake up a process that waits for a reader of a pipe. */
    if (stat(path, &info) < 0 || !S_ISREG(info.st_mode))
        return -1;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0 && (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode))) {
        close(fd);
        fd = -1;
    }
    return fd;
}

bool
dag__graph_digest(const char *path, uint8_t *digest_out)
{
    const uint8_t key[KEYED_DIGEST_SIZE] = {0};
    char bytes[16 << 10];
    KeyedDigest sum;
    ssize_t n;
    int fd = open_regular(path);

    if (fd < 0)
        return false;
    dag__keyed_digest_init(&sum, key);
    do {
        n = read(fd, bytes, sizeof(bytes));
        if (n > 0)
            dag__keyed_digest_add(&sum, bytes, (size_t)n);
    } while (n > 0 || (n < 0 && errno == EINTR));
    close(fd);
    dag__keyed_digest_end(&sum, digest_out);
    return n == 0;
}
