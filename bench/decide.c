/* SPDX-License-Identifier: MIT */
/*
 * bench-decide GRAPH.xml: the time to decide, in nanoseconds a task, as a line of JSON: the lower bound; and for each
 * strategy with keys, by how much longer it takes to put all tasks in order than first in, first out, which needs neither
 * keys nor sorting.  Each is the least of some rounds.
 */
#include <dagrun/dagrun.h>
#include <dagrun/tasks.h>
#include <stdio.h>
#include <time.h>

#define N_ROUNDS 9

/* One of the computations. */
typedef struct Decision {
    const DagPlan *plan;
    const DagStrategy *strategy; /* NULL: the lower bound */
    double *costs;               /* [n_tasks] */
    DagTaskId *order;            /* [n_tasks] */
} Decision;

/* Processor time: other programs do not add to it, except by the caches. */
static int64_t
cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static double
decide_ns(const Decision *it)
{
    int64_t start_ns = cpu_ns();

    if (it->strategy)
        dag_execute_order(it->plan, it->strategy, 0, it->order);
    else if (dag_plan_bound(it->plan, &(DagMachine){4, 0}, it->costs).duration < 0)
        return -1; /* never: the result is used, so that it is computed */
    return (double)(cpu_ns() - start_ns);
}

/* Return the least time a task. */
static double
least_ns(Decision it, const DagStrategy *strategy)
{
    double least;

    it.strategy = strategy;
    least = decide_ns(&it);
    for (int i = 1; i < N_ROUNDS; i++)
        least = MIN(least, decide_ns(&it));
    return least / (double)MAX(dag_graph_n_tasks(dag_plan_graph(it.plan)), 1);
}

static void
decide(const DagPlan *plan)
{
    size_t n = dag_graph_n_tasks(dag_plan_graph(plan));
    g_autofree double *costs = g_new0(double, n + 1);
    g_autofree DagTaskId *order = g_new0(DagTaskId, n + 1);
    const DagStrategy *const *all = dag_strategies();
    Decision it = {plan, NULL, costs, order};
    double fifo_ns = least_ns(it, dag_strategy_find("dataflow"));

    for (DagTaskId id = 0; id < n; id++)
        costs[id] = dag_plan_cost(plan, id);
    printf("{\"n_tasks\": %zu, \"bound\": %.1f", n, least_ns(it, NULL));
    for (size_t i = 0; all[i]; i++)
        if (all[i]->keys && all[i]->release == DAG_RELEASE_READY)
            printf(", \"%s\": %.1f", all[i]->name, least_ns(it, all[i]) - fifo_ns);
    puts("}");
}

int
main(int argc, char **argv)
{
    DagLoadOptions options = {.kinds = dag_tasks_kinds()};
    g_autoptr(GError) error = NULL;
    g_autoptr(DagGraph) graph = NULL;
    g_autoptr(DagPlan) plan = NULL;

    if (argc != 2) {
        fputs("usage: bench-decide GRAPH.xml\n", stderr);
        return 2;
    }
    graph = dag_load_file(argv[1], &options, &error);
    if (!graph) {
        fprintf(stderr, "bench-decide: %s\n", error->message);
        return 3;
    }
    plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    decide(plan);
    return 0;
}
