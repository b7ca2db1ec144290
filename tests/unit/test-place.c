/* SPDX-License-Identifier: MIT */
/*
 * exec and shell describe a process and hand it to a place: with a place that starts none, the
 * résumé example runs to its end without any process.
 */
#include <dagrun/execute.h>
#include <dagrun/load.h>
#include <dagrun/tasks.h>
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define RESUME DAGRUN_SOURCE_DIR "/examples/resume/resume.xml"

/* The number of tasks of the example without those that make a PDF. */
#define N_TASKS 10

/* A place that records what it is asked to run, and does not run it. */
typedef struct FakePlace {
    GMutex lock;
    GHashTable *described; /* of task name to text; protected by lock */
    const char *failing;   /* the task that fails, or NULL */
} FakePlace;

/* Return one line per part of the description. */
static char *
describe(const DagProcess *process, const DagGraph *graph)
{
    GString *text = g_string_new(NULL);

    for (const char *const *argument = process->arguments; *argument; argument++)
        g_string_append_printf(text, "argument %s\n", *argument);
    for (size_t i = 0; i < process->n_variables; i++) {
        const DagProcessVariable *variable = &process->variables[i];

        if (variable->value)
            g_string_append_printf(text, "variable %s=%s\n", variable->name,
                                   variable->value);
        else if (variable->output == DAG_TASK_NONE)
            g_string_append_printf(text, "nothing as %s\n", variable->name);
        else
            g_string_append_printf(text, "output of %s as %s\n",
                                   dag_graph_task_name(graph, variable->output),
                                   variable->name);
    }
    g_string_append_printf(text, "directory %s\n", process->directory);
    if (process->input != DAG_TASK_NONE)
        g_string_append_printf(text, "input %s\n",
                               dag_graph_task_name(graph, process->input));
    return g_string_free(text, FALSE);
}

/* Worker thread. */
static DagOutcome
fake_run(const DagProcess *process, DagContext *context, void *data)
{
    FakePlace *fake = data;
    const DagGraph *graph = dag_context_graph(context);
    const char *task = dag_graph_task_name(graph, dag_context_task(context));

    g_mutex_lock(&fake->lock);
    g_hash_table_insert(fake->described, (gpointer)task, describe(process, graph));
    g_mutex_unlock(&fake->lock);
    dag_context_write_output(context, task, strlen(task));
    dag_context_write_transcript(context, task, strlen(task));
    if (g_strcmp0(task, fake->failing) != 0)
        return DAG_SUCCEEDED;
    dag_context_set_reason(context, "the fake place fails");
    return DAG_FAILED;
}

static const DagPlace fake_place = {.name = "fake", .run = fake_run};

/* One run of the example. */
typedef struct Fixture {
    FakePlace fake;
    DagGraph *graph;
    DagPlan *plan;
    DagRun *run;
} Fixture;

static void
fixture_run(Fixture *f, const char *failing)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DagTasks) tasks = NULL;

    g_mutex_init(&f->fake.lock);
    f->fake.described = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    f->fake.failing = failing;
    f->graph = dag_load_file(RESUME, &(DagLoadOptions){.kinds = dag_tasks_kinds()}, &error);
    g_assert_no_error(error);
    f->plan = dag_plan_new(f->graph, DAG_PHASES_JUST_IN_TIME, NULL);
    tasks = dag_tasks_new(&(DagTasksOptions){.place = &fake_place, .place_data = &f->fake},
                          &error);
    g_assert_no_error(error);
    f->run = dag_execute(f->plan,
                         &(DagExecuteOptions){
                             .n_workers = 2,
                             .engines = &(DagOpenEngine){dag_tasks_engine(), tasks},
                             .n_engines = 1,
                         },
                         &error);
    g_assert_no_error(error);
}

static void
fixture_clear(Fixture *f)
{
    dag_run_free(f->run);
    dag_plan_free(f->plan);
    dag_graph_free(f->graph);
    g_hash_table_unref(f->fake.described);
    g_mutex_clear(&f->fake.lock);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Fixture, fixture_clear)

static const char *
described(const Fixture *f, const char *task)
{
    return g_hash_table_lookup(f->fake.described, task);
}

/* Assert that this process has, and has had, no child: a child that was reaped had page faults. */
static void
assert_no_child_was_made(void)
{
    struct rusage usage;

    g_assert_cmpint(waitpid(-1, NULL, WNOHANG), ==, -1);
    g_assert_cmpint(errno, ==, ECHILD);
    g_assert_cmpint(getrusage(RUSAGE_CHILDREN, &usage), ==, 0);
    g_assert_cmpint(usage.ru_minflt, ==, 0);
}

static void
test_the_resume_example_runs_without_any_process(void)
{
    g_auto(Fixture) f = {0};

    fixture_run(&f, NULL);
    g_assert_true(dag_run_succeeded(f.run));
    g_assert_cmpuint(dag_run_count(f.run, DAG_SUCCEEDED), ==, N_TASKS);
    g_assert_cmpuint(g_hash_table_size(f.fake.described), ==, N_TASKS);
    assert_no_child_was_made();
}

static void
test_exec_describes_words_variables_directory_and_input(void)
{
    g_auto(Fixture) f = {0};
    g_autofree char *parse = g_strdup_printf("argument awk\n"
                                             "argument -f\n"
                                             "argument steps/parse-job.awk\n"
                                             "argument steps/stop-words.txt\n"
                                             "argument %s/examples/resume/job.txt\n"
                                             "variable LC_ALL=C\n"
                                             "directory %s/examples/resume\n",
                                             DAGRUN_SOURCE_DIR, DAGRUN_SOURCE_DIR);

    fixture_run(&f, NULL);
    g_assert_cmpstr(described(&f, "parse_job_description"), ==, parse);
    g_assert_true(g_str_has_suffix(described(&f, "select_skills"),
                                   "\ninput parse_job_description\n"));
}

static void
test_shell_describes_outputs_as_files_and_parameters_as_variables(void)
{
    g_auto(Fixture) f = {0};
    const char *text;

    fixture_run(&f, NULL);
    text = described(&f, "write_summary");
    g_assert_true(
        g_str_has_prefix(text, "argument /bin/sh\nargument -eu\nargument -c\nargument "));
    g_assert_nonnull(strstr(text, "\noutput of select_skills as select_skills\n"));
    g_assert_nonnull(
        strstr(text, "\noutput of select_experiences as select_experiences\n"));
    g_assert_null(strstr(text, "compile_pdf"));
    g_assert_nonnull(strstr(text, "\nvariable fast_mode=false\n"));
    g_assert_null(strstr(text, "parse_job_description as"));
}

static void
test_the_outcome_and_the_reason_are_those_of_the_place(void)
{
    g_auto(Fixture) f = {0};
    DagTaskId failed;

    fixture_run(&f, "parse_job_description");
    failed = dag_graph_find(f.graph, "parse_job_description");
    g_assert_cmpint(dag_run_record(f.run, failed).outcome, ==, DAG_FAILED);
    g_assert_cmpstr(dag_run_reason(f.run, failed), ==, "the fake place fails");
    assert_no_child_was_made();
}

int
main(int argc, char **argv)
{
    g_setenv("PATH", "/nonexistent", TRUE);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/place/the-resume-example-runs-without-any-process",
                    test_the_resume_example_runs_without_any_process);
    g_test_add_func("/place/exec-describes-words-variables-directory-and-input",
                    test_exec_describes_words_variables_directory_and_input);
    g_test_add_func("/place/shell-describes-outputs-as-files-and-parameters-as-variables",
                    test_shell_describes_outputs_as_files_and_parameters_as_variables);
    g_test_add_func("/place/the-outcome-and-the-reason-are-those-of-the-place",
                    test_the_outcome_and_the_reason_are_those_of_the_place);
    return g_test_run();
}
