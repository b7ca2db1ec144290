/* SPDX-License-Identifier: MIT */
/*
 * Reads all of /proc, which takes some ten microseconds per process: for rare occasions.
 */
#include "process-table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* More of a command would make a message hard to read. */
#define COMMAND_WIDTH 60

/* Return whether the process runs the same program as this one. */
static bool
is_same_program(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/exe", (int)pid);
    struct stat own, other;

    return stat("/proc/self/exe", &own) == 0 && stat(path, &other) == 0 &&
           own.st_dev == other.st_dev && own.st_ino == other.st_ino;
}

/* Returns: false if the process is gone. */
static bool
read_entry(pid_t pid, ProcessEntry *entry_out)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int)pid);
    g_autofree char *text = NULL;
    const char *name, *behind_name;
    int parent, group, session;
    uint64_t start_ticks;
    char state;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return false;
    name = strchr(text, '(');
    /* number (name) state parent group session … start; the start is the 22nd. */
    behind_name = strrchr(text, ')');
    if (!name || !behind_name ||
        sscanf(behind_name,
               ") %c %d %d %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
               "%*s %" SCNu64,
               &state, &parent, &group, &session, &start_ticks) != 5)
        return false;
    *entry_out = (ProcessEntry){
        .pid = pid,
        .parent = parent,
        .group = group,
        .state = state,
        .start_ticks = start_ticks,
        .is_guard = g_str_has_prefix(name, "(" DAG__GUARD_NAME ")") && session == pid &&
                    is_same_program(pid),
    };
    return true;
}

bool
dag__process_is_guard(pid_t pid)
{
    ProcessEntry entry;

    return read_entry(pid, &entry) && entry.is_guard;
}

GArray *
dag__process_table_read_each(void (*act)(ProcessEntry *entry, void *data), void *data)
{
    GArray *table = g_array_new(FALSE, FALSE, sizeof(ProcessEntry));
    g_autoptr(GDir) directory = g_dir_open("/proc", 0, NULL);
    const char *name;

    while (directory && (name = g_dir_read_name(directory))) {
        ProcessEntry entry;

        if (!g_ascii_isdigit(*name) || !read_entry((pid_t)strtol(name, NULL, 10), &entry) ||
            entry.is_guard)
            continue;
        if (act)
            act(&entry, data);
        g_array_append_val(table, entry);
    }
    return table;
}

GArray *
dag__process_table_read(void)
{
    return dag__process_table_read_each(NULL, NULL);
}

/* Mark the children of the processes in `ours`.  Returns: false if none was marked. */
static bool
spread_once(GArray *table, GHashTable *ours)
{
    bool any = false;

    for (guint i = 0; i < table->len; i++) {
        ProcessEntry *entry = &g_array_index(table, ProcessEntry, i);

        if (!entry->is_ours &&
            g_hash_table_contains(ours, GINT_TO_POINTER(entry->parent))) {
            entry->is_ours = true;
            g_hash_table_add(ours, GINT_TO_POINTER(entry->pid));
            any = true;
        }
    }
    return any;
}

void
dag__process_table_spread(GArray *table, pid_t root)
{
    g_autoptr(GHashTable) ours = g_hash_table_new(NULL, NULL);

    if (root)
        g_hash_table_add(ours, GINT_TO_POINTER(root));
    for (guint i = 0; i < table->len; i++) {
        const ProcessEntry *entry = &g_array_index(table, ProcessEntry, i);

        if (entry->is_ours)
            g_hash_table_add(ours, GINT_TO_POINTER(entry->pid));
    }
    while (spread_once(table, ours))
        ;
}

bool
dag__process_entry_is_alive(const ProcessEntry *entry)
{
    return !strchr("ZX", entry->state);
}

/* Return a file of the process as a text of words, or NULL if it has none. */
static GString *
read_words(pid_t pid, const char *file)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/%s", (int)pid, file);
    g_autofree char *words = NULL;
    gsize size = 0;

    if (!g_file_get_contents(path, &words, &size, NULL))
        return NULL;
    while (size > 0 && strchr("\n", words[size - 1])) /* or the NUL after the last word */
        size--;
    for (gsize i = 0; i < size; i++)
        if (!words[i])
            words[i] = ' ';
    return size > 0 ? g_string_new_len(words, (gssize)size) : NULL;
}

char *
dag__process_command(pid_t pid, const DagMask *secrets)
{
    g_autoptr(GString) words = read_words(pid, "cmdline");
    g_autoptr(GString) clean = g_string_new(NULL);
    GString *command = g_string_new(NULL);

    if (!words)
        words = read_words(pid, "comm");
    if (!words)
        words = g_string_new("?");
    /* A part of a secret could not be recognized, so mask before shortening. */
    dag_mask_text(secrets, words, 0);
    dag_text_append_clean(clean, words->str);
    dag_text_append_fitted(command, g_strchomp(clean->str), COMMAND_WIDTH);
    return g_string_free(command, FALSE);
}
