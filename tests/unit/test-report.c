/* SPDX-License-Identifier: MIT */
/*
 * Text reports agree with the records: the tests compute sums again.  Graphviz draws the pictures
 * if it is installed.
 */
#include "report-case.h"

#include <glib/gstdio.h>
#include <signal.h>

static void
test_empty_graph_has_reports(void)
{
    g_auto(Case) it = case_of(none);

    execute(&it, "phases", 2);

    g_autofree char *summary = summary_of(&it, (DagTextStyle){0});
    g_autofree char *table = table_of(&it, (DagTextStyle){0});
    g_autofree char *mermaid = text_of(&it, dag_report_plan_mermaid);

    g_assert_cmpstr(summary, ==, "house: no tasks, nothing to do\n");
    g_assert_cmpstr(table, ==, "house: 0 tasks in 0 phases, 0 dependencies\n");
    g_assert_cmpstr(mermaid, ==, "flowchart LR\n");
}

static void
test_summary_of_one_task_is_one_line(void)
{
    g_auto(Case) it = case_of(one);

    execute(&it, "phases", 1);

    g_autofree char *summary = summary_of(&it, (DagTextStyle){0});

    g_assert_true(g_str_has_prefix(summary, "house: 1 task succeeded in "));
    g_assert_true(g_str_has_suffix(summary, " (strategy phases, 1 worker)\n"));
    g_assert_true(strchr(summary, '\n') == summary + strlen(summary) - 1);
}

static void
test_summary_tells_failures_and_what_they_blocked(void)
{
    g_auto(Case) it = case_of(broken);

    execute(&it, "dataflow", 1);

    g_autofree char *summary = summary_of(&it, (DagTextStyle){0});

    g_assert_true(g_str_has_prefix(summary, "house: 2 of 6 tasks succeeded in "));
    assert_has(summary, "\n  2 failed\n"
                        "  2 blocked: something needed did not succeed\n"
                        "  1 excluded, its condition is false: f\n"
                        "\nFailures\n"
                        "  b  exit status 2\n"
                        "  g  two lines,  [31m \"quoted\" \\ and \uFFFD\n"
                        "\nPhases (they overlap: nothing waits for a phase to end)\n");
    assert_has_not(summary, "cancelled");
}

static void
test_summary_shows_a_few_of_many_failures(void)
{
    DagBuilder *builder = dag_builder_new();

    for (int i = 0; i < 30; i++) {
        g_autofree char *name = g_strdup_printf("t%d", i);

        dag_builder_add_task(builder,
                             &(DagTaskSpec){.name = name, .cost = 1, .kind = &bad});
    }
    g_auto(Case) it = case_finish(builder);
    /* Failures are reported in order of time; with two workers either may be first. */
    execute(&it, "phases", 1);

    g_autofree char *summary = summary_of(&it, (DagTextStyle){0});

    assert_has(summary, "\n  t19  exit status 2\n  and 10 more\n");
    assert_has_not(summary, "t20  exit status");
}

static void
test_interrupted_run_says_so_first(void)
{
    g_auto(Case) it = case_of(broken);

    interrupt(&it, SIGINT);

    g_autofree char *summary = summary_of(&it, (DagTextStyle){0});

    g_assert_true(g_str_has_prefix(summary, "Interrupted by SIGINT (Ctrl-C)\nhouse: "));
}

static void
test_barrier_strategy_tells_idle_time_and_who_held_a_phase(void)
{
    g_auto(Case) it = case_of(diamond);
    char took[DAG_DURATION_SIZE], idle[DAG_DURATION_SIZE];
    int64_t start_ns, end_ns;

    execute(&it, "phases", 2);

    g_autofree char *summary = summary_of(&it, (DagTextStyle){0});
    DagTaskId left = dag_graph_find(it.graph, "left"),
              right = dag_graph_find(it.graph, "right");
    bool is_left =
        dag_run_record(it.run, left).end_ns >= dag_run_record(it.run, right).end_ns;

    /* One task on two workers: the idle time equals the busy time. */
    dag_duration_format(duration_ns(it.run, dag_graph_find(it.graph, "begin")), took);
    g_autofree char *first = g_strdup_printf("1 1 %s %s begin", took, took);
    assert_line(summary, "1", first);

    dag_run_phase_span(it.run, 1, &start_ns, &end_ns);
    dag_duration_format(end_ns - start_ns, took);
    dag_duration_format(2 * (end_ns - start_ns) - duration_ns(it.run, left) -
                            duration_ns(it.run, right),
                        idle);
    g_autofree char *second =
        g_strdup_printf("2 2 %s %s %s", took, idle, is_left ? "left" : "right");
    assert_line(summary, "2", second);

    dag_duration_format(2 * dag_run_makespan_ns(it.run) - work_ns(&it), idle);
    g_autofree char *total =
        g_strdup_printf("idle %s time without work, all workers added up", idle);
    assert_line(summary, "idle", total);
}

static void
test_critical_path_is_the_one_measured(void)
{
    g_auto(Case) it = case_of(diamond);
    char length[DAG_DURATION_SIZE];

    execute(&it, "critical-path", 2);

    g_autofree char *summary = summary_of(&it, (DagTextStyle){0});
    DagTaskId left = dag_graph_find(it.graph, "left"),
              right = dag_graph_find(it.graph, "right");
    bool is_left = duration_ns(it.run, left) >= duration_ns(it.run, right);

    dag_duration_format(longest_from(&it, dag_graph_find(it.graph, "begin")), length);
    g_autofree char *path =
        g_strdup_printf("critical path %s longest chain, 3 tasks: begin → %s → end", length,
                        is_left ? "left" : "right");
    assert_line(summary, "critical path", path);
}

static void
test_long_chain_is_shortened(void)
{
    DagBuilder *builder = dag_builder_new();

    for (int i = 0; i < 50000; i++) {
        g_autofree char *name = g_strdup_printf("t%d", i);
        g_autofree char *needs = i > 0 ? g_strdup_printf("t%d", i - 1) : NULL;

        dag_builder_add_task(builder,
                             &(DagTaskSpec){.name = name, .needs = needs, .cost = 1});
    }
    g_auto(Case) it = case_finish(builder);
    execute(&it, "phases", 2);

    g_autofree char *summary = summary_of(&it, (DagTextStyle){0});
    g_auto(GStrv) lines = g_strsplit(summary, "\n", -1);

    g_assert_cmpuint(g_strv_length(lines), <, 50);
    assert_has(summary, "  and 49980 more, none of which took longer\n");
    assert_has(summary, "longest chain, 50000 tasks: t0 → t1 → t2 → t3 → t4 → … → t49997 → "
                        "t49998 → t49999\n");
}

static size_t
columns_of(const char *line)
{
    size_t columns = 0;

    for (const char *p = line; *p; p = g_utf8_next_char(p))
        columns += g_unichar_iswide(g_utf8_get_char(p)) ? 2 : 1;
    return columns;
}

static void
assert_fits(const char *text, unsigned width)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++) {
        if (columns_of(*line) > width)
            g_error("wider than %u columns: %s", width, *line);
        if (g_str_has_suffix(*line, " "))
            g_error("ends in a blank: \"%s\"", *line);
    }
}

static void
test_text_fits_on_the_screen(void)
{
    static const Declared wide[] = {
        {"a", NULL, &good, NULL, NULL},
        {"a_task_whose_name_is_much_longer_than_a_narrow_screen_is_wide", "a", &bad, NULL,
         NULL},
        {"b", "a", &good, NULL, NULL},
        {"c", "a", &good, NULL, NULL},
        {"d", "b", &good, NULL, NULL},
        {NULL, NULL, NULL, NULL, NULL},
    };
    DagBuilder *builder = builder_of(wide);

    dag_builder_add_phase_title(builder, "段階の題名はとても長いので画面に入りません", "a",
                                (DagLocation){0});
    g_auto(Case) it = case_finish(builder);
    execute(&it, "phases", 2);

    for (unsigned width = 70; width <= 90; width++) {
        g_autofree char *summary = summary_of(&it, (DagTextStyle){.width = width});
        g_autofree char *table = table_of(&it, (DagTextStyle){.width = width});

        assert_fits(summary, width);
        assert_fits(table, width);
        assert_has(summary, "…");
    }
}

static void
test_colours_change_nothing_but_colours(void)
{
    g_auto(Case) it = case_of(broken);
    g_autoptr(GRegex) escape = g_regex_new("\033\\[\\d*m", 0, 0, NULL);

    execute(&it, "phases", 2);

    g_autofree char *plain = summary_of(&it, (DagTextStyle){.width = 60});
    g_autofree char *colored = summary_of(&it, (DagTextStyle){.width = 60, .color = true});
    g_autofree char *stripped =
        g_regex_replace_literal(escape, colored, -1, 0, "", 0, NULL);

    assert_has_not(plain, "\033");
    assert_has(colored, "\033[31mb\033[0m");
    g_assert_cmpstr(stripped, ==, plain);
}

static void
test_plan_table_marks_the_critical_path(void)
{
    DagBuilder *builder = builder_of(broken);

    dag_builder_add_phase_title(builder, "First", "a", (DagLocation){0});
    g_auto(Case) it = case_finish(builder);
    g_autofree char *table = table_of(&it, (DagTextStyle){0});

    assert_has(
        table,
        "\nPhase 1: First\n  *  a     good         0  1.00 s  4.00 s     0 s     0 s\n");
    assert_has(table, "\nPhase 2\n"
                      "  *  b     bad          1  1.00 s  3.00 s  1.00 s     0 s\n"
                      "     c     good         1  1.00 s  3.00 s  1.00 s     0 s\n");
    assert_has(table, "     g     strange      1  1.00 s  1.00 s  2.00 s  1.00 s\n");
    assert_has(table, "\nhouse: 6 tasks in 4 phases, 6 dependencies\n"
                      "  excluded by their conditions: f\n"
                      "  critical path  4.00 s  longest chain (*), 4 tasks: a → b → d → e\n"
                      "  total cost     6.00 s  all tasks added up\n"
                      "  parallelism       1.5  ");
}

/* "b" declares a cost; "a" before it and "c" after it do not. */
static Case
uncosted_case(void)
{
    DagBuilder *builder = dag_builder_new();

    dag_builder_set_name(builder, "house");
    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "db", .slots = 1});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "a", .kind = &good, .uses = "db"});
    dag_builder_add_task(
        builder, &(DagTaskSpec){.name = "b", .needs = "a", .cost = 2, .kind = &good});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "c", .needs = "b", .kind = &good});
    dag_builder_add_task(
        builder, &(DagTaskSpec){.name = "d", .needs = "a", .cost = 3, .kind = &good});

    Case it = case_finish(builder);

    dag_plan_free(it.plan);
    it.plan = dag_plan_new(it.graph, DAG_PHASES_JUST_IN_TIME, NULL);
    return it;
}

static void
test_plan_table_says_which_costs_are_unknown(void)
{
    g_auto(Case) it = uncosted_case();
    g_autofree char *table = table_of(&it, (DagTextStyle){0});

    assert_line(table, "\\* +a", "* a good 0 unknown – 0 s – uses db");
    assert_line(table, "\\* +b", "* b good 1 2.00 s – – –");
    assert_line(table, "\\* +c", "* c good 1 unknown – – –");
    assert_line(table, "d", "d good 1 3.00 s 3.00 s – –");
    assert_line(
        table, "critical path",
        "critical path unknown longest chain (*) if each unknown cost is 1 s, 3 tasks: "
        "a → b → c");
    assert_line(table, "total cost",
                "total cost unknown 2 tasks declare no cost; declare it in seconds: "
                "cost=\"2.5\"");
    assert_line(
        table, "pool db",
        "pool db unknown cost of its 1 task spread over its 1 slot: no run is shorter");
    assert_has_not(table, "parallelism");
    assert_has_not(table, "1.00 s");
}

static void
test_json_has_null_for_unknown_costs(void)
{
    g_auto(Case) it = uncosted_case();
    g_autofree char *plan = text_of(&it, dag_report_plan_json);
    g_autoptr(GString) run = g_string_new(NULL);

    assert_has(plan, "\"critical_path_seconds\": null,\n  \"total_cost_seconds\": null,");
    assert_has(plan,
               "\"cost\": null,\n      \"rank\": null,\n      \"earliest_start\": 0,\n"
               "      \"latest_start\": null,\n      \"slack\": null");
    assert_has(plan, "\"cost\": 3,\n      \"rank\": 3,\n      \"earliest_start\": null,\n");
    execute(&it, "dataflow", 1);
    dag_report_run_json(it.run, run);
    assert_has(run->str, "\"cost\": null\n");
    assert_has(run->str, "\"cost\": 3\n");
}

/* Titles with characters that are special in DOT and Mermaid. */
static const Declared evil[] = {
    {"end", NULL, &good, "say \"hi\" \\N \\\"", NULL},
    {"subgraph", "end", &good, "<b>a\nb</b> &amp; #35; `c`", NULL},
    {"graph", "end", &good, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static Case
evil_case(void)
{
    DagBuilder *builder = builder_of(evil);

    dag_builder_set_name(builder, "a \"b\" \\");
    dag_builder_set_title(builder, "Title \\G & \"more\"");
    dag_builder_add_phase_title(builder, "A & \"B\"; \\", "end", (DagLocation){0});
    return case_finish(builder);
}

static void
test_dot_quotes_what_people_wrote(void)
{
    g_auto(Case) it = evil_case();
    g_autofree char *dot = text_of(&it, dag_report_plan_dot);

    assert_has(dot, "digraph \"a \\\"b\\\" \\\\\" {\n"
                    "  label=\"Title \\\\G &amp; \\\"more\\\"\";\n");
    assert_has(dot, "    label=\"1 A &amp; \\\"B\\\"; \\\\\";\n");
    assert_has(dot,
               "    \"end\" [label=\"say \\\"hi\\\" \\\\N \\\\\\\"\", tooltip=\"end\", "
               "color=\"#c62828\", penwidth=2];\n");
    assert_has(dot, "[label=\"<b>a\\nb</b> &amp;amp; #35; `c`\"");
    assert_has(dot, "  \"end\" -> \"subgraph\" [color=\"#c62828\", penwidth=2];\n");
    assert_has(dot, "  \"end\" -> \"graph\";\n");
}

/* Run Graphviz on `text`.  Returns: its output. */
static char *
draw(const char *text, const char *format)
{
    g_autofree char *path = NULL;
    g_autofree char *option = g_strconcat("-T", format, NULL);
    g_autoptr(GError) error = NULL;
    char *output = NULL;
    int status, fd = g_file_open_tmp("dagrun-XXXXXX.dot", &path, &error);
    char *argv[] = {(char *)"dot", option, path, NULL};

    g_assert_no_error(error);
    g_close(fd, NULL);
    g_file_set_contents(path, text, -1, &error);
    g_assert_no_error(error);
    g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL, &status,
                 &error);
    g_assert_no_error(error);
    g_assert_true(g_spawn_check_wait_status(status, &error));
    g_unlink(path);
    return output;
}

static void
test_graphviz_reads_our_dot(void)
{
    g_autofree char *program = g_find_program_in_path("dot");

    if (!program) {
        g_test_skip("there is no program dot");
        return;
    }

    g_auto(Case) it = evil_case();
    g_auto(Case) empty = case_of(none);
    g_autofree char *dot = text_of(&it, dag_report_plan_dot);
    g_autofree char *empty_dot = text_of(&empty, dag_report_plan_dot);
    g_autofree char *svg = draw(dot, "svg");
    g_autofree char *canonical = draw(empty_dot, "canon");

    assert_has(svg, "say &quot;hi&quot; \\N \\&quot;</text>");
    assert_has(svg, ">&lt;b&gt;a</text>");
    assert_has(svg, ">b&lt;/b&gt; &amp;amp; #35; `c`</text>");
    assert_has(svg, ">1 A &amp; &quot;B&quot;; \\</text>");
    assert_has(svg, ">Title \\G &amp; &quot;more&quot;</text>");
    assert_has(canonical, "digraph house {");
}

static void
test_mermaid_escapes_what_people_wrote(void)
{
    g_auto(Case) it = evil_case();
    g_autofree char *mermaid = text_of(&it, dag_report_plan_mermaid);

    g_assert_cmpstr(mermaid, ==,
                    "flowchart LR\n"
                    "  subgraph p1[\"1 A #38; #34;B#34;; #92;\"]\n"
                    "    n0[\"say #34;hi#34; #92;N #92;#34;\"]\n"
                    "  end\n"
                    "  subgraph p2[\"2\"]\n"
                    "    n1[\"#60;b#62;a<br/>b#60;/b#62; #38;amp; #35;35; #96;c#96;\"]\n"
                    "    n2[\"graph\"]\n"
                    "  end\n"
                    "  n0 --> n1\n"
                    "  n0 --> n2\n"
                    "  classDef critical stroke:#c62828,stroke-width:3px\n"
                    "  class n0,n1 critical\n"
                    "  linkStyle 0 stroke:#c62828,stroke-width:3px\n");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/report/empty-graph", test_empty_graph_has_reports);
    g_test_add_func("/report/summary/one-task", test_summary_of_one_task_is_one_line);
    g_test_add_func("/report/summary/failures",
                    test_summary_tells_failures_and_what_they_blocked);
    g_test_add_func("/report/summary/many-failures",
                    test_summary_shows_a_few_of_many_failures);
    g_test_add_func("/report/summary/interrupted", test_interrupted_run_says_so_first);
    g_test_add_func("/report/summary/idle",
                    test_barrier_strategy_tells_idle_time_and_who_held_a_phase);
    g_test_add_func("/report/summary/critical-path",
                    test_critical_path_is_the_one_measured);
    g_test_add_func("/report/summary/long-chain", test_long_chain_is_shortened);
    g_test_add_func("/report/text/width", test_text_fits_on_the_screen);
    g_test_add_func("/report/text/colours", test_colours_change_nothing_but_colours);
    g_test_add_func("/report/unknown-costs/table",
                    test_plan_table_says_which_costs_are_unknown);
    g_test_add_func("/report/unknown-costs/json", test_json_has_null_for_unknown_costs);
    g_test_add_func("/report/plan-table", test_plan_table_marks_the_critical_path);
    g_test_add_func("/report/plan-dot/quoting", test_dot_quotes_what_people_wrote);
    g_test_add_func("/report/plan-dot/graphviz", test_graphviz_reads_our_dot);
    g_test_add_func("/report/plan-mermaid", test_mermaid_escapes_what_people_wrote);
    return g_test_run();
}
