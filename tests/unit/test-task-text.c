/* SPDX-License-Identifier: MIT */
/*
 * Texts of tasks on a terminal: control sequences, progress bars, head and tail.
 */
#include "display/excerpt.h"
#include "display/task-text.h"

#include <string.h>

/* Pass the text through byte by byte, which must not make a difference. */
static char *
fit(const char *text, bool keeps_color)
{
    TaskText whole = {.keeps_color = keeps_color}, bytewise = {.keeps_color = keeps_color};
    g_autoptr(GString) expected = g_string_new(NULL);
    GString *out = g_string_new(NULL);

    task_text_push(&whole, text, strlen(text), expected);
    task_text_end(&whole, expected);
    for (const char *c = text; *c; c++)
        task_text_push(&bytewise, c, 1, out);
    task_text_end(&bytewise, out);
    g_assert_cmpstr(out->str, ==, expected->str);
    return g_string_free(out, FALSE);
}

static void
check(const char *text, const char *with_color, const char *without)
{
    g_autofree char *colored = fit(text, true);
    g_autofree char *plain = fit(text, false);

    g_assert_cmpstr(colored, ==, with_color);
    g_assert_cmpstr(plain, ==, without);
}

static void
test_colors_end_with_the_text(void)
{
    check("\033[31mred\n", "\033[31mred\n\033[0m", "red\n");
    check("\033[31mred\033[0m\n", "\033[31mred\033[0m\n", "red\n");
    check("\033[31mred\033[m\n", "\033[31mred\033[m\n", "red\n");
    check("\033[0;1mbold", "\033[0;1mbold\033[0m", "bold");
    check("\033[38:5:9mx", "\033[38:5:9mx\033[0m", "x");
}

static void
test_other_sequences_are_removed(void)
{
    static const char *const texts[] = {
        "a\033[?1049hb", /* alternate screen */
        "a\033[?25lb",   /* hidden cursor */
        "a\033[2J\033[Hb",
        "a\033[10;20Hb",
        "a\033]0;title\007b",
        "a\033]8;;http://x\033\\b",
        "a\033P1$r\033\\b",
        "a\033(0b",
        "a\033cb",
        "a\0337b",
        "a\016b",
        "a\177b",
        "a\302\2332Jb", /* C1 CSI in UTF-8 */
        "a\302\235title\007b",
        "a\302\205b",
        "a\033[>4;2mb",
        "a\033[1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1mb",
        "a\033[31",
        "a\033]0;never ends",
    };

    for (size_t i = 0; i + 2 < G_N_ELEMENTS(texts); i++)
        check(texts[i], "ab", "ab");
    for (size_t i = G_N_ELEMENTS(texts) - 2; i < G_N_ELEMENTS(texts); i++)
        check(texts[i], "a", "a");
    check("a\033]0;lost\nb", "a\nb", "a\nb");
}

static void
test_text_stays(void)
{
    check("a\tb\r\n", "a\tb\r\n", "a\tb\r\n");
    check("caf\303\251 \302\251 \302\240\n", "caf\303\251 \302\251 \302\240\n",
          "caf\303\251 \302\251 \302\240\n");
    check("\377\302", "\377\302", "\377\302");
}

static void
check_final(const char *line, const char *expected)
{
    g_autoptr(GString) out = g_string_new(NULL);

    task_text_append_final(line, strlen(line), out);
    g_assert_cmpstr(out->str, ==, expected);
}

static void
test_carriage_returns(void)
{
    check_final("plain", "plain");
    check_final(" 10 %\r 20 %\r100 %", "100 %");
    check_final("abcdef\rxy", "xycdef");
    check_final("|\b/\b-", "-");
    check_final("\b\ba\r\rb", "b");
    check_final("\303\251t\303\251\rX", "Xt\303\251");
    check_final("\033[32m10\033[0m\r\033[32m99\033[0m", "\033[32m99\033[0m");
}

static void
check_excerpt(const char *text, size_t n_head, const char *tail, uint64_t n_left_out)
{
    g_auto(Excerpt) excerpt = {0};
    g_autoptr(GString) out = g_string_new(NULL);
    size_t n = 0;

    excerpt_init(&excerpt, strlen(text), false);
    excerpt_push(&excerpt, text, strlen(text));
    excerpt_end(&excerpt);
    for (const char *c = excerpt.head->str; *c; c++)
        n += *c == '\n';
    excerpt_append_tail(&excerpt, out);
    g_assert_cmpint(n, ==, n_head);
    if (tail)
        g_assert_cmpstr(out->str, ==, tail);
    g_assert_cmpint(excerpt_n_left_out(&excerpt), ==, n_left_out);
}

static void
append_lines(GString *out, size_t n)
{
    for (size_t i = 1; i <= n; i++)
        g_string_append_printf(out, "%zu\n", i);
}

static void
test_head_and_tail(void)
{
    g_autoptr(GString) text = g_string_new(NULL);

    check_excerpt("", 0, "", 0);
    check_excerpt("one", 1, "", 0);
    append_lines(text, EXCERPT_HEAD + EXCERPT_TAIL);
    check_excerpt(text->str, EXCERPT_HEAD, NULL, 0);
    g_string_append(text, "more\n");
    check_excerpt(text->str, EXCERPT_HEAD, NULL, 1);
}

/* A progress bar is one line, and does not push out the others. */
static void
test_progress_bar(void)
{
    g_autoptr(GString) text = g_string_new("error: the cause\n");

    for (int i = 0; i <= 20000; i++)
        g_string_append_printf(text, "%d of 20000\r", i);
    g_string_append(text, "\nfailed\n");
    check_excerpt(text->str, 3, "", 0);
}

static void
test_very_long(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *line = g_strnfill(3000000, 'x');

    append_lines(text, 400000);
    check_excerpt(text->str, EXCERPT_HEAD, NULL, 400000 - EXCERPT_HEAD - EXCERPT_TAIL);
    g_string_assign(text, line);
    g_string_append(text, "\nthe end\n");
    check_excerpt(text->str, 2, "", 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/task-text/colors-end-with-the-text", test_colors_end_with_the_text);
    g_test_add_func("/task-text/other-sequences-are-removed",
                    test_other_sequences_are_removed);
    g_test_add_func("/task-text/text-stays", test_text_stays);
    g_test_add_func("/task-text/carriage-returns", test_carriage_returns);
    g_test_add_func("/task-text/head-and-tail", test_head_and_tail);
    g_test_add_func("/task-text/progress-bar", test_progress_bar);
    g_test_add_func("/task-text/very-long", test_very_long);
    return g_test_run();
}
