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
 *   workers, seed       integers; a seed beyond 2^63 - 1 is a string of its digits
 *   succeeded, signal   whether every task succeeded; the signal that stopped the run, or null
 *   makespan_seconds    first start to last end
 *   lower_bound_seconds what no schedule of these tasks, as long as they really took, can beat:
 *                       the longest chain, or all work spread over the workers
 *   counts              the number of tasks of each outcome
 *   phases              number, title, tasks (how many), start_seconds, end_seconds
 *   excluded            names of tasks that were not in the plan
 *   parameters          each of them once more
 *   tasks               in order of declaration: id, phase, outcome, reason, start_seconds,
 *                       end_seconds, duration_seconds, worker (from 0), cost
 *
 * A parameter that is called like one of these keys stands in `parameters` only.  Within phases
 * and tasks, what does not apply (no title, no reason, never started) is absent.  Times are
 * seconds since the run began.
 */
void dag_report_run_json(const DagRun *run, GString *out);

/* A table of phases with cost, rank and slack of each task; `*` marks the critical path. */
void dag_report_plan_table(const DagPlan *plan, DagTextStyle style, GString *out);

/*
 * The plan as JSON: format_version, graph, phase_rule, dependencies (how many), critical_path
 * (names), critical_path_seconds, total_cost_seconds, phases (number, title, tasks), excluded,
 * parameters, and tasks in order of declaration: id, title, phase, kind, needs, critical (on
 * the critical path), and seconds: cost, rank, earliest_start, latest_start, slack.
 */
void dag_report_plan_json(const DagPlan *plan, GString *out);

/* The plan as a picture for Graphviz: phases are clusters, the critical path is red. */
void dag_report_plan_dot(const DagPlan *plan, GString *out);

/* The same for Mermaid, which draws up to 500 dependencies unless it is told otherwise. */
void dag_report_plan_mermaid(const DagPlan *plan, GString *out);

G_END_DECLS
