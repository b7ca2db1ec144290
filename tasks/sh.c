/* SPDX-License-Identifier: MIT */
/*
 * POSIX has had `pipefail` since 2024; dash has it since 0.5.13, and bash, ksh and busybox have had
 * it for long.  A script cannot ask by itself without a subshell, so dagrun asks once.
 */
#include "sh.h"

#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sys/wait.h>
#include <unistd.h>

static gpointer
ask(gpointer data)
{
    const char *const arguments[] = {DAG__SH, "-o", "pipefail", "-c", ":", NULL};
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC), pidfd = -1, status = -1;
    sigset_t resets;
    pid_t pid = 0;

    (void)data;
    dag__spawn_resets(&resets);
    if (fd >= 0 && dag__spawn(&(SpawnRequest){.arguments = arguments,
                                              .environment = environ,
                                              .fds = {fd, fd, fd},
                                              .resets = &resets},
                              &pid, &pidfd) == 0)
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            continue;
    if (pidfd >= 0)
        close(pidfd);
    if (fd >= 0)
        close(fd);
    return GINT_TO_POINTER(status == 0);
}

bool
dag__sh_has_pipefail(void)
{
    static GOnce once = G_ONCE_INIT;

    return GPOINTER_TO_INT(g_once(&once, ask, NULL)) != 0;
}
