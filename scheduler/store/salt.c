/* SPDX-License-Identifier: MIT */
/*
 * Two processes may make the salt at the same time: each writes a file of its own, and link() lets one of them win.
 */
#include "store/salt.h"

#include <dagrun/error.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* Returns: false with errno set; EINVAL if the file has another size. */
static bool
read_file(const char *path, uint8_t *salt_out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n = fd < 0 ? -1 : read(fd, salt_out, SALT_SIZE);
    int problem = n < 0 ? errno : EINVAL;

    if (fd >= 0)
        close(fd);
    errno = problem;
    return n == SALT_SIZE;
}

/* Write random bytes to a temporary file, and give it the name unless there is one.
 * Returns: false with errno set. */
static bool
make_file(const char *directory, const char *path)
{
    g_autofree char *temporary = g_build_filename(directory, ".salt.XXXXXX", NULL);
    uint8_t salt[SALT_SIZE];
    int fd, problem = 0;

    if (g_mkdir_with_parents(directory, 0700) < 0 ||
        getrandom(salt, sizeof(salt), 0) != sizeof(salt))
        return false;
    fd = g_mkstemp_full(temporary, O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    if (write(fd, salt, sizeof(salt)) != sizeof(salt) || fsync(fd) < 0)
        problem = errno ? errno : ENOSPC;
    else if (link(temporary, path) < 0 && errno != EEXIST)
        problem = errno;
    close(fd);
    g_unlink(temporary);
    errno = problem;
    return problem == 0;
}

bool
dag__salt_read(const char *directory, uint8_t *salt_out, GError **error)
{
    g_autofree char *path = g_build_filename(directory, "salt", NULL);

    if (read_file(path, salt_out))
        return true;
    if (errno == ENOENT && make_file(directory, path) && read_file(path, salt_out))
        return true;
    g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "the store \"%s\": its salt: %s", directory,
                g_strerror(errno));
    return false;
}
