/* SPDX-License-Identifier: MIT */
#include "random-graph.h"

#include "dice.h"
#include "graph-of.h"

static void
need(RandomGraph *random, uint32_t task, uint32_t other)
{
    GArray *needs = random->needs[task];

    for (guint i = 0; i < needs->len; i++)
        if (g_array_index(needs, uint32_t, i) == other)
            return;
    g_array_append_val(needs, other);
}

static void
draw_nothing(RandomGraph *random, Dice *dice)
{
    (void)random;
    (void)dice;
}

static void
draw_chain(RandomGraph *random, Dice *dice)
{
    (void)dice;
    for (uint32_t task = 1; task < random->n; task++)
        need(random, task, task - 1);
}

/* A few layers; each task needs some tasks of the layer before. */
static void
draw_layers(RandomGraph *random, Dice *dice)
{
    uint32_t width = 1 + dice_below(dice, random->n), most = 1 + dice_below(dice, 4);

    for (uint32_t task = width; task < random->n; task++) {
        uint32_t layer = task / width * width;

        for (uint32_t i = dice_below(dice, most + 1); i > 0; i--)
            need(random, task, layer - width + dice_below(dice, width));
    }
}

/* Each task needs a few arbitrary earlier tasks. */
static void
draw_sparse(RandomGraph *random, Dice *dice)
{
    uint32_t most = 1 + dice_below(dice, 3);

    for (uint32_t task = 1; task < random->n; task++)
        for (uint32_t i = dice_below(dice, most + 1); i > 0; i--)
            need(random, task, dice_below(dice, task));
}

static void
draw_dense(RandomGraph *random, Dice *dice)
{
    for (uint32_t task = 1; task < random->n; task++)
        for (uint32_t other = 0; other < task; other++)
            if (dice_chance(dice, 30))
                need(random, task, other);
}

static void
draw_tree(RandomGraph *random, Dice *dice)
{
    for (uint32_t task = 1; task < random->n; task++)
        need(random, task, dice_below(dice, task));
}

/* A chain of diamonds: one task, several, one, several, … */
static void
draw_diamonds(RandomGraph *random, Dice *dice)
{
    uint32_t width = 1 + dice_below(dice, 9);

    for (uint32_t task = 1; task < random->n; task++) {
        uint32_t knot = task / (width + 1) * (width + 1);

        if (task != knot)
            need(random, task, knot);
        else
            for (uint32_t i = 1; i <= width; i++)
                need(random, task, task - i);
    }
}

static const struct Shape {
    const char *name;
    void (*draw)(RandomGraph *random, Dice *dice);
    uint32_t most; /* maximum number of tasks; 0: as requested */
} shapes[] = {
    {"empty", draw_nothing, 0},    {"one task", draw_nothing, 1},
    {"two tasks", draw_sparse, 2}, {"chain", draw_chain, 60},
    {"wide", draw_nothing, 0},     {"layers", draw_layers, 0},
    {"sparse", draw_sparse, 0},    {"dense", draw_dense, 40},
    {"tree", draw_tree, 0},        {"diamonds", draw_diamonds, 0},
};

static void
shuffle(uint32_t *numbers, uint32_t n, Dice *dice)
{
    for (uint32_t i = n; i > 1; i--) {
        uint32_t other = dice_below(dice, i), kept = numbers[i - 1];

        numbers[i - 1] = numbers[other];
        numbers[other] = kept;
    }
}

/* A retry follows at once or after 20 µs. */
static void
draw_policy(DagPolicy *policy, Dice *dice, uint32_t percent)
{
    policy->always = dice_chance(dice, percent / 2);
    policy->allow_failure = dice_chance(dice, percent / 2);
    if (dice_chance(dice, percent)) {
        policy->retries = (int32_t)dice_below(dice, 4) - 1;
        policy->retry_delay_ns = dice_chance(dice, 50) ? -1 : 20000;
    }
}

static void
draw_pools(RandomGraph *random, Dice *dice)
{
    random->n_pools = 1 + dice_below(dice, G_N_ELEMENTS(random->slots));
    for (uint32_t pool = 0; pool < random->n_pools; pool++)
        random->slots[pool] = 1 + dice_below(dice, 4);
    for (uint32_t i = 0; i < random->n; i++) {
        g_autoptr(GString) uses = g_string_new(NULL);

        for (uint32_t pool = 0; pool < random->n_pools; pool++)
            if (dice_chance(dice, 40))
                g_string_append_printf(uses, "p%u:%u ", pool,
                                       1 + dice_below(dice, random->slots[pool]));
        if (uses->len > 0)
            random->uses[i] = g_strdup(uses->str);
    }
}

RandomGraph *
random_graph_new(uint64_t seed, const RandomGraphOptions *options)
{
    Dice dice = seed;
    /* Shapes of any size are drawn more often than the small ones. */
    uint32_t which = dice_below(&dice, 3 * G_N_ELEMENTS(shapes));
    const struct Shape *shape =
        &shapes[which < G_N_ELEMENTS(shapes) ? which
                                             : 4 + which % (G_N_ELEMENTS(shapes) - 4)];
    RandomGraph *random = g_new0(RandomGraph, 1);
    uint32_t n = 1 + dice_below(&dice, options->max_tasks);

    random->shape = shape->name;
    random->n = which == 0 ? 0 : shape->most ? MIN(n, shape->most) : n;
    random->needs = g_new0(GArray *, random->n);
    random->excluded = g_new0(bool, random->n);
    random->priorities = g_new0(int32_t, random->n);
    random->declared = g_new(uint32_t, random->n);
    random->policies = g_new0(DagPolicy, random->n);
    random->uses = g_new0(char *, random->n);
    for (uint32_t i = 0; i < random->n; i++) {
        random->needs[i] = g_array_new(FALSE, FALSE, sizeof(uint32_t));
        random->excluded[i] = dice_chance(&dice, options->excluded_percent);
        random->priorities[i] = options->priorities ? (int32_t)dice_below(&dice, 5) - 2 : 0;
        random->declared[i] = i;
        draw_policy(&random->policies[i], &dice, options->policy_percent);
    }
    if (options->pools)
        draw_pools(random, &dice);
    for (uint32_t pool = 0; pool < random->n_pools && options->rates; pool++)
        if (dice_chance(&dice, 50))
            random->rates[pool] = (DagRate){1 + dice_below(&dice, 7), 100000};
    shape->draw(random, &dice);
    if (dice_chance(&dice, 50))
        shuffle(random->declared, random->n, &dice);
    return random;
}

void
random_graph_free(RandomGraph *random)
{
    if (!random)
        return;
    for (uint32_t i = 0; i < random->n; i++)
        g_array_unref(random->needs[i]);
    for (uint32_t i = 0; i < random->n; i++)
        g_free(random->uses[i]);
    g_free(random->uses);
    g_free(random->policies);
    g_free(random->needs);
    g_free(random->excluded);
    g_free(random->priorities);
    g_free(random->declared);
    g_free(random);
}

static void
declare(DagBuilder *builder, const RandomGraph *random, uint32_t task, const DagKind *kind)
{
    g_autofree char *name = g_strdup_printf("t%u", task);
    g_autoptr(GString) needs = g_string_new(NULL);
    g_autoptr(GString) text = g_string_new("text:");

    for (guint i = 0; i < random->needs[task]->len; i++) {
        uint32_t other = g_array_index(random->needs[task], uint32_t, i);

        g_string_append_printf(needs, "t%u ", other);
        g_string_append_printf(text, "${t%u}", other);
    }
    dag_builder_add_task(builder, &(DagTaskSpec){
                                      .name = name,
                                      .needs = needs->str,
                                      .cost = task % 7 ? (task * 5 % 7) / 2.0 : -1,
                                      .priority = random->priorities[task],
                                      .policy = random->policies[task],
                                      .uses = random->uses[task],
                                      .when = random->excluded[task] ? "no" : NULL,
                                      .kind = kind,
                                      .text = kind && kind->takes_text ? text->str : NULL,
                                  });
}

DagGraph *
random_graph_build(const RandomGraph *random, const DagKind *const *kinds, size_t n_kinds)
{
    DagBuilder *builder = dag_builder_new();

    for (uint32_t pool = 0; pool < random->n_pools; pool++) {
        g_autofree char *name = g_strdup_printf("p%u", pool);

        dag_builder_add_pool(builder,
                             &(DagPoolSpec){.name = name,
                                            .slots = random->slots[pool],
                                            .rate = random->rates[pool],
                                            .burst = random->rates[pool].count / 2});
    }
    for (uint32_t i = 0; i < random->n; i++)
        declare(builder, random, random->declared[i],
                n_kinds ? kinds[random->declared[i] % n_kinds] : NULL);
    return graph_finish(builder, NULL);
}
