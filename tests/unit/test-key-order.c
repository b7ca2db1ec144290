/* SPDX-License-Identifier: MIT */
#include "ready/key-order.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>

#include "dice.h"

/* A task, its key, and its place before the sort. */
typedef struct Expected {
    double key;
    DagTaskId id;
    size_t place;
} Expected;

static int
compare_expected(const void *left, const void *right)
{
    const Expected *a = left, *b = right;

    if (a->key != b->key)
        return a->key > b->key ? -1 : 1;
    return a->place < b->place ? -1 : 1;
}

/* Ways to draw a key. */
typedef double (*DrawKey)(Dice *dice);

static double
draw_uniform(Dice *dice)
{
    return (double)(dice_next(dice) >> 11) * 0x1p-53 * 1000;
}

static double
draw_whole(Dice *dice)
{
    return dice_below(dice, 5);
}

static double
draw_of_any_sign(Dice *dice)
{
    return ldexp((double)dice_below(dice, 1000) - 500, (int)dice_below(dice, 600) - 300);
}

/* Neighbours differ in the last bits only, and the groups of neighbours lie far apart. */
static double
draw_clustered(Dice *dice)
{
    double key = ldexp(1, (int)dice_below(dice, 8) * 100 - 400);

    return key + key * 0x1p-52 * dice_below(dice, 4000);
}

static double
draw_zero(Dice *dice)
{
    return dice_chance(dice, 50) ? 0.0 : -0.0;
}

static double
draw_extreme(Dice *dice)
{
    static const double keys[] = {HUGE_VAL,  -HUGE_VAL,  0,       -0.0,
                                  0x1p-1074, -0x1p-1074, 1.7e308, -1.7e308};

    return keys[dice_below(dice, G_N_ELEMENTS(keys))];
}

static const DrawKey draws[] = {draw_uniform,   draw_whole, draw_of_any_sign,
                                draw_clustered, draw_zero,  draw_extreme};

static void
check_order(size_t n, DrawKey draw, Dice *dice)
{
    g_autofree double *keys = g_new(double, n + 1);
    g_autofree DagTaskId *ids = g_new(DagTaskId, n + 1);
    g_autofree Expected *expected = g_new0(Expected, n + 1);

    for (DagTaskId id = 0; id < n; id++) {
        keys[id] = draw(dice);
        ids[id] = id;
    }
    for (size_t i = n; i > 1; i--) {
        uint32_t other = dice_below(dice, (uint32_t)i);
        DagTaskId id = ids[i - 1];

        ids[i - 1] = ids[other];
        ids[other] = id;
    }
    for (size_t i = 0; i < n; i++)
        expected[i] = (Expected){keys[ids[i]], ids[i], i};
    qsort(expected, n, sizeof(Expected), compare_expected);
    dag__order_by_key(ids, n, keys);
    for (size_t i = 0; i < n; i++)
        g_assert_cmpuint(ids[i], ==, expected[i].id);
}

/* Sizes around that from which digits are sorted. */
static void
test_the_largest_key_goes_first_and_equal_keys_stay_as_they_are(void)
{
    static const size_t sizes[] = {0, 1, 2, 63, 64, 65, 300, 5000, 20000};
    Dice dice = 1;

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++)
        for (size_t d = 0; d < G_N_ELEMENTS(draws); d++)
            check_order(sizes[i], draws[d], &dice);
}

static void
test_an_order_that_is_right_stays(void)
{
    enum { N = 1000 };
    double keys[N];
    DagTaskId ids[N];

    for (DagTaskId i = 0; i < N; i++) {
        ids[i] = N - 1 - i;
        keys[N - 1 - i] = -(double)(i - i % 3);
    }
    dag__order_by_key(ids, N, keys);
    for (DagTaskId i = 0; i < N; i++)
        g_assert_cmpuint(ids[i], ==, N - 1 - i);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/key-order/the-largest-key-goes-first-and-equal-keys-stay-as-they-are",
                    test_the_largest_key_goes_first_and_equal_keys_stay_as_they_are);
    g_test_add_func("/key-order/an-order-that-is-right-stays",
                    test_an_order_that_is_right_stays);
    return g_test_run();
}
