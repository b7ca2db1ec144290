/* SPDX-License-Identifier: MIT */
/*
 * A run or a plan, turned into text.  Pure functions: each appends to a string and touches
 * nothing else.
 */
#pragma once

#include <dagrun/plan.h>
#include <dagrun/run.h>

G_BEGIN_DECLS

/* What the summary may use to be easier to read. */
typedef struct DagTextStyle {
    bool color;     /* ANSI escape sequences */
    unsigned width; /* columns; 0: not limited */
} DagTextStyle;

/*
 * What happened, for people: a table of phases with durations, the slowest tasks, failures with
 * reasons, makespan and critical path; with a barrier strategy also which task held each phase
 * up and how many worker-seconds idled.
 */
void dag_report_summary(const DagRun *run, DagTextStyle style, GString *out);

/*
 * timings.json: overall_duration_seconds, overall_duration_minutes, phase_timings, each
 * parameter, timestamp; and dagrun's own: format version, strategy, workers, makespan, lower
 * bound and a record per task.
 */
void dag_report_timings_json(const DagRun *run, GString *out);

/* The whole run as JSON, for `dagrun run --json`: as timings.json, and outcomes and reasons. */
void dag_report_run_json(const DagRun *run, GString *out);

/* A table of phases with cost, rank and slack of each task. */
void dag_report_plan_table(const DagPlan *plan, DagTextStyle style, GString *out);

/* The plan as JSON. */
void dag_report_plan_json(const DagPlan *plan, GString *out);

/* The plan as a picture: phases are clusters, the critical path is marked. */
void dag_report_plan_dot(const DagPlan *plan, GString *out);
void dag_report_plan_mermaid(const DagPlan *plan, GString *out);

G_END_DECLS
