/* SPDX-License-Identifier: MIT */
/*
 * The checks that need the whole graph: each name is declared as the kind of thing it is used as,
 * each parameter has a value of its type, each condition can be evaluated.
 */
#include "model/conditions.h"
#include "model/declared.h"
#include "model/known-variables.h"
#include "model/mask.h"
#include "model/name.h"
#include "model/param.h"
#include "model/path.h"

#include <dagrun/error.h>
#include <dagrun/json.h>
#include <dagrun/suggest.h>
#include <string.h>

/* Bytes of parameters' values, each counted once per reference. */
#define MAX_EXPANSION ((size_t)256 << 20)

char *
dag__builder_suggest(const DagBuilder *builder, const char *wanted, NameKind kind)
{
    DagSuggestion near = dag_suggestion(wanted);
    uint32_t n_names = dag_builder_is_hopeless(builder) ? 0 : builder->names->len;

    for (uint32_t i = 0; i < n_names; i++) {
        const Name *name = name_at(builder, i);

        if (name->kind != NAME_UNKNOWN && (kind == NAME_UNKNOWN || name->kind == kind))
            dag_suggestion_consider(&near, name->text);
    }
    return dag_suggestion_text(&near);
}

static void
complain_about_task(DagBuilder *builder, const Mention *mention, const char *verb)
{
    const Name *name = name_at(builder, mention->name);
    const char *task = task_at(builder, mention->task)->name;
    DagLocation location = dag__builder_location(builder, mention->spot);

    if (name->kind == NAME_PARAM) {
        dag_builder_complain(builder, location,
                             "task \"%s\" %s \"%s\", which is a parameter, not a task",
                             task, verb, name->text);
    } else if (name->kind == NAME_OUTCOME) {
        dag_builder_complain(builder, location,
                             "task \"%s\" %s \"%s\", which is the outcome of a task; only "
                             "${%s} refers to it",
                             task, verb, name->text, name->text);
    } else {
        g_autofree char *hint = dag__builder_suggest(builder, name->text, NAME_TASK);

        dag_builder_complain(builder, location,
                             "task \"%s\" %s \"%s\", which is not declared%s", task, verb,
                             name->text, hint);
    }
}

static void
complain_about_reference(DagBuilder *builder, const Mention *mention)
{
    const Name *name = name_at(builder, mention->name);
    const char *task = task_at(builder, mention->task)->name;
    g_autofree char *hint = dag__builder_suggest(builder, name->text, NAME_UNKNOWN);

    dag_builder_complain(builder, dag__builder_location(builder, mention->spot),
                         "task \"%s\" refers to \"${%s}\", which is neither a task nor a "
                         "parameter%s",
                         task, name->text, hint);
}

/* Complain about a name that is not declared as its first mention needs it. */
static void
check_mention(DagBuilder *builder, const Mention *mention)
{
    NameKind kind = name_at(builder, mention->name)->kind;

    switch (mention->kind) {
    case MENTION_NEEDS:
        if (kind != NAME_TASK)
            complain_about_task(builder, mention, "needs");
        break;
    case MENTION_READS:
        if (kind != NAME_TASK)
            complain_about_task(builder, mention, "reads");
        break;
    case MENTION_REFERS:
        if (kind == NAME_UNKNOWN)
            complain_about_reference(builder, mention);
        break;
    }
}

/* Complain about parameters and outcomes used as tasks after a first mention as `${x}`. */
static void
check_edges(DagBuilder *builder)
{
    if (builder->params->len == 0 && !builder->has_outcome_names)
        return;
    for (uint32_t task = 0; task < builder->tasks->len; task++)
        for (uint32_t e = first_edge(builder, task); e < edges_end(builder, task); e++) {
            uint32_t edge = edge_at(builder, e);
            const Name *name = name_at(builder, edge_name(edge));
            Mention mention = {.name = edge_name(edge),
                               .task = task,
                               .spot = task_at(builder, task)->spot};

            if ((name->kind == NAME_PARAM || name->kind == NAME_OUTCOME) &&
                !(edge & EDGE_MAY_BE_PARAM) &&
                mention_of(builder, name)->kind == MENTION_REFERS)
                complain_about_task(builder, &mention, "needs");
        }
}

static void
check_constant(DagBuilder *builder, const Constant *constant)
{
    const Name *name = name_at(builder, constant->name);
    DagLocation location = dag__builder_location(builder, constant->spot);

    if (name->kind == NAME_TASK) {
        dag_builder_complain(builder, location,
                             "<%s> refers to \"${%s}\", which is a task, not a parameter",
                             constant->element, name->text);
    } else if (name->kind == NAME_OUTCOME) {
        dag_builder_complain(builder, location,
                             "<%s> refers to \"${%s}\", which is the outcome of a task",
                             constant->element, name->text);
    } else if (name->kind == NAME_UNKNOWN) {
        g_autofree char *hint = dag__builder_suggest(builder, name->text, NAME_PARAM);

        dag_builder_complain(builder, location,
                             "<%s> refers to \"${%s}\", which is not a parameter%s",
                             constant->element, name->text, hint);
    } else if ((strcmp(constant->element, "graph") == 0 ||
                strcmp(constant->element, "task") == 0) &&
               param_at(builder, name->target)->param.is_secret) {
        dag_builder_complain(builder, location,
                             "<%s> refers to \"${%s}\", which is a secret",
                             constant->element, name->text);
    }
}

/* References outside of tasks are to parameters.  Secrets must not become the names of files. */
static void
check_constants(DagBuilder *builder)
{
    for (guint i = 0; i < builder->constants->len; i++)
        check_constant(builder, &g_array_index(builder->constants, Constant, i));
}

/* Warn of secrets where they do not belong. */
static void
check_exposures(DagBuilder *builder)
{
    for (guint i = 0; i < builder->exposures->len; i++) {
        const Exposure *exposure = &g_array_index(builder->exposures, Exposure, i);
        const Name *name = name_at(builder, exposure->name);

        if (name->kind == NAME_PARAM && param_at(builder, name->target)->param.is_secret)
            dag_builder_warn(builder, dag__builder_location(builder, exposure->spot),
                             "attribute \"%s\" of <%s> refers to \"${%s}\", which is a "
                             "secret: %s",
                             exposure->attribute->name, exposure->element, name->text,
                             exposure->attribute->no_secret);
    }
}

static void
check_titles(DagBuilder *builder)
{
    for (unsigned i = 0; i < builder->titles->len; i++) {
        const PhaseTitle *phase = &g_array_index(builder->titles, PhaseTitle, i);
        const Name *name = dag__builder_name(builder, phase->of);
        DagLocation location = dag__builder_location(builder, phase->spot);

        if (name && name->kind == NAME_PARAM) {
            dag_builder_complain(
                builder, location,
                "phase \"%s\" names \"%s\", which is a parameter, not a task", phase->title,
                phase->of);
        } else if (!name || name->kind == NAME_UNKNOWN) {
            g_autofree char *hint = dag__builder_suggest(builder, phase->of, NAME_TASK);

            dag_builder_complain(builder, location,
                                 "phase \"%s\" names \"%s\", which is not declared%s",
                                 phase->title, phase->of, hint);
        }
    }
}

/* An empty value hides nothing, and needs no warning. */
static void
warn_of_short_secret(DagBuilder *builder, const Param *param)
{
    if (*param->param.value && !dag__mask_hides(param->param.value))
        dag_builder_warn(builder, dag__builder_location(builder, param->spot),
                         "parameter \"%s\": the secret value has fewer than %d "
                         "characters, so it is not masked",
                         param->param.name, DAG__MASK_LEAST);
}

/* Set the value of a parameter.  Return false with DAG_ERROR_SETTING. */
static bool
apply_setting(DagBuilder *builder, const DagSetting *setting, DagAdvise advise,
              GError **error)
{
    const Name *name = dag__builder_name(builder, setting->name);

    if (dag__is_own_variable(setting->name)) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_SETTING,
                    "parameter \"%s\": " DAG__OWN_VARIABLES
                    "* are variables of dagrun itself",
                    setting->name);
        return false;
    }
    if (!name || name->kind != NAME_PARAM) {
        g_autofree char *hint = dag__builder_suggest(builder, setting->name, NAME_PARAM);

        g_set_error(error, DAG_ERROR, DAG_ERROR_SETTING,
                    "the graph has no parameter \"%s\"%s", setting->name, hint);
        return false;
    }

    Param *param = param_at(builder, name->target);

    if (param->param.is_secret && !setting->is_private) {
        g_autofree char *advice =
            advise ? advise(DAG_PROBLEM_PUBLIC_SECRET, setting->name) : NULL;

        g_set_error(error, DAG_ERROR, DAG_ERROR_SETTING, "parameter \"%s\" is secret%s",
                    setting->name, advice ? advice : ", and its value is not private");
        return false;
    }

    DagParamRule rule = {param->param.type, param->param.choices, NULL};
    GError *problem = NULL;
    g_autofree char *value = dag__param_value(&rule, setting->value, &problem);

    if (!value) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_SETTING, "parameter \"%s\": %s",
                    setting->name,
                    param->param.is_secret ? "the secret value is not of its type"
                                           : problem->message);
        g_error_free(problem);
        return false;
    }
    param->param.value = dag__arena_strdup(builder->arena, value);
    if (param->param.is_secret)
        warn_of_short_secret(builder, param);
    return true;
}

static bool
resolve_params(DagBuilder *builder, const DagBuildOptions *options, GError **error)
{
    for (size_t i = 0; i < options->n_settings; i++) {
        const DagSetting *setting = &options->settings[i];

        if (apply_setting(builder, setting, options->advise, error))
            continue;
        if (setting->source)
            g_prefix_error(error, "%s: ", setting->source);
        return false;
    }
    for (uint32_t i = 0; options->secret_stand_in && i < builder->params->len; i++) {
        DagParam *param = &param_at(builder, i)->param;

        if (param->is_secret && !param->value && param->type == DAG_PARAM_STRING)
            param->value = dag__arena_strdup(builder->arena, options->secret_stand_in);
    }
    return true;
}

/* Complain if the segment refers to a parameter with a value that does not fit.  Return the length of the
 * value. */
static size_t
check_segment(DagBuilder *builder, const DagSegment *segment)
{
    const Name *name = segment_is_literal(segment) ? NULL : name_at(builder, segment->task);
    const char *value = name && name->kind == NAME_PARAM
                            ? param_at(builder, name->target)->param.value
                            : NULL;

    if (!value)
        return 0;
    if (segment->escape == SEGMENT_JSON_VALUE && !dag_json_check(value, NULL))
        dag_builder_complain(builder, (DagLocation){0},
                             "\"${%s}\" stands for a JSON value, and the "
                             "parameter \"%s\" is none",
                             name->text, name->text);
    return strlen(value);
}

/* Complain if all references together expand to too much text.  A short file can refer to a lot:
 * `${p}` 100 000 times with a value of 100 kB is 10 GB. */
static void
check_expansion(DagBuilder *builder)
{
    size_t length = 0;

    for (unsigned i = 0; i < builder->templates->len; i++) {
        const DagTemplate *text = builder->templates->pdata[i];

        for (uint32_t k = 0; k < text->n_segments && length <= MAX_EXPANSION; k++)
            length += check_segment(builder, &text->segments[k]);
    }
    if (length > MAX_EXPANSION)
        dag_builder_complain(builder, (DagLocation){0},
                             "all references to parameters stand for more than 256 MiB");
}

/* Complain if the output directory is not a place of its own. */
static void
check_output(DagBuilder *builder)
{
    const DagTemplate *output = builder->output;
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *absolute = NULL;

    for (uint32_t i = 0; output && i < output->n_segments; i++) {
        const DagSegment *segment = &output->segments[i];
        const Name *name =
            segment_is_literal(segment) ? NULL : name_at(builder, segment->task);

        if (segment_is_literal(segment))
            g_string_append_len(text, segment->text, segment->length);
        else if (name->kind == NAME_PARAM && param_at(builder, name->target)->param.value)
            g_string_append(text, param_at(builder, name->target)->param.value);
        else
            return; /* complained of, or a lenient graph */
    }
    if (!output)
        return;
    if (text->len == 0)
        dag_builder_complain(builder, builder->output_location,
                             "attribute \"output\" of <graph>: its value is empty");
    absolute = dag__absolute_path(text->str, builder->directory, &error);
    if (!absolute)
        dag_builder_complain(builder, builder->output_location,
                             "attribute \"output\" of <graph>: %s", error->message);
}

/* Complain about JSON pointers into parameters and outcomes. */
static void
check_pointers(DagBuilder *builder)
{
    for (guint i = 0; i < builder->pointed->len; i++) {
        const Constant *pointed = &g_array_index(builder->pointed, Constant, i);
        const Name *name = name_at(builder, pointed->name);

        if (name->kind == NAME_PARAM || name->kind == NAME_OUTCOME)
            dag_builder_complain(builder, dag__builder_location(builder, pointed->spot),
                                 "\"${%s#…}\": only the output of a task is read by a JSON "
                                 "pointer, and \"%s\" is %s",
                                 name->text, name->text,
                                 name->kind == NAME_PARAM ? "a parameter" : "an outcome");
    }
}

/* Return the name at `at`, behind a `$`, if it is that of a parameter or task, or in braces; or NULL.
 * Free with g_free(). */
static char *
name_in_default(const DagBuilder *builder, const char *at, bool *is_known_out)
{
    bool is_braced = *at == '{';
    size_t length = dag__name_length(at += is_braced);
    g_autofree char *name = g_strndup(at, length);
    uint32_t number = length > 0 ? dag__builder_find_name(builder, name) : NO_NAME;

    *is_known_out = number != NO_NAME && name_at(builder, number)->kind != NAME_UNKNOWN;
    if (length == 0 || (is_braced ? at[length] != '}' : !*is_known_out))
        return NULL;
    return g_steal_pointer(&name);
}

/* Refuse a default that refers to a parameter or a task, such as ${root}, which would stay as it is
 * written.  Warn if the author may have meant something else by it, such as ${HOME} or $root. */
static void
check_default(DagBuilder *builder, const Param *param)
{
    const char *at = param->param.value ? param->param.value : "";
    DagLocation location = dag__builder_location(builder, param->default_spot);

    while ((at = strchr(at, '$'))) {
        bool is_known, is_braced = *++at == '{';
        g_autofree char *name = name_in_default(builder, at, &is_known);

        if (!name)
            continue;
        if (is_known && is_braced)
            dag_builder_complain(builder, location,
                                 "parameter \"%s\": a default is used as it is written, "
                                 "${%s} would not be replaced",
                                 param->param.name, name);
        else
            dag_builder_warn(
                builder, location,
                "parameter \"%s\": a default is used as it is written, $%s%s%s "
                "is not replaced",
                param->param.name, is_braced ? "{" : "", name, is_braced ? "}" : "");
        return;
    }
}

bool
dag__builder_resolve(DagBuilder *builder, const DagBuildOptions *options,
                     bool *excluded_out, GError **error)
{
    dag__builder_resolve_outcomes(builder);
    for (uint32_t i = 0; i < builder->mentions->len; i++)
        check_mention(builder, &g_array_index(builder->mentions, Mention, i));
    check_edges(builder);
    check_constants(builder);
    check_pointers(builder);
    check_exposures(builder);
    dag__builder_check_declared(builder);
    check_titles(builder);
    for (uint32_t i = 0; i < builder->params->len; i++)
        check_default(builder, param_at(builder, i));
    dag__builder_resolve_uses(builder);
    dag__builder_check_machine(builder);
    /* Report mistakes in the graph before mistakes in the settings. */
    if (dag__findings_count(builder->findings) == 0 &&
        !resolve_params(builder, options, error))
        return false;
    dag__builder_resolve_variables(builder, options->environment, !options->lenient);
    dag__builder_resolve_outcome_variables(builder);
    check_expansion(builder);
    check_output(builder);
    dag__conditions_evaluate(builder, options, excluded_out);
    dag__builder_resolve_files(builder, options->lenient, excluded_out);
    return true;
}
