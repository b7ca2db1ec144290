/* SPDX-License-Identifier: MIT */
/*
 * bench-stages [--to plan] [--strategy NAME] [-j N] GRAPH.xml: load, plan and run a graph as a
 * program that embeds libdagrun does, and print a line of JSON: the seconds of each stage (total_s
 * is plan and run), the number of tasks, the number that succeeded, and the bytes by which the run
 * increased the peak memory.
 */
#include <dagrun/dagrun.h>
#include <dagrun/tasks.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Options {
    const char *path;
    const DagStrategy *strategy; /* NULL: the default */
    unsigned n_workers;
    bool runs;
} Options;

static double
now(void)
{
    return (double)g_get_monotonic_time() / 1e6;
}

/* Returns: the value of a line of /proc/self/status, such as "VmRSS:", in bytes; 0 if there is no
 * such line. */
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

/* Reset the peak.  Freed memory is returned to the system first, so that its reuse by the next
 * stage is counted.  Returns: the bytes in memory now. */
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
run(const DagPlan *plan, double plan_s, const Options *wanted, GError **error)
{
    DagExecuteOptions options = {.strategy = wanted->strategy,
                                 .n_workers = wanted->n_workers};
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
measure_stages(const Options *wanted, GError **error)
{
    DagLoadOptions options = {.kinds = dag_tasks_kinds()};
    double start = now();
    g_autoptr(DagGraph) graph = dag_load_file(wanted->path, &options, error);

    if (!graph)
        return false;

    double loaded = now();
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    double plan_s = now() - loaded;

    printf("{\"load_s\": %.6f, \"plan_s\": %.6f, \"n_tasks\": %zu, \"n_phases\": %zu",
           loaded - start, plan_s, dag_graph_n_tasks(graph), dag_plan_n_phases(plan));
    if (wanted->runs && !run(plan, plan_s, wanted, error))
        return false;
    puts("}");
    return true;
}

/* Returns: false if they are invalid. */
static bool
read_arguments(char **argv, Options *options)
{
    char **at = argv + 1;

    for (; at[0] && at[1] && at[0][0] == '-'; at += 2) {
        if (strcmp(at[0], "--to") == 0 && strcmp(at[1], "plan") == 0)
            options->runs = false;
        else if (strcmp(at[0], "--strategy") == 0)
            options->strategy = dag_strategy_find(at[1]);
        else if (strcmp(at[0], "-j") == 0)
            options->n_workers = (unsigned)strtoul(at[1], NULL, 10);
        else
            return false;
        if (strcmp(at[0], "--strategy") == 0 && !options->strategy)
            return false;
    }
    options->path = at[0];
    return at[0] && !at[1];
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    Options options = {.n_workers = 2, .runs = true};

    if (argc < 2 || !read_arguments(argv, &options)) {
        fprintf(stderr,
                "usage: bench-stages [--to plan] [--strategy NAME] [-j N] GRAPH.xml\n");
        return 2;
    }
    if (!measure_stages(&options, &error)) {
        fprintf(stderr, "bench-stages: %s\n", error->message);
        return 1;
    }
    return 0;
}
