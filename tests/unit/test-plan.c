/* SPDX-License-Identifier: MIT */
#include <dagrun/execute.h>
#include <dagrun/plan.h>

#include "graph-of.h"
#include "sanitized.h"

#include <math.h>

/* The reference example: a résumé builder (docs/architecture.md, section 9). */
#define RESUME                                                                             \
    "parse_job_description "                                                               \
    "select_experiences<parse_job_description "                                            \
    "select_skills<parse_job_description "                                                 \
    "select_projects<parse_job_description "                                               \
    "write_summary<select_experiences,select_skills "                                      \
    "write_header<select_skills,select_experiences,parse_job_description "                 \
    "write_education_section "                                                             \
    "ats_check<select_experiences,select_skills,write_summary "                            \
    "privacy_validation "                                                                  \
    "write_cover_letter<parse_job_description,select_experiences,select_skills,"           \
    "select_projects,write_summary,write_header,write_education_section"

/* Assert the phases of `words` under `rule`: names, with " | " between phases. */
static void
assert_phases(const char *words, DagPhaseRule rule, const char *expected)
{
    g_autoptr(DagGraph) graph = graph_of(words, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, rule, NULL);
    g_autoptr(GString) got = g_string_new(NULL);

    for (uint32_t phase = 0; phase < dag_plan_n_phases(plan); phase++) {
        DagIds tasks = dag_plan_phase_tasks(plan, phase);
        g_autofree char *names = names_of(graph, tasks);

        g_string_append_printf(got, "%s%s", phase > 0 ? " | " : "", names);
        for (size_t i = 0; i < tasks.n; i++)
            g_assert_cmpuint(dag_plan_phase(plan, tasks.ids[i]), ==, phase);
    }
    g_assert_cmpstr(got->str, ==, expected);
    g_assert_cmpint(dag_plan_phase_rule(plan), ==, rule);
    g_assert_true(dag_plan_graph(plan) == graph);
}

static void
test_the_reference_example_has_its_four_phases(void)
{
    assert_phases(
        RESUME, DAG_PHASES_JUST_IN_TIME,
        "parse_job_description | select_experiences select_skills select_projects | "
        "write_summary write_header write_education_section | "
        "ats_check privacy_validation write_cover_letter");
}

static void
test_as_soon_as_possible_pulls_tasks_forward(void)
{
    assert_phases(RESUME, DAG_PHASES_ASAP,
                  "parse_job_description write_education_section privacy_validation | "
                  "select_experiences select_skills select_projects | "
                  "write_summary write_header | ats_check write_cover_letter");
}

static void
test_as_late_as_possible_pushes_tasks_back(void)
{
    assert_phases(RESUME, DAG_PHASES_ALAP,
                  "parse_job_description | select_experiences select_skills | "
                  "select_projects write_summary write_header write_education_section | "
                  "ats_check privacy_validation write_cover_letter");
}

static void
test_phases_list_tasks_as_declared(void)
{
    assert_phases("z<c c y<b b a x<a", DAG_PHASES_ASAP, "c b a | z y x");
}

static void
test_phase_rules_have_names(void)
{
    g_assert_cmpstr(dag_phase_rule_name(DAG_PHASES_JUST_IN_TIME), ==, "just-in-time");
    g_assert_cmpstr(dag_phase_rule_name(DAG_PHASES_ASAP), ==, "asap");
    g_assert_cmpstr(dag_phase_rule_name(DAG_PHASES_ALAP), ==, "alap");
    g_assert_cmpstr(dag_phase_rule_name(DAG_PHASES_COMPACT), ==, "compact");
}

static void
test_titles_belong_to_the_phase_of_their_task(void)
{
    DagBuilder *builder = builder_of("a b<a c<a d<b out?", NULL, NULL);

    dag_builder_add_phase_title(builder, "Ends", "d", (DagLocation){0});
    dag_builder_add_phase_title(builder, "Left", "b", (DagLocation){0});
    dag_builder_add_phase_title(builder, "Excluded", "out", (DagLocation){0});
    dag_builder_add_phase_title(builder, "Right", "c", (DagLocation){0});

    g_autoptr(DagGraph) graph = graph_finish(builder, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);

    g_assert_null(dag_plan_phase_title(plan, 0));
    g_assert_cmpstr(dag_plan_phase_title(plan, 1), ==, "Left / Right");
    g_assert_cmpstr(dag_plan_phase_title(plan, 2), ==, "Ends");
}

/*
 * Two paths from a to f: a b d f costs 2 + 3 + 4 + 1 = 10, a c e f costs 2 + 1 + 2 + 1 = 6; d also
 * needs c; g is isolated.
 */
#define NETWORK "a:2 b<a:3 c<a:1 d<b,c:4 e<c:2 f<d,e:1 g:0.5"

static void
test_ranks_and_slack_are_as_computed_by_hand(void)
{
    static const struct {
        const char *name;
        double rank, earliest, latest, slack;
    } expected[] = {
        {"a", 10, 0, 0, 0}, {"b", 8, 2, 2, 0}, {"c", 6, 2, 4, 2},       {"d", 5, 5, 5, 0},
        {"e", 3, 3, 7, 4},  {"f", 1, 9, 9, 0}, {"g", 0.5, 0, 9.5, 9.5},
    };
    g_autoptr(DagGraph) graph = graph_of(NETWORK, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    g_autofree char *path = names_of(graph, dag_plan_critical_path(plan));

    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        DagTaskId id = dag_graph_find(graph, expected[i].name);

        g_assert_cmpfloat(dag_plan_rank(plan, id), ==, expected[i].rank);
        g_assert_cmpfloat(dag_plan_earliest_start(plan, id), ==, expected[i].earliest);
        g_assert_cmpfloat(dag_plan_latest_start(plan, id), ==, expected[i].latest);
        g_assert_cmpfloat(dag_plan_slack(plan, id), ==, expected[i].slack);
    }
    g_assert_cmpstr(path, ==, "a b d f");
    g_assert_cmpfloat(dag_plan_critical_path_length(plan), ==, 10);
    g_assert_cmpfloat(dag_plan_total_cost(plan), ==, 13.5);
}

static void
test_given_costs_replace_the_declared_ones(void)
{
    g_autoptr(DagGraph) graph = graph_of("a:2 b<a:3 c<a:1 d<b,c:4", NULL);
    DagTaskId a = dag_graph_find(graph, "a"), b = dag_graph_find(graph, "b");
    DagTaskId c = dag_graph_find(graph, "c"), d = dag_graph_find(graph, "d");
    double costs[4];

    costs[a] = 1, costs[b] = 0, costs[c] = 0.5, costs[d] = 8;

    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, costs);
    g_autofree char *path = names_of(graph, dag_plan_critical_path(plan));

    costs[a] = costs[b] = costs[c] = costs[d] = 100; /* the plan has a copy */
    g_assert_cmpfloat(dag_plan_cost(plan, a), ==, 1);
    g_assert_cmpfloat(dag_plan_cost(plan, b), ==, 0);
    g_assert_true(dag_plan_cost_is_known(plan, b));
    g_assert_cmpfloat(dag_plan_rank(plan, a), ==, 9.5);
    g_assert_cmpfloat(dag_plan_earliest_start(plan, d), ==, 1.5);
    g_assert_cmpfloat(dag_plan_slack(plan, b), ==, 0.5);
    g_assert_cmpstr(path, ==, "a c d");
    g_assert_cmpfloat(dag_plan_critical_path_length(plan), ==, 9.5);
    g_assert_cmpfloat(dag_plan_total_cost(plan), ==, 9.5);
}

static void
test_a_missing_cost_falls_back_to_the_declared_one(void)
{
    static const double missing[] = {-1, -HUGE_VAL, HUGE_VAL, (double)NAN};
    g_autoptr(DagGraph) graph = graph_of("declared:2 silent", NULL);
    DagTaskId declared = dag_graph_find(graph, "declared");
    DagTaskId silent = dag_graph_find(graph, "silent");

    for (size_t i = 0; i <= G_N_ELEMENTS(missing); i++) {
        double costs[2] = {missing[i % 4], missing[i % 4]};
        g_autoptr(DagPlan) plan =
            dag_plan_new(graph, DAG_PHASES_ASAP, i < G_N_ELEMENTS(missing) ? costs : NULL);

        g_assert_cmpfloat(dag_plan_cost(plan, declared), ==, 2);
        g_assert_true(dag_plan_cost_is_known(plan, declared));
        g_assert_cmpfloat(dag_plan_cost(plan, silent), ==, 1);
        g_assert_false(dag_plan_cost_is_known(plan, silent));
    }
}

static void
test_no_slack_comes_of_rounding(void)
{
    g_autoptr(DagGraph) graph = graph_of("a:0.1 b<a:0.2 c<b:0.3 d<c:0.7 e<d:1.1", NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);

    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++)
        g_assert_cmpfloat(dag_plan_slack(plan, id), ==, 0);
}

static void
assert_critical_path(const char *words, const char *expected)
{
    g_autoptr(DagGraph) graph = graph_of(words, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    g_autofree char *path = names_of(graph, dag_plan_critical_path(plan));

    g_assert_cmpstr(path, ==, expected);
}

static void
test_of_several_critical_paths_the_one_declared_first_is_taken(void)
{
    assert_critical_path("e<c,d d<a c<b b a", "b c e");
    assert_critical_path("d<b,c b<a c<a a", "a b d");
    assert_critical_path("d<b,c c<a b<a a", "a c d");
}

static void
test_tasks_that_cost_nothing_end_the_path_too(void)
{
    assert_critical_path("a:1 b<a:0", "a b");
    assert_critical_path("b<a:1 a:0", "b");
    assert_critical_path("a:0 b:0", "a");
}

static void
test_an_empty_graph_has_a_plan(void)
{
    for (DagPhaseRule rule = 0; rule < DAG_N_PHASE_RULES; rule++) {
        g_autoptr(DagGraph) graph = graph_of("", NULL);
        g_autoptr(DagPlan) plan = dag_plan_new(graph, rule, NULL);

        g_assert_cmpuint(dag_plan_n_phases(plan), ==, 0);
        g_assert_cmpuint(dag_plan_critical_path(plan).n, ==, 0);
        g_assert_cmpfloat(dag_plan_critical_path_length(plan), ==, 0);
        g_assert_cmpfloat(dag_plan_total_cost(plan), ==, 0);
    }
}

static void
test_one_task_is_one_phase(void)
{
    for (DagPhaseRule rule = 0; rule < DAG_N_PHASE_RULES; rule++)
        assert_phases("only", rule, "only");
    assert_critical_path("only", "only");
}

#define LONG (UNDER_TSAN ? 100000 : 1000000)

/* Returns: a chain of LONG tasks, declared in order or in reverse order. */
static DagGraph *
long_chain(bool reversed)
{
    DagBuilder *builder = dag_builder_new();

    for (unsigned i = 0; i < LONG; i++) {
        unsigned number = reversed ? LONG - 1 - i : i;
        char name[16], needs[16];

        g_snprintf(name, sizeof(name), "t%u", number);
        g_snprintf(needs, sizeof(needs), "t%u", number - 1);
        dag_builder_add_task(
            builder,
            &(DagTaskSpec){.name = name, .needs = number > 0 ? needs : NULL, .cost = 2});
    }
    return graph_finish(builder, NULL);
}

static void
test_a_long_chain_needs_no_deep_stack(void)
{
    for (int reversed = 0; reversed < 2; reversed++) {
        g_autoptr(DagGraph) graph = long_chain(reversed);

        for (DagPhaseRule rule = 0; rule < DAG_N_PHASE_RULES; rule++) {
            g_autoptr(DagPlan) plan = dag_plan_new(graph, rule, NULL);

            g_assert_cmpuint(dag_plan_n_phases(plan), ==, LONG);
            g_assert_cmpfloat(dag_plan_critical_path_length(plan), ==, 2.0 * LONG);
            g_assert_cmpuint(dag_plan_critical_path(plan).n, ==, LONG);
            g_assert_cmpfloat(dag_plan_slack(plan, LONG / 2), ==, 0);
        }
    }
}

static void
test_a_long_chain_runs(void)
{
    g_autoptr(DagGraph) graph = long_chain(true);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    g_autoptr(DagRun) run = dag_execute(plan, &(DagExecuteOptions){.n_workers = 2}, NULL);

    g_assert_true(dag_run_succeeded(run));
}

/* All tasks after the failed first one are blocked. */
static DagOutcome
fail(DagContext *context, const void *config)
{
    (void)context;
    (void)config;
    return DAG_FAILED;
}

static void
test_a_long_chain_is_blocked(void)
{
    static const DagKind failing = {.name = "failing", .run = fail};
    DagBuilder *builder = builder_of("t0", &failing, NULL);

    for (unsigned i = 1; i < LONG; i++) {
        char name[16], needs[16];

        g_snprintf(name, sizeof(name), "t%u", i);
        g_snprintf(needs, sizeof(needs), "t%u", i - 1);
        dag_builder_add_task(builder, &(DagTaskSpec){.name = name, .needs = needs});
    }

    g_autoptr(DagGraph) graph = graph_finish(builder, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    g_autoptr(DagRun) run =
        dag_execute(plan, &(DagExecuteOptions){.n_workers = 2, .keep_going = true}, NULL);

    g_assert_cmpuint(dag_run_count(run, DAG_BLOCKED), ==, LONG - 1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/plan/the-reference-example-has-its-four-phases",
                    test_the_reference_example_has_its_four_phases);
    g_test_add_func("/plan/as-soon-as-possible-pulls-tasks-forward",
                    test_as_soon_as_possible_pulls_tasks_forward);
    g_test_add_func("/plan/as-late-as-possible-pushes-tasks-back",
                    test_as_late_as_possible_pushes_tasks_back);
    g_test_add_func("/plan/phases-list-tasks-as-declared",
                    test_phases_list_tasks_as_declared);
    g_test_add_func("/plan/phase-rules-have-names", test_phase_rules_have_names);
    g_test_add_func("/plan/titles-belong-to-the-phase-of-their-task",
                    test_titles_belong_to_the_phase_of_their_task);
    g_test_add_func("/plan/ranks-and-slack-are-as-computed-by-hand",
                    test_ranks_and_slack_are_as_computed_by_hand);
    g_test_add_func("/plan/given-costs-replace-the-declared-ones",
                    test_given_costs_replace_the_declared_ones);
    g_test_add_func("/plan/a-missing-cost-falls-back-to-the-declared-one",
                    test_a_missing_cost_falls_back_to_the_declared_one);
    g_test_add_func("/plan/no-slack-comes-of-rounding", test_no_slack_comes_of_rounding);
    g_test_add_func("/plan/of-several-critical-paths-the-one-declared-first-is-taken",
                    test_of_several_critical_paths_the_one_declared_first_is_taken);
    g_test_add_func("/plan/tasks-that-cost-nothing-end-the-path-too",
                    test_tasks_that_cost_nothing_end_the_path_too);
    g_test_add_func("/plan/an-empty-graph-has-a-plan", test_an_empty_graph_has_a_plan);
    g_test_add_func("/plan/one-task-is-one-phase", test_one_task_is_one_phase);
    g_test_add_func("/plan/a-long-chain-needs-no-deep-stack",
                    test_a_long_chain_needs_no_deep_stack);
    g_test_add_func("/plan/a-long-chain-runs", test_a_long_chain_runs);
    g_test_add_func("/plan/a-long-chain-is-blocked", test_a_long_chain_is_blocked);
    return g_test_run();
}
