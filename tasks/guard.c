/* SPDX-License-Identifier: MIT */
/*
 * The guard: a child that outlives dagrun only if dagrun was killed, or has crashed, and then
 * ends what its tasks have started.
 *
 * It waits for the end of a pipe whose other end nobody but dagrun holds, so as long as all is
 * well it costs nothing.  (A program that is just being started holds it too, up to its exec: so
 * nothing of dagrun that is not a program yet is left when the pipe ends.)  It lives in a session
 * of its own, where no signal to dagrun's terminal or group reaches it.
 *
 * When dagrun has died, what it started has lost its parent, so the guard finds it by
 *
 *   - the process groups of the programs that ran, in memory that both share;
 *   - the orphans that dagrun had adopted, there too;
 *   - a variable with a value of its own in the environment of all that tasks start, whatever
 *     group or session that moved to (as Jenkins does it);
 *   - descent from any of these.
 *
 * It is forked while dagrun is small and has one thread, so it may call what it likes.
 */
#include "family.h"
#include "groups.h"
#include "leftovers.h"

#include <dagrun/error.h>
#include <dagrun/tasks.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define VARIABLE "DAGRUN_RUN"
#define PIPE_FD  (STDERR_FILENO + 1) /* in the guard */

/* For what was just being forked; what KILL has not ended after so many rounds it never will. */
#define ROUND_MS   10
#define MAX_ROUNDS 500

static pid_t guard_pid; /* 0: there is none */
static int pipe_fd;     /* the writing end: only there to be closed */

/* Returns: whether the process was started with `variable`, "NAME=VALUE". */
static bool
has_variable(pid_t pid, const char *variable)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/environ", (int)pid);
    g_autofree char *text = NULL;
    gsize size = 0;

    if (!g_file_get_contents(path, &text, &size, NULL))
        return false;
    for (const char *at = text; at < text + size; at += strlen(at) + 1)
        if (strcmp(at, variable) == 0)
            return true;
    return false;
}

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

/* Marks what tasks have started.  What dagrun had adopted has gone to where the guard itself has
 * gone; else its number is another's by now. */
static void
mark_ours(GArray *family, const char *variable)
{
    g_autoptr(GHashTable) groups = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) adopted = g_hash_table_new(NULL, NULL);

    dag__groups_each(add_to_set, groups);
    dag__groups_adopted(add_to_set, adopted);
    for (guint i = 0; i < family->len; i++) {
        Relative *one = &g_array_index(family, Relative, i);

        one->is_ours = g_hash_table_contains(groups, GINT_TO_POINTER(one->group)) ||
                       (g_hash_table_contains(adopted, GINT_TO_POINTER(one->pid)) &&
                        one->parent == getppid()) ||
                       has_variable(one->pid, variable);
    }
    dag__family_spread(family, getpid()); /* which has no children itself */
}

/* Returns: how many were alive. */
static unsigned
kill_ours(const char *variable)
{
    g_autoptr(GArray) family = dag__family_read();
    unsigned n_alive = 0;

    mark_ours(family, variable);
    dag__groups_each(kill_group, NULL);
    for (guint i = 0; i < family->len; i++) {
        const Relative *one = &g_array_index(family, Relative, i);

        if (!one->is_ours || one->pid == getpid() || strchr("ZX", one->state))
            continue;
        n_alive++;
        kill(one->pid, SIGKILL);
    }
    return n_alive;
}

/* Keeps nothing of dagrun's but the pipe, which becomes PIPE_FD. */
static void
let_go(int fd)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
    int null_fd;

    /* Who ends every process called dagrun means those that work. */
    for (size_t i = 0; i < G_N_ELEMENTS(ignored); i++)
        signal(ignored[i], SIG_IGN);
    dup2(fd, PIPE_FD);
    null_fd = open("/dev/null", O_RDWR);
    for (int standard = STDIN_FILENO; standard <= STDERR_FILENO; standard++)
        dup2(null_fd, standard);
    close_range(PIPE_FD + 1, ~0U, 0);
    if (chdir("/") < 0)
        return; /* then a file system cannot be unmounted meanwhile */
}

/* The pipe of a process ends some time before its children get another parent, all at once, this
 * one among them; what is looked at in between may be of before and of after. */
static void
wait_for_new_parent(pid_t parent)
{
    for (int round = 0; round < MAX_ROUNDS && getppid() == parent; round++)
        poll(NULL, 0, 1);
}

/* The guard's life, as a child of `parent`. */
static _Noreturn void
guard(pid_t parent, int fd, const char *variable)
{
    char byte;
    ssize_t n;

    prctl(PR_SET_NAME, "dagrun-guard");
    setsid();
    let_go(fd);
    do
        n = read(PIPE_FD, &byte, 1);
    while (n < 0 && errno == EINTR);
    wait_for_new_parent(parent);
    for (int round = 0; round < MAX_ROUNDS && kill_ours(variable) > 0; round++)
        poll(NULL, 0, ROUND_MS);
    _exit(0);
}

/* Returns: a variable that nobody else's processes have; free with g_free(). */
static char *
variable_new(void)
{
    return g_strdup_printf("%s=%d.%08x%08x", VARIABLE, (int)getpid(), g_random_int(),
                           g_random_int());
}

bool
dag_tasks_start_guard(GError **error)
{
    g_autofree char *variable = variable_new();
    int fds[2] = {-1, -1};
    pid_t parent = getpid(), pid = -1;

    g_return_val_if_fail(guard_pid == 0, true);
    if (dag__groups_share() && pipe2(fds, O_CLOEXEC) == 0)
        pid = fork();
    if (pid == 0)
        guard(parent, fds[0], variable);
    if (pid < 0) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot start the guard of tasks: %s",
                    g_strerror(errno));
        if (fds[1] >= 0)
            close(fds[1]);
    } else {
        guard_pid = pid;
        pipe_fd = fds[1];
        dag__leftovers_except(pid);
        g_setenv(VARIABLE, strchr(variable, '=') + 1, TRUE);
    }
    if (fds[0] >= 0)
        close(fds[0]);
    return pid > 0;
}

void
dag_tasks_end_guard(void)
{
    if (guard_pid == 0)
        return;
    kill(guard_pid, SIGKILL);
    while (waitpid(guard_pid, NULL, 0) < 0 && errno == EINTR)
        ;
    close(pipe_fd);
    dag__leftovers_except(0);
    g_unsetenv(VARIABLE);
    guard_pid = 0;
}
