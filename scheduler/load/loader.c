/* SPDX-License-Identifier: MIT */
/*
 * SAX2 handlers that check elements and attributes against the tables of the vocabulary and of kinds,
 * and pass them to a builder as declarations.  One task or declaration is held at a time.
 *
 * An unknown or misplaced element is reported once, and its content is skipped.
 */
#include "load/loader.h"

#include "model/declared.h"

#include <dagrun/error.h>
#include <string.h>

/* Of elements in one file; real graphs nest a few groups. */
#define MAX_DEPTH 256

/* Of a command line or a script; the operating system accepts less. */
#define MAX_TEXT ((size_t)16 << 20)

/* Takes the source. */
static void parse_source(Loader *loader, DagSource *source);

void
dag__loader_stop(Loader *loader, DagSource *source)
{
    loader->broken = true;
    for (; source; source = source->parent)
        xmlStopParser(source->parser);
}

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
    const DagFormValue *slots = &values->value[POOL_SLOTS];

    dag_builder_add_pool(loader->builder, &(DagPoolSpec){
                                              .name = values->value[POOL_NAME].text,
                                              .slots = (uint32_t)slots->integer,
                                              .is_incomplete = !slots->text,
                                              .location = location,
                                              .name_location = values->location[POOL_NAME],
                                          });
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

static DagPolicy
read_policy(const DagFormValue *values)
{
    return (DagPolicy){
        .timeout_ns = values[TASK_TIMEOUT].integer,
        .retry_delay_ns = given(&values[TASK_RETRY_DELAY]),
        .retries = (int32_t)given(&values[TASK_RETRIES]),
        .allow_failure = values[TASK_ALLOW_FAILURE].boolean,
        .always = values[TASK_ALWAYS].boolean,
        .limits_retries = values[TASK_RETRY_ON].text != NULL,
        .limits_success = values[TASK_EXPECT].text != NULL,
        .retry_on = values[TASK_RETRY_ON].codes,
        .expect = values[TASK_EXPECT].codes,
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
        .cost = given_cost(&values->value[TASK_COST]),
        .priority = (int32_t)values->value[TASK_PRIORITY].integer,
        .policy = read_policy(values->value),
        .location = location,
        .name_location = values->location[TASK_ID],
        .needs_location = values->location[TASK_NEEDS],
        .when_location = values->location[TASK_WHEN],
        .dir_location = values->location[TASK_DIR],
        .uses_location = values->location[TASK_USES],
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

static void
end_task(Loader *loader)
{
    DagTaskSpec *task = &loader->task;
    DagElementSpec kind = node_spec(loader->kind);

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

static void
end_declaration(Loader *loader, const Frame *frame)
{
    DagElementSpec spec = node_spec(frame->node);

    dag_builder_add_declaration(loader->builder, frame->declaration, &spec);
}

static void
include(Loader *loader, DagSource *source)
{
    /* A copy: the elements of the included file overwrite the values. */
    g_autofree char *href = g_strdup(loader->values.value[INCLUDE_HREF].text);
    DagLocation location = loader->values.location[INCLUDE_HREF];
    const char *problem;
    DagSource *inner = dag__include_open(&loader->inclusions, source, href, &problem);

    if (inner) {
        parse_source(loader, inner);
        problem = inner->read_errno ? g_strerror(inner->read_errno) : NULL;
    }
    if (problem) {
        g_autofree char *advice = loader->inclusions.is_outside && loader->options->advise
                                      ? loader->options->advise(DAG_PROBLEM_OUTSIDE, href)
                                      : NULL;

        dag_builder_complain(loader->builder, location, "cannot include \"%s\": %s%s", href,
                             problem, advice ? advice : "");
    }
    if (loader->broken)
        dag__loader_stop(loader, source);
}

/* Pass the element to the builder, or keep it until the task is complete. */
static void
begin(Loader *loader, DagElementKind kind, DagLocation location)
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

/* Begin an element with a type: of a kind, in one, or a declaration. */
static void
start_typed(Loader *loader, const Element *element, Frame *frame)
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

/* Read an element that is allowed where it stands.  Return true if its content is to be read. */
static bool
enter(Loader *loader, const Element *element)
{
    DagElementKind kind = element->kind;
    DagLocation location = element->tag.location;
    bool is_task = kind == ELEMENT_TASK;
    Values *values = is_task ? &loader->task_values : &loader->values;
    Frame frame = {.kind = kind, .name = dag__elements[kind].name, .location = location};

    if (is_task)
        g_array_set_size(loader->further.pairs, 0);
    if (element->type)
        start_typed(loader, element, &frame);
    else if (dag__values_read(values, element, is_task ? &loader->further : NULL,
                              loader->builder))
        begin(loader, kind, location);
    else if (is_task || kind == ELEMENT_INCLUDE)
        return false;
    else if (kind == ELEMENT_POOL && values->value[POOL_NAME].text)
        start_pool(loader, location); /* else its uses would be reported, too */
    g_array_append_val(loader->frames, frame);
    if (kind == ELEMENT_INCLUDE)
        include(loader, element->source);
    return true;
}

/* The signature is libxml2's.  NOLINTBEGIN(readability-function-size) */
static void
on_start(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *space,
         int n_namespaces, const xmlChar **namespaces, int n_attributes, int n_defaulted,
         const xmlChar **attributes)
{
    DagSource *source = data;
    Loader *loader = source->data;
    Element element = {.source = source,
                       .name = (const char *)name,
                       .prefix = (const char *)prefix,
                       .attributes = attributes,
                       .n_attributes = n_attributes};

    (void)n_namespaces;
    (void)namespaces;
    (void)n_defaulted;
    dag__source_progress(source);
    if (loader->broken)
        return;
    if (++source->depth > MAX_DEPTH) {
        dag_builder_complain(loader->builder, dag__source_tag(source).location,
                             "elements are nested too deeply");
        dag__loader_stop(loader, source);
        return;
    }
    if (loader->skipping > 0) {
        loader->skipping++;
        return;
    }

    element.tag = dag__source_tag(source);
    dag__loader_identify(loader, &element, (const char *)space);
    if (!dag__loader_admit(loader, &element) || !enter(loader, &element))
        loader->skipping = 1;
    if (dag_builder_is_hopeless(loader->builder))
        dag__loader_stop(loader, source);
}

/* NOLINTEND(readability-function-size) */

static void
on_end(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *space)
{
    DagSource *source = data;
    Loader *loader = source->data;

    (void)name;
    (void)prefix;
    (void)space;
    if (loader->broken)
        return;
    source->depth--;
    dag__source_forget(source);
    if (loader->skipping > 0) {
        loader->skipping--;
        return;
    }
    if (loader_top(loader)->kind == ELEMENT_TASK)
        end_task(loader);
    else if (loader_top(loader)->kind == ELEMENT_DECLARATION)
        end_declaration(loader, loader_top(loader));
    g_array_set_size(loader->frames, loader->frames->len - 1);
}

/* Keep the text of a typed element; complain if it is too long. */
static void
add_text(Loader *loader, DagSource *source, const char *text, size_t length)
{
    const Frame *frame = loader_top(loader);

    g_string_append_len(frame->node->text, text, (gssize)length);
    if (frame->node->text->len <= MAX_TEXT)
        return;
    dag_builder_complain(loader->builder, frame->location,
                         "the text of <%s> has more than 16 MiB", frame->name);
    dag__loader_stop(loader, source);
}

static void
on_text(void *data, const xmlChar *text, int length)
{
    DagSource *source = data;
    Loader *loader = source->data;
    Frame *frame = loader_top(loader);

    dag__source_progress(source);
    if (loader->broken || loader->skipping > 0)
        return;
    if (frame->node && frame->node->type->text != DAG_TEXT_NONE) {
        add_text(loader, source, (const char *)text, (size_t)length);
        return;
    }
    for (int i = 0; i < length && !frame->text_refused; i++) {
        if (!g_ascii_isspace((char)text[i])) {
            frame->text_refused = true;
            dag_builder_complain(loader->builder, frame->location,
                                 "text is not allowed in <%s>", frame->name);
        }
    }
}

static void
on_comment(void *data, const xmlChar *text)
{
    (void)text;
    dag__source_progress(data);
}

static void
on_instruction(void *data, const xmlChar *target, const xmlChar *text)
{
    (void)target;
    (void)text;
    dag__source_progress(data);
}

static void
on_dtd(void *data, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    DagSource *source = data;
    Loader *loader = source->data;

    (void)name;
    (void)external;
    (void)system;
    dag_builder_complain(loader->builder, dag__source_tag(source).location,
                         "a document type declaration is not allowed");
    dag__loader_stop(loader, source);
}

static void
on_error(void *data, xmlError *problem)
{
    DagSource *source = data;
    Loader *loader = source->data;

    if (problem->level == XML_ERR_WARNING || loader->broken || source->read_errno ||
        source->refusal)
        return;

    /* It may quote the file, which need not be text. */
    g_autofree char *message =
        g_utf8_make_valid(problem->message ? problem->message : "not XML", -1);
    DagLocation location = {source->file, (uint32_t)MAX(problem->line, 1),
                            (uint32_t)MAX(problem->int2, 1)};

    g_strdelimit(g_strchomp(message), "\n", ' ');
    dag_builder_complain(loader->builder, location, "%s", message);
    dag__loader_stop(loader, source);
}

static void
parse_source(Loader *loader, DagSource *source)
{
    g_ptr_array_add(loader->sources, source);
    source->data = loader;
    dag__source_parse(source, &loader->handlers);
    if (source->refusal && !loader->broken)
        dag_builder_complain(loader->builder, source->refusal_location, "%s",
                             source->refusal);
    if (source->read_errno || source->refusal)
        loader->broken = true;
}

/* Complain if a kind's table has the name of an attribute of <task> or of an element. */
static void
check_names(Loader *loader, const DagKind *kind)
{
    const DagElementRule *task = &dag__elements[ELEMENT_TASK];

    for (size_t i = 0; i < kind->n_task_attributes; i++)
        for (size_t k = 0; k < task->n_attributes; k++)
            if (g_strcmp0(kind->task_attributes[i].name, task->attributes[k].name) == 0)
                dag_builder_complain(loader->builder, (DagLocation){0},
                                     "the table of <%s> is invalid: <task> has the "
                                     "attribute \"%s\" already",
                                     kind->name, task->attributes[k].name);
}

/* Collect the elements that kinds declare. */
static void
init_types(Loader *loader)
{
    const DagKind *const *kinds = loader->options->kinds;
    size_t n = 0;

    while (kinds && kinds[n])
        n++;
    loader->kind_types = g_new0(DagElementType, n + 1);
    loader->declarations = g_ptr_array_new();
    for (size_t i = 0; i < n; i++) {
        const DagDeclarationType *const *type = kinds[i]->declarations;

        loader->kind_types[i] = dag__kind_element(kinds[i]);
        if (!kinds[i]->name) {
            loader->kind_types[i].name = ""; /* of no element */
            dag_builder_complain(loader->builder, (DagLocation){0}, "a kind has no name");
        }
        check_names(loader, kinds[i]);
        for (; type && *type; type++)
            if ((*type)->element.name &&
                !g_ptr_array_find(loader->declarations, *type, NULL))
                g_ptr_array_add(loader->declarations, (gpointer)*type);
    }
}

static void
loader_init(Loader *loader, const char *path, const DagLoadOptions *options)
{
    loader->builder = dag_builder_new();
    loader->options = options;
    loader->evaluator = dag__condition_evaluator_new();
    dag__inclusions_init(&loader->inclusions, path, options->allow_include);
    loader->sources = g_ptr_array_new_with_free_func((GDestroyNotify)dag__source_free);
    loader->frames = g_array_new(FALSE, FALSE, sizeof(Frame));
    g_array_append_vals(loader->frames, &(Frame){.kind = ELEMENT_DOCUMENT}, 1);
    loader->variables = dag__pairs_new();
    loader->further = (KindAttributes){options->kinds, dag__pairs_new()};
    loader->kind = node_new();
    loader->declaration = node_new();
    init_types(loader);
    dag__values_init(&loader->values);
    dag__values_init(&loader->task_values);
    loader->handlers = (xmlSAXHandler){
        .initialized = XML_SAX2_MAGIC,
        .startElementNs = on_start,
        .endElementNs = on_end,
        .characters = on_text,
        .cdataBlock = on_text,
        .comment = on_comment,
        .processingInstruction = on_instruction,
        .internalSubset = on_dtd,
        .serror = on_error,
    };
}

static void
loader_clear(Loader *loader)
{
    dag_builder_free(loader->builder);
    dag__condition_evaluator_free(loader->evaluator);
    dag__inclusions_clear(&loader->inclusions);
    g_ptr_array_unref(loader->sources);
    g_array_unref(loader->frames);
    g_array_unref(loader->variables);
    g_array_unref(loader->further.pairs);
    node_free(loader->kind);
    node_free(loader->declaration);
    g_free(loader->kind_types);
    g_ptr_array_unref(loader->declarations);
    dag__values_clear(&loader->values);
    dag__values_clear(&loader->task_values);
}

/* Name the graph after its file; its relative paths start in the file's directory. */
static void
name_graph(DagBuilder *builder, const char *path)
{
    g_autofree char *stem = g_path_get_basename(path);
    g_autofree char *relative = dag__source_directory(path);
    g_autofree char *directory = g_canonicalize_filename(relative, NULL);
    char *dot = strrchr(stem, '.');

    if (dot && dot > stem)
        *dot = '\0';
    dag_builder_set_name(builder, stem);
    dag_builder_set_directory(builder, directory);
}

DagGraph *
dag_load_file(const char *path, const DagLoadOptions *options, GError **error)
{
    g_return_val_if_fail(path, NULL);

    static const DagLoadOptions defaults;
    Loader loader = {0};
    const char *problem;
    DagSource *source = dag__source_open(path, NULL, &problem);
    DagGraph *graph = NULL;

    options = options ? options : &defaults;
    if (!source) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "%s: %s", path, problem);
        return NULL;
    }
    loader_init(&loader, path, options);
    name_graph(loader.builder, path);
    parse_source(&loader, source);
    if (source->read_errno)
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "%s: %s", path,
                    g_strerror(source->read_errno));
    else if (loader.broken)
        dag_builder_abandon(loader.builder, error);
    else
        graph = dag_builder_finish(loader.builder,
                                   &(DagBuildOptions){
                                       .settings = options->settings,
                                       .n_settings = options->n_settings,
                                       .targets = options->targets,
                                       .condition = dag__condition,
                                       .condition_data = loader.evaluator,
                                       .lenient = options->lenient,
                                       .advise = options->advise,
                                   },
                                   error);
    loader_clear(&loader);
    return graph;
}
