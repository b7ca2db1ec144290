/* SPDX-License-Identifier: MIT */
/*
 * ^Z reaches only dagrun, since the program of each task leads a process group of its own; so
 * dagrun stops them itself.
 *
 * First SIGTSTP, which a program may catch to prepare.  That is not enough: a program may ignore
 * it, and the kernel ignores it in an orphaned process group, such as that of a daemon in a session
 * of its own.  So processes that still run a moment later get SIGSTOP, which cannot be ignored.
 * Those with the mark of the run get it as soon as they are found: one that forks and exits all
 * the time would be gone before the whole process table is read.
 */
#include "foreground.h"
#include "orphans.h"
#include "process-table.h"
#include "run-mark.h"

#include <poll.h>
#include <signal.h>

/* The time to follow SIGTSTP: longer than most programs take to write a few bytes. */
#define PREPARE_MS 100

/* Rounds of SIGSTOP, each of which may find processes that were forked during the last one.  One
 * that finds nothing proves little: the process table is not of one moment, so a process that forks
 * and exits may be gone from it, and its child not yet in it. */
#define MAX_ROUNDS   100
#define QUIET_ROUNDS 5

static void
send_to_group(pid_t group, void *data)
{
    kill(-group, GPOINTER_TO_INT(data));
}

static void
send_to_groups(DagTasks *tasks, int signal_number)
{
    dag__groups_each(tasks->groups, send_to_group, GINT_TO_POINTER(signal_number));
}

static bool
is_stopped(const ProcessEntry *entry)
{
    return entry->state == 'T' || entry->state == 't';
}

/* Send the signal (0: none) to all processes that are not stopped.  Returns: whether any of them may
 * still do something.  One that waits in the kernel stops when it returns; a shell that has forked
 * does so only after its child, stopped before its exec, was continued. */
static bool
send_to_running(DagTasks *tasks, int signal_number)
{
    g_autoptr(GArray) processes = dag__run_processes(tasks);
    bool any = false;

    for (guint i = 0; i < processes->len; i++) {
        const ProcessEntry *entry = &g_array_index(processes, ProcessEntry, i);

        if (is_stopped(entry))
            continue;
        any = any || entry->state != 'D';
        if (signal_number)
            kill(entry->pid, signal_number);
    }
    return any;
}

static void
stop_marked(ProcessEntry *entry, void *data)
{
    const DagTasks *tasks = data;

    if (dag__process_entry_is_alive(entry) && !is_stopped(entry) &&
        dag__mark_find(entry->pid, tasks->mark) == MARK_OWN)
        kill(entry->pid, SIGSTOP);
}

/* Returns: false if no process can do anything any more. */
static bool
stop_all(DagTasks *tasks)
{
    g_array_unref(dag__process_table_read_each(stop_marked, tasks));
    return send_to_running(tasks, SIGSTOP);
}

void
dag_tasks_suspend(DagTasks *tasks)
{
    g_return_if_fail(tasks);
    dag__groups_close(tasks->groups);
    send_to_groups(tasks, SIGTSTP);
    for (int waited_ms = 0; waited_ms < PREPARE_MS && send_to_running(tasks, 0);
         waited_ms += 10)
        poll(NULL, 0, 10);
    send_to_groups(tasks, SIGSTOP);
    for (int round = 0, n_quiet = 0; round < MAX_ROUNDS && n_quiet < QUIET_ROUNDS;
         round++) {
        n_quiet = stop_all(tasks) ? 0 : n_quiet + 1;
        poll(NULL, 0, 1);
    }
    dag__foreground_suspend(tasks);
}

void
dag_tasks_resume(DagTasks *tasks)
{
    g_autoptr(GArray) processes = NULL;

    g_return_if_fail(tasks);
    processes = dag__run_processes(tasks);
    dag__foreground_resume(
        tasks); /* first: a program in the background may not read from it */
    send_to_groups(tasks, SIGCONT);
    for (guint i = 0; i < processes->len; i++)
        kill(g_array_index(processes, ProcessEntry, i).pid, SIGCONT);
    dag__groups_open(tasks->groups);
}

/* Returns: NULL if it is not in the table. */
static const ProcessEntry *
find_process(const GArray *processes, pid_t pid)
{
    for (guint i = 0; i < processes->len; i++)
        if (g_array_index(processes, ProcessEntry, i).pid == pid)
            return &g_array_index(processes, ProcessEntry, i);
    return NULL;
}

/* Return the task of a process, by its group or that of an ancestor; DAG_TASK_NONE if it has ended. */
static DagTaskId
task_of(DagTasks *tasks, const GArray *processes, const ProcessEntry *entry)
{
    /* The table is not of one moment, so the number of steps is limited. */
    for (guint depth = 0; entry && depth < processes->len; depth++) {
        DagTaskId task = dag__groups_task(tasks->groups, entry->group);

        if (task != DAG_TASK_NONE)
            return task;
        entry = find_process(processes, entry->parent);
    }
    return DAG_TASK_NONE;
}

/* Return `process 17 (sleep 9) of "fetch"`, without the task (DAG_TASK_NONE) if it has ended; free with
 * g_free(). */
static char *
name_process(DagTasks *tasks, pid_t pid, const DagGraph *graph, DagTaskId task)
{
    g_autofree char *command = dag__process_command(pid, atomic_load(&tasks->secrets));

    if (task == DAG_TASK_NONE)
        return g_strdup_printf("process %d (%s)", (int)pid, command);
    return g_strdup_printf("process %d (%s) of \"%s\"", (int)pid, command,
                           dag_graph_task_name(graph, task));
}

GStrv
dag_tasks_stopped(DagTasks *tasks, const DagGraph *graph)
{
    g_return_val_if_fail(tasks && graph, g_strsplit("", " ", 0));

    g_autoptr(GArray) processes = dag__run_processes(tasks);
    GPtrArray *lines = g_ptr_array_new();

    for (guint i = 0; i < processes->len; i++) {
        const ProcessEntry *entry = &g_array_index(processes, ProcessEntry, i);

        if (entry->state == 'T') /* 't': a debugger has stopped it */
            g_ptr_array_add(lines, name_process(tasks, entry->pid, graph,
                                                task_of(tasks, processes, entry)));
    }
    g_ptr_array_add(lines, NULL);
    return (GStrv)g_ptr_array_free(lines, FALSE);
}
