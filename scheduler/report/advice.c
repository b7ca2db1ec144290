/* SPDX-License-Identifier: MIT */
/*
 * The simulator repeats the run with every strategy: each attempt takes as long, and ends, as it
 * did.  It knows neither the time between tasks nor the random pauses before retries, so the
 * strategy of the run is simulated, too, and only the difference counts.
 */
#include "report/advice.h"

#include <dagrun/simulate.h>

#define MAX_TASKS    5000 /* about 1 µs per task and strategy */
#define NS_PER_TASK  1000
#define MAX_NS       2e7  /* that no user notices */
#define MAX_SHARE    0.01 /* of the makespan */
#define MIN_SAVED_NS INT64_C(20000000)
#define MIN_SHARE    0.05 /* of the makespan */
#define MIN_BETTER   0.01 /* a strategy further down the table must be better by this share */

#define MAX_ATTEMPTS 200000 /* sorted within about 50 ms */

/* Return how the attempt of the run went. */
static DagSimulatedAttempt
as_it_was(G_GNUC_UNUSED const DagPlan *plan, DagTaskId id, unsigned attempt, void *data)
{
    const DagRun *run = data;
    DagAttempt was;

    if (attempt > dag_run_record(run, id).n_attempts)
        return (DagSimulatedAttempt){.outcome = DAG_SUCCEEDED, .exit_code = DAG_EXIT_NONE};
    was = dag_run_attempt(run, id, attempt - 1);
    return (DagSimulatedAttempt){.seconds = (double)(was.end_ns - was.start_ns) / 1e9,
                                 .outcome = was.outcome,
                                 .exit_code = was.exit_code};
}

static int64_t
simulated_ns(const DagRun *run, const DagStrategy *strategy)
{
    DagSimulateOptions options = {
        .strategy = strategy,
        .n_workers = dag_run_n_workers(run),
        .n_connections = dag_run_n_connections(run),
        .seed = dag_run_seed(run),
        .keep_going = true,
        .retries = dag_run_retries(run),
        .attempt = as_it_was,
        .data = (gpointer)run,
    };
    g_autoptr(DagRun) simulated = dag_simulate(dag_run_plan(run), &options);

    return dag_run_makespan_ns(simulated);
}

/* Return false for a strategy that is good or bad by chance, or takes time to search. */
static bool
is_advisable(const DagStrategy *strategy)
{
    return !strategy->solve && strategy != dag_strategy_find("random");
}

const DagStrategy *
dag__advice_strategy(const DagRun *run, int64_t lower_bound_ns, int64_t *makespan_ns_out)
{
    const DagStrategy *best = NULL, *const *strategy = dag_strategies();
    int64_t makespan_ns = dag_run_makespan_ns(run), before_ns, best_ns;
    int64_t least_ns = MAX(MIN_SAVED_NS, (int64_t)(MIN_SHARE * (double)makespan_ns));

    if (dag_graph_n_tasks(dag_plan_graph(dag_run_plan(run))) > MAX_TASKS ||
        makespan_ns - lower_bound_ns < least_ns || !dag_run_succeeded(run) ||
        dag_run_strategy(run)->solve)
        return NULL;
    before_ns = best_ns = simulated_ns(run, dag_run_strategy(run));
    for (; *strategy; strategy++) {
        int64_t ns = is_advisable(*strategy) ? simulated_ns(run, *strategy) : INT64_MAX;

        if (before_ns - ns >= least_ns && (double)ns < (1 - MIN_BETTER) * (double)best_ns) {
            best = *strategy;
            best_ns = ns;
        }
    }
    *makespan_ns_out = makespan_ns - (before_ns - best_ns);
    return best;
}

int64_t
dag__advice_without_barriers_ns(const DagRun *run)
{
    double n_tasks = (double)dag_graph_n_tasks(dag_plan_graph(dag_run_plan(run)));
    int64_t makespan_ns = dag_run_makespan_ns(run), ns;

    if (dag_run_strategy(run)->release != DAG_RELEASE_PHASE || !dag_run_succeeded(run) ||
        2 * n_tasks * NS_PER_TASK > MAX(MAX_NS, MAX_SHARE * (double)makespan_ns))
        return -1;
    ns = makespan_ns - simulated_ns(run, dag_run_strategy(run)) +
         simulated_ns(run, dag_strategy_find("critical-path"));
    return MAX(ns, 0);
}

/* The start or the end of an attempt or a pause. */
typedef struct Moment {
    int64_t ns;
    int runs;   /* change of the number of attempts that run */
    int pauses; /* change of the number of pauses */
} Moment;

static int
compare_moments(gconstpointer a, gconstpointer b)
{
    int64_t x = ((const Moment *)a)->ns, y = ((const Moment *)b)->ns;

    return x < y ? -1 : x > y;
}

static void
add_task(GArray *moments, const DagRun *run, DagTaskId id)
{
    unsigned n = dag_run_record(run, id).n_attempts;

    for (unsigned i = 0; i < n; i++) {
        DagAttempt attempt = dag_run_attempt(run, id, i);
        Moment both[] = {{attempt.start_ns, 1, i > 0 ? -1 : 0},
                         {attempt.end_ns, -1, i + 1 < n ? 1 : 0}};

        g_array_append_vals(moments, both, G_N_ELEMENTS(both));
    }
}

int64_t
dag__pauses_alone_ns(const DagRun *run)
{
    size_t n_tasks = dag_graph_n_tasks(dag_plan_graph(dag_run_plan(run)));
    g_autoptr(GArray) moments = g_array_new(FALSE, FALSE, sizeof(Moment));
    int64_t sum_ns = 0, before_ns = 0;
    int n_running = 0, n_paused = 0;

    for (DagTaskId id = 0; id < n_tasks && moments->len < 2 * MAX_ATTEMPTS; id++)
        add_task(moments, run, id);
    if (moments->len >= 2 * MAX_ATTEMPTS)
        return 0;
    g_array_sort(moments, compare_moments);
    for (guint i = 0; i < moments->len; i++) {
        const Moment *moment = &g_array_index(moments, Moment, i);

        if (n_running == 0 && n_paused > 0)
            sum_ns += moment->ns - before_ns;
        n_running += moment->runs;
        n_paused += moment->pauses;
        before_ns = moment->ns;
    }
    return sum_ns;
}
