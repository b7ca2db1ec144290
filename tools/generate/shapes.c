/* SPDX-License-Identifier: MIT */
/*
 * The regular shapes, and the table of all.
 */
#include "generate/shapes.h"

#include <string.h>

void
shape_need(Generator *generator, uint32_t task)
{
    g_array_append_val(generator->needs, task);
}

/* Return the square root of `n`, rounded up. */
static uint32_t
root_above(uint32_t n)
{
    uint32_t root = 1;

    while ((uint64_t)root * root < n)
        root++;
    return root;
}

void
shape_set_square(GraphRequest *request)
{
    if (request->width == 0)
        request->width = MIN(root_above(request->n_tasks), GENERATE_MAX_WIDTH);
}

static void
chain_needs(Generator *generator, uint32_t task)
{
    if (task > 0)
        shape_need(generator, task - 1);
}

static const Shape chain = {
    .name = "chain",
    .summary = "each task needs the one before",
    .needs = chain_needs,
};

static const Shape independent = {
    .name = "independent",
    .summary = "no task needs another",
};

static void
fork_join_defaults(GraphRequest *request)
{
    if (request->width == 0)
        request->width = CLAMP(request->n_tasks, 3, GENERATE_MAX_WIDTH + 2) - 2;
}

/* A fork, then `width` tasks and a join, which is the next fork.  The last task is always a join. */
static void
fork_join_needs(Generator *generator, uint32_t task)
{
    uint32_t width = generator->request.width;
    uint32_t fork = task - task % (width + 1);
    bool is_join = fork == task || task == generator->request.n_tasks - 1;

    if (task == 0)
        return;
    if (fork == task)
        fork -= width + 1;
    if (!is_join || task == fork + 1)
        shape_need(generator, fork);
    for (uint32_t i = fork + 1; is_join && i < task; i++)
        shape_need(generator, i);
}

static const Shape fork_join = {
    .name = "fork-join",
    .summary =
        "one task, then WIDTH tasks that need it, then one that needs these, and so on",
    .set_defaults = fork_join_defaults,
    .needs = fork_join_needs,
};

static void
wavefront_needs(Generator *generator, uint32_t task)
{
    uint32_t width = generator->request.width;

    if (task >= width)
        shape_need(generator, task - width);
    if (task % width > 0)
        shape_need(generator, task - 1);
}

static const Shape wavefront = {
    .name = "wavefront",
    .summary = "a grid, WIDTH tasks in a row; each needs its left and its upper neighbour",
    .set_defaults = shape_set_square,
    .needs = wavefront_needs,
};

static void
stencil_needs(Generator *generator, uint32_t task)
{
    uint32_t width = generator->request.width, column = task % width;

    if (task < width)
        return;
    for (uint32_t i = column - (column > 0); i <= column + 1 && i < width; i++)
        shape_need(generator, task - width - column + i);
}

static const Shape stencil = {
    .name = "stencil",
    .summary = "a grid, WIDTH tasks in a row; each needs its three upper neighbours",
    .set_defaults = shape_set_square,
    .needs = stencil_needs,
};

static void
tree_defaults(GraphRequest *request)
{
    if (request->degree == 0)
        request->degree = 2;
}

static void
tree_needs(Generator *generator, uint32_t task)
{
    if (task > 0)
        shape_need(generator, (task - 1) / generator->request.degree);
}

static const Shape tree = {
    .name = "tree",
    .summary = "each task is needed by DEGREE others (default 2), all levels are full but "
               "the last",
    .set_defaults = tree_defaults,
    .needs = tree_needs,
};

/* Return the points of the transform with the number of tasks nearest to `n_tasks`: 2^k points have
 * k + 1 levels. */
static uint32_t
fft_points(uint32_t n_tasks)
{
    uint64_t points = 1, levels = 1;

    while (points * levels < n_tasks) {
        uint64_t next = 2 * points * (levels + 1);

        if (next > n_tasks && next - n_tasks > n_tasks - points * levels)
            break;
        points *= 2;
        levels++;
    }
    return (uint32_t)points;
}

static uint32_t
fft_n_nearest(const GraphRequest *request)
{
    uint32_t points = fft_points(request->n_tasks), n = points;

    for (uint32_t i = points; i > 1; i /= 2)
        n += points;
    return n;
}

static void
fft_defaults(GraphRequest *request)
{
    request->width = fft_points(request->n_tasks);
}

static void
fft_needs(Generator *generator, uint32_t task)
{
    uint32_t points = generator->request.width;
    uint32_t level = task / points, point = task % points;
    uint32_t first = (level - 1) * points;

    if (level == 0)
        return;
    shape_need(generator, first + point);
    shape_need(generator, first + (point ^ (UINT32_C(1) << (level - 1))));
}

static const Shape fft = {
    .name = "fft",
    .summary =
        "the butterflies of a fast Fourier transform of 2^k points (Cooley & Tukey 1965)",
    .n_nearest = fft_n_nearest,
    .set_defaults = fft_defaults,
    .needs = fft_needs,
};

/* One task in LONG_SHARE is LONG_FACTOR times as long, and is declared last: so the long ones have
 * half of all work, and start last in the order of declaration. */
#define LONG_SHARE  20
#define LONG_FACTOR 20

static uint32_t
long_tail_factor(const Generator *generator, uint32_t task)
{
    uint32_t n = generator->request.n_tasks;

    return n - task <= (n + LONG_SHARE - 1) / LONG_SHARE ? LONG_FACTOR : 1;
}

static const Shape long_tail = {
    .name = "long-tail",
    .summary =
        "independent; of twenty tasks one, declared last, costs twenty times as much",
    .cost_factor = long_tail_factor,
};

const Shape *const shapes[] = {
    &chain,        &independent,    &fork_join, &shape_layered,
    &shape_random, &shape_samepred, &wavefront, &tree,
    &fft,          &stencil,        &long_tail, &shape_series_parallel,
    NULL,
};

const Shape *
shape_find(const char *name)
{
    for (const Shape *const *shape = shapes; *shape; shape++)
        if (strcmp((*shape)->name, name) == 0)
            return *shape;
    return NULL;
}
