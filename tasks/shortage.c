/* SPDX-License-Identifier: MIT */
/*
 * Pauses grow from the duration of a short program to one that costs next to nothing.  While a
 * program of the run is under way, or one has ended lately, waiting makes sense.  Otherwise other
 * processes hold the resource, and may need some seconds.
 */
#include "shortage.h"

#include <dagrun/context.h>
#include <dagrun/duration.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define FIRST_PAUSE_MS 2
#define LAST_PAUSE_MS  250
#define BUSY_PAUSE_MS  20 /* the last one while programs of the run end */
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

bool
dag__shortage_is_hopeless(Shortage *shortage, GroupTable *groups, int64_t now_ns)
{
    int64_t last_end_ns = dag__groups_last_end_ns(groups);

    if (shortage->since_ns == 0)
        shortage->since_ns = now_ns;
    /* A program that starts and ends between two looks is seen by its end. */
    return !dag__groups_any(groups) &&
           now_ns - MAX(shortage->since_ns, last_end_ns) >= ALONE_NS;
}

/* Return the longest pause: programs of the run that end now give back what the task waits for. */
static int
longest_pause_ms(GroupTable *groups)
{
    int64_t since_ns = dag_clock_ns() - dag__groups_last_end_ns(groups);

    return since_ns < LAST_PAUSE_MS * INT64_C(1000000) ? BUSY_PAUSE_MS : LAST_PAUSE_MS;
}

bool
dag__shortage_wait(Shortage *shortage, DagTasks *tasks, DagContext *context)
{
    int next_ms = shortage->pause_ms ? 2 * shortage->pause_ms : FIRST_PAUSE_MS;

    if (dag__shortage_is_hopeless(shortage, tasks->groups, dag_clock_ns()))
        return false;
    shortage->pause_ms = MIN(next_ms, longest_pause_ms(tasks->groups));
    dag_context_poll(context, NULL, 0, shortage->pause_ms);
    return dag_context_cancel_level(context) == DAG_CANCEL_NONE;
}
