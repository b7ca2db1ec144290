/* SPDX-License-Identifier: MIT */
/*
 * When a task gives up waiting for descriptors or processes.
 */
#include "shortage.h"

#include <dagrun/duration.h>

#define SECOND INT64_C(1000000000)

static void
test_programs_that_end_between_two_looks_are_seen(void)
{
    GroupTable *groups = dag__groups_new();
    int entry = dag__groups_enter(groups);
    Shortage shortage = {0};
    int64_t start_ns;

    dag__groups_set(groups, entry, 4711);
    dag__groups_set(groups, entry, 0);
    start_ns = dag__groups_last_end_ns(groups);
    g_assert_cmpint(start_ns, >, 0);
    /* The wait began long ago, but a program has just ended. */
    g_assert_false(dag__shortage_is_hopeless(&shortage, groups, start_ns - 100 * SECOND));
    g_assert_false(dag__shortage_is_hopeless(&shortage, groups, start_ns + 4 * SECOND));
    g_assert_true(dag__shortage_is_hopeless(&shortage, groups, start_ns + 5 * SECOND));
    /* While one runs, it may take as long as it likes. */
    dag__groups_set(groups, entry, 4712);
    g_assert_false(dag__shortage_is_hopeless(&shortage, groups, start_ns + 500 * SECOND));
    dag__groups_free(groups);
}

static void
test_alone_from_the_beginning_it_gives_up_after_a_while(void)
{
    GroupTable *groups = dag__groups_new();
    Shortage shortage = {0};

    g_assert_false(dag__shortage_is_hopeless(&shortage, groups, 7 * SECOND));
    g_assert_false(dag__shortage_is_hopeless(&shortage, groups, 11 * SECOND));
    g_assert_true(dag__shortage_is_hopeless(&shortage, groups, 12 * SECOND));
    dag__groups_free(groups);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/shortage/programs-that-end-between-two-looks-are-seen",
                    test_programs_that_end_between_two_looks_are_seen);
    g_test_add_func("/shortage/alone-from-the-beginning-it-gives-up-after-a-while",
                    test_alone_from_the_beginning_it_gives_up_after_a_while);
    return g_test_run();
}
