/* SPDX-License-Identifier: MIT */
#include "model/mask.h"

#include <float.h>
#include <string.h>
#include <time.h>

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

    dag_mask_text(mask, whole, 0);
    g_assert_cmpstr(whole->str, ==, expected);
    dag_mask_unref(mask);
}

static void
test_a_secret_is_replaced_everywhere(void)
{
    const char *const one[] = {"s3cret", NULL}, *const two[] = {"a-ab", "a-abc", NULL};

    assert_masked(one, "s3cret", "***");
    assert_masked(one, "a s3cret, s3crets3cret.", "a ***, ******.");
    assert_masked(one, "s3cre s3 open", "s3cre s3 open");
    assert_masked(one, "s3s3cret", "s3***");
    assert_masked(two, "xa-abcx a-abx a-aba-ab", "x***x ***x ******");
}

/* Mask with one secret and one other text. */
static void
assert_masked_and(const char *value, const char *other, const char *text,
                  const char *expected)
{
    const char *const values[] = {value, NULL}, *const more[] = {other, NULL};
    DagMask *mask = value ? mask_of(values) : NULL;
    g_autoptr(GString) whole = g_string_new(text);

    dag_mask_text_and(mask, more, whole);
    g_assert_cmpstr(whole->str, ==, expected);
    dag_mask_unref(mask);
}

static void
test_other_texts_may_be_parts_of_secrets(void)
{
    assert_masked_and("abcdefgh", "cdef", "xabcdefghx cdef", "x***x ***");
    assert_masked_and("cdef", "abcdefgh", "xabcdefghx cdef", "x***x ***");
    assert_masked_and("abcdef", "efgh", "abcdefgh efgh abcd", "*** *** abcd");
    assert_masked_and("efgh", "abcdef", "abcdefghabcdef", "******");
    assert_masked_and(NULL, "aa", "xaaax", "x***x");
    assert_masked_and("s3cret", NULL, "a s3cret", "a ***");
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
test_a_secret_is_found_as_requests_write_it(void)
{
    const char *const key[] = {"a b/s3cret", NULL};

    assert_masked(key, "?k=a%20b%2Fs3cret&x", "?k=***&x");
    for (int n = 0; n < 6; n++) {
        g_autofree char *text =
            g_strdup_printf("%.*s:a b/s3cret%.*s", n, "administrator", n, "|||||||||");
        g_autofree char *encoded = g_base64_encode((const guchar *)text, strlen(text));
        DagMask *mask = mask_of(key);
        g_autoptr(GString) masked = g_string_new(encoded);

        dag_mask_text(mask, masked, 0);
        dag_mask_unref(mask);
        g_assert_nonnull(strstr(masked->str, "***"));
        /* A character at each end may be left, which has less than a byte of the secret. */
        g_string_replace(masked, "***", "", 0);
        g_assert_cmpuint(strlen(encoded) - masked->len, >=, strlen(key[0]) * 8 / 6 - 2);
    }
}

static void
test_blanks_around_a_secret_are_not_part_of_it(void)
{
    const char *const values[] = {" hunter2\r", NULL};

    assert_masked(values, "[ hunter2\r] [hunter2] hunter2", "[***] [***] ***");
}

static void
test_overlapping_secrets_are_hidden_together(void)
{
    const char *const two[] = {"abcdef", "defghi", NULL};
    const char *const inner[] = {"bcde", "abcdefgh", "fghi", NULL};
    const char *const itself[] = {"aaaa", NULL};

    assert_masked(two, "-abcdefghi- abcdefdefghi", "-***- ******");
    assert_masked(two, "abcdefgh defgh", "***gh defgh");
    assert_masked(inner, "abcdefghi abcdefg", "*** a***fg");
    assert_masked(itself, "aaaaaaa aaa", "*** aaa");
}

static void
test_a_secret_of_under_four_characters_is_not_hidden(void)
{
    const char *const values[] = {"0", "abc", " xyz\n", "äöü", "äöüß", NULL};

    assert_masked(values, "0 of 10 abc xyz äöü äöüß", "0 of 10 abc xyz äöü ***");
    g_assert_false(dag__mask_hides("   abc \n"));
    g_assert_true(dag__mask_hides("abcd"));
}

static void
test_a_secret_is_hidden_as_writers_write_it(void)
{
    const char *const values[] = {"tab\there \"x\"", NULL};

    assert_masked(values, "{\"v\": \"tab\\there \\\"x\\\"\"} tab here \"x\"",
                  "{\"v\": \"***\"} ***");
}

/* The slow definition: a byte is hidden if any secret covers it. */
static char *
masked_slowly(const char *const *values, const char *text)
{
    size_t length = strlen(text);
    g_autofree char *joins = g_malloc0(length + 1); /* hidden, as the byte before, by one */
    g_autofree char *hidden = g_malloc0(length + 1);
    GString *out = g_string_new(NULL);

    for (; *values; values++) {
        for (const char *p = text; (p = strstr(p, *values)); p++) {
            memset(hidden + (p - text), 1, strlen(*values));
            memset(joins + (p - text) + 1, 1, strlen(*values) - 1);
        }
    }
    for (size_t i = 0; i < length; i++) {
        if (!hidden[i])
            g_string_append_c(out, text[i]);
        else if (!joins[i])
            g_string_append(out, "***");
    }
    return g_string_free(out, FALSE);
}

static void
test_random_secrets_are_hidden_as_defined(void)
{
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        Dice dice = seed;
        char secrets[3][12];
        const char *values[] = {secrets[0], secrets[1], secrets[2], NULL};
        g_autoptr(GString) text = g_string_new(NULL);

        for (uint32_t i = 0; i < 3; i++) {
            size_t length = 4 + dice_below(&dice, 5);

            for (size_t k = 0; k < length; k++)
                secrets[i][k] = "abc"[dice_below(&dice, 1 + i)];
            secrets[i][length] = '\0';
        }
        for (size_t i = dice_below(&dice, 80); i > 0; i--)
            g_string_append_c(text, "aaabbc"[dice_below(&dice, 6)]);

        g_autofree char *expected = masked_slowly(values, text->str);

        assert_masked(values, text->str, expected);
    }
}

/* Secrets longer than the window in which starts are looked for, in text that has their parts. */
static void
test_long_secrets_are_hidden_as_defined(void)
{
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        Dice dice = seed;
        char secrets[2][64];
        const char *values[] = {secrets[0], secrets[1], NULL};
        g_autoptr(GString) text = g_string_new(NULL);

        for (uint32_t i = 0; i < 2; i++) {
            size_t length = 4 + dice_below(&dice, 50);

            for (size_t k = 0; k < length; k++)
                secrets[i][k] = (char)('a' + dice_below(&dice, 20));
            secrets[i][length] = '\0';
        }
        for (size_t i = dice_below(&dice, 30); i > 0; i--) {
            const char *part = secrets[dice_below(&dice, 2)];
            uint32_t start =
                dice_below(&dice, 3) ? 0 : dice_below(&dice, (uint32_t)strlen(part));

            g_string_append(text, part + start);
            if (dice_below(&dice, 3) == 0)
                g_string_truncate(text, text->len - 1);
            g_string_append_len(text, "--------", dice_below(&dice, 8));
        }

        g_autofree char *expected = masked_slowly(values, text->str);

        assert_masked(values, text->str, expected);
    }
}

/* Return the processor time of masking `text` with `n` secrets, the least of five. */
static double
seconds_to_mask(const GString *text, size_t n)
{
    g_autofree DagParam *params = g_new0(DagParam, n);
    g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
    double least = DBL_MAX;
    DagMask *mask;

    for (size_t i = 0; i < n; i++) {
        char *value = g_strdup_printf("%zu-s3cret-%zu", i * 7, i);

        g_ptr_array_add(values, value);
        params[i] = (DagParam){.name = "p", .value = value, .is_secret = true};
    }
    mask = dag__mask_new(params, n);
    for (int i = 0; i < 5; i++) {
        g_autoptr(GString) masked = g_string_new_len(text->str, (gssize)text->len);
        clock_t start = clock();

        dag_mask_text(mask, masked, 0);
        least = MIN(least, (double)(clock() - start) / CLOCKS_PER_SEC);
        g_assert_cmpuint(masked->len, ==, text->len);
    }
    dag_mask_unref(mask);
    return least;
}

/* A search for one secret after the other would take 2000 times as long. */
static void
test_the_time_hardly_depends_on_the_number_of_secrets(void)
{
    g_autoptr(GString) text = g_string_new(NULL);

    while (text->len < 4000000)
        g_string_append_printf(text, "[%zu/999] an ordinary line of output\n", text->len);
    g_assert_cmpfloat(seconds_to_mask(text, 2000), <, 400 * seconds_to_mask(text, 1));
}

static void
test_without_secrets_there_is_no_mask(void)
{
    const char *const none[] = {NULL}, *const empty[] = {"", NULL};
    g_autoptr(GString) text = g_string_new("as it is");

    g_assert_null(mask_of(none));
    g_assert_null(mask_of(empty));
    dag_mask_text(NULL, text, 0);
    g_assert_cmpstr(text->str, ==, "as it is");
}

static void
test_only_text_after_the_start_is_masked(void)
{
    const char *const values[] = {"s3cret", NULL};
    DagMask *mask = mask_of(values);
    g_autoptr(GString) text = g_string_new("s3crets3cret");

    dag_mask_text(mask, text, 3);
    g_assert_cmpstr(text->str, ==, "s3cret***");
    dag_mask_unref(mask);
}

/* The output of a stream does not depend on how the text is cut into pieces. */
static void
test_a_stream_masks_secrets_across_pieces(void)
{
    const char *const values[] = {"aabb", "aabaac", "baac\nccaa", "caab", NULL};
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
        dag_mask_text(mask, whole, 0);
        g_assert_cmpstr(out->str + strlen("told before "), ==, whole->str);
    }
    dag_mask_unref(mask);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mask/a-secret-is-replaced-everywhere",
                    test_a_secret_is_replaced_everywhere);
    g_test_add_func("/mask/other-texts", test_other_texts_may_be_parts_of_secrets);
    g_test_add_func("/mask/each-line-of-a-secret-is-a-secret",
                    test_each_line_of_a_secret_is_a_secret);
    g_test_add_func("/mask/a-secret-is-found-as-requests-write-it",
                    test_a_secret_is_found_as_requests_write_it);
    g_test_add_func("/mask/blanks-around-a-secret-are-not-part-of-it",
                    test_blanks_around_a_secret_are_not_part_of_it);
    g_test_add_func("/mask/overlapping-secrets-are-hidden-together",
                    test_overlapping_secrets_are_hidden_together);
    g_test_add_func("/mask/a-secret-of-under-four-characters-is-not-hidden",
                    test_a_secret_of_under_four_characters_is_not_hidden);
    g_test_add_func("/mask/a-secret-is-hidden-as-writers-write-it",
                    test_a_secret_is_hidden_as_writers_write_it);
    g_test_add_func("/mask/random-secrets-are-hidden-as-defined",
                    test_random_secrets_are_hidden_as_defined);
    g_test_add_func("/mask/long-secrets-are-hidden-as-defined",
                    test_long_secrets_are_hidden_as_defined);
    g_test_add_func("/mask/the-time-hardly-depends-on-the-number-of-secrets",
                    test_the_time_hardly_depends_on_the_number_of_secrets);
    g_test_add_func("/mask/without-secrets-there-is-no-mask",
                    test_without_secrets_there_is_no_mask);
    g_test_add_func("/mask/only-text-after-the-start-is-masked",
                    test_only_text_after_the_start_is_masked);
    g_test_add_func("/mask/a-stream-masks-secrets-across-pieces",
                    test_a_stream_masks_secrets_across_pieces);
    return g_test_run();
}
