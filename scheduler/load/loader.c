/* SPDX-License-Identifier: MIT */
/*
 * From XML to declarations: a SAX2 handler that checks elements and attributes against the
 * tables of the vocabulary and hands them to a builder.  Holds the attributes of one task at a
 * time, and the names of the elements it is in; everything else is the builder's.
 *
 * An unknown or misplaced element is reported once, and what it holds is skipped.
 */
#include <dagrun/load.h>

#include "load/condition.h"
#include "load/source.h"
#include "load/vocabulary.h"

#include <dagrun/error.h>
#include <dagrun/suggest.h>
#include <errno.h>
#include <string.h>

/* The attributes of one element.  The strings are used again and again. */
typedef struct Values {
    GString *text[DAG__MAX_ATTRIBUTES];
    const char *value[DAG__MAX_ATTRIBUTES]; /* in text, or NULL: absent */
    DagPlace place[DAG__MAX_ATTRIBUTES];    /* of the value */
} Values;

/* An element that was begun and not ended. */
typedef struct Frame {
    DagElementKind kind;
    const char *name; /* for people; borrowed */
    DagPlace place;
    bool text_refused;
} Frame;

typedef struct Loader {
    DagBuilder *builder;
    const DagLoadOptions *options;
    GPtrArray *sources;  /* of DagSource *: every file met, since places borrow its name */
    xmlSAXHandler handlers;
    GArray *frames;      /* of Frame; the first is the document */
    unsigned skipping;   /* depth below an element that was refused */
    bool broken;         /* not XML, or not to be read on */

    /* The task being read, and its kind's element. */
    DagTaskSpec task;
    Values task_values;
    GArray *variables; /* of DagPair; name and value owned */
    GArray *pairs;     /* of DagPair: attributes of the kind's element; owned likewise */
    GString *text;     /* of the kind's element */
    Values values;     /* of any other element */
} Loader;

/* Takes the source. */
static void parse_source(Loader *loader, DagSource *source);

static Frame *
top(Loader *loader)
{
    return &g_array_index(loader->frames, Frame, loader->frames->len - 1);
}

static void
stop(Loader *loader, DagSource *source)
{
    loader->broken = true;
    for (; source; source = source->parent)
        xmlStopParser(source->parser);
}

static void
pair_clear(gpointer data)
{
    DagPair *pair = data;

    g_free((char *)pair->name);
    g_free((char *)pair->value);
}

/* Attributes that belong to XML itself and to schemas, which any element may carry. */
static bool
is_ignored_attribute(const char *space, const char *name)
{
    static const char *const of_xml[] = {"base", "lang", "space", NULL};

    if (!space)
        return false;
    return strcmp(space, DAG__SCHEMA_INSTANCE) == 0 ||
           (strcmp(space, DAG__XML) == 0 && g_strv_contains(of_xml, name));
}

/* One attribute as libxml2 hands it over. */
typedef struct Attribute {
    const char *name; /* local */
    const char *prefix;
    const char *space;
    const char *value; /* not terminated */
    size_t length;
} Attribute;

static Attribute
attribute_at(const xmlChar **attributes, int i)
{
    const char **five = (const char **)(void *)attributes + 5 * (ptrdiff_t)i;

    return (Attribute){five[0], five[1], five[2], five[3], (size_t)(five[4] - five[3])};
}

/* Returns: the name as it was written, with its prefix; free with g_free(). */
static char *
written_name(const char *prefix, const char *name)
{
    return prefix ? g_strconcat(prefix, ":", name, NULL) : g_strdup(name);
}

static int
find_rule(const DagElementRule *rule, const Attribute *attribute)
{
    for (size_t i = 0; i < rule->n_attributes && !attribute->space; i++)
        if (strcmp(rule->attributes[i].name, attribute->name) == 0)
            return (int)i;
    return -1;
}

static void
refuse_attribute(Loader *loader, const DagSource *source, const DagElementRule *rule,
                 const Attribute *attribute)
{
    g_autofree char *name = written_name(attribute->prefix, attribute->name);
    DagSuggestion near = dag_suggestion(name);

    for (size_t i = 0; i < rule->n_attributes; i++)
        dag_suggestion_consider(&near, rule->attributes[i].name);

    g_autofree char *hint = dag_suggestion_text(&near);

    dag_builder_complain(loader->builder, dag__source_value_place(source, name),
                         "unknown attribute \"%s\" on <%s>%s", name, rule->name, hint);
}

/* `problem` is "is empty", or begins with the value in quotes. */
static void
refuse_value(Loader *loader, DagPlace place, const char *attribute, const char *element,
             const char *problem)
{
    dag_builder_complain(loader->builder, place, "attribute \"%s\" of <%s>%s %s", attribute,
                         element, *problem == '"' ? ":" : "", problem);
}

/* Fills `values` from the attributes.  Returns: whether all that is required is there, and
 * good enough to go on with. */
static bool
read_values(Loader *loader, const DagSource *source, const DagElementRule *rule,
            const xmlChar **attributes, int n_attributes, Values *values)
{
    bool good = true;

    memset(values->value, 0, sizeof(values->value));
    for (int i = 0; i < n_attributes; i++) {
        Attribute attribute = attribute_at(attributes, i);
        int slot = find_rule(rule, &attribute);

        if (is_ignored_attribute(attribute.space, attribute.name))
            continue;
        if (slot < 0) {
            refuse_attribute(loader, source, rule, &attribute);
            continue;
        }

        const DagAttributeRule *expected = &rule->attributes[slot];
        GString *text = values->text[slot];

        g_string_truncate(text, 0);
        g_string_append_len(text, attribute.value, (gssize)attribute.length);
        values->place[slot] = dag__source_value_place(source, attribute.name);

        g_autofree char *problem = dag__attribute_check(expected->form, text->str);

        values->value[slot] = text->str;
        if (problem) {
            refuse_value(loader, values->place[slot], expected->name, rule->name, problem);
            values->value[slot] = NULL;
            good = good && !expected->required;
        }
    }
    for (size_t i = 0; i < rule->n_attributes; i++) {
        if (rule->attributes[i].required && !values->value[i] && good) {
            dag_builder_complain(loader->builder, dag__source_element_place(source),
                                 "<%s> lacks the attribute \"%s\"", rule->name,
                                 rule->attributes[i].name);
            good = false;
        }
    }
    return good;
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
                               values->place[GRAPH_OUTPUT]);
}

static void
start_param(Loader *loader, DagPlace place)
{
    const Values *values = &loader->values;

    dag_builder_add_param(loader->builder, &(DagParamSpec){
                                               .name = values->value[PARAM_NAME],
                                               .title = values->value[PARAM_TITLE],
                                               .type = values->value[PARAM_TYPE],
                                               .default_value = values->value[PARAM_DEFAULT],
                                               .choices = values->value[PARAM_CHOICES],
                                               .place = place,
                                               .name_place = values->place[PARAM_NAME],
                                               .type_place = values->place[PARAM_TYPE],
                                               .default_place = values->place[PARAM_DEFAULT],
                                               .choices_place = values->place[PARAM_CHOICES],
                                           });
}

static void
start_phase(Loader *loader)
{
    const Values *values = &loader->values;

    dag_builder_add_phase_title(loader->builder, values->value[PHASE_TITLE],
                                values->value[PHASE_OF], values->place[PHASE_OF]);
}

static void
start_task(Loader *loader, DagPlace place)
{
    const Values *values = &loader->task_values;
    const char *cost = values->value[TASK_COST];
    const char *priority = values->value[TASK_PRIORITY];

    loader->task = (DagTaskSpec){
        .name = values->value[TASK_ID],
        .title = values->value[TASK_TITLE],
        .needs = values->value[TASK_NEEDS],
        .when = values->value[TASK_WHEN],
        .dir = values->value[TASK_DIR],
        .cost = cost ? g_ascii_strtod(cost, NULL) : -1,
        .priority = priority ? (int32_t)g_ascii_strtoll(priority, NULL, 10) : 0,
        .place = place,
        .name_place = values->place[TASK_ID],
        .needs_place = values->place[TASK_NEEDS],
        .when_place = values->place[TASK_WHEN],
        .dir_place = values->place[TASK_DIR],
    };
    g_array_set_size(loader->variables, 0);
    g_array_set_size(loader->pairs, 0);
    g_string_truncate(loader->text, 0);
}

static void
start_env(Loader *loader, DagPlace place)
{
    const Values *values = &loader->values;
    const char *name = values->value[ENV_NAME];

    (void)place;
    for (unsigned i = 0; i < loader->variables->len; i++) {
        const DagPair *other = &g_array_index(loader->variables, DagPair, i);

        if (strcmp(other->name, name) == 0) {
            dag_builder_complain(loader->builder, values->place[ENV_NAME],
                                 "duplicate variable \"%s\" (first declared at line %u)", name,
                                 other->place.line);
            return;
        }
    }

    DagPair pair = {g_strdup(name), g_strdup(values->value[ENV_VALUE]),
                    values->place[ENV_VALUE]};

    g_array_append_val(loader->variables, pair);
}

/* What the value of a kind's attribute has to look like. */
static DagAttributeForm
form_of(const DagKind *kind, const char *name)
{
    for (size_t i = 0; i < kind->n_attributes; i++)
        if (strcmp(kind->attributes[i].name, name) == 0)
            return kind->attributes[i].type == DAG_ATTRIBUTE_TASK ? FORM_NAME : FORM_TEXT;
    return FORM_RAW; /* unknown: the builder says so */
}

static void
start_kind(Loader *loader, const DagSource *source, const xmlChar **attributes,
           int n_attributes)
{
    const DagKind *kind = loader->task.kind;

    loader->task.kind_place = dag__source_element_place(source);
    for (int i = 0; i < n_attributes; i++) {
        Attribute attribute = attribute_at(attributes, i);

        if (is_ignored_attribute(attribute.space, attribute.name))
            continue;

        g_autofree char *name = written_name(attribute.prefix, attribute.name);
        g_autofree char *value = g_strndup(attribute.value, attribute.length);
        g_autofree char *problem = dag__attribute_check(form_of(kind, name), value);
        DagPlace place = dag__source_value_place(source, name);

        if (problem) {
            refuse_value(loader, place, name, kind->name, problem);
            g_clear_pointer(&value, g_free);
        }

        DagPair pair = {g_steal_pointer(&name), g_steal_pointer(&value), place};

        g_array_append_val(loader->pairs, pair);
    }
}

static void
end_task(Loader *loader)
{
    DagTaskSpec *task = &loader->task;

    g_strstrip(loader->text->str);
    task->variables = (const DagPair *)(void *)loader->variables->data;
    task->n_variables = loader->variables->len;
    task->attributes = (const DagPair *)(void *)loader->pairs->data;
    task->n_attributes = loader->pairs->len;
    task->text = loader->text->str;
    dag_builder_add_task(loader->builder, task);
}

/* href is a URI reference: relative to the file that includes, %20 is a space. */
static char *
include_path(const DagSource *source, const char *href)
{
    g_autofree char *path = g_uri_unescape_string(href, NULL);
    g_autofree char *scheme = g_uri_parse_scheme(href);
    g_autofree char *directory = g_path_get_dirname(source->file);

    if (!path || scheme || g_str_has_prefix(href, "//"))
        return NULL;
    if (g_path_is_absolute(path) || !strchr(source->file, '/'))
        return g_steal_pointer(&path);
    return g_build_filename(directory, path, NULL);
}

static void
include(Loader *loader, DagSource *source)
{
    const char *href = loader->values.value[INCLUDE_HREF];
    g_autofree char *path = include_path(source, href);
    DagSource *inner = path ? dag__source_open(path, source) : NULL;

    if (inner) {
        parse_source(loader, inner);
        if (inner->read_errno)
            dag_builder_complain(loader->builder, loader->values.place[INCLUDE_HREF],
                                 "cannot include \"%s\": %s", href,
                                 g_strerror(inner->read_errno));
        if (loader->broken)
            stop(loader, source);
        return;
    }
    dag_builder_complain(loader->builder, loader->values.place[INCLUDE_HREF],
                         "cannot include \"%s\": %s", href,
                         !path            ? "not a local file"
                         : errno == ELOOP ? "it includes itself"
                                          : g_strerror(errno));
}

static const DagKind *
find_kind(const Loader *loader, const char *name)
{
    for (size_t i = 0; loader->options->kinds && loader->options->kinds[i]; i++)
        if (strcmp(loader->options->kinds[i]->name, name) == 0)
            return loader->options->kinds[i];
    return NULL;
}

/* Returns: the element called `name` in the namespace `space`, or N_ELEMENT_KINDS. */
static DagElementKind
find_element(const Loader *loader, const char *name, const char *space)
{
    if (space && strcmp(space, DAG__XINCLUDE) == 0)
        return strcmp(name, "include") == 0 ? ELEMENT_INCLUDE : N_ELEMENT_KINDS;
    for (DagElementKind kind = ELEMENT_GRAPH; kind < ELEMENT_INCLUDE; kind++)
        if (strcmp(dag__elements[kind].name, name) == 0)
            return kind;
    return find_kind(loader, name) ? ELEMENT_KIND : N_ELEMENT_KINDS;
}

static void
refuse_unknown(Loader *loader, const DagSource *source, const char *name)
{
    const Frame *parent = top(loader);
    DagSuggestion near = dag_suggestion(name);

    for (int kind = ELEMENT_GRAPH; kind < ELEMENT_KIND; kind++)
        if (dag__elements[kind].parents & (1U << parent->kind))
            dag_suggestion_consider(&near, dag__elements[kind].name);
    for (size_t i = 0; parent->kind == ELEMENT_TASK && loader->options->kinds[i]; i++)
        dag_suggestion_consider(&near, loader->options->kinds[i]->name);

    g_autofree char *hint = dag_suggestion_text(&near);

    dag_builder_complain(loader->builder, dag__source_element_place(source),
                         "unknown element \"%s\" in <%s>%s", name, parent->name, hint);
}

/* Returns: whether a root element is one, and where it may be. */
static bool
admit_root(Loader *loader, DagSource *source, DagElementKind kind)
{
    DagPlace place = dag__source_element_place(source);

    if (source->parent) {
        if (kind == ELEMENT_TASKS || kind == ELEMENT_TASK || kind == ELEMENT_PARAM ||
            kind == ELEMENT_PHASE)
            return true;
        dag_builder_complain(loader->builder, place,
                             "the root element of an included file is not <tasks>, <task>, "
                             "<param> or <phase>");
    } else {
        if (kind == ELEMENT_GRAPH)
            return true;
        dag_builder_complain(loader->builder, place,
                             "the root element is not <graph xmlns=\"" DAG__NAMESPACE "\">");
    }
    stop(loader, source);
    return false;
}

/* Returns: whether the element may stand where it does; complains otherwise. */
static bool
admit(Loader *loader, DagSource *source, DagElementKind kind, const char *name,
      const char *written, const char *space)
{
    const Frame *parent = top(loader);
    DagPlace place = dag__source_element_place(source);
    bool of_xinclude = space && strcmp(space, DAG__XINCLUDE) == 0;
    bool of_graph = space && strcmp(space, DAG__NAMESPACE) == 0;
    const char *shown = of_xinclude ? written : name;

    if (!source->root_seen) {
        source->root_seen = true;
        return admit_root(loader, source, of_graph ? kind : N_ELEMENT_KINDS);
    }
    if (!of_graph && !of_xinclude) {
        dag_builder_complain(loader->builder, place,
                             "element \"%s\" is not in the namespace \"" DAG__NAMESPACE "\"",
                             written);
    } else if (kind == N_ELEMENT_KINDS && !of_xinclude) {
        refuse_unknown(loader, source, name);
    } else if (kind == N_ELEMENT_KINDS || !(dag__elements[kind].parents & (1U << parent->kind))) {
        dag_builder_complain(loader->builder, place, "<%s> is not allowed in <%s>", shown,
                             parent->name);
    } else if (parent->kind == ELEMENT_TASK && loader->task.kind) {
        dag_builder_complain(loader->builder, place, "<%s> is not allowed after <%s>", shown,
                             loader->task.kind->name);
    } else {
        return true;
    }
    return false;
}

/* Reads an element that may stand where it does.  Returns: whether to go into it. */
static bool
enter(Loader *loader, DagSource *source, DagElementKind kind, const char *name,
      const xmlChar **attributes, int n_attributes)
{
    DagPlace place = dag__source_element_place(source);
    const DagElementRule *rule = &dag__elements[kind];
    Values *values = kind == ELEMENT_TASK ? &loader->task_values : &loader->values;
    Frame frame = {.kind = kind, .name = rule->name, .place = place};

    if (kind == ELEMENT_KIND) {
        loader->task.kind = find_kind(loader, name);
        g_assert(loader->task.kind);
        frame.name = loader->task.kind->name;
        start_kind(loader, source, attributes, n_attributes);
    } else if (read_values(loader, source, rule, attributes, n_attributes, values)) {
        if (kind == ELEMENT_GRAPH)
            start_graph(loader);
        else if (kind == ELEMENT_PARAM)
            start_param(loader, place);
        else if (kind == ELEMENT_PHASE)
            start_phase(loader);
        else if (kind == ELEMENT_TASK)
            start_task(loader, place);
        else if (kind == ELEMENT_ENV)
            start_env(loader, place);
    } else if (kind == ELEMENT_TASK || kind == ELEMENT_INCLUDE) {
        return false;
    }
    g_array_append_val(loader->frames, frame);
    if (kind == ELEMENT_INCLUDE)
        include(loader, source);
    return true;
}

static void
on_start(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *space,
         int n_namespaces, const xmlChar **namespaces, int n_attributes, int n_defaulted,
         const xmlChar **attributes)
{
    DagSource *source = data;
    Loader *loader = source->data;
    const char *local = (const char *)name;

    (void)n_namespaces;
    (void)namespaces;
    (void)n_defaulted;
    if (loader->broken)
        return;
    if (loader->skipping > 0) {
        loader->skipping++;
        return;
    }

    DagElementKind kind = find_element(loader, local, (const char *)space);
    g_autofree char *written =
        prefix ? written_name(space && strcmp((const char *)space, DAG__XINCLUDE) == 0
                                  ? "xi"
                                  : (const char *)prefix,
                              local)
               : NULL;

    if (!admit(loader, source, kind, local, written ? written : local, (const char *)space) ||
        !enter(loader, source, kind, local, attributes, n_attributes))
        loader->skipping = 1;
    if (dag_builder_is_hopeless(loader->builder))
        stop(loader, source);
}

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
    if (loader->skipping > 0) {
        loader->skipping--;
        return;
    }
    if (top(loader)->kind == ELEMENT_TASK)
        end_task(loader);
    g_array_set_size(loader->frames, loader->frames->len - 1);
}

static void
on_text(void *data, const xmlChar *text, int length)
{
    DagSource *source = data;
    Loader *loader = source->data;
    Frame *frame = top(loader);

    if (loader->broken || loader->skipping > 0)
        return;
    if (frame->kind == ELEMENT_KIND && loader->task.kind->takes_text) {
        g_string_append_len(loader->text, (const char *)text, length);
        return;
    }
    for (int i = 0; i < length && !frame->text_refused; i++) {
        if (!g_ascii_isspace((char)text[i])) {
            frame->text_refused = true;
            dag_builder_complain(loader->builder, frame->place, "text is not allowed in <%s>",
                                 frame->name);
        }
    }
}

static void
on_dtd(void *data, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    DagSource *source = data;
    Loader *loader = source->data;

    (void)name;
    (void)external;
    (void)system;
    dag_builder_complain(loader->builder, dag__source_element_place(source),
                         "a document type declaration is not allowed");
    stop(loader, source);
}

static void
on_error(void *data, xmlError *problem)
{
    xmlParserCtxt *parser = problem->ctxt;
    DagSource *source = data;
    Loader *loader = source->data;

    if (problem->level == XML_ERR_WARNING || loader->broken || source->read_errno)
        return;
    if (!parser)
        parser = source->parser;

    g_autofree char *message = g_strdup(problem->message ? problem->message : "not XML");
    DagPlace place = {source->file, (uint32_t)MAX(problem->line, 1),
                      (uint32_t)MAX(problem->int2, 1)};

    g_strdelimit(g_strchomp(message), "\n", ' ');
    dag_builder_complain(loader->builder, place, "%s", message);
    stop(loader, source);
}

static void
parse_source(Loader *loader, DagSource *source)
{
    g_ptr_array_add(loader->sources, source);
    source->data = loader;
    dag__source_parse(source, &loader->handlers);
    if (source->read_errno)
        loader->broken = true;
}

static void
loader_init(Loader *loader, const DagLoadOptions *options)
{
    loader->builder = dag_builder_new();
    loader->options = options;
    loader->sources = g_ptr_array_new_with_free_func((GDestroyNotify)dag__source_free);
    loader->frames = g_array_new(FALSE, FALSE, sizeof(Frame));
    g_array_append_vals(loader->frames, &(Frame){.kind = ELEMENT_DOCUMENT}, 1);
    loader->variables = g_array_new(FALSE, FALSE, sizeof(DagPair));
    loader->pairs = g_array_new(FALSE, FALSE, sizeof(DagPair));
    g_array_set_clear_func(loader->variables, pair_clear);
    g_array_set_clear_func(loader->pairs, pair_clear);
    loader->text = g_string_new(NULL);
    for (size_t i = 0; i < DAG__MAX_ATTRIBUTES; i++) {
        loader->values.text[i] = g_string_new(NULL);
        loader->task_values.text[i] = g_string_new(NULL);
    }
    loader->handlers = (xmlSAXHandler){
        .initialized = XML_SAX2_MAGIC,
        .startElementNs = on_start,
        .endElementNs = on_end,
        .characters = on_text,
        .cdataBlock = on_text,
        .internalSubset = on_dtd,
        .serror = on_error,
    };
}

static void
loader_clear(Loader *loader)
{
    dag_builder_free(loader->builder);
    g_ptr_array_unref(loader->sources);
    g_array_unref(loader->frames);
    g_array_unref(loader->variables);
    g_array_unref(loader->pairs);
    g_string_free(loader->text, TRUE);
    for (size_t i = 0; i < DAG__MAX_ATTRIBUTES; i++) {
        g_string_free(loader->values.text[i], TRUE);
        g_string_free(loader->task_values.text[i], TRUE);
    }
}

/* The graph is called after its file, and its paths start from the file's directory. */
static void
name_graph(DagBuilder *builder, const char *path)
{
    g_autofree char *stem = g_path_get_basename(path);
    g_autofree char *absolute = g_canonicalize_filename(path, NULL);
    g_autofree char *directory = g_path_get_dirname(absolute);
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
    DagSource *source = dag__source_open(path, NULL);
    DagGraph *graph = NULL;

    options = options ? options : &defaults;
    if (!source) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "%s: %s", path, g_strerror(errno));
        return NULL;
    }
    loader_init(&loader, options);
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
                                       .lenient = options->lenient,
                                   },
                                   error);
    loader_clear(&loader);
    return graph;
}
