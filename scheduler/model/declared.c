/* SPDX-License-Identifier: MIT */
/*
 * Declarations by element and name.
 */
#include "model/declared.h"

#include "model/hash.h"

#include <dagrun/suggest.h>
#include <string.h>

guint
dag__declared_hash(gconstpointer data)
{
    const DagDeclared *declared = data;

    return dag__hash_text(declared->name) * 31 + dag__hash_text(declared->element);
}

gboolean
dag__declared_equal(gconstpointer a, gconstpointer b)
{
    const DagDeclared *x = a, *y = b;

    return strcmp(x->name, y->name) == 0 && strcmp(x->element, y->element) == 0;
}

/* Return the object for a name, which may be new. */
static DagDeclared *
intern(DagBuilder *builder, const char *element, const char *name, DagLocation location)
{
    DagDeclared wanted = {.element = element, .name = name}, *declared;

    declared = g_hash_table_lookup(builder->declared, &wanted);
    if (declared)
        return declared;
    declared = dag__arena_alloc(builder->arena, sizeof(DagDeclared));
    declared->element = dag__arena_strdup(builder->arena, element);
    declared->name = dag__arena_strdup(builder->arena, name);
    declared->spot = dag__builder_spot(builder, location);
    declared->task = builder->tasks->len - 1;
    g_hash_table_add(builder->declared, declared);
    g_ptr_array_add(builder->declarations, declared);
    return declared;
}

const DagDeclared *
dag__builder_mention_declared(DagBuilder *builder, const char *element, const char *name,
                              DagLocation location)
{
    return intern(builder, element, name, location);
}

DagDeclared *
dag__builder_declare(DagBuilder *builder, const char *element, const char *name,
                     DagLocation location)
{
    DagDeclared *declared = intern(builder, element, name, location);

    if (declared->is_declared) {
        g_autofree char *what = g_strdup_printf("duplicate %s \"%s\"", element, name);

        dag__builder_complain_twice(builder, location, what, declared->spot);
        return NULL;
    }
    declared->is_declared = true;
    declared->spot = dag__builder_spot(builder, location);
    return declared;
}

static void
complain_of(DagBuilder *builder, const DagDeclared *missing)
{
    DagSuggestion near = dag_suggestion(missing->name);

    for (guint i = 0; i < builder->declarations->len; i++) {
        const DagDeclared *other = builder->declarations->pdata[i];

        if (other->is_declared && strcmp(other->element, missing->element) == 0)
            dag_suggestion_consider(&near, other->name);
    }

    g_autofree char *hint = dag_suggestion_text(&near);

    dag_builder_complain(builder, dag__builder_location(builder, missing->spot),
                         "task \"%s\" uses the %s \"%s\", which is not declared%s",
                         task_at(builder, missing->task)->name, missing->element,
                         missing->name, hint);
}

void
dag__builder_check_declared(DagBuilder *builder)
{
    for (guint i = 0; i < builder->declarations->len && !dag_builder_is_hopeless(builder);
         i++) {
        const DagDeclared *declared = builder->declarations->pdata[i];

        if (!declared->is_declared)
            complain_of(builder, declared);
    }
}

const char *
dag_declared_name(const DagDeclared *declared)
{
    g_return_val_if_fail(declared, NULL);
    return declared->name;
}

const void *
dag_declared_config(const DagDeclared *declared)
{
    g_return_val_if_fail(declared, NULL);
    return declared->config;
}
