/* SPDX-License-Identifier: MIT */
#include "commands/learned.h"

#include "commands/command.h"

#include <dagrun/duration.h>
#include <string.h>

/* With fewer successes, the scatter is not known. */
#define FEW_RUNS 3

/* Open the store, silently.  Returns: NULL if there is none, or it cannot be read. */
static DagStore *
open_quietly(const GraphOptions *options)
{
    g_autofree char *directory = NULL;

    if (!store_options_path(&options->store, &directory) || !directory ||
        !store_options_exists(directory))
        return NULL;
    return dag_store_open(directory, NULL);
}

void
learned_fill(GraphOptions *options, const DagGraph *graph, double *costs)
{
    g_autofree char *path = NULL;

    if (options->are_declared || options->learns_late)
        return;
    dag_store_close(options->opened);
    options->opened = open_quietly(options);
    if (!options->opened)
        return;
    path = store_graph_path(options->words[0]);
    options->n_learned = dag_store_learn(
        options->opened, &(DagLearnFrom){.path = path, .graph = graph}, costs);
}

DagPlan *
learned_plan(GraphOptions *options, const DagGraph *graph, int64_t before)
{
    size_t n = dag_graph_n_tasks(graph);
    g_autofree double *costs = g_new(double, n + 1);
    g_autoptr(DagStore) store = options->are_declared ? NULL : open_quietly(options);
    g_autofree char *path = store_graph_path(options->words[0]);

    if (!store ||
        dag_store_learn(store,
                        &(DagLearnFrom){.path = path, .graph = graph, .before = before},
                        costs) == 0)
        return NULL;
    return dag_plan_new(graph, options->rule, costs);
}

void
learned_tell(const GraphOptions *options, const DagGraph *graph)
{
    if (options->n_learned > 0)
        complain("%zu of %zu costs are those of earlier runs; --costs=declared ignores "
                 "these",
                 options->n_learned, dag_graph_n_tasks(graph));
}

bool
learned_read_share(const char *text, double *share_out)
{
    char *end;
    double percent;

    if (!text)
        return true;
    percent = g_ascii_strtod(text, &end);
    if (end != text && percent >= 0 && percent <= 1e6 &&
        (*end == '\0' || strcmp(end, "%") == 0)) {
        *share_out = percent / 100;
        return true;
    }
    complain("--fail-if-slower takes a percentage, such as 10%%, not \"%s\"", text);
    return false;
}

bool
learned_is_slower(GraphOptions *options, const DagRun *run, int64_t number, double share)
{
    const DagGraph *graph = dag_plan_graph(dag_run_plan(run));
    g_autoptr(DagStore) store = open_quietly(options);
    g_autofree char *path = store_graph_path(options->words[0]);
    int64_t recent_ns[DAG_STORE_RECENT], took_ns = dag_run_duration_ns(run), median_ns;
    char took[DAG_DURATION_SIZE], median[DAG_DURATION_SIZE];
    size_t n =
        store ? dag_store_recent(
                    store, &(DagLearnFrom){.path = path, .graph = graph, .before = number},
                    recent_ns)
              : 0;

    if (n < FEW_RUNS) {
        complain("--fail-if-slower: %zu earlier successes are too few to compare with", n);
        return false;
    }
    if (!dag_is_slower(took_ns, recent_ns, n, share, &median_ns))
        return false;
    dag_duration_format(took_ns, took);
    dag_duration_format(median_ns, median);
    complain("the run took %s, and the median of the last %zu successes is %s: slower by "
             "%.0f %%",
             took, n, median, 100 * ((double)took_ns / (double)median_ns - 1));
    return true;
}
