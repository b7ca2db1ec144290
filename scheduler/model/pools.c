/* SPDX-License-Identifier: MIT */
/*
 * Pools, and what tasks use of them.  A pool may be declared below the tasks that use it, so
 * uses are read once everything is declared.  Tasks that use the same become one class: while
 * they run it is classes that wait for slots, not a million tasks.
 */
#include "model/builder.h"

#include <dagrun/suggest.h>
#include <string.h>

#define BLANKS  " \t\r\n"
#define NO_POOL UINT32_MAX

static const Pool *
pool_at(const DagBuilder *builder, uint32_t number)
{
    return &g_array_index(builder->pools, Pool, number);
}

/* Returns: the number of the pool called `name`, or NO_POOL. */
static uint32_t
number_of(const DagBuilder *builder, const char *name)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(builder->pool_numbers, name)) - 1;
}

void
dag_builder_add_pool(DagBuilder *builder, const DagPoolSpec *spec)
{
    g_return_if_fail(builder && builder->arena && spec && spec->name);

    Pool pool = {{dag__arena_strdup(builder->arena, spec->name), spec->slots},
                 dag__builder_spot(builder, spec->name_location)};
    uint32_t first = number_of(builder, spec->name);

    if (first != NO_POOL) {
        g_autofree char *what = g_strdup_printf("duplicate pool \"%s\"", spec->name);

        dag__builder_complain_twice(builder, spec->name_location, what,
                                    pool_at(builder, first)->spot);
        return;
    }
    if (spec->is_incomplete)
        pool.pool.slots = UINT32_MAX; /* nobody's use is to be found too large */
    else if (spec->slots == 0)
        dag_builder_complain(builder, spec->location, "pool \"%s\" has no slots",
                             spec->name);
    g_array_append_val(builder->pools, pool);
    g_hash_table_insert(builder->pool_numbers, (gpointer)pool.pool.name,
                        GUINT_TO_POINTER(builder->pools->len));
}

/* Complains of a use.  `task` is a name. */
static void
refuse(DagBuilder *builder, const DagTaskExtra *extra, const char *task, char *problem)
{
    g_autofree char *owned = problem;

    dag_builder_complain(builder, extra->uses_location, "task \"%s\" uses %s", task, owned);
}

/* Returns: what to say of a pool that is not declared. */
static char *
unknown_pool(const DagBuilder *builder, const char *name)
{
    DagSuggestion near = dag_suggestion(name);

    /* A million mistakes must not cost a million searches. */
    for (uint32_t i = 0; i < builder->pools->len && !dag_builder_is_hopeless(builder); i++)
        dag_suggestion_consider(&near, pool_at(builder, i)->pool.name);

    g_autofree char *hint = dag_suggestion_text(&near);

    return g_strdup_printf("the pool \"%s\", which is not declared%s", name, hint);
}

/* Reads "name" or "name:slots".  Returns: what is wrong with it, or NULL. */
static char *
read_use(const DagBuilder *builder, char *word, DagUse *use_out)
{
    char *colon = strchr(word, ':');
    guint64 slots = 1;

    if (colon)
        *colon = '\0';
    if (colon && !g_ascii_string_to_unsigned(colon + 1, 10, 1, UINT32_MAX, &slots, NULL))
        return g_strdup_printf("\"%s\" of \"%s\", which is not a number of slots",
                               colon + 1, word);
    *use_out = (DagUse){number_of(builder, word), (uint32_t)slots};
    if (use_out->pool == NO_POOL)
        return unknown_pool(builder, word);
    if (slots > pool_at(builder, use_out->pool)->pool.slots)
        return g_strdup_printf("%u slots of the pool \"%s\", which has %u", (unsigned)slots,
                               word, pool_at(builder, use_out->pool)->pool.slots);
    return NULL;
}

static int
compare_uses(gconstpointer a, gconstpointer b)
{
    uint32_t x = ((const DagUse *)a)->pool, y = ((const DagUse *)b)->pool;

    return x < y ? -1 : x > y;
}

/* Returns: what is used, in order of the pools, without what was complained of; of DagUse. */
static GArray *
read_uses(DagBuilder *builder, const DagTaskExtra *extra, const char *task)
{
    GArray *uses = g_array_new(FALSE, FALSE, sizeof(DagUse));
    g_auto(GStrv) words = g_strsplit_set(extra->uses, BLANKS, -1);

    for (char **word = words; *word; word++) {
        DagUse use;
        char *problem = **word ? read_use(builder, *word, &use) : NULL;

        if (problem)
            refuse(builder, extra, task, problem);
        else if (**word)
            g_array_append_val(uses, use);
    }
    g_array_sort(uses, compare_uses);
    for (guint i = 1; i < uses->len; i++) {
        const DagUse *pair = &g_array_index(uses, DagUse, i - 1);

        if (pair[0].pool == pair[1].pool)
            refuse(builder, extra, task,
                   g_strdup_printf("the pool \"%s\" twice",
                                   pool_at(builder, pair[0].pool)->pool.name));
    }
    return uses;
}

/* Returns: the class of tasks that use this, which may be new; `known` maps uses to classes. */
static uint32_t
class_of(DagBuilder *builder, GHashTable *known, const GArray *uses)
{
    g_autoptr(GBytes) key = g_bytes_new(uses->data, uses->len * sizeof(DagUse));
    gpointer found = g_hash_table_lookup(known, key);

    if (found || uses->len == 0)
        return GPOINTER_TO_UINT(found);

    DagUse *copy = dag__arena_alloc(builder->arena, uses->len * sizeof(DagUse));
    DagUseClass class = {copy, uses->len};

    memcpy(copy, uses->data, uses->len * sizeof(DagUse));
    g_hash_table_insert(known, g_steal_pointer(&key),
                        GUINT_TO_POINTER(builder->use_classes->len));
    g_array_append_val(builder->use_classes, class);
    return builder->use_classes->len - 1;
}

void
dag__builder_resolve_uses(DagBuilder *builder)
{
    g_autoptr(GHashTable) known = g_hash_table_new_full(
        g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);

    for (uint32_t number = 0; number < builder->tasks->len; number++) {
        const DagTask *task = task_at(builder, number);

        if (!task->extra || !task->extra->uses)
            continue;

        g_autoptr(GArray) uses = read_uses(builder, task->extra, task->name);

        task->extra->use_class = class_of(builder, known, uses);
    }
}
