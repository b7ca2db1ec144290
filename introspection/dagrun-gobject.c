/* SPDX-License-Identifier: MIT */
/*
 * Each type is a box with an atomic reference count.  A run holds a reference to its plan, a plan
 * to its graph.  g-ir-scanner reads the comments.
 */
#include "dagrun-gobject.h"

#include <dagrun/dagrun.h>
#include <dagrun/tasks.h>
#include <string.h>

struct _DagrunGraph {
    DagGraph *graph;
};

struct _DagrunPlan {
    DagrunGraph *graph;
    DagPlan *plan;
};

struct _DagrunRun {
    DagrunPlan *plan;
    DagRun *run;
};

G_DEFINE_BOXED_TYPE(DagrunGraph, dagrun_graph, dagrun_graph_ref, dagrun_graph_unref)
G_DEFINE_BOXED_TYPE(DagrunPlan, dagrun_plan, dagrun_plan_ref, dagrun_plan_unref)
G_DEFINE_BOXED_TYPE(DagrunRun, dagrun_run, dagrun_run_ref, dagrun_run_unref)

/* Returns: the names of the tasks, NULL-terminated; free with g_strfreev(). */
static char **
names_of(const DagGraph *graph, DagIds tasks)
{
    char **names = g_new0(char *, tasks.n + 1);

    for (size_t i = 0; i < tasks.n; i++)
        names[i] = g_strdup(dag_graph_task_name(graph, tasks.ids[i]));
    return names;
}

/* Append settings to `list`.  Other languages may pass null values, which are an error.  Returns:
 * false with DAG_ERROR_SETTING. */
static bool
add_settings(GArray *list, GHashTable *settings, GError **error)
{
    GHashTableIter iter;
    gpointer name, value;

    g_hash_table_iter_init(&iter, settings);
    while (g_hash_table_iter_next(&iter, &name, &value)) {
        /* Settings from the memory of a program are not visible to other users. */
        DagSetting setting = {.name = name, .value = value, .is_private = true};

        if (!name || !value) {
            g_set_error(error, DAG_ERROR, DAG_ERROR_SETTING,
                        "parameter \"%s\" is given no value", name ? (char *)name : "");
            return false;
        }
        g_array_append_val(list, setting);
    }
    return true;
}

/**
 * dagrun_graph_load:
 * @path: (type filename): a file, or a pipe
 * @settings: (nullable) (element-type utf8 utf8): values of parameters, by name
 * @error: return location for an error
 *
 * Loads a graph with the kinds of task of libdagrun-tasks.
 *
 * Returns: (transfer full): the graph
 */
DagrunGraph *
dagrun_graph_load(const char *path, GHashTable *settings, GError **error)
{
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(DagSetting));

    if (settings && !add_settings(list, settings, error))
        return NULL;

    DagLoadOptions options = {
        .kinds = dag_tasks_kinds(),
        .settings = (const DagSetting *)(const void *)list->data,
        .n_settings = list->len,
    };
    DagGraph *graph = dag_load_file(path, &options, error);

    if (!graph)
        return NULL;

    DagrunGraph *self = g_atomic_rc_box_new0(DagrunGraph);

    self->graph = graph;
    return self;
}

/**
 * dagrun_graph_ref: (skip)
 * @self: a graph
 *
 * Returns: (transfer full): the same
 */
DagrunGraph *
dagrun_graph_ref(DagrunGraph *self)
{
    return g_atomic_rc_box_acquire(self);
}

static void
graph_clear(gpointer self)
{
    dag_graph_free(((DagrunGraph *)self)->graph);
}

/**
 * dagrun_graph_unref: (skip)
 * @self: (transfer full): a graph
 */
void
dagrun_graph_unref(DagrunGraph *self)
{
    g_atomic_rc_box_release_full(self, graph_clear);
}

/**
 * dagrun_graph_get_name:
 * @self: a graph
 *
 * Returns: its name; by default the file name without extension
 */
const char *
dagrun_graph_get_name(DagrunGraph *self)
{
    return dag_graph_name(self->graph);
}

/**
 * dagrun_graph_get_tasks:
 * @self: a graph
 *
 * Returns: (transfer full): the names of its tasks, in order of declaration
 */
char **
dagrun_graph_get_tasks(DagrunGraph *self)
{
    return names_of(self->graph, dag_graph_declared(self->graph));
}

/* Get the rule `name`; NULL is the default.  Returns: false with DAG_ERROR_SETTING if there is no
 * such rule. */
static bool
find_rule(const char *name, DagPhaseRule *rule_out, GError **error)
{
    *rule_out = DAG_PHASES_JUST_IN_TIME;
    if (!name)
        return true;
    for (int rule = 0; rule < DAG_N_PHASE_RULES; rule++) {
        *rule_out = (DagPhaseRule)rule;
        if (strcmp(dag_phase_rule_name(*rule_out), name) == 0)
            return true;
    }
    g_set_error(error, DAG_ERROR, DAG_ERROR_SETTING, "no rule \"%s\"", name);
    return false;
}

/**
 * dagrun_plan_new:
 * @graph: a graph
 * @phase_rule: (nullable): the rule that infers phases: `just-in-time` (also %NULL), `asap`,
 *   `alap`, `compact`
 * @error: return location for an error
 *
 * Plans the graph.  Fails only if there is no such rule.
 *
 * Returns: (transfer full): the plan
 */
DagrunPlan *
dagrun_plan_new(DagrunGraph *graph, const char *phase_rule, GError **error)
{
    DagPhaseRule rule;

    if (!find_rule(phase_rule, &rule, error))
        return NULL;

    DagrunPlan *self = g_atomic_rc_box_new0(DagrunPlan);

    self->graph = dagrun_graph_ref(graph);
    self->plan = dag_plan_new(graph->graph, rule, NULL);
    return self;
}

/**
 * dagrun_plan_ref: (skip)
 * @self: a plan
 *
 * Returns: (transfer full): the same
 */
DagrunPlan *
dagrun_plan_ref(DagrunPlan *self)
{
    return g_atomic_rc_box_acquire(self);
}

static void
plan_clear(gpointer data)
{
    DagrunPlan *self = data;

    dag_plan_free(self->plan);
    dagrun_graph_unref(self->graph);
}

/**
 * dagrun_plan_unref: (skip)
 * @self: (transfer full): a plan
 */
void
dagrun_plan_unref(DagrunPlan *self)
{
    g_atomic_rc_box_release_full(self, plan_clear);
}

/**
 * dagrun_plan_get_n_phases:
 * @self: a plan
 *
 * Returns: the number of phases
 */
guint
dagrun_plan_get_n_phases(DagrunPlan *self)
{
    return (guint)dag_plan_n_phases(self->plan);
}

/**
 * dagrun_plan_get_phase:
 * @self: a plan
 * @phase: number of a phase, from 0
 *
 * Returns: (transfer full): the names of its tasks
 */
char **
dagrun_plan_get_phase(DagrunPlan *self, guint phase)
{
    g_return_val_if_fail(phase < dag_plan_n_phases(self->plan), NULL);

    return names_of(self->graph->graph, dag_plan_phase_tasks(self->plan, phase));
}

/**
 * dagrun_plan_to_json:
 * @self: a plan
 *
 * Returns: (transfer full): the output of `dagrun plan --json`
 */
char *
dagrun_plan_to_json(DagrunPlan *self)
{
    GString *out = g_string_new(NULL);

    dag_report_plan_json(self->plan, out);
    return g_string_free(out, FALSE);
}

/**
 * dagrun_run_new:
 * @plan: a plan
 * @strategy: (nullable): name of a strategy; %NULL: `phases`
 * @n_workers: number of workers; 0: the number of cores this process may use
 * @keep_going: whether to run tasks after a failure that do not depend on the failed one
 * @error: return location for an error
 *
 * Runs the plan and waits for its end.  A failed task is part of the result, not an error.
 *
 * Returns: (transfer full): the run
 */
DagrunRun *
dagrun_run_new(DagrunPlan *plan, const char *strategy, guint n_workers, gboolean keep_going,
               GError **error)
{
    DagExecuteOptions options = {
        .strategy = strategy ? dag_strategy_find(strategy) : NULL,
        .n_workers = n_workers,
        .keep_going = keep_going,
    };

    if (strategy && !options.strategy) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_SETTING, "no strategy \"%s\"", strategy);
        return NULL;
    }

    DagRun *run = dag_execute(plan->plan, &options, error);

    if (!run)
        return NULL;

    DagrunRun *self = g_atomic_rc_box_new0(DagrunRun);

    self->plan = dagrun_plan_ref(plan);
    self->run = run;
    return self;
}

/**
 * dagrun_run_ref: (skip)
 * @self: a run
 *
 * Returns: (transfer full): the same
 */
DagrunRun *
dagrun_run_ref(DagrunRun *self)
{
    return g_atomic_rc_box_acquire(self);
}

static void
run_clear(gpointer data)
{
    DagrunRun *self = data;

    dag_run_free(self->run);
    dagrun_plan_unref(self->plan);
}

/**
 * dagrun_run_unref: (skip)
 * @self: (transfer full): a run
 */
void
dagrun_run_unref(DagrunRun *self)
{
    g_atomic_rc_box_release_full(self, run_clear);
}

/**
 * dagrun_run_get_succeeded:
 * @self: a run
 *
 * Returns: whether every task succeeded, or failed with allow-failure
 */
gboolean
dagrun_run_get_succeeded(DagrunRun *self)
{
    return dag_run_succeeded(self->run);
}

/**
 * dagrun_run_get_outcome:
 * @self: a run
 * @task: name of a task
 *
 * Returns: (nullable): `succeeded`, `failed`, `timed-out`, `blocked` or `cancelled`; %NULL if
 *   there is no such task
 */
const char *
dagrun_run_get_outcome(DagrunRun *self, const char *task)
{
    DagTaskId id = dag_graph_find(self->plan->graph->graph, task);

    return id == DAG_TASK_NONE ? NULL
                               : dag_outcome_name(dag_run_record(self->run, id).outcome);
}

/**
 * dagrun_run_to_json:
 * @self: a run
 *
 * Returns: (transfer full): the output of `dagrun run --json`
 */
char *
dagrun_run_to_json(DagrunRun *self)
{
    GString *out = g_string_new(NULL);

    dag_report_run_json(self->run, out);
    return g_string_free(out, FALSE);
}
