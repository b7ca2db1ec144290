/* SPDX-License-Identifier: MIT */
/*
 * The life of a DagTasks, and the engine that hands it to the tasks of a run.
 */
#include "tasks.h"

#include "channels.h"
#include "drains.h"
#include "foreground.h"
#include "local.h"
#include "run-mark.h"

#include <dagrun/error.h>
#include <dagrun/execute.h>
#include <errno.h>
#include <unistd.h>

#define NS_PER_MS 1000000

/* Let programs have `soft` as their soft limit of descriptors, if it is lower than that of this
 * process. */
static void
set_descriptors(DagTasks *tasks, uint64_t soft)
{
    if (soft == 0 || getrlimit64(RLIMIT_NOFILE, &tasks->descriptors) < 0 ||
        soft >= tasks->descriptors.rlim_cur)
        return;
    tasks->descriptors.rlim_cur = soft;
    tasks->has_descriptors = true;
}

DagTasks *
dag_tasks_new(const DagTasksOptions *options, GError **error)
{
    static const DagTasksOptions defaults;
    GroupTable *groups = dag__groups_new();
    DagTasks *tasks;

    if (!groups) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO,
                    "cannot map memory for a table of process groups: %s",
                    g_strerror(errno));
        return NULL;
    }
    if (!options)
        options = &defaults;
    tasks = g_new0(DagTasks, 1);
    tasks->place = options->place ? options->place : &dag__local_place;
    tasks->place_data = options->place ? options->place_data : tasks;
    set_descriptors(tasks, options->max_descriptors);
    tasks->mark = dag__mark_new();
    tasks->files = dag_run_files_new();
    tasks->groups = groups;
    pthread_mutex_init(&tasks->lock, NULL);
    tasks->foreground = dag__foreground_new(options);
    tasks->idle_channels = g_ptr_array_new();
    tasks->children_fd = -1;
    tasks->known = g_hash_table_new(NULL, NULL);
    tasks->left = g_array_new(FALSE, FALSE, sizeof(pid_t));
    tasks->lost = g_array_new(FALSE, FALSE, sizeof(pid_t));
    tasks->drains = dag__drains_new();
    return tasks;
}

void
dag_tasks_free(DagTasks *tasks)
{
    if (!tasks)
        return;
    dag_tasks_end_guard(tasks);
    dag_run_files_remove(tasks->files);
    dag_run_files_free(tasks->files);
    dag__channels_free(tasks);
    dag__foreground_free(tasks->foreground);
    dag__drains_unref(tasks->drains);
    if (tasks->children_fd >= 0)
        close(tasks->children_fd);
    g_array_unref(tasks->lost);
    g_array_unref(tasks->left);
    g_hash_table_unref(tasks->known);
    pthread_mutex_destroy(&tasks->lock);
    dag__groups_free(tasks->groups);
    dag_mask_unref(atomic_load(&tasks->secrets));
    g_free(tasks->mark);
    g_free(tasks);
}

void
dag__tasks_note_secrets(DagTasks *tasks, const DagGraph *graph)
{
    DagMask *none = NULL, *secrets;

    if (atomic_load(&tasks->secrets))
        return;
    secrets = dag_graph_mask(graph);
    if (!atomic_compare_exchange_strong(&tasks->secrets, &none, secrets))
        dag_mask_unref(secrets);
}

/* For a run without a DagTasks of the caller. */
static void *
engine_open(GError **error)
{
    return dag_tasks_new(NULL, error);
}

static void
engine_close(void *engine)
{
    DagTasks *tasks = engine;

    /* After the run, the caller has no means to end them. */
    dag_tasks_end_leftovers(tasks, (int)(DAG_GRACE_NS / NS_PER_MS), NULL, NULL);
    dag_tasks_free(tasks);
}

const DagEngine dag__tasks_engine = {
    .name = "process",
    .open = engine_open,
    .close = engine_close,
};

const DagEngine *
dag_tasks_engine(void)
{
    return &dag__tasks_engine;
}
