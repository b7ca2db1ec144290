/* SPDX-License-Identifier: MIT */
/*
 * A library for LD_PRELOAD that makes one call fail:
 *
 *     FAULT_CALL    the function, one of those below
 *     FAULT_NTH     the number of the call that fails, from 1
 *     FAULT_ERRNO   the error, a number
 *     FAULT_FIRED   a file that is created when the call fails
 *
 * Only calls of the process that loaded the library count; its children do not load it.  Calls
 * inside the C library are not intercepted: a failing thread fails in pthread_create(), and
 * clone() fails only when a program is started.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h> /* rename() */
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* Read-only once the library is loaded. */
static char call_name[32]; /* "": no call fails */
static char fired_path[4096];
static long nth;
static int error_number;
static pid_t owner;

static atomic_long n_calls;

#define N_DESCRIPTORS 1024

/* By descriptor.  The kernel never refuses to add one to an event descriptor, so dagrun need not
 * handle such a failure. */
static atomic_bool is_event[N_DESCRIPTORS];

__attribute__((constructor)) static void
load(void)
{
    const char *call = getenv("FAULT_CALL"), *fired = getenv("FAULT_FIRED");
    const char *which = getenv("FAULT_NTH"), *error = getenv("FAULT_ERRNO");

    owner = getpid();
    if (call && which && error)
        strncpy(call_name, call, sizeof(call_name) - 1);
    if (fired)
        strncpy(fired_path, fired, sizeof(fired_path) - 1);
    nth = which ? strtol(which, NULL, 10) : 0;
    error_number = error ? (int)strtol(error, NULL, 10) : 0;
    unsetenv("LD_PRELOAD");
}

/* Returns: whether this call of `name` must fail; sets errno. */
static bool
fails(const char *name)
{
    if (strcmp(name, call_name) != 0 || getpid() != owner ||
        atomic_fetch_add(&n_calls, 1) + 1 != nth)
        return false;

    long fd = syscall(SYS_openat, AT_FDCWD, fired_path, O_WRONLY | O_CREAT, 0666);

    if (fd >= 0)
        syscall(SYS_close, fd);
    errno = error_number;
    return true;
}

/* Declare `next`, the original function; its type is the wrapper's. */
#define NEXT(name)                                                                         \
    static __typeof__(name) *next;                                                         \
    if (!next)                                                                             \
    *(void **)&next = dlsym(RTLD_NEXT, #name)

/* Returns: the mode argument of open(), or 0. */
static mode_t
mode_of(int flags, va_list args)
{
    bool makes_one = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;

    return makes_one ? (mode_t)va_arg(args, int) : 0;
}

int
open(const char *path, int flags, ...)
{
    NEXT(open);
    va_list args;

    va_start(args, flags);
    mode_t mode = mode_of(flags, args);
    va_end(args);
    return fails("open") ? -1 : next(path, flags, mode);
}

/* Alias of open(). */
int
open64(const char *path, int flags, ...)
{
    NEXT(open64);
    va_list args;

    va_start(args, flags);
    mode_t mode = mode_of(flags, args);
    va_end(args);
    return fails("open") ? -1 : next(path, flags, mode);
}

int
openat(int directory, const char *path, int flags, ...)
{
    NEXT(openat);
    va_list args;

    va_start(args, flags);
    mode_t mode = mode_of(flags, args);
    va_end(args);
    return fails("open") ? -1 : next(directory, path, flags, mode);
}

int
mkostemp(char *path, int flags)
{
    NEXT(mkostemp);
    return fails("open") ? -1 : next(path, flags);
}

ssize_t
read(int fd, void *bytes, size_t size)
{
    NEXT(read);
    return fails("read") ? -1 : next(fd, bytes, size);
}

ssize_t
write(int fd, const void *bytes, size_t size)
{
    NEXT(write);
    if (fd >= 0 && fd < N_DESCRIPTORS && is_event[fd])
        return next(fd, bytes, size);
    return fails("write") ? -1 : next(fd, bytes, size);
}

/* SQLite calls these. */
ssize_t
pwrite64(int fd, const void *bytes, size_t size, off64_t offset)
{
    NEXT(pwrite64);
    return fails("pwrite64") ? -1 : next(fd, bytes, size, offset);
}

ssize_t
pread64(int fd, void *bytes, size_t size, off64_t offset)
{
    NEXT(pread64);
    return fails("pread64") ? -1 : next(fd, bytes, size, offset);
}

int
fdatasync(int fd)
{
    NEXT(fdatasync);
    return fails("fdatasync") ? -1 : next(fd);
}

int
ftruncate64(int fd, off64_t size)
{
    NEXT(ftruncate64);
    return fails("ftruncate64") ? -1 : next(fd, size);
}

int
fsync(int fd)
{
    NEXT(fsync);
    return fails("fsync") ? -1 : next(fd);
}

int
rename(const char *from, const char *to)
{
    NEXT(rename);
    return fails("rename") ? -1 : next(from, to);
}

int
linkat(int from_directory, const char *from, int to_directory, const char *to, int flags)
{
    NEXT(linkat);
    return fails("linkat") ? -1 : next(from_directory, from, to_directory, to, flags);
}

int
pipe2(int fds[2], int flags)
{
    NEXT(pipe2);
    return fails("pipe2") ? -1 : next(fds, flags);
}

int
poll(struct pollfd *fds, nfds_t n_fds, int timeout_ms)
{
    NEXT(poll);
    return fails("poll") ? -1 : next(fds, n_fds, timeout_ms);
}

int
ppoll(struct pollfd *fds, nfds_t n_fds, const struct timespec *timeout,
      const sigset_t *mask)
{
    NEXT(ppoll);
    return fails("poll") ? -1 : next(fds, n_fds, timeout, mask);
}

pid_t
waitpid(pid_t pid, int *status, int flags)
{
    NEXT(waitpid);
    return fails("waitpid") ? -1 : next(pid, status, flags);
}

int
eventfd(unsigned value, int flags)
{
    NEXT(eventfd);
    if (fails("eventfd"))
        return -1;

    int fd = next(value, flags);

    if (fd >= 0 && fd < N_DESCRIPTORS)
        is_event[fd] = true;
    return fd;
}

int
close(int fd)
{
    NEXT(close);
    if (fd >= 0 && fd < N_DESCRIPTORS)
        is_event[fd] = false;
    return next(fd);
}

int
memfd_create(const char *name, unsigned flags)
{
    NEXT(memfd_create);
    return fails("memfd_create") ? -1 : next(name, flags);
}

/* Replaces clone().  The next one is the C library's, not that of a sanitizer.  `pidfd` is undefined if
 * the caller gives none, and is then not used. */
int clone_or_fail(int (*run)(void *), void *stack, int flags, void *data,
                  void *pidfd) __asm__("clone");

int
clone_or_fail(int (*run)(void *), void *stack, int flags, void *data, void *pidfd)
{
    static __typeof__(clone_or_fail) *next;

    if (!next)
        *(void **)&next = dlsym(dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD), "clone");
    return fails("clone") ? -1 : next(run, stack, flags, data, pidfd);
}

int
pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
               void *data)
{
    NEXT(pthread_create);
    return fails("pthread_create") ? error_number : next(thread, attributes, start, data);
}
