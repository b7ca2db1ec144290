/* SPDX-License-Identifier: MIT */
/* Compute pi as the area of a quarter of a circle, cut into strips, with a graph built in C. */
#include <dagrun/dagrun.h>
#include <math.h>
#include <stdio.h>

static const int strips = 20000000;
static const int parts[] = {0, 1}; /* each is one half of the strips */
static double area[2];             /* each is written by one task and read by "sum" */

/* Worker thread; `config` is the configuration of the task. */
static DagOutcome
measure(DagContext *context, const void *config)
{
    int part = *(const int *)config;

    for (int i = part * strips / 2; i < (part + 1) * strips / 2; i++)
        area[part] += sqrt(1 - pow((i + 0.5) / strips, 2)) / strips;
    return DAG_SUCCEEDED;
}

static DagOutcome
add_up(DagContext *context, const void *config)
{
    printf("pi = %.6f\n", 4 * (area[0] + area[1]));
    return DAG_SUCCEEDED;
}

static const DagKind measuring = {.name = "measure", .run = measure};
static const DagKind adding = {.name = "add", .run = add_up};
static const DagTaskSpec tasks[] = {
    {.name = "sum", .needs = "left right", .kind = &adding},
    {.name = "left", .kind = &measuring, .config = &parts[0]},
    {.name = "right", .kind = &measuring, .config = &parts[1]},
};
static const DagExecuteOptions options = {.n_workers = 2};

int
main(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DagBuilder) builder = dag_builder_new();
    for (size_t i = 0; i < G_N_ELEMENTS(tasks); i++)
        dag_builder_add_task(builder, &tasks[i]);
    g_autoptr(DagGraph) graph = dag_builder_finish(builder, NULL, &error);
    g_autoptr(DagPlan) plan =
        graph ? dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL) : NULL;
    g_autoptr(DagRun) run = plan ? dag_execute(plan, &options, &error) : NULL;
    if (!run) {
        fprintf(stderr, "pi: %s\n", error->message);
        return 1;
    }
    for (uint32_t phase = 0; phase < dag_plan_n_phases(plan); phase++) {
        DagIds ids = dag_plan_phase_tasks(plan, phase);
        for (size_t i = 0; i < ids.n; i++)
            printf("phase %u: %s\n", phase + 1, dag_graph_task_name(graph, ids.ids[i]));
    }
    return dag_run_succeeded(run) ? 0 : 1;
}
