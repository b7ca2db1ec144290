/* SPDX-License-Identifier: MIT */
/*
 * The lock is flock() on the directory itself: it leaves no file behind, and the kernel releases it
 * when the process ends, however that happens.  The kernel lists the holders in /proc/locks.
 */
#include "commands/directory-lock.h"

#include "commands/command.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Return whether the process has the directory open. */
static bool
has_open(int pid, const struct stat *info)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/fd", pid);
    g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
    const char *name;

    while (directory && (name = g_dir_read_name(directory))) {
        g_autofree char *entry = g_build_filename(path, name, NULL);
        struct stat other;

        if (stat(entry, &other) == 0 && other.st_dev == info->st_dev &&
            other.st_ino == info->st_ino)
            return true;
    }
    return false;
}

/* Return the process that has locked the directory, or 0 if it cannot be found: another user's, or
 * in another container. */
static int
find_holder(const struct stat *info)
{
    FILE *list = fopen("/proc/locks", "re");
    char line[256];
    int holder = 0;

    while (list && holder == 0 && fgets(line, sizeof(line), list)) {
        int pid;
        unsigned device_major, device_minor;
        uint64_t inode;

        /* "1: FLOCK  ADVISORY  WRITE 4711 fe:01:23 0 EOF"; some file systems have other numbers for
         * the device than stat(). */
        if (sscanf(line, "%*s FLOCK %*s WRITE %d %x:%x:%" SCNu64, &pid, &device_major,
                   &device_minor, &inode) == 4 &&
            pid > 0 && inode == info->st_ino &&
            ((device_major == major(info->st_dev) && device_minor == minor(info->st_dev)) ||
             has_open(pid, info)))
            holder = pid;
    }
    if (list)
        fclose(list);
    return holder;
}

static void
complain_of_lock(const char *path, const struct stat *info)
{
    int holder = find_holder(info);

    if (holder > 0)
        complain("the directory \"%s\" is in use by another run (process %d)", path,
                 holder);
    else
        complain("the directory \"%s\" is in use by another run", path);
}

/* Return whether the process is this one, or an ancestor of it. */
static bool
is_ancestor(int pid)
{
    int at = getpid();

    while (at > 1 && at != pid) {
        g_autofree char *path = g_strdup_printf("/proc/%d/stat", at);
        g_autofree char *text = NULL;
        const char *end;

        /* "4711 (name) S 4242 …"; the name may have any characters. */
        if (!g_file_get_contents(path, &text, NULL, NULL) || !(end = strrchr(text, ')')) ||
            sscanf(end, ") %*c %d", &at) != 1)
            return false;
    }
    return at == pid;
}

/* Return whether the run has locked this directory already, by the same or another name. */
static bool
is_locked(const DirectoryLocks *locks, const struct stat *info)
{
    for (int i = 0; i < locks->n; i++) {
        struct stat other;

        if (fstat(locks->fds[i], &other) == 0 && other.st_dev == info->st_dev &&
            other.st_ino == info->st_ino)
            return true;
    }
    return false;
}

typedef enum Try {
    TRY_GOOD,
    TRY_FAILED, /* after an error message */
    TRY_IN_USE, /* by another run */
} Try;

/* Try to lock a directory.  With TRY_IN_USE, set *info_out. */
static Try
try_lock(DirectoryLocks *locks, const char *path, struct stat *info_out)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    /* A directory in which the user may only write is not locked. */
    if (fd < 0 && errno == EACCES)
        return TRY_GOOD;
    if (fd < 0) {
        complain("cannot open the directory \"%s\": %s", path, g_strerror(errno));
        return TRY_FAILED;
    }
    if (fstat(fd, info_out) < 0 || is_locked(locks, info_out)) {
        close(fd);
        return TRY_GOOD;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
        close(fd);
        return TRY_IN_USE;
    }
    g_assert(locks->n < MAX_DIRECTORY_LOCKS);
    locks->fds[locks->n++] = fd;
    return TRY_GOOD;
}

bool
directory_lock(DirectoryLocks *locks, const char *path)
{
    struct stat info;
    Try result = try_lock(locks, path, &info);

    if (result == TRY_IN_USE)
        complain_of_lock(path, &info);
    return result == TRY_GOOD;
}

/* Wait until no run has locked the directory.  Returns: false after an error message. */
static bool
wait_for(const char *path, const struct stat *info)
{
    int holder = find_holder(info), fd, result;

    if (holder > 0 && is_ancestor(holder)) {
        complain_of_lock(path, info);
        return false;
    }
    if (holder > 0)
        complain("waiting for another run, which uses the directory \"%s\" (process %d)",
                 path, holder);
    else
        complain("waiting for another run, which uses the directory \"%s\"", path);
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return true; /* the next try will say why */
    do
        result = flock(fd, LOCK_EX);
    while (result < 0 && errno == EINTR);
    close(fd);
    return true;
}

/* While it waits for one directory, a run holds no other, so that two runs cannot wait for each other. */
bool
directory_lock_both(DirectoryLocks *locks, const char *first, const char *second)
{
    const char *const paths[] = {first, second};

    for (size_t i = 0; i < G_N_ELEMENTS(paths);) {
        struct stat info;
        Try result = paths[i] ? try_lock(locks, paths[i], &info) : TRY_GOOD;

        if (result == TRY_GOOD) {
            i++;
            continue;
        }
        if (result == TRY_IN_USE && !locks->waits)
            complain_of_lock(paths[i], &info);
        if (result == TRY_FAILED || !locks->waits)
            return false;
        directory_locks_release(locks);
        if (!wait_for(paths[i], &info))
            return false;
        i = 0;
    }
    return true;
}

void
directory_locks_release(DirectoryLocks *locks)
{
    while (locks->n > 0)
        close(locks->fds[--locks->n]);
}
