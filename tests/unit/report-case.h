/* SPDX-License-Identifier: MIT */
/*
 * Runs for the tests of reports: graphs of tasks that succeed, fail or meet, built with the
 * public API only.
 */
#pragma once

#include <dagrun/dagrun.h>
#include <pthread.h>
#include <string.h>

#include "run-case.h"

/* One task of such a graph. */
typedef struct Declared {
    const char *name;
    const char *needs;
    const DagKind *kind; /* NULL: a milestone */
    const char *title;
    const char *when; /* "never", or NULL */
} Declared;

static inline DagOutcome
succeed(DagContext *context, const void *config)
{
    (void)context, (void)config;
    return DAG_SUCCEEDED;
}

static inline DagOutcome
fail(DagContext *context, const void *config)
{
    (void)config;
    dag_context_set_reason(context, "exit status 2");
    return DAG_FAILED;
}

static inline DagOutcome
fail_strangely(DagContext *context, const void *config)
{
    (void)config;
    dag_context_set_reason(context, "two\nlines, \033[31m \"quoted\" \\ and \xff");
    return DAG_FAILED;
}

/* Two tasks that meet run at the same time.  (ThreadSanitizer does not see GLib's locks.) */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    unsigned n_here; /* protected by lock */
} gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};

static inline DagOutcome
meet(DagContext *context, const void *config)
{
    (void)context, (void)config;
    pthread_mutex_lock(&gate.lock);
    gate.n_here++;
    pthread_cond_broadcast(&gate.arrived);
    while (gate.n_here % 2 != 0)
        pthread_cond_wait(&gate.arrived, &gate.lock);
    pthread_mutex_unlock(&gate.lock);
    return DAG_SUCCEEDED;
}

/* Fails `n_failures` times with the exit code 3, then succeeds.  Attempts of a task do not
 * overlap, so no lock is needed. */
static unsigned n_failures;

static inline DagOutcome
try(DagContext *context, const void *config)
{
    (void)config;
    if (n_failures == 0)
        return dag_context_set_exit_code(context, 0);
    n_failures--;
    dag_context_set_reason(context, "exit status 3");
    return dag_context_set_exit_code(context, 3);
}

static const DagKind good = {.name = "good", .run = succeed};
static const DagKind bad = {.name = "bad", .run = fail};
static const DagKind strange = {.name = "strange", .run = fail_strangely};
static const DagKind meeting = {.name = "meeting", .run = meet};
static const DagKind flaky = {.name = "flaky", .run = try, .has_exit_code = true};

static inline bool
never(const char *expression, const DagScope *scope, bool *holds_out, GError **error)
{
    (void)scope, (void)error;
    *holds_out = !g_str_equal(expression, "never");
    return true;
}

/* Returns: a builder with `tasks`, NULL name last, for the graph "house". */
static inline DagBuilder *
builder_of(const Declared *tasks)
{
    DagBuilder *builder = dag_builder_new();

    dag_builder_set_name(builder, "house");
    for (; tasks->name; tasks++)
        dag_builder_add_task(builder, &(DagTaskSpec){.name = tasks->name,
                                                     .title = tasks->title,
                                                     .needs = tasks->needs,
                                                     .when = tasks->when,
                                                     .kind = tasks->kind});
    return builder;
}

/* Return a plan of a graph in which a cost that is not declared is 1 s, and known. */
static inline DagPlan *
plan_with_costs(const DagGraph *graph)
{
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    g_autofree double *costs = g_new(double, dag_graph_n_tasks(graph));

    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++)
        costs[id] = dag_plan_cost_is_known(plan, id) ? dag_plan_cost(plan, id) : 1;
    return dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, costs);
}

static inline Case
case_finish(DagBuilder *builder)
{
    Case it = {0};
    g_autoptr(GError) error = NULL;

    it.graph = dag_builder_finish(builder, &(DagBuildOptions){.condition = never}, &error);
    g_assert_no_error(error);
    it.plan = plan_with_costs(it.graph);
    dag_builder_free(builder);
    return it;
}

static inline Case
case_of(const Declared *tasks)
{
    return case_finish(builder_of(tasks));
}

static inline void
execute(Case *it, const char *strategy, unsigned n_workers)
{
    g_autoptr(GError) error = NULL;
    DagExecuteOptions options = {
        .strategy = dag_strategy_find(strategy),
        .n_workers = n_workers,
        .seed = 7,
        .keep_going = true,
    };

    it->run = dag_execute(it->plan, &options, &error);
    g_assert_no_error(error);
}

#define PAUSE_NS 20000000 /* shortened at random by up to half */

/* One failure is allowed, two are not; "tries" needs three attempts; "u" to "w" share two pools,
 * one of them with one slot. */
static inline Case
troubled_case(void)
{
    DagBuilder *builder = dag_builder_new();
    const DagTaskSpec specs[] = {
        {.name = "sweep", .needs = "late", .kind = &bad, .policy = {.always = true}},
        {.name = "late", .needs = "may", .kind = &bad},
        {.name = "may", .kind = &bad, .policy = {.allow_failure = true}},
        {.name = "tries",
         .kind = &flaky,
         .policy = {.retries = 2, .retry_delay_ns = PAUSE_NS}},
        {.name = "u", .kind = &good, .uses = "db memory:3"},
        {.name = "v", .kind = &good, .uses = "db memory:1"},
        {.name = "w", .kind = &good, .uses = "db"},
    };

    n_failures = 2;
    dag_builder_set_name(builder, "house");
    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "memory", .slots = 7});
    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "db", .slots = 1});
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++)
        dag_builder_add_task(builder, &specs[i]);
    return case_finish(builder);
}

/* Run with a cancellation raised before the start; not for tasks that meet. */
static inline void
interrupt(Case *it, int signal_number)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DagCancel) cancel = dag_cancel_new(&error);

    g_assert_no_error(error);
    dag_cancel_raise(cancel, signal_number);
    it->run = dag_execute(it->plan, &(DagExecuteOptions){.n_workers = 2, .cancel = cancel},
                          &error);
    g_assert_no_error(error);
}

static inline char *
summary_of(const Case *it, DagTextStyle style)
{
    GString *out = g_string_new(NULL);

    dag_report_summary(it->run, style, out);
    return g_string_free(out, FALSE);
}

/* Returns: the output of `report` for a plan. */
static inline char *
text_of(const Case *it, void (*report)(const DagPlan *plan, GString *out))
{
    GString *out = g_string_new(NULL);

    report(it->plan, out);
    return g_string_free(out, FALSE);
}

static inline char *
table_of(const Case *it, DagTextStyle style)
{
    GString *out = g_string_new(NULL);

    dag_report_plan_table(it->plan, style, out);
    return g_string_free(out, FALSE);
}

static inline void
assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        g_error("\"%s\" is not in:\n%s", part, text);
}

static inline void
assert_has_not(const char *text, const char *part)
{
    if (strstr(text, part))
        g_error("\"%s\" is in:\n%s", part, text);
}

/* Returns: the line of `text` that begins with `label`, with runs of blanks reduced to one. */
static inline char *
line_of(const char *text, const char *label)
{
    g_autofree char *pattern = g_strdup_printf("^ *%s .*$", label);
    g_autoptr(GRegex) line = g_regex_new(pattern, G_REGEX_MULTILINE, 0, NULL);
    g_autoptr(GRegex) blanks = g_regex_new(" +", 0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;

    if (!g_regex_match(line, text, 0, &match))
        g_error("no line begins with \"%s\" in:\n%s", label, text);

    g_autofree char *found = g_match_info_fetch(match, 0);

    return g_strstrip(g_regex_replace_literal(blanks, found, -1, 0, " ", 0, NULL));
}

static inline void
assert_line(const char *text, const char *label, const char *expected)
{
    g_autofree char *line = line_of(text, label);

    g_assert_cmpstr(line, ==, expected);
}

/* Returns: the total duration of all attempts of a task. */
static inline int64_t
duration_ns(const DagRun *run, DagTaskId id)
{
    int64_t sum = 0;

    for (unsigned i = 0; i < dag_run_record(run, id).n_attempts; i++)
        sum += dag_run_attempt(run, id, i).end_ns - dag_run_attempt(run, id, i).start_ns;
    return sum;
}

/* Returns: the longest chain from `id` by measured durations; exponential, for few tasks. */
static inline int64_t
longest_from(const Case *it, DagTaskId id)
{
    DagIds succs = dag_graph_successors(it->graph, id);
    int64_t behind = 0;

    for (size_t i = 0; i < succs.n; i++)
        behind = MAX(behind, longest_from(it, succs.ids[i]));
    return duration_ns(it->run, id) + behind;
}

static inline int64_t
work_ns(const Case *it)
{
    int64_t sum = 0;

    for (DagTaskId id = 0; id < dag_graph_n_tasks(it->graph); id++)
        sum += duration_ns(it->run, id);
    return sum;
}

/* Returns: the time of a pool's users divided by its slots; for short runs. */
static inline int64_t
pool_ns(const Case *it, const char *name)
{
    size_t n_pools, n_uses;
    const DagPool *pools = dag_graph_pools(it->graph, &n_pools);
    int64_t sum = 0, slots = 1;

    for (DagTaskId id = 0; id < dag_graph_n_tasks(it->graph); id++) {
        const DagUse *uses = dag_graph_task_uses(it->graph, id, &n_uses);

        for (size_t i = 0; i < n_uses; i++)
            if (g_str_equal(pools[uses[i].pool].name, name)) {
                sum += duration_ns(it->run, id) * uses[i].slots;
                slots = pools[uses[i].pool].slots;
            }
    }
    return (sum + slots - 1) / slots;
}

static inline int64_t
lower_bound_ns(const Case *it)
{
    int64_t n_workers = dag_run_n_workers(it->run);
    int64_t bound = (work_ns(it) + n_workers - 1) / n_workers;
    size_t n_pools;
    const DagPool *pools = dag_graph_pools(it->graph, &n_pools);

    for (size_t i = 0; i < n_pools; i++)
        bound = MAX(bound, pool_ns(it, pools[i].name));

    for (DagTaskId id = 0; id < dag_graph_n_tasks(it->graph); id++)
        bound = MAX(bound, longest_from(it, id));
    return bound;
}

#define RUN_KEYS                                                                           \
    "overall_duration_seconds overall_duration_minutes phase_timings timestamp "           \
    "format_version graph strategy search workers connections seed keep_going "            \
    "default_retries "                                                                     \
    "grace_seconds succeeded stopped_by stop_reasons signal timeout_seconds "              \
    "makespan_seconds critical_path_strategy_seconds "                                     \
    "lower_bound_seconds lower_bound_by counts allowed_failures pools phases excluded "    \
    "parameters tasks"

static const Declared diamond[] = {
    {"begin", NULL, &good, NULL, NULL},       {"left", "begin", &meeting, NULL, NULL},
    {"right", "begin", &meeting, NULL, NULL}, {"end", "left right", &good, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

/* b fails; d and e are blocked by it; f is excluded. */
static const Declared broken[] = {
    {"a", NULL, &good, NULL, NULL},   {"b", "a", &bad, NULL, NULL},
    {"c", "a", &good, NULL, NULL},    {"d", "b c", &good, NULL, NULL},
    {"e", "d", &good, NULL, NULL},    {"f", "c", &good, NULL, "never"},
    {"g", "c", &strange, NULL, NULL}, {NULL, NULL, NULL, NULL, NULL},
};

static const Declared one[] = {{"only", NULL, &good, NULL, NULL},
                               {NULL, NULL, NULL, NULL, NULL}};

static const Declared none[] = {{NULL, NULL, NULL, NULL, NULL}};
