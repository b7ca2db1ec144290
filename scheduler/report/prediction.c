/* SPDX-License-Identifier: MIT */
/*
 * The costs of the plan against the durations of the run.
 */
#include "report/line.h"
#include "report/measures.h"

#include <dagrun/duration.h>
#include <dagrun/simulate.h>
#include <math.h>

/* A simulation of more tasks would be noticed. */
#define MOST_TASKS 100000

/* Tasks that were off by less than these are not worth a line. */
#define LEAST_SHARE  0.2  /* of the cost */
#define LEAST_IN_RUN 0.01 /* of the makespan */
#define MAX_SHOWN    3

/* Return the makespan that the costs of the plan predict. */
static int64_t
predict_ns(const DagRun *run, const DagPlan *plan)
{
    g_autoptr(DagRun) simulated =
        dag_simulate(plan, &(DagSimulateOptions){
                               .strategy = dag_run_strategy(run),
                               .n_workers = dag_run_n_workers(run),
                               .n_connections = dag_run_n_connections(run),
                               .seed = dag_run_seed(run),
                           });

    return dag_run_makespan_ns(simulated);
}

/* Return by how many nanoseconds the task was off, if that is worth a line; else -1. */
static int64_t
error_of(const DagRun *run, const DagPlan *plan, DagTaskId id)
{
    double cost_ns = 1e9 * dag_plan_cost(plan, id), off_ns;

    if (!dag_plan_cost_is_known(plan, id) ||
        dag_run_record(run, id).outcome != DAG_SUCCEEDED)
        return -1;
    off_ns = fabs((double)dag_run_busy_ns(run, id) - cost_ns);
    if (off_ns < LEAST_SHARE * cost_ns ||
        off_ns < LEAST_IN_RUN * (double)dag_run_makespan_ns(run))
        return -1;
    return (int64_t)MIN(off_ns, 9e18);
}

static void
append_task(const DagRun *run, double cost_seconds, DagTaskId id, DagTextStyle style,
            GString *out)
{
    char took[DAG_DURATION_SIZE];
    g_autoptr(GString) cost = g_string_new(NULL);

    dag__text_append_seconds(cost, cost_seconds);
    dag__text_line(out, style, TONE_PLAIN, "  %s took %s, not %s",
                   dag_graph_task_name(dag_plan_graph(dag_run_plan(run)), id),
                   dag_duration_format(dag_run_busy_ns(run, id), took), cost->str);
}

void
dag_report_prediction(const DagRun *run, const DagPlan *plan, DagTextStyle style,
                      GString *out)
{
    g_return_if_fail(run && plan && out);

    size_t n = dag_graph_n_tasks(dag_plan_graph(plan));
    int64_t took_ns = dag_run_makespan_ns(run), predicted_ns;
    Largest off = {.capacity = MAX_SHOWN};
    char took[DAG_DURATION_SIZE], predicted[DAG_DURATION_SIZE];

    if (took_ns < DAG_LEAST_PREDICTED_NS || n > MOST_TASKS || !dag_run_succeeded(run) ||
        dag_run_strategy(run)->solve)
        return;
    predicted_ns = predict_ns(run, plan);
    g_string_append_c(out, '\n');
    dag__text_line(
        out, style, TONE_PLAIN, "Predicted %s by earlier runs; took %s (%+.0f %%)",
        dag_duration_format(predicted_ns, predicted), dag_duration_format(took_ns, took),
        100 * ((double)took_ns / (double)MAX(predicted_ns, 1) - 1));
    for (DagTaskId id = 0; id < n; id++) {
        int64_t error_ns = error_of(run, plan, id);

        if (error_ns >= 0)
            dag__largest_offer(&off, id, error_ns);
    }
    dag__largest_sort(&off);
    for (size_t i = 0; i < off.n; i++)
        append_task(run, dag_plan_cost(plan, off.items[i]), off.items[i], style, out);
}
