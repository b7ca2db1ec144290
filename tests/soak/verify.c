/* SPDX-License-Identifier: MIT */
/*
 * Check the record of a run as `dagrun verify` does.
 */
#include <dagrun/load.h>
#include <dagrun/tasks.h>
#include <dagrun/verify.h>

#include "formats/past-run.h"
#include "soak.h"

void
soak_verify(const char *graph_path, const char *record_path, GString *problems)
{
    const DagLoadOptions options = {.kinds = dag_tasks_kinds(), .only_plans = true};
    g_autoptr(GError) error = NULL;
    g_autoptr(DagGraph) graph = dag_load_file(graph_path, &options, &error);
    g_autoptr(DagPastRun) past = graph ? past_run_read(record_path, &error) : NULL;
    g_autoptr(DagPlan) plan = NULL;
    g_autoptr(DagVerdict) verdict = NULL;

    if (!past) {
        complain(problems, "%s", error->message);
        return;
    }
    plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    verdict = dag_verify(plan, past, 0);
    for (guint i = 0; i < verdict->findings->len; i++)
        complain(problems, "%s", g_array_index(verdict->findings, DagFinding, i).text);
}
