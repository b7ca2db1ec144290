/* SPDX-License-Identifier: MIT */
/*
 * A case is a number, which is the seed of everything that is random in it.
 */
#include "property.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dice.h"

#define STALLED_S 60 /* no case takes a hundredth of it */

static const char *const flavour_names[N_FLAVOURS] = {"tiny",  "plain",     "speaking",
                                                      "mixed", "connected", "hybrid"};

/* Printed if the case dies. */
static char description[256];

static void
on_death(int signal_number)
{
    static const char stalled[] = "# stalled: ", died[] = "# died: ";
    const char *what = signal_number == SIGALRM ? stalled : died;
    ssize_t written = write(STDERR_FILENO, what, strlen(what));

    written += write(STDERR_FILENO, description, strlen(description));
    (void)written;
    signal(SIGABRT, SIG_DFL);
    abort();
}

static unsigned
n_strategies(void)
{
    unsigned n = 0;

    while (dag_strategies()[n])
        n++;
    return n;
}

/* Remove the last digit of `*number` in base `base`, and return it. */
static unsigned
digit(uint64_t *number, unsigned base)
{
    unsigned last = (unsigned)(*number % base);

    *number /= base;
    return last;
}

void
case_build(Case *c)
{
    static const DagKind *const kinds[N_FLAVOURS][3] = {
        [TINY] = {&tiny, &tiny, &tiny},
        [PLAIN] = {&plain, &plain, &plain},
        [SPEAKING] = {&speaking, &speaking, &speaking},
        [MIXED] = {&tiny, &speaking, &plain},
        [CONNECTED] = {&connected, &connected_by_fd, &connected_speaking},
        [HYBRID] = {&connected_speaking, &speaking, &plain},
    };
    Dice dice = c->seed;

    c->rule = (DagPhaseRule)dice_below(&dice, DAG_N_PHASE_RULES);
    c->random = random_graph_new(dice_next(&dice),
                                 &(RandomGraphOptions){
                                     .max_tasks = dice_chance(&dice, 5) ? 700 : 60,
                                     .excluded_percent = dice_chance(&dice, 50) ? 15 : 0,
                                     .priorities = dice_chance(&dice, 50),
                                     .policy_percent = dice_chance(&dice, 50) ? 30 : 0,
                                     .pools = dice_chance(&dice, 33),
                                     .rates = dice_chance(&dice, 33) && !c->at_once,
                                 });
    for (uint32_t i = 0; i < c->random->n && c->at_once; i++)
        c->random->policies[i].retry_delay_ns = DAG_ZERO;
    for (uint32_t i = 0; i < c->random->n && c->limited; i++)
        if (dice_chance(&dice, 40))
            c->random->policies[i].timeout_ns = 10000 + dice_below(&dice, 300000);
    c->graph = random_graph_build(c->random, kinds[c->flavour], 3);
    c->n = dag_graph_n_tasks(c->graph);
    c->plan = dag_plan_new(c->graph, c->rule, NULL);
    g_snprintf(description, sizeof(description),
               "DAGRUN_TEST_SEED=%" G_GUINT64_FORMAT
               " DAGRUN_TEST_CASES=1: %s, %u workers, %u connections, "
               "%s, %s, %zu tasks (%s), %u %% fail%s%s%s%s\n",
               c->seed, c->strategy->name, c->n_workers, c->n_connections,
               dag_phase_rule_name(c->rule), c->random->shape, c->n,
               flavour_names[c->flavour], c->failure_percent,
               c->keep_going ? ", keep going" : "", c->observed ? ", observed" : "",
               c->limited ? ", limited" : "", c->simulated ? ", simulated" : "");
    probe_begin(c);
}

/* The main properties are enumerated, not random, so that each combination occurs. */
static void
case_init(Case *c, uint64_t seed)
{
    unsigned n = n_strategies() * 7 * 2 * 2 * 2 * N_FLAVOURS;

    g_assert_cmpuint(n, >, 0);

    uint64_t which = seed * 1009 % n; /* a prime: neighbours differ in all digits */

    *c = (Case){.seed = seed};
    c->flavour = (Flavour)digit(&which, N_FLAVOURS);
    c->keep_going = digit(&which, 2);
    c->observed = digit(&which, 2);
    c->failure_percent = digit(&which, 2) ? 10 : 0;
    c->n_workers = 1 + digit(&which, 7);
    c->n_connections = 1 + (unsigned)(seed * 31 % 9);
    c->strategy = dag_strategies()[which];
}

static void
case_clear(Case *c)
{
    probe_end();
    dag_plan_free(c->plan);
    dag_graph_free(c->graph);
    random_graph_free(c->random);
}

static uint64_t
number_from(const char *variable, uint64_t otherwise)
{
    const char *text = g_getenv(variable);

    return text ? g_ascii_strtoull(text, NULL, 10) : otherwise;
}

void
for_each_case(uint64_t n_cases, void (*check)(Case *c))
{
    uint64_t first = number_from("DAGRUN_TEST_SEED", 1);

    n_cases = number_from("DAGRUN_TEST_CASES", n_cases);
    signal(SIGABRT, on_death);
    signal(SIGALRM, on_death);
    for (uint64_t i = 0; i < n_cases; i++) {
        Case c;

        alarm(STALLED_S);
        case_init(&c, first + i);
        check(&c);
        case_clear(&c);
    }
    alarm(0);
}
