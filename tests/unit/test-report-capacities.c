/* SPDX-License-Identifier: MIT */
/*
 * Reports of runs in which some tasks occupy a connection instead of a worker.  The records are
 * written by hand, so that all durations are known.
 */
#include "report-case.h"

#include "record/run.h"

#include <json-glib/json-glib.h>

static const DagKind calling = {.name = "calling", .occupies = DAG_OCCUPIES_CONNECTION};

#define SECOND INT64_C(1000000000)

typedef struct Written {
    const char *name;
    int start, end; /* seconds */
} Written;

/* Two tasks occupy workers, four a connection, and the last of them needs the first. */
static Case
mixed_case(void)
{
    static const Declared tasks[] = {
        {"w1", NULL, &good, NULL, NULL},    {"w2", NULL, &good, NULL, NULL},
        {"c1", NULL, &calling, NULL, NULL}, {"c2", NULL, &calling, NULL, NULL},
        {"c3", NULL, &calling, NULL, NULL}, {"c4", "w1", &calling, NULL, NULL},
        {NULL, NULL, NULL, NULL, NULL},
    };

    return case_of(tasks);
}

/* Give the case a run of two workers and `n_connections` in which every task succeeded. */
static void
write_run(Case *it, const char *strategy, unsigned n_connections, const Written *records)
{
    RecordWriter writer;
    int last = 0;

    it->run = dag__run_new(it->plan, 1);
    it->run->strategy = dag_strategy_find(strategy);
    it->run->n_workers = 2;
    it->run->n_connections = n_connections;
    writer = record_writer_of(&it->run->records);
    for (; records->name; records++) {
        DagTaskId id = dag_graph_find(it->graph, records->name);

        *record_writer_add(&writer, id) = (Record){
            .start_ns = records->start * SECOND,
            .end_ns = records->end * SECOND,
            .n_attempts = 1,
            .outcome = DAG_SUCCEEDED,
        };
        dag__run_count(it->run, id, DAG_SUCCEEDED);
        dag__run_extend(it->run, records->start * SECOND, records->end * SECOND);
        last = MAX(last, records->end);
    }
    dag__run_finish(it->run, last * SECOND, 0);
}

static const Written one_at_a_time[] = {{"w1", 0, 2}, {"w2", 0, 6}, {"c1", 0, 3},
                                        {"c2", 3, 6}, {"c3", 6, 9}, {"c4", 9, 12},
                                        {NULL, 0, 0}};
static const Written together[] = {{"w1", 0, 2}, {"w2", 0, 6},  {"c1", 0, 3}, {"c2", 0, 3},
                                   {"c3", 0, 3}, {"c4", 2, 10}, {NULL, 0, 0}};

static void
test_workers_and_connections_have_their_own_work(void)
{
    g_auto(Case) it = mixed_case();

    write_run(&it, "dataflow", 3, together);

    g_autofree char *summary = summary_of(&it, (DagTextStyle){0});

    assert_has(summary, "(strategy dataflow, 2 workers, 3 connections)\n");
    assert_line(
        summary, "work",
        "work 8.00 s all other tasks added up: on average 0.8 of 2 workers were busy");
    assert_line(summary, "idle", "idle 12.0 s time without work, all workers added up");
    assert_line(summary, "connections",
                "connections 17.0 s their tasks added up: on average 1.7 of 3 were in use");
    assert_line(
        summary, "lower bound",
        "lower bound 10.0 s no schedule is shorter than the critical path; this one "
        "was not longer");
}

static void
test_connections_can_be_the_lower_bound(void)
{
    g_auto(Case) it = mixed_case();

    write_run(&it, "dataflow", 1, one_at_a_time);

    g_autofree char *summary = summary_of(&it, (DagTextStyle){0});

    assert_has(summary, "2 workers, 1 connection)\n");
    assert_line(summary, "lower bound",
                "lower bound 12.0 s no schedule is shorter than the work spread over all "
                "connections; this one was not longer");
}

static void
test_only_tasks_on_workers_keep_workers_busy(void)
{
    static const Written records[] = {{"w1", 0, 2}, {"w2", 2, 8},  {"c1", 2, 5},
                                      {"c2", 5, 8}, {"c3", 8, 11}, {"c4", 11, 14},
                                      {NULL, 0, 0}};
    g_auto(Case) it = mixed_case();

    write_run(&it, "phases", 1, records);

    g_autofree char *summary = summary_of(&it, (DagTextStyle){0});

    assert_line(summary, "1 ", "1 1 2.00 s 2.00 s w1");
    assert_line(summary, "2 ", "2 5 12.0 s 18.0 s c4");
}

static void
test_without_tasks_on_workers_there_is_no_idle_worker(void)
{
    static const Declared tasks[] = {
        {"c1", NULL, &calling, NULL, NULL}, {"c2", NULL, &calling, NULL, NULL},
        {"c3", NULL, &calling, NULL, NULL}, {"c4", NULL, &calling, NULL, NULL},
        {NULL, NULL, NULL, NULL, NULL},
    };
    g_auto(Case) it = case_of(tasks);

    write_run(&it, "dataflow", 1, &one_at_a_time[2]);

    g_autofree char *summary = summary_of(&it, (DagTextStyle){0});

    assert_has(summary, "\n  connections ");
    assert_has_not(summary, "\n  work ");
    assert_has_not(summary, "\n  idle ");
}

static void
test_json_names_the_capacity_that_binds(void)
{
    g_auto(Case) it = mixed_case();
    g_autoptr(JsonParser) parser = json_parser_new();
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    write_run(&it, "dataflow", 1, one_at_a_time);
    dag_report_run_json(it.run, out);
    json_parser_load_from_data(parser, out->str, -1, &error);
    g_assert_no_error(error);

    JsonObject *root = json_node_get_object(json_parser_get_root(parser));
    JsonArray *tasks = json_object_get_array_member(root, "tasks");

    g_assert_cmpint(json_object_get_int_member(root, "connections"), ==, 1);
    g_assert_cmpstr(json_object_get_string_member(root, "lower_bound_by"), ==,
                    "connections");
    g_assert_cmpfloat(json_object_get_double_member(root, "lower_bound_seconds"), ==, 12);
    g_assert_true(
        json_object_has_member(json_array_get_object_element(tasks, 0), "worker"));
    g_assert_false(
        json_object_has_member(json_array_get_object_element(tasks, 2), "worker"));
}

static void
test_parallelism_of_a_plan_is_that_of_its_workers(void)
{
    g_auto(Case) it = mixed_case();
    g_autofree char *table = table_of(&it, (DagTextStyle){0});

    /* Each task costs 1 s; the longest chain is 2 s. */
    assert_line(
        table, "parallelism",
        "parallelism 1.0 cost on workers / critical path: more workers than that are "
        "not busy all the time");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/report-capacities/work",
                    test_workers_and_connections_have_their_own_work);
    g_test_add_func("/report-capacities/bound", test_connections_can_be_the_lower_bound);
    g_test_add_func("/report-capacities/idle",
                    test_only_tasks_on_workers_keep_workers_busy);
    g_test_add_func("/report-capacities/no-workers",
                    test_without_tasks_on_workers_there_is_no_idle_worker);
    g_test_add_func("/report-capacities/json", test_json_names_the_capacity_that_binds);
    g_test_add_func("/report-capacities/plan",
                    test_parallelism_of_a_plan_is_that_of_its_workers);
    return g_test_run();
}
