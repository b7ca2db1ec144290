/* SPDX-License-Identifier: MIT */
/*
 * A run or a plan, turned into text.  Pure functions: each appends UTF-8 to a string and touches
 * nothing else.  All take O(tasks + dependencies).
 */
#pragma once

#include <dagrun/plan.h>
#include <dagrun/run.h>

G_BEGIN_DECLS

/* What text for people may use to be easier to read. */
typedef struct DagTextStyle {
    bool color;     /* ANSI escape sequences */
    unsigned width; /* columns of the screen; 0: not limited */
} DagTextStyle;

/*
 * What happened, for people: a table of phases with durations, the slowest tasks, failures with
 * reasons, makespan and critical path; with a barrier strategy also which task held each phase
 * up and how long workers idled.  Short where there is little to say.
 */
void dag_report_summary(const DagRun *run, DagTextStyle style, GString *out);

/*
 * The whole run as JSON: what timings.json holds, and what `dagrun run --json` prints.  At the
 * top level stand overall_duration_seconds, overall_duration_minutes, phase_timings (seconds of
 * "phase1", "phase2", …), each parameter of the graph with its own type, timestamp (ISO 8601),
 * and dagrun's own:
 *
 *   format_version      1; larger once a key changes its meaning or goes away
 *   graph, strategy     their names
 *   workers             number of worker threads
 *   connections         number of connections that could be open at once; 0 if no task uses one
 *   seed                an integer; beyond 2^63 - 1 a string of its digits
 *   keep_going          true if a failure stopped only the tasks that depend on it
 *   default_retries     retries of tasks that declare none
 *   grace_seconds       time from asking a task to end to killing it
 *   succeeded           whether every task succeeded, or failed and was allowed to
 *   stopped_by          what ended the run before all was done: "failure" (the first one, where
 *                       others do not go on), "cancel" (a signal), "timeout" (the run's own); or
 *                       null
 *   signal              the signal that stopped the run, or null
 *   timeout_seconds     how long the run might take, or null
 *   makespan_seconds    first start to last end
 *   lower_bound_seconds no schedule of tasks with these durations is shorter; pauses between
 *                       attempts are not counted
 *   lower_bound_by      the largest of the bounds: "critical-path" (the longest chain), "workers",
 *                       "connections" or "pool NAME" (the work of its tasks, spread over its
 *                       workers, connections or slots)
 *   counts              the number of tasks of each outcome
 *   allowed_failures    how many of those failed or timed-out were allowed to
 *   pools               name, slots, lower_bound_seconds (by this pool)
 *   phases              number, title, tasks (how many), start_seconds, end_seconds
 *   excluded            names of tasks that were not in the plan
 *   parameters          each of them once more
 *   tasks               in order of declaration: id, phase, outcome, reason, exit_code (128 + n
 *                       for the end by signal n), allowed (true: it failed and was allowed to),
 *                       start_seconds, end_seconds, duration_seconds (from the first start to
 *                       the last end), worker (from 0; absent for
 *                       a task that occupied a connection), cost; and of a task that was tried
 *                       several times busy_seconds (without the pauses) and attempts: outcome,
 *                       reason, exit_code, start_seconds, end_seconds, worker.  Outcome, reason,
 *                       exit_code and worker of the task are those of its last attempt
 *
 * A parameter that is called like one of these keys stands in `parameters` only.  Within phases
 * and tasks, what does not apply (no title, no reason, never started) is absent.  Times are
 * seconds since the run began.
 */
void dag_report_run_json(const DagRun *run, GString *out);

/*
 * Appends what was declared of a task's limits, attempts and pools, in one line and in the words
 * of the format, such as "timeout 30.0 s, retries 2, uses db:2"; nothing if nothing was.
 */
void dag_report_limits(const DagGraph *graph, DagTaskId id, GString *out);

/* A table of phases with cost, rank, slack and limits of each task, and what the pools allow;
 * `*` marks the critical path. */
void dag_report_plan_table(const DagPlan *plan, DagTextStyle style, GString *out);

/*
 * The plan as JSON: format_version, graph, phase_rule, dependencies (how many), critical_path
 * (names), critical_path_seconds, total_cost_seconds, phases (number, title, tasks), excluded,
 * parameters, pools (name, slots), and tasks in order of declaration: id, title, phase, kind,
 * needs, critical (on the critical path), and seconds: cost, rank, earliest_start,
 * latest_start, slack; and what was declared of priority, timeout and retry_delay (seconds),
 * retries, retry_on and expect (exit codes), allow_failure and always (true), uses (slots by
 * pool).  A priority of 0 is left out.
 */
void dag_report_plan_json(const DagPlan *plan, GString *out);

/* The plan as a picture for Graphviz: phases are clusters, the critical path is red. */
void dag_report_plan_dot(const DagPlan *plan, GString *out);

/* The same for Mermaid, which draws up to 500 dependencies unless it is told otherwise. */
void dag_report_plan_mermaid(const DagPlan *plan, GString *out);

G_END_DECLS
