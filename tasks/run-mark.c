/* SPDX-License-Identifier: MIT */
/*
 * A task may run dagrun.  The value of the inner run continues that of the outer one, so the outer
 * run recognizes all processes of the inner one, whatever happens to both.  Each part begins with
 * the number of the process that runs dagrun, so that a run recognizes the marks of other runs in
 * the same process.  (Jenkins finds its processes by a variable, too.)
 */
#include "run-mark.h"

#include <glib.h>
#include <string.h>
#include <unistd.h>

/* A longer chain, of more than a hundred runs, is cut off: each process has it in its environment. */
#define MAX_CHAIN 4096

/* Return the mark of the run within which this process runs, or NULL. */
static const char *
outer_chain(void)
{
    const char *chain = g_getenv("DAGRUN_RUN");

    if (!chain || !*chain || strlen(chain) > MAX_CHAIN ||
        chain[strspn(chain, "0123456789abcdef./")])
        return NULL;
    return chain;
}

char *
dag__mark_new(void)
{
    const char *outer = outer_chain();

    return g_strdup_printf("%s%s%s%d.%08x%08x", DAG__MARK_PREFIX, outer ? outer : "",
                           outer ? "/" : "", (int)getpid(), g_random_int(), g_random_int());
}

/* Return the relation of `entry`, a variable in the environment of a process, to `mark`. */
static MarkFound
compare(const char *entry, const char *mark)
{
    size_t length = strlen(mark), process_length = strrchr(mark, '.') + 1 - mark;

    if (strncmp(entry, mark, length) == 0 &&
        (entry[length] == '\0' || entry[length] == '/'))
        return MARK_OWN;
    return strncmp(entry, mark, process_length) == 0 ? MARK_OTHER : MARK_NONE;
}

MarkFound
dag__mark_find(pid_t pid, const char *mark)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/environ", (int)pid);
    g_autofree char *text = NULL;
    MarkFound found = MARK_NONE;
    gsize size = 0;

    if (!g_file_get_contents(path, &text, &size, NULL))
        return MARK_NONE;
    for (const char *entry = text; entry < text + size && found == MARK_NONE;
         entry += strlen(entry) + 1)
        found = compare(entry, mark);
    return found;
}
