/* SPDX-License-Identifier: MIT */
/*
 * The handler only reads the clock and raises the cancellation token; both are
 * async-signal-safe.
 *
 * Suspending tasks is not async-signal-safe, so the signal thread waits for SIGTSTP and SIGCONT,
 * which all other threads block.  When the tasks have stopped, it sends itself SIGTSTP with the
 * default action: dagrun stops and the shell prints its prompt.  In an orphaned process group the
 * kernel discards this signal, and the tasks continue at once.
 *
 * The thread waits for the real-time signals, too.  A handler for each of the thirty would cost as many
 * system calls for each program that is started, since the child gives each caught signal its default
 * action: a tenth of the time of a short program.
 */
#include "signals.h"

#include "display/output.h"

#include <dagrun/duration.h>
#include <dagrun/tasks.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

/* Whether the handler is for this signal: its default action is to end the process, and it does not mean
 * that the program is wrong.  Batch systems send some of them, such as SIGUSR1, before they kill. */
static bool
is_request(int number)
{
    static const int requests[] = {SIGINT,  SIGTERM, SIGHUP,    SIGQUIT, SIGUSR1,
                                   SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU,
                                   SIGPWR,  SIGPOLL, SIGSTKFLT};

    for (size_t i = 0; i < G_N_ELEMENTS(requests); i++)
        if (number == requests[i])
            return true;
    /* The kernel sends this one to a worker (tasks/arrivals.c). */
    return number == SIGRTMAX - 1;
}

static _Atomic(DagCancel *) target;     /* NULL: ignore signals */
static atomic_uint n_inside;            /* number of threads in the handler */
static struct sigaction replaced[NSIG]; /* by number */

/* Two signals within this time count as one.  Wrappers such as timeout(1) send a signal to their
 * child and again to its process group, and a session that ends sends SIGHUP right after SIGTERM.
 * A person who presses Ctrl-C twice takes longer. */
#define SAME_REQUEST_NS 300000000

/* Return whether a signal at time `now` is a new request.  Async-signal-safe, also on two threads at
 * once: the time of the last request and whether it was SIGINT are packed into one number. */
static bool
is_new_request(int number, int64_t now)
{
    static _Atomic int64_t last = -4 * (int64_t)SAME_REQUEST_NS;
    int64_t request = now * 2 + (number == SIGINT), before = atomic_load(&last);

    do {
        if (((before ^ request) & 1) == 0 &&
            request - before < 2 * (int64_t)SAME_REQUEST_NS)
            return false;
    } while (!atomic_compare_exchange_weak(&last, &before, request));
    return true;
}

/* Return whether the kernel, not a process, has sent the signal to announce that a descriptor is
 * ready (F_SETSIG).  A worker uses such signals, and one may arrive late. */
static bool
is_of_descriptor(int number, const siginfo_t *info)
{
    return (number == SIGIO || number >= SIGRTMIN) && info->si_code > 0;
}

/* Cancel the run, as a signal demands it.  Async-signal-safe. */
static void
request(int number)
{
    atomic_fetch_add(&n_inside, 1);

    DagCancel *cancel = atomic_load(&target);
    /* The kernel repeats SIGXCPU every second. */
    bool is_repeated =
        cancel && number == SIGXCPU && dag_cancel_level(cancel) != DAG_CANCEL_NONE;

    if (cancel && !is_repeated && is_new_request(number, dag_clock_ns()))
        dag_cancel_raise(cancel, number);
    atomic_fetch_sub(&n_inside, 1);
}

static void
on_signal(int number, siginfo_t *info, void *context)
{
    (void)context;
    if (!is_of_descriptor(number, info))
        request(number);
}

static pthread_t signal_thread; /* valid if has_signal_thread */
static bool has_signal_thread;  /* only used from the main thread */
static atomic_bool is_ending;   /* tells the signal thread to end */

/* Return whether a parent wants dagrun to ignore the signal. */
static bool
is_ignored(int number)
{
    struct sigaction action;

    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

/* Return the signals for which the signal thread waits, and which all others block. */
static sigset_t
awaited_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCONT); /* it also ends the thread */
    if (!is_ignored(SIGTSTP))
        sigaddset(&set, SIGTSTP);
    for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
        if (!is_request(number))
            sigaddset(&set, number);
    return set;
}

/* Signal thread.  Apply the default action of SIGTSTP to dagrun. */
static void
stop_ourselves(void)
{
    sigset_t pending, stop;

    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    output_undraw_at_once(); /* the shell gets the terminal */
    /* If SIGCONT is already pending, do not stop.  SIGTSTP would discard it, so nothing stands
     * between the two. */
    if (sigpending(&pending) == 0 && sigismember(&pending, SIGCONT))
        return;
    pthread_kill(pthread_self(), SIGTSTP);
    pthread_sigmask(SIG_UNBLOCK, &stop, NULL); /* all threads stop here until SIGCONT */
    pthread_sigmask(SIG_BLOCK, &stop, NULL);
}

/* Signal thread. */
static void *
signal_main(void *data)
{
    sigset_t set = awaited_signals();
    int number;

    while (!atomic_load(&is_ending)) {
        if (sigwait(&set, &number) != 0 || atomic_load(&is_ending))
            continue;
        if (number == SIGTSTP) {
            dag_tasks_suspend(data);
            stop_ourselves();
        }
        if (number == SIGTSTP || number == SIGCONT)
            dag_tasks_resume(data);
        else if (!is_ignored(number))
            request(number);
    }
    return NULL;
}

/* If the thread cannot be created, Ctrl-Z stops dagrun, but not the tasks, and a real-time signal ends it. */
static void
start_signal_thread(DagTasks *tasks)
{
    sigset_t set = awaited_signals();

    atomic_store(&is_ending, false);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    has_signal_thread = pthread_create(&signal_thread, NULL, signal_main, tasks) == 0;
    if (!has_signal_thread)
        pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static void
end_signal_thread(void)
{
    sigset_t set = awaited_signals();

    if (!has_signal_thread)
        return;
    atomic_store(&is_ending, true);
    pthread_kill(signal_thread, SIGCONT);
    pthread_join(signal_thread, NULL);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    has_signal_thread = false;
}

void
signals_unblock(void)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

void
signals_install(DagCancel *cancel, DagTasks *tasks)
{
    /* No SA_RESTART: a blocked write must return so that it sees the cancellation. */
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};

    atomic_store(&target, cancel);
    sigemptyset(&action.sa_mask);
    for (int number = 1; number < NSIG; number++) {
        if (!is_request(number) || sigaction(number, NULL, &replaced[number]) < 0)
            continue;
        if (replaced[number].sa_handler != SIG_IGN)
            sigaction(number, &action, NULL);
    }
    if (tasks)
        start_signal_thread(tasks);
}

void
signals_restore(void)
{
    end_signal_thread();
    for (int number = 1; number < NSIG; number++)
        if (is_request(number))
            sigaction(number, &replaced[number], NULL);
    /* Wait for handlers that run on other threads.  Later ones see NULL. */
    atomic_store(&target, NULL);
    while (atomic_load(&n_inside) > 0)
        sched_yield();
}
