/* SPDX-License-Identifier: MIT */
/*
 * Faulty schedulers.  Each mutant is a whole run, consistent in itself, of a scheduler that ignores one rule:
 * it is simulated with another graph, machine or strategy than the record says.
 */
#include "verify-case.h"

#include "graph-of.h"

#include <string.h>

/* A run of `simulated` with `options`, which the record says was one of `graph` with `claims`. */
typedef struct Mutant {
    const char *name;
    const char *graph;
    const char *simulated; /* NULL: the same */
    DagSimulateOptions options;
    unsigned n_slots; /* of the pool p when it was simulated */
    void (*claim)(DagPastRun *past);
    DagRule rule;
} Mutant;

static void
claim_nothing(DagPastRun *past)
{
    (void)past;
}

static void
claim_two_workers(DagPastRun *past)
{
    past->n_workers = 2;
}

static void
claim_phases(DagPastRun *past)
{
    past->strategy = "phases";
    past->has_barrier = true;
}

static void
claim_two_retries(DagPastRun *past)
{
    past->retries = 2;
}

static void
claim_no_keep_going(DagPastRun *past)
{
    past->keep_going = false;
}

/* Tasks with "x" in their names fail; others take their costs. */
static DagSimulatedAttempt
x_fails(const DagPlan *plan, DagTaskId id, G_GNUC_UNUSED unsigned attempt,
        G_GNUC_UNUSED void *data)
{
    const char *name = dag_graph_task_name(dag_plan_graph(plan), id);

    return (DagSimulatedAttempt){.seconds = dag_plan_cost(plan, id),
                                 .outcome = strchr(name, 'x') ? DAG_FAILED : DAG_SUCCEEDED,
                                 .exit_code = DAG_EXIT_NONE};
}

#define WIDE "a:3 b:3 c:4 d<a:2 e<b,c:1 f<d:2"

static const Mutant mutants[] = {
    {"a dependency is ignored",
     WIDE,
     "a:3 b:3 c:4 d<a:2 e<b:1 f<d:2",
     {.n_workers = 4},
     1,
     claim_nothing,
     DAG_RULE_DEPENDENCY},
    {"a clean-up does not wait",
     "a:3 b:1 c<a,b:1*",
     "a:3 b:1 c<b:1*",
     {.n_workers = 2},
     1,
     claim_nothing,
     DAG_RULE_DEPENDENCY},
    {"one worker too many",
     WIDE,
     NULL,
     {.n_workers = 3},
     1,
     claim_two_workers,
     DAG_RULE_WORKER},
    {"one slot too many",
     "a:3@p b:3@p c:3@p",
     NULL,
     {.n_workers = 3},
     2,
     claim_nothing,
     DAG_RULE_POOL},
    {"slots of a task are counted once",
     "a:3@p=1 b:3@p=1",
     "a:3 b:3",
     {.n_workers = 3},
     1,
     claim_nothing,
     DAG_RULE_POOL},
    {"no barrier", WIDE, NULL, {.n_workers = 3}, 1, claim_phases, DAG_RULE_BARRIER},
    {"a retry is missing",
     "a:1 x<a:1",
     NULL,
     {.n_workers = 1, .keep_going = true, .retries = 1, .attempt = x_fails},
     1,
     claim_two_retries,
     DAG_RULE_ATTEMPTS},
    {"one retry too many",
     "a:1 x<a:1",
     NULL,
     {.n_workers = 1, .retries = 3, .attempt = x_fails},
     1,
     claim_two_retries,
     DAG_RULE_ATTEMPTS},
    {"a failure does not stop the run",
     "x:1 b:1 c<b:1",
     NULL,
     {.n_workers = 1, .keep_going = true, .attempt = x_fails},
     1,
     claim_no_keep_going,
     DAG_RULE_STOP},
    {"a task runs behind a failure",
     "x:1 b<x:1",
     "x:1 b:1",
     {.n_workers = 1, .keep_going = true, .attempt = x_fails},
     1,
     claim_nothing,
     DAG_RULE_OUTCOME},
};

static DagGraph *
mutant_graph(const char *words, unsigned n_slots)
{
    DagBuilder *builder = builder_of(words, NULL, NULL);

    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "p", .slots = n_slots});
    return graph_finish(builder, NULL);
}

/* Return whether dag_verify() finds the rule broken in a run of `simulated`.  *n_findings_out: of all rules. */
static bool
is_found(const Mutant *mutant, bool is_mutated, size_t *n_findings_out)
{
    const char *words = is_mutated && mutant->simulated ? mutant->simulated : mutant->graph;
    g_autoptr(DagGraph) graph = mutant_graph(mutant->graph, 1);
    g_autoptr(DagGraph) other = mutant_graph(words, is_mutated ? mutant->n_slots : 1);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
    g_autoptr(DagPlan) faulty = dag_plan_new(other, DAG_PHASES_ASAP, NULL);
    DagSimulateOptions options = mutant->options;
    bool found = false;

    options.strategy = dag_strategy_find("dataflow");

    g_autoptr(DagRun) run = dag_simulate(faulty, &options);
    g_autoptr(DagPastRun) past = dag_past_run_of(run);

    if (is_mutated)
        mutant->claim(past);

    g_autoptr(DagVerdict) verdict = dag_verify(plan, past, 0);

    for (guint i = 0; i < verdict->findings->len; i++)
        found =
            found || g_array_index(verdict->findings, DagFinding, i).rule == mutant->rule;
    *n_findings_out = verdict->n_findings;
    return found;
}

void
test_mutants(void)
{
    size_t n_findings;

    for (size_t i = 0; i < G_N_ELEMENTS(mutants); i++) {
        if (!is_found(&mutants[i], true, &n_findings))
            g_error("a scheduler is not caught: %s", mutants[i].name);
        is_found(&mutants[i], false, &n_findings);
        if (n_findings > 0)
            g_error("a scheduler without fault is not believed: %s", mutants[i].name);
    }
}
