/* SPDX-License-Identifier: MIT */
/*
 * The format is the one that hand-written pipeline scripts print: "[PHASE 2] Parallel: …".
 */
#include "display/phase-log.h"

#include "display/output.h"

#include <dagrun/dagrun.h>
#include <stdio.h>

/* Append the title of a phase, or the title of its only task, or "Phase 2". */
static void
append_title(const DagPlan *plan, uint32_t phase, GString *out)
{
    DagIds tasks = dag_plan_phase_tasks(plan, phase);
    const char *title = dag_plan_phase_title(plan, phase);

    if (title)
        g_string_append(out, title);
    else if (tasks.n == 1)
        g_string_append(out, dag_graph_task_title(dag_plan_graph(plan), tasks.ids[0]));
    else
        g_string_append_printf(out, "Phase %u", phase + 1);
}

static void
print_phase_started(const DagEvent *event)
{
    const DagPlan *plan = dag_run_plan(event->run);
    size_t n = dag_plan_phase_tasks(plan, event->phase).n;
    g_autoptr(GString) title = g_string_new(NULL);

    append_title(plan, event->phase, title);
    diagnose("[PHASE %u] %s: %s (%zu task%s)\n", event->phase + 1,
             n == 1 ? "Sequential" : "Parallel", title->str, n, n == 1 ? "" : "s");
}

static void
print_phase_finished(const DagEvent *event)
{
    int64_t start_ns, end_ns;

    dag_run_phase_span(event->run, event->phase, &start_ns, &end_ns);
    if (start_ns >= 0)
        diagnose("[PHASE %u] Complete: %.3fs\n", event->phase + 1,
                 (double)(end_ns - start_ns) / 1e9);
}

/* The span of a phase is from its first start to its last end.  Without a barrier, spans
 * overlap. */
static void
print_timings(const DagEvent *event)
{
    const DagPlan *plan = dag_run_plan(event->run);
    double overall = (double)event->time_ns / 1e9;

    diagnose("[TIMING] Summary\n");
    for (uint32_t phase = 0; phase < dag_plan_n_phases(plan); phase++) {
        g_autoptr(GString) title = g_string_new(NULL);
        int64_t start_ns, end_ns;

        append_title(plan, phase, title);
        dag_run_phase_span(event->run, phase, &start_ns, &end_ns);
        if (start_ns >= 0)
            diagnose("[TIMING]   Phase %u: %.3fs  %s\n", phase + 1,
                     (double)(end_ns - start_ns) / 1e9, title->str);
        else
            diagnose("[TIMING]   Phase %u: not run  %s\n", phase + 1, title->str);
    }
    diagnose("[TIMING]   Overall: %.3fs", overall);
    if (overall >= 60)
        diagnose(" (%.2f minutes)", overall / 60);
    diagnose("\n");
}

void
phase_log_notify(const DagEvent *event)
{
    switch (event->type) {
    case DAG_EVENT_PHASE_STARTED:
        print_phase_started(event);
        break;
    case DAG_EVENT_PHASE_FINISHED:
        print_phase_finished(event);
        break;
    case DAG_EVENT_RUN_FINISHED:
        print_timings(event);
        break;
    case DAG_EVENT_RUN_STARTED:
    case DAG_EVENT_TASK_STARTED:
    case DAG_EVENT_ATTEMPT_FAILED:
    case DAG_EVENT_ATTEMPT_WITHDRAWN:
    case DAG_EVENT_TASK_FINISHED:
    case DAG_EVENT_CANCELLED:
    case DAG_EVENT_LATE_TEXT:
    case DAG_EVENT_TEXT:
    case DAG_EVENT_TOKENS:
    case DAG_EVENT_TICK:
        break;
    }
}
