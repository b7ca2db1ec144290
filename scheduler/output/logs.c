/* SPDX-License-Identifier: MIT */
/*
 * A log is created when its task writes its first byte, so a silent task has none and costs
 * nothing.  A log is always a new file: a file that another run still writes, or the target of a
 * link, stays as it is.
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

/* The longest name in bytes that all common file systems accept. */
#define MAX_NAME 255

#define SUFFIX ".log"

struct Logs {
    const DagGraph *graph;
    int directory_fd;
};

/* Names of tasks in XML have only these characters; names set in C may have any. */
static bool
is_harmless(char c)
{
    return g_ascii_isalnum(c) || strchr("_-.", c) || (c & 0x80);
}

char *
dag_log_name(const DagGraph *graph, DagTaskId id)
{
    g_return_val_if_fail(graph, NULL);
    g_return_val_if_fail(id < dag_graph_n_tasks(graph), NULL);
    g_return_val_if_fail(graph && id < dag_graph_n_tasks(graph), NULL);

    const char *task = dag_graph_task_name(graph, id);
    GString *name = g_string_new(NULL);

    for (const char *c = task; *c; c++)
        if (is_harmless(*c) && (c > task || *c != '.'))
            g_string_append_c(name, *c);
        else
            g_string_append_printf(name, "%%%02X", (unsigned char)*c);
    if (name->len + strlen(SUFFIX) > MAX_NAME) {
        /* Two names may differ only in the part cut off.  No other name has a '~'. */
        g_autofree char *number = g_strdup_printf("~%u", dag_graph_position(graph, id) + 1);

        size_t length = MAX_NAME - strlen(SUFFIX) - strlen(number);

        while ((name->str[length] & 0xc0) == 0x80) /* in the middle of a UTF-8 character */
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

        unlinkat(fd, name, 0); /* dag__logs_begin() reports one that cannot be removed */
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

/* Open a log for reading and appending.  Returns: -1 with errno set. */
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
        close(fd); /* replaced since the first attempt */
        errno = EEXIST;
        return -1;
    }
    return fd;
}

/* Write a line that marks the beginning of an attempt.  Returns: false with errno set. */
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
