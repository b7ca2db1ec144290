/* SPDX-License-Identifier: MIT */
/*
 * Graphviz DOT and Mermaid: the reports of `dagrun plan`.
 */
#include "formats/writers.h"

#include <dagrun/report.h>

bool
write_dot(const Export *export, GString *out, GError **error)
{
    g_autoptr(DagPlan) plan = dag_plan_new(export->graph, DAG_PHASES_JUST_IN_TIME, NULL);

    (void)error;
    dag_report_plan_dot(plan, out);
    return true;
}

bool
write_mermaid(const Export *export, GString *out, GError **error)
{
    g_autoptr(DagPlan) plan = dag_plan_new(export->graph, DAG_PHASES_JUST_IN_TIME, NULL);

    (void)error;
    dag_report_plan_mermaid(plan, out);
    return true;
}
