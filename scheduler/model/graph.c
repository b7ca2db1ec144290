/* SPDX-License-Identifier: MIT */
/*
 * Access to a graph.  Adjacency is two sets of CSR rows; names and locations exist for messages
 * only.
 */
#include "model/graph.h"

#include "model/template.h"

#include <string.h>

void
dag_graph_free(DagGraph *graph)
{
    if (!graph)
        return;
    dag__arena_free(graph->arena);
    g_free(graph->files);
    g_free(graph->excluded);
    g_free(graph->params);
    dag_mask_unref(graph->mask);
    g_free(graph->titles);
    g_free(graph->pools);
    dag__machine_table_free(graph->machine);
    g_free(graph->tasks);
    g_free(graph->actions);
    g_free(graph->outputs);
    g_free(graph->declared);
    g_free(graph->first_pred);
    g_free(graph->first_succ);
    g_free(graph->preds);
    g_free(graph->succs);
    g_free(graph->not_bare);
    g_free(graph);
}

const char *
dag_graph_name(const DagGraph *graph)
{
    g_return_val_if_fail(graph, NULL);
    return graph->name;
}

const char *
dag_graph_title(const DagGraph *graph)
{
    g_return_val_if_fail(graph, NULL);
    return graph->title;
}

const char *
dag_graph_directory(const DagGraph *graph)
{
    g_return_val_if_fail(graph, NULL);
    return graph->directory;
}

const char *
dag_graph_output(const DagGraph *graph)
{
    g_return_val_if_fail(graph, NULL);
    return graph->output;
}

const char *
dag_graph_strategy(const DagGraph *graph)
{
    g_return_val_if_fail(graph, NULL);
    return graph->strategy;
}

DagReaders
dag_graph_readers(const DagGraph *graph)
{
    g_return_val_if_fail(graph, DAG_READERS_USER);
    return graph->readers;
}

const DagParam *
dag_graph_params(const DagGraph *graph, size_t *n_out)
{
    g_return_val_if_fail(graph && n_out, NULL);
    *n_out = graph->n_params;
    return graph->params;
}

const char *const *
dag_graph_excluded(const DagGraph *graph)
{
    g_return_val_if_fail(graph, NULL);
    return graph->excluded;
}

size_t
dag_graph_n_tasks(const DagGraph *graph)
{
    g_return_val_if_fail(graph, 0);
    return graph->n_tasks;
}

size_t
dag_graph_n_dependencies(const DagGraph *graph)
{
    g_return_val_if_fail(graph, 0);
    return graph->n_dependencies;
}

DagIds
dag_graph_declared(const DagGraph *graph)
{
    g_return_val_if_fail(graph, ((DagIds){0}));
    return (DagIds){graph->declared, graph->n_tasks};
}

uint32_t
dag_graph_position(const DagGraph *graph, DagTaskId id)
{
    g_return_val_if_fail(graph && id < graph->n_tasks, 0);
    return graph->tasks[id].position;
}

DagIds
dag_graph_predecessors(const DagGraph *graph, DagTaskId id)
{
    g_return_val_if_fail(graph && id < graph->n_tasks, ((DagIds){0}));
    uint32_t first = graph->first_pred[id];

    return (DagIds){graph->preds + first, graph->first_pred[id + 1] - first};
}

bool
dag_graph_dependency_is_bare(const DagGraph *graph, DagTaskId id, size_t i)
{
    g_return_val_if_fail(graph && id < graph->n_tasks, false);
    uint32_t place = graph->first_pred[id] + (uint32_t)i;

    g_return_val_if_fail(place < graph->first_pred[id + 1], false);
    return !graph->not_bare || !(graph->not_bare[place / 8] >> place % 8 & 1);
}

DagIds
dag_graph_successors(const DagGraph *graph, DagTaskId id)
{
    g_return_val_if_fail(graph && id < graph->n_tasks, ((DagIds){0}));
    return dag__successors(graph, id);
}

DagTaskId
dag_graph_find(const DagGraph *graph, const char *name)
{
    g_return_val_if_fail(graph && name, DAG_TASK_NONE);
    for (DagTaskId id = 0; id < graph->n_tasks; id++)
        if (strcmp(graph->tasks[id].name, name) == 0)
            return id;
    return DAG_TASK_NONE;
}

const char *
dag_graph_task_name(const DagGraph *graph, DagTaskId id)
{
    g_return_val_if_fail(graph && id < graph->n_tasks, NULL);
    return graph->tasks[id].name;
}

/* Return the declarations that few tasks have, or NULL. */
static const DagTaskExtra *
extra_of(const DagGraph *graph, DagTaskId id)
{
    return graph->has_extras ? graph->tasks[id].extra : NULL;
}

const char *
dag_graph_task_title(const DagGraph *graph, DagTaskId id)
{
    g_return_val_if_fail(graph && id < graph->n_tasks, NULL);

    const DagTaskExtra *extra = extra_of(graph, id);

    return extra && extra->title ? extra->title : graph->tasks[id].name;
}

double
dag_graph_task_cost(const DagGraph *graph, DagTaskId id)
{
    g_return_val_if_fail(graph && id < graph->n_tasks, 0);
    return MAX(graph->tasks[id].cost, 0);
}

bool
dag_graph_task_has_cost(const DagGraph *graph, DagTaskId id)
{
    g_return_val_if_fail(graph && id < graph->n_tasks, false);
    return graph->tasks[id].cost != 0;
}

int32_t
dag_graph_task_priority(const DagGraph *graph, DagTaskId id)
{
    g_return_val_if_fail(graph && id < graph->n_tasks, 0);

    const DagTaskExtra *extra = extra_of(graph, id);

    return extra ? extra->priority : 0;
}

bool
dag_graph_has_priorities(const DagGraph *graph)
{
    g_return_val_if_fail(graph, false);
    return graph->has_priorities;
}

const DagPolicy *
dag_graph_task_policy(const DagGraph *graph, DagTaskId id)
{
    g_return_val_if_fail(graph && id < graph->n_tasks, NULL);

    static const DagPolicy nothing_declared;
    const DagTaskExtra *extra = extra_of(graph, id);

    return extra ? &extra->policy : &nothing_declared;
}

uint32_t
dag_graph_task_tokens(const DagGraph *graph, DagTaskId id)
{
    const DagPolicy *policy = dag_graph_task_policy(graph, id);

    return policy && policy->tokens > 0 ? policy->tokens : DAG_DEFAULT_TOKENS;
}

bool
dag_graph_has_always(const DagGraph *graph)
{
    g_return_val_if_fail(graph, false);
    return graph->has_always;
}

bool
dag_graph_is_reduced(const DagGraph *graph)
{
    g_return_val_if_fail(graph, false);
    return graph->is_reduced;
}

const DagPool *
dag_graph_pools(const DagGraph *graph, size_t *n_out)
{
    g_return_val_if_fail(graph && n_out, NULL);
    *n_out = graph->n_pools;
    return graph->pools;
}

const DagUse *
dag_graph_task_uses(const DagGraph *graph, DagTaskId id, size_t *n_out)
{
    g_return_val_if_fail(graph && id < graph->n_tasks && n_out, NULL);

    const DagTaskExtra *extra = extra_of(graph, id);

    *n_out = extra ? extra->n_uses : 0;
    return extra ? extra->uses : NULL;
}

DagLocation
dag_graph_task_location(const DagGraph *graph, DagTaskId id)
{
    g_return_val_if_fail(graph && id < graph->n_tasks, ((DagLocation){0}));

    DagSpot spot = graph->tasks[id].spot;

    return (DagLocation){graph->files[spot.file], spot.line, spot.column};
}

const DagKind *
dag_graph_task_kind(const DagGraph *graph, DagTaskId id)
{
    g_return_val_if_fail(graph && id < graph->n_tasks, NULL);
    return graph->actions[id].kind;
}

const void *
dag_graph_task_config(const DagGraph *graph, DagTaskId id)
{
    g_return_val_if_fail(graph && id < graph->n_tasks, NULL);
    return graph->actions[id].config;
}

const DagTemplate *
dag_graph_task_dir(const DagGraph *graph, DagTaskId id)
{
    g_return_val_if_fail(graph && id < graph->n_tasks, NULL);

    const DagTaskExtra *extra = extra_of(graph, id);

    return extra ? extra->dir : NULL;
}

const DagTaskFiles *
dag_graph_task_files(const DagGraph *graph, DagTaskId id)
{
    g_return_val_if_fail(graph && id < graph->n_tasks, NULL);

    const DagTaskExtra *extra = extra_of(graph, id);

    return extra ? extra->files : NULL;
}

bool
dag_path_is_pattern(const char *path)
{
    g_return_val_if_fail(path, false);
    return strpbrk(path, "*?[") != NULL;
}

bool
dag_graph_has_files(const DagGraph *graph)
{
    g_return_val_if_fail(graph, false);
    return graph->has_files;
}

int64_t
dag_graph_task_cache_ns(const DagGraph *graph, DagTaskId id)
{
    g_return_val_if_fail(graph && id < graph->n_tasks, 0);

    const DagTaskExtra *extra = extra_of(graph, id);
    bool has_outputs = extra && extra->files && extra->files->n_outputs > 0;

    if (!extra || extra->policy.cache_ns > 0)
        return extra ? extra->policy.cache_ns : 0;
    return has_outputs ? INT64_MAX : 0;
}

const DagVariable *
dag_graph_task_variables(const DagGraph *graph, DagTaskId id, size_t *n_out)
{
    g_return_val_if_fail(graph && id < graph->n_tasks && n_out, NULL);

    const DagTaskExtra *extra = extra_of(graph, id);

    *n_out = extra ? extra->n_variables : 0;
    return extra ? extra->variables : NULL;
}

const DagOutputVariable *
dag_graph_task_outputs(const DagGraph *graph, DagTaskId id, size_t *n_out)
{
    g_return_val_if_fail(graph && id < graph->n_tasks && n_out, NULL);

    const DagOutputList *list = graph->outputs ? &graph->outputs[id] : NULL;

    *n_out = list ? list->n : 0;
    return list ? list->variables : NULL;
}

const DagOutcomeVariable *
dag_graph_task_outcomes(const DagGraph *graph, DagTaskId id, size_t *n_out)
{
    g_return_val_if_fail(graph && id < graph->n_tasks && n_out, NULL);

    const DagTaskExtra *extra = graph->tasks[id].extra;

    *n_out = extra ? extra->n_outcomes : 0;
    return extra ? extra->outcomes : NULL;
}

bool
dag_graph_task_is_read(const DagGraph *graph, DagTaskId id)
{
    g_return_val_if_fail(graph && id < graph->n_tasks, false);
    return graph->tasks[id].is_read;
}

bool
dag_graph_task_is_named(const DagGraph *graph, DagTaskId id)
{
    g_return_val_if_fail(graph && id < graph->n_tasks, false);
    return graph->tasks[id].is_named;
}

bool
dag_graph_has_readers(const DagGraph *graph)
{
    g_return_val_if_fail(graph, false);
    return graph->has_readers;
}

DagMask *
dag_graph_mask(const DagGraph *graph)
{
    g_return_val_if_fail(graph, NULL);
    return dag__mask_ref(graph->mask);
}

void
dag_graph_describe(const DagGraph *graph, const DagTemplate *text, GString *out)
{
    g_return_if_fail(graph && text && out);

    size_t start = out->len;

    for (uint32_t i = 0; i < text->n_segments; i++) {
        const DagSegment *segment = &text->segments[i];

        if (segment_is_literal(segment))
            g_string_append_len(out, segment->text, segment->length);
        else
            g_string_append_printf(out, "${%s%s%s%s}", graph->tasks[segment->task].name,
                                   segment->is_outcome ? DAG__OUTCOME_SUFFIX : "",
                                   segment->text ? "#" : "",
                                   segment->text ? segment->text : "");
    }
    dag_mask_text(graph->mask, out, start);
}

void
dag_graph_describe_task(const DagGraph *graph, DagTaskId id, GString *out)
{
    g_return_if_fail(graph && id < graph->n_tasks && out);

    DagAction action = graph->actions[id];
    size_t start = out->len;

    if (action.kind->describe)
        action.kind->describe(graph, action.config, out);
    else
        g_string_append(out, action.kind->name);
    dag_mask_text(graph->mask, out, start);
}
