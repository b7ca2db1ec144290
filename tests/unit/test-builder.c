/* SPDX-License-Identifier: MIT */
#include <dagrun/builder.h>
#include <dagrun/error.h>
#include <string.h>

#include "graph-of.h"

/* Assert that the tasks of `words` are not a valid graph, and the message. */
static void
assert_fails(const char *words, DagError code, const char *message)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(graph_of(words, &error));
    g_assert_error(error, DAG_ERROR, (gint)code);
    g_assert_cmpstr(error->message, ==, message);
}

static void
test_the_graph_contains_all_declarations(void)
{
    DagBuilder *builder = dag_builder_new();
    DagPair variables[] = {{.name = "MODE", .value = "fast"}};

    dag_builder_set_name(builder, "name");
    dag_builder_set_title(builder, "A title");
    dag_builder_set_directory(builder, "/here");
    dag_builder_set_output(builder, "out", (DagLocation){0});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "a",
                                                 .title = "The first",
                                                 .cost = 2.5,
                                                 .priority = -3,
                                                 .dir = "sub",
                                                 .variables = variables,
                                                 .n_variables = 1,
                                                 .location = {"x.xml", 7, 3}});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "b", .needs = " a\n a "});
    dag_builder_add_task(builder,
                         &(DagTaskSpec){.name = "c", .needs = "b", .cost = DAG_ZERO});

    g_autoptr(DagGraph) graph = graph_finish(builder, NULL);
    size_t n;
    const DagVariable *own = dag_graph_task_variables(graph, 0, &n);

    g_assert_cmpstr(dag_graph_name(graph), ==, "name");
    g_assert_cmpstr(dag_graph_title(graph), ==, "A title");
    g_assert_cmpstr(dag_graph_directory(graph), ==, "/here");
    g_assert_cmpstr(dag_graph_output(graph), ==, "/here/out");
    g_assert_cmpuint(dag_graph_n_tasks(graph), ==, 3);
    g_assert_cmpuint(dag_graph_n_dependencies(graph), ==, 2);
    g_assert_cmpstr(dag_graph_task_title(graph, 0), ==, "The first");
    g_assert_cmpstr(dag_graph_task_title(graph, 1), ==, "b");
    g_assert_cmpfloat(dag_graph_task_cost(graph, 0), ==, 2.5);
    g_assert_cmpfloat(dag_graph_task_cost(graph, 1), ==, 0);
    g_assert_true(dag_graph_task_has_cost(graph, 0));
    g_assert_false(dag_graph_task_has_cost(graph, 1));
    g_assert_cmpfloat(dag_graph_task_cost(graph, 2), ==, 0);
    g_assert_true(dag_graph_task_has_cost(graph, 2));
    g_assert_cmpint(dag_graph_task_priority(graph, 0), ==, -3);
    g_assert_cmpint(dag_graph_task_priority(graph, 1), ==, 0);
    g_assert_true(dag_graph_has_priorities(graph));
    g_assert_cmpstr(dag_graph_task_kind(graph, 0)->name, ==, "noop");
    g_assert_cmpstr(dag_template_constant(dag_graph_task_dir(graph, 0)), ==, "sub");
    g_assert_null(dag_graph_task_dir(graph, 1));
    g_assert_cmpuint(n, ==, 1);
    g_assert_cmpstr(own[0].name, ==, "MODE");
    g_assert_cmpstr(dag_template_constant(own[0].value), ==, "fast");
    g_assert_cmpstr(dag_graph_task_location(graph, 0).file, ==, "x.xml");
    g_assert_cmpuint(dag_graph_task_location(graph, 0).line, ==, 7);
    g_assert_cmpuint(dag_graph_task_location(graph, 0).column, ==, 3);
    g_assert_null(dag_graph_task_location(graph, 1).file);
}

static void
test_limits_and_uses_are_in_the_graph(void)
{
    DagBuilder *builder = dag_builder_new();
    DagPolicy policy = {.timeout_ns = 5, .retries = 2, .always = true};

    dag_builder_add_task(
        builder, &(DagTaskSpec){.name = "a", .uses = " q:2\n p ", .policy = policy});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "b"});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "c", .uses = "p:1 q:2"});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "d", .uses = "q"});
    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "p", .slots = 1});
    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "q", .slots = UINT32_MAX});

    g_autoptr(DagGraph) graph = graph_finish(builder, NULL);
    size_t n_pools, n;
    const DagPool *pools = dag_graph_pools(graph, &n_pools);
    const DagUse *uses = dag_graph_task_uses(graph, 0, &n);

    g_assert_cmpuint(n_pools, ==, 2);
    g_assert_cmpstr(pools[1].name, ==, "q");
    g_assert_cmpuint(pools[1].slots, ==, UINT32_MAX);
    g_assert_cmpint(dag_graph_task_policy(graph, 0)->timeout_ns, ==, 5);
    g_assert_cmpint(dag_graph_task_policy(graph, 0)->retries, ==, 2);
    g_assert_true(dag_graph_task_policy(graph, 0)->always);
    g_assert_true(dag_graph_has_always(graph));
    g_assert_cmpuint(n, ==, 2);
    g_assert_cmpuint(uses[0].pool, ==, 0);
    g_assert_cmpuint(uses[0].slots, ==, 1);
    g_assert_cmpuint(uses[1].pool, ==, 1);
    g_assert_cmpuint(uses[1].slots, ==, 2);

    /* A task without attributes has an empty policy and no uses. */
    g_assert_cmpint(dag_graph_task_policy(graph, 1)->timeout_ns, ==, 0);
    g_assert_false(dag_graph_task_policy(graph, 1)->always);
    g_assert_null(dag_graph_task_uses(graph, 1, &n));
    g_assert_cmpuint(n, ==, 0);

    /* Equal uses are the same array, even if declared in a different order. */
    g_assert_true(dag_graph_task_uses(graph, 2, &n) == uses);
    g_assert_true(dag_graph_task_uses(graph, 3, &n) != uses);
    g_assert_cmpuint(n, ==, 1);
}

static void
test_a_resource_is_a_pool_of_one_slot(void)
{
    static const DagAttribute attributes[] = {
        {.name = "door", .type = DAG_ATTRIBUTE_BOOLEAN, .resource = "/door"},
        {.name = "key", .type = DAG_ATTRIBUTE_BOOLEAN, .resource = "/key"}};
    static const DagKind kind = {
        .name = "k", .attributes = attributes, .n_attributes = G_N_ELEMENTS(attributes)};
    const DagPair both[] = {{.name = "key", .value = "true"},
                            {.name = "door", .value = "1"}};
    const DagPair none[] = {{.name = "door", .value = "false"}};
    DagBuilder *builder = dag_builder_new();

    dag_builder_add_task(builder, &(DagTaskSpec){.name = "a",
                                                 .kind = &kind,
                                                 .attributes = both,
                                                 .n_attributes = 2,
                                                 .uses = "p:3"});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "b",
                                                 .kind = &kind,
                                                 .attributes = both + 1,
                                                 .n_attributes = 1});
    dag_builder_add_task(
        builder,
        &(DagTaskSpec){.name = "c", .kind = &kind, .attributes = none, .n_attributes = 1});
    dag_builder_add_task(
        builder,
        &(DagTaskSpec){.name = "d", .kind = &kind, .attributes = both, .n_attributes = 1});
    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "p", .slots = 4});

    g_autoptr(DagGraph) graph = graph_finish(builder, NULL);
    size_t n_pools, n;
    const DagPool *pools = dag_graph_pools(graph, &n_pools);
    const DagUse *uses = dag_graph_task_uses(graph, 0, &n);

    /* Behind the declared pools, in order of their first use. */
    g_assert_cmpuint(n_pools, ==, 3);
    g_assert_cmpstr(pools[1].name, ==, "/door");
    g_assert_cmpuint(pools[1].slots, ==, 1);
    g_assert_cmpstr(pools[2].name, ==, "/key");
    g_assert_cmpuint(pools[2].slots, ==, 1);
    g_assert_cmpuint(n, ==, 3);
    g_assert_cmpuint(uses[0].slots, ==, 3);
    g_assert_cmpuint(uses[1].pool, ==, 1);
    g_assert_cmpuint(uses[2].pool, ==, 2);
    g_assert_cmpuint(uses[2].slots, ==, 1);
    g_assert_cmpuint(dag_graph_task_uses(graph, 1, &n)[0].pool, ==, 1);
    g_assert_cmpuint(n, ==, 1);
    dag_graph_task_uses(graph, 2, &n);
    g_assert_cmpuint(n, ==, 0);
    g_assert_cmpuint(dag_graph_task_uses(graph, 3, &n)[0].pool, ==, 2);
    g_assert_cmpuint(n, ==, 1);
    g_assert_cmpstr(dag_graph_task_title(graph, 1), ==, "b");
}

static void
test_without_limits_there_are_no_uses_and_no_clean_up(void)
{
    g_autoptr(DagGraph) graph = graph_of("a b<a", NULL);
    size_t n;

    dag_graph_pools(graph, &n);
    g_assert_cmpuint(n, ==, 0);
    g_assert_null(dag_graph_task_uses(graph, 0, &n));
    g_assert_cmpuint(n, ==, 0);
    g_assert_false(dag_graph_has_always(graph));
}

static void
test_a_pool_has_slots_and_is_declared_once(void)
{
    DagBuilder *builder = builder_of("a@none b@p=2 c@p=0 d@unfinished=9", NULL, NULL);
    g_autoptr(GError) error = NULL;

    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "p", .slots = 1});
    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "p", .slots = 2});
    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "zero"});
    dag_builder_add_pool(builder,
                         &(DagPoolSpec){.name = "unfinished", .is_incomplete = true});
    g_assert_null(graph_finish(builder, &error));
    g_assert_error(error, DAG_ERROR, DAG_ERROR_INVALID);
    g_assert_cmpstr(error->message, ==,
                    "duplicate pool \"p\"\n"
                    "pool \"zero\" has neither slots nor a rate or tokens\n"
                    "task \"a\" uses the pool \"none\", which is not declared\n"
                    "task \"b\" uses 2 slots of the pool \"p\", which has 1\n"
                    "task \"c\" uses \"0\" of \"p\", which is not a number of slots");
}

static void
test_policies_on_exit_codes_need_a_kind_with_one(void)
{
    static const DagKind coded = {.name = "coded", .has_exit_code = true};
    DagBuilder *builder = dag_builder_new();
    DagPolicy on = {.limits_retries = true}, expects = {.limits_success = true};
    g_autoptr(GError) error = NULL;

    dag_builder_add_task(builder,
                         &(DagTaskSpec){.name = "a", .policy = on, .kind = &coded});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "b", .policy = on});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "c", .policy = expects});
    g_assert_null(graph_finish(builder, &error));
    g_assert_cmpstr(error->message, ==,
                    "task \"b\" counts on exit codes, and <noop> has none\n"
                    "task \"c\" counts on exit codes, and <noop> has none");
}

static void
test_rows_of_dependencies_mirror_each_other(void)
{
    g_autoptr(DagGraph) graph = graph_of("d<b,c b<a c<a a e<a,d", NULL);
    g_autofree char *of_a = names_of(graph, dag_graph_successors(graph, 0));
    g_autofree char *of_e =
        names_of(graph, dag_graph_predecessors(graph, dag_graph_find(graph, "e")));

    g_assert_cmpstr(dag_graph_task_name(graph, 0), ==, "a");
    g_assert_cmpstr(of_a, ==, "b c e");
    g_assert_cmpstr(of_e, ==, "a d");
    g_assert_cmpuint(dag_graph_find(graph, "z"), ==, DAG_TASK_NONE);
    g_assert_false(dag_graph_has_priorities(graph));
    g_assert_false(dag_graph_has_readers(graph));
}

static void
test_a_graph_may_be_empty(void)
{
    g_autoptr(DagGraph) graph = graph_of("", NULL);

    g_assert_cmpuint(dag_graph_n_tasks(graph), ==, 0);
    g_assert_cmpuint(dag_graph_declared(graph).n, ==, 0);
    g_assert_cmpstr(dag_graph_name(graph), ==, "graph");
    g_assert_null(dag_graph_excluded(graph)[0]);
    g_assert_null(dag_graph_output(graph));
}

static void
test_a_name_is_declared_once(void)
{
    assert_fails("a b a", DAG_ERROR_INVALID, "duplicate task \"a\"");
    assert_fails("a a a", DAG_ERROR_INVALID, "duplicate task \"a\"\nduplicate task \"a\"");
}

static void
test_a_parameter_and_a_task_cannot_share_a_name(void)
{
    DagBuilder *builder = builder_of("b a", NULL, NULL);
    g_autoptr(GError) error = NULL;

    dag_builder_add_param(builder, &(DagParamSpec){.name = "a", .default_value = "x"});
    dag_builder_add_param(builder, &(DagParamSpec){.name = "p", .default_value = "x"});
    dag_builder_add_param(builder, &(DagParamSpec){.name = "p", .default_value = "y"});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "p"});
    g_assert_null(graph_finish(builder, &error));
    g_assert_cmpstr(error->message, ==,
                    "\"a\" names both a parameter and a task\n"
                    "duplicate parameter \"p\"\n"
                    "\"p\" names both a parameter and a task");
}

static void
test_a_task_that_is_not_declared_cannot_be_needed(void)
{
    assert_fails(
        "build test<biuld", DAG_ERROR_INVALID,
        "task \"test\" needs \"biuld\", which is not declared; did you mean \"build\"?");
    assert_fails("a b<zebra", DAG_ERROR_INVALID,
                 "task \"b\" needs \"zebra\", which is not declared");
    assert_fails("a b<zebra c<zebra", DAG_ERROR_INVALID,
                 "task \"b\" needs \"zebra\", which is not declared");
}

static void
test_a_parameter_cannot_be_needed(void)
{
    DagBuilder *builder = builder_of("a<p", NULL, NULL);
    g_autoptr(GError) error = NULL;

    dag_builder_add_param(builder, &(DagParamSpec){.name = "p", .default_value = "x"});
    dag_builder_add_phase_title(builder, "First", "p", (DagLocation){0});
    g_assert_null(graph_finish(builder, &error));
    g_assert_cmpstr(error->message, ==,
                    "task \"a\" needs \"p\", which is a parameter, not a task\n"
                    "phase \"First\" names \"p\", which is a parameter, not a task");
}

static void
test_a_phase_title_is_unique_and_names_a_task(void)
{
    DagBuilder *builder = builder_of("lint build", NULL, NULL);
    g_autoptr(GError) error = NULL;

    dag_builder_add_phase_title(builder, "One", "lint", (DagLocation){"g.xml", 2, 5});
    dag_builder_add_phase_title(builder, "Two", "lint", (DagLocation){"g.xml", 3, 5});
    dag_builder_add_phase_title(builder, "Three", "lints", (DagLocation){"g.xml", 4, 5});
    g_assert_null(graph_finish(builder, &error));
    g_assert_cmpstr(
        error->message, ==,
        "g.xml:3:5: error: duplicate phase of \"lint\" (first declared at line 2)\n"
        "g.xml:4:5: error: phase \"Three\" names \"lints\", which is not declared; did "
        "you mean \"lint\"?");
}

static void
test_references_name_parameters_or_tasks(void)
{
    DagBuilder *builder = builder_of("render", NULL, NULL);
    DagPair variable = {.name = "X", .value = "${rendr}${theme}"};
    g_autoptr(GError) error = NULL;

    dag_builder_add_param(builder, &(DagParamSpec){.name = "theme", .default_value = "x"});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "a",
                                                 .variables = &variable,
                                                 .n_variables = 1,
                                                 .dir = "${teme"});
    dag_builder_set_output(builder, "${render}/${them}", (DagLocation){0});
    g_assert_null(graph_finish(builder, &error));
    g_assert_cmpstr(
        error->message, ==,
        "attribute \"dir\" of <task>: \"${\" lacks its \"}\"\n"
        "task \"a\" refers to \"${rendr}\", which is neither a task nor a parameter; "
        "did you mean \"render\"?\n"
        "<graph> refers to \"${render}\", which is a task, not a parameter\n"
        "<graph> refers to \"${them}\", which is not a parameter; did you mean "
        "\"theme\"?");
}

static void
test_a_reference_to_a_task_is_a_dependency(void)
{
    DagBuilder *builder = builder_of("a b", NULL, NULL);
    DagPair variable = {.name = "X", .value = "${b} and ${p}"};

    dag_builder_add_param(builder, &(DagParamSpec){.name = "p", .default_value = "value"});
    dag_builder_add_task(
        builder, &(DagTaskSpec){
                     .name = "c", .needs = "a", .variables = &variable, .n_variables = 1});

    g_autoptr(DagGraph) graph = graph_finish(builder, NULL);
    g_autofree char *preds = names_of(graph, dag_graph_predecessors(graph, 2));
    g_autoptr(GString) text = g_string_new(NULL);
    size_t n;

    dag_graph_describe(graph, dag_graph_task_variables(graph, 2, &n)->value, text);
    g_assert_cmpstr(preds, ==, "a b");
    g_assert_cmpstr(text->str, ==, "${b} and value");
    g_assert_false(dag_graph_task_is_read(graph, 0));
    g_assert_true(dag_graph_task_is_read(graph, 1));
    g_assert_true(dag_graph_has_readers(graph));
}

static void
test_a_cycle_is_printed_in_full(void)
{
    assert_fails("a b<a<d c<b d<c e<d", DAG_ERROR_CYCLE, "dependency cycle: b → c → d → b");
    assert_fails("a<b b<a", DAG_ERROR_CYCLE, "dependency cycle: a → b → a");
    assert_fails("x a<a", DAG_ERROR_CYCLE, "dependency cycle: a → a");
}

static void
test_a_cycle_is_reported_with_lines(void)
{
    DagBuilder *builder = dag_builder_new();
    g_autoptr(GError) error = NULL;

    dag_builder_add_task(
        builder,
        &(DagTaskSpec){.name = "build", .needs = "package", .location = {"g.xml", 3, 3}});
    dag_builder_add_task(
        builder,
        &(DagTaskSpec){.name = "test", .needs = "build", .location = {"x.xml", 4, 3}});
    dag_builder_add_task(
        builder,
        &(DagTaskSpec){.name = "package", .needs = "test", .location = {"g.xml", 5, 3}});
    g_assert_null(graph_finish(builder, &error));
    g_assert_error(error, DAG_ERROR, DAG_ERROR_CYCLE);
    g_assert_cmpstr(
        error->message, ==,
        "g.xml:3:3: error: dependency cycle: build (line 3) → test (line 4 of x.xml) "
        "→ package (line 5) → build");
}

static void
test_a_very_long_cycle_is_abbreviated(void)
{
    DagBuilder *builder = builder_of("t0<t99999", NULL, NULL);
    g_autoptr(GError) error = NULL;

    for (unsigned i = 1; i < 100000; i++) {
        char name[16], needs[16];

        g_snprintf(name, sizeof(name), "t%u", i);
        g_snprintf(needs, sizeof(needs), "t%u", i - 1);
        dag_builder_add_task(builder, &(DagTaskSpec){.name = name, .needs = needs});
    }
    g_assert_null(graph_finish(builder, &error));
    g_assert_true(g_str_has_prefix(error->message, "dependency cycle: t0 → t1 → t2 → "));
    g_assert_true(g_str_has_suffix(error->message, "→ t48 → t49 → … 99950 more → t0"));
}

static void
test_cycles_are_reported_beside_other_errors(void)
{
    assert_fails("a<b b<a c<zebra", DAG_ERROR_INVALID,
                 "task \"c\" needs \"zebra\", which is not declared\n"
                 "dependency cycle: a → b → a");
}

/* Finish the tasks of `words` with the targets, separated by spaces. */
static DagGraph *
finish_targets(const char *words, const char *targets, GError **error)
{
    g_autoptr(DagBuilder) builder = builder_of(words, NULL, NULL);
    g_auto(GStrv) list = g_strsplit(targets, " ", -1);

    return dag_builder_finish(builder,
                              &(DagBuildOptions){.targets = (const char *const *)list,
                                                 .condition = condition_yes},
                              error);
}

static void
test_targets_keep_their_predecessors(void)
{
    g_autoptr(DagGraph) graph = finish_targets("e<d a d<b,c b<a c<a f<a g?", "d f", NULL);
    g_autofree char *names = names_of(graph, dag_graph_declared(graph));
    g_autofree char *of_a = names_of(graph, dag_graph_successors(graph, 0));

    g_assert_cmpstr(names, ==, "a d b c f");
    g_assert_cmpstr(of_a, ==, "b c f");
    g_assert_null(dag_graph_excluded(graph)[0]);
}

static void
test_a_target_is_a_task_that_is_not_excluded(void)
{
    g_autoptr(GError) unknown = NULL;
    g_autoptr(GError) excluded = NULL;

    g_assert_null(finish_targets("build test<build", "tset", &unknown));
    g_assert_error(unknown, DAG_ERROR, DAG_ERROR_SETTING);
    g_assert_cmpstr(unknown->message, ==,
                    "the graph has no task \"tset\"; did you mean \"test\"?");
    g_assert_null(finish_targets("a b?", "b", &excluded));
    g_assert_error(excluded, DAG_ERROR, DAG_ERROR_SETTING);
    g_assert_cmpstr(excluded->message, ==,
                    "task \"b\" is excluded: its condition no is false");
}

static void
test_conditions_refer_to_parameters(void)
{
    DagBuilder *builder = builder_of("a", NULL, NULL);
    g_autoptr(GError) error = NULL;

    dag_builder_add_param(builder, &(DagParamSpec){.name = "ats", .default_value = "x"});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "b", .when = "$atz or $a"});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "c", .when = "maybe"});
    g_assert_null(graph_finish(builder, &error));
    g_assert_cmpstr(error->message, ==,
                    "task \"b\" refers to \"$atz\", which is not a parameter; did you mean "
                    "\"ats\"?\n"
                    "task \"b\" refers to \"$a\", which is a task, not a parameter\n"
                    "attribute \"when\" of <task>: \"maybe\" is neither yes nor no");
}

static void
test_conditions_need_an_evaluator(void)
{
    g_autoptr(DagBuilder) builder = builder_of("a?", NULL, NULL);
    g_autoptr(GError) error = NULL;

    g_assert_null(dag_builder_finish(builder, NULL, &error));
    g_assert_cmpstr(error->message, ==,
                    "task \"a\" has a condition, which nothing here can decide");
}

static void
test_invalid_calls_declare_nothing(void)
{
    g_autoptr(DagBuilder) builder = dag_builder_new();

    for (int i = 0; i < 4; i++)
        g_test_expect_message("dagrun", G_LOG_LEVEL_CRITICAL,
                              "dag_builder_add_*assertion*");
    dag_builder_add_task(builder, &(DagTaskSpec){.title = "nameless"});
    dag_builder_add_param(builder, &(DagParamSpec){.type = "string"});
    dag_builder_add_pool(builder, &(DagPoolSpec){.slots = 1});
    dag_builder_add_phase_title(builder, "title", NULL, (DagLocation){0});
    g_test_assert_expected_messages();

    g_autoptr(GError) error = NULL;
    g_autoptr(DagGraph) graph = dag_builder_finish(builder, NULL, &error);
    size_t n;

    g_assert_no_error(error);
    g_assert_cmpuint(dag_graph_n_tasks(graph), ==, 0);
    dag_graph_params(graph, &n);
    g_assert_cmpuint(n, ==, 0);
    dag_graph_pools(graph, &n);
    g_assert_cmpuint(n, ==, 0);
}

static void
test_a_finished_builder_accepts_no_declarations(void)
{
    g_autoptr(DagBuilder) builder = dag_builder_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(DagGraph) graph = dag_builder_finish(builder, NULL, &error);

    g_assert_no_error(error);
    g_test_expect_message("dagrun", G_LOG_LEVEL_CRITICAL, "dag_builder_add_task: *");
    g_test_expect_message("dagrun", G_LOG_LEVEL_CRITICAL, "dag_builder_finish: *");
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "a"});
    g_assert_null(dag_builder_finish(builder, NULL, &error));
    g_test_assert_expected_messages();
    g_assert_cmpuint(dag_graph_n_tasks(graph), ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/builder/the-graph-contains-all-declarations",
                    test_the_graph_contains_all_declarations);
    g_test_add_func("/builder/limits-and-uses-are-in-the-graph",
                    test_limits_and_uses_are_in_the_graph);
    g_test_add_func("/builder/a-resource-is-a-pool-of-one-slot",
                    test_a_resource_is_a_pool_of_one_slot);
    g_test_add_func("/builder/without-limits-there-are-no-uses-and-no-clean-up",
                    test_without_limits_there_are_no_uses_and_no_clean_up);
    g_test_add_func("/builder/a-pool-has-slots-and-is-declared-once",
                    test_a_pool_has_slots_and_is_declared_once);
    g_test_add_func("/builder/policies-on-exit-codes-need-a-kind-with-one",
                    test_policies_on_exit_codes_need_a_kind_with_one);
    g_test_add_func("/builder/rows-of-dependencies-mirror-each-other",
                    test_rows_of_dependencies_mirror_each_other);
    g_test_add_func("/builder/a-graph-may-be-empty", test_a_graph_may_be_empty);
    g_test_add_func("/builder/a-name-is-declared-once", test_a_name_is_declared_once);
    g_test_add_func("/builder/a-parameter-and-a-task-cannot-share-a-name",
                    test_a_parameter_and_a_task_cannot_share_a_name);
    g_test_add_func("/builder/a-task-that-is-not-declared-cannot-be-needed",
                    test_a_task_that_is_not_declared_cannot_be_needed);
    g_test_add_func("/builder/a-parameter-cannot-be-needed",
                    test_a_parameter_cannot_be_needed);
    g_test_add_func("/builder/a-phase-title-is-unique-and-names-a-task",
                    test_a_phase_title_is_unique_and_names_a_task);
    g_test_add_func("/builder/references-name-parameters-or-tasks",
                    test_references_name_parameters_or_tasks);
    g_test_add_func("/builder/a-reference-to-a-task-is-a-dependency",
                    test_a_reference_to_a_task_is_a_dependency);
    g_test_add_func("/builder/a-cycle-is-printed-in-full", test_a_cycle_is_printed_in_full);
    g_test_add_func("/builder/a-cycle-is-reported-with-lines",
                    test_a_cycle_is_reported_with_lines);
    g_test_add_func("/builder/a-very-long-cycle-is-abbreviated",
                    test_a_very_long_cycle_is_abbreviated);
    g_test_add_func("/builder/cycles-are-reported-beside-other-errors",
                    test_cycles_are_reported_beside_other_errors);
    g_test_add_func("/builder/targets-keep-their-predecessors",
                    test_targets_keep_their_predecessors);
    g_test_add_func("/builder/a-target-is-a-task-that-is-not-excluded",
                    test_a_target_is_a_task_that_is_not_excluded);
    g_test_add_func("/builder/conditions-refer-to-parameters",
                    test_conditions_refer_to_parameters);
    g_test_add_func("/builder/conditions-need-an-evaluator",
                    test_conditions_need_an_evaluator);
    g_test_add_func("/builder/invalid-calls-declare-nothing",
                    test_invalid_calls_declare_nothing);
    g_test_add_func("/builder/a-finished-builder-accepts-no-declarations",
                    test_a_finished_builder_accepts_no_declarations);
    return g_test_run();
}
