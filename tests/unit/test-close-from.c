/* SPDX-License-Identifier: MIT */
/*
 * Closing descriptors where the kernel refuses close_range(), as old ones and filters of containers
 * do.
 */
#include "close-from.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIRST 10
#define HIGH  200 /* more than the test has open */

static int refusal; /* an errno, or 0 */

/* Replaces the C library's function. */
int
close_range(unsigned first, unsigned last, int flags)
{
    if (refusal == 0)
        return (int)syscall(SYS_close_range, first, last, flags);
    errno = refusal;
    return -1;
}

static bool
is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

/* In a child: it has the descriptors of the test. */
static void
close_and_check(void)
{
    int fd = open("/dev/null", O_RDONLY);

    if (fd < 0 || dup2(fd, FIRST - 1) < 0 || dup2(fd, FIRST) < 0 || dup2(fd, HIGH) < 0)
        _exit(1);
    dag__close_from(FIRST);
    _exit(is_open(FIRST - 1) && !is_open(FIRST) && !is_open(HIGH) ? 0 : 2);
}

static void
assert_closes(int error_number)
{
    pid_t pid;
    int status;

    refusal = error_number;
    pid = fork();
    if (pid == 0)
        close_and_check();
    g_assert_cmpint(pid, >, 0);
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_cmpint(status, ==, 0);
}

static void
test_the_kernel_closes_them(void)
{
    assert_closes(0);
}

static void
test_a_refusal_is_no_obstacle(void)
{
    assert_closes(ENOSYS);
    assert_closes(EPERM);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/close-from/the-kernel-closes-them", test_the_kernel_closes_them);
    g_test_add_func("/close-from/a-refusal-is-no-obstacle", test_a_refusal_is_no_obstacle);
    return g_test_run();
}
