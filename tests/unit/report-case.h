/* SPDX-License-Identifier: MIT */
/*
 * Runs to report on, for the tests of reports: graphs of tasks that succeed, fail or meet, from the
 * public API alone.
 */
#pragma once

#include <dagrun/dagrun.h>
#include <pthread.h>
#include <string.h>

/* One task of a graph to report on. */
typedef struct Declared {
    const char *name;
    const char *needs;
    const DagKind *kind; /* NULL: a milestone */
    const char *title;
    const char *when; /* "never", or NULL */
} Declared;

/* A graph, its plan and perhaps its run, freed together. */
typedef struct Case {
    DagGraph *graph;
    DagPlan *plan;
    DagRun *run;
} Case;

static inline void
case_clear(Case *it)
{
    dag_run_free(it->run);
    dag_plan_free(it->plan);
    dag_graph_free(it->graph);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Case, case_clear)

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

/* Two tasks that meet ran at the same time.  (ThreadSanitizer does not see GLib's locks.) */
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

static const DagKind good = {.name = "good", .run = succeed};
static const DagKind bad = {.name = "bad", .run = fail};
static const DagKind strange = {.name = "strange", .run = fail_strangely};
static const DagKind meeting = {.name = "meeting", .run = meet};

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
                                                     .cost = -1,
                                                     .kind = tasks->kind});
    return builder;
}

static inline Case
case_finish(DagBuilder *builder)
{
    Case it = {0};
    g_autoptr(GError) error = NULL;

    it.graph = dag_builder_finish(builder, &(DagBuildOptions){.condition = never}, &error);
    g_assert_no_error(error);
    it.plan = dag_plan_new(it.graph, DAG_PHASES_JUST_IN_TIME);
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

/* Runs with a wish to stop that came before anything started; not for tasks that meet. */
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

/* Returns: what `report` writes of a plan. */
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

static inline int64_t
duration_ns(const DagRun *run, DagTaskId id)
{
    DagRecord record = dag_run_record(run, id);

    return record.start_ns < 0 ? 0 : record.end_ns - record.start_ns;
}

/* Returns: the longest chain from `id` on by measured durations; exponential, for few tasks. */
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

static inline int64_t
lower_bound_ns(const Case *it)
{
    int64_t n_workers = dag_run_n_workers(it->run);
    int64_t bound = (work_ns(it) + n_workers - 1) / n_workers;

    for (DagTaskId id = 0; id < dag_graph_n_tasks(it->graph); id++)
        bound = MAX(bound, longest_from(it, id));
    return bound;
}

#define RUN_KEYS                                                                           \
    "overall_duration_seconds overall_duration_minutes phase_timings timestamp "           \
    "format_version graph strategy workers seed succeeded signal makespan_seconds "        \
    "lower_bound_seconds counts phases excluded parameters tasks"

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
