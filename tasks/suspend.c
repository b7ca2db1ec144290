/* SPDX-License-Identifier: MIT */
/*
 * ^Z reaches dagrun only, since each program of a task leads a process group of its own; so it is
 * passed on.
 *
 * First SIGTSTP, which a program may catch to prepare for it.  That alone is not enough: a
 * program may ignore it, and the kernel ignores it in an orphaned process group, such as that of
 * a daemon in a session of its own.  So what still runs a moment later gets SIGSTOP, which
 * nothing can ignore.
 */
#include "family.h"
#include "groups.h"
#include "leftovers.h"

#include <dagrun/tasks.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

/* For programs to follow SIGTSTP; longer than most take to write a few bytes. */
#define PREPARE_MS 100

static void
send_to_group(pid_t group, void *data)
{
    kill(-group, GPOINTER_TO_INT(data));
}

static void
send_to_groups(int signal_number)
{
    dag__groups_each(send_to_group, GINT_TO_POINTER(signal_number));
}

/* Whether anything goes on; to all such, the signal. */
static bool
send_to_running(int signal_number)
{
    g_autoptr(GArray) ours = dag__leftovers_descendants();
    bool any = false;

    for (guint i = 0; i < ours->len; i++) {
        const Relative *one = &g_array_index(ours, Relative, i);

        if (one->state == 'T' || one->state == 't')
            continue;
        any = true;
        if (signal_number)
            kill(one->pid, signal_number);
    }
    return any;
}

void
dag_tasks_suspend(void)
{
    dag__groups_close();
    send_to_groups(SIGTSTP);
    for (int waited_ms = 0; waited_ms < PREPARE_MS && send_to_running(0); waited_ms += 10)
        poll(NULL, 0, 10);
    send_to_groups(SIGSTOP);
    /* What was just being forked is seen the next time. */
    for (int round = 0; round < 3 && send_to_running(SIGSTOP); round++)
        poll(NULL, 0, 1);
}

void
dag_tasks_resume(void)
{
    g_autoptr(GArray) ours = dag__leftovers_descendants();

    send_to_groups(SIGCONT);
    for (guint i = 0; i < ours->len; i++)
        kill(g_array_index(ours, Relative, i).pid, SIGCONT);
    dag__groups_open();
}
