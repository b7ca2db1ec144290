/* SPDX-License-Identifier: MIT */
/*
 * The kinds of task that dagrun comes with, and the state of one run's processes.
 *
 * A DagTasks holds the state that the exec and shell tasks of one run share: the process groups of
 * running programs, the pipes that are used again, the processes that outlived their task, and
 * the guard.  Each run has a DagTasks of its own; two runs in one program share nothing.  A program
 * makes one before the run and passes it in DagExecuteOptions.engines:
 *
 *     DagOpenEngine engine = {dag_tasks_engine(), tasks};
 *
 * If it passes none, the run makes one that adopts no orphans and has no guard, and at the end of
 * the run ends the leftovers with a grace of DAG_GRACE_NS.
 *
 * Each process of a run has the variable DAGRUN_RUN in its environment, with a value of the
 * DagTasks' own.  If this process has the variable already, the value continues that one, so an
 * outer run claims the processes of the runs within it.
 */
#pragma once

#include <dagrun/cancel.h>
#include <dagrun/engine.h>
#include <dagrun/kind.h>
#include <dagrun/place.h>

G_BEGIN_DECLS

typedef struct DagTasks DagTasks; /* the state of one run's processes */

/* Options of dag_tasks_new(); all zero is the default. */
typedef struct DagTasksOptions {
    const DagPlace *place; /* NULL: this machine */
    void *place_data;      /* passed to the functions of `place`; borrowed */
    /* The soft limit of descriptors that programs on this machine get, for a caller that has raised
     * its own: programs that use select() fail with descriptors above 1023.  0: the caller's own. */
    uint64_t max_descriptors;
    /*
     * The caller lends its terminal to tasks with terminal="true", one at a time: it answers each
     * DAG_EVENT_TASK_STARTED of such a task with dag_tasks_lend_terminal(), for which the task waits,
     * and handles SIGINT, SIGQUIT and SIGHUP as requests to end, and SIGTSTP and SIGCONT with
     * dag_tasks_suspend() and dag_tasks_resume().  The kernel sends ^C and ^Z only to the task; they
     * are passed on by raise() and kill().  false: such tasks have no terminal, as others.
     */
    bool lends_terminal;
} DagTasksOptions;

/* The orphans that a run claims: processes whose parent has ended. */
typedef enum DagOrphans {
    /* Those that carry the run's DAGRUN_RUN, are in the process group of one of its tasks, or
     * descend from such a process.  A process that cleared its environment, left its group and
     * lost its parent is not found. */
    DAG_ORPHANS_OF_RUN,

    /* All.  For a program that has one run at a time. */
    DAG_ORPHANS_ALL,
} DagOrphans;

/*
 * Return the kinds, NULL-terminated; static.
 *
 * If SIGCHLD is ignored, or another thread waits for any child (`waitpid(-1, …)`), the exit status
 * of a program is lost, and its task fails.
 */
const DagKind *const *dag_tasks_kinds(void);

/* Return the engine of exec and shell; static.  Its state is a DagTasks. */
const DagEngine *dag_tasks_engine(void);

/*
 * Return the state of a run that has not begun.  `options` may be NULL.
 * Returns: NULL with DAG_ERROR_IO if memory that children share cannot be mapped.
 */
DagTasks *dag_tasks_new(const DagTasksOptions *options, GError **error);

/* Free it after the run, and end the guard if there is one.  Leftovers that were not ended go on.
 * NULL is fine. */
void dag_tasks_free(DagTasks *tasks);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DagTasks, dag_tasks_free)

/*
 * Make this process the parent of orphans (PR_SET_CHILD_SUBREAPER), so that
 * dag_tasks_end_leftovers() also finds a process that went into a session of its own.  Call it
 * before the run, in a program that has no other children than tasks: every child of the first thread
 * that has ended is reaped.  The setting is the whole process's and stays.  Where the kernel refuses
 * it, such a process is found if it carries the run's DAGRUN_RUN.
 */
void dag_tasks_adopt_orphans(DagTasks *tasks, DagOrphans claimed);

/*
 * Start the guard: a child that kills all processes of the run if this process ends without having
 * done so, because it was killed or crashed.  For a program that has no other children than tasks.  Call
 * it from the first thread while there is no other, and while the program is small: it forks.
 *
 * Returns: false with DAG_ERROR_IO.  Then the run works, but unguarded.
 */
bool dag_tasks_start_guard(DagTasks *tasks, GError **error);

/* End the guard, if there is one.  Call it last, from the thread that started it. */
void dag_tasks_end_guard(DagTasks *tasks);

/*
 * End the processes that tasks left running, in their process groups or adopted: SIGTERM, then
 * SIGKILL after `grace_ms` milliseconds.  Call it after dag_execute(), from one thread.  If the
 * level of `cancel` (or NULL) rises meanwhile, SIGKILL follows at once.
 *
 * survivors_out (or NULL) gets a line for each process that SIGKILL did not end, such as
 * "process 4711 (sleep 1000): Operation not permitted", NULL-terminated; free with g_strfreev().
 *
 * Returns: the number of groups and adopted processes that were alive at first.
 */
unsigned dag_tasks_end_leftovers(DagTasks *tasks, int grace_ms, const DagCancel *cancel,
                                 GStrv *survivors_out);

/*
 * Stop all processes of the run, as a shell stops a job at ^Z, and start none until
 * dag_tasks_resume().  Call both from the same thread, which may be any.  The clock goes on: the
 * pause counts for durations and time limits.
 */
void dag_tasks_suspend(DagTasks *tasks);

/*
 * Return a line for each process of the run that is stopped, such as `process 4711 (git fetch) of
 * "fetch"`, NULL-terminated; free with g_strfreev().  `graph` is that of the run.  A task waits for ever
 * for a program that a signal has stopped.  Reads the whole process table.  Any thread.
 */
GStrv dag_tasks_stopped(DagTasks *tasks, const DagGraph *graph);

/* Continue the processes that dag_tasks_suspend() has stopped. */
void dag_tasks_resume(DagTasks *tasks);

/* Return true if the task has terminal="true". */
bool dag_tasks_wants_terminal(const DagGraph *graph, DagTaskId id);

/* Return true if the caller lends a terminal, and has one: this process has a controlling terminal, and
 * is in its foreground.  Any thread. */
bool dag_tasks_has_terminal(const DagTasks *tasks);

/*
 * Let the attempt of the task that has just started have the terminal; or, if not `lends`, run without
 * one, as others do.  Until the DAG_EVENT_ATTEMPT_FAILED or DAG_EVENT_TASK_FINISHED of the task, the
 * caller must leave the terminal alone.  Any thread.
 */
void dag_tasks_lend_terminal(DagTasks *tasks, DagTaskId id, bool lends);

G_END_DECLS
