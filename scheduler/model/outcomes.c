/* SPDX-License-Identifier: MIT */
/*
 * How a task learns the way in which others ended:
 *
 *   - `${x.outcome}` in any task is the word of x's outcome, and a dependency on x.  A task or
 *     parameter that is called "x.outcome" comes first, so this is decided once all is declared;
 *   - a clean-up has the variables DAGRUN_OUTCOME and DAGRUN_FAILED, and DAGRUN_OUTCOME_x for each task x
 *     that it names.  Uses of such variables that a script cannot have are found here.
 *
 * The checks of a task take time proportional to its declaration.
 */
#include "model/builder.h"
#include "model/hash.h"
#include "model/known-variables.h"
#include "model/name.h"

#include <string.h>

/* Bytes of the variables of one clean-up for the tasks that it names: far less than the 2 MiB that the
 * kernel accepts for the arguments and the environment of a program. */
#define MAX_VARIABLES ((size_t)65536)

/* Bytes of a variable besides its name: "=", the longest word, the NUL, and a pointer. */
#define VALUE_SIZE (1 + sizeof(DAG_OUTCOME_EXCLUDED) + sizeof(char *))

/* If the name is "x.outcome", not declared, and x is a task, let it stand for the outcome of x. */
static void
resolve_name(const DagBuilder *builder, Name *name)
{
    size_t length = strlen(name->text) - strlen(DAG__OUTCOME_SUFFIX);
    g_autofree char *id = g_strndup(name->text, length);
    const Name *task = dag__builder_name(builder, id);

    if (!task || task->kind != NAME_TASK)
        return;
    name->kind = NAME_OUTCOME;
    name->target = task->target;
}

void
dag__builder_resolve_outcomes(DagBuilder *builder)
{
    if (!builder->has_outcome_names)
        return;
    for (uint32_t number = 0; number < builder->names->len; number++) {
        Name *name = name_at(builder, number);

        if (name->kind == NAME_UNKNOWN && g_str_has_suffix(name->text, DAG__OUTCOME_SUFFIX))
            resolve_name(builder, name);
    }
    for (uint32_t e = 0; e < builder->edges.n; e++) {
        uint32_t edge = edge_at(builder, e);
        const Name *name = name_at(builder, edge_name(edge));

        if (name->kind == NAME_OUTCOME && edge & EDGE_MAY_BE_PARAM)
            builder->edges.items[e] =
                dag__builder_find_name(builder, task_at(builder, name->target)->name) |
                EDGE_MAY_BE_PARAM;
    }
}

/* A task that a clean-up names. */
typedef struct Named {
    const char *variable; /* in the arena */
    uint32_t name;        /* number */
    uint32_t other;       /* number of another name with the same variable, or NO_NAME */
    bool is_kept;         /* the clean-up has the variable */
} Named;

/* The state of the pass over all tasks. */
typedef struct Pass {
    DagBuilder *builder;
    GHashTable *variable_of; /* of name number to the variable, in the arena */
    GHashTable *own;    /* of variable to its index in `named` + 1; of the task at hand */
    GArray *named;      /* of Named; of the task at hand */
    GHashTable *ids_of; /* of variable to name number + 1: all tasks; NULL: not made yet */
} Pass;

/* Return the variable for the outcome of the task with this name. */
static const char *
variable_of(Pass *pass, uint32_t number)
{
    const char *known = g_hash_table_lookup(pass->variable_of, GUINT_TO_POINTER(number));

    if (!known) {
        g_autofree char *end = dag_variable_of_id(name_at(pass->builder, number)->text);
        g_autofree char *variable = g_strconcat(DAG__TASK_OUTCOME, end, NULL);

        known = dag__arena_strdup(pass->builder->arena, variable);
        g_hash_table_insert(pass->variable_of, GUINT_TO_POINTER(number), (gpointer)known);
    }
    return known;
}

/* Find the variables for the tasks that the task names. */
static void
collect(Pass *pass, uint32_t task)
{
    const DagBuilder *builder = pass->builder;

    g_array_set_size(pass->named, 0);
    g_hash_table_remove_all(pass->own);
    for (uint32_t e = first_edge(builder, task); e < edges_end(builder, task); e++) {
        Named named = {.name = edge_name(edge_at(builder, e)), .other = NO_NAME};
        guint first;

        if (name_at(builder, named.name)->kind != NAME_TASK)
            continue;
        named.variable = variable_of(pass, named.name);
        first = GPOINTER_TO_UINT(g_hash_table_lookup(pass->own, named.variable));
        if (first == 0) {
            g_array_append_val(pass->named, named);
            g_hash_table_insert(pass->own, (gpointer)named.variable,
                                GUINT_TO_POINTER(pass->named->len));
        } else if (g_array_index(pass->named, Named, first - 1).name != named.name) {
            g_array_index(pass->named, Named, first - 1).other = named.name;
        }
    }
}

/* Give the task the variables that stand for one task, as many as it may have. */
static void
keep(Pass *pass, uint32_t task)
{
    DagTaskExtra *extra = task_at(pass->builder, task)->extra;
    size_t max = MAX_VARIABLES / (strlen(DAG__TASK_OUTCOME) + VALUE_SIZE), size = 0;

    extra->outcomes = dag__arena_alloc(
        pass->builder->arena, MIN(pass->named->len, max) * sizeof(DagOutcomeVariable));
    for (guint i = 0; i < pass->named->len; i++) {
        Named *named = &g_array_index(pass->named, Named, i);

        size += strlen(named->variable) + VALUE_SIZE;
        if (size > MAX_VARIABLES)
            break;
        named->is_kept = named->other == NO_NAME;
        if (named->is_kept)
            extra->outcomes[extra->n_outcomes++] = (DagOutcomeVariable){
                named->variable, name_at(pass->builder, named->name)->target};
    }
}

static bool
is_clean_up(const DagBuilder *builder, uint32_t task)
{
    const DagTaskExtra *extra = task_at(builder, task)->extra;

    return extra && extra->policy.always;
}

/* Return the number of the name of a task whose outcome would be `variable`, or NO_NAME. */
static uint32_t
id_for(Pass *pass, const char *variable)
{
    if (!pass->ids_of) {
        pass->ids_of = g_hash_table_new(dag__hash_text, g_str_equal);
        for (uint32_t number = 0; number < pass->builder->names->len; number++)
            if (name_at(pass->builder, number)->kind == NAME_TASK)
                g_hash_table_insert(pass->ids_of, (gpointer)variable_of(pass, number),
                                    GUINT_TO_POINTER(number + 1));
    }
    return GPOINTER_TO_UINT(g_hash_table_lookup(pass->ids_of, variable)) - 1;
}

/* Report the use of a variable for a task that the clean-up does not name. */
static void
report_missing(Pass *pass, const VariableUse *use)
{
    DagBuilder *builder = pass->builder;
    const char *variable = name_at(builder, use->name)->text;
    const char *task = task_at(builder, use->task)->name;
    const char *end = variable + strlen(DAG__TASK_OUTCOME);
    bool is_certain = use->certainty == DAG_CERTAIN;
    uint32_t number = id_for(pass, variable);

    if (number != NO_NAME) {
        const char *id = name_at(builder, number)->text;

        dag__builder_report_use(
            pass->builder, use, is_certain,
            "task \"%s\" uses $%s, the outcome of task \"%s\", and does not need that "
            "task; add it: needs=\"%s\"",
            task, variable, id, id);
    } else {
        g_autofree char *hint =
            is_certain ? dag__builder_suggest(builder, end, NAME_TASK) : NULL;

        dag__builder_report_use(pass->builder, use, is_certain,
                                "task \"%s\" uses $%s, and no task has the id \"%s\"%s",
                                task, variable, end, hint ? hint : "");
    }
}

/* Check the use of the variable for a task, which begins with DAG__TASK_OUTCOME, by a clean-up. */
static void
check_task_outcome(Pass *pass, const VariableUse *use)
{
    const DagBuilder *builder = pass->builder;
    const char *variable = name_at(builder, use->name)->text;
    const char *task = task_at(builder, use->task)->name;
    guint index = GPOINTER_TO_UINT(g_hash_table_lookup(pass->own, variable));
    bool is_certain = use->certainty == DAG_CERTAIN;

    if (index == 0) {
        report_missing(pass, use);
        return;
    }

    const Named *named = &g_array_index(pass->named, Named, index - 1);
    const char *id = name_at(builder, named->name)->text;

    if (named->other != NO_NAME)
        dag__builder_report_use(
            pass->builder, use, is_certain,
            "task \"%s\" uses $%s, which is the outcome of both task \"%s\" and task "
            "\"%s\"; "
            "rename one of them",
            task, variable, id, name_at(builder, named->other)->text);
    else if (!named->is_kept)
        dag__builder_report_use(
            pass->builder, use, is_certain,
            "task \"%s\" uses $%s, and it needs too many tasks to have a variable for "
            "each; set one by <env> to ${%s" DAG__OUTCOME_SUFFIX "}",
            task, variable, id);
}

/* Check the use of a variable, if it is about outcomes. */
static void
check_use(Pass *pass, const VariableUse *use)
{
    const Name *name = use->name == NO_NAME ? NULL : name_at(pass->builder, use->name);
    const char *task = task_at(pass->builder, use->task)->name;
    bool is_of_task;

    if (!name || use->certainty == DAG_MENTIONED || !dag__is_own_variable(name->text))
        return;
    is_of_task = g_str_has_prefix(name->text, DAG__TASK_OUTCOME);
    if (!is_of_task && strcmp(name->text, DAG__RUN_OUTCOME) != 0 &&
        strcmp(name->text, DAG__FAILED) != 0)
        return;
    if (use->certainty == DAG_LITERAL)
        dag__builder_report_use(
            pass->builder, use, false,
            "task \"%s\" passes \"$%s\" as it is written, since no shell reads it", task,
            name->text);
    else if (!is_clean_up(pass->builder, use->task))
        dag__builder_report_use(
            pass->builder, use, use->certainty == DAG_CERTAIN,
            "task \"%s\" uses $%s, which only a clean-up has (always=\"true\")", task,
            name->text);
    else if (is_of_task)
        check_task_outcome(pass, use);
}

/* Report `${x.outcome}` in a script: for a shell, it is no variable. */
static void
check_reference(const Pass *pass, const VariableUse *use)
{
    const Name *name = use->id == NO_NAME ? NULL : name_at(pass->builder, use->id);

    if (name && name->kind == NAME_OUTCOME && use->is_braced &&
        use->certainty != DAG_MENTIONED && use->certainty != DAG_LITERAL)
        dag__builder_report_use(
            pass->builder, use, true,
            "task \"%s\" uses \"${%s}\", which is no variable of a script; pass it with "
            "<env>",
            task_at(pass->builder, use->task)->name, name->text);
}

void
dag__builder_resolve_outcome_variables(DagBuilder *builder)
{
    const VariableUse *use = (const VariableUse *)(void *)builder->variable_uses->data;
    const VariableUse *end = use ? use + builder->variable_uses->len : NULL;
    Pass pass = {
        .builder = builder,
        .variable_of = g_hash_table_new(NULL, NULL),
        .own = g_hash_table_new(dag__hash_text, g_str_equal),
        .named = g_array_new(FALSE, FALSE, sizeof(Named)),
    };

    for (uint32_t task = 0; task < builder->tasks->len && !dag_builder_is_hopeless(builder);
         task++) {
        if (is_clean_up(builder, task)) {
            collect(&pass, task);
            keep(&pass, task);
        }
        for (; use < end && use->task == task; use++) {
            check_use(&pass, use);
            check_reference(&pass, use);
        }
    }
    g_hash_table_unref(pass.variable_of);
    g_hash_table_unref(pass.own);
    g_clear_pointer(&pass.ids_of, g_hash_table_unref);
    g_array_unref(pass.named);
}
