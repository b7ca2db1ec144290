/* SPDX-License-Identifier: MIT */
#include "descriptors.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static unsigned
count_entries(const char *path)
{
    g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
    unsigned n = 0;

    g_assert_nonnull(directory);
    while (g_dir_read_name(directory))
        n++;
    return n;
}

unsigned
count_descriptors(void)
{
    return count_entries("/proc/self/fd") - 1; /* that of the directory itself */
}

void
end_unused_threads(void)
{
    /* Stop waiting after a while: a sanitizer may have a permanent thread. */
    for (int i = 0; i < 1000 && count_entries("/proc/self/task") > 1; i++) {
        g_thread_pool_stop_unused_threads();
        g_usleep(1000);
    }
}

/* Returns: whether the process with directory `number` in /proc is a child of `parent`. */
static bool
is_child(const char *number, pid_t parent)
{
    g_autofree char *path = g_build_filename("/proc", number, "stat", NULL);
    g_autofree char *text = NULL;
    const char *behind_name;

    if (!g_ascii_isdigit(*number) || !g_file_get_contents(path, &text, NULL, NULL))
        return false;
    behind_name = strrchr(text, ')'); /* number (name) state parent … */
    return behind_name && strlen(behind_name) > 4 &&
           g_ascii_strtoll(behind_name + 4, NULL, 10) == parent;
}

unsigned
count_children(void)
{
    g_autoptr(GDir) directory = g_dir_open("/proc", 0, NULL);
    const char *name;
    unsigned n = 0;

    g_assert_nonnull(directory);
    while ((name = g_dir_read_name(directory)))
        n += is_child(name, getpid());
    return n;
}
