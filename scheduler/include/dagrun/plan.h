/* SPDX-License-Identifier: MIT */
/*
 * The static analysis of a graph: phases, costs, ranks, slack, the critical path, lower bounds.
 * Immutable; borrows its graph, which must outlive it.  Times are seconds of expected cost, for
 * unlimited workers.
 */
#pragma once

#include <dagrun/graph.h>
#include <dagrun/types.h>

G_BEGIN_DECLS

typedef struct DagPlan DagPlan; /* an analyzed graph */

/* The rule that assigns tasks to phases; see docs/architecture.md. */
typedef enum DagPhaseRule {
    DAG_PHASES_JUST_IN_TIME, /* after the last dependency; without any, right before the first
                                task that needs it, or in the last phase if none does */
    DAG_PHASES_ASAP,         /* as early as possible */
    DAG_PHASES_ALAP,         /* as late as possible */
    DAG_PHASES_COMPACT, /* so that dependencies span as few phases as possible, all added up */
} DagPhaseRule;

/* The number of phase rules. */
#define DAG_N_PHASE_RULES 4

/* Return "just-in-time", "asap", "alap" or "compact"; static. */
const char *dag_phase_rule_name(DagPhaseRule rule);

/*
 * Plan a graph.  Cannot fail.  O(tasks + dependencies), but DAG_PHASES_COMPACT takes longer: it solves a
 * linear program.
 *
 * `costs` is [n_tasks], the expected duration of each task in seconds; NULL for the declared
 * ones.  It is copied.  An entry that is negative or not finite falls back to the cost that the
 * task declares or its kind suggests, and to 1 second if there is none.
 *
 * Returns: the plan; free with dag_plan_free(), before the graph.
 */
DagPlan *dag_plan_new(const DagGraph *graph, DagPhaseRule rule, const double *costs);

/* Free a plan, not its graph; NULL is fine. */
void dag_plan_free(DagPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DagPlan, dag_plan_free)

/* Return the graph of a plan; borrowed. */
const DagGraph *dag_plan_graph(const DagPlan *plan);

/* Return the rule that assigned tasks to phases. */
DagPhaseRule dag_plan_phase_rule(const DagPlan *plan);

/* Return the number of phases.  In C they are numbered from 0, in reports from 1. */
size_t dag_plan_n_phases(const DagPlan *plan);

/* Return the phase of `id`, from 0. */
uint32_t dag_plan_phase(const DagPlan *plan, DagTaskId id);

/* Return the tasks of a phase in order of declaration; at least one. */
DagIds dag_plan_phase_tasks(const DagPlan *plan, uint32_t phase);

/* Return the declared title of a phase, or NULL; borrowed. */
const char *dag_plan_phase_title(const DagPlan *plan, uint32_t phase);

/* Return the expected duration of `id` in seconds, at least 0. */
double dag_plan_cost(const DagPlan *plan, DagTaskId id);

/* Return false if the cost of `id` is the default of 1 second, true if it was given, declared
 * or suggested by the kind. */
bool dag_plan_cost_is_known(const DagPlan *plan, DagTaskId id);

/* Return false if the rank of `id` contains a default cost. */
bool dag_plan_rank_is_known(const DagPlan *plan, DagTaskId id);

/* Return false if the earliest start of `id` contains a default cost. */
bool dag_plan_start_is_known(const DagPlan *plan, DagTaskId id);

/* Return the number of tasks whose cost is the default.  If it is not 0, then the slack of each
 * task, the length of the critical path and the total cost are assumptions, too. */
size_t dag_plan_n_unknown_costs(const DagPlan *plan);

/*
 * Return the upward rank (bottom level) of `id`: its own cost plus the costliest chain of
 * successors.  The largest rank in a plan is the length of its critical path, a lower bound on
 * any schedule.
 */
double dag_plan_rank(const DagPlan *plan, DagTaskId id);

/* Return the earliest start of `id`, in seconds from the start of the run. */
double dag_plan_earliest_start(const DagPlan *plan, DagTaskId id);

/* Return the latest start of `id` at which the run takes no longer than the critical path. */
double dag_plan_latest_start(const DagPlan *plan, DagTaskId id);

/* Return latest minus earliest start, at least 0; 0 on a critical path. */
double dag_plan_slack(const DagPlan *plan, DagTaskId id);

/* Return a longest chain, first task first; ties go to the task declared first.  Empty for an
 * empty graph. */
DagIds dag_plan_critical_path(const DagPlan *plan);

/* Return the length of the critical path in seconds. */
double dag_plan_critical_path_length(const DagPlan *plan);

/* Return the sum of the costs of all tasks in seconds. */
double dag_plan_total_cost(const DagPlan *plan);

/* The capacities of a run, beside the pools of its graph.  0: without limit. */
typedef struct DagMachine {
    unsigned n_workers;
    unsigned n_connections; /* open at once */
} DagMachine;

/* The reason why no schedule can be shorter. */
typedef enum DagBoundCause {
    DAG_BOUND_CHAIN,   /* the longest chain of tasks that depend on each other */
    DAG_BOUND_WORKERS, /* the work of tasks that occupy a worker, spread over the workers */
    DAG_BOUND_CONNECTIONS, /* the same for tasks that occupy a connection */
    DAG_BOUND_POOL,        /* the work of tasks that use a pool, spread over its slots */
    DAG_BOUND_RATE, /* the starts of tasks that use a pool, at its rate; or their tokens */
    /* The work that workers must do between two moments, since the tasks have others before and behind
     * them; not from dag_plan_bound(). */
    DAG_BOUND_INTERVAL,
    DAG_BOUND_SEARCH, /* a strategy that searches has shown it; only from benchmarks */
} DagBoundCause;

/* A lower bound on the makespan of any schedule. */
typedef struct DagBound {
    double duration; /* in the unit of the tasks' durations */
    DagBoundCause cause;
    /* Of DAG_BOUND_POOL and DAG_BOUND_RATE: its number in dag_graph_pools(). */
    uint32_t pool;
    /* Of DAG_BOUND_INTERVAL, seconds: */
    double from; /* from the start of the run to the first moment */
    double rest; /* from the second moment to the end of the run */
} DagBound;

/*
 * Return the largest lower bound for tasks that take durations[n_tasks], in seconds; in any unit if no
 * pool has a rate.  A task with a negative duration is left out.  O(tasks + dependencies).
 */
DagBound dag_plan_bound(const DagPlan *plan, const DagMachine *machine,
                        const double *durations);

/*
 * Return the largest lower bound for the costs of the plan, with that of intervals (Fernandez & Bussell,
 * 1973).  If all costs are whole multiples of a number from 1 µs, so is the bound.  Cost: O(tasks log
 * tasks), and up to about half a second.
 */
DagBound dag_plan_best_bound(const DagPlan *plan, const DagMachine *machine);

/*
 * Return by how many times the shortest possible makespan any schedule is longer, at most, that starts a
 * task whenever a worker is free and one is ready: 2 - 1 / n_workers (Graham, 1966).  That holds for every
 * strategy without barriers and without holds.  0: it does not hold for this graph, since tasks use
 * pools or occupy connections.  O(tasks).
 */
double dag_plan_guarantee(const DagPlan *plan, unsigned n_workers);

/*
 * Return the sum of the lower bounds of the phases, the least that a strategy with a barrier
 * takes.  `durations` is as for dag_plan_bound().  O(tasks).
 */
double dag_plan_bound_by_phase(const DagPlan *plan, const DagMachine *machine,
                               const double *durations);

G_END_DECLS
