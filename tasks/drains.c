/* SPDX-License-Identifier: MIT */
/*
 * One thread per pipe: there are few, and they mostly wait.
 */
#include "drains.h"

#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <stdatomic.h>
#include <unistd.h>

/* Reference-counted: owned by the run and by each drain. */
struct Drains {
    atomic_uint n_references;
    atomic_uint n; /* drains that have not ended */
};

/* The argument of a thread; owned by it. */
typedef struct Drain {
    Drains *drains;
    int fd;
    DagLateText *text; /* or NULL */
    DagStream stream;
} Drain;

Drains *
dag__drains_new(void)
{
    Drains *drains = g_new0(Drains, 1);

    atomic_init(&drains->n_references, 1);
    return drains;
}

void
dag__drains_unref(Drains *drains)
{
    if (atomic_fetch_sub(&drains->n_references, 1) == 1)
        g_free(drains);
}

static void
drain_free(Drain *drain)
{
    close(drain->fd);
    dag_late_text_unref(drain->text);
    atomic_fetch_sub(&drain->drains->n, 1);
    dag__drains_unref(drain->drains);
    g_free(drain);
}

/* A drain thread. */
static gpointer
read_on(gpointer data)
{
    Drain *drain = data;
    struct pollfd end = {.fd = drain->fd, .events = POLLIN};
    char buffer[4096];
    ssize_t n = 1;

    while (n != 0) {
        poll(&end, 1, -1);
        n = read(end.fd, buffer, sizeof(buffer));
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            break;
        if (n > 0 && drain->text)
            dag_late_text_write(drain->text, drain->stream, buffer, (size_t)n);
    }
    drain_free(drain);
    return NULL;
}

void
dag__drains_add(Drains *drains, int fd, DagLateText *text, DagStream stream)
{
    Drain *drain = g_new(Drain, 1);
    GThread *thread;

    atomic_fetch_add(&drains->n_references, 1);
    *drain = (Drain){.drains = drains,
                     .fd = fd,
                     .text = text ? dag_late_text_ref(text) : NULL,
                     .stream = stream};
    atomic_fetch_add(&drains->n, 1);
    thread = g_thread_try_new("drain", read_on, drain, NULL);
    if (thread)
        g_thread_unref(thread);
    else
        drain_free(drain);
}

void
dag__drains_wait(Drains *drains, int limit_ms)
{
    for (int waited_ms = 0; atomic_load(&drains->n) > 0 && waited_ms < limit_ms;
         waited_ms++)
        poll(NULL, 0, 1);
}
