/* SPDX-License-Identifier: MIT */
/*
 * Branch and bound over tasks and workers, depth first: place a ready task behind the others on a worker,
 * in every way in which starts do not decrease.  Every schedule in which no task can start sooner
 * without another order is found so.
 *
 * The bound relaxes the workers, not the transfers: each task that is left starts once it can on
 * some worker, as if it were alone, and is followed by the costliest chain, each task of it on the worker
 * that is best for it.
 */
#include "strategies/unlike/unlike.h"

#include <math.h>
#include <string.h>

#define MAX_TASKS 512                  /* the depth of the recursion */
#define MAX_STEPS UINT64_C(1000000000) /* of innermost loops, at most: half a second */
#define MAX_TABLE ((size_t)1 << 22)    /* of earliest starts: 32 MiB */
#define NEARLY    (1 - 1e-9) /* schedules that are shorter by less are not searched for */

/* A dependency. */
typedef struct Edge {
    DagTaskId pred;
    bool has_data;
    double size;
} Edge;

/* A task and its worker that may be placed next. */
typedef struct Choice {
    double bound, end;
    DagTaskId id;
    uint32_t worker;
} Choice;

typedef struct Search {
    const Unlike *it;
    /* [n_workers][n_workers]: seconds; 0 from a worker to itself, as the next. */
    double *latency;
    double *pace;         /* seconds per amount of data */
    Edge *edges;          /* [n_dependencies] */
    uint32_t *first_edge; /* [n_tasks + 1] */
    double *tail;  /* [n_tasks][n_workers]: from the start of the task there to the end */
    double *least; /* [n_tasks]: cost on the best worker */
    double *earliest; /* [depth][n_tasks][n_workers] */
    double *free_at;  /* [n_workers] */
    DagPlaced *tasks; /* [n_tasks] */
    bool *is_placed;  /* [n_tasks] */
    double work_left; /* sum of `least` of tasks that are not placed */
    double bound;     /* of the root */
    DagPlacement *best;
    uint64_t n_steps, max_steps, steps_per_node;
} Search;

static double
cost_of(const Search *search, DagTaskId id, uint32_t worker)
{
    return search->it->cost[id * search->it->n_workers + worker];
}

static double
transfer(const Search *search, const Edge *edge, uint32_t from, uint32_t to)
{
    size_t link = (size_t)from * search->it->n_workers + to;

    return edge->has_data ? search->latency[link] + edge->size * search->pace[link] : 0;
}

static void
find_links(Search *search)
{
    const Unlike *it = search->it;

    for (uint32_t from = 0; from < it->n_workers; from++)
        for (uint32_t to = 0; to < it->n_workers; to++) {
            size_t link = (size_t)from * it->n_workers + to;

            search->latency[link] = dag_graph_transfer_seconds(it->graph, 0, from, to);
            search->pace[link] =
                dag_graph_transfer_seconds(it->graph, 1, from, to) - search->latency[link];
        }
}

static void
find_edges(Search *search)
{
    const Unlike *it = search->it;
    uint32_t e = 0;

    for (DagTaskId id = 0; id < it->n_tasks; id++) {
        DagIds preds = dag_graph_predecessors(it->graph, id);

        search->first_edge[id] = e;
        for (size_t p = 0; p < preds.n; p++, e++) {
            double size = dag_graph_data_size(it->graph, id, p);

            search->edges[e] = (Edge){preds.ids[p], size >= 0, size};
        }
    }
    search->first_edge[it->n_tasks] = e;
}

/* Raise the tail of a predecessor, which has the time after its end only. */
static void
raise_tail(Search *search, const Edge *edge, const double *tail)
{
    uint32_t n_workers = search->it->n_workers;
    double *before = search->tail + (size_t)edge->pred * n_workers;

    for (uint32_t from = 0; from < n_workers; from++) {
        double least = HUGE_VAL;

        for (uint32_t to = 0; to < n_workers; to++)
            least = MIN(least, transfer(search, edge, from, to) + tail[to]);
        before[from] = MAX(before[from], least);
    }
}

static void
find_tails(Search *search)
{
    const Unlike *it = search->it;

    for (DagTaskId id = it->n_tasks; id-- > 0;) {
        double *tail = search->tail + (size_t)id * it->n_workers;

        search->least[id] = HUGE_VAL;
        for (uint32_t worker = 0; worker < it->n_workers; worker++) {
            double cost = cost_of(search, id, worker);

            tail[worker] += cost;
            search->least[id] = MIN(search->least[id], cost);
        }
        search->work_left += search->least[id];
        for (uint32_t e = search->first_edge[id]; e < search->first_edge[id + 1]; e++)
            raise_tail(search, &search->edges[e], tail);
    }
}

/* Return when the data of a dependency are at the worker at the earliest. */
static double
arrival(const Search *search, const Edge *edge, uint32_t to, const double *earliest)
{
    uint32_t n_workers = search->it->n_workers;
    const DagPlaced *pred = &search->tasks[edge->pred];
    double least = HUGE_VAL;

    if (search->is_placed[edge->pred])
        return pred->end + transfer(search, edge, pred->worker, to);
    for (uint32_t from = 0; from < n_workers; from++)
        least = MIN(least, earliest[edge->pred * n_workers + from] +
                               cost_of(search, edge->pred, from) +
                               transfer(search, edge, from, to));
    return least;
}

/* Fill in the earliest start of each task that is left on each worker.
 * Returns: a lower bound of the makespan. */
static double
look_ahead(Search *search, double *earliest, double last_start)
{
    const Unlike *it = search->it;
    double bound = 0, free = search->work_left;

    for (DagTaskId id = 0; id < it->n_tasks; id++) {
        double least = HUGE_VAL;

        if (search->is_placed[id])
            continue;
        for (uint32_t worker = 0; worker < it->n_workers; worker++) {
            double start = MAX(search->free_at[worker], last_start);

            for (uint32_t e = search->first_edge[id]; e < search->first_edge[id + 1]; e++)
                start = MAX(start, arrival(search, &search->edges[e], worker, earliest));
            earliest[id * it->n_workers + worker] = start;
            least = MIN(least, start + search->tail[id * it->n_workers + worker]);
        }
        bound = MAX(bound, least);
    }
    for (uint32_t worker = 0; worker < it->n_workers; worker++)
        free += MAX(search->free_at[worker], last_start);
    search->n_steps += search->steps_per_node;
    return MAX(bound, free / it->n_workers);
}

static bool
is_ready(const Search *search, DagTaskId id)
{
    if (search->is_placed[id])
        return false;
    for (uint32_t e = search->first_edge[id]; e < search->first_edge[id + 1]; e++)
        if (!search->is_placed[search->edges[e].pred])
            return false;
    return true;
}

static int
compare_choices(const void *left, const void *right)
{
    const Choice *a = left, *b = right;

    if (a->bound != b->bound)
        return a->bound < b->bound ? -1 : 1;
    if (a->end != b->end)
        return a->end < b->end ? -1 : 1;
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return a->worker < b->worker ? -1 : a->worker > b->worker;
}

/* Return the choices that may lead to a shorter schedule, the most promising first; an array of
 * Choice. */
static GArray *
find_choices(const Search *search, const double *earliest)
{
    const Unlike *it = search->it;
    GArray *choices = g_array_new(FALSE, FALSE, sizeof(Choice));

    for (DagTaskId id = 0; id < it->n_tasks; id++) {
        if (!is_ready(search, id))
            continue;
        for (uint32_t worker = 0; worker < it->n_workers; worker++) {
            double start = earliest[id * it->n_workers + worker];
            Choice choice = {start + search->tail[id * it->n_workers + worker],
                             start + cost_of(search, id, worker), id, worker};

            if (choice.bound < search->best->makespan * NEARLY)
                g_array_append_val(choices, choice);
        }
    }
    g_array_sort(choices, compare_choices);
    return choices;
}

static bool
is_over(const Search *search)
{
    return search->n_steps >= search->max_steps ||
           search->best->makespan * NEARLY <= search->bound;
}

/* Each level of recursion places one of at most MAX_TASKS tasks.  NOLINTBEGIN(misc-no-recursion) */
static void search_from(Search *search, uint32_t n_placed, double last_start,
                        double makespan);

static void
try_choice(Search *search, const Choice *choice, uint32_t n_placed, double makespan)
{
    double cost = cost_of(search, choice->id, choice->worker);
    double before = search->free_at[choice->worker], start = choice->end - cost;

    search->is_placed[choice->id] = true;
    search->tasks[choice->id] = (DagPlaced){choice->worker, start, choice->end};
    search->free_at[choice->worker] = choice->end;
    search->work_left -= search->least[choice->id];
    search_from(search, n_placed + 1, start, MAX(makespan, choice->end));
    search->work_left += search->least[choice->id];
    search->free_at[choice->worker] = before;
    search->is_placed[choice->id] = false;
}

/* Try every way to place the tasks that are left.  The depth is the number of tasks. */
static void
search_from(Search *search, uint32_t n_placed, double last_start, double makespan)
{
    const Unlike *it = search->it;
    double *earliest = search->earliest + (size_t)n_placed * it->n_tasks * it->n_workers;

    if (n_placed == it->n_tasks) {
        if (makespan < search->best->makespan) {
            search->best->makespan = makespan;
            memcpy(search->best->tasks, search->tasks, it->n_tasks * sizeof(DagPlaced));
        }
        return;
    }
    if (look_ahead(search, earliest, last_start) >= search->best->makespan * NEARLY)
        return;

    g_autoptr(GArray) choices = find_choices(search, earliest);

    for (guint i = 0; i < choices->len && !is_over(search); i++) {
        const Choice *choice = &g_array_index(choices, Choice, i);

        if (choice->bound < search->best->makespan * NEARLY)
            try_choice(search, choice, n_placed, makespan);
    }
}

/* NOLINTEND(misc-no-recursion) */

static void
search_init(Search *search, const Unlike *it, size_t depth)
{
    size_t n_edges = dag_graph_n_dependencies(it->graph), n_workers = it->n_workers;

    *search = (Search){
        .it = it,
        .latency = g_new(double, n_workers *n_workers),
        .pace = g_new(double, n_workers *n_workers),
        .edges = g_new(Edge, n_edges + 1),
        .first_edge = g_new(uint32_t, it->n_tasks + 1),
        .tail = g_new0(double, it->n_tasks *n_workers + 1),
        .least = g_new(double, it->n_tasks + 1),
        .earliest = g_new0(double, depth * it->n_tasks * n_workers + 1),
        .free_at = g_new0(double, n_workers),
        .tasks = g_new0(DagPlaced, it->n_tasks + 1),
        .is_placed = g_new0(bool, it->n_tasks + 1),
        .max_steps = MAX_STEPS,
        .steps_per_node = (n_edges * n_workers + it->n_tasks) * n_workers,
    };
    find_links(search);
    find_edges(search);
    find_tails(search);
}

static void
search_clear(Search *search)
{
    g_free(search->latency);
    g_free(search->pace);
    g_free(search->edges);
    g_free(search->first_edge);
    g_free(search->tail);
    g_free(search->least);
    g_free(search->earliest);
    g_free(search->free_at);
    g_free(search->tasks);
    g_free(search->is_placed);
}

double
unlike_bound(const Unlike *it)
{
    Search search;
    double bound;

    search_init(&search, it, 1);
    bound = look_ahead(&search, search.earliest, 0);
    search_clear(&search);
    return bound;
}

void
unlike_search(const Unlike *it, DagPlacement *placement)
{
    Search search;

    if (it->n_tasks > MAX_TASKS ||
        (size_t)it->n_tasks * it->n_tasks * it->n_workers > MAX_TABLE)
        return;
    search_init(&search, it, it->n_tasks + 1);
    search.best = placement;
    search.bound = placement->lower_bound;
    search_from(&search, 0, 0, 0);
    placement->is_optimal = search.n_steps < search.max_steps;
    if (placement->is_optimal)
        placement->lower_bound = placement->makespan;
    search_clear(&search);
}

void
dag__place_optimal(const DagPlan *plan, DagPlacement *placement_out)
{
    g_auto(DagPlacement) other = {0};
    DagPlacement best;
    Unlike it;

    dag__place_heft(plan, placement_out);
    dag__place_cpop(plan, &other);
    if (other.makespan < placement_out->makespan) {
        best = other;
        other = *placement_out;
        *placement_out = best;
    }
    if (placement_out->is_optimal)
        return;
    unlike_init(&it, plan);
    unlike_search(&it, placement_out);
    unlike_clear(&it);
}
