/* SPDX-License-Identifier: MIT */
/*
 * bench-stages [--to plan] [--strategy NAME] [-j N] GRAPH.xml: takes a graph through its stages,
 * load, plan and run, as a program does that embeds libdagrun, and prints a line of JSON: the
 * seconds of each (total_s: of plan and run), how many tasks there are, how many succeeded, and the bytes that the run
 * added at its peak to what was there before it.
 */
#include <dagrun/dagrun.h>
#include <dagrun/tasks.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Wishes {
    const char *path;
    const DagStrategy *strategy; /* NULL: the default */
    unsigned n_workers;
    bool runs;
} Wishes;

static double
now(void)
{
    return (double)g_get_monotonic_time() / 1e6;
}

/* Returns: bytes that a line of /proc/self/status tells, such as "VmRSS:"; 0 if it does not. */
static long
status_bytes(const char *name)
{
    FILE *file = fopen("/proc/self/status", "re");
    char line[256];
    long kib = 0;

    while (file && fgets(line, sizeof(line), file))
        if (g_str_has_prefix(line, name))
            kib = strtol(line + strlen(name), NULL, 10);
    if (file)
        fclose(file);
    return kib * 1024;
}

/* From here on a new peak is looked for.  What was freed is given back first: the next stage
 * must not live on it unseen.  Returns: bytes in memory now. */
static long
forget_peak(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "we");

    malloc_trim(0);
    if (file) {
        fputs("5", file);
        fclose(file);
    }
    return status_bytes("VmRSS:");
}

static bool
run(const DagPlan *plan, double plan_s, const Wishes *wishes, GError **error)
{
    DagExecuteOptions options = {.strategy = wishes->strategy,
                                 .n_workers = wishes->n_workers};
    long before = forget_peak();
    double start = now();
    g_autoptr(DagRun) run = dag_execute(plan, &options, error);
    double run_s = now() - start;

    if (!run)
        return false;
    printf(", \"run_s\": %.6f, \"total_s\": %.6f, \"run_bytes\": %ld, \"n_succeeded\": %zu",
           run_s, plan_s + run_s, status_bytes("VmHWM:") - before,
           dag_run_count(run, DAG_SUCCEEDED));
    return true;
}

static bool
take_through(const Wishes *wishes, GError **error)
{
    DagLoadOptions options = {.kinds = dag_tasks_kinds()};
    double start = now();
    g_autoptr(DagGraph) graph = dag_load_file(wishes->path, &options, error);

    if (!graph)
        return false;

    double loaded = now();
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    double plan_s = now() - loaded;

    printf("{\"load_s\": %.6f, \"plan_s\": %.6f, \"n_tasks\": %zu, \"n_phases\": %zu",
           loaded - start, plan_s, dag_graph_n_tasks(graph), dag_plan_n_phases(plan));
    if (wishes->runs && !run(plan, plan_s, wishes, error))
        return false;
    puts("}");
    return true;
}

/* Returns: false if they cannot be followed. */
static bool
read_arguments(char **argv, Wishes *wishes)
{
    char **at = argv + 1;

    for (; at[0] && at[1] && at[0][0] == '-'; at += 2) {
        if (strcmp(at[0], "--to") == 0 && strcmp(at[1], "plan") == 0)
            wishes->runs = false;
        else if (strcmp(at[0], "--strategy") == 0)
            wishes->strategy = dag_strategy_find(at[1]);
        else if (strcmp(at[0], "-j") == 0)
            wishes->n_workers = (unsigned)strtoul(at[1], NULL, 10);
        else
            return false;
        if (strcmp(at[0], "--strategy") == 0 && !wishes->strategy)
            return false;
    }
    wishes->path = at[0];
    return at[0] && !at[1];
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    Wishes wishes = {.n_workers = 2, .runs = true};

    if (argc < 2 || !read_arguments(argv, &wishes)) {
        fprintf(stderr,
                "usage: bench-stages [--to plan] [--strategy NAME] [-j N] GRAPH.xml\n");
        return 2;
    }
    if (!take_through(&wishes, &error)) {
        fprintf(stderr, "bench-stages: %s\n", error->message);
        return 1;
    }
    return 0;
}
