/* SPDX-License-Identifier: MIT */
/*
 * OpenMP tasks: one thread creates them in topological order; dependencies are depend clauses on
 * one byte per task.
 */
#include "runner.h"

#include <glib.h>
#include <omp.h>

typedef struct OpenMp {
    const Shape *shape;
    Body body;
    unsigned n_workers;
} OpenMp;

static _Thread_local int64_t last_ns;

static void *
openmp_prepare(const Shape *shape, const Body *body, unsigned n_workers)
{
    OpenMp *openmp = g_new(OpenMp, 1);

    *openmp = (OpenMp){shape, *body, n_workers};
    return openmp;
}

/* NOLINTBEGIN(clang-analyzer-deadcode.DeadStores): clang-tidy does not read the clauses. */
static void
create_tasks(const OpenMp *openmp, Mark *marks, char *ends)
{
    const Shape *shape = openmp->shape;
    const uint32_t *preds = shape->preds;
    const Body *body = &openmp->body;

    for (uint32_t id = 0; id < shape->n; id++) {
        uint32_t first = shape->first_pred[id], last = shape->first_pred[id + 1];

        /* clang-format off: it parses colons as labels */
#pragma omp task firstprivate(id) shared(marks, body) depend(out                           \
                                                             : ends[id])                   \
    depend(iterator(uint32_t e = first                                                     \
                    : last),                                                               \
           in                                                                              \
           : ends[preds[e]])
        mark_task(&marks[id], body, &last_ns);
        /* clang-format on */
    }
}
/* NOLINTEND(clang-analyzer-deadcode.DeadStores) */

static void *
openmp_run(void *data)
{
    const OpenMp *openmp = data;
    Mark *marks = g_new0(Mark, openmp->shape->n);
    g_autofree char *ends = g_malloc(openmp->shape->n);

#pragma omp parallel num_threads(openmp->n_workers)
#pragma omp single
    create_tasks(openmp, marks, ends);
    return marks;
}

static uint32_t
openmp_check(void *data, void *done)
{
    g_autofree Mark *marks = done;

    return marks_count(((const OpenMp *)data)->shape, marks);
}

const Runner runner_openmp = {
    .name = "openmp",
    .summary = "OpenMP tasks with depend",
    .prepare = openmp_prepare,
    .run = openmp_run,
    .check = openmp_check,
    .dispose = g_free,
};
