/* SPDX-License-Identifier: MIT */
/*
 * The work of an interval (Fernandez & Bussell, 1973).
 *
 * If all is to end by a deadline, each task has an earliest start, from the chain before it, and a latest
 * one, from the chain behind it.  Some of its work must then be done within an interval, however it is
 * scheduled without interruption: the least of what is left over when it starts as early as possible, and as
 * late as possible.  If the sum over all tasks is more than the workers can do in the interval, the deadline
 * cannot be met; it is too early by the excess divided by the workers, since a later deadline makes no
 * interval of the old ones easier by more than that.  So raise the deadline by the largest excess, and
 * repeat (destructive improvement; Klein & Scholl, 1999).  If all costs are whole multiples of a quantum,
 * so is the makespan of a shortest schedule, and the deadline is rounded up.
 *
 * For a fixed begin of the interval, the work up to a moment is a sum of ramps: a task adds nothing
 * until its ramp begins, and one worker's time until it ends.  So one sweep over the sorted begins and ends of
 * ramps finds the worst end.  The ends have three sources, each of which is sorted once and for all.
 * Begins are the earliest starts and ends of tasks, all of them or, of a large graph, as many as a pass
 * has time for: every choice gives a valid bound.
 */
#include "plan/intervals.h"

#include "plan/ranks.h"

#include <math.h>
#include <stdlib.h>

#define MAX_MEASURED  512  /* tasks of a run, whose summary must not take long */
#define LEAST_RAISE   1e-9 /* of the bound; less may be a rounding error */
#define LEAST_QUANTUM 1e-6 /* seconds */

/* A task that occupies a worker.  Times are in the unit of the durations. */
typedef struct Ramp {
    double earliest; /* start */
    double ready;    /* earliest end */
    double rank;     /* from its start to the deadline, at least */
    double tail;     /* from its end to the deadline, at least */
} Ramp;

/* A list of ramps in the order of a sum of two of their fields. */
typedef struct Sorted {
    double key;
    uint32_t ramp;
} Sorted;

typedef struct Intervals {
    const Ramp *ramps; /* [n] */
    uint32_t n;
    unsigned n_workers;
    double deadline;
    Sorted *by_rank;   /* the latest start, the earliest first */
    Sorted *by_tail;   /* the latest end, likewise */
    Sorted *by_ready;  /* the earliest end */
    Sorted *by_middle; /* the latest start plus the earliest end */
    double *begins;    /* [n_begins], candidates */
    size_t n_begins;
} Intervals;

/* A sweep over the ramps from one begin. */
typedef struct Sweep {
    double from;
    double at;        /* moment up to which `done` counts */
    double done;      /* work between `from` and `at` */
    int64_t n_active; /* ramps that have begun and not ended */
    uint32_t next_begin, next_tail, next_ready, next_middle;
} Sweep;

static void
advance(Sweep *sweep, double to)
{
    sweep->done += (to - sweep->at) * (double)sweep->n_active;
    sweep->at = to;
}

/* Begin all ramps that begin before `end`. */
static void
begin_ramps(const Intervals *it, Sweep *sweep, double end)
{
    for (; sweep->next_begin < it->n; sweep->next_begin++) {
        const Ramp *ramp = &it->ramps[it->by_rank[sweep->next_begin].ramp];
        double begin = MAX(it->deadline - ramp->rank, sweep->from);

        if (begin >= end)
            return;
        if (ramp->ready <= sweep->from)
            continue;
        advance(sweep, begin);
        sweep->n_active++;
    }
}

/* The ends of ramps that start within the interval at the earliest. */
static double
next_tail(const Intervals *it, Sweep *sweep)
{
    for (; sweep->next_tail < it->n; sweep->next_tail++) {
        const Ramp *ramp = &it->ramps[it->by_tail[sweep->next_tail].ramp];

        if (ramp->earliest >= sweep->from)
            return it->deadline - ramp->tail;
    }
    return HUGE_VAL;
}

/* The ends of ramps that start before the interval at the latest, and may have been begun since. */
static double
next_ready(const Intervals *it, Sweep *sweep)
{
    for (; sweep->next_ready < it->n; sweep->next_ready++) {
        const Ramp *ramp = &it->ramps[it->by_ready[sweep->next_ready].ramp];

        if (ramp->earliest < sweep->from && ramp->ready > sweep->from &&
            it->deadline - ramp->rank < sweep->from)
            return ramp->ready;
    }
    return HUGE_VAL;
}

/* The ends of ramps that may start before the interval or in it. */
static double
next_middle(const Intervals *it, Sweep *sweep)
{
    for (; sweep->next_middle < it->n; sweep->next_middle++) {
        const Ramp *ramp = &it->ramps[it->by_middle[sweep->next_middle].ramp];
        double latest = it->deadline - ramp->rank;

        if (ramp->earliest < sweep->from && ramp->ready > sweep->from &&
            latest >= sweep->from)
            return latest + (ramp->ready - sweep->from);
    }
    return HUGE_VAL;
}

/* Return the largest excess of work over capacity among the intervals that begin at `from`; at least 0. */
static double
excess_from(const Intervals *it, double from, double *until_out)
{
    Sweep sweep = {.from = from, .at = from};
    double most = 0;

    while (true) {
        double tail = next_tail(it, &sweep), ready = next_ready(it, &sweep);
        double middle = next_middle(it, &sweep), end = MIN(tail, MIN(ready, middle));
        double excess;

        if (end > it->deadline * 2)
            return most;
        begin_ramps(it, &sweep, end);
        advance(&sweep, end);
        sweep.n_active--;
        if (end == tail)
            sweep.next_tail++;
        else if (end == ready)
            sweep.next_ready++;
        else
            sweep.next_middle++;
        excess = sweep.done - it->n_workers * (end - from);
        if (excess > most) {
            most = excess;
            *until_out = end;
        }
    }
}

/* Return the largest excess over all intervals. */
static double
largest_excess(const Intervals *it, double *from_out, double *until_out)
{
    double until = 0, most = 0;

    for (size_t i = 0; i < it->n_begins; i++) {
        double excess = excess_from(it, it->begins[i], &until);

        if (excess > most) {
            most = excess;
            *from_out = it->begins[i];
            *until_out = until;
        }
    }
    return most;
}

static int
compare_sorted(const void *a, const void *b)
{
    double x = ((const Sorted *)a)->key, y = ((const Sorted *)b)->key;

    return x < y ? -1 : x > y;
}

static int
compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

typedef double (*RampKey)(const Ramp *ramp);

/* The latest times are the deadline minus these, so the largest come first. */
static double
key_rank(const Ramp *ramp)
{
    return -ramp->rank;
}

static double
key_tail(const Ramp *ramp)
{
    return -ramp->tail;
}

static double
key_ready(const Ramp *ramp)
{
    return ramp->ready;
}

static double
key_middle(const Ramp *ramp)
{
    return ramp->ready - ramp->rank;
}

static Sorted *
sorted_by(const Intervals *it, RampKey key)
{
    Sorted *sorted = g_new(Sorted, it->n + 1);

    for (uint32_t i = 0; i < it->n; i++)
        sorted[i] = (Sorted){key(&it->ramps[i]), i};
    qsort(sorted, it->n, sizeof(*sorted), compare_sorted);
    return sorted;
}

/* Choose the begins: evenly among the sorted earliest starts and ends of tasks; the first is 0. */
static void
choose_begins(Intervals *it, double pass_steps)
{
    size_t n_all = 0, n_most = (size_t)MAX(pass_steps / MAX(it->n, 1), 4);
    size_t step;
    double *all = g_new(double, 2 * (size_t)it->n + 1);

    for (uint32_t i = 0; i < it->n; i++) {
        all[n_all++] = it->ramps[i].earliest;
        all[n_all++] = it->ramps[i].ready;
    }
    qsort(all, n_all, sizeof(*all), compare_doubles);
    for (size_t i = 0; i < n_all; i++)
        if (it->n_begins == 0 || all[i] > all[it->n_begins - 1])
            all[it->n_begins++] = all[i];
    step = (it->n_begins + n_most - 1) / n_most;
    n_all = it->n_begins;
    it->n_begins = 0;
    for (size_t i = 0; i < n_all; i += step)
        all[it->n_begins++] = all[i];
    it->begins = all;
}

/* Return the ramps of all tasks that occupy a worker. */
static Ramp *
ramps_of(const DagGraph *graph, const double *durations, uint32_t *n_out)
{
    size_t n_tasks = dag_graph_n_tasks(graph);
    Ramp *ramps = g_new(Ramp, n_tasks + 1);
    g_autofree double *ranks = g_new(double, n_tasks + 1);
    g_autofree double *ends = g_new(double, n_tasks + 1);

    dag__ranks(graph, durations, ranks);
    *n_out = 0;
    for (DagTaskId id = 0; id < n_tasks; id++) {
        DagIds preds = dag_graph_predecessors(graph, id);
        double earliest = 0, duration = durations[id];

        for (size_t p = 0; p < preds.n; p++)
            earliest = MAX(earliest, ends[preds.ids[p]]);
        ends[id] = duration < 0 ? 0 : earliest + duration;
        if (duration > 0 && dag_graph_task_kind(graph, id)->occupies == DAG_OCCUPIES_WORKER)
            ramps[(*n_out)++] = (Ramp){earliest, ends[id], ranks[id], ranks[id] - duration};
    }
    return ramps;
}

double
dag__quantum(const double *seconds, size_t n)
{
    int64_t quantum_us = 0;

    for (size_t i = 0; i < n; i++) {
        double us = seconds[i] / LEAST_QUANTUM;
        int64_t whole = us < 1e15 ? (int64_t)(us + 0.5) : 0;

        if (fabs(us - (double)whole) > 1e-3)
            return 0;
        while (whole > 0) {
            int64_t rest = quantum_us % whole;

            quantum_us = whole;
            whole = rest;
        }
    }
    return (double)quantum_us * LEAST_QUANTUM;
}

/* Round up to a multiple of the quantum, except for rounding errors. */
static double
round_up(double seconds, double quantum)
{
    return quantum > 0 ? quantum * ceil(seconds / quantum - 1e-6) : seconds;
}

static void
raise_deadline(Intervals *it, const IntervalLimits *limits, DagBound *bound)
{
    double from = 0, until = 0;

    for (int pass = 0; pass < limits->n_passes; pass++) {
        double excess = largest_excess(it, &from, &until) / it->n_workers;

        if (excess <= LEAST_RAISE * it->deadline)
            return;
        *bound = (DagBound){.duration = round_up(it->deadline + excess, limits->quantum),
                            .cause = DAG_BOUND_INTERVAL,
                            .from = from,
                            .rest = it->deadline - until};
        it->deadline = bound->duration;
    }
}

void
dag__raise_by_intervals(const DagGraph *graph, const double *durations,
                        const IntervalLimits *limits, DagBound *bound)
{
    Intervals it = {.n_workers = limits->n_workers};
    g_autofree Ramp *ramps = ramps_of(graph, durations, &it.n);

    bound->duration = round_up(bound->duration, limits->quantum);
    if (it.n_workers == 0 || it.n <= it.n_workers)
        return;
    it.ramps = ramps;
    it.deadline = bound->duration;
    it.by_rank = sorted_by(&it, key_rank);
    it.by_tail = sorted_by(&it, key_tail);
    it.by_ready = sorted_by(&it, key_ready);
    it.by_middle = sorted_by(&it, key_middle);
    choose_begins(&it, limits->pass_steps);
    raise_deadline(&it, limits, bound);
    g_free(it.by_rank);
    g_free(it.by_tail);
    g_free(it.by_ready);
    g_free(it.by_middle);
    g_free(it.begins);
}

void
dag__raise_measured(const DagGraph *graph, const double *durations_ns, unsigned n_workers,
                    DagBound *bound)
{
    if (dag_graph_n_tasks(graph) > MAX_MEASURED)
        return;
    dag__raise_by_intervals(
        graph, durations_ns,
        &(IntervalLimits){.n_workers = n_workers, .pass_steps = 2e5, .n_passes = 10},
        bound);
    bound->from /= 1e9;
    bound->rest /= 1e9;
}
