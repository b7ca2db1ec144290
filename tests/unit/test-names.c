/* SPDX-License-Identifier: MIT */
#include "model/builder.h"

#include <string.h>

#define MANY 5000

/* Assert that the names t0, t1, … still have their original numbers. */
static void
assert_finds(const DagBuilder *builder, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        g_autofree char *name = g_strdup_printf("t%u", i);

        g_assert_cmpuint(dag__builder_find_name(builder, name), ==, i);
        g_assert_cmpstr(name_at(builder, i)->text, ==, name);
    }
}

static void
test_numbers_are_in_order_of_first_mention(void)
{
    DagBuilder *builder = dag_builder_new();

    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < MANY; i++) {
            g_autofree char *name = g_strdup_printf("t%u", i);

            g_assert_cmpuint(dag__builder_number_of(builder, name, strlen(name)), ==, i);
        }
    assert_finds(builder, MANY);
    dag_builder_free(builder);
}

static void
test_a_name_ends_with_its_length(void)
{
    DagBuilder *builder = dag_builder_new();

    g_assert_cmpuint(dag__builder_number_of(builder, "build test", 5), ==, 0);
    g_assert_cmpuint(dag__builder_number_of(builder, "builder", 7), ==, 1);
    g_assert_cmpuint(dag__builder_number_of(builder, "build", 5), ==, 0);
    g_assert_cmpuint(dag__builder_number_of(builder, "buil", 4), ==, 2);
    g_assert_cmpstr(name_at(builder, 0)->text, ==, "build");
    dag_builder_free(builder);
}

static void
test_an_unknown_name_is_not_found(void)
{
    DagBuilder *builder = dag_builder_new();

    g_assert_cmpuint(dag__builder_find_name(builder, "a"), ==, NO_NAME);
    dag__builder_number_of(builder, "a", 1);
    g_assert_cmpuint(dag__builder_find_name(builder, "a"), ==, 0);
    g_assert_cmpuint(dag__builder_find_name(builder, "b"), ==, NO_NAME);
    g_assert_cmpuint(dag__builder_find_name(builder, ""), ==, NO_NAME);
    dag__builder_forget_names(builder);
    g_assert_cmpuint(dag__builder_find_name(builder, "a"), ==, NO_NAME);
    dag_builder_free(builder);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/names/numbers-are-in-order-of-first-mention",
                    test_numbers_are_in_order_of_first_mention);
    g_test_add_func("/names/a-name-ends-with-its-length", test_a_name_ends_with_its_length);
    g_test_add_func("/names/an-unknown-name-is-not-found",
                    test_an_unknown_name_is_not_found);
    return g_test_run();
}
