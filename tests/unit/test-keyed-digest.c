/* SPDX-License-Identifier: MIT */
#include "model/keyed-digest.h"

#include <glib.h>

/* The key and the message of the authors' test vectors: the bytes 0, 1, 2, … */
static const uint8_t key[KEYED_DIGEST_SIZE] = {0, 1, 2,  3,  4,  5,  6,  7,
                                               8, 9, 10, 11, 12, 13, 14, 15};

#define LONGEST 63

static char *
digest_of(size_t size, size_t piece)
{
    KeyedDigest digest;
    uint8_t bytes[LONGEST], out[KEYED_DIGEST_SIZE];
    GString *hex = g_string_new(NULL);

    for (size_t i = 0; i < LONGEST; i++)
        bytes[i] = (uint8_t)i;
    dag__keyed_digest_init(&digest, key);
    for (size_t done = 0; done < size; done += piece)
        dag__keyed_digest_add(&digest, bytes + done, MIN(piece, size - done));
    dag__keyed_digest_end(&digest, out);
    for (size_t i = 0; i < sizeof(out); i++)
        g_string_append_printf(hex, "%02x", out[i]);
    return g_string_free(hex, FALSE);
}

static void
test_digests_are_those_of_the_authors(void)
{
    static const struct {
        size_t size;
        const char *digest;
    } cases[] = {
        {0, "a3817f04ba25a8e66df67214c7550293"},
        {1, "da87c1d86b99af44347659119b22fc45"},
        {15, "5493e99933b0a8117e08ec0f97cfc3d9"},
        {63, "5150d1772f50834a503e069a973fbd7c"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *found = digest_of(cases[i].size, LONGEST);

        g_assert_cmpstr(found, ==, cases[i].digest);
    }
}

static void
test_pieces_make_no_difference(void)
{
    for (size_t size = 0; size <= LONGEST; size++) {
        g_autofree char *whole = digest_of(size, LONGEST);

        for (size_t piece = 1; piece < 20; piece++) {
            g_autofree char *found = digest_of(size, piece);

            g_assert_cmpstr(found, ==, whole);
        }
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/keyed-digest/digests-are-those-of-the-authors",
                    test_digests_are_those_of_the_authors);
    g_test_add_func("/keyed-digest/pieces-make-no-difference",
                    test_pieces_make_no_difference);
    return g_test_run();
}
