/* SPDX-License-Identifier: MIT */
/*
 * The environment variables of scripts: each parameter, and the name of a file for the output of each
 * task that the script's task names.  All problems with them are found here, before the run:
 *
 *   - a variable that would hide one that programs read, or one of the user's environment;
 *   - two names that become the same variable, in a script that uses it;
 *   - a name of a task that a script uses as a variable, and does not get.
 *
 * A name that is a variable's already is the variable, so only other ids ("build-it") need tables.
 * The checks of a task take time proportional to its declaration.
 */
#include "model/builder.h"
#include "model/hash.h"
#include "model/known-variables.h"
#include "model/name.h"

#include <string.h>

/* The state of the pass over all tasks. */
typedef struct Pass {
    DagBuilder *builder;
    uint32_t *seen; /* [n tasks]: number + 1 of the last task that names it */
    /* Of name number to const char *, in the arena: ids such as "a-b". */
    GHashTable *variable_of;
    /* Of variable to name number + 1: all such ids; NULL: not made yet. */
    GHashTable *ids_of;
    GHashTable *own; /* of variable to name number + 1: such ids that the task names */
    GHashTable *set; /* set of the names of the task's <env> */
    GHashTable *environment; /* of name to value; NULL: unknown */
    GHashTable *reported; /* set of name numbers: needs about which a warning was given */
    GArray *list;         /* of DagOutputVariable: those of the task */
    bool warns;
} Pass;

/* The task that is checked. */
typedef struct Script {
    uint32_t task; /* number */
    const char *name;
    const VariableUse *uses; /* [n_uses] */
    size_t n_uses;
    DagLocation location;
} Script;

char *
dag_variable_of_id(const char *id)
{
    GString *out = g_string_new(NULL);

    g_return_val_if_fail(id, NULL);
    for (; *id; id = g_utf8_next_char(id)) {
        gunichar c = g_utf8_get_char_validated(id, -1);

        if (c < 0x80 && dag_text_is_variable_byte((char)c))
            g_string_append_c(out, (char)c);
        else if (c < 0x80)
            g_string_append_c(out, '_');
        else
            g_string_append_printf(out, "_%x", (unsigned)c & 0x1fffff);
    }
    return g_string_free(out, FALSE);
}

void
dag__builder_add_variable_use(DagBuilder *builder, const DagVariableUse *use,
                              DagLocation location)
{
    VariableUse added = {
        .task = builder->tasks->len - 1,
        .name = NO_NAME,
        .id = NO_NAME,
        .spot = dag__builder_spot(builder, location),
        .is_braced = use->is_braced,
        .certainty = use->certainty,
    };

    if (use->length > 0)
        added.name = dag__builder_number_of(builder, use->name, use->length);
    if (use->id_length > use->length)
        added.id = dag__builder_number_of(builder, use->name, use->id_length);
    g_array_append_val(builder->variable_uses, added);
}

/* Return the variable for the output of the task with this name. */
static const char *
variable_of(Pass *pass, uint32_t number)
{
    const char *id = name_at(pass->builder, number)->text;
    const char *known;

    if (dag__is_variable_name(id))
        return id;
    known = g_hash_table_lookup(pass->variable_of, GUINT_TO_POINTER(number));
    if (!known) {
        g_autofree char *variable = dag_variable_of_id(id);

        known = dag__arena_strdup(pass->builder->arena, variable);
        g_hash_table_insert(pass->variable_of, GUINT_TO_POINTER(number), (gpointer)known);
    }
    return known;
}

/* Return true if the script uses the variable; only called for rare findings. */
static bool
uses(const Pass *pass, const Script *script, const char *variable)
{
    uint32_t number = dag__builder_find_name(pass->builder, variable);

    for (size_t i = 0; i < script->n_uses && number != NO_NAME; i++)
        if (script->uses[i].name == number && script->uses[i].certainty != DAG_LITERAL)
            return true;
    return false;
}

/* Return the value of a variable of the user's environment, or NULL. */
static const char *
inherited(const Pass *pass, const char *variable)
{
    return pass->environment ? g_hash_table_lookup(pass->environment, variable) : NULL;
}

/* Check that the variable for the task with the name `number` hides no other. */
static void
check_hiding(Pass *pass, const Script *script, uint32_t number, const char *variable)
{
    const char *id = name_at(pass->builder, number)->text;
    const char *readers = dag__variable_readers(variable);

    if (dag__is_own_variable(variable)) {
        dag_builder_complain(pass->builder, script->location,
                             "task \"%s\" needs \"%s\", whose output would be the variable "
                             "%s, and " DAG__OWN_VARIABLES
                             "* are variables of dagrun itself; rename the task \"%s\"",
                             script->name, id, variable, id);
    } else if (readers) {
        dag_builder_complain(pass->builder, script->location,
                             "task \"%s\" needs \"%s\", whose output would be the variable "
                             "%s, which is read by %s; rename the task \"%s\"",
                             script->name, id, variable, readers, id);
    } else if (pass->warns && inherited(pass, variable) &&
               g_hash_table_add(pass->reported, GUINT_TO_POINTER(number))) {
        dag_builder_warn(pass->builder, script->location,
                         "the output of task \"%s\" hides the variable %s of your "
                         "environment in task \"%s\"",
                         id, variable, script->name);
    }
}

/* Return false if the variable for `number`, an id that is no variable's name, is that of another
 * name, too; complain if the script uses it. */
static bool
is_alone(Pass *pass, const Script *script, uint32_t number, const char *variable)
{
    const DagBuilder *builder = pass->builder;
    uint32_t other = dag__builder_find_name(builder, variable);
    const Name *same = other == NO_NAME ? NULL : name_at(builder, other);
    uint32_t first =
        GPOINTER_TO_UINT(g_hash_table_lookup(pass->own, variable)) - 1; /* NO_NAME: none */

    if (same && same->kind == NAME_TASK && pass->seen[same->target] != script->task + 1)
        same = NULL;
    if ((!same || same->kind == NAME_UNKNOWN) && first == number)
        return true;
    if (uses(pass, script, variable))
        dag_builder_complain(
            pass->builder, script->location,
            "task \"%s\" uses $%s, which is both the output of task \"%s\" and %s \"%s\"; "
            "rename one of them",
            script->name, variable, name_at(builder, number)->text,
            same && same->kind == NAME_PARAM ? "the parameter" : "that of task",
            same && same->kind != NAME_UNKNOWN ? same->text
                                               : name_at(builder, first)->text);
    return false;
}

/* Note the tasks that the task names.  Fill pass->list with their numbers of names. */
static void
collect_outputs(Pass *pass, const Script *script)
{
    const DagBuilder *builder = pass->builder;

    g_array_set_size(pass->list, 0);
    g_hash_table_remove_all(pass->own);
    for (uint32_t e = first_edge(builder, script->task);
         e < edges_end(builder, script->task); e++) {
        uint32_t edge = edge_at(builder, e), number = edge_name(edge);
        const Name *name = name_at(builder, number);

        if (edge_is_of_outcome(edge) || name->kind != NAME_TASK ||
            pass->seen[name->target] == script->task + 1)
            continue;
        pass->seen[name->target] = script->task + 1;

        const char *variable = variable_of(pass, number);

        g_array_append_val(pass->list, ((DagOutputVariable){variable, name->text, number}));
        if (variable != name->text && !g_hash_table_contains(pass->own, variable))
            g_hash_table_insert(pass->own, (gpointer)variable,
                                GUINT_TO_POINTER(number + 1));
    }
}

/* Return true if the output of the task with the name `number` gets a variable. */
static bool
gets_variable(Pass *pass, const Script *script, uint32_t number, const char *variable)
{
    const Name *name = name_at(pass->builder, number);

    check_hiding(pass, script, number, variable);
    if (variable == name->text) /* another id may become this one */
        return !g_hash_table_contains(pass->own, variable);
    return is_alone(pass, script, number, variable);
}

/* Keep the outputs of the task that get a variable of their own. */
static void
set_outputs(Pass *pass, const Script *script)
{
    DagOutputList *list =
        &g_array_index(pass->builder->outputs, DagOutputList, script->task);
    const DagOutputVariable *found = (const DagOutputVariable *)(void *)pass->list->data;

    if (pass->list->len == 0)
        return;
    list->variables =
        dag__arena_alloc(pass->builder->arena, pass->list->len * sizeof(DagOutputVariable));
    for (guint i = 0; i < pass->list->len; i++)
        if (gets_variable(pass, script, found[i].task, found[i].name))
            list->variables[list->n++] = (DagOutputVariable){
                found[i].name, found[i].id, name_at(pass->builder, found[i].task)->target};
}

/* Return the number of the name of a task whose output would be `variable`, or NO_NAME. */
static uint32_t
id_for(Pass *pass, const char *variable)
{
    const DagBuilder *builder = pass->builder;

    if (!pass->ids_of) {
        pass->ids_of = g_hash_table_new(dag__hash_text, g_str_equal);
        for (uint32_t number = 0; number < builder->names->len; number++) {
            const Name *name = name_at(builder, number);

            if (name->kind == NAME_TASK && !dag__is_variable_name(name->text))
                g_hash_table_insert(pass->ids_of, (gpointer)variable_of(pass, number),
                                    GUINT_TO_POINTER(number + 1));
        }
    }
    return GPOINTER_TO_UINT(g_hash_table_lookup(pass->ids_of, variable)) - 1;
}

void
dag__builder_report_use(const DagBuilder *builder, const VariableUse *use, bool is_certain,
                        const char *format, ...)
{
    DagLocation location = dag__builder_location(builder, use->spot);
    va_list args;

    va_start(args, format);
    if (is_certain)
        dag__findings_add(builder->findings, location, format, args);
    else
        dag__findings_warn(builder->findings, location, format, args);
    va_end(args);
}

/* Report a use of the output of the task with the name `number`, which the script does not get. */
static void
report_missing(Pass *pass, const Script *script, const VariableUse *use, uint32_t number)
{
    const char *variable = name_at(pass->builder, use->name)->text;
    const char *id = name_at(pass->builder, number)->text;

    /* Programs read it: that is the one that is meant. */
    if (dag__variable_readers(variable))
        return;
    dag__builder_report_use(
        pass->builder, use, use->certainty == DAG_CERTAIN && !inherited(pass, variable),
        "task \"%s\" uses $%s, the output of task \"%s\", and does not need that task; add "
        "it: needs=\"%s\"",
        script->name, variable, id, id);
}

/* Report `${make-list}` if that is an id: for a shell, it is the variable "make" with a default. */
static void
check_id(Pass *pass, const Script *script, const VariableUse *use)
{
    const Name *name = use->id == NO_NAME ? NULL : name_at(pass->builder, use->id);

    if (!name || name->kind != NAME_TASK)
        return;
    dag__builder_report_use(
        pass->builder, use, use->is_braced,
        "task \"%s\" uses \"%s%s%s\", which is no variable of a script; the file with the "
        "output of task \"%s\" is \"$%s\"",
        script->name, use->is_braced ? "${" : "$", name->text, use->is_braced ? "}" : "",
        name->text, variable_of(pass, use->id));
}

/* Report `$name` where only `${name}` is replaced. */
static void
check_literal(Pass *pass, const Script *script, const VariableUse *use)
{
    uint32_t number =
        use->id == NO_NAME || name_at(pass->builder, use->id)->kind == NAME_UNKNOWN
            ? use->name
            : use->id;
    const Name *name = number == NO_NAME ? NULL : name_at(pass->builder, number);

    if (!name || name->kind == NAME_UNKNOWN || g_hash_table_contains(pass->set, name->text))
        return;
    dag__builder_report_use(
        pass->builder, use, false,
        "task \"%s\" passes \"$%s\" as it is written, since no shell reads it; the %s is "
        "${%s}",
        script->name, name->text,
        name->kind == NAME_PARAM ? "value of the parameter" : "output of the task",
        name->text);
}

/* Note that the script reads the output of a task that it names, if it is part of the graph in the
 * end. */
static void
mark_read(Pass *pass, const Script *script, const VariableUse *use)
{
    DagBuilder *builder = pass->builder;
    const Name *name = use->name == NO_NAME ? NULL : name_at(builder, use->name);
    gpointer own = name ? g_hash_table_lookup(pass->own, name->text) : NULL;
    uint32_t number = own ? GPOINTER_TO_UINT(own) - 1 : use->name;

    if (!name)
        return;
    name = name_at(builder, number);
    if (name->kind != NAME_TASK || pass->seen[name->target] != script->task + 1)
        return;
    for (uint32_t e = first_edge(builder, script->task);
         e < edges_end(builder, script->task); e++)
        if (edge_name(edge_at(builder, e)) == number)
            builder->edges.items[e] |= EDGE_IS_READ;
}

/* Check that the script gets the variable, if its name is that of a task. */
static void
check_use(Pass *pass, const Script *script, const VariableUse *use)
{
    const Name *name = use->name == NO_NAME ? NULL : name_at(pass->builder, use->name);
    uint32_t number;

    if (use->certainty == DAG_LITERAL)
        check_literal(pass, script, use);
    else if (use->certainty != DAG_MENTIONED)
        mark_read(pass, script, use);
    if (use->certainty == DAG_MENTIONED || use->certainty == DAG_LITERAL ||
        (name &&
         (name->kind == NAME_PARAM || g_hash_table_contains(pass->set, name->text) ||
          g_hash_table_contains(pass->own, name->text))))
        return;
    if (name && name->kind == NAME_TASK) {
        if (pass->seen[name->target] != script->task + 1)
            report_missing(pass, script, use, use->name);
        return;
    }
    number = name ? id_for(pass, name->text) : NO_NAME;
    if (number != NO_NAME)
        report_missing(pass, script, use, number);
    else
        check_id(pass, script, use);
}

static void
check_uses(Pass *pass, const Script *script)
{
    const DagTaskExtra *extra = task_at(pass->builder, script->task)->extra;

    g_hash_table_remove_all(pass->set);
    for (uint32_t i = 0; script->n_uses > 0 && extra && i < extra->n_variables; i++)
        g_hash_table_add(pass->set, (gpointer)extra->variables[i].name);
    for (size_t i = 0; i < script->n_uses && !dag_builder_is_hopeless(pass->builder); i++)
        check_use(pass, script, &script->uses[i]);
}

/* Check that no parameter hides a variable from all scripts. */
static void
check_params(const Pass *pass)
{
    for (guint i = 0; i < pass->builder->params->len; i++) {
        const Param *param = param_at(pass->builder, i);
        const char *name = param->param.name, *value = param->param.value;
        const char *readers = dag__variable_readers(name), *before = inherited(pass, name);
        DagLocation location = dag__builder_location(pass->builder, param->spot);

        if (readers)
            dag_builder_complain(
                pass->builder, location,
                "parameter \"%s\" would hide the variable %s, which is read "
                "by %s, in every script; rename it (<env> sets the variable for a "
                "task)",
                name, name, readers);
        else if (pass->warns && value && before && strcmp(before, value) != 0)
            dag_builder_warn(
                pass->builder, location,
                "parameter \"%s\" hides the variable %s of your environment in "
                "every script",
                name, name);
    }
}

static bool
has_scripts(const DagBuilder *builder)
{
    for (guint i = 0; i < builder->actions->len; i++)
        if (g_array_index(builder->actions, DagAction, i).kind->reads_needs)
            return true;
    return false;
}

/* Find the variables of the task, if it is a script, and check the uses of variables. */
static void
resolve_task(Pass *pass, const Script *script)
{
    const DagKind *kind =
        g_array_index(pass->builder->actions, DagAction, script->task).kind;

    if (kind->reads_needs) {
        collect_outputs(pass, script);
        set_outputs(pass, script);
    }
    check_uses(pass, script);
}

static void
resolve_tasks(Pass *pass)
{
    DagBuilder *builder = pass->builder;
    const VariableUse *use = (const VariableUse *)(void *)builder->variable_uses->data;
    const VariableUse *end = use ? use + builder->variable_uses->len : NULL;

    for (uint32_t task = 0; task < builder->tasks->len && !dag_builder_is_hopeless(builder);
         task++) {
        Script script = {.task = task,
                         .name = task_at(builder, task)->name,
                         .uses = use,
                         .location =
                             dag__builder_location(builder, task_at(builder, task)->spot)};

        while (use < end && use->task == task)
            use++;
        script.n_uses = (size_t)(use - script.uses);
        resolve_task(pass, &script);
    }
}

/* Return the environment as a table, or NULL. */
static GHashTable *
table_of(const char *const *environment)
{
    GHashTable *table;

    if (!environment)
        return NULL;
    table = g_hash_table_new_full(dag__hash_text, g_str_equal, g_free, NULL);
    for (; *environment; environment++) {
        size_t length = strcspn(*environment, "=");

        if ((*environment)[length])
            g_hash_table_insert(table, g_strndup(*environment, length),
                                (gpointer)(*environment + length + 1));
    }
    return table;
}

void
dag__builder_resolve_variables(DagBuilder *builder, const char *const *environment,
                               bool warns)
{
    bool has = has_scripts(builder);
    uint32_t n = builder->tasks->len;

    if (!has && builder->variable_uses->len == 0)
        return;

    Pass pass = {
        .builder = builder,
        .seen = g_new0(uint32_t, n),
        .variable_of = g_hash_table_new(NULL, NULL),
        .own = g_hash_table_new(dag__hash_text, g_str_equal),
        .set = g_hash_table_new(dag__hash_text, g_str_equal),
        .environment = table_of(environment),
        .reported = g_hash_table_new(NULL, NULL),
        .list = g_array_new(FALSE, FALSE, sizeof(DagOutputVariable)),
        .warns = warns,
    };

    if (has) {
        builder->outputs = g_array_sized_new(FALSE, TRUE, sizeof(DagOutputList), n);
        g_array_set_size(builder->outputs, n);
        check_params(&pass);
    }
    resolve_tasks(&pass);
    g_free(pass.seen);
    g_hash_table_unref(pass.variable_of);
    g_clear_pointer(&pass.ids_of, g_hash_table_unref);
    g_hash_table_unref(pass.own);
    g_hash_table_unref(pass.set);
    g_clear_pointer(&pass.environment, g_hash_table_unref);
    g_hash_table_unref(pass.reported);
    g_array_unref(pass.list);
}

bool
dag__param_fits(const DagParam *param)
{
    return param->value &&
           strlen(param->name) + strlen(param->value) + 2 <= DAG_MAX_ARGUMENT;
}

/* Return the bytes of the template that are known before the run. */
static size_t
known_length(const DagBuilder *builder, const DagTemplate *text)
{
    size_t length = 0;

    for (uint32_t i = 0; i < text->n_segments; i++) {
        const DagSegment *segment = &text->segments[i];
        const Name *name =
            segment_is_literal(segment) ? NULL : name_at(builder, segment->task);
        const char *value = name && name->kind == NAME_PARAM
                                ? param_at(builder, name->target)->param.value
                                : NULL;

        length += segment_is_literal(segment) ? segment->length : value ? strlen(value) : 0;
    }
    return length;
}

/* Check the variables of <env>. */
static void
check_env_lengths(DagBuilder *builder, uint32_t task)
{
    const DagTaskExtra *extra = task_at(builder, task)->extra;

    for (uint32_t i = 0; extra && i < extra->n_variables; i++) {
        const DagVariable *variable = &extra->variables[i];
        size_t length = known_length(builder, variable->value);

        if (strlen(variable->name) + length + 2 > DAG_MAX_ARGUMENT)
            dag_builder_complain(
                builder, dag__builder_location(builder, task_at(builder, task)->spot),
                "task \"%s\" sets the variable %s to %zu bytes, and the kernel accepts no "
                "variable of more than 128 KiB; pass a file",
                task_at(builder, task)->name, variable->name, length);
    }
}

void
dag__builder_check_lengths(DagBuilder *builder, const bool *excluded, const bool *wanted)
{
    for (guint i = 0; i < builder->variable_uses->len; i++) {
        const VariableUse *use = &g_array_index(builder->variable_uses, VariableUse, i);
        const Name *name = use->name == NO_NAME ? NULL : name_at(builder, use->name);

        if (!wanted[use->task] || excluded[use->task] || use->certainty == DAG_LITERAL ||
            !name || name->kind != NAME_PARAM)
            continue;

        const DagParam *param = &param_at(builder, name->target)->param;

        if (param->value && !dag__param_fits(param))
            dag_builder_complain(builder, dag__builder_location(builder, use->spot),
                                 "task \"%s\" uses the parameter \"%s\", which has %zu "
                                 "bytes, and the kernel "
                                 "accepts no variable of more than 128 KiB; pass a file",
                                 task_at(builder, use->task)->name, param->name,
                                 strlen(param->value));
    }
    for (uint32_t task = 0; task < builder->tasks->len; task++)
        if (wanted[task] && !excluded[task])
            check_env_lengths(builder, task);
}
