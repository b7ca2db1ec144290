/* SPDX-License-Identifier: MIT */
/*
 * The check of runs: a run as it should be has no findings, and a forged one that breaks one rule has
 * exactly the findings of that rule.
 */
#include <string.h>

#include "graph-of.h"
#include "verify-case.h"

/* Return the texts of the findings, one per line; free with g_free(). */
static char *
texts_of(const DagVerdict *verdict)
{
    GString *texts = g_string_new(NULL);

    for (guint i = 0; i < verdict->findings->len; i++)
        g_string_append_printf(texts, "%s%s", i > 0 ? "\n" : "",
                               g_array_index(verdict->findings, DagFinding, i).text);
    return g_string_free(texts, FALSE);
}

/* Check that exactly the rule of the forgery is found broken. */
static void
check_forgery(const Forgery *forgery)
{
    g_auto(Case) it = some_case(forgery->strategy ? forgery->strategy : "dataflow");
    g_autoptr(DagPastRun) past = dag_past_run_of(it.run);
    g_autoptr(DagVerdict) verdict = NULL;
    g_autofree char *texts = NULL;

    settle(past);
    forgery->forge(past);
    verdict = dag_verify(it.plan, past, 0);
    texts = texts_of(verdict);
    g_assert_cmpstr(texts, ==, forgery->text);
    for (guint i = 0; i < verdict->findings->len; i++)
        g_assert_cmpstr(dag_rule_name(g_array_index(verdict->findings, DagFinding, i).rule),
                        ==, dag_rule_name(forgery->rule));
}

static void
test_forgeries(void)
{
    const Forgery *const tables[] = {forged_times, forged_records};
    bool was_broken[DAG_N_RULES] = {false};

    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
        for (const Forgery *forgery = tables[i]; forgery->forge; forgery++) {
            check_forgery(forgery);
            was_broken[forgery->rule] = true;
        }
    for (int rule = 0; rule < DAG_N_RULES; rule++)
        g_assert_true(was_broken[rule]);
}

static void
assert_nothing_found(const Case *it, const DagPastRun *past)
{
    g_autoptr(DagVerdict) verdict = dag_verify(it->plan, past, 0);
    g_autofree char *texts = texts_of(verdict);

    g_assert_cmpstr(texts, ==, "");
    g_assert_cmpuint(verdict->n_findings, ==, 0);
}

static void
test_good_run(void)
{
    g_auto(Case) it = some_case("dataflow");
    g_autoptr(DagPastRun) past = dag_past_run_of(it.run);

    assert_nothing_found(&it, past);
    settle(past);
    assert_nothing_found(&it, past);
}

/* A clean-up runs after the stop; a real run may be late, a simulated one not. */
static void
test_late_is_no_fault(void)
{
    g_auto(Case) it = some_case("dataflow");
    g_autoptr(DagPastRun) past = dag_past_run_of(it.run);

    for (const Forgery *forgery = forged_records; forgery->forge; forgery++)
        if (strstr(forgery->text, "although the run was stopped at 2.00 s"))
            forgery->forge(past);
    past->is_simulated = false;
    assert_nothing_found(&it, past);

    g_autoptr(DagVerdict) strict = dag_verify(it.plan, past, 1);

    g_assert_cmpuint(strict->n_findings, ==, 1);
}

/* A run of another graph has a finding for each task, and not all are kept. */
static void
test_many_findings(void)
{
    g_autoptr(GString) words = g_string_new("first");
    g_auto(Case) other = {0};
    g_auto(Case) it = some_case("dataflow");
    g_autoptr(DagPastRun) past = dag_past_run_of(it.run);

    for (int i = 0; i < 2 * DAG_MAX_FINDINGS; i++)
        g_string_append_printf(words, " t%d", i);
    other.graph = graph_of(words->str, NULL);
    other.plan = dag_plan_new(other.graph, DAG_PHASES_ASAP, NULL);

    g_autoptr(DagVerdict) verdict = dag_verify(other.plan, past, 0);

    g_assert_cmpuint(verdict->findings->len, ==, DAG_MAX_FINDINGS);
    g_assert_cmpuint(verdict->n_findings, >, (guint64)2 * DAG_MAX_FINDINGS);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/verify/good-run", test_good_run);
    g_test_add_func("/verify/forgeries", test_forgeries);
    g_test_add_func("/verify/mutants", test_mutants);
    g_test_add_func("/verify/late-is-no-fault", test_late_is_no_fault);
    g_test_add_func("/verify/many-findings", test_many_findings);
    return g_test_run();
}
