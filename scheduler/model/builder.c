/* SPDX-License-Identifier: MIT */
/*
 * The builder checks each declaration as far as it can be checked alone, and notes the names it
 * mentions.  Checks of the whole graph wait for dag_builder_finish().
 */
#include "model/declared.h"

#include "model/hash.h"
#include "model/known-variables.h"
#include "model/param.h"

#include <dagrun/error.h>
#include <string.h>

/* The kind of a task without a kind. */
static DagOutcome
succeed(DagContext *context, const void *config)
{
    (void)context;
    (void)config;
    return DAG_SUCCEEDED;
}

static bool
identify_nothing(DagContext *context, const void *config, DagKey *key, GError **error)
{
    (void)context;
    (void)config;
    (void)key;
    (void)error;
    return true;
}

static const DagKind milestone = {
    .name = "noop", .is_tiny = true, .run = succeed, .identify = identify_nothing};

DagBuilder *
dag_builder_new(void)
{
    DagBuilder *builder = g_new0(DagBuilder, 1);

    builder->arena = dag__arena_new();
    builder->findings = dag__findings_new();
    builder->files = g_ptr_array_new();
    builder->inclusions = g_array_new(FALSE, FALSE, sizeof(Inclusion));
    g_ptr_array_add(builder->files, NULL);
    builder->file_numbers = g_hash_table_new(dag__hash_text, g_str_equal);
    builder->names = g_array_new(FALSE, FALSE, sizeof(Name));
    builder->mentions = g_array_new(FALSE, FALSE, sizeof(Mention));
    builder->params = g_array_new(FALSE, FALSE, sizeof(Param));
    builder->tasks = g_array_new(FALSE, FALSE, sizeof(DagTask));
    builder->actions = g_array_new(FALSE, FALSE, sizeof(DagAction));
    builder->variable_uses = g_array_new(FALSE, FALSE, sizeof(VariableUse));
    builder->titles = g_array_new(FALSE, FALSE, sizeof(PhaseTitle));
    builder->pools = g_array_new(FALSE, FALSE, sizeof(Pool));
    builder->pool_numbers = g_hash_table_new(dag__hash_text, g_str_equal);
    builder->conditions = g_array_new(FALSE, FALSE, sizeof(TaskText));
    builder->uses = g_array_new(FALSE, FALSE, sizeof(TaskText));
    builder->file_words = g_array_new(FALSE, FALSE, sizeof(FileWord));
    builder->resources = g_array_new(FALSE, FALSE, sizeof(TaskText));
    builder->declared_uses = g_array_new(FALSE, FALSE, sizeof(DeclaredUse));
    builder->constants = g_array_new(FALSE, FALSE, sizeof(Constant));
    builder->pointed = g_array_new(FALSE, FALSE, sizeof(Constant));
    builder->exposures = g_array_new(FALSE, FALSE, sizeof(Exposure));
    builder->declared = g_hash_table_new(dag__declared_hash, dag__declared_equal);
    builder->declarations = g_ptr_array_new();
    builder->tables = g_hash_table_new(NULL, NULL);
    builder->titled = g_hash_table_new(dag__hash_text, g_str_equal);
    builder->templates = g_ptr_array_new();
    return builder;
}

void
dag_builder_free(DagBuilder *builder)
{
    if (!builder)
        return;
    dag__arena_free(builder->arena);
    dag__findings_free(builder->findings);
    g_ptr_array_unref(builder->files);
    g_array_unref(builder->inclusions);
    g_hash_table_unref(builder->file_numbers);
    dag__builder_forget_names(builder);
    g_array_unref(builder->names);
    g_array_unref(builder->mentions);
    g_array_unref(builder->params);
    g_array_unref(builder->tasks);
    g_array_unref(builder->actions);
    g_free(builder->edges.items);
    g_free(builder->first_edges.items);
    g_array_unref(builder->variable_uses);
    g_clear_pointer(&builder->outputs, g_array_unref);
    g_array_unref(builder->titles);
    g_array_unref(builder->pools);
    g_hash_table_unref(builder->pool_numbers);
    dag__builder_free_machine(builder);
    g_array_unref(builder->conditions);
    g_array_unref(builder->uses);
    g_array_unref(builder->file_words);
    g_array_unref(builder->resources);
    g_array_unref(builder->declared_uses);
    g_hash_table_unref(builder->titled);
    g_array_unref(builder->constants);
    g_array_unref(builder->pointed);
    g_array_unref(builder->exposures);
    g_hash_table_unref(builder->declared);
    g_ptr_array_unref(builder->declarations);
    g_hash_table_unref(builder->tables);
    g_ptr_array_unref(builder->templates);
    g_free(builder);
}

void
dag_builder_complain(DagBuilder *builder, DagLocation location, const char *format, ...)
{
    g_return_if_fail(builder && builder->findings && format);

    va_list args;

    va_start(args, format);
    dag__findings_add(builder->findings, location, format, args);
    va_end(args);
}

void
dag_builder_warn(DagBuilder *builder, DagLocation location, const char *format, ...)
{
    g_return_if_fail(builder && builder->findings && format);

    va_list args;

    va_start(args, format);
    dag__findings_warn(builder->findings, location, format, args);
    va_end(args);
}

bool
dag_builder_is_hopeless(const DagBuilder *builder)
{
    g_return_val_if_fail(builder, true);
    return dag__findings_is_full(builder->findings);
}

DagLocation
dag__builder_location(const DagBuilder *builder, DagSpot spot)
{
    return (DagLocation){builder->files->pdata[spot.file], spot.line, spot.column};
}

static uint32_t
number_of_file(DagBuilder *builder, const char *file)
{
    gpointer found = file ? g_hash_table_lookup(builder->file_numbers, file) : NULL;

    if (!file || found)
        return GPOINTER_TO_UINT(found);

    char *copy = dag__arena_strdup(builder->arena, file);

    g_hash_table_insert(builder->file_numbers, copy, GUINT_TO_POINTER(builder->files->len));
    g_ptr_array_add(builder->files, copy);
    return builder->files->len - 1;
}

DagSpot
dag__builder_spot(DagBuilder *builder, DagLocation location)
{
    const char *last = builder->files->pdata[builder->last_file];

    /* Nearly always the file of the last declaration. */
    if (g_strcmp0(last, location.file) != 0)
        builder->last_file = number_of_file(builder, location.file);
    return (DagSpot){location.line, location.column, builder->last_file};
}

void
dag__builder_cite(const DagBuilder *builder, DagSpot spot, const char *from, GString *out)
{
    const char *file = builder->files->pdata[spot.file];

    g_string_append_printf(out, "line %u", spot.line);
    if (g_strcmp0(file, from) != 0)
        g_string_append_printf(out, " of %s", file);
}

void
dag_builder_set_name(DagBuilder *builder, const char *name)
{
    g_return_if_fail(builder && builder->arena);
    builder->name = dag__arena_strdup(builder->arena, name);
}

void
dag_builder_set_title(DagBuilder *builder, const char *title)
{
    g_return_if_fail(builder && builder->arena);
    builder->title = dag__arena_strdup(builder->arena, title);
}

void
dag_builder_set_directory(DagBuilder *builder, const char *absolute)
{
    g_return_if_fail(builder && builder->arena);
    builder->directory = dag__arena_strdup(builder->arena, absolute);
}

uint32_t
dag__builder_mention(DagBuilder *builder, const char *text, size_t length, MentionKind kind,
                     DagLocation location)
{
    uint32_t number = dag__builder_number_of(builder, text, length);
    Name *name = name_at(builder, number);

    if (name->mention == 0 && name->kind != NAME_TASK) {
        Mention mention = {number, builder->tasks->len - 1,
                           dag__builder_spot(builder, location), kind};

        g_array_append_val(builder->mentions, mention);
        name->mention = builder->mentions->len & MAX_NAMES;
    }
    return number;
}

void
dag__builder_add_edge(DagBuilder *builder, uint32_t name, uint32_t flags)
{
    dag__numbers_add(&builder->edges, name | flags);
}

/* Parse an attribute's value; complain if it is invalid. */
static DagTemplate *
attribute_template(DagBuilder *builder, const char *attribute, const char *element,
                   const char *text, DagLocation location)
{
    g_autoptr(GError) error = NULL;
    bool is_outside = strcmp(element, "graph") == 0;
    DagTemplate *template = dag__builder_add_template(
        builder, text, is_outside ? element : NULL, location, &error);

    if (!template)
        dag_builder_complain(builder, location, "attribute \"%s\" of <%s>: %s", attribute,
                             element, error->message);
    return template;
}

void
dag_builder_set_output(DagBuilder *builder, const char *output, DagLocation location)
{
    g_return_if_fail(builder && builder->arena && output);
    builder->output_location = location;
    builder->output = attribute_template(builder, "output", "graph", output, location);
}

void
dag_builder_set_readers(DagBuilder *builder, DagReaders readers)
{
    g_return_if_fail(builder && builder->arena);
    builder->readers = readers;
}

void
dag_builder_set_strategy(DagBuilder *builder, const char *strategy)
{
    g_return_if_fail(builder && builder->arena && strategy);
    builder->strategy = dag__arena_strdup(builder->arena, strategy);
}

void
dag_builder_add_phase_title(DagBuilder *builder, const char *title, const char *of,
                            DagLocation of_location)
{
    g_return_if_fail(builder && builder->arena && title && of);

    PhaseTitle phase = {dag__arena_strdup(builder->arena, title),
                        dag__arena_strdup(builder->arena, of),
                        dag__builder_spot(builder, of_location)};

    gpointer other = g_hash_table_lookup(builder->titled, of);

    if (other) {
        g_autofree char *what = g_strdup_printf("duplicate phase of \"%s\"", of);
        unsigned first = GPOINTER_TO_UINT(other) - 1;

        dag__builder_complain_twice(builder, of_location, what,
                                    g_array_index(builder->titles, PhaseTitle, first).spot);
        return;
    }
    g_array_append_val(builder->titles, phase);
    g_hash_table_insert(builder->titled, (gpointer)phase.of,
                        GUINT_TO_POINTER(builder->titles->len));
}

/* Declare a name.  Return false, after complaining, if it is declared already. */
static bool
declare(DagBuilder *builder, uint32_t number, NameKind kind, uint32_t target,
        DagLocation location)
{
    Name *name = name_at(builder, number);

    if (name->kind == NAME_UNKNOWN) {
        name->kind = kind;
        name->target = target;
        return true;
    }

    DagSpot first = name->kind == NAME_TASK ? task_at(builder, name->target)->spot
                                            : param_at(builder, name->target)->spot;
    const char *noun = kind == NAME_TASK ? "task" : "parameter";
    g_autofree char *what =
        name->kind == kind
            ? g_strdup_printf("duplicate %s \"%s\"", noun, name->text)
            : g_strdup_printf("\"%s\" names both a parameter and a task", name->text);

    dag__builder_complain_twice(builder, location, what, first);
    return false;
}

/* Return the default in its canonical form; NULL if it is absent or invalid. */
static const char *
param_default(DagBuilder *builder, const DagParamSpec *spec, DagParamType type)
{
    DagParamRule rule = {type, spec->choices, builder->directory};
    g_autoptr(GError) error = NULL;
    g_autofree char *value = NULL;

    if (!spec->default_value)
        return NULL;
    value = dag__param_value(&rule, spec->default_value, &error);
    if (!value)
        dag_builder_complain(builder, spec->default_location, "parameter \"%s\": %s",
                             spec->name, error->message);
    return dag__arena_strdup(builder->arena, value);
}

/* Return false, after complaining, if type and choices do not fit. */
static bool
check_type(DagBuilder *builder, const DagParamSpec *spec, DagParamType *type_out)
{
    *type_out = DAG_PARAM_STRING;
    if (spec->type && !dag__param_type_find(spec->type, type_out))
        dag_builder_complain(builder, spec->type_location,
                             "attribute \"type\" of <param>: \"%s\" is not one of: string "
                             "boolean integer number path choice",
                             spec->type);
    else if (*type_out == DAG_PARAM_CHOICE && !spec->choices && !spec->is_incomplete)
        dag_builder_complain(builder, spec->location,
                             "parameter \"%s\": a choice needs the attribute \"choices\"",
                             spec->name);
    else if (*type_out != DAG_PARAM_CHOICE && spec->choices)
        dag_builder_complain(
            builder, spec->choices_location,
            "parameter \"%s\": only a choice has the attribute \"choices\"", spec->name);
    else
        return true;
    return false;
}

void
dag_builder_add_param(DagBuilder *builder, const DagParamSpec *spec)
{
    g_return_if_fail(builder && builder->arena && spec && spec->name);

    uint32_t number = dag__builder_number_of(builder, spec->name, strlen(spec->name));
    DagParamType type;
    bool is_good;

    if (!declare(builder, number, NAME_PARAM, builder->params->len, spec->name_location))
        return;
    if (dag__is_own_variable(spec->name))
        dag_builder_complain(builder, spec->name_location,
                             "parameter \"%s\": " DAG__OWN_VARIABLES
                             "* are variables of dagrun itself",
                             spec->name);
    is_good = check_type(builder, spec, &type);

    Param param = {
        .param = {.name = name_at(builder, number)->text,
                  .title = dag__arena_strdup(builder->arena, spec->title),
                  .type = type,
                  .is_secret = spec->is_secret,
                  .default_text = dag__arena_strdup(builder->arena, spec->default_value),
                  .choices = dag__arena_strdup(builder->arena, spec->choices)},
        .spot = dag__builder_spot(builder, spec->name_location),
        .default_spot = dag__builder_spot(builder, spec->default_location),
    };

    if (spec->is_secret && spec->default_value)
        dag_builder_complain(builder, spec->default_location,
                             "parameter \"%s\": a secret has no default", spec->name);
    else if (is_good && !spec->is_incomplete)
        param.param.value = param_default(builder, spec, type);
    g_array_append_val(builder->params, param);
}

static void
add_needs(DagBuilder *builder, const DagTaskSpec *spec)
{
    const char *text = spec->needs ? spec->needs : "";

    for (;;) {
        while (g_ascii_isspace(*text))
            text++;
        if (!*text)
            break;

        const char *name = text;

        while (*text && !g_ascii_isspace(*text))
            text++;
        dag__builder_add_edge(builder,
                              dag__builder_mention(builder, name, (size_t)(text - name),
                                                   MENTION_NEEDS, spec->needs_location),
                              0);
    }
}

/* Complain if the name of `pair` is in `seen`, else add it. */
static void
check_unique(DagBuilder *builder, GHashTable *seen, const DagPair *pair)
{
    const DagPair *first = g_hash_table_lookup(seen, pair->name);

    if (first) {
        g_autofree char *what = g_strdup_printf("duplicate variable \"%s\"", pair->name);

        dag__builder_complain_twice(builder, pair->name_location, what,
                                    dag__builder_spot(builder, first->location));
    } else {
        g_hash_table_insert(seen, (gpointer)pair->name, (gpointer)pair);
    }
}

static const DagVariable *
copy_variables(DagBuilder *builder, const DagTaskSpec *spec)
{
    DagVariable *variables =
        dag__arena_alloc(builder->arena, spec->n_variables * sizeof(DagVariable));
    g_autoptr(GHashTable) seen = g_hash_table_new(dag__hash_text, g_str_equal);

    for (size_t i = 0; i < spec->n_variables; i++) {
        const DagPair *pair = &spec->variables[i];

        check_unique(builder, seen, pair);
        if (dag__is_own_variable(pair->name))
            dag_builder_complain(builder, pair->name_location,
                                 "variable \"%s\": " DAG__OWN_VARIABLES
                                 "* are variables of dagrun itself",
                                 pair->name);
        variables[i].name = dag__arena_strdup(builder->arena, pair->name);
        variables[i].value =
            attribute_template(builder, "value", "env", pair->value, pair->value_location);
    }
    return variables;
}

/* Complain about exit codes of a kind that has none. */
static void
check_policy(DagBuilder *builder, const DagTaskSpec *spec)
{
    if ((spec->policy.limits_success || spec->policy.limits_retries) &&
        !spec->kind->has_exit_code)
        dag_builder_complain(builder, spec->expect_location,
                             "task \"%s\" counts on exit codes, and <%s> has none",
                             spec->name, spec->kind->name);
    if (spec->policy.cache_ns && spec->policy.always)
        dag_builder_complain(
            builder, spec->location,
            "task \"%s\" is a clean-up, which runs in every run, so it cannot "
            "have a cache",
            spec->name);
}

static bool
has_policy(const DagPolicy *policy)
{
    return policy->timeout_ns || policy->retry_delay_ns || policy->retries ||
           policy->allow_failure || policy->always || policy->limits_retries ||
           policy->print || policy->limits_success || policy->tokens || policy->cache_ns;
}

static bool
has_extra(const DagTaskSpec *spec)
{
    return spec->title || spec->dir || spec->n_variables || spec->priority || spec->uses ||
           spec->inputs || spec->outputs || has_policy(&spec->policy);
}

/* Return the declarations that few tasks have, or NULL. */
static DagTaskExtra *
extra_of(DagBuilder *builder, const DagTaskSpec *spec)
{
    if (!has_extra(spec))
        return NULL;

    DagTaskExtra *extra = dag__arena_alloc(builder->arena, sizeof(DagTaskExtra));

    extra->title = dag__arena_strdup(builder->arena, spec->title);
    extra->priority = spec->priority;
    extra->policy = spec->policy;
    check_policy(builder, spec);
    extra->n_variables = (uint32_t)spec->n_variables;
    if (spec->dir)
        extra->dir =
            attribute_template(builder, "dir", "task", spec->dir, spec->dir_location);
    if (spec->n_variables)
        extra->variables = copy_variables(builder, spec);
    return extra;
}

/* Keep an attribute of the task declared last, if it is given, until all is declared. */
static void
defer(DagBuilder *builder, GArray *list, const char *text, DagLocation location)
{
    TaskText deferred = {.task = builder->tasks->len - 1};

    if (!text)
        return;
    deferred.text = dag__arena_strdup(builder->arena, text);
    deferred.spot = dag__builder_spot(builder, location);
    g_array_append_val(list, deferred);
}

/* Add a task with a kind. */
static void
add_task(DagBuilder *builder, const DagTaskSpec *spec)
{
    uint32_t name = dag__builder_number_of(builder, spec->name, strlen(spec->name));
    uint32_t number = builder->tasks->len;
    DagTask task = {
        .name = name_at(builder, name)->text,
        .cost = spec->cost,
        .spot = dag__builder_spot(builder, spec->location),
        .position = number,
    };
    DagAction action = {.kind = spec->kind};

    if (!declare(builder, name, NAME_TASK, number, spec->name_location))
        return;
    g_array_append_val(builder->tasks, task);
    g_array_append_val(builder->actions, action);
    dag__numbers_add(&builder->first_edges, builder->edges.n);
    add_needs(builder, spec);
    defer(builder, builder->conditions, spec->when, spec->when_location);
    defer(builder, builder->uses, spec->uses, spec->uses_location);
    dag__builder_add_files(builder, spec);

    /* Both may add edges, and the kind's configure() needs the task in the array. */
    DagTaskExtra *extra = extra_of(builder, spec);
    DagPolicy policy = spec->policy;
    const void *config = dag__builder_configure(builder, spec, &task.cost, &policy);

    if (policy.timeout_ns != spec->policy.timeout_ns ||
        policy.retries != spec->policy.retries || policy.tokens != spec->policy.tokens) {
        if (!extra)
            extra = dag__arena_alloc(builder->arena, sizeof(DagTaskExtra));
        extra->policy.timeout_ns = policy.timeout_ns;
        extra->policy.retries = policy.retries;
        extra->policy.tokens = policy.tokens;
    }

    task_at(builder, number)->extra = extra;
    g_array_index(builder->actions, DagAction, number).config = config;
    task_at(builder, number)->cost = task.cost;
}

void
dag_builder_add_task(DagBuilder *builder, const DagTaskSpec *spec)
{
    g_return_if_fail(builder && builder->arena && spec && spec->name);

    if (spec->kind) {
        add_task(builder, spec);
    } else {
        DagTaskSpec full = *spec;

        full.kind = &milestone;
        add_task(builder, &full);
    }
}
