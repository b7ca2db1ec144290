/* SPDX-License-Identifier: MIT */
/*
 * Barriers: a phase begins when every task of all earlier phases has ended.
 *
 * A task behind a failure ends, as blocked, when the failure is known.  It may lie in a phase that
 * has not begun yet, and is counted as ended there.  A phase in which every task is blocked does not
 * begin.
 */
#include "ready/ready-set-private.h"

/* Decide the outcomes of the tasks of the phase that a stop has ended: all earlier tasks have
 * theirs. */
static void
decide_phase(ReadySet *set)
{
    DagIds tasks = dag_plan_phase_tasks(set->plan, set->phase);

    for (size_t i = 0; i < tasks.n && set->stopped; i++)
        dag__ready_decide(set, tasks.ids[i]);
}

/* Make all tasks of the phase ready that can run. */
static void
begin_phase(ReadySet *set)
{
    DagIds tasks = dag_plan_phase_tasks(set->plan, set->phase);

    set->phase_has_begun = true;
    if (set->listener.phase_began)
        set->listener.phase_began(set->phase, set->listener.data);
    for (size_t i = 0; i < tasks.n; i++)
        if (task_table_state(&set->tasks, tasks.ids[i]) == TASK_WAITING)
            dag__ready_enqueue(set, tasks.ids[i]);
}

void
dag__ready_end_phase(ReadySet *set)
{
    if (set->phase_has_begun && set->listener.phase_ended)
        set->listener.phase_ended(set->phase, set->listener.data);
    set->phase_has_begun = false;
}

void
dag__ready_advance(ReadySet *set)
{
    size_t n_phases = dag_plan_n_phases(set->plan);

    if (!set->has_barrier)
        return;
    while (set->phase < n_phases && set->n_left[set->phase] == 0) {
        decide_phase(set);
        dag__ready_end_phase(set);
        set->phase++;
    }
    if (set->phase < n_phases && !set->phase_has_begun)
        begin_phase(set);
}
