/* SPDX-License-Identifier: MIT */
/*
 * The limit of one worker: no locks and no threads, only counters and a queue of ready tasks.
 */
#include "runner.h"

#include <glib.h>

typedef struct Pass {
    const Shape *shape;
    Body body;
} Pass;

static void *
pass_prepare(const Shape *shape, const Body *body, unsigned n_workers)
{
    Pass *pass = g_new(Pass, 1);

    (void)n_workers;
    *pass = (Pass){shape, *body};
    return pass;
}

static void *
pass_run(void *data)
{
    const Pass *pass = data;
    const Shape *shape = pass->shape;
    Mark *marks = g_new0(Mark, shape->n);
    g_autofree uint32_t *waiting = g_new(uint32_t, shape->n);
    g_autofree uint32_t *queue = g_new(uint32_t, shape->n);
    uint32_t n_queued = 0;
    int64_t last_ns = 0;

    for (uint32_t id = 0; id < shape->n; id++)
        if ((waiting[id] = shape_n_preds(shape, id)) == 0)
            queue[n_queued++] = id;
    for (uint32_t i = 0; i < n_queued; i++) {
        uint32_t id = queue[i];

        mark_task(&marks[id], &pass->body, &last_ns);
        for (uint32_t e = shape->first_succ[id]; e < shape->first_succ[id + 1]; e++)
            if (--waiting[shape->succs[e]] == 0)
                queue[n_queued++] = shape->succs[e];
    }
    return marks;
}

static uint32_t
pass_check(void *data, void *done)
{
    g_autofree Mark *marks = done;

    return marks_count(((const Pass *)data)->shape, marks);
}

const Runner runner_pass = {
    .name = "pass",
    .summary = "one thread, the counters and a queue: the limit",
    .is_serial = true,
    .prepare = pass_prepare,
    .run = pass_run,
    .check = pass_check,
    .dispose = g_free,
};
