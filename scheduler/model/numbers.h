/* SPDX-License-Identifier: MIT */
/*
 * A row of numbers that grows: dependencies, of which there are several per task.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

/* All zero is an empty one; g_free() its items. */
typedef struct DagNumbers {
    uint32_t *items; /* [n] */
    uint32_t n;
    uint32_t room; /* for so many */
} DagNumbers;

static inline void
dag__numbers_grow(DagNumbers *numbers)
{
    g_assert(numbers->room <= UINT32_MAX / 2);
    numbers->room = numbers->room ? 2 * numbers->room : 16;
    numbers->items = g_renew(uint32_t, numbers->items, numbers->room);
}

/* Makes room for `n` more. */
static inline void
dag__numbers_reserve(DagNumbers *numbers, size_t n)
{
    while (numbers->room - numbers->n < n)
        dag__numbers_grow(numbers);
}

static inline void
dag__numbers_add(DagNumbers *numbers, uint32_t number)
{
    if (numbers->n == numbers->room)
        dag__numbers_grow(numbers);
    numbers->items[numbers->n++] = number;
}
