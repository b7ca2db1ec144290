/* SPDX-License-Identifier: MIT */
#include <dagrun/suggest.h>

/* Assert the suggestion for `wanted` among the NULL-terminated candidates; "": none. */
static void
assert_suggests(const char *wanted, const char *const *candidates, const char *expected)
{
    DagSuggestion near = dag_suggestion(wanted);

    for (; *candidates; candidates++)
        dag_suggestion_consider(&near, *candidates);

    g_autofree char *text = dag_suggestion_text(&near);

    g_assert_cmpstr(text, ==, expected);
}

#define ASSERT_SUGGESTS(wanted, expected, ...)                                             \
    assert_suggests(wanted, (const char *const[]){__VA_ARGS__, NULL}, expected)

static void
test_one_slip_is_a_misspelling(void)
{
    ASSERT_SUGGESTS("biuld", "; did you mean \"build\"?", "test", "build", "package");
    ASSERT_SUGGESTS("need", "; did you mean \"needs\"?", "needs");
    ASSERT_SUGGESTS("needss", "; did you mean \"needs\"?", "needs");
    ASSERT_SUGGESTS("neefs", "; did you mean \"needs\"?", "needs");
}

static void
test_three_slips_are_another_word(void)
{
    ASSERT_SUGGESTS("abcdefgh", "; did you mean \"abcdefxy\"?", "abcdefxy");
    ASSERT_SUGGESTS("abcdefgh", "", "abcdexyz");
    ASSERT_SUGGESTS("abcdefgh", "", "abcde");
    ASSERT_SUGGESTS("abcdefgh", "", "abcdefghijk");
}

static void
test_less_than_half_of_the_word_may_be_wrong(void)
{
    ASSERT_SUGGESTS("z", "", "y");
    ASSERT_SUGGESTS("zz", "", "z");
    ASSERT_SUGGESTS("tsk", "; did you mean \"task\"?", "task");
    ASSERT_SUGGESTS("abcd", "", "abxy");
    ASSERT_SUGGESTS("abcde", "; did you mean \"abcxy\"?", "abcxy");
    ASSERT_SUGGESTS("", "", "a");
    ASSERT_SUGGESTS("rn", "; did you mean \"run\"?", "plan", "run");
    ASSERT_SUGGESTS("ab", "; did you mean \"ba\"?", "ac", "ba");
}

static void
test_the_nearest_candidate_is_suggested_and_of_several_the_first(void)
{
    ASSERT_SUGGESTS("lint3", "; did you mean \"lint1\"?", "linted", "lint1", "lint2");
    ASSERT_SUGGESTS("abcdef", "; did you mean \"abcdex\"?", "abcdxy", "abcdex");
}

static void
test_a_word_is_its_own_suggestion(void)
{
    ASSERT_SUGGESTS("abc", "; did you mean \"abc\"?", "abd", "abc");
}

static void
test_very_long_words_are_not_compared(void)
{
    g_autofree char *as = g_strnfill(65, 'a');
    g_autofree char *fewer = g_strnfill(64, 'a');

    ASSERT_SUGGESTS(as, "", as, fewer);
    ASSERT_SUGGESTS(fewer, "", as);
}

static void
test_nothing_is_suggested_without_candidates(void)
{
    DagSuggestion near = dag_suggestion("word");
    g_autofree char *text = dag_suggestion_text(&near);

    g_assert_cmpstr(text, ==, "");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/suggest/one-slip-is-a-misspelling", test_one_slip_is_a_misspelling);
    g_test_add_func("/suggest/three-slips-are-another-word",
                    test_three_slips_are_another_word);
    g_test_add_func("/suggest/less-than-half-of-the-word-may-be-wrong",
                    test_less_than_half_of_the_word_may_be_wrong);
    g_test_add_func("/suggest/the-nearest-candidate-is-suggested-and-of-several-the-first",
                    test_the_nearest_candidate_is_suggested_and_of_several_the_first);
    g_test_add_func("/suggest/a-word-is-its-own-suggestion",
                    test_a_word_is_its_own_suggestion);
    g_test_add_func("/suggest/very-long-words-are-not-compared",
                    test_very_long_words_are_not_compared);
    g_test_add_func("/suggest/nothing-is-suggested-without-candidates",
                    test_nothing_is_suggested_without_candidates);
    return g_test_run();
}
