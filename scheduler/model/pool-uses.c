/* SPDX-License-Identifier: MIT */
/*
 * Pools and the uses of them.  A pool may be declared after the tasks that use it, so uses are
 * read once everything is declared.  A declaration that tasks name has uses, too, which they share.  Equal uses are stored once: tasks with the same uses share
 * one array.
 */
#include "model/builder.h"
#include "model/declared.h"
#include "model/hash.h"

#include <dagrun/suggest.h>
#include <string.h>

#define BLANKS  " \t\r\n"
#define NO_POOL UINT32_MAX

#define NS_PER_SECOND INT64_C(1000000000)

static const Pool *
pool_at(const DagBuilder *builder, uint32_t number)
{
    return &g_array_index(builder->pools, Pool, number);
}

/* Return the number of the pool called `name`, or NO_POOL. */
static uint32_t
number_of(const DagBuilder *builder, const char *name)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(builder->pool_numbers, name)) - 1;
}

/* Return the number of starts at once that the rate allows by default: those of a second. */
static uint32_t
default_burst(DagRate rate)
{
    uint64_t per_second;

    if (rate.period_ns >= NS_PER_SECOND * (int64_t)rate.count)
        return 1;
    /* 2^32 x 10^9 fit into 64 bits. */
    per_second = ((uint64_t)rate.count * NS_PER_SECOND + (uint64_t)rate.period_ns - 1) /
                 (uint64_t)rate.period_ns;
    return (uint32_t)MIN(per_second, UINT32_MAX);
}

/* Complain about a pool that lacks something.  Return whether it limits something. */
static bool
check_pool(DagBuilder *builder, const DagPoolSpec *spec)
{
    bool has_limit = spec->slots > 0 || spec->rate.count > 0 || spec->tokens.count > 0;

    if (spec->is_incomplete)
        return false;
    if (!has_limit)
        dag_builder_complain(builder, spec->location,
                             "pool \"%s\" has neither slots nor a rate or tokens",
                             spec->name);
    else if (spec->burst > 0 && spec->rate.count == 0)
        dag_builder_complain(builder, spec->location,
                             "pool \"%s\" has a burst, but no rate", spec->name);
    return has_limit;
}

void
dag_builder_add_pool(DagBuilder *builder, const DagPoolSpec *spec)
{
    g_return_if_fail(builder && builder->arena && spec && spec->name);
    g_return_if_fail(spec->rate.count == 0 || spec->rate.period_ns > 0);
    g_return_if_fail(spec->tokens.count == 0 || spec->tokens.period_ns > 0);

    Pool pool = {{.name = dag__arena_strdup(builder->arena, spec->name),
                  .slots = spec->slots,
                  .rate = spec->rate,
                  .burst = spec->burst,
                  .tokens = spec->tokens},
                 dag__builder_spot(builder, spec->name_location)};
    uint32_t first = number_of(builder, spec->name);

    if (first != NO_POOL) {
        g_autofree char *what = g_strdup_printf("duplicate pool \"%s\"", spec->name);

        dag__builder_complain_twice(builder, spec->name_location, what,
                                    pool_at(builder, first)->spot);
        return;
    }
    if (!check_pool(builder, spec))
        pool.pool.slots = UINT32_MAX; /* so that no use of it is reported as too large */
    if (spec->rate.count > 0 && spec->burst == 0)
        pool.pool.burst = default_burst(spec->rate);
    g_array_append_val(builder->pools, pool);
    g_hash_table_insert(builder->pool_numbers, (gpointer)pool.pool.name,
                        GUINT_TO_POINTER(builder->pools->len));
}

/* The pools that a task or a declaration uses, as they are written. */
typedef struct UsesText {
    const char *element, *name; /* of the task or the declaration */
    const char *text;
    DagSpot spot;
} UsesText;

/* Complain about a use of a pool.  Frees `problem`. */
static void
refuse(DagBuilder *builder, const UsesText *text, char *problem)
{
    g_autofree char *owned = problem;

    dag_builder_complain(builder, dag__builder_location(builder, text->spot),
                         "%s \"%s\" uses %s", text->element, text->name, owned);
}

/* Return the problem with a pool that is not declared. */
static char *
unknown_pool(const DagBuilder *builder, const char *name)
{
    DagSuggestion near = dag_suggestion(name);

    /* Findings beyond those shown cost no search: there may be a million of them. */
    for (uint32_t i = 0; i < builder->pools->len && !dag_builder_is_hopeless(builder); i++)
        dag_suggestion_consider(&near, pool_at(builder, i)->pool.name);

    g_autofree char *hint = dag_suggestion_text(&near);

    return g_strdup_printf("the pool \"%s\", which is not declared%s", name, hint);
}

/* Read "name" or "name:slots".  Return the problem with it, or NULL. */
static char *
read_use(const DagBuilder *builder, char *word, DagUse *use_out)
{
    char *colon = strchr(word, ':');
    const DagPool *pool;
    guint64 slots = 1;

    if (colon)
        *colon = '\0';
    if (colon && !g_ascii_string_to_unsigned(colon + 1, 10, 1, UINT32_MAX, &slots, NULL))
        return g_strdup_printf("\"%s\" of \"%s\", which is not a number of slots",
                               colon + 1, word);
    *use_out = (DagUse){number_of(builder, word), (uint32_t)slots};
    if (use_out->pool == NO_POOL)
        return unknown_pool(builder, word);
    pool = &pool_at(builder, use_out->pool)->pool;
    if (slots > 1 && pool->slots == 0)
        return g_strdup_printf("%u slots of the pool \"%s\", which has none",
                               (unsigned)slots, word);
    if (slots > MAX(pool->slots, 1))
        return g_strdup_printf("%u slots of the pool \"%s\", which has %u", (unsigned)slots,
                               word, pool->slots);
    return NULL;
}

static int
compare_uses(gconstpointer a, gconstpointer b)
{
    uint32_t x = ((const DagUse *)a)->pool, y = ((const DagUse *)b)->pool;

    return x < y ? -1 : x > y;
}

/* Return the good uses in `text`, in order of the pools; of DagUse. */
static GArray *
read_uses(DagBuilder *builder, const UsesText *text)
{
    GArray *uses = g_array_new(FALSE, FALSE, sizeof(DagUse));
    g_auto(GStrv) words = g_strsplit_set(text->text, BLANKS, -1);

    for (char **word = words; *word; word++) {
        DagUse use;
        char *problem = **word ? read_use(builder, *word, &use) : NULL;

        if (problem)
            refuse(builder, text, problem);
        else if (**word)
            g_array_append_val(uses, use);
    }
    g_array_sort(uses, compare_uses);
    for (guint i = 1; i < uses->len; i++) {
        const DagUse *pair = &g_array_index(uses, DagUse, i - 1);

        if (pair[0].pool == pair[1].pool)
            refuse(builder, text,
                   g_strdup_printf("the pool \"%s\" twice",
                                   pool_at(builder, pair[0].pool)->pool.name));
    }
    return uses;
}

/* A set of uses, stored once. */
typedef struct UseSet {
    const DagUse *uses; /* [n_uses] */
    uint32_t n_uses;
} UseSet;

static guint
hash_set(gconstpointer data)
{
    const UseSet *set = data;

    return dag__hash_bytes((const char *)set->uses, set->n_uses * sizeof(DagUse));
}

static gboolean
equal_sets(gconstpointer a, gconstpointer b)
{
    const UseSet *x = a, *y = b;

    return x->n_uses == y->n_uses &&
           memcmp(x->uses, y->uses, x->n_uses * sizeof(DagUse)) == 0;
}

/* Return the set with these uses from `known` (of UseSet), or add it. */
static const UseSet *
intern(DagBuilder *builder, GHashTable *known, const GArray *uses)
{
    UseSet wanted = {(const DagUse *)(void *)uses->data, uses->len}, *set;
    size_t size = uses->len * sizeof(DagUse);

    set = g_hash_table_lookup(known, &wanted);
    if (set)
        return set;
    set = dag__arena_alloc(builder->arena, sizeof(UseSet));
    *set = (UseSet){memcpy(dag__arena_alloc(builder->arena, size), uses->data, size),
                    uses->len};
    g_hash_table_add(known, set);
    return set;
}

/* Set the uses of a task, unless there are none. */
static void
set_uses(DagBuilder *builder, GHashTable *known, uint32_t task, const GArray *uses)
{
    DagTask *user = task_at(builder, task);
    const UseSet *set;

    if (uses->len == 0)
        return;
    set = intern(builder, known, uses);
    if (!user->extra)
        user->extra = dag__arena_alloc(builder->arena, sizeof(DagTaskExtra));
    user->extra->uses = set->uses;
    user->extra->n_uses = set->n_uses;
}

void
dag__builder_use_one(DagBuilder *builder, const char *resource)
{
    TaskText use = {.task = builder->tasks->len - 1,
                    .text = dag__arena_strdup(builder->arena, resource)};

    if (resource)
        g_array_append_val(builder->resources, use);
}

/* Return the number of the pool for `resource`; `numbers` has those that were made before.  It comes
 * behind the declared pools, and is not known by its name. */
static uint32_t
pool_of_resource(DagBuilder *builder, GHashTable *numbers, const char *resource)
{
    gpointer number = g_hash_table_lookup(numbers, resource);
    Pool pool = {.pool = {.name = resource, .slots = 1}};

    if (number)
        return GPOINTER_TO_UINT(number) - 1;
    g_array_append_val(builder->pools, pool);
    g_hash_table_insert(numbers, (gpointer)resource, GUINT_TO_POINTER(builder->pools->len));
    return builder->pools->len - 1;
}

/* Add the uses of resources to those of declared pools. */
static void
resolve_resources(DagBuilder *builder, GHashTable *known)
{
    g_autoptr(GHashTable) numbers = g_hash_table_new(dag__hash_text, g_str_equal);

    for (guint i = 0; i < builder->resources->len; i++) {
        const TaskText *text = &g_array_index(builder->resources, TaskText, i);
        const DagTaskExtra *extra = task_at(builder, text->task)->extra;
        DagUse use = {pool_of_resource(builder, numbers, text->text), 1};
        g_autoptr(GArray) uses = g_array_new(FALSE, FALSE, sizeof(DagUse));

        if (extra)
            g_array_append_vals(uses, extra->uses, extra->n_uses);
        g_array_append_val(uses, use);
        set_uses(builder, known, text->task, uses);
    }
}

void
dag__builder_use_declared(DagBuilder *builder, const DagDeclared *declared)
{
    DeclaredUse use = {builder->tasks->len - 1, declared};

    g_array_append_val(builder->declared_uses, use);
}

/* Return the uses that the declaration gives its tasks, in order of the pools; of DagUse.  The pool for its slots
 * comes behind the declared ones, and is not known by its name. */
static GArray *
read_declared(DagBuilder *builder, const DagDeclared *declared)
{
    const UsesText text = {declared->element, declared->name,
                           declared->uses ? declared->uses : "", declared->uses_spot};
    GArray *uses = read_uses(builder, &text);

    if (declared->slots > 0) {
        g_autofree char *name =
            g_strdup_printf("%s of %s", declared->slots_name, declared->name);
        Pool pool = {.pool = {.name = dag__arena_strdup(builder->arena, name),
                              .slots = declared->slots}};
        DagUse use = {builder->pools->len, 1};

        g_array_append_val(builder->pools, pool);
        g_array_append_val(uses, use);
    }
    return uses;
}

/* Return true if a pool is among the uses. */
static bool
has_pool(const GArray *uses, uint32_t pool)
{
    for (guint i = 0; i < uses->len; i++)
        if (g_array_index(uses, DagUse, i).pool == pool)
            return true;
    return false;
}

/* Add the uses of a declaration to those of a task, whose own come first. */
static void
share(DagBuilder *builder, GHashTable *known, uint32_t task, const GArray *shared)
{
    const DagTaskExtra *extra = task_at(builder, task)->extra;
    g_autoptr(GArray) uses = g_array_new(FALSE, FALSE, sizeof(DagUse));

    if (extra)
        g_array_append_vals(uses, extra->uses, extra->n_uses);
    for (guint i = 0; i < shared->len; i++) {
        DagUse use = g_array_index(shared, DagUse, i);

        if (!has_pool(uses, use.pool))
            g_array_append_val(uses, use);
    }
    g_array_sort(uses, compare_uses);
    set_uses(builder, known, task, uses);
}

/* Add the uses of declarations to those of the tasks that name them. */
static void
resolve_declared(DagBuilder *builder, GHashTable *known)
{
    g_autoptr(GHashTable) uses_of =
        g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_array_unref);

    for (guint i = 0; i < builder->declarations->len; i++) {
        const DagDeclared *declared = builder->declarations->pdata[i];

        if (declared->uses || declared->slots > 0)
            g_hash_table_insert(uses_of, (gpointer)declared,
                                read_declared(builder, declared));
    }
    for (guint i = 0; i < builder->declared_uses->len; i++) {
        const DeclaredUse *use = &g_array_index(builder->declared_uses, DeclaredUse, i);
        const GArray *shared = g_hash_table_lookup(uses_of, use->declared);

        if (shared)
            share(builder, known, use->task, shared);
    }
}

void
dag__builder_resolve_uses(DagBuilder *builder)
{
    g_autoptr(GHashTable) known = g_hash_table_new(hash_set, equal_sets);

    for (guint i = 0; i < builder->uses->len; i++) {
        const TaskText *text = &g_array_index(builder->uses, TaskText, i);
        const UsesText written = {"task", task_at(builder, text->task)->name, text->text,
                                  text->spot};
        g_autoptr(GArray) uses = read_uses(builder, &written);

        set_uses(builder, known, text->task, uses);
    }
    resolve_declared(builder, known);
    resolve_resources(builder, known);
}
