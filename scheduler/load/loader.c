/* SPDX-License-Identifier: MIT */
/*
 * SAX2 handlers that check elements and attributes against the tables of the vocabulary and of kinds,
 * and pass them to a builder as declarations.  One task or declaration is held at a time.
 *
 * An unknown or misplaced element is reported once, and its content is skipped.
 */
#include "load/loader.h"

#include "load/mend.h"
#include "load/syntax.h"
#include "model/builder.h"
#include "model/declared.h"
#include "model/path.h"

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
include(Loader *loader, DagSource *source)
{
    /* A copy: the elements of the included file overwrite the values. */
    g_autofree char *href = g_strdup(loader->values.value[INCLUDE_HREF].text);
    DagLocation location = loader->values.location[INCLUDE_HREF];
    g_autoptr(GError) error = NULL;
    DagSource *inner = dag__include_open(&loader->inclusions, source, href, &error);

    if (inner) {
        dag__builder_note_inclusion(loader->builder, inner->file, location);
        parse_source(loader, inner);
        if (inner->read_errno)
            g_set_error_literal(&error, DAG_ERROR, DAG_ERROR_IO,
                                g_strerror(inner->read_errno));
    }
    if (error) {
        g_autofree char *advice =
            !inner && loader->inclusions.is_outside && loader->options->advise
                ? loader->options->advise(DAG_PROBLEM_OUTSIDE, href)
                : NULL;

        dag_builder_complain(loader->builder, location, "cannot include \"%s\": %s%s", href,
                             error->message, advice ? advice : "");
    }
    if (loader->broken)
        dag__loader_stop(loader, source);
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
        dag__loader_begin_typed(loader, element, &frame);
    else if (dag__values_read(values, element, is_task ? &loader->further : NULL,
                              loader->builder))
        dag__loader_begin(loader, kind, location);
    else if (is_task || kind == ELEMENT_INCLUDE)
        return false;
    else if (kind == ELEMENT_POOL && values->value[POOL_NAME].text)
        dag__loader_begin(loader, kind,
                          location); /* else its uses would be reported, too */
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
        dag__loader_end_task(loader);
    else if (loader_top(loader)->kind == ELEMENT_DECLARATION)
        dag__loader_end_declaration(loader, loader_top(loader));
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

/* Complain about text in an element that has none. */
static void
refuse_text(Loader *loader, const Frame *frame)
{
    g_autoptr(GString) hint = g_string_new(NULL);
    const DagElementType *type = frame->kind == ELEMENT_TASK ? loader->kind_types : NULL;

    for (; type && type->name; type++)
        if (type->text != DAG_TEXT_NONE)
            g_string_append_printf(hint, "%s<%s>",
                                   hint->len > 0 ? " or " : "; put it into ", type->name);
    dag_builder_complain(loader->builder, frame->location, "text is not allowed in <%s>%s",
                         frame->name, hint->str);
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
            refuse_text(loader, frame);
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

    g_autofree char *message = dag__syntax_message(problem);
    DagLocation location = {source->file, (uint32_t)MAX(problem->line, 1),
                            (uint32_t)MAX(problem->int2, 1)};

    dag_builder_complain(loader->builder, location, "%s", message);
    loader->is_malformed = true;
    dag__loader_stop(loader, source);
}

/* The text of a file while its mistakes are reported. */
typedef struct Mending {
    Loader *loader;
    DagSource *source;
    const char *text; /* as it was */
    size_t offset;    /* of the last mistake */
    uint32_t line;    /* its line, from 1 */
    size_t line_start;
} Mending;

/* A MendReport; offsets do not shrink but once, for a missing quote at the end. */
static void
report_mistake(void *data, size_t offset, const char *message)
{
    Mending *mending = data;

    if (offset < mending->offset)
        mending->offset = mending->line_start = mending->line = 0;
    mending->line = MAX(mending->line, 1);
    for (; mending->offset < offset; mending->offset++)
        if (mending->text[mending->offset] == '\n') {
            mending->line++;
            mending->line_start = mending->offset + 1;
        }
    dag_builder_complain(mending->loader->builder,
                         (DagLocation){mending->source->file, mending->line,
                                       (uint32_t)(offset - mending->line_start) + 1},
                         "%s", message);
}

/* Return whether the content of the element is text without child elements. */
static bool
is_script(void *data, const char *name)
{
    const Loader *loader = ((Mending *)data)->loader;

    for (const DagElementType *type = loader->kind_types; type->name; type++)
        if (strcmp(type->name, name) == 0)
            return type->text != DAG_TEXT_NONE && type->n_children == 0;
    return false;
}

/* Report what has to be escaped in the file, and let it be parsed as if it were. */
static void
mend(Loader *loader, DagSource *source)
{
    g_autoptr(GByteArray) contents = !source->parent && loader->piped
                                         ? g_byte_array_ref(loader->piped)
                                         : dag__source_contents(source);
    g_autofree char *text = NULL;
    Mending mending = {loader, source, NULL, 0, 0, 0};

    if (!contents || contents->len == 0)
        return;
    text = g_memdup2(contents->data, contents->len);
    mending.text = (const char *)contents->data;
    if (!dag__mend(text, contents->len, is_script, report_mistake, &mending))
        dag__loader_stop(loader, source->parent);
    dag__source_replace(source, g_bytes_new_take(g_steal_pointer(&text), contents->len));
}

static void
parse_source(Loader *loader, DagSource *source)
{
    g_ptr_array_add(loader->sources, source);
    source->data = loader;
    if (loader->mends)
        mend(loader, source);
    if (loader->broken)
        return;
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

/* Name the graph after its file; its relative paths start in the file's directory.  Returns: false
 * with `error` set if that cannot be found. */
static bool
name_graph(DagBuilder *builder, const char *path, GError **error)
{
    g_autofree char *stem = g_path_get_basename(path);
    g_autofree char *relative = dag__source_directory(path);
    g_autofree char *directory = dag__absolute_path(relative, NULL, error);
    char *dot = strrchr(stem, '.');

    if (!directory)
        return false;
    if (dot && dot > stem)
        *dot = '\0';
    dag_builder_set_name(builder, stem);
    dag_builder_set_directory(builder, directory);
    return true;
}

/* Read a graph again that is not XML: mended, so that all mistakes are reported, and those that can
 * be mended with better words than the parser has. */
static void
read_again(Loader *loader, const char *path, const DagLoadOptions *options)
{
    DagSource *first = loader->sources->pdata[0];
    g_autoptr(GByteArray) piped = first->kept ? dag__source_contents(first) : NULL;
    DagSource *source = first->kept && !piped ? NULL : dag__source_open(path, NULL, NULL);

    if (!source)
        return;
    loader_clear(loader);
    *loader = (Loader){.mends = true, .piped = piped};
    loader_init(loader, path, options);
    if (name_graph(loader->builder, path, NULL)) {
        parse_source(loader, source);
    } else { /* it could be named a moment ago */
        g_ptr_array_add(loader->sources, source);
        loader->broken = true;
    }
    loader->piped = NULL;
}

/* Parse the source, which this takes, and build the graph. */
static DagGraph *
load(Loader *loader, DagSource *source, const char *path, GError **error)
{
    const DagLoadOptions *options = loader->options;

    parse_source(loader, source);
    if (loader->is_malformed)
        read_again(loader, path, options);
    source = loader->sources->pdata[0];
    if (source->read_errno) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "%s: %s", source->file,
                    g_strerror(source->read_errno));
        return NULL;
    }
    if (loader->broken) {
        dag_builder_abandon(loader->builder, error);
        return NULL;
    }
    return dag_builder_finish(loader->builder,
                              &(DagBuildOptions){
                                  .settings = options->settings,
                                  .n_settings = options->n_settings,
                                  .targets = options->targets,
                                  .without = options->without,
                                  .condition = dag__condition,
                                  .condition_data = loader->evaluator,
                                  .lenient = options->lenient,
                                  .only_plans = options->only_plans,
                                  .secret_stand_in = options->secret_stand_in,
                                  .environment = options->environment,
                                  .advise = options->advise,
                                  .warn = options->warn,
                                  .warn_data = options->warn_data,
                              },
                              error);
}

DagGraph *
dag_load_file(const char *path, const DagLoadOptions *options, GError **error)
{
    g_return_val_if_fail(path, NULL);

    static const DagLoadOptions defaults;
    static gsize is_initialized;
    Loader loader = {0};
    DagSource *source = dag__source_open(path, NULL, error);
    DagGraph *graph = NULL;

    /* Otherwise libxml2 initializes itself at its first use, which two threads must not do at once. */
    if (g_once_init_enter(&is_initialized)) {
        xmlInitParser();
        g_once_init_leave(&is_initialized, 1);
    }
    options = options ? options : &defaults;
    if (!source) {
        g_prefix_error(error, "%s: ", path);
        return NULL;
    }
    loader_init(&loader, path, options);
    if (name_graph(loader.builder, path, error)) {
        graph = load(&loader, source, path, error);
    } else {
        g_prefix_error(error, "%s: ", path);
        dag__source_free(source);
    }
    loader_clear(&loader);
    return graph;
}
