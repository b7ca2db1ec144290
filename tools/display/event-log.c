/* SPDX-License-Identifier: MIT */
#include "display/event-log.h"

#include "commands/command.h"

#include <dagrun/report.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static void
write_lines(EventLog *log)
{
    const char *at = log->buffer->str;
    size_t left = log->buffer->len;

    while (left > 0 && log->problem == 0) {
        ssize_t n = write(log->fd, at, left);

        if (n < 0 && errno != EINTR)
            log->problem = errno;
        at += MAX(n, 0);
        left -= (size_t)MAX(n, 0);
    }
    g_string_truncate(log->buffer, 0);
}

static void
notify(const DagEvent *event, void *data)
{
    EventLog *log = data;

    dag_report_event_json(event, log->buffer);
}

static void
flush(void *log)
{
    write_lines(log);
}

bool
event_log_open(EventLog *log, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    if (fd < 0) {
        complain("cannot write \"%s\": %s", path, g_strerror(errno));
        return false;
    }
    *log = (EventLog){.path = path, .fd = fd, .buffer = g_string_new(NULL)};
    return true;
}

DagObserver
event_log_observer(EventLog *log)
{
    return (DagObserver){.notify = notify, .flush = flush, .data = log};
}

bool
event_log_close(EventLog *log)
{
    bool good;

    if (!log->path)
        return true;
    write_lines(log);
    if (close(log->fd) < 0 && log->problem == 0)
        log->problem = errno;
    good = log->problem == 0;
    if (!good)
        complain("cannot write \"%s\": %s", log->path, g_strerror(log->problem));
    g_string_free(log->buffer, TRUE);
    *log = (EventLog){0};
    return good;
}
