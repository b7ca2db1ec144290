/* SPDX-License-Identifier: MIT */
/*
 * The handler only raises the wish, which is safe in one.
 */
#include "signals.h"

#include <signal.h>

static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};

static DagCancel *target; /* set before the handlers are, reset after they are gone */
static struct sigaction before[G_N_ELEMENTS(numbers)];

static void
on_signal(int number)
{
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
        sigaction(numbers[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
}

void
signals_restore(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        sigaction(numbers[i], &before[i], NULL);
    target = NULL;
}
