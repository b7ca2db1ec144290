/* SPDX-License-Identifier: MIT */
/*
 * JSON reports, read by JSON-GLib, which shares no code with the writer.
 */
#include "report-case.h"

#include <json-glib/json-glib.h>
#include <signal.h>

static JsonObject *
parse(JsonParser *parser, const char *text)
{
    g_autoptr(GError) error = NULL;

    json_parser_load_from_data(parser, text, -1, &error);
    g_assert_no_error(error);
    return json_node_get_object(json_parser_get_root(parser));
}

/* Parse the run's document; it is valid as long as the parser. */
static JsonObject *
parse_run(JsonParser *parser, const Case *it)
{
    g_autoptr(GString) out = g_string_new(NULL);

    dag_report_run_json(it->run, out);
    g_assert_true(g_utf8_validate(out->str, (gssize)out->len, NULL));
    g_assert_cmpint(out->str[out->len - 1], ==, '\n');
    return parse(parser, out->str);
}

/* Assert that `object` has the keys in `expected`, separated by spaces, in that order. */
static void
assert_keys(JsonObject *object, const char *expected)
{
    g_autoptr(GList) members = json_object_get_members(object);
    g_autoptr(GString) keys = g_string_new(NULL);

    for (GList *member = members; member; member = member->next)
        g_string_append_printf(keys, "%s%s", keys->len > 0 ? " " : "",
                               (const char *)member->data);
    g_assert_cmpstr(keys->str, ==, expected);
}

static void
assert_seconds(JsonObject *object, const char *key, int64_t ns)
{
    double seconds = json_object_get_double_member(object, key);

    g_assert_cmpint((int64_t)(seconds * 1e9 + 0.5), ==, ns);
}

/* Check that the lower bound is at least those of capacities and chains, and at most the makespan. */
static void
assert_bound(JsonObject *root, const Case *it)
{
    double bound = json_object_get_double_member(root, "lower_bound_seconds") * 1e9;

    g_assert_cmpfloat(bound + 0.5, >=, (double)lower_bound_ns(it));
    g_assert_cmpfloat(bound - 0.5, <=, (double)dag_run_makespan_ns(it->run));
    if (strcmp(json_object_get_string_member(root, "lower_bound_by"), "interval") != 0)
        g_assert_cmpfloat(bound - 0.5, <=, (double)lower_bound_ns(it));
}

static void
test_run_json_says_what_the_records_say(void)
{
    g_auto(Case) it = case_of(diamond);
    g_autoptr(JsonParser) parser = json_parser_new();

    execute(&it, "phases", 2);

    JsonObject *root = parse_run(parser, &it);
    JsonArray *tasks = json_object_get_array_member(root, "tasks");
    DagIds declared = dag_graph_declared(it.graph);

    assert_keys(root, RUN_KEYS);
    assert_seconds(root, "overall_duration_seconds", dag_run_duration_ns(it.run));
    assert_seconds(root, "makespan_seconds", dag_run_makespan_ns(it.run));
    assert_bound(root, &it);
    g_assert_cmpint(json_object_get_int_member(root, "format_version"), ==, 1);
    g_assert_cmpstr(json_object_get_string_member(root, "graph"), ==, "house");
    g_assert_cmpstr(json_object_get_string_member(root, "strategy"), ==, "phases");
    g_assert_cmpint(json_object_get_int_member(root, "workers"), ==, 2);
    g_assert_cmpint(json_object_get_int_member(root, "seed"), ==, 7);
    g_assert_true(json_object_get_boolean_member(root, "succeeded"));
    g_assert_true(json_object_get_null_member(root, "signal"));
    g_assert_cmpuint(json_array_get_length(tasks), ==, declared.n);
    for (guint i = 0; i < declared.n; i++) {
        JsonObject *task = json_array_get_object_element(tasks, i);
        DagRecord record = dag_run_record(it.run, declared.ids[i]);

        assert_keys(task,
                    "id phase outcome start_seconds end_seconds duration_seconds worker "
                    "cost");
        g_assert_cmpstr(json_object_get_string_member(task, "id"), ==, diamond[i].name);
        assert_seconds(task, "start_seconds", record.start_ns);
        assert_seconds(task, "end_seconds", record.end_ns);
        assert_seconds(task, "duration_seconds", record.end_ns - record.start_ns);
        g_assert_cmpint(json_object_get_int_member(task, "worker"), ==, record.worker);
    }
}

static void
test_run_json_has_the_options_of_the_run(void)
{
    static const struct {
        DagExecuteOptions options;
        bool keep_going;
        int retries;
        double grace;
    } cases[] = {
        {{.n_workers = 1}, false, 0, 5},
        {{.n_workers = 1, .keep_going = true, .retries = 3, .grace_ns = 1500000000},
         true,
         3,
         1.5},
        {{.n_workers = 1, .grace_ns = -1}, false, 0, 0},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Case) it = case_of(one);
        g_autoptr(JsonParser) parser = json_parser_new();
        g_autoptr(GError) error = NULL;

        it.run = dag_execute(it.plan, &cases[i].options, &error);
        g_assert_no_error(error);

        JsonObject *root = parse_run(parser, &it);

        g_assert_cmpint(json_object_get_boolean_member(root, "keep_going"), ==,
                        cases[i].keep_going);
        g_assert_cmpint(json_object_get_int_member(root, "default_retries"), ==,
                        cases[i].retries);
        g_assert_cmpfloat(json_object_get_double_member(root, "grace_seconds"), ==,
                          cases[i].grace);
        g_assert_cmpint(json_object_get_int_member(root, "connections"), ==, 0);
    }
}

static void
test_run_json_has_phases_and_their_timings(void)
{
    DagBuilder *builder = builder_of(diamond);
    g_autoptr(JsonParser) parser = json_parser_new();

    dag_builder_add_phase_title(builder, "The \"middle\"", "left", (DagLocation){0});
    g_auto(Case) it = case_finish(builder);
    execute(&it, "phases", 2);

    JsonObject *root = parse_run(parser, &it);
    JsonObject *timings = json_object_get_object_member(root, "phase_timings");
    JsonArray *phases = json_object_get_array_member(root, "phases");
    JsonObject *middle = json_array_get_object_element(phases, 1);
    int64_t start_ns, end_ns;

    dag_run_phase_span(it.run, 1, &start_ns, &end_ns);
    assert_keys(timings, "phase1 phase2 phase3");
    assert_seconds(timings, "phase2", end_ns - start_ns);
    assert_keys(middle, "number title tasks start_seconds end_seconds");
    g_assert_cmpint(json_object_get_int_member(middle, "number"), ==, 2);
    g_assert_cmpstr(json_object_get_string_member(middle, "title"), ==, "The \"middle\"");
    g_assert_cmpint(json_object_get_int_member(middle, "tasks"), ==, 2);
    assert_seconds(middle, "start_seconds", start_ns);
    assert_seconds(middle, "end_seconds", end_ns);
}

static void
test_run_json_tells_failures(void)
{
    g_auto(Case) it = case_of(broken);
    g_autoptr(JsonParser) parser = json_parser_new();

    execute(&it, "phases", 2);

    JsonObject *root = parse_run(parser, &it);
    JsonObject *counts = json_object_get_object_member(root, "counts");
    JsonArray *excluded = json_object_get_array_member(root, "excluded");
    JsonArray *tasks = json_object_get_array_member(root, "tasks");
    JsonObject *b = json_array_get_object_element(tasks, 1);
    JsonObject *d = json_array_get_object_element(tasks, 3);
    JsonObject *g = json_array_get_object_element(tasks, 5);

    g_assert_false(json_object_get_boolean_member(root, "succeeded"));
    assert_keys(counts, "succeeded failed timed-out blocked cancelled reused");
    g_assert_cmpint(json_object_get_int_member(counts, "succeeded"), ==, 2);
    g_assert_cmpint(json_object_get_int_member(counts, "failed"), ==, 2);
    g_assert_cmpint(json_object_get_int_member(counts, "blocked"), ==, 2);
    g_assert_cmpuint(json_array_get_length(excluded), ==, 1);
    g_assert_cmpstr(json_array_get_string_element(excluded, 0), ==, "f");
    g_assert_cmpstr(json_object_get_string_member(b, "outcome"), ==, "failed");
    g_assert_cmpstr(json_object_get_string_member(b, "reason"), ==, "exit status 2");
    assert_keys(d, "id phase outcome cost");
    g_assert_cmpstr(json_object_get_string_member(g, "reason"), ==,
                    "two\nlines, \033[31m \"quoted\" \\ and \uFFFD");
}

static JsonObject *
task_of(JsonObject *root, guint position)
{
    return json_array_get_object_element(json_object_get_array_member(root, "tasks"),
                                         position);
}

static void
test_run_json_tells_attempts(void)
{
    g_auto(Case) it = troubled_case();
    g_autoptr(JsonParser) parser = json_parser_new();

    execute(&it, "dataflow", 2);

    JsonObject *root = parse_run(parser, &it);
    JsonObject *tries = task_of(root, 3);
    JsonArray *attempts = json_object_get_array_member(tries, "attempts");
    DagTaskId id = dag_graph_find(it.graph, "tries");

    assert_keys(tries, "id phase outcome exit_code start_seconds end_seconds "
                       "duration_seconds worker busy_seconds attempts cost");
    g_assert_cmpint(json_object_get_int_member(tries, "exit_code"), ==, 0);
    assert_seconds(tries, "busy_seconds", duration_ns(it.run, id));
    g_assert_cmpint(duration_ns(it.run, id), <=,
                    dag_run_record(it.run, id).end_ns -
                        dag_run_record(it.run, id).start_ns - PAUSE_NS / 2 - PAUSE_NS);
    g_assert_cmpuint(json_array_get_length(attempts), ==, 3);
    for (guint i = 0; i < 3; i++) {
        JsonObject *attempt = json_array_get_object_element(attempts, i);
        DagAttempt expected = dag_run_attempt(it.run, id, i);

        assert_keys(attempt,
                    i < 2 ? "outcome reason exit_code start_seconds end_seconds worker"
                          : "outcome exit_code start_seconds end_seconds worker");
        g_assert_cmpstr(json_object_get_string_member(attempt, "outcome"), ==,
                        i < 2 ? "failed" : "succeeded");
        g_assert_cmpint(json_object_get_int_member(attempt, "exit_code"), ==,
                        i < 2 ? 3 : 0);
        assert_seconds(attempt, "start_seconds", expected.start_ns);
        assert_seconds(attempt, "end_seconds", expected.end_ns);
    }
    /* A single attempt is described by the task itself. */
    g_assert_false(json_object_has_member(task_of(root, 0), "attempts"));
}

static void
test_run_json_tells_what_was_allowed(void)
{
    g_auto(Case) it = troubled_case();
    g_autoptr(JsonParser) parser = json_parser_new();

    execute(&it, "dataflow", 2);

    JsonObject *root = parse_run(parser, &it);

    g_assert_cmpint(json_object_get_int_member(root, "allowed_failures"), ==, 1);
    g_assert_true(json_object_get_boolean_member(task_of(root, 2), "allowed"));
    g_assert_false(json_object_has_member(task_of(root, 1), "allowed"));
    g_assert_false(json_object_has_member(task_of(root, 3), "allowed"));
    g_assert_true(json_object_get_null_member(root, "stopped_by")); /* it kept going */
    g_assert_true(json_object_get_null_member(root, "timeout_seconds"));
}

static void
test_run_json_tells_what_stopped_the_run(void)
{
    g_auto(Case) it = case_of(broken);
    g_autoptr(JsonParser) parser = json_parser_new();
    g_autoptr(GError) error = NULL;

    it.run = dag_execute(it.plan, &(DagExecuteOptions){.timeout_ns = INT64_C(90000000000)},
                         &error);
    g_assert_no_error(error);

    JsonObject *root = parse_run(parser, &it);

    g_assert_cmpstr(json_object_get_string_member(root, "stopped_by"), ==, "failure");
    assert_seconds(root, "timeout_seconds", INT64_C(90000000000));
}

static void
test_run_json_has_pools_and_what_they_cost(void)
{
    g_auto(Case) it = troubled_case();
    g_autoptr(JsonParser) parser = json_parser_new();

    execute(&it, "dataflow", 2);

    JsonObject *root = parse_run(parser, &it);
    JsonArray *pools = json_object_get_array_member(root, "pools");

    g_assert_cmpuint(json_array_get_length(pools), ==, 2);
    for (guint i = 0; i < 2; i++) {
        JsonObject *pool = json_array_get_object_element(pools, i);

        assert_keys(pool, "name slots lower_bound_seconds");
        g_assert_cmpstr(json_object_get_string_member(pool, "name"), ==,
                        i == 0 ? "memory" : "db");
        g_assert_cmpint(json_object_get_int_member(pool, "slots"), ==, i == 0 ? 7 : 1);
        assert_seconds(pool, "lower_bound_seconds", pool_ns(&it, i == 0 ? "memory" : "db"));
    }
    assert_bound(root, &it);
}

static void
test_plan_json_has_limits_and_pools(void)
{
    DagBuilder *builder = dag_builder_new();
    DagPolicy policy = {.timeout_ns = 1500000000,
                        .retries = DAG_ZERO, /* declared: none */
                        .retry_delay_ns = DAG_ZERO,
                        .allow_failure = true,
                        .always = true,
                        .limits_retries = true,
                        .limits_success = true};
    g_autoptr(JsonParser) parser = json_parser_new();

    dag_codes_add(&policy.retry_on, 255);
    dag_codes_add(&policy.retry_on, 7);
    dag_codes_add(&policy.expect, 0);
    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "db", .slots = 4});
    dag_builder_add_task(
        builder,
        &(DagTaskSpec){
            .name = "a", .kind = &flaky, .priority = -7, .uses = "db:3", .policy = policy});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "b", .kind = &good});
    g_auto(Case) it = case_finish(builder);

    g_autofree char *text = text_of(&it, dag_report_plan_json);
    JsonObject *root = parse(parser, text);
    JsonObject *a = task_of(root, 0);
    JsonArray *codes = json_object_get_array_member(a, "retry_on");
    JsonArray *pools = json_object_get_array_member(root, "pools");

    assert_keys(a,
                "id phase kind needs critical cost rank earliest_start latest_start slack "
                "priority timeout retries retry_delay retry_on expect allow_failure always "
                "uses");
    assert_keys(task_of(root, 1),
                "id phase kind needs critical cost rank earliest_start latest_start slack");
    g_assert_cmpint(json_object_get_int_member(a, "priority"), ==, -7);
    g_assert_cmpfloat(json_object_get_double_member(a, "timeout"), ==, 1.5);
    g_assert_cmpint(json_object_get_int_member(a, "retries"), ==, 0);
    g_assert_cmpfloat(json_object_get_double_member(a, "retry_delay"), ==, 0);
    g_assert_cmpuint(json_array_get_length(codes), ==, 2);
    g_assert_cmpint(json_array_get_int_element(codes, 0), ==, 7);
    g_assert_cmpint(json_array_get_int_element(codes, 1), ==, 255);
    g_assert_true(json_object_get_boolean_member(a, "allow_failure"));
    g_assert_true(json_object_get_boolean_member(a, "always"));
    g_assert_cmpint(
        json_object_get_int_member(json_object_get_object_member(a, "uses"), "db"), ==, 3);
    g_assert_cmpuint(json_array_get_length(pools), ==, 1);
    assert_keys(json_array_get_object_element(pools, 0), "name slots");
}

static void
add_param(DagBuilder *builder, const char *name, const char *type, const char *value)
{
    dag_builder_add_param(
        builder, &(DagParamSpec){.name = name, .type = type, .default_value = value});
}

static void
test_parameters_keep_their_type_and_yield_to_our_keys(void)
{
    DagBuilder *builder = builder_of(one);
    g_autoptr(JsonParser) parser = json_parser_new();

    add_param(builder, "fast_mode", "boolean", "false");
    add_param(builder, "count", "integer", "-9223372036854775808");
    add_param(builder, "ratio", "number", "0.1");
    add_param(builder, "title", "string", "a\tb");
    add_param(builder, "tasks", "string", "mine");
    g_auto(Case) it = case_finish(builder);
    execute(&it, "phases", 1);

    JsonObject *root = parse_run(parser, &it);
    JsonObject *params = json_object_get_object_member(root, "parameters");
    g_autoptr(GString) text = g_string_new(NULL);

    dag_report_run_json(it.run, text);
    assert_keys(root,
                "overall_duration_seconds overall_duration_minutes phase_timings "
                "fast_mode count ratio title timestamp "
                "format_version graph strategy search workers connections seed keep_going "
                "default_retries grace_seconds succeeded stopped_by stop_reasons signal "
                "timeout_seconds makespan_seconds critical_path_strategy_seconds "
                "lower_bound_seconds lower_bound_by counts "
                "allowed_failures pools phases excluded parameters tasks");
    assert_keys(params, "fast_mode count ratio title tasks");
    g_assert_false(json_object_get_boolean_member(root, "fast_mode"));
    g_assert_cmpint(json_object_get_int_member(root, "count"), ==, G_MININT64);
    assert_has(text->str, "\"ratio\": 0.1,");
    g_assert_cmpstr(json_object_get_string_member(root, "title"), ==, "a\tb");
    g_assert_true(JSON_NODE_HOLDS_ARRAY(json_object_get_member(root, "tasks")));
    g_assert_cmpstr(json_object_get_string_member(params, "tasks"), ==, "mine");
}

static void
test_timestamp_is_the_start_with_its_offset(void)
{
    g_auto(Case) it = case_of(one);
    g_autoptr(JsonParser) parser = json_parser_new();

    execute(&it, "phases", 1);

    JsonObject *root = parse_run(parser, &it);
    const char *text = json_object_get_string_member(root, "timestamp");
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, NULL);

    g_assert_nonnull(time);
    g_assert_cmpint(g_date_time_to_unix(time) * G_USEC_PER_SEC +
                        g_date_time_get_microsecond(time),
                    ==, dag_run_started_us(it.run));
    g_assert_true(g_regex_match_simple("[+-]\\d\\d:\\d\\d$", text, 0, 0));
}

static void
test_plan_json_says_what_the_plan_says(void)
{
    g_auto(Case) it = case_of(broken);
    g_autoptr(JsonParser) parser = json_parser_new();
    g_autofree char *text = text_of(&it, dag_report_plan_json);
    JsonObject *root = parse(parser, text);
    JsonArray *phases = json_object_get_array_member(root, "phases");
    JsonArray *path = json_object_get_array_member(root, "critical_path");
    JsonArray *tasks = json_object_get_array_member(root, "tasks");
    JsonObject *d = json_array_get_object_element(tasks, 3);
    JsonArray *needs = json_object_get_array_member(d, "needs");

    assert_keys(root, "format_version graph phase_rule dependencies critical_path "
                      "critical_path_seconds total_cost_seconds phases excluded parameters "
                      "pools tasks");
    g_assert_cmpint(json_object_get_int_member(root, "dependencies"), ==, 6);
    g_assert_cmpfloat(json_object_get_double_member(root, "critical_path_seconds"), ==, 4);
    g_assert_cmpuint(json_array_get_length(phases), ==, 4);
    g_assert_cmpuint(json_array_get_length(path), ==, 4);
    g_assert_cmpstr(json_array_get_string_element(path, 3), ==, "e");
    assert_keys(d,
                "id phase kind needs critical cost rank earliest_start latest_start slack");
    g_assert_cmpint(json_object_get_int_member(d, "phase"), ==, 3);
    g_assert_cmpstr(json_object_get_string_member(d, "kind"), ==, "good");
    g_assert_true(json_object_get_boolean_member(d, "critical"));
    g_assert_cmpuint(json_array_get_length(needs), ==, 2);
    g_assert_cmpfloat(json_object_get_double_member(d, "rank"), ==, 2);
    g_assert_cmpfloat(json_object_get_double_member(d, "slack"), ==, 0);
}

/* The oracle is printf(): the shortest number that reads back for costs, 15 digits for sums. */
static void
test_plan_json_has_the_digits_of_numbers(void)
{
    const double costs[] = {0,       1,    0.1,  0.1 + 0.2, 1.0 / 3, 0.0001,  0.00001, 1e-9,
                            12345.6, 1e15, 1e22, 999999.75, 1000000, 1e6 / 3, 0.3 * 3};
    enum { N_RANDOM = 200, N = G_N_ELEMENTS(costs) + N_RANDOM };
    DagBuilder *builder = dag_builder_new();
    double all[N];

    for (size_t i = 0; i < N; i++) {
        g_autofree char *name = g_strdup_printf("t%zu", i);
        int digits = g_test_rand_int_range(0, 9);
        double scale = (double[]){1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8}[digits];

        dag_builder_add_task(builder, &(DagTaskSpec){.name = name, .kind = &good});
        all[i] = i < G_N_ELEMENTS(costs)
                     ? costs[i]
                     : g_test_rand_int_range(0, 100000000) / scale * (i % 2 ? 1 : 0.7);
    }

    g_auto(Case) it = case_finish(builder);

    dag_plan_free(it.plan);
    it.plan = dag_plan_new(it.graph, DAG_PHASES_JUST_IN_TIME, all);

    g_autofree char *text = text_of(&it, dag_report_plan_json);
    const char *at = text;

    for (size_t i = 0; i < N; i++) {
        char buffer[G_ASCII_DTOSTR_BUF_SIZE], rank[G_ASCII_DTOSTR_BUF_SIZE];
        g_autofree char *expected = NULL;

        g_ascii_formatd(rank, sizeof(rank), "%.15g", all[i]);
        g_ascii_formatd(buffer, sizeof(buffer),
                        g_ascii_strtod(rank, NULL) == all[i] ? "%.15g" : "%.17g", all[i]);
        expected = g_strdup_printf("\"cost\": %s,\n      \"rank\": %s,", buffer, rank);
        at = strstr(at, "\"cost\": ");
        g_assert_nonnull(at);
        if (!g_str_has_prefix(at, expected))
            g_error("%.40s… is not %s", at, expected);
        at++;
    }
}

static void
test_interrupted_run_has_its_signal(void)
{
    g_auto(Case) it = case_of(broken);
    g_autoptr(JsonParser) parser = json_parser_new();

    interrupt(&it, SIGTERM);

    JsonObject *root = parse_run(parser, &it);

    g_assert_cmpint(json_object_get_int_member(root, "signal"), ==, SIGTERM);
    g_assert_false(json_object_get_boolean_member(root, "succeeded"));
}

static void
test_empty_graph_has_documents(void)
{
    g_auto(Case) it = case_of(none);
    g_autoptr(JsonParser) run_parser = json_parser_new();
    g_autoptr(JsonParser) plan_parser = json_parser_new();

    execute(&it, "phases", 2);

    g_autofree char *plan = text_of(&it, dag_report_plan_json);
    JsonObject *root = parse_run(run_parser, &it);

    assert_keys(root, RUN_KEYS);
    g_assert_true(json_object_get_boolean_member(root, "succeeded"));
    g_assert_nonnull(parse(plan_parser, plan));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/report-json/run/records", test_run_json_says_what_the_records_say);
    g_test_add_func("/report-json/plan/digits", test_plan_json_has_the_digits_of_numbers);
    g_test_add_func("/report-json/run/options", test_run_json_has_the_options_of_the_run);
    g_test_add_func("/report-json/run/phases", test_run_json_has_phases_and_their_timings);
    g_test_add_func("/report-json/run/failures", test_run_json_tells_failures);
    g_test_add_func("/report-json/run/attempts", test_run_json_tells_attempts);
    g_test_add_func("/report-json/run/allowed", test_run_json_tells_what_was_allowed);
    g_test_add_func("/report-json/run/stop", test_run_json_tells_what_stopped_the_run);
    g_test_add_func("/report-json/run/pools", test_run_json_has_pools_and_what_they_cost);
    g_test_add_func("/report-json/run/parameters",
                    test_parameters_keep_their_type_and_yield_to_our_keys);
    g_test_add_func("/report-json/run/timestamp",
                    test_timestamp_is_the_start_with_its_offset);
    g_test_add_func("/report-json/plan", test_plan_json_says_what_the_plan_says);
    g_test_add_func("/report-json/plan/limits", test_plan_json_has_limits_and_pools);
    g_test_add_func("/report-json/run/interrupted", test_interrupted_run_has_its_signal);
    g_test_add_func("/report-json/empty-graph", test_empty_graph_has_documents);
    return g_test_run();
}
