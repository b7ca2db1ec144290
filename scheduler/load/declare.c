/* SPDX-License-Identifier: MIT */
/*
 * Elements become declarations: the values of an element are passed to the builder, at once or, for
 * a task and a declaration of a kind, at its end.
 */
#include "load/loader.h"

static void
start_graph(Loader *loader)
{
    const Values *values = &loader->values;

    if (values->value[GRAPH_NAME].text)
        dag_builder_set_name(loader->builder, values->value[GRAPH_NAME].text);
    if (values->value[GRAPH_TITLE].text)
        dag_builder_set_title(loader->builder, values->value[GRAPH_TITLE].text);
    if (values->value[GRAPH_OUTPUT].text)
        dag_builder_set_output(loader->builder, values->value[GRAPH_OUTPUT].text,
                               values->location[GRAPH_OUTPUT]);
    if (values->value[GRAPH_READERS].text)
        dag_builder_set_readers(loader->builder,
                                (DagReaders)values->value[GRAPH_READERS].integer);
    if (values->value[GRAPH_STRATEGY].text)
        dag_builder_set_strategy(loader->builder, values->value[GRAPH_STRATEGY].text);
}

static void
start_param(Loader *loader, DagLocation location)
{
    const Values *values = &loader->values;

    dag_builder_add_param(loader->builder,
                          &(DagParamSpec){
                              .is_incomplete = values->has_bad,
                              .name = values->value[PARAM_NAME].text,
                              .title = values->value[PARAM_TITLE].text,
                              .type = values->value[PARAM_TYPE].text,
                              .default_value = values->value[PARAM_DEFAULT].text,
                              .choices = values->value[PARAM_CHOICES].text,
                              .is_secret = values->value[PARAM_SECRET].boolean,
                              .location = location,
                              .name_location = values->location[PARAM_NAME],
                              .type_location = values->location[PARAM_TYPE],
                              .default_location = values->location[PARAM_DEFAULT],
                              .choices_location = values->location[PARAM_CHOICES],
                          });
}

static void
start_phase(Loader *loader)
{
    const Values *values = &loader->values;

    dag_builder_add_phase_title(loader->builder, values->value[PHASE_TITLE].text,
                                values->value[PHASE_OF].text, values->location[PHASE_OF]);
}

static void
start_pool(Loader *loader, DagLocation location)
{
    const Values *values = &loader->values;

    dag_builder_add_pool(loader->builder,
                         &(DagPoolSpec){
                             .name = values->value[POOL_NAME].text,
                             .slots = (uint32_t)values->value[POOL_SLOTS].integer,
                             .rate = values->value[POOL_RATE].rate,
                             .burst = (uint32_t)values->value[POOL_BURST].integer,
                             .tokens = values->value[POOL_TOKENS].rate,
                             .is_incomplete = values->has_bad,
                             .location = location,
                             .name_location = values->location[POOL_NAME],
                         });
}

static void
start_machine(Loader *loader, DagLocation location)
{
    const Values *values = &loader->values;

    dag_builder_add_machine(
        loader->builder,
        &(DagMachineSpec){.bandwidth = values->value[MACHINE_BANDWIDTH].number,
                          .latency_ns = values->value[MACHINE_LATENCY].integer,
                          .location = location});
}

static void
start_worker(Loader *loader)
{
    const Values *values = &loader->values;

    dag_builder_add_worker(
        loader->builder, &(DagWorkerSpec){.name = values->value[WORKER_NAME].text,
                                          .speed = values->value[WORKER_SPEED].number,
                                          .name_location = values->location[WORKER_NAME]});
}

static void
start_link(Loader *loader, DagLocation location)
{
    const Values *values = &loader->values;
    const DagFormValue *latency = &values->value[LINK_LATENCY];

    dag_builder_add_link(loader->builder,
                         &(DagLinkSpec){.from = values->value[LINK_FROM].text,
                                        .to = values->value[LINK_TO].text,
                                        .bandwidth = values->value[LINK_BANDWIDTH].number,
                                        .latency_ns = latency->text ? latency->integer : -1,
                                        .location = location});
}

static void
start_costs(Loader *loader)
{
    const Values *values = &loader->values;

    dag_builder_add_costs(loader->builder,
                          &(DagCostsSpec){.of = values->value[COSTS_OF].text,
                                          .seconds = values->value[COSTS_SECONDS].text,
                                          .location = values->location[COSTS_OF]});
}

static void
start_data(Loader *loader, DagLocation location)
{
    const Values *values = &loader->values;

    dag_builder_add_data(loader->builder,
                         &(DagDataSpec){.from = values->value[DATA_FROM].text,
                                        .to = values->value[DATA_TO].text,
                                        .size = values->value[DATA_SIZE].number,
                                        .location = location});
}

/* Begin an element of the machine. */
static void
begin_part_of_machine(Loader *loader, DagElementKind kind, DagLocation location)
{
    switch (kind) {
    case ELEMENT_MACHINE:
        start_machine(loader, location);
        break;
    case ELEMENT_WORKER:
        start_worker(loader);
        break;
    case ELEMENT_LINK:
        start_link(loader, location);
        break;
    case ELEMENT_COSTS:
        start_costs(loader);
        break;
    default:
        start_data(loader, location);
        break;
    }
}

/* Return the field for a number that may be left out; see DAG_ZERO. */
static int64_t
given(const DagFormValue *value)
{
    return value->text ? dag_give(value->integer) : 0;
}

static double
given_cost(const DagFormValue *value)
{
    return !value->text ? 0 : value->number > 0 ? value->number : DAG_ZERO;
}

static DagPrint
read_print(const DagFormValue *value)
{
    if (!value->text)
        return DAG_PRINT_UNREAD;
    return value->boolean ? DAG_PRINT_ALWAYS : DAG_PRINT_NEVER;
}

static DagPolicy
read_policy(const DagFormValue *values)
{
    return (DagPolicy){
        .timeout_ns = values[TASK_TIMEOUT].integer,
        .retry_delay_ns = given(&values[TASK_RETRY_DELAY]),
        .retries = (int32_t)given(&values[TASK_RETRIES]),
        .allow_failure = values[TASK_ALLOW_FAILURE].boolean,
        .always = values[TASK_ALWAYS].boolean,
        .print = read_print(&values[TASK_PRINT]),
        .cache_ns = values[TASK_CACHE].integer,
    };
}

static void
start_task(Loader *loader, DagLocation location)
{
    const Values *values = &loader->task_values;

    loader->task = (DagTaskSpec){
        .name = values->value[TASK_ID].text,
        .title = values->value[TASK_TITLE].text,
        .needs = values->value[TASK_NEEDS].text,
        .when = values->value[TASK_WHEN].text,
        .dir = values->value[TASK_DIR].text,
        .uses = values->value[TASK_USES].text,
        .inputs = values->value[TASK_INPUTS].text,
        .outputs = values->value[TASK_OUTPUTS].text,
        .cost = given_cost(&values->value[TASK_COST]),
        .priority = (int32_t)values->value[TASK_PRIORITY].integer,
        .policy = read_policy(values->value),
        .location = location,
        .name_location = values->location[TASK_ID],
        .needs_location = values->location[TASK_NEEDS],
        .when_location = values->location[TASK_WHEN],
        .dir_location = values->location[TASK_DIR],
        .uses_location = values->location[TASK_USES],
        .inputs_location = values->location[TASK_INPUTS],
        .outputs_location = values->location[TASK_OUTPUTS],
        .expect_location =
            values->location[values->value[TASK_EXPECT].text ? TASK_EXPECT : TASK_RETRY_ON],
    };
    g_array_set_size(loader->variables, 0);
    node_begin(loader->kind, NULL, location);
}

static void
start_env(Loader *loader, DagLocation location)
{
    const Values *values = &loader->values;
    DagPair pair = {.name = g_strdup(values->value[ENV_NAME].text),
                    .value = g_strdup(values->value[ENV_VALUE].text),
                    .location = location,
                    .name_location = values->location[ENV_NAME],
                    .value_location = values->location[ENV_VALUE]};

    g_array_append_val(loader->variables, pair);
}

/* Convert exit codes.  Return true if they are given and valid. */
static bool
read_codes(Loader *loader, int slot, DagCodes *out)
{
    const char *given = loader->task_values.value[slot].text;
    g_autofree char *text = g_strdup(given);
    g_autofree char *problem = text ? dag__codes_parse(text, out) : NULL;

    if (problem)
        dag_builder_complain(loader->builder, loader->task_values.location[slot],
                             "attribute \"%s\" of <task>: %s",
                             dag__elements[ELEMENT_TASK].attributes[slot].name, problem);
    return given && !problem;
}

/* Read `expect` and `retry-on`, now that the kind is known. */
static void
end_codes(Loader *loader)
{
    DagTaskSpec *task = &loader->task;
    DagPolicy *policy = &task->policy;

    if (task->kind && task->kind->has_own_codes) {
        task->expect = loader->task_values.value[TASK_EXPECT].text;
        task->retry_on = loader->task_values.value[TASK_RETRY_ON].text;
        return;
    }
    policy->limits_success = read_codes(loader, TASK_EXPECT, &policy->expect);
    policy->limits_retries = read_codes(loader, TASK_RETRY_ON, &policy->retry_on);
}

void
dag__loader_end_task(Loader *loader)
{
    DagTaskSpec *task = &loader->task;
    DagElementSpec kind = node_spec(loader->kind);

    end_codes(loader);

    task->variables = (const DagPair *)(void *)loader->variables->data;
    task->n_variables = loader->variables->len;
    task->kind_attributes = (const DagPair *)(void *)loader->further.pairs->data;
    task->n_kind_attributes = loader->further.pairs->len;
    task->attributes = kind.attributes;
    task->n_attributes = kind.n_attributes;
    task->children = kind.children;
    task->n_children = kind.n_children;
    task->text = kind.text;
    dag_builder_add_task(loader->builder, task);
}

void
dag__loader_end_declaration(Loader *loader, const Frame *frame)
{
    DagElementSpec spec = node_spec(frame->node);

    dag_builder_add_declaration(loader->builder, frame->declaration, &spec);
}

void
dag__loader_begin(Loader *loader, DagElementKind kind, DagLocation location)
{
    switch (kind) {
    case ELEMENT_GRAPH:
        start_graph(loader);
        break;
    case ELEMENT_PARAM:
        start_param(loader, location);
        break;
    case ELEMENT_PHASE:
        start_phase(loader);
        break;
    case ELEMENT_POOL:
        start_pool(loader, location);
        break;
    case ELEMENT_MACHINE:
    case ELEMENT_WORKER:
    case ELEMENT_LINK:
    case ELEMENT_COSTS:
    case ELEMENT_DATA:
        begin_part_of_machine(loader, kind, location);
        break;
    case ELEMENT_TASK:
        start_task(loader, location);
        break;
    case ELEMENT_ENV:
        start_env(loader, location);
        break;
    default:
        break;
    }
}

void
dag__loader_begin_typed(Loader *loader, const Element *element, Frame *frame)
{
    DagLocation location = element->tag.location;

    if (element->kind == ELEMENT_PART) {
        frame->node = node_add(loader_top(loader)->node, element->type, location);
    } else if (element->kind == ELEMENT_KIND) {
        frame->node = loader->kind;
        node_begin(loader->kind, element->type, location);
        loader->task.kind = element->task_kind;
        loader->task.kind_location = location;
    } else {
        frame->node = loader->declaration;
        frame->declaration = element->declaration;
        node_begin(loader->declaration, element->type, location);
    }
    frame->name = element->type->name;
    dag__pairs_read(frame->node->pairs, element, loader->builder);
}
