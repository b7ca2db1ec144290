/* SPDX-License-Identifier: MIT */
/*
 * A worker spawns a program, reads its output through pipes, and learns of its end from a pidfd, all
 * in one poll().
 *
 * The pipes belong to a channel (channels.c) and are used again.  So they show no end of file; when
 * the program has ended, the pipe holds all that it wrote.  If a process may live on that can still
 * write, the channel gets new pipes.
 *
 * Each program leads a process group of its own, so that a cancellation reaches all that it started:
 * SIGTERM, and SIGKILL after the grace.  It also leads a session.  So it has no terminal: a program that
 * asks a person for something fails at once, while one in the background of dagrun's session would be
 * stopped by the kernel, silently and for ever.  One program at a time may have the terminal
 * (foreground.c); it stays in dagrun's session, in the foreground.
 */
#include "local.h"

#include "arrivals.h"
#include "channels.h"
#include "drains.h"
#include "foreground.h"
#include "leftovers.h"
#include "orphans.h"
#include "process-env.h"
#include "process-table.h"
#include "shortage.h"
#include "spawn-reason.h"
#include "spawn.h"

#include <dagrun/duration.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define READ_SIZE 65536 /* the capacity of a pipe */

/* A process that survives so many SIGKILLs, a tenth of a second apart, is stuck in the kernel. */
#define MAX_KILLS 20
#define KILL_MS   100

/* The interval of waitpid() if there is no pidfd. */
#define CHECK_MS 5

/* The interval of looks whether ^Z has stopped a program that has the terminal. */
#define STOP_MS 50

/* Longer than any worker takes from fork to exec. */
#define HANG_UP_MS 2

/* The interval at which orphans are reaped while a program runs for long. */
#define REAP_MS 1000

/* A failure to start a program. */
typedef struct Failure {
    int problem;  /* an errno, or 0 */
    char *reason; /* for messages; owned */
} Failure;

/* One running program. */
typedef struct Child {
    DagTasks *tasks;
    DagContext *context;
    Channel *channel;
    Arrivals arrivals;      /* of its pipes */
    DagLateText *late_text; /* of processes that it left running, or NULL */
    ProcessEnv env;
    char **arguments; /* of the process, and the file of its script; NULL: it has none */
    int terminal_fd;  /* -1: it has no terminal */
    bool is_hung_up;  /* the terminal is gone */
    pid_t pid;
    int pidfd;  /* -1: descriptors are used up, so waitpid() is called again and again */
    int status; /* of waitpid() */
    bool has_ended;
    bool is_lost;       /* the status is lost: waitpid() failed */
    bool is_written_on; /* its pipes held more than when it ended: another process writes */
    bool is_terminated; /* SIGTERM was sent */
    int64_t kill_at_ms; /* the earliest time of the next SIGKILL; monotonic */
    unsigned n_kills;   /* the number of SIGKILLs sent */
} Child;

/* Set the failure; takes `reason`.  Returns: false. */
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

/* Returns: 0, or the errno for which the child cannot open an empty standard input.  An ordinary
 * file in the place of the device, which a careless superuser can cause, may not be empty. */
static int
check_null(DagTasks *tasks)
{
    struct stat info;

    if (atomic_load_explicit(&tasks->has_null, memory_order_relaxed))
        return 0;
    if (stat("/dev/null", &info) < 0)
        return errno;
    if (!S_ISCHR(info.st_mode))
        return ENODEV;
    if (access("/dev/null", R_OK) < 0)
        return errno;
    atomic_store_explicit(&tasks->has_null, true, memory_order_relaxed);
    return 0;
}

/* Return EMFILE if the call that has just failed, with errno 0 before, lacked a descriptor, else 0.  The
 * errno tells also if another thread has closed one since. */
static int
find_shortage(void)
{
    return dag__is_shortage(errno) || dag__lacks_descriptors() ? EMFILE : 0;
}

/* Open standard input.  *input_out: -1 if it is empty. */
static bool
open_input(const Child *child, const DagProcess *process, int *input_out, Failure *failure)
{
    g_autoptr(GError) error = NULL;
    int problem;

    *input_out = -1;
    errno = 0;
    if (process->input != DAG_TASK_NONE)
        *input_out = dag_context_open_output(child->context, process->input, &error);
    if (error)
        return fail(failure, find_shortage(), g_strdup(error->message));
    if (*input_out < 0 && (problem = check_null(child->tasks)) != 0)
        return fail(failure, problem,
                    g_strdup_printf("cannot open \"/dev/null\": %s", g_strerror(problem)));
    return true;
}

/* Returns: 0 or an errno. */
static int
spawn(Child *child, const DagProcess *process, int input_fd)
{
    const Channel *channel = child->channel;
    bool has_terminal = child->terminal_fd >= 0;
    bool is_read = dag_graph_task_is_named(dag_context_graph(child->context),
                                           dag_context_task(child->context));

    return dag__spawn(
        &(SpawnRequest){
            .arguments = child->arguments ? (const char *const *)child->arguments
                                          : process->arguments,
            .environment = child->env.entries,
            .directory = process->directory,
            .has_terminal = has_terminal,
            .terminal_fd = child->terminal_fd,
            .fds = {has_terminal && process->input == DAG_TASK_NONE ? child->terminal_fd
                                                                    : input_fd,
                    has_terminal && !is_read ? child->terminal_fd
                                             : channel->output.write_fd,
                    has_terminal ? child->terminal_fd : channel->errors.write_fd},
            .resets = &child->tasks->resets,
            .descriptors =
                child->tasks->has_descriptors ? &child->tasks->descriptors : NULL,
        },
        &child->pid, &child->pidfd);
}

/* Read the next piece from the pipes and pass it to the context.
 * Returns: the number of bytes; 0 if both pipes are empty now. */
static size_t
read_next(Child *child)
{
    char buffer[READ_SIZE];
    int stream;
    size_t n = dag__arrivals_read(&child->arrivals, buffer, sizeof(buffer), &stream);

    if (n == 0)
        return 0;
    if (stream == 0) {
        dag_context_write_both(child->context, buffer, n);
    } else {
        dag_context_write_errors(child->context, buffer, n);
    }
    return n;
}

/* Read what is in the pipes, but not much more than they hold: a program that writes faster than
 * its output can be stored must not delay the cancellation. */
static void
read_some(Child *child)
{
    size_t n = 1;

    for (size_t total = 0; n > 0 && total < READ_SIZE; total += n)
        n = read_next(child);
}

/* Return the number of bytes that the pipes can hold. */
static int
ask_capacity(Channel *channel)
{
    channel->output.capacity = fcntl(channel->output.read_fd, F_GETPIPE_SZ);
    channel->errors.capacity = fcntl(channel->errors.read_fd, F_GETPIPE_SZ);
    return channel->output.capacity + channel->errors.capacity;
}

/* Read all that was in the pipes when the program ended, but not more: a process that it left running
 * may write for ever. */
static void
drain(Child *child)
{
    Channel *channel = child->channel;
    int known = channel->output.capacity + channel->errors.capacity;
    bool has_asked = false;
    size_t n = 1;

    for (int left = known; n > 0 && left > 0;) {
        n = read_next(child);
        left -= (int)n;
        if (left <= 0 && !has_asked) { /* the program may have made its pipes larger */
            left += ask_capacity(channel) - known;
            has_asked = true;
        }
    }
    child->is_written_on = n > 0;
}

/* Call waitpid() with `flags`. */
static void
reap(Child *child, int flags)
{
    pid_t pid;

    if (!(flags & WNOHANG)) /* it has ended: afterwards its number may be reused */
        dag__groups_set(child->tasks->groups, child->channel->entry, 0);
    do
        pid = waitpid(child->pid, &child->status, flags);
    while (pid < 0 && errno == EINTR);
    child->has_ended = pid != 0;
    child->is_lost = pid < 0;
}

/* Send the signals that the present cancellation level asks for. */
static void
escalate(Child *child)
{
    DagCancelLevel level = dag_context_cancel_level(child->context);

    if (level == DAG_CANCEL_NONE)
        return;
    if (!child->is_terminated) {
        child->is_terminated = true;
        kill(-child->pid, SIGTERM);
        kill(-child->pid, SIGCONT); /* a stopped process would never see it */
    }
    if (level == DAG_CANCEL_KILL && now_ms() >= child->kill_at_ms) {
        kill(-child->pid, SIGKILL);
        child->n_kills++;
        child->kill_at_ms = now_ms() + KILL_MS; /* for children forked meanwhile */
    }
}

/* Wait for output, the program's end, a cancellation or the next SIGKILL, and handle it. */
static void
wait_for_child(Child *child)
{
    DagContext *context = child->context;
    struct pollfd fds[] = {
        {.fd = child->pidfd, .events = POLLIN},
        {.fd = child->channel->output.read_fd, .events = POLLIN},
        {.fd = child->channel->errors.read_fd, .events = POLLIN},
    };
    int64_t left_ms = child->n_kills > 0 ? MAX(child->kill_at_ms - now_ms(), 0) : REAP_MS;
    int n_ready;

    if (child->terminal_fd >= 0)
        left_ms = MIN(left_ms, STOP_MS);
    if (child->pidfd < 0)
        left_ms = CHECK_MS;
    n_ready = dag_context_poll(context, fds, G_N_ELEMENTS(fds), (int)left_ms);
    if (n_ready < 0)
        return;
    if (n_ready == 0)
        dag__orphans_are_possible(child->tasks); /* reaps them */
    if (fds[1].revents || fds[2].revents)
        read_some(child);
    if (fds[0].revents)
        reap(child, 0);
    else if (child->pidfd < 0)
        reap(child, WNOHANG);
    if (child->has_ended) /* its number may be reused */
        return;
    escalate(child);
    if (child->terminal_fd >= 0 && !child->is_terminated)
        dag__foreground_pass_stop_on(child->tasks, child->pid);
}

/* End the rest of a group after its leader has ended on SIGTERM. */
static void
end_group(Child *child)
{
    while (child->n_kills < MAX_KILLS && dag__group_is_alive(child->pid)) {
        poll(NULL, 0, 5);
        escalate(child);
    }
}

/* Detach a pipe into which another process may still write.  Its reading end hangs up when all
 * writing ends are closed; between fork and exec, a child of another worker holds one too. */
static void
pipe_detach(Child *child, Pipe *pair, DagStream stream)
{
    struct pollfd end = {.fd = pair->read_fd};

    if (pair->read_fd < 0)
        return;
    close(pair->write_fd);
    pair->write_fd = -1;
    if (poll(&end, 1, HANG_UP_MS) != 1) {
        if (!child->late_text)
            child->late_text = dag_context_late_text(child->context);
        dag__drains_add(child->tasks->drains, pair->read_fd, child->late_text, stream);
        pair->read_fd = -1;
    }
    dag__pipe_close(pair);
}

/* Record a group that cannot be ended; it is reported at the end of the run. */
static void
give_up(const Child *child)
{
    g_autofree char *command =
        dag__process_command(child->pid, atomic_load(&child->tasks->secrets));

    dag_context_set_reason(child->context, "process %d (%s) cannot be ended",
                           (int)child->pid, command);
    dag__leftovers_add_lost(child->tasks, child->pid);
}

/* Record a group that outlived its program, and detach pipes into which it may write, so that its
 * output does not get into that of the next task. */
static void
handle_leftovers(Child *child)
{
    DagTasks *tasks = child->tasks;
    bool is_alive = !child->has_ended;

    if (child->is_terminated)
        end_group(child);
    if (!is_alive && !child->is_written_on && !dag__orphans_are_possible(tasks))
        return;
    is_alive = is_alive || dag__group_is_alive(child->pid);
    if (is_alive && child->n_kills >= MAX_KILLS)
        give_up(child);
    else if (is_alive)
        dag__leftovers_add(tasks, child->pid);
    /* It may be a server for other tasks, which ends with this run. */
    if (is_alive)
        dag_context_forbid_reuse(child->context);
    pipe_detach(child, &child->channel->output, DAG_STREAM_OUTPUT);
    pipe_detach(child, &child->channel->errors, DAG_STREAM_ERRORS);
    dag_late_text_unref(child->late_text);
}

/* The kernel sends ^C, ^\ and the end of a terminal only to the foreground.  If the program failed because
 * of them, the user wants the run to end, too.  A program that catches a signal may end with the exit code
 * that stands for it, as dagrun itself does.  Returns: true if the run ends. */
static bool
pass_interrupt_on(const Child *child, int exit_code)
{
    int number = child->is_hung_up ? SIGHUP : exit_code - DAG_CODE_SIGNAL_BASE;

    if (child->terminal_fd < 0 ||
        (number != SIGINT && number != SIGQUIT && !child->is_hung_up))
        return false;
    raise(number);
    return dag_context_cancel_level(child->context) != DAG_CANCEL_NONE;
}

static DagOutcome
outcome_of(const Child *child)
{
    int status = child->status;
    int exit_code =
        WIFEXITED(status) ? WEXITSTATUS(status) : DAG_CODE_SIGNAL_BASE + WTERMSIG(status);

    if (child->is_terminated)
        return DAG_CANCELLED;
    if (child->is_lost) {
        dag_context_set_reason(child->context,
                               "its exit status is lost: this program ignores SIGCHLD, or "
                               "waits for processes that are not its own");
        return DAG_FAILED;
    }
    if (dag_context_set_exit_code(child->context, exit_code) == DAG_SUCCEEDED)
        return DAG_SUCCEEDED;
    if (pass_interrupt_on(child, exit_code))
        return DAG_CANCELLED;
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

/* Open a channel and standard input, and spawn the program. */
static bool
start(Child *child, const DagProcess *process, Failure *failure)
{
    DagTasks *tasks = child->tasks;
    int input_fd, problem;

    child->channel = dag__channel_open(tasks);
    if (!child->channel)
        return fail(failure, errno,
                    g_strdup_printf("cannot open a pipe: %s", g_strerror(errno)));
    if (!open_input(child, process, &input_fd, failure)) {
        dag__channel_release(tasks, child->channel);
        return false;
    }
    dag__arrivals_begin(&child->arrivals, &child->channel->output, &child->channel->errors);
    dag__groups_prepare(tasks->groups, child->channel->entry,
                        dag_context_task(child->context));
    problem = spawn(child, process, input_fd);
    if (child->terminal_fd >= 0 && problem)
        dag__foreground_reclaim(tasks);
    else if (child->terminal_fd >= 0)
        dag__foreground_set_group(tasks, child->pid);
    dag__groups_set(tasks->groups, child->channel->entry, problem ? 0 : child->pid);
    if (input_fd >= 0)
        close(input_fd);
    if (!problem)
        return true;
    dag__arrivals_end(&child->arrivals);
    dag__channel_release(tasks, child->channel);
    return fail(failure, problem, dag__spawn_reason(process, child->env.entries, problem));
}

/* Make the file of the script, if there is one, and add it to the arguments. */
static bool
add_script(Child *child, const DagProcess *process, Failure *failure)
{
    const DagGraph *graph = dag_context_graph(child->context);
    g_autoptr(GError) error = NULL;
    size_t n = 0;
    char *path;

    if (!process->script || child->arguments)
        return true;

    g_autofree char *name = g_strconcat(
        dag_graph_task_name(graph, dag_context_task(child->context)), ".script", NULL);

    errno = 0;
    path = dag_run_files_add_text(child->tasks->files, name, process->script,
                                  dag_graph_readers(graph), &error);
    if (!path)
        return fail(failure, find_shortage(), g_strdup(error->message));
    while (process->arguments[n])
        n++;
    child->arguments = g_new0(char *, n + 2);
    for (size_t i = 0; i < n; i++)
        child->arguments[i] = g_strdup(process->arguments[i]);
    child->arguments[n] = path;
    return true;
}

/* Build the environment.  Making a file takes a descriptor for a moment. */
static bool
build_env(Child *child, const DagProcess *process, Failure *failure)
{
    g_autoptr(GError) error = NULL;
    RunOfEnv run = {child->tasks->mark, child->tasks->files};

    errno = 0;
    if (child->env.entries ||
        dag__process_env_init(&child->env, child->context, process, &run, &error))
        return true;
    return fail(failure, find_shortage(), g_strdup(error->message));
}

/* Start the program, waiting for resources that are used up.  Returns: DAG_SUCCEEDED if it runs. */
static DagOutcome
start_patiently(Child *child, const DagProcess *process)
{
    Shortage shortage = {0};
    Failure failure = {0};
    DagOutcome outcome = DAG_SUCCEEDED;

    while (outcome == DAG_SUCCEEDED &&
           !(build_env(child, process, &failure) && add_script(child, process, &failure) &&
             start(child, process, &failure))) {
        if (!dag__is_shortage(failure.problem))
            outcome = DAG_FAILED;
        else if (!dag__shortage_wait(&shortage, child->tasks, child->context))
            outcome = dag_context_cancel_level(child->context) == DAG_CANCEL_NONE
                          ? DAG_FAILED
                          : DAG_CANCELLED;
        if (outcome == DAG_FAILED)
            dag_context_set_reason(child->context, "%s", failure.reason);
        g_free(failure.reason);
    }
    return outcome;
}

/* Wait for the end of the program that was started. */
static DagOutcome
finish(Child *child)
{
    escalate(child);
    while (!child->has_ended && child->n_kills < MAX_KILLS)
        wait_for_child(child);
    dag__groups_set(child->tasks->groups, child->channel->entry, 0);
    if (child->terminal_fd >= 0)
        child->is_hung_up = !dag__foreground_give_back(child->tasks);
    drain(child);
    dag__arrivals_end(&child->arrivals);
    if (child->pidfd >= 0)
        close(child->pidfd);
    handle_leftovers(child);
    dag__channel_close(child->tasks, child->channel);
    return outcome_of(child);
}

/* Worker thread. */
static DagOutcome
local_run(const DagProcess *process, DagContext *context, void *data)
{
    Child child = {
        .tasks = data,
        .context = context,
        .terminal_fd = process->has_terminal ? dag__foreground_take(data, context) : -1,
    };
    DagOutcome outcome;

    dag__tasks_note_secrets(child.tasks, dag_context_graph(context));
    outcome = start_patiently(&child, process);
    dag__process_env_clear(&child.env);
    g_strfreev(child.arguments);
    if (outcome == DAG_SUCCEEDED)
        return finish(&child);
    if (child.terminal_fd >= 0)
        dag__foreground_give_back(child.tasks);
    return outcome;
}

const DagPlace dag__local_place = {
    .name = "local",
    .run = local_run,
};
