/* SPDX-License-Identifier: MIT */
/*
 * The handler reads the clock and raises the wish, which are both safe in one.
 *
 * Suspending takes more than a handler may do, so a thread waits for SIGTSTP and SIGCONT, which
 * every other thread blocks.  When all tasks have stopped it sends itself SIGTSTP, which does
 * what it always does: it stops dagrun, so that a shell gives its prompt; and does nothing where
 * nobody could continue it (in an orphaned process group), and the tasks go on at once.
 */
#include "signals.h"

#include "display/output.h"

#include <dagrun/duration.h>
#include <dagrun/tasks.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};

static _Atomic(DagCancel *) target; /* NULL: nobody is interested any more */
static atomic_uint n_inside;        /* threads in the handler */
static struct sigaction replaced[G_N_ELEMENTS(numbers)];

/* Wrappers such as timeout(1) send a signal to their child and to its group, and a session that
 * ends sends SIGHUP right after SIGTERM: within this time that is one wish.  A person who presses
 * ^C twice takes longer. */
#define SAME_WISH_NS 300000000

/* Whether this signal is a wish of its own, at the time now.  Safe in handlers, also on two
 * threads at once: when the last wish came, and whether it was SIGINT, is one number. */
static bool
is_new_wish(int number, int64_t now)
{
    static _Atomic int64_t last = -4 * (int64_t)SAME_WISH_NS;
    int64_t wish = now * 2 + (number == SIGINT), before = atomic_load(&last);

    do {
        if (((before ^ wish) & 1) == 0 && wish - before < 2 * (int64_t)SAME_WISH_NS)
            return false;
    } while (!atomic_compare_exchange_weak(&last, &before, wish));
    return true;
}

static void
on_signal(int number)
{
    atomic_fetch_add(&n_inside, 1);

    DagCancel *cancel = atomic_load(&target);

    if (cancel && is_new_wish(number, dag_clock_ns()))
        dag_cancel_raise(cancel, number);
    atomic_fetch_sub(&n_inside, 1);
}

static pthread_t passer;      /* the thread that passes ^Z on, if passes */
static bool passes;           /* only used from the first thread */
static atomic_bool is_ending; /* the passer is to end */

static sigset_t
passed_on(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTSTP);
    sigaddset(&set, SIGCONT);
    return set;
}

/* Does what SIGTSTP does by itself.  Passer's thread. */
static void
stop_ourselves(void)
{
    sigset_t pending, stop;

    /* Who continues us already must not find us stopped afterwards. */
    if (sigpending(&pending) == 0 && sigismember(&pending, SIGCONT))
        return;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    output_undraw_at_once(); /* the shell has the terminal now */
    pthread_kill(pthread_self(), SIGTSTP);
    pthread_sigmask(SIG_UNBLOCK, &stop, NULL); /* here all threads stop, and later go on */
    pthread_sigmask(SIG_BLOCK, &stop, NULL);
}

/* A thread of its own. */
static void *
pass_on(void *data)
{
    sigset_t set = passed_on();
    int number;

    while (!atomic_load(&is_ending)) {
        if (sigwait(&set, &number) != 0 || atomic_load(&is_ending))
            continue;
        if (number == SIGTSTP) {
            dag_tasks_suspend();
            stop_ourselves();
        }
        dag_tasks_resume();
    }
    return data;
}

/* Without a thread, ^Z stops dagrun and nothing else. */
static void
start_passing(void)
{
    sigset_t set = passed_on();
    struct sigaction before;

    sigaction(SIGTSTP, NULL, &before);
    if (before.sa_handler == SIG_IGN)
        return;
    atomic_store(&is_ending, false);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    passes = pthread_create(&passer, NULL, pass_on, NULL) == 0;
    if (!passes)
        pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static void
end_passing(void)
{
    sigset_t set = passed_on();

    if (!passes)
        return;
    atomic_store(&is_ending, true);
    pthread_kill(passer, SIGCONT);
    pthread_join(passer, NULL);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    passes = false;
}

void
signals_raise(DagCancel *cancel)
{
    /* Without SA_RESTART: what waits for a reader must notice. */
    struct sigaction action = {.sa_handler = on_signal};

    atomic_store(&target, cancel);
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        sigaction(numbers[i], NULL, &replaced[i]);
        if (replaced[i].sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
    start_passing();
}

void
signals_restore(void)
{
    end_passing();
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        sigaction(numbers[i], &replaced[i], NULL);
    /* A handler may be at work on another thread; who comes later finds nothing to use. */
    atomic_store(&target, NULL);
    while (atomic_load(&n_inside) > 0)
        sched_yield();
}
