/* SPDX-License-Identifier: MIT */
/*
 * The times of a whole run: its makespan, the work and the idle time, the lower bound, and the
 * reasons for the difference.
 */
#include "report/advice.h"
#include "report/causes.h"
#include "report/summary.h"
#include "report/table.h"

#include <dagrun/duration.h>
#include <string.h>

static void
rate_cell(Table *table, const DagPool *pool)
{
    g_autofree char *rate = dag__rate_text(pool);

    dag__table_cell(table, TONE_DIM, "its starts at %s", rate);
}

/* The pools with the largest lower bounds. */
static void
pool_rows(Table *table, const Summary *summary)
{
    size_t n_pools;
    const DagPool *pools = dag_graph_pools(summary->graph, &n_pools);
    double makespan_ns = (double)MAX(dag_run_makespan_ns(summary->run), 1);

    for (size_t i = 0; i < summary->pools.n; i++) {
        const DagPool *pool = &pools[summary->pools.items[i]];
        int64_t ns = summary->pools.values[i];

        dag__table_cell(table, TONE_PLAIN, "pool %s", pool->name);
        dag__table_duration(table, TONE_PLAIN, ns);
        if (ns > 0 && summary->measures->rate_ns[summary->pools.items[i]] == ns)
            rate_cell(table, pool);
        else if (pool->slots > 0)
            dag__table_cell(
                table, TONE_DIM,
                "its uses spread over its slots: on average %.1f of %u were busy",
                (double)ns / makespan_ns * pool->slots, pool->slots);
        else
            dag__table_cell(table, TONE_DIM, "its tasks could start at once");
    }
}

/* Return "66 % longer", "11 times as long" or "not longer"; free with g_free(). */
static char *
comparison(int64_t ns, int64_t bound_ns)
{
    double times = bound_ns > 0 ? (double)ns / (double)bound_ns : 1;
    double percent = 100 * (times - 1);

    if (percent < 0.05)
        return g_strdup("not longer");
    if (times < 2)
        return g_strdup_printf("%.*f %% longer", percent < 10 ? 1 : 0, percent);
    return g_strdup_printf("%.*f times as long", times < 9.95 ? 1 : 0, times);
}

/* The lower bound, and by how much the run exceeded it. */
static void
bound_row(Table *table, const Summary *summary)
{
    int64_t bound_ns = summary->measures->lower_bound_ns;
    g_autofree char *cause = dag__bound_cause(summary->graph, &summary->measures->bound);
    g_autofree char *more = comparison(dag_run_makespan_ns(summary->run), bound_ns);
    char buffer[DAG_DURATION_SIZE];
    g_autofree char *pauses =
        summary->pauses_ns > 0
            ? g_strdup_printf("; %s were pauses between attempts",
                              dag_duration_format(summary->pauses_ns, buffer))
            : g_strdup("");

    dag__table_cell(table, TONE_PLAIN, "lower bound");
    dag__table_duration(table, TONE_PLAIN, bound_ns);
    dag__table_cell(table, TONE_DIM, "no schedule is shorter than %s; this one was %s%s",
                    cause, more, pauses);
}

/* The result of a strategy that searches. */
static void
search_row(Table *table, const Summary *summary)
{
    DagSearch search = dag_run_search(summary->run);
    const char *result =
        "the search did not end in its time; no schedule is shorter than this";

    if (!search.is_search)
        return;
    if (search.is_optimal)
        result = "proven: no schedule is shorter";
    else if (!search.is_over_budget)
        result = "graphs such as this are not searched; no schedule is shorter than this";
    dag__table_cell(table, TONE_PLAIN, "with costs");
    dag__table_duration(table, TONE_PLAIN, (int64_t)(search.lower_bound * 1e9 + 0.5));
    dag__table_cell(table, TONE_DIM, "%s, with the declared costs", result);
}

/* The strategy that would have avoided much of the difference. */
static void
advice_row(Table *table, const Summary *summary)
{
    const char *option = summary->style.strategy_name;
    const char *name = summary->better->name;
    bool is_another = summary->unbarred_ns >= 0 && strcmp(name, "critical-path") != 0;
    char buffer[DAG_DURATION_SIZE];
    g_autofree char *other =
        is_another ? g_strdup_printf("; critical-path %s",
                                     dag_duration_format(summary->unbarred_ns, buffer))
                   : g_strdup("");
    g_autofree char *choice =
        option ? g_strdup_printf("%s %s, or ", option, name) : g_strdup("");

    dag__table_cell(table, TONE_PLAIN, "faster");
    dag__table_duration(table, TONE_PLAIN, summary->better_ns);
    dag__table_cell(table, TONE_PLAIN,
                    "%s<graph strategy=\"%s\">: simulated with the durations of this run%s",
                    choice, name, other);
}

/* A run with barriers that was about as fast as any other. */
static void
unbarred_row(Table *table, const Summary *summary)
{
    dag__table_cell(table, TONE_PLAIN, "no barriers");
    dag__table_duration(table, TONE_PLAIN, summary->unbarred_ns);
    dag__table_cell(table, TONE_DIM,
                    "critical-path, simulated with the durations of this run");
}

/* The tasks that occupy a worker, and the time for which workers had none. */
static void
worker_rows(Table *table, const Summary *summary)
{
    const Measures *measures = summary->measures;
    int64_t makespan_ns = dag_run_makespan_ns(summary->run);
    unsigned n_workers = dag_run_n_workers(summary->run);

    if (measures->n_on_workers == 0)
        return;
    dag__table_cell(table, TONE_PLAIN, "work");
    dag__table_duration(table, TONE_PLAIN, measures->worker_ns);
    dag__table_cell(table, TONE_DIM,
                    "all %stasks added up: on average %.1f of %u workers were busy",
                    measures->n_on_workers < measures->n_started ? "other " : "",
                    (double)measures->worker_ns / (double)MAX(makespan_ns, 1), n_workers);

    dag__table_cell(table, TONE_PLAIN, "idle");
    dag__table_duration(table, TONE_PLAIN, n_workers * makespan_ns - measures->worker_ns);
    dag__table_cell(table, TONE_DIM, "time without work, all workers added up");
}

/* The tasks that occupy a connection. */
static void
connection_rows(Table *table, const Summary *summary)
{
    const Measures *measures = summary->measures;
    int64_t makespan_ns = dag_run_makespan_ns(summary->run);
    unsigned n_connections = dag_run_n_connections(summary->run);

    if (measures->n_on_workers == measures->n_started)
        return;
    dag__table_cell(table, TONE_PLAIN, "connections");
    dag__table_duration(table, TONE_PLAIN, measures->connection_ns);
    dag__table_cell(
        table, TONE_DIM, "their tasks added up: on average %.1f of %u were in use",
        (double)measures->connection_ns / (double)MAX(makespan_ns, 1), n_connections);
}

static void
bounds_rows(Table *table, const void *data)
{
    const Summary *summary = data;
    const Measures *measures = summary->measures;
    DagIds path = {(const DagTaskId *)(void *)measures->critical_path->data,
                   measures->critical_path->len};
    g_autoptr(GString) chain = g_string_new(NULL);

    dag__table_cell(table, TONE_PLAIN, "makespan");
    dag__table_duration(table, TONE_PLAIN, dag_run_makespan_ns(summary->run));
    dag__table_cell(table, TONE_DIM, "from the first start to the last end");

    connection_rows(table, summary);
    worker_rows(table, summary);

    dag__text_append_chain(chain, summary->graph, path);
    dag__table_cell(table, TONE_PLAIN, "critical path");
    dag__table_duration(table, TONE_PLAIN, measures->critical_path_ns);
    dag__table_cell(table, TONE_DIM, "longest chain, %zu task%s: %s", path.n,
                    path.n == 1 ? "" : "s", chain->str);

    pool_rows(table, summary);
    bound_row(table, summary);
    search_row(table, summary);
    if (summary->better)
        advice_row(table, summary);
    else if (summary->unbarred_ns >= 0)
        unbarred_row(table, summary);
}

/* Find reasons for the difference from the lower bound. */
static void
look_back(Summary *summary)
{
    if (summary->n_retried > 0)
        summary->pauses_ns = dag__pauses_alone_ns(summary->run);
    summary->better = dag__advice_strategy(summary->run, summary->measures->lower_bound_ns,
                                           &summary->better_ns);
    summary->unbarred_ns = dag__advice_without_barriers_ns(summary->run);
}

void
dag__summary_times(Summary *summary)
{
    static const Column columns[] = {{"", false}, {"", true}, {"", false}};

    look_back(summary);
    dag__summary_heading(summary, "Time");
    dag__table_write(&(TableSpec){columns, G_N_ELEMENTS(columns), bounds_rows, summary},
                     summary->style, summary->out);
    if (summary->n_retried > 0)
        dag__text_line(summary->out, summary->style, TONE_DIM,
                       "  pauses between attempts are no work: they count as idle");
}
