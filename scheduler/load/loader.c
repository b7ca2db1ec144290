/* SPDX-License-Identifier: MIT */
/*
 * From XML to declarations: a SAX2 handler that checks elements and attributes against the
 * tables of the vocabulary and hands them to a builder.  Holds the attributes of one task at a
 * time, and the names of the elements it is in; everything else is the builder's.
 *
 * An unknown or misplaced element is reported once, and what it holds is skipped.
 */
#include "load/loader.h"
#include "load/policy.h"

#include <dagrun/error.h>
#include <string.h>

/* Of elements in one file.  Groups within groups need no more. */
#define MAX_DEPTH 256

/* Of a command line or a script; the system takes less. */
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

    if (values->value[GRAPH_NAME])
        dag_builder_set_name(loader->builder, values->value[GRAPH_NAME]);
    if (values->value[GRAPH_TITLE])
        dag_builder_set_title(loader->builder, values->value[GRAPH_TITLE]);
    if (values->value[GRAPH_OUTPUT])
        dag_builder_set_output(loader->builder, values->value[GRAPH_OUTPUT],
                               values->location[GRAPH_OUTPUT]);
}

static void
start_param(Loader *loader, DagLocation location)
{
    const Values *values = &loader->values;

    dag_builder_add_param(loader->builder,
                          &(DagParamSpec){
                              .is_incomplete = values->has_bad,
                              .name = values->value[PARAM_NAME],
                              .title = values->value[PARAM_TITLE],
                              .type = values->value[PARAM_TYPE],
                              .default_value = values->value[PARAM_DEFAULT],
                              .choices = values->value[PARAM_CHOICES],
                              .is_secret = dag__boolean_of(values->value[PARAM_SECRET]),
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

    dag_builder_add_phase_title(loader->builder, values->value[PHASE_TITLE],
                                values->value[PHASE_OF], values->location[PHASE_OF]);
}

static void
start_pool(Loader *loader, DagLocation location)
{
    const Values *values = &loader->values;
    const char *slots = values->value[POOL_SLOTS];

    dag_builder_add_pool(
        loader->builder,
        &(DagPoolSpec){
            .name = values->value[POOL_NAME],
            .slots = slots ? (uint32_t)g_ascii_strtoull(slots, NULL, 10) : 0,
            .is_incomplete = !slots,
            .location = location,
            .name_location = values->location[POOL_NAME],
        });
}

/* Return the cost that `text`, or NULL, gives; see DAG_ZERO. */
static double
declared_cost(const char *text)
{
    double cost = text ? g_ascii_strtod(text, NULL) : 0;

    return text && cost == 0 ? DAG_ZERO : cost;
}

static void
start_task(Loader *loader, DagLocation location)
{
    const Values *values = &loader->task_values;
    const char *priority = values->value[TASK_PRIORITY];

    loader->task = (DagTaskSpec){
        .name = values->value[TASK_ID],
        .title = values->value[TASK_TITLE],
        .needs = values->value[TASK_NEEDS],
        .when = values->value[TASK_WHEN],
        .dir = values->value[TASK_DIR],
        .uses = values->value[TASK_USES],
        .cost = declared_cost(values->value[TASK_COST]),
        .priority = priority ? (int32_t)g_ascii_strtoll(priority, NULL, 10) : 0,
        .location = location,
        .name_location = values->location[TASK_ID],
        .needs_location = values->location[TASK_NEEDS],
        .when_location = values->location[TASK_WHEN],
        .dir_location = values->location[TASK_DIR],
        .uses_location = values->location[TASK_USES],
        .expect_location =
            values->location[values->value[TASK_EXPECT] ? TASK_EXPECT : TASK_RETRY_ON],
    };
    dag__policy_read(values, &loader->task.policy);
    g_array_set_size(loader->variables, 0);
    g_array_set_size(loader->pairs, 0);
    g_string_truncate(loader->text, 0);
}

static void
start_env(Loader *loader, DagLocation location)
{
    const Values *values = &loader->values;
    DagPair pair = {.name = g_strdup(values->value[ENV_NAME]),
                    .value = g_strdup(values->value[ENV_VALUE]),
                    .location = location,
                    .name_location = values->location[ENV_NAME],
                    .value_location = values->location[ENV_VALUE]};

    g_array_append_val(loader->variables, pair);
}

/* Blank lines around the text are the file's layout; the indentation of the first line is not,
 * since the others have it too. */
static void
strip_blank_lines(GString *text)
{
    size_t n_before = 0;

    for (size_t i = 0; g_ascii_isspace(text->str[i]); i++)
        if (text->str[i] == '\n')
            n_before = i + 1;
    if (n_before > 0)
        g_string_erase(text, 0, (gssize)n_before);
    while (text->len > 0 && g_ascii_isspace(text->str[text->len - 1]))
        g_string_truncate(text, text->len - 1);
}

static void
end_task(Loader *loader)
{
    DagTaskSpec *task = &loader->task;

    strip_blank_lines(loader->text);
    task->variables = (const DagPair *)(void *)loader->variables->data;
    task->n_variables = loader->variables->len;
    task->attributes = (const DagPair *)(void *)loader->pairs->data;
    task->n_attributes = loader->pairs->len;
    task->text = loader->text->str;
    dag_builder_add_task(loader->builder, task);
}

static void
include(Loader *loader, DagSource *source)
{
    /* A copy, since what is included has attributes, too. */
    g_autofree char *href = g_strdup(loader->values.value[INCLUDE_HREF]);
    DagLocation location = loader->values.location[INCLUDE_HREF];
    const char *problem;
    DagSource *inner = dag__include_open(&loader->inclusions, source, href, &problem);

    if (inner) {
        parse_source(loader, inner);
        problem = inner->read_errno ? g_strerror(inner->read_errno) : NULL;
    }
    if (problem)
        dag_builder_complain(loader->builder, location, "cannot include \"%s\": %s", href,
                             problem);
    if (loader->broken)
        dag__loader_stop(loader, source);
}

/* Hands what was read of the element to the builder, or keeps it until the task is whole. */
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

/* Reads the element of a kind.  Returns: its name, static. */
static const char *
start_kind(Loader *loader, const Element *element)
{
    loader->task.kind = element->task_kind;
    loader->task.kind_location = element->tag.location;
    dag__pairs_read(loader->pairs, element, loader->builder);
    return element->task_kind->name;
}

/* Reads an element that may stand where it does.  Returns: whether to go into it. */
static bool
enter(Loader *loader, const Element *element)
{
    DagElementKind kind = element->kind;
    DagLocation location = element->tag.location;
    Values *values = kind == ELEMENT_TASK ? &loader->task_values : &loader->values;
    Frame frame = {.kind = kind, .name = dag__elements[kind].name, .location = location};

    if (kind == ELEMENT_KIND)
        frame.name = start_kind(loader, element);
    else if (dag__values_read(values, element, loader->builder))
        begin(loader, kind, location);
    else if (kind == ELEMENT_TASK || kind == ELEMENT_INCLUDE)
        return false;
    else if (kind == ELEMENT_POOL && values->value[POOL_NAME])
        start_pool(loader, location); /* or its users would be complained of, too */
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
    g_array_set_size(loader->frames, loader->frames->len - 1);
}

/* Complains once the text of a kind's element is longer than fits. */
static void
add_text(Loader *loader, DagSource *source, const char *text, size_t length)
{
    g_string_append_len(loader->text, text, (gssize)length);
    if (loader->text->len <= MAX_TEXT)
        return;
    dag_builder_complain(loader->builder, loader_top(loader)->location,
                         "the text of <%s> has more than 16 MiB", loader->task.kind->name);
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
    if (frame->kind == ELEMENT_KIND && loader->task.kind->takes_text) {
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

    /* It may show what stands in the file, which need not be text. */
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
    loader->pairs = dag__pairs_new();
    loader->text = g_string_new(NULL);
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
    g_array_unref(loader->pairs);
    g_string_free(loader->text, TRUE);
    dag__values_clear(&loader->values);
    dag__values_clear(&loader->task_values);
}

/* The graph is called after its file, and its paths start from the file's directory. */
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
                                   },
                                   error);
    loader_clear(&loader);
    return graph;
}
