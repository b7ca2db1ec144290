/* SPDX-License-Identifier: MIT */
/*
 * The guard is a child that outlives dagrun only if dagrun was killed or has crashed.  Then it
 * kills all that the run's tasks have started, and removes the run's files.
 *
 * It waits for the end of a pipe that only dagrun can write to, so it costs nothing as long as
 * dagrun lives.  (A child between fork and exec holds it too; so when the pipe ends, every child of
 * dagrun is a program.)  It lives in a session of its own, where signals to dagrun's terminal or
 * process group do not reach it.
 *
 * When dagrun has died, its children have another parent, so the guard finds them by
 *
 *   - the process groups of the programs that ran, in memory that both share;
 *   - the orphans that dagrun had adopted, there too;
 *   - the mark in their environment, in any group or session (run-mark.h);
 *   - descent from any of these, also if the guard of another run has killed the parent since.
 *
 * It stops each process as soon as it finds it, and kills all of them when it twice finds no more.  So a
 * process that forks and exits cannot be faster than the guard, and no process loses the parent by
 * which it is found.
 *
 * A task may run dagrun, which has a guard of its own.  Guards do not end each other: the inner one
 * may know processes that the outer one cannot find.
 *
 * It is forked while dagrun is small and has one thread, so it may call any function.
 */
#include "close-from.h"
#include "orphans.h"
#include "process-table.h"
#include "run-mark.h"

#include <dagrun/error.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIPE_FD (STDERR_FILENO + 1) /* in the guard */

/* Between two rounds, a child that was just being forked appears.  A process that is alive after
 * so many rounds of SIGKILL stays so. */
#define ROUND_MS   10
#define MAX_ROUNDS 500

/* Reads of the process table that may stop further processes before all of them are killed.  The table
 * is not of one moment: a child may be in it under a parent that ends before it is read itself.  So it
 * takes two that find nothing more. */
#define MAX_SEARCHES   50
#define QUIET_SEARCHES 2

/* For a moment of its exec, a process shows no environment.  So it takes several rounds that find
 * nothing to know that there is nothing. */
#define QUIET_ROUNDS 5

/* The state of the guard. */
typedef struct Search {
    DagTasks *tasks;
    GHashTable *groups;  /* of pid_t: with programs of tasks */
    GHashTable *adopted; /* of pid_t */
    /* Of pid_t, to start_ticks: the processes of the run that got SIGSTOP. */
    GHashTable *stopped;
    bool has_found_more; /* since the last read of the process table */
} Search;

static void
kill_group(pid_t group, void *data)
{
    (void)data;
    kill(-group, SIGKILL);
}

static void
add_to_set(pid_t number, void *data)
{
    g_hash_table_add(data, GINT_TO_POINTER(number));
}

static void
search_init(Search *search, DagTasks *tasks)
{
    *search = (Search){
        .tasks = tasks,
        .groups = g_hash_table_new(NULL, NULL),
        .adopted = g_hash_table_new(NULL, NULL),
        .stopped = g_hash_table_new_full(NULL, NULL, NULL, g_free),
    };
    dag__groups_each(tasks->groups, add_to_set, search->groups);
    dag__groups_adopted(tasks->groups, add_to_set, search->adopted);
}

static void
search_clear(Search *search)
{
    g_hash_table_unref(search->groups);
    g_hash_table_unref(search->adopted);
    g_hash_table_unref(search->stopped);
}

/* Return whether the process was found before.  Its parent may have been killed since. */
static bool
is_stopped(const Search *search, const ProcessEntry *entry)
{
    const uint64_t *start_ticks =
        g_hash_table_lookup(search->stopped, GINT_TO_POINTER(entry->pid));

    return start_ticks && *start_ticks == entry->start_ticks;
}

/* An orphan that dagrun had adopted now has the same parent as the guard; otherwise its number is
 * reused by another process. */
static bool
is_found(const Search *search, const ProcessEntry *entry)
{
    return is_stopped(search, entry) ||
           g_hash_table_contains(search->groups, GINT_TO_POINTER(entry->group)) ||
           (g_hash_table_contains(search->adopted, GINT_TO_POINTER(entry->pid)) &&
            entry->parent == getppid()) ||
           dag__mark_find(entry->pid, search->tasks->mark) == MARK_OWN;
}

static void
stop(Search *search, const ProcessEntry *entry)
{
    if (!dag__process_entry_is_alive(entry) || is_stopped(search, entry))
        return;
    g_hash_table_replace(search->stopped, GINT_TO_POINTER(entry->pid),
                         g_memdup2(&entry->start_ticks, sizeof(entry->start_ticks)));
    search->has_found_more = true;
    kill(entry->pid, SIGSTOP);
}

/* Mark the process if it is one of the run, and stop it. */
static void
look(ProcessEntry *entry, void *data)
{
    Search *search = data;

    if (entry->pid == getpid())
        return;
    entry->is_ours = is_found(search, entry);
    if (entry->is_ours)
        stop(search, entry);
}

/* Return the table of all processes, with those of the run marked and stopped. */
static GArray *
stop_ours(Search *search)
{
    GArray *table;

    search->has_found_more = false;
    table = dag__process_table_read_each(look, search);
    dag__process_table_spread(table, 0);
    for (guint i = 0; i < table->len; i++)
        if (g_array_index(table, ProcessEntry, i).is_ours)
            stop(search, &g_array_index(table, ProcessEntry, i));
    return table;
}

/* Kill all processes of the run, once no more of them are found.  Returns: the number of those that were alive. */
static unsigned
kill_ours(Search *search)
{
    g_autoptr(GArray) table = NULL;
    unsigned n_alive = 0;

    for (int n = 0, n_quiet = 0; n < MAX_SEARCHES && n_quiet < QUIET_SEARCHES; n++) {
        g_clear_pointer(&table, g_array_unref);
        table = stop_ours(search);
        n_quiet = search->has_found_more ? 0 : n_quiet + 1;
    }
    dag__groups_each(search->tasks->groups, kill_group, NULL);
    for (guint i = 0; i < table->len; i++) {
        const ProcessEntry *entry = &g_array_index(table, ProcessEntry, i);

        if (!entry->is_ours || !dag__process_entry_is_alive(entry))
            continue;
        n_alive++;
        kill(entry->pid, SIGKILL);
    }
    return n_alive;
}

/* Keep nothing of dagrun's but the reading end of the pipe, which becomes PIPE_FD. */
static void
detach(int fd)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
    int null_fd;

    /* A signal sent to every process called dagrun is meant for those that work. */
    for (size_t i = 0; i < G_N_ELEMENTS(ignored); i++)
        signal(ignored[i], SIG_IGN);
    dup2(fd, PIPE_FD);
    null_fd = open("/dev/null", O_RDWR);
    for (int standard = STDIN_FILENO; standard <= STDERR_FILENO; standard++)
        dup2(null_fd, standard);
    dag__close_from(PIPE_FD + 1);
    if (chdir("/") < 0)
        return; /* then a file system cannot be unmounted meanwhile */
}

/* The pipe of a process ends some time before its children get another parent, all of them at once,
 * the guard among them.  A process table read in between could show either parent. */
static void
wait_for_new_parent(pid_t parent)
{
    for (int round = 0; round < MAX_ROUNDS && getppid() == parent; round++)
        poll(NULL, 0, 1);
}

/* The main function of the guard, a child of `parent`. */
static _Noreturn void
guard_main(DagTasks *tasks, pid_t parent, int fd)
{
    Search search;
    char byte;
    ssize_t n;

    setsid();
    detach(fd);
    prctl(PR_SET_NAME, DAG__GUARD_NAME);
    dag__groups_await_guard(tasks->groups, false);
    do
        n = read(PIPE_FD, &byte, 1);
    while (n < 0 && errno == EINTR);
    wait_for_new_parent(parent);
    search_init(&search, tasks);
    for (int round = 0, n_quiet = 0; round < MAX_ROUNDS && n_quiet < QUIET_ROUNDS;
         round++) {
        n_quiet = kill_ours(&search) > 0 ? 0 : n_quiet + 1;
        poll(NULL, 0, ROUND_MS);
    }
    search_clear(&search);
    dag_run_files_remove(tasks->files);
    _exit(0);
}

bool
dag_tasks_start_guard(DagTasks *tasks, GError **error)
{
    int fds[2] = {-1, -1};
    pid_t parent = getpid(), pid = -1;

    g_return_val_if_fail(tasks && tasks->guard == 0, true);
    dag__groups_await_guard(tasks->groups, true);
    if (pipe2(fds, O_CLOEXEC) == 0)
        pid = fork();
    if (pid == 0)
        guard_main(tasks, parent, fds[0]);
    if (pid < 0) {
        dag__groups_await_guard(tasks->groups, false);
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot start the guard of tasks: %s",
                    g_strerror(errno));
        if (fds[1] >= 0)
            close(fds[1]);
    } else {
        tasks->guard_fd = fds[1];
        dag__orphans_set_guard(tasks, pid);
    }
    if (fds[0] >= 0)
        close(fds[0]);
    return pid > 0;
}

void
dag_tasks_end_guard(DagTasks *tasks)
{
    g_return_if_fail(tasks);
    if (tasks->guard == 0)
        return;
    kill(tasks->guard, SIGKILL);
    while (waitpid(tasks->guard, NULL, 0) < 0 && errno == EINTR)
        ;
    close(tasks->guard_fd);
    dag__orphans_set_guard(tasks, 0);
}
