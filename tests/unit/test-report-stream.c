/* SPDX-License-Identifier: MIT */
/*
 * Reports in pieces: the same text as in one piece, of bounded size, and an early end.
 */
#include "report-case.h"

enum {
    N_TASKS = 5000,      /* each report is longer than several pieces */
    MAX_PIECE = 1 << 17, /* bytes */
};

typedef struct Receiver {
    GString *text;
    size_t n_pieces;
    size_t n_wanted; /* pieces; SIZE_MAX: all */
} Receiver;

static bool
receive(const char *bytes, size_t size, void *data)
{
    Receiver *receiver = data;

    g_assert_cmpuint(size, >, 0);
    g_assert_cmpuint(size, <=, MAX_PIECE);
    g_assert_cmpuint(receiver->n_pieces, <, receiver->n_wanted);
    g_string_append_len(receiver->text, bytes, (gssize)size);
    return ++receiver->n_pieces < receiver->n_wanted;
}

/* A chain beside tasks that depend on nothing: many phases, a phase with many tasks, and many
 * dependencies. */
static Case
large_case(void)
{
    DagBuilder *builder = dag_builder_new();
    char name[32], before[32] = "";

    dag_builder_set_name(builder, "large");
    for (int i = 0; i < N_TASKS; i++) {
        g_snprintf(name, sizeof(name), "task-%d", i);
        dag_builder_add_task(builder, &(DagTaskSpec){.name = name,
                                                     .needs = i % 2 ? NULL : before,
                                                     .cost = i % 7 + 0.25,
                                                     .kind = &good});
        if (i % 2 == 0)
            g_strlcpy(before, name, sizeof(before));
    }
    return case_finish(builder);
}

static void
write_table(const DagPlan *plan, GString *out)
{
    dag_report_plan_table(plan, (DagTextStyle){.color = true, .width = 60}, out);
}

static void
write_table_to(const DagPlan *plan, const DagReportSink *sink)
{
    dag_report_plan_table_to(plan, (DagTextStyle){.color = true, .width = 60}, sink);
}

static const struct {
    void (*whole)(const DagPlan *plan, GString *out);
    void (*pieces)(const DagPlan *plan, const DagReportSink *sink);
} plan_reports[] = {
    {write_table, write_table_to},
    {dag_report_plan_json, dag_report_plan_json_to},
    {dag_report_plan_dot, dag_report_plan_dot_to},
    {dag_report_plan_mermaid, dag_report_plan_mermaid_to},
};

static void
test_pieces_make_up_the_whole_plan(void)
{
    g_auto(Case) it = large_case();

    for (size_t i = 0; i < G_N_ELEMENTS(plan_reports); i++) {
        g_autoptr(GString) whole = g_string_new(NULL), pieces = g_string_new(NULL);
        Receiver receiver = {pieces, 0, SIZE_MAX};

        plan_reports[i].whole(it.plan, whole);
        plan_reports[i].pieces(it.plan, &(DagReportSink){receive, &receiver});
        g_assert_cmpuint(receiver.n_pieces, >, 1);
        g_assert_cmpstr(pieces->str, ==, whole->str);
    }
}

static void
test_pieces_make_up_the_whole_run(void)
{
    g_auto(Case) it = large_case();
    g_autoptr(GString) whole = g_string_new(NULL), pieces = g_string_new(NULL);
    Receiver receiver = {pieces, 0, SIZE_MAX};

    execute(&it, "dataflow", 2);
    dag_report_run_json(it.run, whole);
    dag_report_run_json_to(it.run, &(DagReportSink){receive, &receiver});
    g_assert_cmpuint(receiver.n_pieces, >, 5);
    g_assert_cmpstr(pieces->str, ==, whole->str);
}

static void
test_a_report_ends_when_no_more_is_wanted(void)
{
    g_auto(Case) it = large_case();

    execute(&it, "dataflow", 2);
    for (size_t i = 0; i <= G_N_ELEMENTS(plan_reports); i++) {
        g_autoptr(GString) text = g_string_new(NULL);
        Receiver receiver = {text, 0, 1};
        DagReportSink sink = {receive, &receiver};

        if (i < G_N_ELEMENTS(plan_reports))
            plan_reports[i].pieces(it.plan, &sink);
        else
            dag_report_run_json_to(it.run, &sink);
        g_assert_cmpuint(receiver.n_pieces, ==, 1);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/report-stream/plan", test_pieces_make_up_the_whole_plan);
    g_test_add_func("/report-stream/run", test_pieces_make_up_the_whole_run);
    g_test_add_func("/report-stream/early-end", test_a_report_ends_when_no_more_is_wanted);
    return g_test_run();
}
