/* SPDX-License-Identifier: MIT */
#include "store/past-process.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int64_t
dag__past_process_self(void)
{
    return getpid();
}

int64_t
dag__past_process_start(int64_t process)
{
    char path[sizeof("/proc//stat") + 20], text[1024];
    int64_t start = 0;
    ssize_t n = -1;
    int fd;
    const char *at;

    snprintf(path, sizeof(path), "/proc/%" PRId64 "/stat", process);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        n = read(fd, text, sizeof(text) - 1);
        close(fd);
    }
    text[n > 0 ? n : 0] = '\0';
    at = strrchr(text, ')'); /* the name may have blanks and brackets */
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    if (at)
        sscanf(at, "%" SCNd64, &start);
    return start;
}
