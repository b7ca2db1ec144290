/* SPDX-License-Identifier: MIT */
/*
 * The check of a run: its tasks are matched with those of the plan, then each rule is checked by itself.
 */
#include "verify/check.h"

#include <stdarg.h>
#include <string.h>

/* How late a real run may be, unless the caller says otherwise: on a busy machine a thread may wait for
 * seconds until it runs. */
#define DEFAULT_SLACK_NS (INT64_C(10) * 1000000000)

const char *
dag_rule_name(DagRule rule)
{
    static const char *const names[DAG_N_RULES] = {
        [DAG_RULE_TASKS] = "tasks",
        [DAG_RULE_RECORD] = "record",
        [DAG_RULE_DEPENDENCY] = "dependency",
        [DAG_RULE_BARRIER] = "barrier",
        [DAG_RULE_OUTCOME] = "outcome",
        [DAG_RULE_STOP] = "stop",
        [DAG_RULE_WORKER] = "worker",
        [DAG_RULE_CONNECTION] = "connection",
        [DAG_RULE_POOL] = "pool",
        [DAG_RULE_RATE] = "rate",
        [DAG_RULE_ATTEMPTS] = "attempts",
        [DAG_RULE_PAUSE] = "pause",
        [DAG_RULE_EXIT_CODE] = "exit-code",
        [DAG_RULE_TIME_LIMIT] = "time-limit",
        [DAG_RULE_PHASES] = "phases",
        [DAG_RULE_SUMS] = "sums",
    };

    g_return_val_if_fail((unsigned)rule < DAG_N_RULES, NULL);
    return names[rule];
}

static void
clear_finding(gpointer finding)
{
    g_free(((DagFinding *)finding)->text);
}

void
dag_verdict_free(DagVerdict *verdict)
{
    if (!verdict)
        return;
    g_array_unref(verdict->findings);
    g_free(verdict);
}

void
dag__find(Check *check, DagRule rule, DagTaskId task, const char *format, ...)
{
    DagFinding finding = {.rule = rule, .task = task};
    va_list args;

    if (check->verdict->n_findings++ >= DAG_MAX_FINDINGS)
        return;
    va_start(args, format);
    finding.text = g_strdup_vprintf(format, args);
    va_end(args);
    g_array_append_val(check->verdict->findings, finding);
}

const char *
dag__seconds(int64_t ns, char text[SECONDS_SIZE])
{
    char *end;

    g_snprintf(text, SECONDS_SIZE, "%s%" G_GINT64_FORMAT ".%09d", ns < 0 ? "-" : "",
               ABS(ns / 1000000000), (int)ABS(ns % 1000000000));
    end = text + strlen(text);
    while (end[-1] == '0' && end[-3] != '.')
        end--;
    memcpy(end, " s", sizeof(" s"));
    return text;
}

/* The tasks of a record are in order of declaration, so names need no search, unless the record is of
 * another graph. */
typedef struct Finder {
    const DagGraph *graph;
    GHashTable *by_name; /* of name to DagTaskId; NULL: not needed yet */
} Finder;

/* Return the task with this name, which is probably the one declared at `position`. */
static DagTaskId
find_task(Finder *finder, const char *name, size_t position)
{
    DagIds declared = dag_graph_declared(finder->graph);
    gpointer id;

    if (position < declared.n &&
        strcmp(dag_graph_task_name(finder->graph, declared.ids[position]), name) == 0)
        return declared.ids[position];
    if (!finder->by_name) {
        finder->by_name = g_hash_table_new(g_str_hash, g_str_equal);
        for (size_t i = 0; i < declared.n; i++)
            g_hash_table_insert(
                finder->by_name,
                (gpointer)dag_graph_task_name(finder->graph, declared.ids[i]),
                GUINT_TO_POINTER(declared.ids[i]));
    }
    if (!g_hash_table_lookup_extended(finder->by_name, name, NULL, &id))
        return DAG_TASK_NONE;
    return GPOINTER_TO_UINT(id);
}

/* Match the tasks of the run with those of the plan. */
static void
match_tasks(Check *check)
{
    Finder finder = {.graph = check->graph};

    for (guint i = 0; i < check->past->tasks->len; i++) {
        const DagPastTask *record = dag_past_run_task(check->past, i);
        DagTaskId id = find_task(&finder, record->id, i);

        if (id == DAG_TASK_NONE)
            dag__find(check, DAG_RULE_TASKS, id,
                      "task \"%s\" is in the run, but not in the graph", record->id);
        else if (check->records[id])
            dag__find(check, DAG_RULE_TASKS, id, "task \"%s\" is in the run twice",
                      record->id);
        else
            check->records[id] = record;
        check->verdict->n_attempts += record->n_attempts;
    }
    for (DagTaskId id = 0; id < check->n_tasks; id++)
        if (!check->records[id])
            dag__find(check, DAG_RULE_TASKS, id,
                      "task \"%s\" is in the graph, but not in the run",
                      name_of(check, id));
    g_clear_pointer(&finder.by_name, g_hash_table_unref);
}

/* The conditions of the graph must have excluded the same tasks in the run. */
static void
match_excluded(Check *check)
{
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    const GPtrArray *excluded = check->past->excluded;

    for (const char *const *name = dag_graph_excluded(check->graph); *name; name++)
        g_hash_table_add(names, (gpointer)*name);
    for (guint i = 0; i < excluded->len; i++)
        if (!g_hash_table_remove(names, excluded->pdata[i]))
            dag__find(check, DAG_RULE_TASKS, DAG_TASK_NONE,
                      "task \"%s\" is excluded in the run, but not in the graph",
                      (const char *)excluded->pdata[i]);
    for (const char *const *name = dag_graph_excluded(check->graph); *name; name++)
        if (g_hash_table_contains(names, *name))
            dag__find(check, DAG_RULE_TASKS, DAG_TASK_NONE,
                      "task \"%s\" is excluded in the graph, but not in the run", *name);
}

static int64_t
slack_of(const DagPastRun *past, int64_t slack_ns)
{
    if (past->is_simulated)
        return 0;
    return slack_ns > 0 ? slack_ns : DEFAULT_SLACK_NS;
}

DagVerdict *
dag_verify(const DagPlan *plan, const DagPastRun *past, int64_t slack_ns)
{
    g_return_val_if_fail(plan && past, NULL);

    const DagGraph *graph = dag_plan_graph(plan);
    size_t n_tasks = dag_graph_n_tasks(graph);
    g_autofree const DagPastTask **records = g_new0(const DagPastTask *, n_tasks + 1);
    DagVerdict *verdict = g_new0(DagVerdict, 1);
    Check check = {
        .plan = plan,
        .graph = graph,
        .past = past,
        .records = records,
        .n_tasks = n_tasks,
        .slack_ns = slack_of(past, slack_ns),
        .verdict = verdict,
    };

    verdict->findings = g_array_new(FALSE, FALSE, sizeof(DagFinding));
    g_array_set_clear_func(verdict->findings, clear_finding);
    verdict->n_tasks = n_tasks;
    verdict->n_dependencies = dag_graph_n_dependencies(graph);
    match_tasks(&check);
    match_excluded(&check);
    dag__check_attempts(&check);
    dag__check_outcomes(&check);
    dag__check_precedence(&check);
    dag__check_occupancy(&check);
    dag__check_sums(&check);
    return verdict;
}
