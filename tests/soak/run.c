/* SPDX-License-Identifier: MIT */
/*
 * Run dagrun, send it the signals of the case, and check that it leaves nothing behind.
 *
 * Left-over processes are found by the run's mark in their environment.  Zombies that dagrun did
 * not wait for become our children, since we are a subreaper.
 */
#include "soak.h"

#include <dagrun/duration.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define NS_PER_MS INT64_C(1000000)

/* More than ten times the longest case, under a sanitizer on a busy machine. */
#define HANG_NS (60000 * NS_PER_MS)

/* Processes of dagrun itself may need a moment to notice that it has ended. */
#define LINGER_NS (3000 * NS_PER_MS)

void
complain(GString *problems, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_string_append_vprintf(problems, format, args);
    va_end(args);
    g_string_append_c(problems, '\n');
}

/* Returns: our environment, with an option that keeps ThreadSanitizer from waiting a second at
 * exit for idle threads of GLib. */
static char **
quick_environment(void)
{
    const char *options = g_getenv("TSAN_OPTIONS");
    g_autofree char *quick =
        g_strdup_printf("%s:atexit_sleep_ms=0", options ? options : "");

    return g_environ_setenv(g_get_environ(), "TSAN_OPTIONS", quick, TRUE);
}

static char **
environment_of(const CaseFiles *files)
{
    g_auto(GStrv) mark = g_strsplit(files->mark, "=", 2);
    char **environment = quick_environment();

    environment = g_environ_setenv(environment, "TMPDIR", files->temporary, TRUE);
    return g_environ_setenv(environment, mark[0], mark[1], TRUE);
}

/* Open standard output for the program: a file, or a pipe without a reader. */
static int
open_output(const Case *c)
{
    int fds[2];

    if (!c->closed_output)
        return open("out", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (pipe2(fds, O_CLOEXEC) < 0)
        return -1;
    close(fds[0]);
    return fds[1];
}

/* Start the program in the current directory, which is that of the case.  Returns: 0 or an errno.
 * */
static int
start(const Case *c, const CaseFiles *files, const char *program, pid_t *pid_out)
{
    g_auto(GStrv) environment = environment_of(files);
    g_auto(GStrv) arguments = case_arguments(c, program);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int output = open_output(c), problem;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "err",
                                     O_WRONLY | O_CREAT | O_TRUNC, 0666);
    problem = posix_spawn(pid_out, program, &actions, &attributes, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    close(output);
    return problem;
}

/* Returns: whether the process ended before `until_ns`. */
static bool
ends_until(int pidfd, int64_t until_ns)
{
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    int64_t left_ns = MAX(until_ns - dag_clock_ns(), 0);
    struct timespec left = {left_ns / 1000000000, left_ns % 1000000000};

    while (ppoll(&end, 1, &left, NULL) < 0)
        g_assert(errno == EINTR);
    return end.revents != 0;
}

/* Send the signals at their times and wait for the end. */
static void
attend(const Case *c, const CaseFiles *files, pid_t pid, Sight *sight)
{
    int64_t began_ns = dag_clock_ns();
    int pidfd = pidfd_open(pid, 0);

    g_assert(pidfd >= 0);
    while (sight->n_sent < c->n_signals) {
        const Signal *signal = &c->signals[sight->n_sent];

        int64_t load_ns = files->load_ns * signal->load_percent / 100;

        if (ends_until(pidfd, dag_clock_ns() + load_ns + signal->delay_ns))
            break;
        kill(pid, signal->number);
        sight->n_sent++;
    }
    sight->hung = !ends_until(pidfd, began_ns + HANG_NS);
    sight->lasted_ns = dag_clock_ns() - began_ns;
    close(pidfd);
}

/* Returns: whether the process has the mark in its environment. */
static bool
is_marked(const char *pid, const char *mark)
{
    g_autofree char *path = g_strdup_printf("/proc/%s/environ", pid);
    g_autofree char *text = NULL;
    size_t size, length = strlen(mark);

    if (!g_file_get_contents(path, &text, &size, NULL))
        return false;
    for (char *at = text; at < text + size; at += strlen(at) + 1)
        if (strncmp(at, mark, length + 1) == 0)
            return true;
    return false;
}

/* Returns: the kernel's name of the process, or "" if it is gone. */
static char *
name_of(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/comm", (int)pid);
    char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) ? g_strchomp(text) : g_strdup("");
}

/* Returns: the processes that have the mark (of pid_t). */
static GArray *
list_marked(const char *mark)
{
    GArray *pids = g_array_new(FALSE, FALSE, sizeof(pid_t));
    g_autoptr(GDir) processes = g_dir_open("/proc", 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(processes)))
        if (g_ascii_isdigit(*name) && is_marked(name, mark)) {
            pid_t pid = (pid_t)atoi(name);

            g_array_append_val(pids, pid);
        }
    return pids;
}

static void
describe(pid_t pid, GString *out)
{
    g_autofree char *status_path = g_strdup_printf("/proc/%d/status", (int)pid);
    g_autofree char *line_path = g_strdup_printf("/proc/%d/cmdline", (int)pid);
    g_autofree char *status = NULL, *line = NULL;
    size_t size = 0;

    g_file_get_contents(line_path, &line, &size, NULL);
    for (size_t i = 0; i + 1 < size; i++)
        if (line[i] == '\0')
            line[i] = ' ';
    if (g_file_get_contents(status_path, &status, NULL, NULL))
        for (char *at = strchr(status, '\n'); at; at = strchr(at + 1, '\n'))
            if (g_str_has_prefix(at, "\nState:") || g_str_has_prefix(at, "\nPPid:"))
                g_string_append_printf(out, "%.*s, ", (int)strcspn(at + 1, "\n"), at + 1);
    g_string_append_printf(out, "%d: %.200s\n", (int)pid, line ? line : "?");
}

/* Kill left-over processes, so that one failure does not cause others. */
static void
kill_marked(const char *mark)
{
    g_autoptr(GArray) pids = list_marked(mark);

    for (guint i = 0; i < pids->len; i++)
        kill(g_array_index(pids, pid_t, i), SIGKILL);
    while (waitpid(-1, NULL, 0) > 0)
        ;
}

/* Report processes that are still alive; dagrun's own may live for a moment. */
static void
check_living(const char *mark, const char *program, GString *problems)
{
    int64_t until_ns = dag_clock_ns() + LINGER_NS;
    g_autofree char *own = g_strndup(program, 15); /* the kernel cuts names there */

    for (;;) {
        g_autoptr(GArray) pids = list_marked(mark);
        unsigned n_own = 0;

        for (guint i = 0; i < pids->len; i++) {
            g_autofree char *name = name_of(g_array_index(pids, pid_t, i));

            n_own += g_str_has_prefix(name, own);
        }
        if (pids->len == 0)
            return;
        if (n_own == pids->len && dag_clock_ns() < until_ns) {
            g_usleep(1000);
            continue;
        }
        for (guint i = 0; i < pids->len; i++) {
            g_string_append(problems, "alive after the run: ");
            describe(g_array_index(pids, pid_t, i), problems);
        }
        return;
    }
}

/* Report zombies, except dagrun's guard, which outlives dagrun by design. */
static void
check_zombies(const char *program, GString *problems)
{
    g_autofree char *own = g_strndup(program, 15);
    siginfo_t info = {0};

    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid > 0) {
        g_autofree char *name = name_of(info.si_pid);

        if (!g_str_has_prefix(name, own))
            complain(problems, "zombie after the run: %s (%d)", name, (int)info.si_pid);
        waitpid(info.si_pid, NULL, 0);
        info.si_pid = 0;
    }
}

static void
check_files(const CaseFiles *files, GString *problems)
{
    g_autoptr(GDir) directory = g_dir_open(files->temporary, 0, NULL);
    g_autoptr(GDir) own = g_dir_open(files->directory, 0, NULL);
    const char *name;

    /* ThreadSanitizer leaves a file if it is killed while it starts. */
    while (directory && (name = g_dir_read_name(directory)))
        if (!g_str_has_prefix(name, "tsan.rodata"))
            complain(problems, "was left in TMPDIR: %s", name);
    /* dagrun writes a temporary file beside timings.json and renames it. */
    while (own && (name = g_dir_read_name(own)))
        if (g_str_has_prefix(name, "timings.json."))
            complain(problems, "was left beside the timings: %s", name);
}

/* A sanitizer may print a message without ending the program. */
static void
check_messages(Sight *sight)
{
    g_autofree char *err = NULL, *out = NULL;
    size_t err_size = 0, out_size = 0;

    g_file_get_contents("err", &err, &err_size, NULL);
    g_file_get_contents("out", &out, &out_size, NULL);
    sight->has_printed = err_size + out_size > 0;
    if (err && (strstr(err, "Sanitizer") || strstr(err, "runtime error:") ||
                strstr(err, "-CRITICAL **") || strstr(err, "-WARNING **")))
        complain(sight->problems, "a sanitizer or GLib complained; see err");
}

static void
report_hang(const CaseFiles *files, GString *problems)
{
    g_autoptr(GArray) pids = list_marked(files->mark);

    complain(problems,
             "did not end within %d s; its processes:", (int)(HANG_NS / 1000000000));
    for (guint i = 0; i < pids->len; i++) {
        g_string_append(problems, "    ");
        describe(g_array_index(pids, pid_t, i), problems);
    }
}

int64_t
soak_measure_load(const char *program)
{
    static const char graph[] = "<graph xmlns=\"urn:dagrun:graph:1\"/>";
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("dagrun-soak-XXXXXX", &path, NULL);
    g_auto(GStrv) environment = quick_environment();
    const char *const arguments[] = {program, path, NULL};
    int64_t began_ns = 0, took_ns;

    g_assert(fd >= 0 && write(fd, graph, sizeof(graph) - 1) == sizeof(graph) - 1);
    close(fd);
    /* The first time warms the caches. */
    for (int i = 0; i < 2; i++) {
        began_ns = dag_clock_ns();
        g_spawn_sync(NULL, (char **)(void *)arguments, environment,
                     G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                     NULL, NULL, NULL, NULL);
    }
    took_ns = dag_clock_ns() - began_ns;
    g_unlink(path);
    return took_ns;
}

void
soak_run(const Case *c, const CaseFiles *files, const char *program, Sight *sight)
{
    g_autofree char *name = g_path_get_basename(program);
    pid_t pid;
    int problem = start(c, files, program, &pid);

    if (problem) {
        complain(sight->problems, "cannot run %s: %s", program, g_strerror(problem));
        return;
    }
    attend(c, files, pid, sight);
    if (sight->hung) {
        report_hang(files, sight->problems);
        kill(pid, SIGKILL);
    }
    while (waitpid(pid, &sight->status, 0) < 0)
        g_assert(errno == EINTR);
    if (!sight->hung) {
        check_living(files->mark, name, sight->problems);
        check_zombies(name, sight->problems);
        check_files(files, sight->problems);
    }
    kill_marked(files->mark);
    check_messages(sight);
}
