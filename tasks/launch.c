/* SPDX-License-Identifier: MIT */
/*
 * Like posix_spawn(), a program begins as a child that shares dagrun's memory, whose thread waits
 * up to the exec; so no page table is copied.  But glibc, up to 2.37, makes two system calls for
 * each signal there is, since it does not know which are caught, asks for the limit of descriptors
 * twice for each one, and maps and unmaps a stack, which interrupts every other processor that runs
 * dagrun: up to a fifth of the time of a tiny program.  Here
 *
 *   - which signals are caught is found out beforehand, once per worker;
 *   - the stack is a piece of the caller's, which is big enough;
 *   - the kernel hands out the pidfd with the child.
 *
 * The child may do nothing but system calls, and those not by way of the C library where a
 * sanitizer would follow them: it would note in memory that both share what only the child does.
 */
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* For the child, which calls nothing deep; the dynamic linker may save all registers on it. */
#define STACK_SIZE 32768

/* The sizes that the kernel knows: of its set of signals, and no less than its struct sigaction. */
#define KERNEL_SET_SIZE    8
#define KERNEL_ACTION_SIZE 64

/* Where the C library looks if nobody has told. */
#define DEFAULT_PATH "/bin:/usr/bin"

#define UNSANITIZED __attribute__((no_sanitize("address", "thread", "undefined")))

/* The C library's clone(), by the name that ThreadSanitizer leaves alone: it takes every child for
 * one that has its memory for itself. */
extern __typeof__(clone) plain_clone __asm__("__clone");

/* What the child is told, and tells. */
typedef struct Birth {
    const Launch *launch;
    char *const *files; /* NULL-terminated; the first that can be executed is */
    int problem;        /* an errno, or 0; written by the child */
} Birth;

/* All fields of zero are the default, whatever their order. */
static const char default_action[KERNEL_ACTION_SIZE];
static const uint64_t no_signals;

/* Returns: false with errno set.  Child's. */
UNSANITIZED static bool
place_descriptors(const int fds[3])
{
    for (int i = 0; i < 3; i++)
        /* One that is in its place must lose its mark to be closed, which dup3() refuses. */
        if ((fds[i] == i ? syscall(SYS_fcntl, i, F_SETFD, 0)
                         : syscall(SYS_dup3, fds[i], i, 0)) < 0)
            return false;
    return true;
}

/* Returns: false with errno set.  Child's. */
UNSANITIZED static bool
prepare(const Launch *launch)
{
    for (int i = 1; i < NSIG; i++)
        if (sigismember(launch->resets, i))
            syscall(SYS_rt_sigaction, i, default_action, NULL, KERNEL_SET_SIZE);
    return syscall(SYS_setpgid, 0, 0) == 0 && place_descriptors(launch->fds) &&
           (!launch->directory || syscall(SYS_chdir, launch->directory) == 0) &&
           syscall(SYS_rt_sigprocmask, SIG_SETMASK, &no_signals, NULL, KERNEL_SET_SIZE) ==
               0;
}

/* Whether the program may be in another directory of PATH; as execvp() sees it. */
UNSANITIZED static bool
may_be_elsewhere(int problem)
{
    return problem == EACCES || problem == ENOENT || problem == ENOTDIR ||
           problem == ESTALE || problem == ENODEV || problem == ETIMEDOUT;
}

/* The child's life; it shares its parent's memory. */
UNSANITIZED static int
live(void *data)
{
    Birth *birth = data;
    const Launch *launch = birth->launch;
    int problem = 0;

    if (!prepare(launch)) {
        birth->problem = errno;
        syscall(SYS_exit, 127);
    }
    for (char *const *file = birth->files; *file; file++) {
        syscall(SYS_execve, *file, launch->arguments, launch->environment);
        /* That one may not be executed tells more than that others do not exist. */
        if (problem != EACCES || !may_be_elsewhere(errno))
            problem = errno;
        if (!may_be_elsewhere(errno))
            break;
    }
    birth->problem = problem;
    syscall(SYS_exit, 127);
    return 127;
}

/* Returns: the files that may be meant by the program's name; free with g_strfreev(). */
static char **
files_of(const Launch *launch)
{
    const char *program = launch->arguments[0];
    const char *path = g_environ_getenv((char **)launch->environment, "PATH");
    const char *directories = !path ? DEFAULT_PATH : *path ? path : ".";
    char **files;

    if (!*program || strchr(program, '/')) {
        files = g_new0(char *, 2);
        files[0] = g_strdup(program);
        return files;
    }
    files = g_strsplit(directories, ":", -1);
    for (char **file = files; *file; file++) {
        char *directory = *file; /* an empty one is the current one */

        *file = g_strconcat(directory, *directory ? "/" : "./", program, NULL);
        g_free(directory);
    }
    return files;
}

/* With all signals blocked, lest a handler runs in the child.  Returns: -1 with errno set. */
static pid_t
bear(Birth *birth, int *pidfd_out)
{
    alignas(16) char stack[STACK_SIZE];
    const int flags = CLONE_VM | CLONE_VFORK | SIGCHLD;
    sigset_t all, before;
    pid_t pid;
    int problem;

    *pidfd_out = -1;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    pid = plain_clone(live, stack + sizeof(stack), flags | CLONE_PIDFD, birth, pidfd_out);
    if (pid < 0 && (errno == EMFILE || errno == ENFILE))
        pid = plain_clone(live, stack + sizeof(stack), flags, birth);
    problem = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = problem;
    return pid;
}

void
dag__launch_resets(sigset_t *resets_out)
{
    struct sigaction action;

    sigemptyset(resets_out);
    for (int i = 1; i < NSIG; i++)
        if (sigaction(i, NULL, &action) == 0 && action.sa_handler != SIG_DFL &&
            action.sa_handler != SIG_IGN)
            sigaddset(resets_out, i);
    sigaddset(resets_out, SIGPIPE);
    sigaddset(resets_out, SIGXFSZ);
}

int
dag__launch(const Launch *launch, pid_t *pid_out, int *pidfd_out)
{
    g_auto(GStrv) files = files_of(launch);
    Birth birth = {.launch = launch, .files = files};
    pid_t pid = bear(&birth, pidfd_out);

    if (pid < 0)
        return errno;
    if (birth.problem) {
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
        if (*pidfd_out >= 0)
            close(*pidfd_out);
        return birth.problem;
    }
    *pid_out = pid;
    return 0;
}
