/* SPDX-License-Identifier: MIT */
/*
 * A growing array of numbers, for dependencies.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

/* Zeroed, it is empty; free its items with g_free(). */
typedef struct DagNumbers {
    uint32_t *items; /* [n] */
    uint32_t n;
    uint32_t capacity; /* of items */
} DagNumbers;

static inline void
dag__numbers_grow(DagNumbers *numbers)
{
    g_assert(numbers->capacity <= UINT32_MAX / 2);
    numbers->capacity = numbers->capacity ? 2 * numbers->capacity : 16;
    numbers->items = g_renew(uint32_t, numbers->items, numbers->capacity);
}

/* Make sure that `n` more fit. */
static inline void
dag__numbers_reserve(DagNumbers *numbers, size_t n)
{
    while (numbers->capacity - numbers->n < n)
        dag__numbers_grow(numbers);
}

static inline void
dag__numbers_add(DagNumbers *numbers, uint32_t number)
{
    if (numbers->n == numbers->capacity)
        dag__numbers_grow(numbers);
    numbers->items[numbers->n++] = number;
}
