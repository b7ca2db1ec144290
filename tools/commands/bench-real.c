/* SPDX-License-Identifier: MIT */
/*
 * A run as dagrun run does it, without a display and without reports.  A run that fails ends the
 * comparison: its time says nothing.
 */
#include "commands/bench-real.h"

#include "commands/command.h"

#include <dagrun/execute.h>
#include <dagrun/report.h>

void
bench_runs_cancelled(BenchRuns *runs)
{
    runs->status = EXIT_SIGNAL_BASE + dag_cancel_signal(runs->cancel);
    complain("cancelled");
}

/* Print the reason why a run did not succeed, and set the status. */
static void
complain_of_run(BenchRuns *runs, const DagRun *run)
{
    const DagGraph *graph = dag_plan_graph(dag_run_plan(run));

    runs->status = EXIT_TASK;
    if (dag_run_signal(run)) {
        bench_runs_cancelled(runs);
        return;
    }
    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++) {
        DagOutcome outcome = dag_run_record(run, id).outcome;
        g_autoptr(GString) end = g_string_new(NULL);

        if (outcome != DAG_FAILED && outcome != DAG_TIMED_OUT)
            continue;
        dag_report_end(run, id, end);
        complain("cannot compare runs that fail: task \"%s\": %s",
                 dag_graph_task_name(graph, id), end->str);
        return;
    }
    complain("cannot compare runs that fail");
}

DagRun *
bench_run(BenchRuns *runs, const DagPlan *plan, const DagStrategy *strategy,
          unsigned n_workers)
{
    DagOpenEngine engine = {dag_tasks_engine(), runs->tasks};
    GError *error = NULL;
    DagRun *run = dag_execute(plan,
                              &(DagExecuteOptions){
                                  .strategy = strategy,
                                  .n_workers = n_workers,
                                  .n_connections = runs->n_connections,
                                  .seed = runs->seed,
                                  .budget_ns = runs->budget_ns,
                                  .retries = runs->retries,
                                  .cancel = runs->cancel,
                                  .engines = &engine,
                                  .n_engines = 1,
                              },
                              &error);

    if (!run) {
        runs->status = complain_of(error);
        return NULL;
    }
    dag_tasks_end_leftovers(runs->tasks, DAG_GRACE_NS / 1000000, runs->cancel, NULL);
    if (dag_run_succeeded(run))
        return run;
    complain_of_run(runs, run);
    dag_run_free(run);
    return NULL;
}
