/* SPDX-License-Identifier: MIT */
/*
 * Kernels before 5.9 have no close_range(), and filters of containers may refuse it.  Then /proc
 * tells which descriptors are open; without /proc, each number up to the limit is tried.
 */
#include "close-from.h"

#include <glib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* A higher limit would take seconds. */
#define MAX_TRIED 1048576

/* Returns: false if /proc does not show the descriptors. */
static bool
close_listed(int first)
{
    g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(int));
    GDir *directory = g_dir_open("/proc/self/fd", 0, NULL);
    const char *name;

    if (!directory)
        return false;
    while ((name = g_dir_read_name(directory))) {
        int fd = (int)strtol(name, NULL, 10);

        if (fd >= first)
            g_array_append_val(open, fd);
    }
    g_dir_close(directory);
    for (guint i = 0; i < open->len; i++) /* that of the directory is closed already */
        close(g_array_index(open, int, i));
    return true;
}

void
dag__close_from(int first)
{
    struct rlimit limit = {MAX_TRIED, MAX_TRIED};

    if (close_range((unsigned)first, ~0U, 0) == 0 || close_listed(first))
        return;
    getrlimit(RLIMIT_NOFILE, &limit);
    for (int fd = first; fd < (int)MIN(limit.rlim_max, MAX_TRIED); fd++)
        close(fd);
}
