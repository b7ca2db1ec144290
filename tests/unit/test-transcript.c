/* SPDX-License-Identifier: MIT */
/*
 * Transcripts: lines of two streams stay whole, and the index finds the bytes of each stream.
 */
#include "output/transcript.h"

#include <string.h>

/* A DagSpoolTaker. */
static bool
collect(const char *bytes, uint64_t size, void *data)
{
    g_assert_nonnull(bytes);
    g_string_append_len(data, bytes, (gssize)size);
    return true;
}

/* Write the pieces, the errors among them marked with a '!', and check the result. */
static void
check(const char *const *pieces, const char *all, const char *output, const char *errors)
{
    g_autoptr(DagSpool) spool = dag__spool_new();
    g_autoptr(GString) read = g_string_new(NULL);
    TranscriptWriter writer = {.spool = spool};

    for (; *pieces; pieces++) {
        bool is_error = **pieces == '!';

        dag__transcript_write(&writer, is_error ? DAG_STREAM_ERRORS : DAG_STREAM_OUTPUT,
                              *pieces + is_error, strlen(*pieces + is_error));
    }
    dag__transcript_finish(&writer);
    dag_spool_read(spool, collect, read);
    g_assert_cmpstr(read->str, ==, all);
    g_string_truncate(read, 0);
    dag_spool_read_stream(spool, DAG_STREAM_OUTPUT, collect, read);
    g_assert_cmpstr(read->str, ==, output);
    g_assert_cmpint(dag_spool_stream_size(spool, DAG_STREAM_OUTPUT), ==, strlen(output));
    g_string_truncate(read, 0);
    dag_spool_read_stream(spool, DAG_STREAM_ERRORS, collect, read);
    g_assert_cmpstr(read->str, ==, errors);
    g_assert_cmpint(dag_spool_stream_size(spool, DAG_STREAM_ERRORS), ==, strlen(errors));
}

#define CHECK(all, output, errors, ...)                                                    \
    check((const char *const[]){__VA_ARGS__, NULL}, all, output, errors)

static void
test_order(void)
{
    CHECK("a\nb\n", "a\nb\n", "", "a\n", "b\n");
    CHECK("a\nx\nb\ny\n", "a\nb\n", "x\ny\n", "a\n", "!x\n", "b\n", "!y\n");
    CHECK("x\na\n", "a\n", "x\n", "!x\n", "a\n");
    CHECK("x\n", "", "x\n", "!x\n");
    CHECK("", "", "", "", "!");
}

/* A buffer that is full in the middle of a line, and an error message. */
static void
test_lines_stay_whole(void)
{
    CHECK("line 1\nx\nline 2\n", "line 1\nline 2\n", "x\n", "lin", "!x\n", "e 1\nline 2\n");
    CHECK("ab\nx\ny\n", "ab\n", "x\ny\n", "a", "!x\n", "!y\n", "b\n");
    CHECK("xy\na\n", "a\n", "xy\n", "!x", "a\n", "!y\n");
    CHECK("ab\nxy\nc\n", "ab\nc\n", "xy\n", "a", "!x", "b\nc", "!y\n", "\n");
}

static void
test_an_unfinished_line_ends(void)
{
    CHECK("a\nx", "a\n", "x", "a", "!x");
    CHECK("a\nx\n", "a\n", "x\n", "a", "!x\n");
    CHECK("a", "a", "", "a");
}

/* Text does not wait beside a line that may never end. */
static void
test_the_wait_is_limited(void)
{
    g_autofree char *many = g_strnfill(70000, 'x');
    g_autofree char *error = g_strconcat("!", many, "\n", NULL);
    g_autofree char *all = g_strconcat("10%\n", many, "\n20%", NULL);
    g_autofree char *errors = g_strconcat(many, "\n", NULL);

    CHECK(all, "10%\n20%", errors, "10%", error, "20%");
}

static void
test_long_runs(void)
{
    g_autofree char *many = g_strnfill(300000, 'a');
    g_autofree char *all = g_strconcat(many, "\nx\n", many, "\n", NULL);
    g_autofree char *output = g_strconcat(many, "\n", many, "\n", NULL);

    CHECK(all, output, "x\n", many, "\n", "!x\n", many, "\n");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/transcript/order", test_order);
    g_test_add_func("/transcript/lines-stay-whole", test_lines_stay_whole);
    g_test_add_func("/transcript/an-unfinished-line-ends", test_an_unfinished_line_ends);
    g_test_add_func("/transcript/the-wait-is-limited", test_the_wait_is_limited);
    g_test_add_func("/transcript/long-runs", test_long_runs);
    return g_test_run();
}
