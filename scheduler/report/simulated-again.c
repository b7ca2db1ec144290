/* SPDX-License-Identifier: MIT */
#include "report/simulated-again.h"

#include <dagrun/replay.h>

int64_t
dag__replay_ns(const DagPlan *plan, const DagPastRun *past)
{
    g_autoptr(DagReplay) replay = dag_replay_new(dag_plan_graph(plan), past);
    DagSimulateOptions options = dag_replay_options(replay);

    if (!options.strategy || options.strategy->solve || past->stops[DAG_STOP_CANCEL] ||
        past->stops[DAG_STOP_TIMEOUT])
        return -1;

    g_autoptr(DagRun) run = dag_simulate(plan, &options);

    return dag_run_makespan_ns(run);
}
