/* SPDX-License-Identifier: MIT */
/*
 * Shapes with random dependencies.  Two are methods of the Standard Task Graph Set ("How to Make
 * STG", Kasahara Laboratory, Waseda University; Tobita and Kasahara, 2002): sameprob, after Almeida
 * et al. (1992), here called "random", and samepred.
 */
#include "generate/random-numbers.h"
#include "generate/shapes.h"

#include <math.h>

#define DEFAULT_DEGREE 3

static void
set_degree(GraphRequest *request)
{
    if (request->degree == 0)
        request->degree = DEFAULT_DEGREE;
}

/* Return true if the current task needs `task` already. */
static bool
is_needed(const Generator *generator, uint32_t task)
{
    for (guint i = 0; i < generator->needs->len; i++)
        if (g_array_index(generator->needs, uint32_t, i) == task)
            return true;
    return false;
}

/* Need `n` different tasks of the `limit` tasks from `first` on (Floyd 1987). */
static void
need_some(Generator *generator, uint32_t n, uint32_t first, uint32_t limit)
{
    for (uint32_t last = limit - n; last < limit; last++) {
        uint32_t task = first + (uint32_t)random_below(&generator->random, last + 1);

        shape_need(generator, is_needed(generator, task) ? first + last : task);
    }
}

static void
layered_defaults(GraphRequest *request)
{
    shape_set_square(request);
    set_degree(request);
}

static void
layered_needs(Generator *generator, uint32_t task)
{
    uint32_t width = generator->request.width, first = task - task % width;

    if (first > 0)
        need_some(generator, MIN(generator->request.degree, width), first - width, width);
}

const Shape shape_layered = {
    .name = "layered",
    .summary = "layers of WIDTH tasks; each needs DEGREE random tasks of the layer before",
    .set_defaults = layered_defaults,
    .needs = layered_needs,
};

/*
 * Each earlier task is needed with the same probability.  The number of tasks between two that are
 * needed has a geometric distribution, so the time is proportional to the dependencies (Batagelj and
 * Brandes 2005).
 */
static void
sameprob_needs(Generator *generator, uint32_t task)
{
    uint32_t n = generator->request.n_tasks;
    double p = n > 1 ? 2.0 * generator->request.degree / (n - 1) : 1;
    double at = -1;

    for (;;) {
        at += 1;
        if (p < 1)
            at += floor(log(random_unit(&generator->random)) / log1p(-p));
        if (at >= task)
            return;
        shape_need(generator, (uint32_t)at);
    }
}

const Shape shape_random = {
    .name = "random",
    .summary = "each task needs each earlier one with the same probability, DEGREE on "
               "average; sameprob of STG",
    .set_defaults = set_degree,
    .needs = sameprob_needs,
};

static void
samepred_needs(Generator *generator, uint32_t task)
{
    uint32_t n = (uint32_t)random_below(&generator->random,
                                        2 * (uint64_t)generator->request.degree + 1);

    need_some(generator, MIN(n, task), 0, task);
}

const Shape shape_samepred = {
    .name = "samepred",
    .summary =
        "each task needs 0 to 2 DEGREE random earlier ones, all as likely; samepred of STG",
    .set_defaults = set_degree,
    .needs = samepred_needs,
};

/* The at most two predecessors of a task. */
typedef struct Pair {
    uint32_t needs[2]; /* NONE: no task */
} Pair;

#define NONE UINT32_MAX

typedef struct Composition {
    uint64_t *random;
    Pair *pairs; /* [n] of them are complete */
    uint32_t n;
} Composition;

static uint32_t
add_task(Composition *composition, uint32_t a, uint32_t b)
{
    composition->pairs[composition->n] = (Pair){{a, b}};
    return composition->n++;
}

/* Divide `n`, at least 2, so that both parts have at least a quarter of it. */
static uint32_t
divide(Composition *composition, uint32_t n)
{
    uint32_t least = MAX(n / 4, 1);

    return least + (uint32_t)random_below(composition->random, n - 2 * least + 1);
}

/*
 * Append a graph of `n` tasks; the first one needs `before`.  The depth of the recursion is at most
 * the logarithm of `n` to the base 4/3: 53 for GENERATE_MAX_TASKS.
 * Returns: its last task.
 *
 * NOLINTBEGIN(misc-no-recursion)
 */
static uint32_t
compose(Composition *composition, uint32_t n, uint32_t before)
{
    uint32_t part, fork, a, b;

    if (n == 1)
        return add_task(composition, before, NONE);
    if (n < 4 || random_below(composition->random, 2) == 0) {
        part = divide(composition, n);
        return compose(composition, n - part, compose(composition, part, before));
    }
    part = divide(composition, n - 2);
    fork = add_task(composition, before, NONE);
    a = compose(composition, part, fork);
    b = compose(composition, n - 2 - part, fork);
    return add_task(composition, a, b);
}

/* NOLINTEND(misc-no-recursion) */

static void
series_parallel_prepare(Generator *generator)
{
    uint32_t n = generator->request.n_tasks;
    Composition composition = {&generator->random, g_new(Pair, n), 0};

    compose(&composition, n, NONE);
    g_assert(composition.n == n);
    generator->prepared = composition.pairs;
}

static void
series_parallel_needs(Generator *generator, uint32_t task)
{
    const Pair *pair = (const Pair *)generator->prepared + task;

    for (size_t i = 0; i < 2; i++)
        if (pair->needs[i] != NONE)
            shape_need(generator, pair->needs[i]);
}

const Shape shape_series_parallel = {
    .name = "series-parallel",
    .summary =
        "composed at random: one part after another, or two between a fork and a join",
    .prepare = series_parallel_prepare,
    .needs = series_parallel_needs,
};
