/* SPDX-License-Identifier: MIT */
/*
 * A relative TMPDIR counts as wrong: tasks run in other directories than dagrun, so one value would
 * mean several places.
 */
#include "output/temporary.h"

#include <dagrun/run-files.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Return the value of TMPDIR, or NULL if it is empty or not set. */
static const char *
find_tmpdir(void)
{
    const char *value = g_getenv("TMPDIR");

    return value && *value ? value : NULL;
}

/* Return why `path` cannot be the directory of temporary files, or NULL. */
static const char *
find_problem(const char *path)
{
    struct stat info;

    if (!g_path_is_absolute(path))
        return "not an absolute path";
    if (stat(path, &info) < 0)
        return g_strerror(errno);
    return S_ISDIR(info.st_mode) ? NULL : g_strerror(ENOTDIR);
}

void
dag__temporary_directories(const char *directories_out[DAG__N_TEMPORARY])
{
    const char *wanted = find_tmpdir();
    size_t n = 0;

    if (wanted && !find_problem(wanted)) {
        directories_out[n++] = wanted;
    } else {
        if (!wanted)
            directories_out[n++] = "/var/tmp";
        directories_out[n++] = "/tmp";
    }
    directories_out[n] = NULL;
}

/* Open a file without a name in `directory`.  Returns: -1 with errno set. */
static int
open_nameless(const char *directory)
{
    int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;

    /* The file system does not support that: create a file and unlink it. */
    g_autofree char *path = g_build_filename(directory, "dagrun-XXXXXX", NULL);

    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

int
dag__temporary_open(void)
{
    const char *directories[DAG__N_TEMPORARY];
    int fd = -1;

    dag__temporary_directories(directories);
    for (size_t i = 0; directories[i] && fd < 0; i++)
        fd = open_nameless(directories[i]);
    return fd;
}

char *
dag_run_files_check_tmpdir(void)
{
    const char *wanted = find_tmpdir();
    const char *problem = wanted ? find_problem(wanted) : NULL;

    return problem ? g_strdup_printf("TMPDIR is \"%s\": %s; temporary files go to /tmp",
                                     wanted, problem)
                   : NULL;
}
