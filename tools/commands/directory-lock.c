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

bool
directory_lock(DirectoryLocks *locks, const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat info;

    /* A directory in which the user may only write is not locked. */
    if (fd < 0 && errno == EACCES)
        return true;
    if (fd < 0) {
        complain("cannot open the directory \"%s\": %s", path, g_strerror(errno));
        return false;
    }
    if (fstat(fd, &info) < 0 || is_locked(locks, &info)) {
        close(fd);
        return true;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
        complain_of_lock(path, &info);
        close(fd);
        return false;
    }
    g_assert(locks->n < MAX_DIRECTORY_LOCKS);
    locks->fds[locks->n++] = fd;
    return true;
}

void
directory_locks_release(DirectoryLocks *locks)
{
    while (locks->n > 0)
        close(locks->fds[--locks->n]);
}
