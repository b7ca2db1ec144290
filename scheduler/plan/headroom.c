/* SPDX-License-Identifier: MIT */
/*
 * By how much a task of the critical path can get shorter until another chain is the longest.
 *
 * That is the length of the critical path less that of the longest chain that avoids the task.  Ids
 * are topological, so a chain that avoids task x ends before x, begins after x, or has one dependency
 * (u, v) with u < x < v.  The longest chain through that dependency is the earliest end of u plus the
 * rank of v.  So each dependency raises the value of all x between its ends: a segment tree takes
 * O(log(path)) for each, and for dependencies between neighbours of the path nothing.
 */
#include "plan/headroom.h"

typedef struct Headroom {
    const DagPlan *plan;
    DagIds path;
    uint32_t *position; /* [n_tasks + 1]: number of tasks of the path with a smaller id */
    double *tree; /* [2 * path]: the longest chain that avoids the tasks below a node */
} Headroom;

/* Raise the value of the tasks [from, to) of the path. */
static void
raise_between(Headroom *it, size_t from, size_t to, double length)
{
    for (from += it->path.n, to += it->path.n; from < to; from /= 2, to /= 2) {
        if (from % 2 == 1) {
            it->tree[from] = MAX(it->tree[from], length);
            from++;
        }
        if (to % 2 == 1) {
            to--;
            it->tree[to] = MAX(it->tree[to], length);
        }
    }
}

/* Return the value of task number `i` of the path. */
static double
value_at(const Headroom *it, size_t i)
{
    double value = 0;

    for (size_t node = i + it->path.n; node > 0; node /= 2)
        value = MAX(value, it->tree[node]);
    return value;
}

/* Consider the chains that end with `id`, begin with it, or go on from it. */
static void
consider_task(Headroom *it, DagTaskId id)
{
    DagIds succs = dag_graph_successors(dag_plan_graph(it->plan), id);
    double end = dag_plan_earliest_start(it->plan, id) + dag_plan_cost(it->plan, id);

    raise_between(it, it->position[id + 1], it->path.n, end);
    raise_between(it, 0, it->position[id], dag_plan_rank(it->plan, id));
    for (size_t s = 0; s < succs.n; s++) {
        DagTaskId succ = succs.ids[s];

        if (it->position[id + 1] < it->position[succ])
            raise_between(it, it->position[id + 1], it->position[succ],
                          end + dag_plan_rank(it->plan, succ));
    }
}

double *
dag__headrooms(const DagPlan *plan)
{
    size_t n = dag_graph_n_tasks(dag_plan_graph(plan));
    DagIds path = dag_plan_critical_path(plan);
    double length = dag_plan_critical_path_length(plan);
    double *headrooms = g_new0(double, path.n + 1);
    Headroom it = {.plan = plan,
                   .path = path,
                   .position = g_new0(uint32_t, n + 2),
                   .tree = g_new0(double, 2 * path.n + 1)};

    for (size_t i = 0; i < path.n; i++)
        it.position[path.ids[i] + 1] = 1;
    for (size_t id = 0; id < n; id++)
        it.position[id + 1] += it.position[id];
    for (DagTaskId id = 0; id < n; id++)
        consider_task(&it, id);
    for (size_t i = 0; i < path.n; i++) {
        double headroom = length - value_at(&it, i);

        /* Chains add the same costs in different orders; ignore the rounding error. */
        if (headroom > length * 1e-12)
            headrooms[i] = MIN(headroom, dag_plan_cost(plan, path.ids[i]));
    }
    g_free(it.position);
    g_free(it.tree);
    return headrooms;
}
