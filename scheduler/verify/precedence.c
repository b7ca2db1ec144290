/* SPDX-License-Identifier: MIT */
/*
 * A task starts when the tasks that it needs have ended, a clean-up as well.  With a barrier it starts
 * when all tasks of earlier phases have ended.  A task that never ran has no times, and holds up nothing; but
 * what is behind a reused task starts after the tasks before that one.
 */
#include "verify/check.h"

/* Return the task that ended last of those that a task which did not run waited for, or DAG_TASK_NONE.
 * `last_of` has the same for those before it. */
static DagTaskId
last_before(const Check *check, DagTaskId id, const DagTaskId *last_of)
{
    DagIds preds = dag_graph_predecessors(check->graph, id);
    DagTaskId last = DAG_TASK_NONE;

    for (size_t i = 0; i < preds.n; i++) {
        DagTaskId other = last_of[preds.ids[i]];

        if (other != DAG_TASK_NONE &&
            (last == DAG_TASK_NONE || end_of(check, other) > end_of(check, last)))
            last = other;
    }
    return last;
}

/* `last_of`: the task itself, if it ran; if it is reused, the last one before it that ran. */
static void
check_task(Check *check, DagTaskId id, const DagTaskId *last_of)
{
    DagIds preds = dag_graph_predecessors(check->graph, id);
    int64_t start_ns = start_of(check, id);

    for (size_t i = 0; i < preds.n; i++) {
        DagTaskId last = last_of[preds.ids[i]];
        char start[SECONDS_SIZE], end[SECONDS_SIZE];

        if (last == DAG_TASK_NONE || !is_before(start_ns, end_of(check, last)))
            continue;
        dag__find(check, DAG_RULE_DEPENDENCY, id,
                  "task \"%s\" started at %s, before \"%s\", which it needs, ended at %s",
                  name_of(check, id), dag__seconds(start_ns, start), name_of(check, last),
                  dag__seconds(end_of(check, last), end));
    }
}

static void
check_tasks(Check *check)
{
    g_autofree DagTaskId *last_of = g_new(DagTaskId, check->n_tasks + 1);

    for (DagTaskId id = 0; id < check->n_tasks; id++) {
        last_of[id] = DAG_TASK_NONE;
        if (has_run(check, id)) {
            check_task(check, id, last_of);
            last_of[id] = id;
        } else if (check->records[id] && check->records[id]->outcome == DAG_REUSED) {
            last_of[id] = last_before(check, id, last_of);
        }
    }
}

/* Check the tasks of a phase against `last`, the task of the earlier phases that ended last. */
static void
check_phase(Check *check, DagIds tasks, DagTaskId last)
{
    for (size_t i = 0; i < tasks.n; i++) {
        DagTaskId id = tasks.ids[i];
        char start[SECONDS_SIZE], end[SECONDS_SIZE];

        if (!has_run(check, id) || !is_before(start_of(check, id), end_of(check, last)))
            continue;
        dag__find(check, DAG_RULE_BARRIER, id,
                  "task \"%s\" of phase %u started at %s, before \"%s\" of phase %u ended "
                  "at %s",
                  name_of(check, id), dag_plan_phase(check->plan, id) + 1,
                  dag__seconds(start_of(check, id), start), name_of(check, last),
                  dag_plan_phase(check->plan, last) + 1,
                  dag__seconds(end_of(check, last), end));
    }
}

static void
check_barriers(Check *check)
{
    DagTaskId last = DAG_TASK_NONE;

    for (uint32_t phase = 0; phase < dag_plan_n_phases(check->plan); phase++) {
        DagIds tasks = dag_plan_phase_tasks(check->plan, phase);

        if (last != DAG_TASK_NONE)
            check_phase(check, tasks, last);
        for (size_t i = 0; i < tasks.n; i++)
            if (has_run(check, tasks.ids[i]) &&
                (last == DAG_TASK_NONE ||
                 end_of(check, tasks.ids[i]) > end_of(check, last)))
                last = tasks.ids[i];
    }
}

void
dag__check_precedence(Check *check)
{
    check_tasks(check);
    if (check->past->has_barrier)
        check_barriers(check);
}
