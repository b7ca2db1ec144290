/* SPDX-License-Identifier: MIT */
#include "model/arena.h"

#include <glib.h>
#include <stdalign.h>
#include <stdint.h>
#include <string.h>

static void
test_memory_is_zeroed_and_aligned_for_any_type(void)
{
    DagArena *arena = dag__arena_new();

    for (size_t size = 0; size < 5000; size++) {
        char *text = dag__arena_strdup(arena, "x"); /* misaligns the next one */
        unsigned char *bytes = dag__arena_alloc(arena, size);

        g_assert_cmpstr(text, ==, "x");
        g_assert_cmpuint((uintptr_t)bytes % alignof(max_align_t), ==, 0);
        for (size_t i = 0; i < size; i++)
            g_assert_cmpuint(bytes[i], ==, 0);
        memset(bytes, 0xff, size);
    }
    dag__arena_free(arena);
}

static void
test_allocations_do_not_overlap(void)
{
    DagArena *arena = dag__arena_new();
    unsigned char *pieces[3000];

    for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
        pieces[i] = dag__arena_alloc(arena, 1 + i % 700);
        memset(pieces[i], (int)(i % 251), 1 + i % 700);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++)
        for (size_t k = 0; k < 1 + i % 700; k++)
            g_assert_cmpuint(pieces[i][k], ==, i % 251);
    dag__arena_free(arena);
}

static void
test_an_allocation_may_be_larger_than_a_chunk(void)
{
    static const size_t sizes[] = {16000, 17000, 65471, 65472, 65473, 65536, 3000000};
    DagArena *arena = dag__arena_new();

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        char *before = dag__arena_strdup(arena, "before");
        char *large = dag__arena_alloc(arena, sizes[i]);
        char *after = dag__arena_strdup(arena, "after");

        g_assert_cmpint(large[sizes[i] - 1], ==, 0);
        memset(large, 'x', sizes[i]);
        g_assert_cmpstr(before, ==, "before");
        g_assert_cmpstr(after, ==, "after");
    }
    dag__arena_free(arena);
}

static void
test_strings_are_copied(void)
{
    DagArena *arena = dag__arena_new();
    char text[] = "hello";
    char *whole = dag__arena_strdup(arena, text);
    char *part = dag__arena_strndup(arena, text, 4);
    char *none = dag__arena_strndup(arena, text, 0);

    memset(text, '!', sizeof(text) - 1);
    g_assert_cmpstr(whole, ==, "hello");
    g_assert_cmpstr(part, ==, "hell");
    g_assert_cmpstr(none, ==, "");
    g_assert_null(dag__arena_strdup(arena, NULL));
    dag__arena_free(arena);
}

static void
test_freeing_null_is_allowed(void)
{
    dag__arena_free(NULL);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/arena/memory-is-zeroed-and-aligned-for-any-type",
                    test_memory_is_zeroed_and_aligned_for_any_type);
    g_test_add_func("/arena/allocations-do-not-overlap", test_allocations_do_not_overlap);
    g_test_add_func("/arena/an-allocation-may-be-larger-than-a-chunk",
                    test_an_allocation_may_be_larger_than_a_chunk);
    g_test_add_func("/arena/strings-are-copied", test_strings_are_copied);
    g_test_add_func("/arena/freeing-null-is-allowed", test_freeing_null_is_allowed);
    return g_test_run();
}
