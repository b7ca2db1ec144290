/* SPDX-License-Identifier: MIT */
#include <dagrun/dagrun.h>
#include <dagrun/tasks.h>
#include <stdio.h>
#include <string.h>

static void
notify(const DagEvent *event, void *data)
{
    const DagGraph *graph = dag_plan_graph(dag_run_plan(event->run));

    (void)data;
    if (event->type == DAG_EVENT_PHASE_STARTED)
        fprintf(stderr, "[PHASE %u]\n", event->phase + 1);
    if (event->type != DAG_EVENT_TASK_FINISHED)
        return;
    if (event->transcript)
        fwrite(g_bytes_get_data(event->transcript, NULL), 1,
               g_bytes_get_size(event->transcript), stdout);
    fprintf(stderr, "%s %s %s\n", dag_graph_task_name(graph, event->task),
            dag_outcome_name(dag_run_record(event->run, event->task).outcome),
            dag_run_reason(event->run, event->task) ? dag_run_reason(event->run, event->task)
                                                    : "");
}

int
main(int argc, char **argv)
{
    bool check = argc > 2 && strcmp(argv[1], "check") == 0;
    bool bench = argc > 2 && strcmp(argv[1], "time") == 0;
    g_autoptr(GError) error = NULL;
    g_autoptr(DagGraph) graph = dag_load_file(
        argv[argc - 1], &(DagLoadOptions){.kinds = dag_tasks_kinds(), .lenient = check}, &error);

    if (!graph) {
        fprintf(stderr, "%s\n", error->message);
        return 3;
    }
    if (check)
        return 0;

    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME);
    DagObserver observer = {notify, NULL};
    DagExecuteOptions options = {.observers = &observer, .n_observers = !bench};
    if (bench && argc > 3) options.strategy = dag_strategy_find(argv[2]);
    g_autoptr(DagRun) run = dag_execute(plan, &options, &error);

    if (bench) fprintf(stderr, "%g ns/task\n", (double)dag_run_makespan_ns(run) / (double)dag_graph_n_tasks(graph));
    return dag_run_succeeded(run) ? 0 : 1;
}
