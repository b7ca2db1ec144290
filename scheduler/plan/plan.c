/* SPDX-License-Identifier: MIT */
/*
 * Phases, and the two passes of the critical path method (Kelley and Walker, 1959): forward for
 * the earliest start, backward for the rank.  Ids of tasks are topological, so each pass is a
 * loop.
 */
#include <dagrun/plan.h>

#include "model/graph.h"
#include "plan/compact.h"
#include "plan/ranks.h"

#include <math.h>

/* Seconds that a task costs if nothing says otherwise. */
#define DEFAULT_COST 1

struct DagPlan {
    const DagGraph *graph;
    DagPhaseRule rule;
    uint32_t n_phases;
    uint32_t *phase_of;       /* [n_tasks] */
    uint32_t *first_of_phase; /* [n_phases + 1]: row of phase_tasks */
    DagTaskId *phase_tasks;   /* [n_tasks] */
    char **titles;            /* [n_phases]; NULL: none */
    double *costs;            /* [n_tasks], seconds, finite and at least 0 */
    uint8_t *known;           /* [n_tasks], set of KNOWN_*: contain no default cost */
    size_t n_unknown;         /* tasks with the default cost */
    double *rank;             /* [n_tasks], seconds */
    double *earliest;         /* [n_tasks], seconds */
    GArray *critical_path;    /* of DagTaskId */
    double length;            /* of the critical path, seconds */
    double total_cost;
};

enum { KNOWN_COST = 1, KNOWN_RANK = 2, KNOWN_START = 4 };

static const char *const rule_names[DAG_N_PHASE_RULES] = {"just-in-time", "asap", "alap",
                                                          "compact"};

const char *
dag_phase_rule_name(DagPhaseRule rule)
{
    g_return_val_if_fail((unsigned)rule < DAG_N_PHASE_RULES, NULL);
    return rule_names[rule];
}

/* One pass up: a task sits one phase above its highest predecessor. */
static void
infer_asap(DagPlan *plan)
{
    for (DagTaskId id = 0; id < plan->graph->n_tasks; id++) {
        DagIds preds = dag_graph_predecessors(plan->graph, id);
        uint32_t phase = 0;

        for (size_t p = 0; p < preds.n; p++)
            phase = MAX(phase, plan->phase_of[preds.ids[p]] + 1);
        plan->phase_of[id] = phase;
        plan->n_phases = MAX(plan->n_phases, phase + 1);
    }
}

/* Return the phase right before the first successor of `id`; the last phase if it has none. */
static uint32_t
phase_before_successors(const DagPlan *plan, DagTaskId id)
{
    DagIds succs = dag_graph_successors(plan->graph, id);
    uint32_t phase = plan->n_phases - 1;

    for (size_t s = 0; s < succs.n; s++)
        phase = MIN(phase, plan->phase_of[succs.ids[s]] - 1);
    return phase;
}

/* One pass down.  infer_asap() has set the number of phases. */
static void
infer_alap(DagPlan *plan)
{
    for (DagTaskId id = (DagTaskId)plan->graph->n_tasks; id-- > 0;)
        plan->phase_of[id] = phase_before_successors(plan, id);
}

/* Only tasks without dependencies move, so the phases of all others stay as they are. */
static void
infer_just_in_time(DagPlan *plan)
{
    for (DagTaskId id = 0; id < plan->graph->n_tasks; id++)
        if (dag_graph_predecessors(plan->graph, id).n == 0)
            plan->phase_of[id] = phase_before_successors(plan, id);
}

/* Sort the tasks by phase, then by declaration: a counting sort. */
static void
group_by_phase(DagPlan *plan)
{
    DagIds declared = dag_graph_declared(plan->graph);
    uint32_t *first = g_new0(uint32_t, plan->n_phases + 2);

    plan->phase_tasks = g_new(DagTaskId, declared.n);
    for (size_t i = 0; i < declared.n; i++)
        first[plan->phase_of[i] + 2]++;
    for (uint32_t phase = 0; phase < plan->n_phases; phase++)
        first[phase + 2] += first[phase + 1];
    for (size_t i = 0; i < declared.n; i++)
        plan->phase_tasks[first[plan->phase_of[declared.ids[i]] + 1]++] = declared.ids[i];
    plan->first_of_phase = first;
}

/* Join the titles of a phase that was given several. */
static void
title_phases(DagPlan *plan)
{
    plan->titles = g_new0(char *, plan->n_phases);
    for (size_t i = 0; i < plan->graph->n_titles; i++) {
        const DagPhaseTitle *title = &plan->graph->titles[i];
        char **slot = &plan->titles[plan->phase_of[title->of]];
        char *before = *slot;

        *slot = before ? g_strconcat(before, " / ", title->title, NULL)
                       : g_strdup(title->title);
        g_free(before);
    }
}

/* Copy the given costs; where one is missing, the declared cost or the default. */
static void
set_costs(DagPlan *plan, const double *costs)
{
    for (DagTaskId id = 0; id < plan->graph->n_tasks; id++) {
        bool is_given = costs && isfinite(costs[id]) && costs[id] >= 0;

        plan->known[id] = KNOWN_COST;
        if (is_given) {
            plan->costs[id] = costs[id];
        } else if (dag_graph_task_has_cost(plan->graph, id)) {
            plan->costs[id] = dag_graph_task_cost(plan->graph, id);
        } else {
            plan->costs[id] = DEFAULT_COST;
            plan->known[id] = 0;
            plan->n_unknown++;
        }
    }
}

/* Return true if all of the tasks have the flag. */
static bool
all_have(const DagPlan *plan, DagIds tasks, unsigned flag)
{
    for (size_t i = 0; i < tasks.n; i++)
        if (!(plan->known[tasks.ids[i]] & flag))
            return false;
    return true;
}

/* Find the ranks and starts that contain no default cost. */
static void
find_known(DagPlan *plan)
{
    size_t n = plan->graph->n_tasks;

    for (DagTaskId id = 0; id < n; id++) {
        DagIds preds = dag_graph_predecessors(plan->graph, id);

        if (all_have(plan, preds, KNOWN_START) && all_have(plan, preds, KNOWN_COST))
            plan->known[id] |= KNOWN_START;
    }
    for (DagTaskId id = (DagTaskId)n; id-- > 0;)
        if (plan->known[id] & KNOWN_COST &&
            all_have(plan, dag_graph_successors(plan->graph, id), KNOWN_RANK))
            plan->known[id] |= KNOWN_RANK;
}

static void
schedule_forward(DagPlan *plan)
{
    for (DagTaskId id = 0; id < plan->graph->n_tasks; id++) {
        DagIds preds = dag_graph_predecessors(plan->graph, id);
        double start = 0;

        for (size_t p = 0; p < preds.n; p++)
            start = MAX(start, plan->earliest[preds.ids[p]] + plan->costs[preds.ids[p]]);
        plan->earliest[id] = start;
        plan->total_cost += plan->costs[id];
    }
}

static void
rank_backward(DagPlan *plan)
{
    dag__ranks(plan->graph, plan->costs, plan->rank);
    plan->critical_path = dag__longest_chain(plan->graph, plan->costs, plan->rank);
    if (plan->critical_path->len > 0)
        plan->length = plan->rank[g_array_index(plan->critical_path, DagTaskId, 0)];
}

DagPlan *
dag_plan_new(const DagGraph *graph, DagPhaseRule rule, const double *costs)
{
    g_return_val_if_fail(graph && (unsigned)rule < DAG_N_PHASE_RULES, NULL);

    DagPlan *plan = g_new0(DagPlan, 1);

    plan->graph = graph;
    plan->rule = rule;
    plan->phase_of = g_new(uint32_t, graph->n_tasks);
    plan->costs = g_new(double, graph->n_tasks);
    plan->known = g_new(uint8_t, graph->n_tasks);
    plan->rank = g_new(double, graph->n_tasks);
    plan->earliest = g_new(double, graph->n_tasks);

    infer_asap(plan);
    if (rule == DAG_PHASES_ALAP)
        infer_alap(plan);
    else if (rule == DAG_PHASES_JUST_IN_TIME)
        infer_just_in_time(plan);
    else if (rule == DAG_PHASES_COMPACT)
        plan->n_phases = dag__compact_phases(graph, plan->phase_of);
    group_by_phase(plan);
    title_phases(plan);
    set_costs(plan, costs);
    find_known(plan);
    schedule_forward(plan);
    rank_backward(plan);
    return plan;
}

void
dag_plan_free(DagPlan *plan)
{
    if (!plan)
        return;
    for (uint32_t phase = 0; phase < plan->n_phases; phase++)
        g_free(plan->titles[phase]);
    g_free(plan->titles);
    g_free(plan->phase_of);
    g_free(plan->first_of_phase);
    g_free(plan->phase_tasks);
    g_free(plan->costs);
    g_free(plan->known);
    g_free(plan->rank);
    g_free(plan->earliest);
    g_array_unref(plan->critical_path);
    g_free(plan);
}

const DagGraph *
dag_plan_graph(const DagPlan *plan)
{
    g_return_val_if_fail(plan, NULL);
    return plan->graph;
}

DagPhaseRule
dag_plan_phase_rule(const DagPlan *plan)
{
    g_return_val_if_fail(plan, DAG_PHASES_JUST_IN_TIME);
    return plan->rule;
}

size_t
dag_plan_n_phases(const DagPlan *plan)
{
    g_return_val_if_fail(plan, 0);
    return plan->n_phases;
}

uint32_t
dag_plan_phase(const DagPlan *plan, DagTaskId id)
{
    g_return_val_if_fail(plan && id < plan->graph->n_tasks, 0);
    return plan->phase_of[id];
}

DagIds
dag_plan_phase_tasks(const DagPlan *plan, uint32_t phase)
{
    g_return_val_if_fail(plan && phase < plan->n_phases, (DagIds){0});
    uint32_t first = plan->first_of_phase[phase];

    return (DagIds){plan->phase_tasks + first, plan->first_of_phase[phase + 1] - first};
}

const char *
dag_plan_phase_title(const DagPlan *plan, uint32_t phase)
{
    g_return_val_if_fail(plan && phase < plan->n_phases, NULL);
    return plan->titles[phase];
}

double
dag_plan_cost(const DagPlan *plan, DagTaskId id)
{
    g_return_val_if_fail(plan && id < plan->graph->n_tasks, 0);
    return plan->costs[id];
}

bool
dag_plan_cost_is_known(const DagPlan *plan, DagTaskId id)
{
    g_return_val_if_fail(plan && id < plan->graph->n_tasks, false);
    return plan->known[id] & KNOWN_COST;
}

bool
dag_plan_rank_is_known(const DagPlan *plan, DagTaskId id)
{
    g_return_val_if_fail(plan && id < plan->graph->n_tasks, false);
    return plan->known[id] & KNOWN_RANK;
}

bool
dag_plan_start_is_known(const DagPlan *plan, DagTaskId id)
{
    g_return_val_if_fail(plan && id < plan->graph->n_tasks, false);
    return plan->known[id] & KNOWN_START;
}

size_t
dag_plan_n_unknown_costs(const DagPlan *plan)
{
    g_return_val_if_fail(plan, 0);
    return plan->n_unknown;
}

double
dag_plan_rank(const DagPlan *plan, DagTaskId id)
{
    g_return_val_if_fail(plan && id < plan->graph->n_tasks, 0);
    return plan->rank[id];
}

double
dag_plan_earliest_start(const DagPlan *plan, DagTaskId id)
{
    g_return_val_if_fail(plan && id < plan->graph->n_tasks, 0);
    return plan->earliest[id];
}

double
dag_plan_latest_start(const DagPlan *plan, DagTaskId id)
{
    g_return_val_if_fail(plan && id < plan->graph->n_tasks, 0);
    return plan->length - plan->rank[id];
}

double
dag_plan_slack(const DagPlan *plan, DagTaskId id)
{
    g_return_val_if_fail(plan && id < plan->graph->n_tasks, 0);
    double slack = dag_plan_latest_start(plan, id) - plan->earliest[id];

    /* The two passes add the same costs in different orders; ignore the rounding error. */
    return slack > plan->length * 1e-12 ? slack : 0;
}

DagIds
dag_plan_critical_path(const DagPlan *plan)
{
    g_return_val_if_fail(plan, (DagIds){0});
    return (DagIds){(const DagTaskId *)(void *)plan->critical_path->data,
                    plan->critical_path->len};
}

double
dag_plan_critical_path_length(const DagPlan *plan)
{
    g_return_val_if_fail(plan, 0);
    return plan->length;
}

double
dag_plan_total_cost(const DagPlan *plan)
{
    g_return_val_if_fail(plan, 0);
    return plan->total_cost;
}
