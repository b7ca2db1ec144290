/* SPDX-License-Identifier: MIT */
/*
 * Pauses grow from the duration of a short program to one that costs next to nothing.  While a
 * program of the run is under way, waiting makes sense: it will end.  Otherwise other processes hold
 * the resource, and may need some seconds.
 */
#include "shortage.h"

#include <dagrun/context.h>
#include <dagrun/duration.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define FIRST_PAUSE_MS 2
#define LAST_PAUSE_MS  250
#define ALONE_NS       5000000000

bool
dag__is_shortage(int problem)
{
    return problem == EMFILE || problem == ENFILE || problem == EAGAIN || problem == ENOMEM;
}

bool
dag__lacks_descriptors(void)
{
    int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);

    if (fd >= 0)
        close(fd);
    return fd < 0 && dag__is_shortage(errno);
}

/* Return whether no program of the run has run for ALONE_NS. */
static bool
is_hopeless(Shortage *shortage, DagTasks *tasks)
{
    int64_t now_ns = dag_clock_ns();

    if (dag__groups_any(tasks->groups)) {
        shortage->alone_ns = 0;
        return false;
    }
    if (shortage->alone_ns == 0)
        shortage->alone_ns = now_ns;
    return now_ns - shortage->alone_ns >= ALONE_NS;
}

bool
dag__shortage_wait(Shortage *shortage, DagTasks *tasks, DagContext *context)
{
    if (is_hopeless(shortage, tasks))
        return false;
    shortage->pause_ms =
        shortage->pause_ms ? MIN(2 * shortage->pause_ms, LAST_PAUSE_MS) : FIRST_PAUSE_MS;
    dag_context_poll(context, NULL, 0, shortage->pause_ms);
    return dag_context_cancel_level(context) == DAG_CANCEL_NONE;
}
