/* SPDX-License-Identifier: MIT */
#include "commands/resume-options.h"

#include "commands/options.h"

#include <inttypes.h>
#include <string.h>

void
resume_options_add(ResumeOptions *options, GArray *entries)
{
    const GOptionEntry added[] = {
        {"resume", 0, 0, G_OPTION_ARG_NONE, &options->is_on,
         "Take over what succeeded in the last run of the graph and would be the same",
         NULL},
        {"from", 0, 0, G_OPTION_ARG_FILENAME, &options->from_text,
         "Resume this run instead of the last (see dagrun history)", "RUN"},
        {"rerun", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->rerun,
         "Resume, but run these tasks and all that depend on them", "TASK,…"},
        {"only-failed", 0, 0, G_OPTION_ARG_NONE, &options->only_failed,
         "Resume, and take over all that succeeded, whatever has changed", NULL},
        {"force", 0, 0, G_OPTION_ARG_NONE, &options->run_all,
         "Run all tasks, also those that are up to date or cached", NULL},
    };

    g_array_append_vals(entries, added, G_N_ELEMENTS(added));
}

bool
resume_options_read(ResumeOptions *options, bool has_store)
{
    guint64 from = 0;

    options->is_on |= options->only_failed || options->from_text || options->rerun;
    if (options->is_on && options->run_all) {
        complain("--force runs all tasks, so no run can be resumed with it");
        return false;
    }
    if (options->is_on && !has_store) {
        complain("there is no store, so nothing can be resumed");
        return false;
    }
    if (options->from_text && strcmp(options->from_text, "last") != 0 &&
        !g_ascii_string_to_unsigned(options->from_text, 10, 1, G_MAXINT64, &from, NULL)) {
        complain("--from takes the number of a run, as dagrun history prints it, not "
                 "\"%s\"",
                 options->from_text);
        return false;
    }
    options->from = (int64_t)from;
    return true;
}

/* Mark a task of --rerun.  Returns: false after an error message. */
static bool
mark(ResumeOptions *options, const DagGraph *graph, const char *name)
{
    DagTaskId id = dag_graph_find(graph, name);

    if (id == DAG_TASK_NONE)
        complain_of_task(graph, name);
    else
        options->must_run[id] = true;
    return id != DAG_TASK_NONE;
}

/* Mark all tasks that depend on marked ones. */
static void
mark_successors(bool *must_run, const DagGraph *graph)
{
    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++) {
        DagIds succs = dag_graph_successors(graph, id);

        for (size_t i = 0; must_run[id] && i < succs.n; i++)
            must_run[succs.ids[i]] = true;
    }
}

bool
resume_options_find_tasks(ResumeOptions *options, const DagGraph *graph)
{
    bool good = true;

    if (!options->rerun)
        return true;
    options->must_run = g_new0(bool, dag_graph_n_tasks(graph) + 1);
    for (char **list = options->rerun; *list && good; list++) {
        g_auto(GStrv) names = g_strsplit(*list, ",", -1);

        for (char **name = names; *name && good; name++)
            good = !**name || mark(options, graph, *name);
    }
    if (good)
        mark_successors(options->must_run, graph);
    return good;
}

/* Return false after an error message: the run that is to be resumed still goes on, so it would run tasks at the same
 * time, and has more results soon. */
static bool
has_ended(const char *directory, int64_t id, const char *graph)
{
    g_autoptr(DagStore) store = dag_store_open(directory, NULL);
    g_autoptr(DagStoredRun) run = store ? dag_store_run(store, id, NULL) : NULL;

    if (!run || !run->is_going)
        return true;
    complain("cannot resume run %" PRId64 " of %s, which still goes on (process %" PRId64
             "): wait for its end, or name another run with --from",
             id, graph, run->process);
    return false;
}

bool
resume_options_memory(const ResumeOptions *options, const char *directory,
                      DagStoreWriter *writer, const char *graph,
                      const DagMemory **memory_out)
{
    const DagStoreResume resume = {.from = options->from,
                                   .must_run = options->must_run,
                                   .only_failed = options->only_failed,
                                   .run_all = options->run_all};
    g_autoptr(GError) error = NULL;

    *memory_out = dag_store_writer_memory(
        writer, options->is_on || options->run_all ? &resume : NULL, &error);
    if (!options->is_on)
        return true;
    if (error) {
        complain("cannot resume: %s; without --resume, --from, --rerun and --only-failed "
                 "all tasks run",
                 error->message);
        return false;
    }
    if (dag_store_writer_resumes(writer) > 0)
        return has_ended(directory, dag_store_writer_resumes(writer), graph);
    if (options->from > 0) {
        complain("run %" PRId64 " is no run of %s; see dagrun history %s", options->from,
                 graph, graph);
        return false;
    }
    complain("no run of %s is stored yet: all tasks run", graph);
    return true;
}

void
resume_options_clear(ResumeOptions *options)
{
    g_free(options->from_text);
    g_strfreev(options->rerun);
    g_free(options->must_run);
}
