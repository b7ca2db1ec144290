/* SPDX-License-Identifier: MIT */
#include "ready/bit-set.h"

#include "dice.h"

/* Return the smallest member of in[n] that is not less than `from`, by linear search. */
static uint32_t
next_of(const bool *in, uint32_t n, uint32_t from)
{
    while (from < n && !in[from])
        from++;
    return from < n ? from : BIT_SET_NONE;
}

/* Sizes around those at which a level is full. */
static void
test_next_finds_the_members_after_any_changes(void)
{
    static const uint32_t sizes[] = {1, 2, 63, 64, 65, 4095, 4096, 4097, 9000, 300000};

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        uint32_t n = sizes[i];
        Dice dice = n;
        BitSet set = bit_set_of(n);
        g_autofree bool *in = g_new0(bool, n);

        g_assert_cmpuint(bit_set_next(&set, 0), ==, BIT_SET_NONE);
        for (int step = 0; step < 3000; step++) {
            uint32_t member = dice_below(&dice, n), from = dice_below(&dice, n + 1);

            if (dice_chance(&dice, 50))
                bit_set_add(&set, member);
            else
                bit_set_remove(&set, member);
            in[member] = bit_set_has(&set, member);
            g_assert_cmpuint(bit_set_next(&set, from), ==, next_of(in, n, from));
        }
        bit_set_add(&set, n - 1);
        g_assert_cmpuint(bit_set_next(&set, n - 1), ==, n - 1);
        bit_set_clear(&set);
    }
}

static void
test_members_can_be_added_and_removed(void)
{
    BitSet set = bit_set_of(200);

    bit_set_add(&set, 130);
    bit_set_add(&set, 130);
    g_assert_true(bit_set_has(&set, 130));
    g_assert_false(bit_set_has(&set, 129));
    bit_set_remove(&set, 130);
    bit_set_remove(&set, 7);
    g_assert_false(bit_set_has(&set, 130));
    g_assert_cmpuint(bit_set_next(&set, 0), ==, BIT_SET_NONE);
    bit_set_clear(&set);
}

static void
test_the_empty_range_has_no_member(void)
{
    BitSet set = bit_set_of(0);

    g_assert_cmpuint(bit_set_next(&set, 0), ==, BIT_SET_NONE);
    bit_set_clear(&set);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/bit-set/next-finds-the-members-after-any-changes",
                    test_next_finds_the_members_after_any_changes);
    g_test_add_func("/bit-set/members-can-be-added-and-removed",
                    test_members_can_be_added_and_removed);
    g_test_add_func("/bit-set/the-empty-range-has-no-member",
                    test_the_empty_range_has_no_member);
    return g_test_run();
}
