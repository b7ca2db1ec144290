/* SPDX-License-Identifier: MIT */
/*
 * Draw a random case.  A task that hangs for ever is drawn only if something ends it: its own
 * timeout, that of the run, or a signal that is certain to be sent.
 */
#include "soak.h"

#include <signal.h>

#define MS INT64_C(1000000)

static unsigned
n_strategies(void)
{
    unsigned n = 1; /* there is at least one */

    while (dag_strategies()[n])
        n++;
    g_assert(n > 0);
    return n;
}

/* Some signals arrive before the first task starts, some after the last has ended; most arrive in
 * between. */
static int64_t
draw_delay(Dice *dice)
{
    return (int64_t)(dice_next(dice) % (UINT64_C(1) << (17 + dice_below(dice, 11))));
}

/* dagrun takes two signals of the same kind in quick succession for one, and also SIGTERM and
 * SIGHUP.  So the second signal differs from the first. */
static void
draw_signals(Case *c, Dice *dice)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    uint32_t first = dice_below(dice, G_N_ELEMENTS(numbers));
    int second = first == 0 ? numbers[1 + dice_below(dice, 2)] : SIGINT;

    if (dice_chance(dice, 60))
        return;
    c->n_signals = dice_chance(dice, 40) ? 2 : 1;
    c->signals[0] = (Signal){numbers[first], draw_delay(dice), 30 + dice_below(dice, 71)};
    c->signals[1] = (Signal){second, 1 * MS + draw_delay(dice) / 2, 0};
}

static void
draw_options(Case *c, Dice *dice)
{
    static const char *const verbosities[] = {NULL, NULL, "-q", "-v", "--log", "--json"};

    c->strategy = dag_strategies()[dice_below(dice, n_strategies())];
    c->n_workers = 1 + dice_below(dice, 8);
    c->keep_going = dice_chance(dice, 50);
    c->retries = dice_chance(dice, 20) ? 1 + dice_below(dice, 2) : 0;
    c->timeout_ns = dice_chance(dice, 8) ? (1 + dice_below(dice, 60)) * MS : 0;
    c->grace_ns = dice_chance(dice, 10) ? 0 : dice_chance(dice, 50) ? 10 * MS : 50 * MS;
    c->verbosity = verbosities[dice_below(dice, G_N_ELEMENTS(verbosities))];
    c->closed_output = dice_chance(dice, 5);
    draw_signals(c, dice);
}

/* Find the predecessors of each task.  An excluded one is replaced by its own predecessors. */
static void
find_preds(Case *c)
{
    const RandomGraph *random = c->random;

    for (uint32_t i = 0; i < random->n; i++) {
        GArray *preds = g_array_new(FALSE, FALSE, sizeof(uint32_t));

        for (guint k = 0; k < random->needs[i]->len; k++) {
            uint32_t other = g_array_index(random->needs[i], uint32_t, k);

            if (random->excluded[other])
                g_array_append_vals(preds, c->tasks[other].preds->data,
                                    c->tasks[other].preds->len);
            else
                g_array_append_val(preds, other);
        }
        c->tasks[i].preds = preds;
    }
}

static void
draw_codes(DagCodes *codes, Dice *dice)
{
    static const unsigned likely[] = {0, 1, 3, CODE_FICKLE, 124, 128 + 9};

    for (size_t i = 0; i < G_N_ELEMENTS(likely); i++)
        if (dice_chance(dice, 50))
            dag_codes_add(codes, likely[i]);
    dag_codes_add(codes, likely[dice_below(dice, G_N_ELEMENTS(likely))]);
}

/* Returns: whether a signal or the run's timeout ends a task that hangs. */
static bool
is_ended(const Case *c, bool always)
{
    if (always)
        return c->n_signals == 2;
    return c->n_signals > 0 || c->timeout_ns > 0;
}

static void
draw_limits(Case *c, SoakTask *task, Dice *dice)
{
    DagPolicy *policy = &task->policy;
    bool has_code = task->chore->element >= ELEMENT_EXEC;

    /* The default of one second would be too long. */
    if (policy->retry_delay_ns == 0)
        policy->retry_delay_ns = 2 * MS;
    if (task->chore->hangs && (!is_ended(c, policy->always) || dice_chance(dice, 50)))
        policy->timeout_ns = (2 + dice_below(dice, 30)) * MS;
    else if (!task->chore->hangs && dice_chance(dice, 12))
        policy->timeout_ns =
            dice_chance(dice, 60) ? (1 + dice_below(dice, 8)) * MS : 3600000 * MS;
    policy->limits_success = has_code && dice_chance(dice, 12);
    if (policy->limits_success)
        draw_codes(&policy->expect, dice);
    /* A mute task with CODE_FICKLE as an expected code would succeed in an attempt that prints. */
    task->mute = task->mute && !dag_codes_has(&policy->expect, CODE_FICKLE);
    policy->limits_retries = has_code && dice_chance(dice, 12);
    if (policy->limits_retries)
        draw_codes(&policy->retry_on, dice);
}

static void
draw_task(Case *c, uint32_t number, Dice *dice)
{
    static const int codes[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3};
    SoakTask *task = &c->tasks[number];
    const GArray *needs = c->random->needs[number];
    bool may_hang = dice_chance(dice, c->n_signals > 0 ? 60 : 15);

    task->policy = c->random->policies[number];
    task->chore = chore_draw(dice, needs->len > 0, may_hang);
    task->code = codes[dice_below(dice, G_N_ELEMENTS(codes))];
    task->source = NO_TASK;
    if (task->chore->source && needs->len > 0)
        task->source = g_array_index(needs, uint32_t, dice_below(dice, needs->len));
    if (task->chore->is_fickle) {
        task->n_bad = dice_below(dice, 4);
        task->mute = dice_chance(dice, 30);
        if (task->policy.retries == 0 && dice_chance(dice, 70))
            task->policy.retries = 3;
    }
    draw_limits(c, task, dice);
}

Case *
case_new(uint64_t seed)
{
    Dice dice = seed;
    Case *c = g_new0(Case, 1);

    c->seed = seed;
    draw_options(c, &dice);
    c->random = random_graph_new(dice_next(&dice),
                                 &(RandomGraphOptions){
                                     .max_tasks = dice_chance(&dice, 15) ? 60 : 12,
                                     .excluded_percent = dice_chance(&dice, 40) ? 15 : 0,
                                     .priorities = dice_chance(&dice, 50),
                                     .pools = dice_chance(&dice, 40),
                                     .policy_percent = dice_chance(&dice, 60) ? 30 : 0,
                                 });
    c->tasks = g_new0(SoakTask, c->random->n);
    for (uint32_t i = 0; i < c->random->n; i++)
        draw_task(c, i, &dice);
    find_preds(c);
    return c;
}

void
case_free(Case *c)
{
    if (!c)
        return;
    for (uint32_t i = 0; i < c->random->n; i++)
        g_array_unref(c->tasks[i].preds);
    g_free(c->tasks);
    random_graph_free(c->random);
    g_free(c);
}

unsigned
case_attempts(const Case *c, uint32_t task)
{
    int32_t retries = c->tasks[task].policy.retries;

    return 1 + (retries == 0 ? c->retries : (unsigned)MAX(retries, 0));
}

void
case_lines(const Case *c, uint32_t reader, int *least_out, int *most_out)
{
    uint32_t number = c->tasks[reader].source;
    const SoakTask *source = &c->tasks[number];
    int n_lines = source->mute ? 0 : source->chore->n_lines;
    bool has_succeeded = !c->tasks[reader].policy.always && !source->policy.allow_failure;

    *least_out = has_succeeded ? MAX(n_lines, 0) : 0;
    *most_out = has_succeeded ? n_lines : source->chore->n_lines;
    if (c->random->excluded[number])
        *least_out = *most_out = 0;
}
