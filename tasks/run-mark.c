/* SPDX-License-Identifier: MIT */
/*
 * The value begins with the number of the process that runs dagrun, so that a run recognises the
 * marks of other runs in the same process.  (Jenkins finds its processes by a variable, too.)
 */
#include "run-mark.h"

#include <glib.h>
#include <string.h>
#include <unistd.h>

char *
dag__mark_new(void)
{
    return g_strdup_printf("%s%d.%08x%08x", DAG__MARK_PREFIX, (int)getpid(), g_random_int(),
                           g_random_int());
}

MarkFound
dag__mark_find(pid_t pid, const char *mark)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/environ", (int)pid);
    g_autofree char *text = NULL;
    size_t process_length = strcspn(mark, ".") + 1;
    gsize size = 0;

    if (!g_file_get_contents(path, &text, &size, NULL))
        return MARK_NONE;
    for (const char *entry = text; entry < text + size; entry += strlen(entry) + 1) {
        if (strcmp(entry, mark) == 0)
            return MARK_OWN;
        if (strncmp(entry, mark, process_length) == 0)
            return MARK_OTHER;
    }
    return MARK_NONE;
}
