/* SPDX-License-Identifier: MIT */
/*
 * The limit: the rate at which processes can be started while their output is captured.
 *
 *     limit-spawn [-j N] --layers W[xN],… PROGRAM [ARGUMENT…]
 *
 * Run the program once per task of the layers ("1,5000,1" is a diamond, "1x2000" a chain,
 * "100x100" a hundred layers of a hundred), N at a time (2).  A layer begins when the one before
 * has ended.  Tasks have no identity.  There are no names, no records, no signals, and left-over
 * processes are not ended.
 *
 * Each of N threads spawns a program (posix_spawn does not copy page tables) and waits in poll()
 * for its end and its output on a pipe, which is reused for the next program.  Waiting with
 * waitpid() alone would be faster, but would hang if the output exceeds the capacity of a pipe.
 * A single thread that watches all programs is slower: it cannot notice an end while it starts a
 * program.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_LAYERS  100000
#define MAX_THREADS 64

extern char **environ;

/* Shared by all threads. */
typedef struct Limit {
    char **command;

    pthread_mutex_t lock;
    pthread_cond_t work;
    unsigned widths[MAX_LAYERS]; /* read-only once the threads run */
    unsigned n_layers;           /* read-only once the threads run */
    unsigned layer;              /* the next one; protected by lock */
    unsigned n_ready;   /* tasks of the current layer not started; protected by lock */
    unsigned n_running; /* protected by lock */
    size_t n_bytes;     /* output of all; protected by lock */
} Limit;

static _Noreturn void
die(const char *operation, int problem)
{
    fprintf(stderr, "limit-spawn: %s: %s\n", operation, strerror(problem));
    exit(1);
}

/* Wait for a task.  Returns: false if all tasks have ended. */
static bool
take(Limit *limit)
{
    while (limit->n_ready == 0) {
        if (limit->layer == limit->n_layers) {
            pthread_cond_broadcast(&limit->work);
            return false;
        }
        if (limit->n_running == 0)
            limit->n_ready = limit->widths[limit->layer++];
        else
            pthread_cond_wait(&limit->work, &limit->lock);
    }
    limit->n_ready--;
    limit->n_running++;
    if (limit->n_ready > 0)
        pthread_cond_signal(&limit->work);
    return true;
}

static pid_t
start(char **command, int null_fd, int write_fd)
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int problem;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, null_fd, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, write_fd, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, write_fd, STDERR_FILENO);
    problem = posix_spawnp(&pid, command[0], &actions, NULL, command, environ);
    if (problem)
        die(command[0], problem);
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

/* Read the program's output until it ends.  Returns: the number of bytes. */
static size_t
watch(pid_t pid, int read_fd)
{
    struct pollfd fds[] = {{.fd = pidfd_open(pid, 0), .events = POLLIN},
                           {.fd = read_fd, .events = POLLIN}};
    char buffer[65536];
    size_t n_bytes = 0;
    int status;

    if (fds[0].fd < 0)
        die("pidfd_open", errno);
    do {
        poll(fds, 2, -1);
        /* Read first, then check for the end: the pipe contains all output by then. */
        if (fds[1].revents)
            for (ssize_t n; (n = read(read_fd, buffer, sizeof(buffer))) > 0;)
                n_bytes += (size_t)n;
    } while (!fds[0].revents);
    close(fds[0].fd);
    if (waitpid(pid, &status, 0) != pid || status != 0)
        die("the program failed", 0);
    return n_bytes;
}

/* Thread of the pool. */
static void *
work(void *data)
{
    Limit *limit = data;
    int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC), fds[2];

    if (null_fd < 0 || pipe2(fds, O_CLOEXEC) < 0)
        die("pipe", errno);
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    pthread_mutex_lock(&limit->lock);
    while (take(limit)) {
        pthread_mutex_unlock(&limit->lock);
        size_t n_bytes = watch(start(limit->command, null_fd, fds[1]), fds[0]);
        pthread_mutex_lock(&limit->lock);
        limit->n_bytes += n_bytes;
        limit->n_running--;
    }
    pthread_mutex_unlock(&limit->lock);
    return NULL;
}

/* Parse "1,5000,1" or "100x100".  Returns: false if it is invalid. */
static bool
read_layers(Limit *limit, const char *text)
{
    for (;;) {
        char *end;
        unsigned long width = strtoul(text, &end, 10), n = 1;

        if (*end == 'x')
            n = strtoul(end + 1, &end, 10);
        if (width == 0 || n == 0 || n > MAX_LAYERS - limit->n_layers)
            return false;
        while (n-- > 0)
            limit->widths[limit->n_layers++] = (unsigned)width;
        if (*end != ',')
            return *end == '\0';
        text = end + 1;
    }
}

static bool
read_arguments(Limit *limit, unsigned *n_threads_out, char **argv)
{
    char **at = argv + 1;

    for (; at[0] && at[1] && at[0][0] == '-'; at += 2) {
        if (strcmp(at[0], "-j") == 0)
            *n_threads_out = (unsigned)strtoul(at[1], NULL, 10);
        else if (strcmp(at[0], "--layers") != 0 || !read_layers(limit, at[1]))
            return false;
    }
    limit->command = at;
    return *at && limit->n_layers > 0 && *n_threads_out >= 1 &&
           *n_threads_out <= MAX_THREADS;
}

int
main(int argc, char **argv)
{
    static Limit limit = {.lock = PTHREAD_MUTEX_INITIALIZER,
                          .work = PTHREAD_COND_INITIALIZER};
    unsigned n_threads = 2;
    pthread_t threads[MAX_THREADS];

    if (argc < 2 || !read_arguments(&limit, &n_threads, argv)) {
        fprintf(stderr,
                "usage: limit-spawn [-j N] --layers W[xN],... PROGRAM [ARGUMENT...]\n");
        return 2;
    }
    for (unsigned i = 0; i < n_threads; i++)
        if (pthread_create(&threads[i], NULL, work, &limit) != 0)
            die("pthread_create", errno);
    for (unsigned i = 0; i < n_threads; i++)
        pthread_join(threads[i], NULL);
    if (limit.n_bytes > 0)
        printf("%zu bytes of output\n", limit.n_bytes);
    return 0;
}
