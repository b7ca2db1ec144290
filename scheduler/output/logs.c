/* SPDX-License-Identifier: MIT */
/*
 * A log is created when its task writes its first byte, so a silent task has none and costs
 * nothing.  A log is always a new file: a file that another run still writes, or the target of a
 * link, stays as it is.
 */
#include "output/logs.h"

#include "output/file-name.h"

#include <dagrun/error.h>
#include <dagrun/execute.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".log"

struct Logs {
    const DagGraph *graph;
    int directory_fd;
};

char *
dag_log_name(const DagGraph *graph, DagTaskId id)
{
    g_return_val_if_fail(graph, NULL);
    g_return_val_if_fail(id < dag_graph_n_tasks(graph), NULL);
    return dag__file_name(graph, id, SUFFIX);
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

int
dag__logs_continue(const Logs *logs, DagTaskId id)
{
    g_autofree char *name = dag_log_name(logs->graph, id);

    return open_log(logs, name, 2); /* as for a later attempt: keep the text */
}
