/* SPDX-License-Identifier: MIT */
/*
 * The graph is made of checked declarations: tasks are numbered in topological order, names in
 * edges and references become these numbers, adjacency becomes rows.  The builder's task structs
 * are reused, and moved only if their order changes.
 *
 * The successors of an excluded task inherit its predecessors.
 */
#include "model/builder.h"
#include "model/path.h"

#include <dagrun/error.h>
#include <string.h>

typedef struct Freeze {
    DagBuilder *builder;
    DagGraph *graph;
    const bool *excluded;        /* [n declared] */
    const bool *wanted;          /* [n declared] */
    DagTaskId *id_of;            /* [n declared]; DAG_TASK_NONE: not in the graph */
    DagNumbers *inherited_preds; /* [n declared]: ids; of excluded tasks only */
    uint32_t n_declared;
    uint32_t *seen;      /* [n in graph]: number + 1 of the last task linked to it */
    uint32_t *seen_at;   /* [n in graph]: the place of that link in its list */
    DagNumbers preds;    /* ids */
    DagNumbers not_bare; /* places in preds; see dag_graph_dependency_is_bare() */
} Freeze;

static bool
is_kept(const Freeze *freeze, uint32_t task)
{
    return freeze->wanted[task] && !freeze->excluded[task];
}

/* Return true if each task keeps the number that it was declared with. */
static bool
number_tasks(Freeze *freeze, const uint32_t *order)
{
    uint32_t n = 0;
    bool all_stay = true;

    for (uint32_t i = 0; i < freeze->n_declared; i++) {
        uint32_t task = order[i];

        freeze->id_of[task] = is_kept(freeze, task) ? n++ : DAG_TASK_NONE;
        all_stay = all_stay && freeze->id_of[task] == task;
    }
    freeze->graph->n_tasks = n;
    return all_stay;
}

/* Add `id` to `list` unless the task being linked, `mark`, has it already. */
static void
add_once(Freeze *freeze, DagNumbers *list, DagTaskId id, uint32_t mark)
{
    if (freeze->seen[id] == mark)
        return;
    freeze->seen[id] = mark;
    freeze->seen_at[id] = list->n;
    dag__numbers_add(list, id);
}

/* Note that the dependency on `id` of the task being linked does more than to set an order. */
static void
mark_not_bare(Freeze *freeze, const DagNumbers *list, DagTaskId id)
{
    if (list == &freeze->preds)
        dag__numbers_add(&freeze->not_bare, freeze->seen_at[id]);
}

static void
mark_read(DagGraph *graph, DagTaskId id)
{
    graph->tasks[id].is_read = true;
    graph->has_readers = true;
}

/* Append the task at the end of an edge of `task` to `list`; for an excluded one, its predecessors. */
static void
link_edge(Freeze *freeze, uint32_t task, uint32_t edge, const Name *name, DagNumbers *list)
{
    DagTaskId id = freeze->id_of[name->target];

    if (id != DAG_TASK_NONE) {
        add_once(freeze, list, id, task + 1);
        if (edge & (EDGE_IS_READ | EDGE_MAY_BE_PARAM))
            mark_not_bare(freeze, list, id);
        if (edge & EDGE_IS_READ) {
            mark_read(freeze->graph, id);
            freeze->graph->tasks[id].is_named = true;
        }
    } else {
        const DagNumbers *inherited = &freeze->inherited_preds[name->target];

        for (uint32_t i = 0; i < inherited->n; i++) {
            add_once(freeze, list, inherited->items[i], task + 1);
            mark_not_bare(freeze, list, inherited->items[i]);
        }
    }
}

/* Append the predecessors of `task`, also those through excluded tasks, to `list`. */
static void
link_task(Freeze *freeze, uint32_t task, DagNumbers *list)
{
    DagBuilder *builder = freeze->builder;

    for (uint32_t e = first_edge(builder, task); e < edges_end(builder, task); e++) {
        uint32_t edge = edge_at(builder, e);
        const Name *name = name_at(builder, edge_name(edge));

        if (name->kind == NAME_TASK)
            link_edge(freeze, task, edge, name, list);
    }
}

static void
link_tasks(Freeze *freeze, const uint32_t *order)
{
    DagGraph *graph = freeze->graph;
    DagTaskId id = 0;

    for (uint32_t i = 0; i < freeze->n_declared; i++) {
        uint32_t task = order[i];

        if (is_kept(freeze, task)) {
            graph->first_pred[id++] = freeze->preds.n;
            link_task(freeze, task, &freeze->preds);
        } else if (freeze->wanted[task]) {
            link_task(freeze, task, &freeze->inherited_preds[task]);
        }
    }
    graph->first_pred[id] = freeze->preds.n;
    graph->n_dependencies = freeze->preds.n;
    graph->preds = freeze->preds.items;
    if (graph->preds == freeze->builder->edges.items)
        freeze->builder->edges.items = NULL;
}

/* Turn the places of the dependencies that are not bare into a set. */
static void
fill_not_bare(Freeze *freeze)
{
    DagGraph *graph = freeze->graph;
    const DagNumbers *places = &freeze->not_bare;

    if (places->n > 0)
        graph->not_bare = g_new0(uint8_t, graph->n_dependencies / 8 + 1);
    for (uint32_t i = 0; i < places->n; i++)
        graph->not_bare[places->items[i] / 8] |= (uint8_t)(1U << places->items[i] % 8);
    g_free(places->items);
}

/* Sort the edges by their other end (counting sort), so each row ascends. */
static void
link_successors(DagGraph *graph)
{
    uint32_t *first = g_new0(uint32_t, graph->n_tasks + 2);

    graph->succs = g_new(DagTaskId, graph->n_dependencies + 1); /* never NULL */
    for (size_t e = 0; e < graph->n_dependencies; e++)
        first[graph->preds[e] + 2]++;
    for (size_t id = 0; id < graph->n_tasks; id++)
        first[id + 2] += first[id + 1];
    for (DagTaskId id = 0; id < graph->n_tasks; id++)
        for (uint32_t e = graph->first_pred[id]; e < graph->first_pred[id + 1]; e++)
            graph->succs[first[graph->preds[e] + 1]++] = id;
    graph->first_succ = first;
}

/* Empty `array`, which has an element per declared task.
 * Returns: the elements by id; free with g_free(). */
static gpointer
take_array(const Freeze *freeze, GArray *array, bool all_stay)
{
    size_t size = g_array_get_element_size(array);
    char *by_number = g_array_steal(array, NULL), *by_id;

    if (all_stay)
        return by_number;
    by_id = g_malloc0_n(freeze->graph->n_tasks, size);
    for (uint32_t number = 0; number < freeze->n_declared; number++)
        if (freeze->id_of[number] != DAG_TASK_NONE)
            memcpy(by_id + freeze->id_of[number] * size, by_number + number * size, size);
    g_free(by_number);
    return by_id;
}

/* Move the builder's tasks to the graph. */
static void
take_tasks(Freeze *freeze, bool all_stay)
{
    freeze->graph->tasks = take_array(freeze, freeze->builder->tasks, all_stay);
    freeze->graph->actions = take_array(freeze, freeze->builder->actions, all_stay);
}

/* Allocate the predecessors.  If no task moves, they overwrite the edges: each edge is read before
 * its place is written. */
static void
allocate_preds(Freeze *freeze, bool all_stay)
{
    DagNumbers *edges = &freeze->builder->edges;
    uint32_t capacity = edges->n + 1; /* enough without exclusions; never 0 */

    if (all_stay)
        edges->items = g_renew(uint32_t, edges->items, capacity);
    freeze->preds = (DagNumbers){
        .items = all_stay ? edges->items : g_new(uint32_t, capacity),
        .capacity = capacity,
    };
}

/* Note the properties of a task in its graph. */
static void
summarize_task(Freeze *freeze, DagTaskId id)
{
    DagGraph *graph = freeze->graph;
    const DagTaskExtra *extra = graph->tasks[id].extra;

    g_assert(graph->actions[id].kind);
    graph->has_extras |= extra != NULL;
    graph->has_priorities |= extra && extra->priority != 0;
    graph->has_files |= extra && extra->files;
    graph->has_always |= extra && extra->policy.always;
}

/* Fill in the order of declaration, and the properties that some task has. */
static void
summarize_tasks(Freeze *freeze)
{
    DagGraph *graph = freeze->graph;
    uint32_t position = 0;

    for (uint32_t number = 0; number < freeze->n_declared; number++) {
        DagTaskId id = freeze->id_of[number];

        if (id == DAG_TASK_NONE)
            continue;
        graph->tasks[id].position = position;
        graph->declared[position++] = id;
        summarize_task(freeze, id);
    }
}

/* Let the outputs that tasks get by name refer to ids, and mark them as read. */
static void
take_outputs(Freeze *freeze, bool all_stay)
{
    DagGraph *graph = freeze->graph;

    graph->outputs = take_array(freeze, freeze->builder->outputs, all_stay);
    for (DagTaskId id = 0; id < graph->n_tasks; id++) {
        const DagOutputList *list = &graph->outputs[id];

        for (size_t i = 0; i < list->n; i++) {
            DagOutputVariable *variable = &list->variables[i];

            variable->task = freeze->id_of[variable->task];
            if (variable->task != DAG_TASK_NONE)
                mark_read(graph, variable->task);
        }
    }
}

/* Let the variables that tell outcomes refer to ids. */
static void
take_outcomes(const Freeze *freeze)
{
    const DagGraph *graph = freeze->graph;

    for (DagTaskId id = 0; graph->has_always && id < graph->n_tasks; id++) {
        DagTaskExtra *extra = graph->tasks[id].extra;

        for (uint32_t i = 0; extra && i < extra->n_outcomes; i++)
            extra->outcomes[i].task = freeze->id_of[extra->outcomes[i].task];
    }
}

/* Return the value of a parameter, or its reference if it has none. */
static const char *
value_of_param(const Freeze *freeze, const Name *name)
{
    const char *value = param_at(freeze->builder, name->target)->param.value;

    if (value)
        return value;

    g_autofree char *reference = g_strdup_printf("${%s}", name->text);

    /* Only descriptions show it: no task that runs refers to it. */
    return dag__arena_strdup(freeze->builder->arena, reference);
}

/* Return the literal text for a reference with this value. */
static DagSegment
literal_of(const Freeze *freeze, const DagSegment *segment, const char *value)
{
    g_autoptr(GString) escaped = NULL;

    /* Only the output of an excluded task is empty here: other values that are not JSON were complained of. */
    if (segment->escape == SEGMENT_JSON_VALUE && !*value)
        value = "null";
    if (segment->escape != SEGMENT_PLAIN) {
        escaped = g_string_new(NULL);
        if (dag__segment_append(segment, value, escaped, NULL))
            value = dag__arena_strdup(freeze->builder->arena, escaped->str);
    }
    return (DagSegment){
        .text = value, .length = (uint32_t)strlen(value), .task = SEGMENT_LITERAL};
}

/* Replace the number of a name in a reference by a value or an id. */
static void
resolve_segment(const Freeze *freeze, DagSegment *segment)
{
    const Name *name = name_at(freeze->builder, segment->task);
    const char *value;

    if (name->kind == NAME_PARAM) {
        value = value_of_param(freeze, name);
    } else {
        segment->is_outcome = name->kind == NAME_OUTCOME;
        segment->task = freeze->id_of[name->target];
        if (segment->task != DAG_TASK_NONE)
            return;
        value = segment->is_outcome ? DAG_OUTCOME_EXCLUDED : "";
    }
    *segment = literal_of(freeze, segment, value);
}

/* Replace the numbers of names in a template by values and ids. */
static void
resolve_template(const Freeze *freeze, DagTemplate *text)
{
    for (uint32_t i = 0; i < text->n_segments; i++)
        if (!segment_is_literal(&text->segments[i]))
            resolve_segment(freeze, &text->segments[i]);
    dag__template_join(freeze->builder->arena, text);
}

static void
fill_params(const DagBuilder *builder, DagGraph *graph)
{
    graph->n_params = builder->params->len;
    graph->params = g_new(DagParam, graph->n_params + 1);
    for (unsigned i = 0; i < builder->params->len; i++) {
        DagParam *param = &graph->params[i];

        *param = param_at(builder, i)->param;
        param->is_variable = dag__param_fits(param);
    }
    graph->mask = dag__mask_new(graph->params, graph->n_params);
}

static void
fill_titles(const Freeze *freeze)
{
    const DagBuilder *builder = freeze->builder;
    DagGraph *graph = freeze->graph;

    graph->titles = g_new(DagPhaseTitle, builder->titles->len + 1);
    for (unsigned i = 0; i < builder->titles->len; i++) {
        const PhaseTitle *from = &g_array_index(builder->titles, PhaseTitle, i);
        uint32_t task = name_at(builder, dag__builder_find_name(builder, from->of))->target;

        if (freeze->id_of[task] != DAG_TASK_NONE)
            graph->titles[graph->n_titles++] =
                (DagPhaseTitle){from->title, freeze->id_of[task]};
    }
}

static void
fill_pools(const DagBuilder *builder, DagGraph *graph)
{
    graph->n_pools = builder->pools->len;
    graph->pools = g_new(DagPool, graph->n_pools + 1);
    for (unsigned i = 0; i < builder->pools->len; i++)
        graph->pools[i] = g_array_index(builder->pools, Pool, i).pool;
}

static void
fill_excluded(const Freeze *freeze)
{
    GPtrArray *names = g_ptr_array_new();
    const DagBuilder *builder = freeze->builder;

    for (uint32_t number = 0; number < builder->tasks->len; number++)
        if (freeze->excluded[number] && freeze->wanted[number])
            g_ptr_array_add(names, (gpointer)task_at(builder, number)->name);
    g_ptr_array_add(names, NULL);
    freeze->graph->excluded = (const char **)g_ptr_array_free(names, FALSE);
}

static void
fill_texts(const Freeze *freeze)
{
    DagBuilder *builder = freeze->builder;
    DagGraph *graph = freeze->graph;

    for (unsigned i = 0; i < builder->templates->len; i++)
        resolve_template(freeze, builder->templates->pdata[i]);
    graph->name = builder->name ? builder->name : "graph";
    graph->title = builder->title;
    graph->directory = builder->directory;
    graph->readers = builder->readers;
    graph->strategy = builder->strategy;
    /* Checked before; it may be empty in a lenient graph, whose parameters may have no value. */
    if (builder->output && *dag_template_constant(builder->output)) {
        const char *output = dag_template_constant(builder->output);
        g_autofree char *absolute = dag__absolute_path(output, graph->directory, NULL);

        graph->output = dag__arena_strdup(builder->arena, absolute);
    }
    graph->files = g_memdup2(builder->files->pdata, builder->files->len * sizeof(gpointer));
}

DagGraph *
dag__builder_freeze(DagBuilder *builder, const uint32_t *order, const bool *excluded,
                    const bool *wanted)
{
    uint32_t n = builder->tasks->len;
    Freeze freeze = {
        .builder = builder,
        .graph = g_new0(DagGraph, 1),
        .excluded = excluded,
        .wanted = wanted,
        .id_of = g_new(DagTaskId, n),
        .n_declared = n,
        .inherited_preds = g_new0(DagNumbers, n),
        .seen = g_new0(uint32_t, n),
        .seen_at = g_new(uint32_t, n),
    };
    DagGraph *graph = freeze.graph;
    bool all_stay = number_tasks(&freeze, order);

    fill_titles(&freeze);
    fill_excluded(&freeze);
    dag__builder_forget_names(builder); /* now, to lower the peak of memory */
    take_tasks(&freeze, all_stay);
    allocate_preds(&freeze, all_stay);
    graph->declared = g_new(DagTaskId, graph->n_tasks);
    graph->first_pred = g_new(uint32_t, graph->n_tasks + 1);
    link_tasks(&freeze, order);
    fill_not_bare(&freeze);
    link_successors(graph);
    summarize_tasks(&freeze);
    if (builder->outputs)
        take_outputs(&freeze, all_stay);
    take_outcomes(&freeze);
    fill_params(builder, graph);
    fill_pools(builder, graph);
    dag__builder_freeze_machine(builder, graph, freeze.id_of);
    fill_texts(&freeze);
    graph->arena = g_steal_pointer(&builder->arena);

    for (uint32_t i = 0; i < n; i++)
        if (excluded[i])
            g_free(freeze.inherited_preds[i].items);
    g_free(freeze.inherited_preds);
    g_free(freeze.id_of);
    g_free(freeze.seen);
    g_free(freeze.seen_at);
    return graph;
}
