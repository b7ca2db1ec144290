/* SPDX-License-Identifier: MIT */
#include "model/mask.h"

#include <string.h>

#include "dice.h"

/* Returns: the mask of secrets with these values. */
static DagMask *
mask_of(const char *const *values)
{
    DagParam params[8] = {{0}};
    size_t n = 0;

    for (; values[n]; n++)
        params[n] = (DagParam){.name = "p", .value = values[n], .is_secret = true};
    params[n++] = (DagParam){.name = "open", .value = "open", .is_secret = false};
    return dag__mask_new(params, n);
}

static void
assert_masked(const char *const *values, const char *text, const char *expected)
{
    DagMask *mask = mask_of(values);
    g_autoptr(GString) whole = g_string_new(text);

    dag__mask_text(mask, whole, 0);
    g_assert_cmpstr(whole->str, ==, expected);
    dag__mask_free(mask);
}

static void
test_a_secret_is_replaced_everywhere(void)
{
    const char *const one[] = {"s3cret", NULL}, *const two[] = {"ab", "abc", NULL};

    assert_masked(one, "s3cret", "***");
    assert_masked(one, "a s3cret, s3crets3cret.", "a ***, ******.");
    assert_masked(one, "s3cre s3 open", "s3cre s3 open");
    assert_masked(one, "s3s3cret", "s3***");
    assert_masked(two, "xabcx abx abab", "x***x ***x ******");
}

static void
test_each_line_of_a_secret_is_a_secret(void)
{
    const char *const key[] = {"-- begin --\n  abcd\n\nefgh", NULL};

    assert_masked(key, "-- begin --\n  abcd\n\nefgh", "***");
    assert_masked(key, "it is abcd or efgh", "it is *** or ***");
    assert_masked(key, "a\n\nb", "a\n\nb");
}

static void
test_blanks_around_a_secret_are_not_part_of_it(void)
{
    const char *const values[] = {" hunter2\r", NULL};

    assert_masked(values, "[ hunter2\r] [hunter2] hunter2", "[***] [***] ***");
}

static void
test_without_secrets_there_is_no_mask(void)
{
    const char *const none[] = {NULL}, *const empty[] = {"", NULL};
    g_autoptr(GString) text = g_string_new("as it is");

    g_assert_null(mask_of(none));
    g_assert_null(mask_of(empty));
    dag__mask_text(NULL, text, 0);
    g_assert_cmpstr(text->str, ==, "as it is");
}

static void
test_only_text_after_the_start_is_masked(void)
{
    const char *const values[] = {"x", NULL};
    DagMask *mask = mask_of(values);
    g_autoptr(GString) text = g_string_new("xxabx");

    dag__mask_text(mask, text, 2);
    g_assert_cmpstr(text->str, ==, "xxab***");
    dag__mask_free(mask);
}

/* The output of a stream does not depend on how the text is cut into pieces. */
static void
test_a_stream_masks_secrets_across_pieces(void)
{
    const char *const values[] = {"aab", "aabaac", "b\ncc", NULL};
    DagMask *mask = mask_of(values);

    for (uint64_t seed = 1; seed <= 2000; seed++) {
        Dice dice = seed;
        DagMaskStream stream = {.mask = mask};
        g_autoptr(GString) whole = g_string_new(NULL);
        g_autoptr(GString) out = g_string_new("told before ");
        size_t length = dice_below(&dice, 60);

        for (size_t i = 0; i < length; i++)
            g_string_append_c(whole, "aabc\n"[dice_below(&dice, 5)]);
        for (size_t at = 0; at < whole->len;) {
            size_t size = MIN(dice_below(&dice, 6), whole->len - at);

            dag__mask_push(&stream, whole->str + at, size, out);
            at += size;
        }
        dag__mask_flush(&stream, out);
        dag__mask_text(mask, whole, 0);
        g_assert_cmpstr(out->str + strlen("told before "), ==, whole->str);
    }
    dag__mask_free(mask);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mask/a-secret-is-replaced-everywhere",
                    test_a_secret_is_replaced_everywhere);
    g_test_add_func("/mask/each-line-of-a-secret-is-a-secret",
                    test_each_line_of_a_secret_is_a_secret);
    g_test_add_func("/mask/blanks-around-a-secret-are-not-part-of-it",
                    test_blanks_around_a_secret_are_not_part_of_it);
    g_test_add_func("/mask/without-secrets-there-is-no-mask",
                    test_without_secrets_there_is_no_mask);
    g_test_add_func("/mask/only-text-after-the-start-is-masked",
                    test_only_text_after_the_start_is_masked);
    g_test_add_func("/mask/a-stream-masks-secrets-across-pieces",
                    test_a_stream_masks_secrets_across_pieces);
    return g_test_run();
}
