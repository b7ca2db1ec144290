/* SPDX-License-Identifier: MIT */
/*
 * The graphs of the comparison, as plain arrays: tasks are numbered in topological order;
 * dependencies are stored in both directions in compressed sparse rows (CSR).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct Shape {
    const char *name;
    uint32_t n;           /* tasks */
    uint32_t *first_pred; /* [n + 1]: row of preds */
    uint32_t *preds;      /* ascending in each row */
    uint32_t *first_succ; /* [n + 1]: row of succs */
    uint32_t *succs;      /* ascending in each row */
} Shape;

/* Returns: the names of all shapes, NULL-terminated. */
const char *const *shape_names(void);

/* Returns: a graph of about `n` tasks, the same on every call; NULL if there is no such shape. */
Shape *shape_new(const char *name, uint32_t n);
void shape_free(Shape *shape);

static inline uint32_t
shape_n_preds(const Shape *shape, uint32_t id)
{
    return shape->first_pred[id + 1] - shape->first_pred[id];
}

#ifdef __cplusplus
}
#endif
