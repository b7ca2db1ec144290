/* SPDX-License-Identifier: MIT */
#include "command-words.h"

#include <dagrun/error.h>
#include <string.h>

/* Assert that `text` is split into `expected`, each word in angle brackets. */
static void
assert_splits(const char *text, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *words = g_malloc(strlen(text) + 1);
    g_autoptr(GString) got = g_string_new(NULL);
    size_t n;

    g_assert_true(dag__command_words_split(text, words, &n, &error));
    g_assert_no_error(error);

    const char *word = words;

    for (size_t i = 0; i < n; i++, word += strlen(word) + 1)
        g_string_append_printf(got, "<%s>", word);
    g_assert_true(word <= words + strlen(text) + 1);
    g_assert_cmpstr(got->str, ==, expected);
}

static void
assert_fails(const char *text, const char *message)
{
    g_autoptr(GError) error = NULL;

    g_autofree char *words = g_malloc(strlen(text) + 1);
    size_t n;

    g_assert_false(dag__command_words_split(text, words, &n, &error));
    g_assert_error(error, DAG_ERROR, DAG_ERROR_INVALID);
    g_assert_cmpstr(error->message, ==, message);
}

static void
assert_shell_word(const char *text, const char *expected)
{
    g_autofree char *word = dag__command_words_find_shell(text);

    g_assert_cmpstr(word, ==, expected);
}

static void
test_words_for_a_shell_are_found(void)
{
    assert_shell_word("ls | wc -l", "|");
    assert_shell_word("echo a > out.txt", ">");
    assert_shell_word("echo a >out.txt", ">out.txt");
    assert_shell_word("make 2>&1", "2>&1");
    assert_shell_word("sort <in", "<in");
    assert_shell_word("cd x; make", "x;");
    assert_shell_word("make && make test", "&&");
    assert_shell_word("echo $(date)", "$(date)");
    assert_shell_word("cat ~/notes", "~/notes");
    assert_shell_word("sh -c 'ls | wc -l > out'", NULL);
    assert_shell_word("find . -name x -exec rm {} ';'", NULL);
    assert_shell_word("find . -exec rm {} \\;", NULL);
    assert_shell_word("grep -- '->' ${file} a=b x|y", NULL);
    assert_shell_word("", NULL);
}

static void
test_white_space_separates_words(void)
{
    assert_splits("", "");
    assert_splits(" \t\r\n ", "");
    assert_splits("a", "<a>");
    assert_splits("  cc -c\tmain.c\r\n -o  main.o ", "<cc><-c><main.c><-o><main.o>");
}

static void
test_quotes_group(void)
{
    assert_splits("echo 'a  b' \"c\td\"", "<echo><a  b><c\td>");
    assert_splits("a'b c'd\"e f\"g", "<ab cde fg>");
    assert_splits("'' \"\" ''\"\"", "<><><>");
    assert_splits("'it''s'", "<its>");
    assert_splits("\"don't\" 'say \"no\"'", "<don't><say \"no\">");
    assert_splits("'a\nb'", "<a\nb>");
}

static void
test_a_backslash_keeps_the_next_character(void)
{
    assert_splits("a\\ b \\'c\\\" \\\\", "<a b><'c\"><\\>");
    assert_splits("\\n", "<n>");
    assert_splits("\"a\\\"b\\\\c\\d\\$\"", "<a\"b\\c\\d\\$>");
    assert_splits("'a\\b\\'", "<a\\b\\>");
}

static void
test_nothing_else_of_a_shell_is_special(void)
{
    assert_splits("a # b", "<a><#><b>");
    assert_splits("$HOME `date` $(date) ~ * ? [x] | & ; < > ! {a,b} a=b",
                  "<$HOME><`date`><$(date)><~><*><?><[x]><|><&><;><<><>><!><{a,b}><a=b>");
    assert_splits("${a b} $${x}", "<${a><b}><$${x}>");
    assert_splits("é\u00a0è", "<é\u00a0è>");
}

static void
test_open_quotes_must_be_closed(void)
{
    assert_fails("echo 'a", "unterminated single quote");
    assert_fails("'", "unterminated single quote");
    assert_fails("echo \"a", "unterminated double quote");
    assert_fails("\"a\\\"", "unterminated double quote");
    assert_fails("\"a\\", "unterminated double quote");
    assert_fails("echo a\\", "backslash at the end");
    assert_fails("\\", "backslash at the end");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/command-words/words-for-a-shell-are-found",
                    test_words_for_a_shell_are_found);
    g_test_add_func("/words/white-space-separates-words", test_white_space_separates_words);
    g_test_add_func("/words/quotes-group", test_quotes_group);
    g_test_add_func("/words/a-backslash-keeps-the-next-character",
                    test_a_backslash_keeps_the_next_character);
    g_test_add_func("/words/nothing-else-of-a-shell-is-special",
                    test_nothing_else_of_a_shell_is_special);
    g_test_add_func("/words/open-quotes-must-be-closed", test_open_quotes_must_be_closed);
    return g_test_run();
}
