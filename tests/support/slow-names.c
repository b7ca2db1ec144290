/* SPDX-License-Identifier: MIT */
/*
 * A library for LD_PRELOAD: look-ups of names.  Each adds its name as a line to the file NAMES_LOG, and waits
 * while the file NAMES_WAIT exists.  The first NAMES_FAIL of them find nothing.  Every name is 127.0.0.1.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
note(const char *name)
{
    const char *path = getenv("NAMES_LOG");
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;
    char line[256];
    int length = snprintf(line, sizeof(line), "%s\n", name ? name : "");

    if (fd < 0)
        return;
    if (write(fd, line, (size_t)length) != length)
        abort();
    close(fd);
}

int
getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
            struct addrinfo **result_out)
{
    static atomic_int n_calls;
    const char *wait = getenv("NAMES_WAIT"), *fail = getenv("NAMES_FAIL");
    void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");
    __typeof__(getaddrinfo) *real;

    note(name);
    while (wait && access(wait, F_OK) == 0)
        usleep(2000);
    if (fail && atomic_fetch_add(&n_calls, 1) < atoi(fail))
        return EAI_NONAME;
    memcpy(&real, &symbol, sizeof(real));
    return real(name ? "127.0.0.1" : NULL, service, hints, result_out);
}
