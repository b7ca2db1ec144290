/* SPDX-License-Identifier: MIT */
/*
 * Records of runs as plain data: what is written as JSON and read again is the run.
 */
#include <dagrun/dagrun.h>
#include <limits.h>
#include <string.h>

#include "formats/past-run.h"
#include "graph-of.h"
#include "random-graph.h"

/* One run, its record in memory, and the record read from its JSON. */
typedef struct Pair {
    DagGraph *graph;
    DagPlan *plan;
    DagRun *run;
    DagPastRun *direct;
    DagPastRun *read;
} Pair;

static DagPastRun *
parse(const GString *json)
{
    g_autoptr(GError) error = NULL;
    DagPastRun *past = past_run_parse("run.json", json->str, json->len, &error);

    g_assert_no_error(error);
    return past;
}

static Pair
pair_of(DagGraph *graph, const DagSimulateOptions *options)
{
    Pair pair = {.graph = graph};
    g_autoptr(GString) json = g_string_new(NULL);

    pair.plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    pair.run = dag_simulate(pair.plan, options);
    pair.direct = dag_past_run_of(pair.run);
    dag_report_run_json(pair.run, json);
    pair.read = parse(json);
    return pair;
}

static void
pair_clear(Pair *pair)
{
    dag_past_run_free(pair->direct);
    dag_past_run_free(pair->read);
    dag_run_free(pair->run);
    dag_plan_free(pair->plan);
    dag_graph_free(pair->graph);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Pair, pair_clear)

static void
assert_same_attempt(const DagPastAttempt *x, const DagPastAttempt *y)
{
    g_assert_cmpint(x->start_ns, ==, y->start_ns);
    g_assert_cmpint(x->end_ns, ==, y->end_ns);
    g_assert_cmpstr(x->reason, ==, y->reason);
    g_assert_cmpint(x->outcome, ==, y->outcome);
    g_assert_cmpint(x->worker, ==, y->worker);
    g_assert_cmpint(x->exit_code, ==, y->exit_code);
}

static void
assert_same_task(const Pair *pair, uint32_t i)
{
    const DagPastTask *x = dag_past_run_task(pair->direct, i);
    const DagPastTask *y = dag_past_run_task(pair->read, i);

    g_assert_cmpstr(x->id, ==, y->id);
    g_assert_cmpstr(x->reason, ==, y->reason);
    g_assert_cmpint(x->start_ns, ==, y->start_ns);
    g_assert_cmpint(x->end_ns, ==, y->end_ns);
    g_assert_cmpint(x->duration_ns, ==, y->duration_ns);
    g_assert_cmpint(x->busy_ns, ==, y->busy_ns);
    g_assert_cmpfloat(x->cost, ==, y->cost);
    g_assert_cmpuint(x->phase, ==, y->phase);
    g_assert_cmpint(x->outcome, ==, y->outcome);
    g_assert_cmpint(x->worker, ==, y->worker);
    g_assert_cmpint(x->exit_code, ==, y->exit_code);
    g_assert_cmpint(x->allowed, ==, y->allowed);
    g_assert_cmpuint(x->n_attempts, ==, y->n_attempts);
    for (uint32_t k = 0; k < x->n_attempts; k++)
        assert_same_attempt(dag_past_run_attempts(pair->direct, x) + k,
                            dag_past_run_attempts(pair->read, y) + k);
}

static void
assert_same_lists(const DagPastRun *x, const DagPastRun *y)
{
    g_assert_cmpuint(x->phases->len, ==, y->phases->len);
    for (guint i = 0; i < x->phases->len; i++) {
        const DagPastPhase *a = &g_array_index(x->phases, DagPastPhase, i);
        const DagPastPhase *b = &g_array_index(y->phases, DagPastPhase, i);

        g_assert_cmpstr(a->title, ==, b->title);
        g_assert_cmpint(a->start_ns, ==, b->start_ns);
        g_assert_cmpint(a->end_ns, ==, b->end_ns);
        g_assert_cmpint(a->timing_ns, ==, b->timing_ns);
        g_assert_cmpuint(a->number, ==, b->number);
        g_assert_cmpuint(a->n_tasks, ==, b->n_tasks);
    }
    g_assert_cmpuint(x->pools->len, ==, y->pools->len);
    for (guint i = 0; i < x->pools->len; i++) {
        const DagPastPool *a = &g_array_index(x->pools, DagPastPool, i);
        const DagPastPool *b = &g_array_index(y->pools, DagPastPool, i);

        g_assert_cmpstr(a->name, ==, b->name);
        g_assert_cmpuint(a->slots, ==, b->slots);
    }
    g_assert_cmpuint(x->excluded->len, ==, y->excluded->len);
    for (guint i = 0; i < x->excluded->len; i++)
        g_assert_cmpstr(x->excluded->pdata[i], ==, y->excluded->pdata[i]);
}

static void
assert_same(const Pair *pair)
{
    const DagPastRun *x = pair->direct, *y = pair->read;

    g_assert_cmpstr(x->graph, ==, y->graph);
    g_assert_cmpstr(x->strategy, ==, y->strategy);
    g_assert_cmpuint(x->seed, ==, y->seed);
    g_assert_cmpint(x->grace_ns, ==, y->grace_ns);
    g_assert_cmpint(x->timeout_ns, ==, y->timeout_ns);
    g_assert_cmpint(x->duration_ns, ==, y->duration_ns);
    g_assert_cmpint(x->makespan_ns, ==, y->makespan_ns);
    g_assert_cmpint(ABS(x->lower_bound_ns - y->lower_bound_ns), <=, 1);
    g_assert_cmpuint(x->n_workers, ==, y->n_workers);
    g_assert_cmpuint(x->n_connections, ==, y->n_connections);
    g_assert_cmpuint(x->retries, ==, y->retries);
    g_assert_cmpuint(x->n_allowed, ==, y->n_allowed);
    g_assert_cmpint(x->signal, ==, y->signal);
    g_assert_cmpint(x->stop, ==, y->stop);
    g_assert_true(x->is_simulated && y->is_simulated);
    g_assert_cmpint(x->keep_going, ==, y->keep_going);
    g_assert_cmpint(x->succeeded, ==, y->succeeded);
    for (DagOutcome outcome = DAG_SUCCEEDED; outcome < DAG_N_OUTCOMES; outcome++)
        g_assert_cmpuint(x->counts[outcome], ==, y->counts[outcome]);
    for (DagStop reason = DAG_STOP_NONE; reason <= DAG_STOP_TIMEOUT; reason++)
        g_assert_cmpint(x->stops[reason], ==, y->stops[reason]);
    g_assert_cmpuint(x->tasks->len, ==, y->tasks->len);
    for (uint32_t i = 0; i < x->tasks->len; i++)
        assert_same_task(pair, i);
    assert_same_lists(x, y);
}

/* Attempts that fail, and times with all digits. */
static DagSimulatedAttempt
erratic(const DagPlan *plan, DagTaskId id, unsigned attempt, void *data)
{
    uint32_t hash = (id * 2654435761U) ^ (attempt * 40503U);

    (void)plan;
    (void)data;
    return (DagSimulatedAttempt){
        .seconds = (double)(hash % 1000003) / 7e5,
        .outcome = hash % 5 == 0 ? DAG_FAILED : DAG_SUCCEEDED,
        .exit_code = hash % 5 == 0 ? 3 : 0,
        .reason = hash % 5 == 0 ? "no \"luck\"\n" : NULL,
    };
}

static void
test_random_runs(void)
{
    for (uint64_t seed = 0; seed < 60; seed++) {
        const RandomGraphOptions shape = {
            .max_tasks = 40, .excluded_percent = 10, .pools = true, .policy_percent = 30};
        g_autoptr(RandomGraph) random = random_graph_new(seed, &shape);
        g_auto(Pair) pair =
            pair_of(random_graph_build(random, (const DagKind *const[]){NULL}, 1),
                    &(DagSimulateOptions){
                        .n_workers = 3,
                        .seed = seed == 7 ? UINT64_MAX : seed,
                        .keep_going = seed % 2 == 0,
                        .retries = (unsigned)(seed % 3),
                        .timeout_ns = seed % 5 == 0 ? INT64_C(3000000001) : 0,
                        .attempt = erratic,
                    });

        assert_same(&pair);
    }
}

/* 12 days have times of 51 bits.  More are not exact, and not far away. */
static void
test_long_run(void)
{
    g_auto(Pair) pair =
        pair_of(graph_of("a:1036800.123456789 b<a:0.000000001", NULL), NULL);
    g_auto(Pair) decades = pair_of(graph_of("a:1000000000.123456789", NULL), NULL);
    int64_t end_ns = dag_past_run_task(decades.direct, 0)->end_ns;

    assert_same(&pair);
    g_assert_cmpint(ABS(dag_past_run_task(decades.read, 0)->end_ns - end_ns), <=, 223);
}

/* A parameter may have the name of any member, and values of all types. */
static void
test_parameters(void)
{
    static const DagParamSpec specs[] = {
        {.name = "tasks", .type = "string", .default_value = "a \"b\" ü\t"},
        {.name = "id", .type = "boolean", .default_value = "true"},
        {.name = "n", .type = "integer", .default_value = "-9223372036854775808"},
        {.name = "x", .type = "number", .default_value = "2.50"},
        {.name = "phases", .type = "choice", .default_value = "no", .choices = "yes no"},
    };
    static const char *const values[] = {"a \"b\" ü\t", "true", "-9223372036854775808",
                                         "2.5", "no"};
    DagBuilder *builder = builder_of("a", NULL, NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++)
        dag_builder_add_param(builder, &specs[i]);

    g_auto(Pair) pair = pair_of(graph_finish(builder, NULL), NULL);

    assert_same(&pair);
    g_assert_cmpuint(pair.read->params->len, ==, G_N_ELEMENTS(specs));
    for (guint i = 0; i < pair.read->params->len; i++) {
        const DagPastParam *param = &g_array_index(pair.read->params, DagPastParam, i);

        g_assert_cmpstr(param->name, ==, specs[i].name);
        g_assert_cmpstr(param->value, ==, values[i]);
    }
}

/* Return a record of a run of one task as JSON, with `old` replaced by `new`. */
static GString *
json_with(const char *old, const char *new)
{
    g_autoptr(DagGraph) graph = graph_of("a", NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    g_autoptr(DagRun) run = dag_simulate(plan, NULL);
    GString *json = g_string_new(NULL);

    dag_report_run_json(run, json);
    if (old)
        g_assert_cmpuint(g_string_replace(json, old, new, 1), ==, 1);
    return json;
}

typedef struct Fault {
    const char *old;
    const char *new;
    int line;            /* of the message, from that of `old`; WHOLE: line 1 */
    const char *message; /* after the location */
} Fault;

#define WHOLE INT_MAX

static const Fault faults[] = {
    {"\"tasks\": [", "\"tusks\": [", WHOLE,
     "this is not the record of a run: it has no \"tasks\""},
    {"\"format_version\": 1,", "\"format_version\": 2,", 0,
     "\"format_version\" should be 1"},
    {"\"keep_going\": false", "\"keep_going\": 0", 0,
     "\"keep_going\" should be true or false"},
    {"\"keep_going\": false", "\"keep_going\": falsch", 0,
     "this is not JSON: invalid token near 'falsch'"},
    {"\"keep_going\": false,", "\"keep_going\": false", 1, "there should be '}'"},
    {"\"strategy\": ", "\"strategy\" ", 0, "there should be ':'"},
    {"\"seed\": 0", "\"seed\": -1", 0, "\"seed\" should be a number from 0 to 2^64 - 1"},
    {"\"stop_reasons\": []", "\"stop_reasons\": [\"whim\"]", 0,
     "\"stop_reasons\" has a reason that is none"},
    {"\"signal\": null", "\"signal\": 3000000000", 0,
     "\"signal\" should be a whole number from 0 to 2147483647"},
    {"\"makespan_seconds\": 1.0", "\"makespan_seconds\": -1.0", 0,
     "\"makespan_seconds\" is no possible number of seconds"},
    {"\"makespan_seconds\": 1.0", "\"makespan_seconds\": 1e200", 0,
     "\"makespan_seconds\" is no possible number of seconds"},
    {"\"makespan_seconds\": 1.0", "\"makespan_seconds\": \"1\"", 0,
     "\"makespan_seconds\" should be a number of seconds"},
    {"\"makespan_seconds\"", "\"lower_bound_seconds\"", 2,
     "\"lower_bound_seconds\" is there twice"},
    {"\"id\": \"a\",", "", -1, "a task has no \"id\""},
    {"\"id\": \"a\",", "\"id\": 7,", -1, "\"id\" should be a text"},
    {"\"id\": \"a\",", "\"id\": \"a\", \"id\": \"b\",", 0,
     "this is not JSON: duplicate object key near '\"id\"'"},
    {"\"outcome\": \"succeeded\"", "\"outcome\": \"pending\"", -3,
     "\"outcome\" should be the outcome of a task"},
    {"\"end_seconds\": 1.0,\n      \"duration", "\"duration", -5,
     "task \"a\" has a start or an end, but not both"},
    {"\"cost\": null", "\"attempts\": 7", -8, "\"attempts\" should be an array"},
    {"\"cost\": null", "\"attempts\": [[]]", -8, "an attempt should be an object"},
    {"\"cost\": null", "\"cost\": \"1\"", -8, "\"cost\" should be a number or null"},
    {"\"phase1\": 1.0", "", WHOLE, "\"phase_timings\" has 0 phases, \"phases\" has 1"},
};

/* Return the line that the message names. */
static int
line_of_fault(const Fault *fault)
{
    g_autoptr(GString) json = json_with(NULL, NULL);
    int line = fault->line == WHOLE ? 1 : 1 + fault->line;

    if (fault->line == WHOLE)
        return line;
    for (const char *p = json->str; p < strstr(json->str, fault->old); p++)
        line += *p == '\n';
    return line;
}

static void
test_faults(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(faults); i++) {
        g_autoptr(GString) json = json_with(faults[i].old, faults[i].new);
        g_autofree char *expected = g_strdup_printf(
            "run.json:%d: %s", line_of_fault(&faults[i]), faults[i].message);
        g_autoptr(GError) error = NULL;

        g_assert_null(past_run_parse("run.json", json->str, json->len, &error));
        g_assert_error(error, DAG_ERROR, DAG_ERROR_INVALID);
        g_assert_cmpstr(error->message, ==, expected);
    }
}

static void
assert_refused(const char *bytes, size_t size)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(past_run_parse("run.json", bytes, size, &error));
    g_assert_error(error, DAG_ERROR, DAG_ERROR_INVALID);
    g_assert_true(g_str_has_prefix(error->message, "run.json:"));
}

/* No part of a document is one. */
static void
test_truncated(void)
{
    g_autoptr(GString) json = json_with(NULL, NULL);

    for (size_t size = 0; size + 1 < json->len; size++)
        assert_refused(json->str, size);
    g_string_append(json, " {}");
    assert_refused(json->str, json->len);
}

/* Any byte may be wrong: the reader refuses the document, or reads it. */
static void
test_wrong_bytes(void)
{
    static const char others[] = {'\0', '"', '{', ']', '9', '-', 'e', (char)0xff, '\n'};
    g_autoptr(GString) json = json_with(NULL, NULL);

    for (size_t i = 0; i < json->len; i++)
        for (size_t k = 0; k < sizeof(others); k++) {
            g_autoptr(GError) error = NULL;
            char right = json->str[i];

            json->str[i] = others[k];
            dag_past_run_free(past_run_parse("run.json", json->str, json->len, &error));
            json->str[i] = right;
        }
}

static void
test_missing_file(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(past_run_read("/nowhere/run.json", &error));
    g_assert_error(error, DAG_ERROR, DAG_ERROR_IO);
    g_assert_cmpstr(error->message, ==,
                    "cannot read \"/nowhere/run.json\": No such file or directory");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/past-run/random-runs", test_random_runs);
    g_test_add_func("/past-run/long-run", test_long_run);
    g_test_add_func("/past-run/parameters", test_parameters);
    g_test_add_func("/past-run/faults", test_faults);
    g_test_add_func("/past-run/truncated", test_truncated);
    g_test_add_func("/past-run/wrong-bytes", test_wrong_bytes);
    g_test_add_func("/past-run/missing-file", test_missing_file);
    return g_test_run();
}
