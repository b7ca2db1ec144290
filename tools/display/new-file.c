/* SPDX-License-Identifier: MIT */
/*
 * The new file has no name while it is written, so it disappears if dagrun is killed; without /proc or
 * O_TMPFILE it has one beside the other's.
 */
#include "display/new-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Give a nameless file a name.  Returns: false with errno set. */
static bool
link_as(int fd, const char *name)
{
    g_autofree char *nameless = g_strdup_printf("/proc/self/fd/%d", fd);

    return linkat(AT_FDCWD, nameless, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
}

/* Open a new file without a name, which disappears if dagrun is killed.
 * Returns: -1 if it could not get a name. */
static int
open_nameless(const char *target)
{
    g_autofree char *directory = g_path_get_dirname(target);
    int fd = open(directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);

    /* Without /proc, or where linkat() is refused, the error is another one. */
    if (fd < 0 || (!link_as(fd, "/") && errno == EEXIST))
        return fd;
    close(fd);
    return -1;
}

/* Open a file beside the one that it shall replace. */
static int
open_beside(NewFile *file, const char *path)
{
    /* Replace the target of a symbolic link, not the link. */
    char *real = realpath(path, NULL);
    int fd;

    file->target = g_strdup(real ? real : path);
    free(real);
    fd = open_nameless(file->target);
    if (fd >= 0)
        return fd;
    file->name = g_strdup_printf("%s.XXXXXX", file->target);
    fd = g_mkstemp_full(file->name, O_WRONLY | O_CLOEXEC, 0666);
    if (fd < 0)
        g_clear_pointer(&file->name, g_free);
    return fd;
}

/* Return whether `path`, which cannot be followed, is a symbolic link. */
static bool
is_dangling(const char *path)
{
    struct stat link;

    return lstat(path, &link) == 0 && S_ISLNK(link.st_mode);
}

int
new_file_open(NewFile *file, const char *path)
{
    bool exists = stat(path, &file->before) == 0;

    if (exists && !S_ISREG(file->before.st_mode))
        return open(path, O_WRONLY | O_CLOEXEC);
    if (!exists && is_dangling(path)) /* there is nothing to replace, and the link stays */
        return open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    return open_beside(file, path);
}

/* Give the file a name that does not exist yet. */
static bool
give_name(NewFile *file, int fd)
{
    do {
        g_free(file->name);
        file->name = g_strdup_printf("%s.%06x", file->target, g_random_int() & 0xffffff);
        if (link_as(fd, file->name))
            return true;
    } while (errno == EEXIST);
    g_clear_pointer(&file->name, g_free);
    return false;
}

bool
new_file_put(NewFile *file, int fd)
{
    if (!file->target)
        return true;
    /* Some file systems write the content after the name. */
    if (file->before.st_nlink > 0 &&
        (fchmod(fd, file->before.st_mode & 07777) || fsync(fd)))
        return false;
    if (!file->name && file->before.st_nlink == 0 && link_as(fd, file->target))
        return true;
    return (file->name || give_name(file, fd)) && rename(file->name, file->target) == 0;
}

void
new_file_clear(NewFile *file, bool remove)
{
    if (remove && file->name)
        unlink(file->name);
    g_clear_pointer(&file->name, g_free);
    g_clear_pointer(&file->target, g_free);
}
