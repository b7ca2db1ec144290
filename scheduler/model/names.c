/* SPDX-License-Identifier: MIT */
/*
 * Names by their text: every dependency is looked up, so this is a table of its own.  A slot
 * holds the hash beside the number, so that growing looks at no name, and searching at hardly
 * another one than it finds; half of the slots are free.
 */
#include "model/builder.h"
#include "model/hash.h"

#include <string.h>

#define FIRST_SLOTS 64 /* a power of two */

struct NameSlot {
    uint32_t hash;
    uint32_t number; /* plus 1; 0: a free slot */
};

static bool
is_called(const DagBuilder *builder, uint32_t number, const char *text, size_t length)
{
    const char *name = name_at(builder, number)->text;

    return strncmp(name, text, length) == 0 && !name[length];
}

/* Returns: the slot of the name text[0, length), or the free one where it belongs. */
static NameSlot *
find_slot(const DagBuilder *builder, const char *text, size_t length, uint32_t hash)
{
    uint32_t mask = builder->n_slots - 1;

    /* Ever larger steps come to every slot, since their number is a power of two. */
    for (uint32_t at = hash, step = 1;; at += step++) {
        NameSlot *slot = &builder->slots[at & mask];

        if (slot->number == 0 ||
            (slot->hash == hash && is_called(builder, slot->number - 1, text, length)))
            return slot;
    }
}

static void
grow(DagBuilder *builder)
{
    uint32_t n_before = builder->n_slots;
    g_autofree NameSlot *before = builder->slots;

    builder->n_slots = n_before ? 2 * n_before : FIRST_SLOTS;
    /* Zeroed by hand: what comes zeroed from the system takes two page faults where it is read
     * before it is written, as slots are. */
    builder->slots = g_new(NameSlot, builder->n_slots);
    memset(builder->slots, 0, builder->n_slots * sizeof(NameSlot));
    for (uint32_t i = 0; i < n_before; i++) {
        if (before[i].number == 0)
            continue;

        uint32_t at = before[i].hash, mask = builder->n_slots - 1;

        for (uint32_t step = 1; builder->slots[at & mask].number != 0; step++)
            at += step;
        builder->slots[at & mask] = before[i];
    }
}

uint32_t
dag__builder_find_name(const DagBuilder *builder, const char *text)
{
    size_t length = strlen(text);

    if (builder->n_slots == 0)
        return NO_NAME;
    /* A free slot has number 0. */
    return find_slot(builder, text, length, dag__hash_bytes(text, length))->number - 1;
}

/* Returns: how many names there are now. */
static uint32_t
add_name(DagBuilder *builder, const char *text, size_t length)
{
    Name name = {.text = dag__arena_strndup(builder->arena, text, length)};

    g_assert(builder->names->len < MAX_NAMES);
    g_array_append_val(builder->names, name);
    return builder->names->len;
}

uint32_t
dag__builder_number_of(DagBuilder *builder, const char *text, size_t length)
{
    uint32_t hash = dag__hash_bytes(text, length);
    NameSlot *slot;

    if (2 * (size_t)builder->names->len >= builder->n_slots)
        grow(builder);
    slot = find_slot(builder, text, length, hash);
    if (slot->number == 0)
        *slot = (NameSlot){hash, add_name(builder, text, length)};
    return slot->number - 1;
}

void
dag__builder_forget_names(DagBuilder *builder)
{
    g_clear_pointer(&builder->slots, g_free);
    builder->n_slots = 0;
}
