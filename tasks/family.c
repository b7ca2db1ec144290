/* SPDX-License-Identifier: MIT */
/*
 * One look at all of /proc: for rare occasions, a few tens of microseconds a process.
 */
#include "family.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As much of a command as a line of a message can take. */
#define COMMAND_LENGTH 60

/* Returns: false if there is no such process any more. */
static bool
read_relative(const char *number, Relative *relative_out)
{
    g_autofree char *path = g_build_filename("/proc", number, "stat", NULL);
    g_autofree char *text = NULL;
    const char *behind_name;
    int parent, group;
    char state;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return false;
    behind_name = strrchr(text, ')'); /* number (name) state parent group … */
    if (!behind_name || sscanf(behind_name, ") %c %d %d", &state, &parent, &group) != 3)
        return false;
    *relative_out = (Relative){
        .pid = (pid_t)strtol(number, NULL, 10),
        .parent = parent,
        .group = group,
        .state = state,
    };
    return true;
}

GArray *
dag__family_read(void)
{
    GArray *family = g_array_new(FALSE, FALSE, sizeof(Relative));
    g_autoptr(GDir) directory = g_dir_open("/proc", 0, NULL);
    const char *name;

    while (directory && (name = g_dir_read_name(directory))) {
        Relative relative;

        if (g_ascii_isdigit(*name) && read_relative(name, &relative))
            g_array_append_val(family, relative);
    }
    return family;
}

/* Returns: whether there was anybody to mark. */
static bool
spread_once(GArray *family, GHashTable *ours)
{
    bool any = false;

    for (guint i = 0; i < family->len; i++) {
        Relative *relative = &g_array_index(family, Relative, i);

        if (!relative->is_ours &&
            g_hash_table_contains(ours, GINT_TO_POINTER(relative->parent))) {
            relative->is_ours = true;
            g_hash_table_add(ours, GINT_TO_POINTER(relative->pid));
            any = true;
        }
    }
    return any;
}

void
dag__family_spread(GArray *family, pid_t root)
{
    g_autoptr(GHashTable) ours = g_hash_table_new(NULL, NULL);

    g_hash_table_add(ours, GINT_TO_POINTER(root));
    for (guint i = 0; i < family->len; i++) {
        const Relative *relative = &g_array_index(family, Relative, i);

        if (relative->is_ours)
            g_hash_table_add(ours, GINT_TO_POINTER(relative->pid));
    }
    while (spread_once(family, ours))
        ;
}

char *
dag__family_command(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/cmdline", (int)pid);
    g_autofree char *words = NULL;
    g_autofree char *name = NULL;
    gsize size = 0;

    if (g_file_get_contents(path, &words, &size, NULL) && size > 1) {
        for (gsize i = 0; i < size - 1; i++)
            if (g_ascii_iscntrl(words[i]))
                words[i] = ' ';
        g_strchomp(words);
        if (strlen(words) >= COMMAND_LENGTH + sizeof("…"))
            memcpy(words + COMMAND_LENGTH, "…", sizeof("…"));
        return g_utf8_make_valid(words, -1);
    }
    g_free(path);
    path = g_strdup_printf("/proc/%d/comm", (int)pid);
    if (!g_file_get_contents(path, &name, NULL, NULL))
        return g_strdup("?");
    return g_utf8_make_valid(g_strchomp(name), -1);
}
