/* SPDX-License-Identifier: MIT */
/*
 * The declarations of the machine.  They name tasks and workers that may be declared later, so they are
 * kept as they are, and checked once everything is declared.
 */
#include "model/builder.h"
#include "model/hash.h"

#include <dagrun/suggest.h>
#include <stdlib.h>
#include <string.h>

#define MAX_WORKERS 256 /* there is a link between each two of them */
#define NS          1e-9
#define BLANKS      " \t\r\n"

typedef struct Worker {
    DagWorker worker;
    DagSpot spot;
} Worker;

typedef struct Link {
    const char *from, *to;
    double bandwidth; /* 0: that of the machine */
    double latency;   /* seconds; negative: that of the machine */
    DagSpot spot;
} Link;

typedef struct Costs {
    const char *of;
    const char *text;
    uint32_t task;   /* number, once checked */
    double *seconds; /* [n workers], in the arena; once checked */
    DagSpot spot;
} Costs;

/* Sorted by `to`, then `from`, once checked. */
typedef struct Data {
    const char *from_name, *to_name;
    uint32_t from, to; /* numbers of tasks, once checked */
    double size;
    DagSpot spot;
} Data;

struct Machine {
    bool is_declared; /* else there are parts without the machine */
    DagSpot spot;
    double bandwidth, latency;
    GArray *workers;     /* of Worker */
    GHashTable *numbers; /* name of a worker to its number + 1 */
    GArray *links;       /* of Link */
    GArray *costs;       /* of Costs */
    GArray *data;        /* of Data */
};

static Machine *
machine_of(DagBuilder *builder)
{
    Machine *machine = builder->machine;

    if (machine)
        return machine;
    builder->machine = machine = g_new0(Machine, 1);
    machine->bandwidth = 1;
    machine->workers = g_array_new(FALSE, FALSE, sizeof(Worker));
    machine->numbers = g_hash_table_new(dag__hash_text, g_str_equal);
    machine->links = g_array_new(FALSE, FALSE, sizeof(Link));
    machine->costs = g_array_new(FALSE, FALSE, sizeof(Costs));
    machine->data = g_array_new(FALSE, FALSE, sizeof(Data));
    return machine;
}

void
dag__builder_free_machine(DagBuilder *builder)
{
    Machine *machine = g_steal_pointer(&builder->machine);

    if (!machine)
        return;
    g_array_unref(machine->workers);
    g_hash_table_unref(machine->numbers);
    g_array_unref(machine->links);
    g_array_unref(machine->costs);
    g_array_unref(machine->data);
    g_free(machine);
}

void
dag_builder_add_machine(DagBuilder *builder, const DagMachineSpec *spec)
{
    g_return_if_fail(builder && builder->arena && spec);

    Machine *machine = machine_of(builder);

    if (machine->is_declared) {
        dag__builder_complain_twice(builder, spec->location, "duplicate <machine>",
                                    machine->spot);
        return;
    }
    machine->is_declared = true;
    machine->spot = dag__builder_spot(builder, spec->location);
    machine->bandwidth = spec->bandwidth > 0 ? spec->bandwidth : 1;
    machine->latency = (double)spec->latency_ns * NS;
}

void
dag_builder_add_worker(DagBuilder *builder, const DagWorkerSpec *spec)
{
    g_return_if_fail(builder && builder->arena && spec && spec->name);

    Machine *machine = machine_of(builder);
    Worker worker = {
        {dag__arena_strdup(builder->arena, spec->name), spec->speed > 0 ? spec->speed : 1},
        dag__builder_spot(builder, spec->name_location)};
    unsigned first =
        GPOINTER_TO_UINT(g_hash_table_lookup(machine->numbers, worker.worker.name));

    if (first > 0) {
        g_autofree char *what = g_strdup_printf("duplicate worker \"%s\"", spec->name);

        dag__builder_complain_twice(
            builder, spec->name_location, what,
            g_array_index(machine->workers, Worker, first - 1).spot);
        return;
    }
    if (machine->workers->len == MAX_WORKERS)
        dag_builder_complain(builder, spec->name_location,
                             "the machine has more than %d workers", MAX_WORKERS);
    if (machine->workers->len > MAX_WORKERS)
        return;
    g_array_append_val(machine->workers, worker);
    g_hash_table_insert(machine->numbers, (gpointer)worker.worker.name,
                        GUINT_TO_POINTER(machine->workers->len));
}

void
dag_builder_add_link(DagBuilder *builder, const DagLinkSpec *spec)
{
    g_return_if_fail(builder && builder->arena && spec && spec->from && spec->to);

    Link link = {.from = dag__arena_strdup(builder->arena, spec->from),
                 .to = dag__arena_strdup(builder->arena, spec->to),
                 .bandwidth = spec->bandwidth,
                 .latency = (double)spec->latency_ns * NS,
                 .spot = dag__builder_spot(builder, spec->location)};

    g_array_append_val(machine_of(builder)->links, link);
}

void
dag_builder_add_costs(DagBuilder *builder, const DagCostsSpec *spec)
{
    g_return_if_fail(builder && builder->arena && spec && spec->of && spec->seconds);

    Costs costs = {.of = dag__arena_strdup(builder->arena, spec->of),
                   .text = dag__arena_strdup(builder->arena, spec->seconds),
                   .spot = dag__builder_spot(builder, spec->location)};

    g_array_append_val(machine_of(builder)->costs, costs);
}

void
dag_builder_add_data(DagBuilder *builder, const DagDataSpec *spec)
{
    g_return_if_fail(builder && builder->arena && spec && spec->from && spec->to);

    Data data = {.from_name = dag__arena_strdup(builder->arena, spec->from),
                 .to_name = dag__arena_strdup(builder->arena, spec->to),
                 .size = spec->size,
                 .spot = dag__builder_spot(builder, spec->location)};

    g_array_append_val(machine_of(builder)->data, data);
}

/* Find the task that <element> names.  Returns: false after a complaint. */
static bool
find_task(DagBuilder *builder, const char *element, const char *name, DagSpot spot,
          uint32_t *task_out)
{
    const Name *found = dag__builder_name(builder, name);
    DagLocation location = dag__builder_location(builder, spot);

    if (found && found->kind == NAME_TASK) {
        *task_out = found->target;
        return true;
    }
    if (found && found->kind == NAME_PARAM) {
        dag_builder_complain(builder, location,
                             "<%s> names \"%s\", which is a parameter, not a task", element,
                             name);
    } else {
        g_autofree char *hint = dag__builder_suggest(builder, name, NAME_TASK);

        dag_builder_complain(builder, location,
                             "<%s> names \"%s\", which is not declared%s", element, name,
                             hint);
    }
    return false;
}

/* Return the number of the worker that a link names; MAX_WORKERS after a complaint. */
static uint32_t
find_worker(DagBuilder *builder, const char *name, DagSpot spot)
{
    const Machine *machine = builder->machine;
    uint32_t number = GPOINTER_TO_UINT(g_hash_table_lookup(machine->numbers, name));
    DagSuggestion near = dag_suggestion(name);

    if (number > 0)
        return number - 1;
    for (guint i = 0; i < machine->workers->len; i++)
        dag_suggestion_consider(&near,
                                g_array_index(machine->workers, Worker, i).worker.name);

    g_autofree char *hint = dag_suggestion_text(&near);

    dag_builder_complain(builder, dag__builder_location(builder, spot),
                         "<link> names \"%s\", which is not a worker%s", name, hint);
    return MAX_WORKERS;
}

static void
check_links(DagBuilder *builder)
{
    const Machine *machine = builder->machine;
    /* [from][to]: number of the link + 1 */
    g_autofree uint32_t *seen = g_new0(uint32_t, (size_t)MAX_WORKERS * MAX_WORKERS);

    for (guint i = 0; i < machine->links->len; i++) {
        const Link *link = &g_array_index(machine->links, Link, i);
        uint32_t from = find_worker(builder, link->from, link->spot);
        uint32_t to = find_worker(builder, link->to, link->spot);
        DagLocation location = dag__builder_location(builder, link->spot);

        if (from >= MAX_WORKERS || to >= MAX_WORKERS)
            continue;
        if (from == to)
            dag_builder_complain(builder, location,
                                 "<link> leads from \"%s\" to itself; data on the same "
                                 "worker take no time",
                                 link->from);

        uint32_t *first = &seen[from * MAX_WORKERS + to];

        if (*first > 0) {
            g_autofree char *what = g_strdup_printf("duplicate link from \"%s\" to \"%s\"",
                                                    link->from, link->to);

            dag__builder_complain_twice(
                builder, location, what,
                g_array_index(machine->links, Link, *first - 1).spot);
        }
        *first = i + 1;
    }
}

/* Read a number for each worker.  The loader has checked that they are numbers. */
static void
read_costs(DagBuilder *builder, Costs *costs, bool all_known)
{
    guint n_workers = builder->machine->workers->len, n = 0;
    const char *text = costs->text + strspn(costs->text, BLANKS);

    costs->seconds =
        dag__arena_alloc(builder->arena, MAX(n_workers, 1) * sizeof(*costs->seconds));
    for (; *text; text += strspn(text, BLANKS)) {
        char *end = NULL;
        double seconds = g_ascii_strtod(text, &end);

        if (n < n_workers)
            costs->seconds[n] = MAX(seconds, 0);
        n++;
        text = end > text ? end : text + strcspn(text, BLANKS);
    }
    if (n != n_workers && all_known)
        dag_builder_complain(builder, dag__builder_location(builder, costs->spot),
                             "<costs> of \"%s\" has %u number%s for %u worker%s", costs->of,
                             n, n == 1 ? "" : "s", n_workers, n_workers == 1 ? "" : "s");
}

/* Let a task without a cost have the mean of its costs on the workers. */
static void
suggest_cost(DagBuilder *builder, const Costs *costs)
{
    DagTask *task = task_at(builder, costs->task);
    guint n = builder->machine->workers->len;
    double sum = 0;

    for (guint w = 0; w < n; w++)
        sum += costs->seconds[w];
    if (task->cost == 0)
        task->cost = sum > 0 ? sum / n : DAG_ZERO;
}

/* `all_known`: no worker may be missing because of another mistake. */
static void
check_costs(DagBuilder *builder, bool all_known)
{
    Machine *machine = builder->machine;
    /* [n tasks]: number of the costs + 1 */
    g_autofree uint32_t *seen = g_new0(uint32_t, builder->tasks->len + 1U);

    for (guint i = 0; i < machine->costs->len; i++) {
        Costs *costs = &g_array_index(machine->costs, Costs, i);

        if (!find_task(builder, "costs", costs->of, costs->spot, &costs->task))
            continue;
        if (seen[costs->task] > 0) {
            g_autofree char *what = g_strdup_printf("duplicate costs of \"%s\"", costs->of);

            dag__builder_complain_twice(
                builder, dag__builder_location(builder, costs->spot), what,
                g_array_index(machine->costs, Costs, seen[costs->task] - 1).spot);
            continue;
        }
        seen[costs->task] = i + 1;
        read_costs(builder, costs, all_known);
        suggest_cost(builder, costs);
    }
}

static int
compare_data(const void *left, const void *right)
{
    const Data *a = left, *b = right;

    if (a->to != b->to)
        return a->to < b->to ? -1 : 1;
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    /* The earlier declaration goes first. */
    if (a->spot.line != b->spot.line)
        return a->spot.line < b->spot.line ? -1 : 1;
    return a->spot.column < b->spot.column ? -1 : a->spot.column > b->spot.column;
}

/* Mark the tasks that `task` needs. */
static void
mark_needed(const DagBuilder *builder, uint32_t task, uint32_t *needed_by)
{
    for (uint32_t e = first_edge(builder, task); e < edges_end(builder, task); e++) {
        const Name *name = name_at(builder, edge_name(edge_at(builder, e)));

        if (name->kind == NAME_TASK)
            needed_by[name->target] = task + 1;
    }
}

/* Check the data, whose tasks exist, and which are sorted. */
static void
check_sorted_data(DagBuilder *builder)
{
    const GArray *data = builder->machine->data;
    /* [n tasks]: number + 1 of the last task that was found to need it */
    g_autofree uint32_t *needed_by = g_new0(uint32_t, builder->tasks->len + 1U);

    for (guint i = 0; i < data->len; i++) {
        const Data *it = &g_array_index(data, Data, i), *before = i > 0 ? it - 1 : NULL;
        DagLocation location = dag__builder_location(builder, it->spot);

        if (!before || before->to != it->to)
            mark_needed(builder, it->to, needed_by);
        if (before && before->to == it->to && before->from == it->from) {
            g_autofree char *what = g_strdup_printf("duplicate data from \"%s\" to \"%s\"",
                                                    it->from_name, it->to_name);

            dag__builder_complain_twice(builder, location, what, before->spot);
        } else if (needed_by[it->from] != it->to + 1) {
            dag_builder_complain(builder, location,
                                 "<data> goes to \"%s\", which does not need \"%s\"",
                                 it->to_name, it->from_name);
        }
    }
}

static void
check_data(DagBuilder *builder)
{
    GArray *data = builder->machine->data;
    bool is_good = true;

    for (guint i = 0; i < data->len; i++) {
        Data *it = &g_array_index(data, Data, i);

        is_good &= find_task(builder, "data", it->from_name, it->spot, &it->from);
        is_good &= find_task(builder, "data", it->to_name, it->spot, &it->to);
    }
    if (!is_good || data->len == 0)
        return;
    qsort(data->data, data->len, sizeof(Data), compare_data);
    check_sorted_data(builder);
}

void
dag__builder_check_machine(DagBuilder *builder)
{
    const Machine *machine = builder->machine;
    bool all_known = dag__findings_count(builder->findings) == 0;

    if (!machine)
        return;
    if (machine->workers->len == 0 && all_known) {
        dag_builder_complain(builder, dag__builder_location(builder, machine->spot),
                             "the machine has no workers");
        return;
    }
    check_links(builder);
    check_costs(builder, all_known);
    check_data(builder);
}

/* Set one direction of a link. */
static void
set_link(const Machine *machine, const Link *link, DagMachineTable *table, size_t place)
{
    if (link->bandwidth > 0)
        table->bandwidths[place] = link->bandwidth;
    else
        table->bandwidths[place] = machine->bandwidth;
    table->latencies[place] = link->latency >= 0 ? link->latency : machine->latency;
}

/* First the declared links the other way round, then, over them, as declared. */
static void
fill_links(const Machine *machine, DagMachineTable *table)
{
    size_t n = table->n_workers;

    for (size_t i = 0; i < n * n; i++) {
        table->bandwidths[i] = machine->bandwidth;
        table->latencies[i] = machine->latency;
    }
    for (guint i = 0; i < 2 * machine->links->len; i++) {
        bool is_reversed = i < machine->links->len;
        guint number = is_reversed ? i : i - machine->links->len;
        const Link *link = &g_array_index(machine->links, Link, number);
        size_t from =
            GPOINTER_TO_UINT(g_hash_table_lookup(machine->numbers, link->from)) - 1;
        size_t to = GPOINTER_TO_UINT(g_hash_table_lookup(machine->numbers, link->to)) - 1;

        set_link(machine, link, table, is_reversed ? to * n + from : from * n + to);
    }
}

/* Fill in the sizes of data.  Those of excluded tasks, and to them, are left out. */
static void
fill_sizes(const Machine *machine, DagGraph *graph, const DagTaskId *id_of)
{
    DagMachineTable *table = graph->machine;
    /* [n_tasks]: place in preds, plus 1, of the last task that was found to need it */
    g_autofree uint32_t *places = g_new0(uint32_t, graph->n_tasks + 1);
    DagTaskId last = DAG_TASK_NONE;

    for (size_t i = 0; i < graph->n_dependencies; i++)
        table->sizes[i] = -1;
    for (guint i = 0; i < machine->data->len; i++) {
        const Data *data = &g_array_index(machine->data, Data, i);
        DagTaskId from = id_of[data->from], to = id_of[data->to];

        if (from == DAG_TASK_NONE || to == DAG_TASK_NONE)
            continue;
        for (uint32_t p = graph->first_pred[to];
             to != last && p < graph->first_pred[to + 1]; p++)
            places[graph->preds[p]] = p + 1;
        last = to;
        table->sizes[places[from] - 1] = data->size;
    }
}

void
dag__builder_freeze_machine(DagBuilder *builder, DagGraph *graph, const DagTaskId *id_of)
{
    const Machine *machine = builder->machine;
    DagMachineTable *table;
    size_t n;

    if (!machine)
        return;
    graph->machine = table = g_new0(DagMachineTable, 1);
    table->n_workers = n = machine->workers->len;
    table->workers = g_new(DagWorker, n + 1);
    table->bandwidths = g_new(double, n *n + 1);
    table->latencies = g_new(double, n *n + 1);
    table->costs = g_new0(const double *, graph->n_tasks + 1);
    table->sizes = g_new(double, graph->n_dependencies + 1);
    for (guint i = 0; i < n; i++)
        table->workers[i] = g_array_index(machine->workers, Worker, i).worker;
    for (guint i = 0; i < machine->costs->len; i++) {
        const Costs *costs = &g_array_index(machine->costs, Costs, i);

        if (id_of[costs->task] != DAG_TASK_NONE)
            table->costs[id_of[costs->task]] = costs->seconds;
    }
    fill_links(machine, table);
    fill_sizes(machine, graph, id_of);
}
