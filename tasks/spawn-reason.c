/* SPDX-License-Identifier: MIT */
/*
 * The kernel gives one number for many mistakes: ENOENT is a missing program, a missing interpreter or a
 * missing directory.  So look at the files after a failure, and say which it is.
 */
#include "spawn-reason.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Returns: 0, or the errno for which no process can enter the directory. */
static int
check_directory(const DagProcess *process)
{
    if (!process->directory)
        return 0;
    if (access(process->directory, X_OK) < 0)
        return errno;
    return g_file_test(process->directory, G_FILE_TEST_IS_DIR) ? 0 : ENOTDIR;
}

/* Return the path of a program that is named with a "/"; NULL if PATH is searched for it.  Free with
 * g_free(). */
static char *
program_path(const DagProcess *process)
{
    const char *program = process->arguments[0];

    if (!strchr(program, '/'))
        return NULL;
    return process->directory && !g_path_is_absolute(program)
               ? g_build_filename(process->directory, program, NULL)
               : g_strdup(program);
}

/* Return why the file at `path` cannot be run although it is there; free with g_free().  NULL: no
 * special reason. */
static char *
file_reason(const char *path, int problem)
{
    char line[256] = "";

    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return NULL;
    if (problem == EACCES && g_file_test(path, G_FILE_TEST_IS_DIR))
        return g_strdup("it is a directory");
    if (problem == EACCES && access(path, X_OK) < 0)
        return g_strdup("it is not executable (chmod +x makes it so)");
    if (problem != ENOENT)
        return NULL;

    /* ENOENT means the interpreter that a script names in its first line. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    ssize_t n = fd < 0 ? 0 : read(fd, line, sizeof line - 1);

    if (fd >= 0)
        close(fd);
    line[MAX(n, 0)] = '\0';
    line[strcspn(line, "\n")] = '\0';
    if (!g_str_has_prefix(line, "#!"))
        return g_strdup("its interpreter does not exist");
    if (g_str_has_suffix(line, "\r"))
        return g_strdup("its first line ends in CR LF; save it with LF alone");
    g_strstrip(memmove(line, line + 2, strlen(line + 2) + 1));
    line[strcspn(line, " \t")] = '\0';
    return g_strdup_printf("its interpreter \"%s\" does not exist; see its first line",
                           line);
}

/* Return the reason for E2BIG, with the argument or variable that is too long by itself; free with
 * g_free(). */
static char *
too_long_reason(const DagProcess *process, char **environment)
{
    static const char limit[] = "and the kernel accepts no more than 128 KiB; pass it with "
                                "stdin or as a file";
    const char *program = process->arguments[0];

    for (size_t i = 1; process->arguments[i]; i++)
        if (strlen(process->arguments[i]) >= DAG_MAX_ARGUMENT)
            return g_strdup_printf("cannot run \"%s\": its argument %zu has %zu bytes, %s",
                                   program, i, strlen(process->arguments[i]), limit);
    for (char **entry = environment; *entry; entry++)
        if (strlen(*entry) >= DAG_MAX_ARGUMENT)
            return g_strdup_printf("cannot run \"%s\": the variable %.*s has %zu bytes, %s",
                                   program, (int)strcspn(*entry, "="), *entry,
                                   strlen(*entry) - strcspn(*entry, "=") - 1, limit);
    return g_strdup_printf("cannot run \"%s\": its arguments and environment are too long "
                           "together; pass large outputs with stdin or as files",
                           program);
}

char *
dag__spawn_reason(const DagProcess *process, char **environment, int problem)
{
    const char *program = process->arguments[0];
    int of_directory = check_directory(process);
    g_autofree char *path = program_path(process);
    g_autofree char *reason = path ? file_reason(path, problem) : NULL;

    if (of_directory)
        return g_strdup_printf("cannot enter the directory \"%s\": %s", process->directory,
                               g_strerror(of_directory));
    if (problem == ENOENT && *program && !strchr(program, '/') &&
        !g_environ_getenv(environment, "PATH"))
        return g_strdup_printf("cannot run \"%s\": the variable PATH is not set", program);
    if (reason)
        return g_strdup_printf("cannot run \"%s\": %s", program, reason);
    if (problem == E2BIG)
        return too_long_reason(process, environment);
    if (problem == ENOEXEC)
        return g_strdup_printf("cannot run \"%s\": not a program; a script needs a first "
                               "line such as #!/bin/sh",
                               program);
    if (problem == ENOENT && *program && !strchr(program, '/'))
        return g_strdup_printf("cannot run \"%s\": not found in PATH", program);
    return g_strdup_printf("cannot run \"%s\": %s", program, g_strerror(problem));
}
