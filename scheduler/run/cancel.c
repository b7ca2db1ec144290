/* SPDX-License-Identifier: MIT */
/*
 * The level is an atomic number.  Each level also has an eventfd that becomes readable, and stays
 * so because it is never read.  So any number of threads can wait for it in poll(), beside other
 * descriptors, and a signal handler can write to it.
 */
#include <dagrun/cancel.h>

#include <dagrun/error.h>
#include <errno.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct DagCancel {
    atomic_int level;
    atomic_int signal_number;
    int fds[DAG_N_CANCEL_LEVELS]; /* read-only once made; of NONE: -1 */
};

DagCancel *
dag_cancel_new(GError **error)
{
    DagCancel *cancel = g_new0(DagCancel, 1);

    cancel->fds[DAG_CANCEL_NONE] = -1;
    cancel->fds[DAG_CANCEL_TERM] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    cancel->fds[DAG_CANCEL_KILL] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (cancel->fds[DAG_CANCEL_TERM] < 0 || cancel->fds[DAG_CANCEL_KILL] < 0) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot make an event descriptor: %s",
                    g_strerror(errno));
        dag_cancel_free(cancel);
        return NULL;
    }
    return cancel;
}

void
dag_cancel_free(DagCancel *cancel)
{
    if (!cancel)
        return;
    for (int level = DAG_CANCEL_TERM; level < DAG_N_CANCEL_LEVELS; level++)
        if (cancel->fds[level] >= 0)
            close(cancel->fds[level]);
    g_free(cancel);
}

void
dag_cancel_raise(DagCancel *cancel, int signal_number)
{
    g_return_if_fail(cancel);

    int saved_errno = errno, expected = 0;
    int before = atomic_load(&cancel->level);

    atomic_compare_exchange_strong(&cancel->signal_number, &expected, signal_number);
    while (before < DAG_CANCEL_KILL &&
           !atomic_compare_exchange_weak(&cancel->level, &before, before + 1))
        ;
    if (before < DAG_CANCEL_KILL) {
        ssize_t written = write(cancel->fds[before + 1], &(uint64_t){1}, sizeof(uint64_t));

        (void)written; /* fails only if the counter is full, and then it is readable */
    }
    errno = saved_errno;
}

DagCancelLevel
dag_cancel_level(const DagCancel *cancel)
{
    g_return_val_if_fail(cancel, DAG_CANCEL_NONE);
    return (DagCancelLevel)atomic_load(&cancel->level);
}

int
dag_cancel_signal(const DagCancel *cancel)
{
    g_return_val_if_fail(cancel, 0);
    return atomic_load(&cancel->signal_number);
}

int
dag_cancel_fd(const DagCancel *cancel, DagCancelLevel level)
{
    g_return_val_if_fail(cancel, -1);
    g_return_val_if_fail(level == DAG_CANCEL_TERM || level == DAG_CANCEL_KILL, -1);
    return cancel->fds[level];
}
