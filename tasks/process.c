/* SPDX-License-Identifier: MIT */
/*
 * A worker starts a program (launch.c), reads what it says through pipes, and learns of its end from
 * a pidfd, all in one poll().
 *
 * The pipes belong to the worker (channel.c) and are used again for the next task: making them anew
 * costs more than the rest of dagrun's share.  So they show no end of file; the end is the end of the
 * program, after which the pipe holds all that it wrote.  If anything lives on that may still
 * write, the worker gets new pipes.
 *
 * Each program leads a process group of its own, so that the wish to stop reaches all that it
 * started: TERM, a while to follow it, KILL.
 */
#include "process.h"

#include "channel.h"
#include "family.h"
#include "groups.h"
#include "launch.h"
#include "leftovers.h"
#include "shortage.h"

#include <dagrun/duration.h>
#include <dagrun/tasks.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define READ_SIZE 65536 /* what a pipe holds */

/* What survives so many KILLs, a tenth of a second apart, is stuck in the kernel. */
#define MAX_KILLS 20

/* How often to look for the end of a program where there is no pidfd to tell. */
#define LOOK_MS 5

/* Longer than any worker takes from fork to exec. */
#define HANG_UP_MS 2

/* How often to look for orphans that have ended while a program runs for long. */
#define REAP_MS 1000

/* Why a program could not be started. */
typedef struct Failure {
    int problem;  /* an errno, or 0 */
    char *reason; /* for people; owned */
} Failure;

/* One running program. */
typedef struct Child {
    DagContext *context;
    Channel *channel;
    bool merged; /* errors go where output goes: nobody reads the output by itself */
    pid_t pid;
    int pidfd;  /* -1: descriptors are used up, so look again and again */
    int status; /* of waitpid() */
    bool has_ended;
    bool is_lost;       /* somebody else took the status, or nobody could */
    bool told_to_end;   /* TERM was sent */
    int64_t kill_at_ms; /* when the next KILL may follow; monotonic */
    unsigned n_kills;   /* how often KILL was sent */
} Child;

/* Takes the reason.  Returns: false. */
static bool
fail(Failure *failure, int problem, char *reason)
{
    *failure = (Failure){problem, reason};
    return false;
}

static int64_t
now_ms(void)
{
    return dag_clock_ns() / 1000000;
}

/* input_out: a descriptor for standard input, to be closed if it is not the channel's. */
static bool
open_input(const Child *child, const Process *process, int *input_out, Failure *failure)
{
    g_autoptr(GError) error = NULL;
    int shared = -1;

    if (process->input != DAG_TASK_NONE)
        shared = dag_context_output_fd(child->context, process->input, &error);
    if (error)
        return fail(failure, dag__lacks_descriptors() ? EMFILE : 0,
                    g_strdup(error->message));
    *input_out = child->channel->null_fd;
    if (shared < 0)
        return true;

    /* Opened anew, since several readers may be at different places in it. */
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", shared);

    *input_out = open(path, O_RDONLY | O_CLOEXEC);
    if (*input_out < 0)
        return fail(
            failure, errno,
            g_strdup_printf("cannot open its standard input: %s", g_strerror(errno)));
    return true;
}

/* Returns: 0 or an errno. */
static int
launch(Child *child, const Process *process, int input_fd)
{
    const Channel *channel = child->channel;
    int output_fd = channel->output.write_fd;

    return dag__launch(
        &(Launch){
            .arguments = process->arguments,
            .environment = process->environment,
            .directory = process->directory,
            .fds = {input_fd, output_fd,
                    child->merged ? output_fd : channel->errors.write_fd},
            .resets = &channel->resets,
        },
        &child->pid, &child->pidfd);
}

/* Returns: 0, or why the process could not enter its directory. */
static int
check_directory(const Process *process)
{
    if (!process->directory)
        return 0;
    if (access(process->directory, X_OK) < 0)
        return errno;
    return g_file_test(process->directory, G_FILE_TEST_IS_DIR) ? 0 : ENOTDIR;
}

/* What the kernel calls "no such file" may be the one that a script names in its first line. */
static bool
lacks_interpreter(const Process *process, int problem)
{
    g_autofree char *path = NULL;

    if (problem != ENOENT || !strchr(process->arguments[0], '/'))
        return false;
    path = g_canonicalize_filename(process->arguments[0], process->directory);
    return g_file_test(path, G_FILE_TEST_EXISTS);
}

/* Returns: why the program could not be started; free with g_free(). */
static char *
launch_reason(const Process *process, int problem)
{
    const char *program = process->arguments[0];
    int of_directory = check_directory(process);

    if (of_directory)
        return g_strdup_printf("cannot enter the directory \"%s\": %s", process->directory,
                               g_strerror(of_directory));
    if (lacks_interpreter(process, problem))
        return g_strdup_printf("cannot run \"%s\": its interpreter does not exist; see its "
                               "first line",
                               program);
    if (problem == E2BIG)
        return g_strdup_printf("cannot run \"%s\": its arguments and environment are too "
                               "long; pass large outputs with stdin or as files",
                               program);
    if (problem == ENOEXEC)
        return g_strdup_printf("cannot run \"%s\": not a program; a script needs a first "
                               "line such as #!/bin/sh",
                               program);
    return g_strdup_printf("cannot run \"%s\": %s", program, g_strerror(problem));
}

/* Takes what is in the pipe, or a part of it.  Returns: whether there may be more. */
static bool
take(const Child *child, int fd, bool is_output)
{
    char buffer[READ_SIZE];
    ssize_t n;

    do
        n = read(fd, buffer, sizeof(buffer));
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        return false;
    if (is_output)
        dag_context_write_output(child->context, buffer, (size_t)n);
    dag_context_write_transcript(child->context, buffer, (size_t)n);
    return (size_t)n == sizeof(buffer);
}

/* Takes all that was in the pipe when the program ended.  Not what comes meanwhile: something
 * it left running may write for ever. */
static void
drain(const Child *child, int fd, bool is_output)
{
    int left;

    if (!take(child, fd, is_output))
        return;
    left = fcntl(fd, F_GETPIPE_SZ) - READ_SIZE;
    while (left > 0 && take(child, fd, is_output))
        left -= READ_SIZE;
}

/* What the program says while it runs: no more at a time than fits, since it may say it faster
 * than it can be kept, and be told to end. */
static void
take_all(const Child *child)
{
    take(child, child->channel->output.read_fd, !child->merged);
    if (!child->merged)
        take(child, child->channel->errors.read_fd, false);
}

static void
drain_all(const Child *child)
{
    drain(child, child->channel->output.read_fd, !child->merged);
    if (!child->merged)
        drain(child, child->channel->errors.read_fd, false);
}

/* `flags` as of waitpid(). */
static void
reap(Child *child, int flags)
{
    pid_t pid;

    if (!(flags & WNOHANG)) /* it has ended: from here on its number may be another's */
        dag__groups_set(child->channel->place, 0);
    do
        pid = waitpid(child->pid, &child->status, flags);
    while (pid < 0 && errno == EINTR);
    child->has_ended = pid != 0;
    child->is_lost = pid < 0;
}

/* Follows the wish to stop, as far as it goes now. */
static void
escalate(Child *child)
{
    DagCancelLevel level = dag_context_cancel_level(child->context);

    if (level == DAG_CANCEL_NONE)
        return;
    if (!child->told_to_end) {
        child->told_to_end = true;
        kill(-child->pid, SIGTERM);
        kill(-child->pid, SIGCONT); /* a stopped process would never see it */
    }
    if (level == DAG_CANCEL_KILL && now_ms() >= child->kill_at_ms) {
        kill(-child->pid, SIGKILL);
        child->n_kills++;
        child->kill_at_ms =
            now_ms() + 100; /* should anything have been started meanwhile */
    }
}

/* Waits until there is something to read, the program has ended, or it is time to act. */
static void
wait_for_child(Child *child)
{
    DagContext *context = child->context;
    struct pollfd fds[] = {
        {.fd = child->pidfd, .events = POLLIN},
        {.fd = child->channel->output.read_fd, .events = POLLIN},
        {.fd = child->merged ? -1 : child->channel->errors.read_fd, .events = POLLIN},
    };
    int64_t left_ms = child->n_kills > 0 ? MAX(child->kill_at_ms - now_ms(), 0) : REAP_MS;
    int n_ready;

    if (child->pidfd < 0)
        left_ms = LOOK_MS;
    n_ready = dag_context_poll(context, fds, G_N_ELEMENTS(fds), (int)left_ms);
    if (n_ready < 0)
        return;
    if (n_ready == 0)
        dag__leftovers_are_possible(); /* reaps them on the way */
    if (fds[1].revents || fds[2].revents)
        take_all(child);
    if (fds[0].revents)
        reap(child, 0);
    else if (child->pidfd < 0)
        reap(child, WNOHANG);
    if (!child->has_ended) /* its number is not its own any more */
        escalate(child);
}

/* What is left of a group that was told to end, once its leader has. */
static void
end_group(Child *child)
{
    while (child->n_kills < MAX_KILLS && dag__group_is_alive(child->pid)) {
        poll(NULL, 0, 5);
        escalate(child);
    }
}

/* Lets go of a pipe into which somebody may still write.  Its other end hangs up when nobody
 * holds it any more; between fork and exec even the child of another worker does. */
static void
pipe_renounce(Pipe *pair)
{
    struct pollfd end = {.fd = pair->read_fd};

    if (pair->read_fd < 0)
        return;
    close(pair->write_fd);
    pair->write_fd = -1;
    if (poll(&end, 1, HANG_UP_MS) != 1) {
        dag__leftovers_drain(pair->read_fd);
        pair->read_fd = -1;
    }
    dag__pipe_close(pair);
}

/* What does not end is left alone, and named when the run has ended. */
static void
give_up(const Child *child)
{
    g_autofree char *command = dag__family_command(child->pid);

    dag_context_set_reason(child->context, "process %d (%s) cannot be ended",
                           (int)child->pid, command);
    dag__leftovers_give_up(child->pid);
}

/* What the program left behind must not get into the output of the next task. */
static void
see_to_leftovers(Child *child)
{
    bool is_alive = !child->has_ended;

    if (child->told_to_end)
        end_group(child);
    if (!is_alive && !dag__leftovers_are_possible())
        return;
    is_alive = is_alive || dag__group_is_alive(child->pid);
    if (is_alive && child->n_kills >= MAX_KILLS)
        give_up(child);
    else if (is_alive)
        dag__leftovers_add(child->pid);
    pipe_renounce(&child->channel->output);
    pipe_renounce(&child->channel->errors);
}

static DagOutcome
outcome_of(const Child *child)
{
    int status = child->status;

    if (child->told_to_end)
        return DAG_CANCELLED;
    if (child->is_lost) {
        dag_context_set_reason(child->context,
                               "its exit status is lost: this program ignores SIGCHLD, or "
                               "waits for processes that are not its own");
        return DAG_FAILED;
    }
    if (dag_context_set_exit_code(
            child->context, WIFEXITED(status)
                                ? WEXITSTATUS(status)
                                : DAG_CODE_SIGNAL_BASE + WTERMSIG(status)) == DAG_SUCCEEDED)
        return DAG_SUCCEEDED;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        dag_context_set_reason(child->context, "exit status 0, which is not expected");
    else if (WIFEXITED(status))
        dag_context_set_reason(child->context, "exit status %d", WEXITSTATUS(status));
    else if (sigabbrev_np(WTERMSIG(status)))
        dag_context_set_reason(child->context, "killed by SIG%s (%s)%s",
                               sigabbrev_np(WTERMSIG(status)), strsignal(WTERMSIG(status)),
                               WCOREDUMP(status) ? ", core dumped" : "");
    else
        dag_context_set_reason(child->context, "killed by signal %d", WTERMSIG(status));
    return DAG_FAILED;
}

/* Starts the program, with all that it needs. */
static bool
start(Child *child, const Process *process, Failure *failure)
{
    int input_fd, problem;

    child->channel = dag__channel_open(!child->merged);
    if (!child->channel)
        return fail(failure, errno,
                    g_strdup_printf("cannot open a pipe: %s", g_strerror(errno)));
    if (!open_input(child, process, &input_fd, failure)) {
        dag__channel_surrender(child->channel);
        return false;
    }
    dag__groups_prepare(child->channel->place);
    problem = launch(child, process, input_fd);
    dag__groups_set(child->channel->place, problem ? 0 : child->pid);
    if (input_fd != child->channel->null_fd)
        close(input_fd);
    if (!problem)
        return true;
    dag__channel_surrender(child->channel);
    return fail(failure, problem, launch_reason(process, problem));
}

/* The same, waiting out what is used up only for a while.  Returns: DAG_SUCCEEDED if it runs. */
static DagOutcome
start_patiently(Child *child, const Process *process)
{
    Shortage shortage = {0};
    Failure failure = {0};
    DagOutcome outcome = DAG_SUCCEEDED;

    while (outcome == DAG_SUCCEEDED && !start(child, process, &failure)) {
        if (!dag__is_shortage(failure.problem)) {
            outcome = DAG_FAILED;
        } else if (!dag__shortage_wait(&shortage, child->context)) {
            bool told = dag_context_cancel_level(child->context) != DAG_CANCEL_NONE;

            outcome = told ? DAG_CANCELLED : DAG_FAILED;
        }
        if (outcome == DAG_FAILED)
            dag_context_set_reason(child->context, "%s", failure.reason);
        g_free(failure.reason);
    }
    return outcome;
}

DagOutcome
dag__process_run(DagContext *context, const Process *process)
{
    bool is_read =
        dag_graph_task_is_read(dag_context_graph(context), dag_context_task(context));
    Child child = {.context = context, .merged = !is_read};
    DagOutcome outcome = start_patiently(&child, process);

    if (outcome != DAG_SUCCEEDED)
        return outcome;
    escalate(&child);
    while (!child.has_ended && child.n_kills < MAX_KILLS)
        wait_for_child(&child);
    dag__groups_set(child.channel->place, 0);
    drain_all(&child);
    if (child.pidfd >= 0)
        close(child.pidfd);
    see_to_leftovers(&child);
    dag__channel_close(child.channel);
    return outcome_of(&child);
}
