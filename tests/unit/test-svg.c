/* SPDX-License-Identifier: MIT */
/*
 * Pictures of benchmarks and runs: text that is safe within XML, axes, and documents of any size.
 */
#include <dagrun/dagrun.h>
#include <string.h>

#include "report/svg.h"
#include "report/xml-text.h"
#include "simulate-case.h"

static void
test_text_is_safe_within_xml(void)
{
    static const struct {
        const char *text, *safe;
    } cases[] = {
        {"plain ä – 日本", "plain ä – 日本"},
        {"<a href=\"x\">&amp;</a>", "&lt;a href=&quot;x&quot;&gt;&amp;amp;&lt;/a&gt;"},
        {"]]>", "]]&gt;"},
        {"a\tb\nc\r", "a b c "},
        {"\x01\x1b[31m\x7f", "\xef\xbf\xbd\xef\xbf\xbd[31m\xef\xbf\xbd"},
        {"bad \xff\xc3", "bad \xef\xbf\xbd\xef\xbf\xbd"},
        {"\xef\xbf\xbe", "\xef\xbf\xbd"}, /* U+FFFE, which XML forbids */
        {"\xe2\x80\x8b", "\xef\xbf\xbd"}, /* a space without width */
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* half a pair */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) text = g_string_new(NULL);

        dag__xml_append(text, cases[i].text, XML_ONE_LINE);
        g_assert_cmpstr(text->str, ==, cases[i].safe);
    }
}

static void
test_units_and_steps(void)
{
    g_assert_cmpstr(dag__svg_unit_of(0).name, ==, "ns");
    g_assert_cmpstr(dag__svg_unit_of(1999).name, ==, "ns");
    g_assert_cmpstr(dag__svg_unit_of(2000).name, ==, "µs");
    g_assert_cmpstr(dag__svg_unit_of(500e9).name, ==, "s");
    g_assert_cmpstr(dag__svg_unit_of(600e9).name, ==, "min");
    g_assert_cmpstr(dag__svg_unit_of(9e18).name, ==, "d");
    g_assert_cmpfloat_with_epsilon(dag__svg_step(8, 8), 1, 1e-9);
    g_assert_cmpfloat_with_epsilon(dag__svg_step(8.1, 8), 2, 1e-9);
    g_assert_cmpfloat_with_epsilon(dag__svg_step(32, 8), 5, 1e-9);
    g_assert_cmpfloat_with_epsilon(dag__svg_step(0.6, 8), 0.1, 1e-9);
    g_assert_cmpfloat(dag__svg_step(0, 8), ==, 1);
}

static bool
collect(const char *bytes, size_t size, void *text)
{
    g_string_append_len(text, bytes, (gssize)size);
    return true;
}

/* Check that the text is a document of XML. */
static void
assert_well_formed(const GString *text)
{
    static const GMarkupParser parser = {0};
    GMarkupParseContext *context = g_markup_parse_context_new(&parser, 0, NULL, NULL);
    g_autoptr(GError) error = NULL;

    g_markup_parse_context_parse(context, text->str, (gssize)text->len, &error);
    g_assert_no_error(error);
    g_markup_parse_context_end_parse(context, &error);
    g_assert_no_error(error);
    g_markup_parse_context_free(context);
}

/* Return the Gantt chart of a graph in words. */
static GString *
gantt_of(const char *words, unsigned n_workers)
{
    g_autoptr(DagGraph) graph = graph_of(words, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
    g_autoptr(DagRun) run =
        dag_simulate(plan, &(DagSimulateOptions){.strategy = dag_strategy_find("dataflow"),
                                                 .n_workers = n_workers});
    GString *text = g_string_new(NULL);

    dag_report_gantt_to(run, &(DagReportSink){collect, text});
    assert_well_formed(text);
    return text;
}

static unsigned
count(const GString *text, const char *part)
{
    unsigned n = 0;

    for (const char *at = text->str; (at = strstr(at, part)); at++)
        n++;
    return n;
}

static void
test_a_box_for_each_task(void)
{
    g_autoptr(GString) text = gantt_of("a:4 b:1 c<b:2", 2);

    g_assert_cmpuint(count(text, "class=\"box critical\""), ==, 1);
    g_assert_cmpuint(count(text, "class=\"box task\""), ==, 2);
    g_assert_nonnull(strstr(text->str, "<title>c: 1.00 s to 3.00 s</title>"));
    /* a takes the whole width, and b a quarter of it. */
    g_assert_nonnull(strstr(text->str, "x=\"96\" y=\"77.5\" width=\"1088\""));
    g_assert_nonnull(strstr(text->str, "x=\"96\" y=\"107.5\" width=\"272\""));
}

static void
test_graphs_without_time(void)
{
    g_autoptr(GString) none = gantt_of("", 2);
    g_autoptr(GString) nothing = gantt_of("a:0 b<a:0", 2);

    g_assert_cmpuint(count(none, "class=\"box"), ==, 0);
    g_assert_null(strstr(nothing->str, "nan"));
    g_assert_null(strstr(nothing->str, "inf"));
}

/* 20 000 tasks on two workers are narrower than a pixel. */
static void
test_narrow_boxes_are_drawn_as_one(void)
{
    g_autoptr(GString) words = g_string_new(NULL);

    for (unsigned i = 0; i < 20000; i++)
        g_string_append_printf(words, "%st%u:1", i > 0 ? " " : "", i);

    g_autoptr(GString) text = gantt_of(words->str, 2);

    g_assert_cmpuint(text->len, <, 400000);
    g_assert_cmpuint(count(text, "tasks</title>"), >, 1000);
}

/* Return the line charts of a graph in words. */
static GString *
lines_of(const char *words, const unsigned *workers, size_t n_counts)
{
    g_autoptr(DagGraph) graph = graph_of(words, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
    g_autoptr(DagBenchmark) benchmark = dag_benchmark_new(
        plan, &(DagBenchmarkOptions){.workers = workers, .n_counts = n_counts});
    const DagBenchmark *all[] = {benchmark};
    GString *text = g_string_new(NULL);

    dag_report_benchmarks_svg_to(all, 1, &(DagReportSink){collect, text});
    assert_well_formed(text);
    return text;
}

static void
test_strategies_that_take_the_same_share_a_line(void)
{
    static const unsigned workers[] = {1, 2};
    g_autoptr(GString) chain = lines_of("a:1 b<a:2 c<b:3", workers, 2);
    g_autoptr(GString) uneven = lines_of("x:2 y:2 a:1 z:2 w:2 b<a:3 c<b:4", workers, 2);

    /* Each line is drawn twice, the second time in the legend. */
    g_assert_cmpuint(count(chain, "class=\"line "), ==, 2);
    g_assert_cmpuint(count(chain, "class=\"mark "), ==, 3);
    g_assert_cmpuint(count(uneven, "class=\"line "), >, 4);
    g_assert_cmpuint(count(chain, ">critical-path</text>"), ==, 1);
}

static void
test_one_number_of_workers_and_no_time(void)
{
    static const unsigned workers[] = {3};
    g_autoptr(GString) one = lines_of("a:1 b:2", workers, 1);
    g_autoptr(GString) none = lines_of("a:0", workers, 1);

    g_assert_null(strstr(one->str, "nan"));
    g_assert_null(strstr(none->str, "nan"));
    g_assert_null(strstr(none->str, "inf"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/svg/text-is-safe-within-xml", test_text_is_safe_within_xml);
    g_test_add_func("/svg/units-and-steps", test_units_and_steps);
    g_test_add_func("/svg/a-box-for-each-task", test_a_box_for_each_task);
    g_test_add_func("/svg/graphs-without-time", test_graphs_without_time);
    g_test_add_func("/svg/narrow-boxes-are-drawn-as-one",
                    test_narrow_boxes_are_drawn_as_one);
    g_test_add_func("/svg/strategies-that-take-the-same-share-a-line",
                    test_strategies_that_take_the_same_share_a_line);
    g_test_add_func("/svg/one-number-of-workers-and-no-time",
                    test_one_number_of_workers_and_no_time);
    return g_test_run();
}
