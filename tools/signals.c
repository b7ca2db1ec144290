/* SPDX-License-Identifier: MIT */
/*
 * The handler reads the clock and raises the wish, which are both safe in one.
 */
#include "signals.h"

#include <dagrun/duration.h>
#include <signal.h>
#include <stdatomic.h>

static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};

static DagCancel *target; /* set before the handlers are, reset after they are gone */
static struct sigaction replaced[G_N_ELEMENTS(numbers)];

/* Wrappers such as timeout(1) send a signal to their child and to its group: the same signal
 * twice within this time is one wish.  A person who presses ^C twice takes longer. */
#define SAME_WISH_NS 300000000

/* May run on two threads at once: the one that sets the time speaks for both. */
static void
on_signal(int number)
{
    static atomic_int last_number;
    static _Atomic int64_t last_ns;
    int64_t before = atomic_load(&last_ns), now = dag_clock_ns();
    bool is_same =
        atomic_exchange(&last_number, number) == number && now - before < SAME_WISH_NS;

    if (!is_same && atomic_compare_exchange_strong(&last_ns, &before, now))
        dag_cancel_raise(target, number);
}

void
signals_raise(DagCancel *cancel)
{
    /* Without SA_RESTART: what waits for a reader must notice. */
    struct sigaction action = {.sa_handler = on_signal};

    target = cancel;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        sigaction(numbers[i], NULL, &replaced[i]);
        if (replaced[i].sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
}

void
signals_restore(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        sigaction(numbers[i], &replaced[i], NULL);
    target = NULL;
}
