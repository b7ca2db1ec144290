/* SPDX-License-Identifier: MIT */
/*
 * bench-launch FD PROGRAM [ARGUMENT…]: run a program and write its resource use to descriptor FD,
 * as "wall_ns cpu_us peak_kib status".
 *
 * It is a separate program for two reasons.  The kernel counts the memory of the parent at fork to
 * the child's peak, and an interpreter that has just written a graph of a million tasks is large.
 * And the time that an interpreter needs to start a program is not measured.
 */
#include <errno.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int64_t
now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t
us_of(struct timeval time)
{
    return (int64_t)time.tv_sec * 1000000 + time.tv_usec;
}

/* Returns: the exit status as a shell reports it. */
static int
code_of(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
main(int argc, char **argv)
{
    struct rusage usage;
    pid_t pid;
    int status;

    if (argc < 3) {
        fprintf(stderr, "usage: bench-launch FD PROGRAM [ARGUMENT...]\n");
        return 2;
    }

    int fd = atoi(argv[1]);
    posix_spawn_file_actions_t actions;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addclose(&actions, fd);

    int64_t start_ns = now_ns();
    int problem = posix_spawnp(&pid, argv[2], &actions, NULL, argv + 2, environ);

    if (problem) {
        fprintf(stderr, "bench-launch: %s: %s\n", argv[2], strerror(problem));
        return 127;
    }
    while (wait4(pid, &status, 0, &usage) != pid)
        if (errno != EINTR)
            return 1;

    int64_t end_ns = now_ns();

    dprintf(fd, "%lld %lld %ld %d\n", (long long)(end_ns - start_ns),
            (long long)(us_of(usage.ru_utime) + us_of(usage.ru_stime)), usage.ru_maxrss,
            code_of(status));
    return 0;
}
