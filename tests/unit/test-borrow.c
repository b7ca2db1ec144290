/* SPDX-License-Identifier: MIT */
/*
 * A transcript that borrows from an output.
 */
#include "output/spool.h"

#include <string.h>

#include "descriptors.h"

#define MIB DAG__SPOOL_MEMORY

/* Collects text in a GString (DagSpoolTaker). */
static bool
collect(const char *bytes, uint64_t size, void *data)
{
    g_assert_nonnull(bytes);
    g_string_append_len(data, bytes, (gssize)size);
    return true;
}

/* Assert that the spool has the text, as a whole and at its end. */
static void
assert_text(const DagSpool *spool, const GString *wanted)
{
    const size_t sizes[] = {0, 1, 6, 7, 1000, wanted->len, wanted->len + 1};
    g_autofree char *tail = g_malloc(wanted->len + 1);
    g_autoptr(GString) text = g_string_new(NULL);

    g_assert_cmpuint(dag_spool_size(spool), ==, wanted->len);
    g_assert_cmpint(dag_spool_read(spool, collect, text), ==, 0);
    g_assert_true(g_string_equal(text, wanted));
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        size_t n = MIN(sizes[i], wanted->len);

        g_assert_cmpuint(dag_spool_tail(spool, tail, sizes[i]), ==, n);
        g_assert_true(memcmp(tail, wanted->str + wanted->len - n, n) == 0);
    }
}

static void
assert_is_stored_once(size_t size)
{
    DagSpool *output = dag__spool_new(), *transcript = dag__spool_new();
    g_autoptr(GString) wanted = g_string_new(NULL);

    for (size_t i = 0; i < size / 1000; i++) {
        char piece[1000];

        memset(piece, (int)('a' + i % 26), sizeof(piece));
        g_string_append_len(wanted, piece, sizeof(piece));
        dag__spool_write(output, piece, sizeof(piece));
        g_assert_true(dag__spool_borrow(transcript, output, sizeof(piece)));
    }
    assert_text(transcript, wanted);
    dag__spool_write(transcript, "errors", 6);
    g_string_append(wanted, "errors");
    dag__spool_write(output, "more", 4);
    g_assert_false(dag__spool_borrow(transcript, output, 4)); /* they differ now */
    assert_text(transcript, wanted);
    dag__spool_finish(output);
    g_assert_cmpint(dag__spool_share(output, "x"), >=, 0);
    assert_text(transcript, wanted);
    dag__spool_free(output);
    assert_text(transcript, wanted);
    dag__spool_free(transcript);
}

static void
test_a_transcript_borrows_the_beginning_of_the_output(void)
{
    unsigned n_before = count_descriptors();

    assert_is_stored_once(2000);
    assert_is_stored_once(3 * MIB);
    g_assert_cmpuint(count_descriptors(), ==, n_before);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/borrow/a-transcript-borrows-the-beginning-of-the-output",
                    test_a_transcript_borrows_the_beginning_of_the_output);
    return g_test_run();
}
