/* SPDX-License-Identifier: MIT */
/*
 * dagrun itself, through its public functions.  Building the graph and the plan is not timed,
 * since both can be used for any number of runs.
 */
#include "runner.h"

#include <dagrun/dagrun.h>

typedef struct Dag {
    DagGraph *graph;
    DagPlan *plan;
    const DagStrategy *strategy;
    unsigned n_workers;
    Body body;
} Dag;

/* The body reads no clock, since the executor does when the task ends. */
static DagOutcome
run_body(DagContext *context, const void *config)
{
    const Body *body = config;

    (void)context;
    if (body->spin_ns > 0)
        body_run(body, clock_ns());
    return DAG_SUCCEEDED;
}

static const DagKind kind = {
    .name = "body",
    .summary = "the action of a task of the bench",
    .is_tiny = true,
    .run = run_body,
};

static DagGraph *
graph_of(const Shape *shape, const Body *body)
{
    g_autoptr(DagBuilder) builder = dag_builder_new();
    g_autoptr(GString) needs = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    DagGraph *graph;

    for (uint32_t id = 0; id < shape->n; id++) {
        char name[16];

        g_snprintf(name, sizeof(name), "t%u", id);
        g_string_truncate(needs, 0);
        for (uint32_t e = shape->first_pred[id]; e < shape->first_pred[id + 1]; e++)
            g_string_append_printf(needs, "t%u ", shape->preds[e]);
        dag_builder_add_task(
            builder, &(DagTaskSpec){
                         .name = name, .needs = needs->str, .kind = &kind, .config = body});
    }
    graph = dag_builder_finish(builder, NULL, &error);
    if (!graph)
        g_error("%s", error->message);
    return graph;
}

static Dag *
dag_prepare(const Shape *shape, const Body *body, unsigned n_workers, const char *strategy)
{
    Dag *dag = g_new0(Dag, 1);

    dag->body = *body;
    dag->n_workers = n_workers;
    dag->strategy = dag_strategy_find(strategy);
    dag->graph = graph_of(shape, &dag->body);
    dag->plan = dag_plan_new(dag->graph, DAG_PHASES_JUST_IN_TIME, NULL);
    return dag;
}

static void *
phases_prepare(const Shape *shape, const Body *body, unsigned n_workers)
{
    return dag_prepare(shape, body, n_workers, "phases");
}

static void *
dataflow_prepare(const Shape *shape, const Body *body, unsigned n_workers)
{
    return dag_prepare(shape, body, n_workers, "dataflow");
}

static void *
critical_path_prepare(const Shape *shape, const Body *body, unsigned n_workers)
{
    return dag_prepare(shape, body, n_workers, "critical-path");
}

static void *
dag_run(void *data)
{
    const Dag *dag = data;
    g_autoptr(GError) error = NULL;
    DagRun *run = dag_execute(
        dag->plan,
        &(DagExecuteOptions){.strategy = dag->strategy, .n_workers = dag->n_workers},
        &error);

    if (!run)
        g_error("%s", error->message);
    return run;
}

static uint32_t
dag_check(void *data, void *done)
{
    const DagGraph *graph = ((const Dag *)data)->graph;
    g_autoptr(DagRun) run = done;
    uint32_t n = 0;

    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++) {
        DagIds preds = dag_graph_predecessors(graph, id);
        DagRecord record = dag_run_record(run, id);
        bool is_good = record.outcome == DAG_SUCCEEDED && record.end_ns >= record.start_ns;

        for (size_t p = 0; p < preds.n; p++)
            is_good =
                is_good && dag_run_record(run, preds.ids[p]).end_ns <= record.start_ns;
        n += is_good;
    }
    return n;
}

static void
dag_dispose(void *data)
{
    Dag *dag = data;

    dag_plan_free(dag->plan);
    dag_graph_free(dag->graph);
    g_free(dag);
}

const Runner runner_phases = {
    .name = "phases",
    .summary = "dagrun, strategy phases",
    .prepare = phases_prepare,
    .run = dag_run,
    .check = dag_check,
    .dispose = dag_dispose,
};

const Runner runner_dataflow = {
    .name = "dataflow",
    .summary = "dagrun, strategy dataflow",
    .prepare = dataflow_prepare,
    .run = dag_run,
    .check = dag_check,
    .dispose = dag_dispose,
};

const Runner runner_critical_path = {
    .name = "critical-path",
    .summary = "dagrun, strategy critical-path",
    .prepare = critical_path_prepare,
    .run = dag_run,
    .check = dag_check,
    .dispose = dag_dispose,
};
