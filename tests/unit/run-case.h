/* SPDX-License-Identifier: MIT */
/*
 * A graph, its plan and perhaps its run, freed together.
 */
#pragma once

#include <dagrun/run.h>

typedef struct Case {
    DagGraph *graph;
    DagPlan *plan;
    DagRun *run;
} Case;

static inline void
case_clear(Case *it)
{
    dag_run_free(it->run);
    dag_plan_free(it->plan);
    dag_graph_free(it->graph);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Case, case_clear)
