/* SPDX-License-Identifier: MIT */
/*
 * The program of a task with terminal="true" leads a process group of its own in the session of
 * dagrun, and is in the foreground of the terminal, as a job of a shell would be.  So the kernel sends
 * ^C and ^Z to this group alone: the worker passes both on to dagrun (local.c).
 *
 * The program puts itself into the foreground before its exec (spawn.c).  dagrun takes the terminal back
 * when the program has ended or is suspended, with the settings that it had before.  Meanwhile a shell
 * may have put a job of its own there: dagrun takes only what its task has.
 */
#include "foreground.h"

#include "orphans.h"
#include "process-table.h"
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* Between two looks for an answer, which usually comes within 5 ms. */
#define ANSWER_MS 2

struct Foreground {
    /* The last answer to a task that wants the terminal: its number plus 1, twice, plus whether it gets
     * it; 0: none. */
    atomic_uint_least64_t answer;

    pthread_mutex_t lock; /* protects all below */
    int fd;               /* of a task; -1: none has the terminal */
    pid_t group;          /* that the task's program leads; 0: it has not started */
    struct termios own;   /* the settings before the task */
    struct termios of_task;
    bool is_suspended; /* of_task is valid */
};

Foreground *
dag__foreground_new(const DagTasksOptions *options)
{
    Foreground *foreground = options->lends_terminal ? g_new0(Foreground, 1) : NULL;

    if (!foreground)
        return NULL;
    atomic_init(&foreground->answer, 0);
    pthread_mutex_init(&foreground->lock, NULL);
    foreground->fd = -1;
    return foreground;
}

void
dag__foreground_free(Foreground *foreground)
{
    if (!foreground)
        return;
    pthread_mutex_destroy(&foreground->lock);
    g_free(foreground);
}

bool
dag_tasks_wants_terminal(const DagGraph *graph, DagTaskId id)
{
    g_return_val_if_fail(graph, false);

    size_t n_pools, n;
    const DagPool *pools = dag_graph_pools(graph, &n_pools);
    const DagUse *uses = dag_graph_task_uses(graph, id, &n);

    if (dag_graph_task_kind(graph, id)->engine != &dag__tasks_engine)
        return false;
    for (size_t i = 0; i < n; i++)
        if (g_str_equal(pools[uses[i].pool].name, DAG__TERMINAL))
            return true;
    return false;
}

/* Open the controlling terminal, by its own name if a standard descriptor leads there: a program such
 * as gpg passes the name on to a server.  Returns: -1 if there is none. */
static int
open_terminal(void)
{
    char path[64];

    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        int opened = -1;

        if (tcgetpgrp(fd) >= 0 && ttyname_r(fd, path, sizeof(path)) == 0)
            opened = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
        if (opened >= 0 && tcgetpgrp(opened) >= 0)
            return opened;
        if (opened >= 0)
            close(opened);
    }
    return open(DAG__TERMINAL, O_RDWR | O_CLOEXEC | O_NOCTTY);
}

/* Open the terminal if this process is in its foreground.  Returns: -1 if not. */
static int
open_foreground(void)
{
    int fd = open_terminal();

    if (fd < 0 || tcgetpgrp(fd) == getpgrp())
        return fd;
    close(fd);
    return -1;
}

bool
dag_tasks_has_terminal(const DagTasks *tasks)
{
    g_return_val_if_fail(tasks, false);

    int fd = tasks->foreground ? open_foreground() : -1;

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static uint64_t
answer_to(DagTaskId id, bool lends)
{
    return ((uint64_t)id + 1) * 2 + lends;
}

void
dag_tasks_lend_terminal(DagTasks *tasks, DagTaskId id, bool lends)
{
    g_return_if_fail(tasks);
    if (tasks->foreground)
        atomic_store(&tasks->foreground->answer, answer_to(id, lends));
}

/* Returns: false if it gets no terminal, or is cancelled. */
static bool
await_answer(Foreground *foreground, DagContext *context)
{
    DagTaskId id = dag_context_task(context);
    uint64_t answer;

    while ((answer = atomic_load(&foreground->answer)) / 2 != answer_to(id, false) / 2 &&
           dag_context_cancel_level(context) == DAG_CANCEL_NONE)
        dag_context_poll(context, NULL, 0, ANSWER_MS);
    return answer == answer_to(id, true);
}

int
dag__foreground_take(DagTasks *tasks, DagContext *context)
{
    Foreground *foreground = tasks->foreground;
    int fd = foreground && await_answer(foreground, context) ? open_foreground() : -1;

    if (fd >= 0 && tcgetattr(fd, &foreground->own) < 0) {
        close(fd);
        fd = -1;
    }
    if (fd < 0)
        return -1;
    pthread_mutex_lock(&foreground->lock);
    foreground->fd = fd;
    foreground->group = 0;
    foreground->is_suspended = false;
    pthread_mutex_unlock(&foreground->lock);
    return fd;
}

void
dag__foreground_set_group(DagTasks *tasks, pid_t group)
{
    pthread_mutex_lock(&tasks->foreground->lock);
    tasks->foreground->group = group;
    pthread_mutex_unlock(&tasks->foreground->lock);
}

/* Put the group into the foreground, with these settings (or NULL). */
static void
set_foreground(int fd, pid_t group, const struct termios *settings)
{
    sigset_t stop, before;

    /* The kernel stops a process that does this from the background, unless it blocks SIGTTOU. */
    sigemptyset(&stop);
    sigaddset(&stop, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &stop, &before);
    if (settings)
        tcsetattr(fd, TCSANOW, settings);
    tcsetpgrp(fd, group);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Return whether the process group is that of the program, one that has ended, such as that of a program
 * that could not be executed, or a job of a shell that the task runs. */
static bool
is_of_task(DagTasks *tasks, pid_t group)
{
    g_autoptr(GArray) processes = NULL;

    if (group == tasks->foreground->group || (kill(-group, 0) < 0 && errno == ESRCH))
        return true;
    processes = dag__run_processes(tasks);
    for (guint i = 0; i < processes->len; i++)
        if (g_array_index(processes, ProcessEntry, i).group == group)
            return true;
    return false;
}

/* Returns: false if the task is not in the foreground. */
static bool
reclaim_locked(DagTasks *tasks)
{
    const Foreground *foreground = tasks->foreground;
    pid_t front = tcgetpgrp(foreground->fd);

    if (front <= 0 || front == getpgrp() || !is_of_task(tasks, front))
        return false;
    set_foreground(foreground->fd, getpgrp(), &foreground->own);
    return true;
}

void
dag__foreground_reclaim(DagTasks *tasks)
{
    pthread_mutex_lock(&tasks->foreground->lock);
    reclaim_locked(tasks);
    pthread_mutex_unlock(&tasks->foreground->lock);
}

bool
dag__foreground_give_back(DagTasks *tasks)
{
    Foreground *foreground = tasks->foreground;
    bool is_there;

    pthread_mutex_lock(&foreground->lock);
    reclaim_locked(tasks);
    is_there = tcgetpgrp(foreground->fd) >= 0;
    close(foreground->fd);
    foreground->fd = -1;
    atomic_store(&foreground->answer, 0);
    pthread_mutex_unlock(&foreground->lock);
    return is_there;
}

void
dag__foreground_pass_stop_on(DagTasks *tasks, pid_t program)
{
    siginfo_t info = {0};

    /* While the tasks are suspended, dagrun has stopped it itself. */
    if (!dag__groups_are_closed(tasks->groups) &&
        waitid(P_PID, (id_t)program, &info, WSTOPPED | WNOHANG) == 0 && info.si_pid != 0)
        kill(getpid(), SIGTSTP);
}

void
dag__foreground_suspend(DagTasks *tasks)
{
    Foreground *foreground = tasks->foreground;
    struct termios settings;

    if (!foreground)
        return;
    pthread_mutex_lock(&foreground->lock);
    if (foreground->fd >= 0 && foreground->group > 0 &&
        tcgetattr(foreground->fd, &settings) == 0 && reclaim_locked(tasks)) {
        foreground->of_task = settings;
        foreground->is_suspended = true;
    }
    pthread_mutex_unlock(&foreground->lock);
}

void
dag__foreground_resume(DagTasks *tasks)
{
    Foreground *foreground = tasks->foreground;

    if (!foreground)
        return;
    pthread_mutex_lock(&foreground->lock);
    if (foreground->fd >= 0 && foreground->group > 0 &&
        tcgetpgrp(foreground->fd) == getpgrp()) {
        set_foreground(foreground->fd, foreground->group,
                       foreground->is_suspended ? &foreground->of_task : NULL);
        foreground->is_suspended = false;
    }
    pthread_mutex_unlock(&foreground->lock);
}
