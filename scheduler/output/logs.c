/* SPDX-License-Identifier: MIT */
/*
 * A log is made when its task says its first word, so a task that says nothing has none and
 * costs nothing.  It is always a new file: what another run still writes, or what a link of that
 * name points to, is left alone.
 */
#include "output/logs.h"

#include <dagrun/error.h>
#include <dagrun/execute.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The longest name, in bytes, that every usual file system takes. */
#define MAX_NAME 255

#define SUFFIX ".log"

struct Logs {
    const DagGraph *graph;
    int directory_fd;
};

/* In XML, the name of a task has none but harmless characters; in C, it may have any. */
static bool
is_harmless(char c)
{
    return g_ascii_isalnum(c) || strchr("_-.", c) || (c & 0x80);
}

char *
dag_log_name(const DagGraph *graph, DagTaskId id)
{
    const char *task = dag_graph_task_name(graph, id);
    GString *name = g_string_new(NULL);

    for (const char *c = task; *c; c++)
        if (is_harmless(*c) && (c > task || *c != '.'))
            g_string_append_c(name, *c);
        else
            g_string_append_printf(name, "%%%02X", (unsigned char)*c);
    if (name->len + strlen(SUFFIX) > MAX_NAME) {
        /* What is cut off may be the difference between two names; '~' is in none. */
        g_autofree char *number = g_strdup_printf("~%u", dag_graph_position(graph, id) + 1);

        size_t length = MAX_NAME - strlen(SUFFIX) - strlen(number);

        while ((name->str[length] & 0xc0) == 0x80) /* within a character of UTF-8 */
            length--;
        g_string_truncate(name, length);
        g_string_append(name, number);
    }
    g_string_append(name, SUFFIX);
    return g_string_free(name, FALSE);
}

Logs *
dag__logs_new(const DagGraph *graph, const char *directory, GError **error)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    Logs *logs;

    if (fd < 0) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot open the directory \"%s\": %s",
                    directory, g_strerror(errno));
        return NULL;
    }
    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++) {
        g_autofree char *name = dag_log_name(graph, id);

        unlinkat(fd, name, 0); /* one that stays is in the way later, which is told then */
    }
    logs = g_new(Logs, 1);
    *logs = (Logs){graph, fd};
    return logs;
}

void
dag__logs_free(Logs *logs)
{
    if (!logs)
        return;
    close(logs->directory_fd);
    g_free(logs);
}

/* Returns: a descriptor for reading and writing at its end, or -1 with errno set. */
static int
open_log(const Logs *logs, const char *name, unsigned attempt)
{
    const int flags = O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    struct stat info;
    int fd;

    if (attempt == 1 && unlinkat(logs->directory_fd, name, 0) < 0 && errno != ENOENT)
        return -1;
    fd = openat(logs->directory_fd, name, attempt == 1 ? flags | O_EXCL : flags, 0666);
    if (fd >= 0 && fstat(fd, &info) == 0 && !S_ISREG(info.st_mode)) {
        close(fd); /* put there since the first attempt */
        errno = EEXIST;
        return -1;
    }
    return fd;
}

/* Tells a reader of the file where the attempt begins.  Returns: false with errno set. */
static bool
write_heading(int fd, unsigned attempt)
{
    off_t size = lseek(fd, 0, SEEK_END);
    char last = '\n';
    g_autofree char *line = NULL;
    ssize_t n;

    if (size > 0 && pread(fd, &last, 1, size - 1) < 0)
        return false;
    line = g_strdup_printf("%s--- attempt %u ---\n", last == '\n' ? "" : "\n", attempt);
    n = write(fd, line, strlen(line));
    if (n >= 0 && (size_t)n < strlen(line))
        errno = ENOSPC;
    return n == (ssize_t)strlen(line);
}

void
dag__logs_begin(const Logs *logs, DagTaskId id, unsigned attempt, DagSpool *spool)
{
    g_autofree char *name = dag_log_name(logs->graph, id);
    int fd = open_log(logs, name, attempt), problem = errno;

    if (fd >= 0 && attempt > 1 && !write_heading(fd, attempt)) {
        problem = errno;
        close(fd);
        fd = -1;
    }
    dag__spool_set_log(spool, fd, problem);
}
