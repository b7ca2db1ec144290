/* SPDX-License-Identifier: MIT */
/*
 * Results of earlier runs that are taken over, with a memory that lasts as long as the test.
 */
#include <dagrun/load.h>
#include <stdatomic.h>
#include <string.h>

#include "dice.h"
#include "graph-of.h"
#include "kept-results.h"
#include "random-graph.h"
#include "run-of.h"
#include "verified.h"

/* Runs of graphs in one directory, with one memory. */
typedef struct Again {
    KeptResults *results;
    RunOf *first; /* its directory is that of all */
} Again;

static RunOf *
again(Again *it, const char *declarations)
{
    return run_of(declarations, &(RunOptions){.directory = it->first->directory,
                                              .memory = &it->results->memory,
                                              .keep_going = true});
}

/* Begin with an empty graph, for its directory. */
static Again
begin(void)
{
    return (Again){kept_results_new(), run_of("", NULL)};
}

static void
again_clear(Again *it)
{
    kept_results_free(it->results);
    run_of_free(it->first);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Again, again_clear)

static const char *
reuse_of(const RunOf *run, const char *task)
{
    return dag_run_reuse(run->run, dag_graph_find(run->graph, task));
}

/* Run both graphs, and assert why the task of the second ran. */
static void
assert_change(const char *before, const char *after, const char *reason)
{
    g_auto(Again) it = begin();
    g_autoptr(RunOf) first = again(&it, before);
    g_autoptr(RunOf) second = again(&it, after);

    assert_succeeded(first);
    assert_outcome(second, "x", reason ? DAG_SUCCEEDED : DAG_REUSED);
    g_assert_cmpstr(reuse_of(second, "x"), ==, reason ? reason : "earlier");
}

static void
test_what_has_succeeded_does_not_run_again(void)
{
    const char *graph = "<task id='a'><shell>echo said</shell></task>"
                        "<task id='b' needs='a'><shell>cat \"$a\"</shell></task>"
                        "<task id='c'><exec>echo \"${b}\"</exec></task>"
                        "<task id='d'><sleep duration='1ms'/></task>"
                        "<task id='e'><spin duration='1ms'/></task>";
    g_auto(Again) it = begin();
    g_autoptr(RunOf) first = again(&it, graph);
    g_autoptr(RunOf) second = again(&it, graph);

    assert_succeeded(first);
    g_assert_cmpuint(dag_run_count(second->run, DAG_REUSED), ==, 5);
    g_assert_true(dag_run_succeeded(second->run));
    g_assert_cmpint(dag_run_record(second->run, 0).start_ns, ==, -1);
    g_assert_cmpuint(it.results->n_kept, ==, 5);
    g_assert_cmpstr(reuse_of(second, "a"), ==, "earlier");
    g_assert_null(reuse_of(first, "a"));
}

static void
test_a_reused_output_is_read(void)
{
    const char *said = "<task id='a'><shell>printf 'one\\ntwo\\n'; echo >>n</shell></task>";
    g_autofree char *more =
        g_strconcat(said,
                    "<task id='b' needs='a'><shell>cat \"$a\"; wc -l &lt;n</shell></task>"
                    "<task id='c'><exec>echo ${a} ${a.outcome}</exec></task>",
                    NULL);
    g_autofree char *read =
        g_strconcat(said, "<task id='b' needs='a'><shell>cat \"$a\"</shell></task>", NULL);
    g_auto(Again) it = begin();
    g_autoptr(RunOf) first = again(&it, read);
    g_autoptr(RunOf) second = again(&it, more);

    assert_said(first, "b", "one\ntwo\n");
    assert_outcome(second, "a", DAG_REUSED);
    assert_said(second, "b", "one\ntwo\n1\n");
    assert_said(second, "c", "one\ntwo succeeded\n");
}

/* The output of a task that no other read was not stored. */
static void
test_a_result_without_its_output_is_not_taken(void)
{
    assert_change("<task id='x'><exec>echo</exec></task>",
                  "<task id='x'><exec>echo</exec></task>"
                  "<task id='y'><exec>echo ${x}</exec></task>",
                  "its output was not kept");
}

static void
test_each_part_that_changes_is_named(void)
{
    assert_change("<task id='x'><shell>true</shell></task>",
                  "<task id='x'><shell>true 2</shell></task>", "script changed");
    assert_change("<task id='x'><exec>echo a b</exec></task>",
                  "<task id='x'><exec>echo a c d</exec></task>",
                  "argument 2 changed; argument 3 is new");
    assert_change(
        "<task id='x'><exec>true</exec></task>",
        "<task id='x'><sleep duration='1us'/></task>",
        "kind changed; duration is new; program is gone; directory of the graph is "
        "gone; directory is gone");
    assert_change("<task id='x'><env name='A' value='1'/><exec>true</exec></task>",
                  "<task id='x'><env name='A' value='2'/><env name='B' "
                  "value='2'/><exec>true</exec></task>",
                  "variable A changed; variable B is new");
    assert_change("<param name='p' default='1'/><task id='x'><shell>true</shell></task>",
                  "<param name='p' default='2'/><task id='x'><shell>true</shell></task>",
                  "parameter p changed");
    assert_change("<task id='x'><exec>true</exec></task>",
                  "<task id='x' dir='/'><exec>true</exec></task>", "directory changed");
    assert_change("<task id='x' expect='0'><exec>true</exec></task>",
                  "<task id='x' expect='0 3'><exec>true</exec></task>", "expect changed");
    assert_change("<task id='x'><shell>true</shell></task>",
                  "<task id='x'><shell unset='empty'>true</shell></task>", "unset is new");
    assert_change("<task id='x'><shell>true</shell></task>",
                  "<task id='x'><shell interpreter='sh'>true</shell></task>",
                  "interpreter is new");
}

/* Neither its name, nor its limits, nor other tasks. */
static void
test_the_place_of_a_task_does_not_matter(void)
{
    g_auto(Again) it = begin();
    g_autoptr(RunOf) first = again(&it, "<task id='x'><exec>echo a</exec></task>");
    g_autoptr(RunOf) second = again(
        &it, "<task id='y'><exec>echo other</exec></task>"
             "<task id='z' retries='3' timeout='1h' cost='7'><exec>echo a</exec></task>");

    assert_outcome(second, "z", DAG_REUSED);
    assert_outcome(second, "y", DAG_SUCCEEDED);
    assert_succeeded(first);
}

/* The wave stops where the output is the same as before. */
static void
test_a_predecessor_that_says_the_same_stops_the_wave(void)
{
    const char *rest = "<task id='x'><exec>echo ${a}</exec></task>"
                       "<task id='y'><exec stdin='a'>cat</exec></task>"
                       "<task id='z'><exec>echo ${x}</exec></task>";
    g_autofree char *graph =
        g_strconcat("<task id='a'><shell>echo 1</shell></task>", rest, NULL);
    g_autofree char *same =
        g_strconcat("<task id='a'><shell>expr 2 - 1</shell></task>", rest, NULL);
    g_autofree char *other =
        g_strconcat("<task id='a'><shell>expr 2 + 1</shell></task>", rest, NULL);
    g_auto(Again) it = begin();
    g_autoptr(RunOf) first = again(&it, graph);
    g_autoptr(RunOf) second = again(&it, same);
    g_autoptr(RunOf) third = again(&it, other);

    assert_outcome(second, "a", DAG_SUCCEEDED);
    g_assert_cmpuint(dag_run_count(second->run, DAG_REUSED), ==, 3);
    g_assert_cmpuint(dag_run_count(third->run, DAG_REUSED), ==, 0);
    g_assert_cmpstr(reuse_of(third, "x"), ==, "output of a changed");
    g_assert_cmpstr(reuse_of(third, "y"), ==, "output of a changed");
    assert_succeeded(first);
}

/* It may have made a file that the other reads; through a milestone as well. */
static void
test_a_task_that_reads_nothing_depends_on_what_was_done_before(void)
{
    const char *rest = "<task id='m' needs='a'/>"
                       "<task id='x' needs='a'><exec>true</exec></task>"
                       "<task id='y' needs='m'><exec>true</exec></task>"
                       "<task id='z' needs='m'><shell>true</shell></task>";
    g_autofree char *before =
        g_strconcat("<task id='a'><exec>echo 1</exec></task>", rest, NULL);
    g_autofree char *after =
        g_strconcat("<task id='a'><exec>echo 2</exec></task>", rest, NULL);
    g_auto(Again) it = begin();
    g_autoptr(RunOf) first = again(&it, before);
    g_autoptr(RunOf) second = again(&it, after);
    g_autoptr(RunOf) third = again(&it, after);

    g_assert_cmpuint(dag_run_count(second->run, DAG_REUSED), ==, 0);
    g_assert_cmpstr(reuse_of(second, "x"), ==, "task a changed");
    g_assert_cmpstr(reuse_of(second, "y"), ==, "task m changed");
    g_assert_cmpstr(reuse_of(second, "z"), ==, "task m changed");
    assert_outcome(third, "m", DAG_SUCCEEDED); /* it takes less time than a question */
    g_assert_cmpuint(dag_run_count(third->run, DAG_REUSED), ==, 4);
    assert_succeeded(first);
}

static void
test_failures_and_clean_ups_run_again(void)
{
    const char *graph =
        "<task id='a'><shell>test -e ok</shell></task>"
        "<task id='b' needs='a'><shell>touch b</shell></task>"
        "<task id='c'><exec>echo c</exec></task>"
        "<task id='up' needs='b' always='true'><shell>touch ok</shell></task>";
    g_auto(Again) it = begin();
    g_autoptr(RunOf) first = again(&it, graph);
    g_autoptr(RunOf) second = again(&it, graph);
    g_autoptr(RunOf) third = again(&it, graph);

    assert_outcome(first, "a", DAG_FAILED);
    assert_outcome(first, "b", DAG_BLOCKED);
    assert_outcome(second, "a", DAG_SUCCEEDED);
    assert_outcome(second, "b", DAG_SUCCEEDED);
    assert_outcome(second, "c", DAG_REUSED);
    assert_outcome(second, "up", DAG_SUCCEEDED);
    g_assert_cmpuint(dag_run_count(third->run, DAG_REUSED), ==, 3);
    assert_outcome(third, "up", DAG_SUCCEEDED);
}

/* Tasks of random graphs: each inserts what its predecessors said, and says a digest of that. */
typedef struct Work {
    uint64_t seed;
    const DagGraph *graph;
    unsigned failure_percent;
    atomic_uint n_runs[64]; /* by the number in the name of a task */
    char *said[64];         /* protected by the order of the tasks */
} Work;

static Work work;

static unsigned
number_of(DagTaskId id)
{
    return (unsigned)atoi(dag_graph_task_name(work.graph, id) + 1);
}

static void *
work_configure(DagElement *element, GError **error)
{
    return (void *)dag_element_template(element, dag_element_text(element), error);
}

static bool
work_identify(DagContext *context, const void *config, DagKey *key, GError **error)
{
    dag_key_add_text(key, "name",
                     dag_graph_task_name(work.graph, dag_context_task(context)));
    return dag_key_add_template(key, "text", config, error);
}

static DagOutcome
do_work(DagContext *context, const void *config)
{
    DagTaskId id = dag_context_task(context);
    unsigned number = number_of(id);
    Dice dice = work.seed * 1000 + number;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = dag_context_expand(context, config, &error);

    g_assert_no_error(error);
    if (dice_chance(&dice, work.failure_percent))
        return DAG_FAILED;
    work.n_runs[number]++;
    g_free(work.said[number]);
    work.said[number] = g_compute_checksum_for_string(G_CHECKSUM_MD5, text, -1);
    dag_context_write_output(context, work.said[number], strlen(work.said[number]));
    return DAG_SUCCEEDED;
}

static void
start_work(DagJob *job, const void *config)
{
    dag_job_finish(job, do_work(dag_job_context(job), config));
}

static void
cancel_nothing(DagJob *job, DagCancelLevel level)
{
    (void)job;
    (void)level;
}

static const DagKind working = {.name = "working",
                                .takes_text = true,
                                .configure = work_configure,
                                .run = do_work,
                                .identify = work_identify};
static const DagKind connected = {.name = "connected",
                                  .takes_text = true,
                                  .occupies = DAG_OCCUPIES_CONNECTION,
                                  .configure = work_configure,
                                  .start = start_work,
                                  .cancel = cancel_nothing,
                                  .identify = work_identify};

static void
nothing(const DagEvent *event, void *data)
{
    (void)event;
    (void)data;
}

static DagRun *
run_work(const DagPlan *plan, const DagMemory *memory, unsigned failure_percent)
{
    const DagStrategy *const *strategies = dag_strategies();
    DagObserver observer = {.notify = nothing};
    DagRun *run;

    work.failure_percent = failure_percent;
    run = dag_execute(plan,
                      &(DagExecuteOptions){.strategy = strategies[work.seed % 2],
                                           .n_workers = 1 + (unsigned)(work.seed % 3),
                                           .keep_going = work.seed % 5 > 0,
                                           .observers = &observer,
                                           .n_observers = work.seed % 2,
                                           .memory = memory},
                      NULL);
    g_assert_nonnull(run);
    assert_verified(run);
    return run;
}

static void
forget_work(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(work.said); i++) {
        g_clear_pointer(&work.said[i], g_free);
        work.n_runs[i] = 0;
    }
}

/* Assert that all has been done once, and as in a run without disturbance. */
static void
check_work(const DagPlan *plan)
{
    char *said[G_N_ELEMENTS(work.said)];

    for (DagTaskId id = 0; id < dag_graph_n_tasks(work.graph); id++)
        g_assert_cmpuint(work.n_runs[number_of(id)], ==, 1);
    memcpy(said, work.said, sizeof(said));
    memset(work.said, 0, sizeof(said));

    g_autoptr(DagRun) undisturbed = run_work(plan, NULL, 0);

    g_assert_true(dag_run_succeeded(undisturbed));
    for (unsigned i = 0; i < G_N_ELEMENTS(said); i++) {
        g_assert_cmpstr(said[i], ==, work.said[i]);
        g_free(said[i]);
    }
}

static void
check_graph(const RandomGraph *random)
{
    static const DagKind *const kinds[] = {&working, &connected};
    g_autoptr(DagGraph) graph = random_graph_build(random, kinds, 2);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    g_autoptr(KeptResults) results = kept_results_new();

    work.graph = graph;
    for (unsigned percent = 40; percent > 0; percent -= 10)
        dag_run_free(run_work(plan, &results->memory, percent));

    g_autoptr(DagRun) last = run_work(plan, &results->memory, 0);

    g_assert_true(dag_run_succeeded(last));
    /* A clean-up speaks of failures, so the tasks behind it may have run several times. */
    if (!dag_graph_has_always(graph))
        check_work(plan);
    forget_work();
}

static void
test_random_graphs_are_resumed_until_all_is_done_once(void)
{
    for (work.seed = 1; work.seed <= 150; work.seed++) {
        g_autoptr(RandomGraph) random = random_graph_new(
            work.seed, &(RandomGraphOptions){.max_tasks = 60, .pools = work.seed % 3 == 0});

        if (work.seed % 4 == 0)
            for (uint32_t i = 0; i < random->n; i++)
                random->policies[i].always = i % 10 == 9;
        check_graph(random);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reuse/what-has-succeeded-does-not-run-again",
                    test_what_has_succeeded_does_not_run_again);
    g_test_add_func("/reuse/a-reused-output-is-read", test_a_reused_output_is_read);
    g_test_add_func("/reuse/a-result-without-its-output-is-not-taken",
                    test_a_result_without_its_output_is_not_taken);
    g_test_add_func("/reuse/each-part-that-changes-is-named",
                    test_each_part_that_changes_is_named);
    g_test_add_func("/reuse/the-place-of-a-task-does-not-matter",
                    test_the_place_of_a_task_does_not_matter);
    g_test_add_func("/reuse/a-predecessor-that-says-the-same-stops-the-wave",
                    test_a_predecessor_that_says_the_same_stops_the_wave);
    g_test_add_func("/reuse/a-task-that-reads-nothing-depends-on-what-was-done-before",
                    test_a_task_that_reads_nothing_depends_on_what_was_done_before);
    g_test_add_func("/reuse/failures-and-clean-ups-run-again",
                    test_failures_and_clean_ups_run_again);
    g_test_add_func("/reuse/random-graphs-are-resumed-until-all-is-done-once",
                    test_random_graphs_are_resumed_until_all_is_done_once);
    return g_test_run();
}
