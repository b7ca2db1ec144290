/* SPDX-License-Identifier: MIT */
/*
 * Like posix_spawn(), a program begins as a child that shares dagrun's memory while the calling thread
 * waits for the exec, so no page table is copied.  But glibc, up to 2.37, makes two system calls for
 * each signal there is, since it does not know which are caught; asks for the limit of descriptors
 * twice for each one; and maps and unmaps a stack, which interrupts every other processor that runs
 * dagrun.  Here
 *
 *   - the signals that are caught are found once per run;
 *   - the stack is an array on the caller's stack;
 *   - the kernel hands out the pidfd with the child.
 *
 * It earns its place: 2 threads that spawn and wait take, with posix_spawn() of glibc 2.36, 1551 µs
 * of processor time per program that only exits and 4888 µs per /bin/true; with this, 1187 µs and
 * 4145 µs (medians of 9 runs each, interleaved, on a busy machine with two virtual processors).  By the
 * clock it is 1292 µs and 4797 µs against 1017 µs and 3886 µs.
 *
 * The child makes only system calls, and not through functions of the C library that a sanitizer
 * intercepts: it would record in the shared memory what only the child does.
 */
#include "spawn.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* For child_main(), which calls nothing deep.  The dynamic linker may save all registers on it. */
#define STACK_SIZE 32768

/* Sizes of the kernel's types: of its set of signals, and at least of its struct sigaction. */
#define KERNEL_SET_SIZE    8
#define KERNEL_ACTION_SIZE 64

#define UNSANITIZED __attribute__((no_sanitize("address", "thread", "undefined")))

#if defined(__SANITIZE_THREAD__)
#define UNDER_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UNDER_TSAN 1
#endif
#endif

#ifdef UNDER_TSAN
/*
 * Return the C library's clone().  ThreadSanitizer's own takes every child for one with memory of its
 * own, and would unlock its locks twice.  A function that a test put before it is kept.
 */
static __typeof__(&clone)
find_clone(void)
{
    void *found = dlsym(RTLD_DEFAULT, "clone");
    __typeof__(&clone) result;

    if (found == dlsym(RTLD_DEFAULT, "__interceptor_clone"))
        found = dlsym(dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD), "clone");
    memcpy(&result, &found,
           sizeof(result)); /* C converts no object pointer to a function */
    return result;
}
#define CLONE find_clone()
#else
#define CLONE clone
#endif

/* Shared by the calling thread and the child. */
typedef struct SpawnState {
    const SpawnRequest *request;
    char *const *files; /* NULL-terminated; the first that can be executed is executed */
    int problem;        /* an errno, or 0; written by the child */
} SpawnState;

/* All zero is the default action. */
static const char default_action[KERNEL_ACTION_SIZE];
static const uint64_t no_signals;

/* In the child.  Returns: false with errno set. */
UNSANITIZED static bool
set_descriptor(int fd, int to)
{
    /* dup3() refuses equal numbers; then only the flag FD_CLOEXEC must go. */
    return (fd == to ? syscall(SYS_fcntl, to, F_SETFD, 0) : syscall(SYS_dup3, fd, to, 0)) >=
           0;
}

/* In the child.  Open /dev/null as standard input, without any other free descriptor. */
UNSANITIZED static bool
open_null(void)
{
    syscall(SYS_close, STDIN_FILENO);
    return syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY) == STDIN_FILENO;
}

/* In the child.  Standard input comes last: one of the others may have its number. */
UNSANITIZED static bool
set_descriptors(const int fds[3])
{
    return set_descriptor(fds[1], STDOUT_FILENO) && set_descriptor(fds[2], STDERR_FILENO) &&
           (fds[0] < 0 ? open_null() : set_descriptor(fds[0], STDIN_FILENO));
}

/* In the child.  Leave the caller's group, which must not get the signals for this one.  SIGTTOU is
 * blocked, so the kernel lets a group that is in the background come to the foreground. */
UNSANITIZED static bool
leave_group(const SpawnRequest *request)
{
    pid_t group = (pid_t)syscall(SYS_getpid);

    if (!request->has_terminal)
        return syscall(SYS_setsid) >= 0;
    return syscall(SYS_setpgid, 0, 0) >= 0 &&
           syscall(SYS_ioctl, request->terminal_fd, TIOCSPGRP, &group) >= 0;
}

/* In the child.  Returns: false with errno set. */
UNSANITIZED static bool
prepare(const SpawnRequest *request)
{
    for (int i = 1; i < NSIG; i++)
        if (sigismember(request->resets, i))
            syscall(SYS_rt_sigaction, i, default_action, NULL, KERNEL_SET_SIZE);
    return leave_group(request) && set_descriptors(request->fds) &&
           (!request->descriptors ||
            syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, request->descriptors, NULL) == 0) &&
           (!request->directory || syscall(SYS_chdir, request->directory) == 0) &&
           syscall(SYS_rt_sigprocmask, SIG_SETMASK, &no_signals, NULL, KERNEL_SET_SIZE) ==
               0;
}

/* In the child.  Return whether the program may be in another directory of PATH, by the rules of
 * execvp(). */
UNSANITIZED static bool
may_be_elsewhere(int problem)
{
    return problem == EACCES || problem == ENOENT || problem == ENOTDIR ||
           problem == ESTALE || problem == ENODEV || problem == ETIMEDOUT;
}

/* The child, which shares its parent's memory. */
UNSANITIZED static int
child_main(void *data)
{
    SpawnState *state = data;
    const SpawnRequest *request = state->request;
    int problem = 0;

    if (!prepare(request)) {
        state->problem = errno;
        syscall(SYS_exit, 127);
    }
    for (char *const *file = state->files; *file; file++) {
        syscall(SYS_execve, *file, request->arguments, request->environment);
        /* EACCES for one file tells more than ENOENT for the others. */
        if (problem != EACCES || !may_be_elsewhere(errno))
            problem = errno;
        if (!may_be_elsewhere(errno))
            break;
    }
    state->problem = problem;
    syscall(SYS_exit, 127);
    return 127;
}

/* Return the files that the program's name may stand for, none if PATH is not set; free with
 * g_strfreev(). */
static char **
files_of(const SpawnRequest *request)
{
    const char *program = request->arguments[0];
    const char *path = g_environ_getenv((char **)request->environment, "PATH");
    const char *directories = path && !*path ? "." : path;
    char **files;

    if (!*program || strchr(program, '/')) {
        files = g_new0(char *, 2);
        files[0] = g_strdup(program);
        return files;
    }
    /* The C library would take /bin and /usr/bin for a PATH that is not set. */
    files = path ? g_strsplit(directories, ":", -1) : g_new0(char *, 1);
    for (char **file = files; *file; file++) {
        char *directory = *file; /* an empty one is the current one */

        *file = g_strconcat(directory, *directory ? "/" : "./", program, NULL);
        g_free(directory);
    }
    return files;
}

/* Make the child with all signals blocked, so that no handler runs in it.  Returns: -1 with errno
 * set. */
static pid_t
spawn(SpawnState *state, int *pidfd_out)
{
    alignas(16) char stack[STACK_SIZE];
    const int flags = CLONE_VM | CLONE_VFORK | SIGCHLD;
    sigset_t all, before;
    pid_t pid;
    int problem;

    *pidfd_out = -1;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    pid = CLONE(child_main, stack + sizeof(stack), flags | CLONE_PIDFD, state, pidfd_out);
    /* For want of a descriptor; or an old kernel or a filter refuses the flag. */
    if (pid < 0 && errno != EAGAIN && errno != ENOMEM)
        pid = CLONE(child_main, stack + sizeof(stack), flags, state);
    problem = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = problem;
    return pid;
}

void
dag__spawn_resets(sigset_t *resets_out)
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
dag__spawn(const SpawnRequest *request, pid_t *pid_out, int *pidfd_out)
{
    g_auto(GStrv) files = files_of(request);
    SpawnState state = {.request = request, .files = files};
    pid_t pid;

    if (!files[0])
        return ENOENT;
    pid = spawn(&state, pidfd_out);
    if (pid < 0)
        return errno;
    if (state.problem) {
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
        if (*pidfd_out >= 0)
            close(*pidfd_out);
        return state.problem;
    }
    *pid_out = pid;
    return 0;
}
