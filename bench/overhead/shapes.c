/* SPDX-License-Identifier: MIT */
/*
 * A shape is defined by a function that lists the predecessors of a task.
 */
#include "shapes.h"

#include <glib.h>
#include <math.h>
#include <string.h>

/* Number of predecessors of a task in layers. */
#define N_DEPENDENCIES 3

typedef struct Form {
    const char *name;
    bool is_square; /* the number of tasks is rounded down to a square */

    /* Get the predecessors of `id`, all smaller, at most N_DEPENDENCIES.
     * Returns: their number. */
    uint32_t (*preds)(uint32_t id, uint32_t side, GRand *dice, uint32_t *preds_out);
} Form;

static uint32_t
independent(uint32_t id, uint32_t side, GRand *dice, uint32_t *preds_out)
{
    (void)id, (void)side, (void)dice, (void)preds_out;
    return 0;
}

static uint32_t
chain(uint32_t id, uint32_t side, GRand *dice, uint32_t *preds_out)
{
    (void)side, (void)dice;
    preds_out[0] = id - 1;
    return id > 0;
}

/* Three different tasks of the layer before. */
static uint32_t
layers(uint32_t id, uint32_t side, GRand *dice, uint32_t *preds_out)
{
    uint32_t n = MIN(N_DEPENDENCIES, side), first = id - id % side - side, i = 0;

    if (id < side)
        return 0;
    while (i < n) {
        uint32_t pred = first + (uint32_t)g_rand_int_range(dice, 0, (gint32)side);
        bool is_new = true;

        for (uint32_t j = 0; j < i; j++)
            is_new = is_new && preds_out[j] != pred;
        if (is_new)
            preds_out[i++] = pred;
    }
    return n;
}

/* The neighbours above and to the left. */
static uint32_t
wavefront(uint32_t id, uint32_t side, GRand *dice, uint32_t *preds_out)
{
    uint32_t n = 0;

    (void)dice;
    if (id >= side)
        preds_out[n++] = id - side;
    if (id % side > 0)
        preds_out[n++] = id - 1;
    return n;
}

static uint32_t
tree(uint32_t id, uint32_t side, GRand *dice, uint32_t *preds_out)
{
    (void)side, (void)dice;
    preds_out[0] = (id - 1) / 2;
    return id > 0;
}

static const Form forms[] = {
    {"independent", false, independent}, {"chain", false, chain}, {"layers", true, layers},
    {"wavefront", true, wavefront},      {"tree", false, tree},
};

const char *const *
shape_names(void)
{
    static const char *names[G_N_ELEMENTS(forms) + 1];

    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++)
        names[i] = forms[i].name;
    return names;
}

static int
compare_ids(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static void
fill_successors(Shape *shape)
{
    uint32_t n = shape->n, n_edges = shape->first_pred[n];

    shape->first_succ = g_new0(uint32_t, n + 2);
    shape->succs = g_new(uint32_t, n_edges);
    for (uint32_t e = 0; e < n_edges; e++)
        shape->first_succ[shape->preds[e] + 2]++;
    for (uint32_t id = 0; id < n; id++)
        shape->first_succ[id + 1] += shape->first_succ[id];
    for (uint32_t id = 0; id < n; id++)
        for (uint32_t e = shape->first_pred[id]; e < shape->first_pred[id + 1]; e++)
            shape->succs[shape->first_succ[shape->preds[e] + 1]++] = id;
}

static Shape *
make(const Form *form, uint32_t n)
{
    Shape *shape = g_new0(Shape, 1);
    uint32_t side = (uint32_t)sqrt((double)n);
    GRand *dice = g_rand_new_with_seed(1);

    shape->name = form->name;
    shape->n = form->is_square ? side * side : n;
    shape->first_pred = g_new0(uint32_t, shape->n + 1);
    shape->preds = g_new(uint32_t, (size_t)shape->n * N_DEPENDENCIES);
    for (uint32_t id = 0; id < shape->n; id++) {
        uint32_t *row = shape->preds + shape->first_pred[id];
        uint32_t n_preds = form->preds(id, side, dice, row);

        qsort(row, n_preds, sizeof(*row), compare_ids);
        shape->first_pred[id + 1] = shape->first_pred[id] + n_preds;
    }
    g_rand_free(dice);
    fill_successors(shape);
    return shape;
}

Shape *
shape_new(const char *name, uint32_t n)
{
    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++)
        if (strcmp(forms[i].name, name) == 0)
            return make(&forms[i], n);
    return NULL;
}

void
shape_free(Shape *shape)
{
    g_free(shape->first_pred);
    g_free(shape->preds);
    g_free(shape->first_succ);
    g_free(shape->succs);
    g_free(shape);
}
