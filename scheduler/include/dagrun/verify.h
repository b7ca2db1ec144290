/* SPDX-License-Identifier: MIT */
/*
 * An independent check of the records of runs: whether all that happened was allowed.  It shares no
 * code with the parts that carry out a run (the ready set and the drivers), so a fault there does not
 * hide itself.  docs/verify.md lists the rules.
 */
#pragma once

#include <dagrun/past-run.h>
#include <dagrun/plan.h>

G_BEGIN_DECLS

/* The rule that a run has broken. */
typedef enum DagRule {
    DAG_RULE_TASKS,      /* each task of the plan is in the run once, and no other */
    DAG_RULE_RECORD,     /* a task is described as its attempts are; times are in order */
    DAG_RULE_DEPENDENCY, /* a task starts when its predecessors have ended */
    DAG_RULE_BARRIER, /* and when all earlier phases have ended, if the strategy wants it */
    DAG_RULE_OUTCOME, /* the outcomes of predecessors decide whether a task runs */
    DAG_RULE_STOP, /* tasks are cancelled if the run was stopped, and then no task starts */
    DAG_RULE_WORKER, /* a worker runs one task at a time, and there are not more of them */
    DAG_RULE_CONNECTION, /* not more connections are open than the run had */
    DAG_RULE_POOL,       /* not more slots of a pool are in use than it has */
    DAG_RULE_RATE,     /* attempts of tasks that use a pool start no faster than its rate */
    DAG_RULE_ATTEMPTS, /* a task is tried again as often as it may be, and only if it may be */
    DAG_RULE_PAUSE,    /* between attempts there is a pause */
    DAG_RULE_EXIT_CODE,  /* success has an exit code that means success */
    DAG_RULE_TIME_LIMIT, /* attempts and runs time out at their limits, and not before */
    DAG_RULE_PHASES, /* phases have the tasks of the plan, and the times of their tasks */
    DAG_RULE_SUMS,   /* counts, makespan and lower bounds follow from the tasks */
} DagRule;

/* The number of rules. */
#define DAG_N_RULES 16

/* Return the name of a rule in reports, such as "time-limit"; static. */
const char *dag_rule_name(DagRule rule);

/* A rule that was broken. */
typedef struct DagFinding {
    DagRule rule;
    DagTaskId task; /* or DAG_TASK_NONE: the run, or a task that is not in the plan */
    char *text;     /* one sentence, lower case, no full stop */
} DagFinding;

/* The most findings that are kept; a run of another graph has one for each task. */
#define DAG_MAX_FINDINGS 1000

/* The result of a check. */
typedef struct DagVerdict {
    GArray *findings;  /* of DagFinding, at most DAG_MAX_FINDINGS */
    size_t n_findings; /* with those that are not kept; 0: the run is as it should be */
    size_t n_tasks;
    size_t n_attempts;
    size_t n_dependencies;
} DagVerdict;

/* Free a verdict; NULL is fine. */
void dag_verdict_free(DagVerdict *verdict);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DagVerdict, dag_verdict_free)

/*
 * Check a run.  `plan` is the plan that was executed, or one of the same graph with the same
 * parameters, selected tasks and phase rule.
 *
 * Times are compared exactly, where a record has them exactly.  A task that ends early or late is no
 * task that was at fault: a real run may be late by `slack_ns` at its time limits and when it stops
 * (0: 10 seconds, for a busy machine), a simulated one is never late.
 *
 * Cost: O(dependencies + attempts × log attempts).  Any thread.
 */
DagVerdict *dag_verify(const DagPlan *plan, const DagPastRun *past, int64_t slack_ns);

G_END_DECLS
