/* SPDX-License-Identifier: MIT */
/*
 * Reports of simulated runs: the JSON, read by JSON-GLib, and the summary.
 */
#include <json-glib/json-glib.h>
#include <string.h>

#include "simulate-case.h"

/* Parse the run's document; it is valid as long as the parser. */
static JsonObject *
parse(JsonParser *parser, const DagRun *run)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    dag_report_run_json(run, text);
    json_parser_load_from_data(parser, text->str, (gssize)text->len, &error);
    g_assert_no_error(error);
    return json_node_get_object(json_parser_get_root(parser));
}

static double
number(JsonObject *object, const char *key)
{
    return json_object_get_double_member(object, key);
}

static const char *
word(JsonObject *object, const char *key)
{
    return json_object_get_string_member(object, key);
}

/* Return the task at a position in the order of declaration. */
static JsonObject *
task_at(JsonObject *root, unsigned position)
{
    return json_array_get_object_element(json_object_get_array_member(root, "tasks"),
                                         position);
}

static void
test_json_has_virtual_times(void)
{
    g_auto(Case) it = case_of(
        "a:2 b:1 c<a,b:3 d<c:0.5@p",
        (DagSimulateOptions){.strategy = dag_strategy_find("phases"), .n_workers = 2});
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonObject *root = parse(parser, it.run);
    JsonObject *timings = json_object_get_object_member(root, "phase_timings");
    JsonObject *phase =
        json_array_get_object_element(json_object_get_array_member(root, "phases"), 1);

    g_assert_true(json_object_get_boolean_member(root, "simulated"));
    g_assert_true(json_object_get_boolean_member(root, "succeeded"));
    g_assert_cmpfloat(number(root, "overall_duration_seconds"), ==, 5.5);
    g_assert_cmpfloat(number(root, "makespan_seconds"), ==, 5.5);
    g_assert_cmpfloat(number(root, "lower_bound_seconds"), ==, 5.5);
    g_assert_cmpstr(word(root, "lower_bound_by"), ==, "critical-path");
    g_assert_cmpfloat(number(timings, "phase1"), ==, 2);
    g_assert_cmpfloat(number(timings, "phase2"), ==, 3);
    g_assert_cmpfloat(number(phase, "start_seconds"), ==, 2);
    g_assert_cmpfloat(number(phase, "end_seconds"), ==, 5);
    g_assert_cmpfloat(number(task_at(root, 1), "start_seconds"), ==, 0);
    g_assert_cmpfloat(number(task_at(root, 1), "end_seconds"), ==, 1);
    g_assert_cmpint(json_object_get_int_member(task_at(root, 1), "worker"), ==, 1);
    g_assert_cmpfloat(number(task_at(root, 2), "duration_seconds"), ==, 3);
    g_assert_cmpfloat(number(task_at(root, 3), "start_seconds"), ==, 5);
}

/* b, c and d must all run between 1 s after the start and 1 s before the end. */
static void
test_the_work_of_an_interval_is_the_bound(void)
{
    static const char words[] = "a:1 b<a:1 c<a:1 d<a:1 e<b,c,d:1";
    g_auto(Case) it = case_of(words, (DagSimulateOptions){.n_workers = 2});
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonObject *root = parse(parser, it.run);
    g_autoptr(GString) summary = g_string_new(NULL);
    g_autoptr(DagPastRun) past = dag_past_run_of(it.run);

    g_assert_cmpfloat(number(root, "makespan_seconds"), ==, 4);
    g_assert_cmpfloat(number(root, "lower_bound_seconds"), ==, 3.5);
    g_assert_cmpstr(word(root, "lower_bound_by"), ==, "interval");
    g_assert_cmpint(past->lower_bound_ns, ==, 35 * SECOND_NS / 10);
    dag_report_summary(it.run, (DagTextStyle){0}, summary);
    g_assert_nonnull(strstr(summary->str,
                            "no schedule is shorter than the work between 1.00 s after the "
                            "start and 1.00 s before the end allows"));
}

/* Pauses between attempts: c may be interrupted, so its work need not be done at one time. */
static DagSimulatedAttempt
b_fails_once(const DagPlan *plan, DagTaskId id, unsigned attempt, G_GNUC_UNUSED void *data)
{
    bool fails = attempt == 1 && id == dag_graph_find(dag_plan_graph(plan), "b");

    return (DagSimulatedAttempt){.seconds = dag_plan_cost(plan, id) / (attempt + fails),
                                 .outcome = fails ? DAG_FAILED : DAG_SUCCEEDED,
                                 .exit_code = DAG_EXIT_NONE};
}

static void
test_no_interval_if_a_task_pauses(void)
{
    static const char words[] = "a:1 b<a:1 c<a:1 d<a:1 e<b,c,d:1";
    g_auto(Case) it = case_of(
        words, (DagSimulateOptions){.n_workers = 2, .retries = 1, .attempt = b_fails_once});
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonObject *root = parse(parser, it.run);

    g_assert_true(dag_run_succeeded(it.run));
    g_assert_cmpstr(word(root, "lower_bound_by"), ==, "critical-path");
}

static DagSimulatedAttempt
attempt_by_name(const DagPlan *plan, DagTaskId id, unsigned attempt,
                G_GNUC_UNUSED void *data)
{
    const char *name = dag_graph_task_name(dag_plan_graph(plan), id);
    bool fails = name[0] == 'f' || (name[0] == 't' && attempt <= 2);

    return (DagSimulatedAttempt){.seconds = dag_plan_cost(plan, id),
                                 .outcome = fails ? DAG_FAILED : DAG_SUCCEEDED,
                                 .exit_code = fails ? 3 : 0,
                                 .reason = fails ? "exit status 3" : NULL};
}

static void
test_json_has_failures_and_attempts(void)
{
    g_auto(Case) it = case_of(
        "f:1 b<f:1 t:2",
        (DagSimulateOptions){
            .n_workers = 2, .keep_going = true, .retries = 2, .attempt = attempt_by_name});
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonObject *root = parse(parser, it.run);
    JsonObject *counts = json_object_get_object_member(root, "counts");
    JsonObject *f = task_at(root, 0), *t = task_at(root, 2);
    JsonArray *attempts = json_object_get_array_member(t, "attempts");

    g_assert_false(json_object_get_boolean_member(root, "succeeded"));
    g_assert_cmpint(json_object_get_int_member(counts, "succeeded"), ==, 1);
    g_assert_cmpint(json_object_get_int_member(counts, "failed"), ==, 1);
    g_assert_cmpint(json_object_get_int_member(counts, "blocked"), ==, 1);
    g_assert_cmpstr(word(f, "outcome"), ==, "failed");
    g_assert_cmpstr(word(f, "reason"), ==, "exit status 3");
    g_assert_cmpint(json_object_get_int_member(f, "exit_code"), ==, 3);
    g_assert_cmpstr(word(task_at(root, 1), "outcome"), ==, "blocked");
    g_assert_false(json_object_has_member(task_at(root, 1), "start_seconds"));
    g_assert_cmpuint(json_array_get_length(attempts), ==, 3);
    g_assert_cmpfloat(number(t, "busy_seconds"), ==, 6);
    for (guint i = 0; i < 3; i++) {
        JsonObject *attempt = json_array_get_object_element(attempts, i);
        DagAttempt recorded = dag_run_attempt(it.run, dag_graph_find(it.graph, "t"), i);

        g_assert_cmpfloat_with_epsilon(number(attempt, "start_seconds"),
                                       (double)recorded.start_ns / 1e9, 1e-9);
        g_assert_cmpfloat_with_epsilon(
            number(attempt, "end_seconds") - number(attempt, "start_seconds"), 2, 1e-9);
    }
}

static void
test_json_tells_the_time_limit(void)
{
    g_auto(Case) it =
        case_of("a:3 b<a:4", (DagSimulateOptions){.timeout_ns = 5 * SECOND_NS});
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonObject *root = parse(parser, it.run);

    g_assert_cmpstr(word(root, "stopped_by"), ==, "timeout");
    g_assert_cmpfloat(number(root, "timeout_seconds"), ==, 5);
    g_assert_cmpstr(word(task_at(root, 1), "outcome"), ==, "cancelled");
    g_assert_cmpfloat(number(task_at(root, 1), "end_seconds"), ==, 5);
}

/* Worker thread. */
static DagOutcome
succeed(G_GNUC_UNUSED DagContext *context, G_GNUC_UNUSED const void *config)
{
    return DAG_SUCCEEDED;
}

static char *
summary_of(const DagRun *run)
{
    GString *text = g_string_new(NULL);

    dag_report_summary(run, (DagTextStyle){.strategy_name = "choose"}, text);
    return g_string_free(text, FALSE);
}

static void
test_only_simulated_runs_say_so(void)
{
    static const DagKind kind = {.name = "good", .run = succeed};
    g_autoptr(GError) error = NULL;
    g_auto(Case) it = case_finish(builder_of("a b<a", &kind, NULL));
    g_autoptr(JsonParser) parser = json_parser_new();

    it.run = dag_execute(it.plan, NULL, &error);
    g_assert_no_error(error);
    g_autofree char *summary = summary_of(it.run);

    g_assert_false(json_object_has_member(parse(parser, it.run), "simulated"));
    g_assert_null(strstr(summary, "simulated"));
}

static void
test_summary_has_virtual_times(void)
{
    g_auto(Case) it = case_of("a:2 b:1 c<a,b:3600", (DagSimulateOptions){.n_workers = 2});
    g_autofree char *summary = summary_of(it.run);

    g_assert_nonnull(strstr(summary, "graph: 3 tasks succeeded in 1 h 00 min (simulated, "
                                     "strategy dataflow, 2 workers)\n"));
}

static void
test_summary_of_failures_names_reasons(void)
{
    g_auto(Case) it =
        case_of("f:1 b<f:1 t:2", (DagSimulateOptions){.n_workers = 2,
                                                      .keep_going = true,
                                                      .attempt = attempt_by_name});
    g_autofree char *summary = summary_of(it.run);

    g_assert_nonnull(strstr(summary, "(simulated, strategy dataflow, 2 workers)"));
    g_assert_nonnull(strstr(summary, "exit status 3"));
    g_assert_nonnull(strstr(summary, "1 blocked"));
}

static void
assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        g_error("\"%s\" is not in:\n%s", part, text);
}

static void
test_summary_names_the_faster_strategy(void)
{
    g_auto(Case) it = case_of(
        "a:1 b:5 c<a:5 d<c:0.5",
        (DagSimulateOptions){.strategy = dag_strategy_find("phases"), .n_workers = 2});
    g_autofree char *summary = summary_of(it.run);

    assert_has(summary, "  makespan       11.0 s  from the first start");
    assert_has(summary, "no schedule is shorter than the critical path; this one was 69 % "
                        "longer\n");
    assert_has(summary, "  faster         6.50 s  choose dataflow, or <graph "
                        "strategy=\"dataflow\">: simulated with the durations of this run; "
                        "critical-path 6.50 s\n");
}

/* Phases: a b | c d, as fast as without barriers, but for the strategy. */
static void
test_summary_of_barriers_tells_of_critical_path(void)
{
    g_auto(Case) same = case_of(
        "a:1 b:1 c<a:1 d<b:1",
        (DagSimulateOptions){.strategy = dag_strategy_find("phases"), .n_workers = 2});
    g_auto(Case) none = case_of(
        "a:1 b:1 c<a:1 d<b:1",
        (DagSimulateOptions){.strategy = dag_strategy_find("dataflow"), .n_workers = 2});
    g_autofree char *summary = summary_of(same.run);
    g_autofree char *other = summary_of(none.run);

    assert_has(summary,
               "  no barriers    2.00 s  critical-path, simulated with the durations "
               "of this run\n");
    g_assert_null(strstr(other, "no barriers"));
}

/* Nothing to gain; too little; a failure; more tasks than are simulated. */
static void
test_summary_names_no_strategy_without_a_reason(void)
{
    g_autoptr(GString) many = g_string_new("a:1 b:5 c<a:5 d<c:0.5");
    static const char *const graphs[] = {"a:1 b:1 c<a:1 d<b:1",
                                         "a:10 b:10.5 c<a:10.5 d<b:10",
                                         "a:1 b:5 c<a:5 f<c:0.5", NULL};

    for (int i = 0; i < 6000; i++)
        g_string_append_printf(many, " t%d:0", i);
    for (size_t i = 0; i < G_N_ELEMENTS(graphs); i++) {
        g_auto(Case) it = case_of(graphs[i] ? graphs[i] : many->str,
                                  (DagSimulateOptions){
                                      .strategy = dag_strategy_find("phases"),
                                      .n_workers = i == 3 ? 10000 : 2,
                                      .keep_going = true,
                                      .attempt = i == 3 ? NULL : attempt_by_name,
                                  });
        g_autofree char *summary = summary_of(it.run);

        assert_has(summary, "lower bound");
        if (strstr(summary, "faster"))
            g_error("there is a faster strategy in:\n%s", summary);
    }
}

/* Each attempt takes a second; the first two of the first task fail. */
static DagSimulatedAttempt
third_attempt(G_GNUC_UNUSED const DagPlan *plan, DagTaskId id, unsigned attempt,
              G_GNUC_UNUSED void *data)
{
    bool fails = id == 0 && attempt < 3;

    return (DagSimulatedAttempt){.seconds = 1,
                                 .outcome = fails ? DAG_FAILED : DAG_SUCCEEDED,
                                 .exit_code = DAG_EXIT_NONE};
}

static void
test_summary_names_the_pauses_in_which_nothing_ran(void)
{
    DagBuilder *builder = dag_builder_new();
    DagPolicy policy = {.retries = 2, .retry_delay_ns = 20 * SECOND_NS};
    int64_t pauses_ns = 0;
    char buffer[DAG_DURATION_SIZE];
    g_autofree char *expected = NULL, *summary = NULL;

    dag_builder_add_task(builder, &(DagTaskSpec){.name = "t", .policy = policy});
    declare_words(builder, "a b c", NULL, NULL);

    g_auto(Case) it = case_finish(builder);

    it.run =
        simulate(it.plan, (DagSimulateOptions){.n_workers = 1, .attempt = third_attempt});
    for (unsigned i = 0; i < 2; i++)
        pauses_ns += dag_run_attempt(it.run, 0, i + 1).start_ns -
                     dag_run_attempt(it.run, 0, i).end_ns;
    pauses_ns -= 3 * SECOND_NS; /* a, b and c ran in the first one */
    expected = g_strdup_printf(" times as long; %s were pauses between attempts\n",
                               dag_duration_format(pauses_ns, buffer));
    summary = summary_of(it.run);
    assert_has(summary, expected);
}

static void
test_summary_counts_attempts_that_timed_out(void)
{
    DagBuilder *builder = dag_builder_new();
    DagPolicy policy = {.retries = 1, .timeout_ns = SECOND_NS};

    dag_builder_add_task(builder, &(DagTaskSpec){.name = "a", .cost = 5, .policy = policy});

    g_auto(Case) it = case_finish(builder);
    g_autofree char *summary = NULL;

    it.run = simulate(it.plan, (DagSimulateOptions){.n_workers = 1});
    summary = summary_of(it.run);
    assert_has(summary, "  a  timed out: 2 attempts of 1.00 s\n");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/simulate-report/json/times", test_json_has_virtual_times);
    g_test_add_func("/simulate-report/summary/critical-path",
                    test_summary_of_barriers_tells_of_critical_path);
    g_test_add_func("/simulate-report/json/failures", test_json_has_failures_and_attempts);
    g_test_add_func("/simulate-report/json/time-limit", test_json_tells_the_time_limit);
    g_test_add_func("/simulate-report/executed", test_only_simulated_runs_say_so);
    g_test_add_func("/simulate-report/summary/times", test_summary_has_virtual_times);
    g_test_add_func("/simulate-report/summary/faster",
                    test_summary_names_the_faster_strategy);
    g_test_add_func("/simulate-report/summary/not-faster",
                    test_summary_names_no_strategy_without_a_reason);
    g_test_add_func("/simulate-report/summary/pauses",
                    test_summary_names_the_pauses_in_which_nothing_ran);
    g_test_add_func("/simulate-report/summary/timeouts",
                    test_summary_counts_attempts_that_timed_out);
    g_test_add_func("/simulate-report/summary/failures",
                    test_summary_of_failures_names_reasons);
    g_test_add_func("/simulate-report/the-work-of-an-interval-is-the-bound",
                    test_the_work_of_an_interval_is_the_bound);
    g_test_add_func("/simulate-report/no-interval-if-a-task-pauses",
                    test_no_interval_if_a_task_pauses);
    return g_test_run();
}
