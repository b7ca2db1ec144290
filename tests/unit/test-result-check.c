/* SPDX-License-Identifier: MIT */
#include "network/result-check.h"

#include <string.h>

/* Check that the answer becomes `after`, with these problems. */
static void
assert_result(const ResultDemands *demands, const char *answer, const char *after,
              const char *problems)
{
    GString *text = g_string_new(answer);
    g_autofree char *found = dag__result_check(demands, text);

    g_assert_cmpstr(found, ==, problems);
    g_assert_cmpstr(text->str, ==, after);
    g_string_free(text, TRUE);
}

static void
test_a_fence_around_all_of_it_is_removed(void)
{
    static const char *const cases[][3] = {
        {"{\"a\": 1}", "{\"a\": 1}", NULL},
        {" \n{}\n", "{}", NULL},
        {"```json\n{}\n```", "{}", NULL},
        {"```\n[1,\n2]\n```\n", "[1,\n2]", NULL},
        {"```json\r\n{}\r\n```", "{}", NULL},
        {"```json\n\"```\"\n```", "\"```\"", NULL},
        {"Here it is:\n```json\n{}\n```", "Here it is:\n```json\n{}\n```",
         "not JSON: line 1, column 4: invalid token near 'Here'"},
        {"```json\n{}\n```\nDone.", "```json\n{}\n```\nDone.",
         "not JSON: line 1, column 1: invalid token near '`'"},
        {"```json\n```", "",
         "not JSON: line 1, column 0: unexpected token near end of file"},
        {"```", "```", "not JSON: line 1, column 1: invalid token near '`'"},
        {"{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":2}",
         "not JSON: line 1, column 10: duplicate object key near '\"a\"'"},
    };
    const ResultDemands demands = {.is_json = true, .may_be_fenced = true};

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_result(&demands, cases[i][0], cases[i][1], cases[i][2]);
}

static void
test_json_fits_its_schema(void)
{
    static const char text[] = "{\"type\":\"object\",\"required\":[\"a\",\"b\"]}";
    g_autoptr(JsonSchema) schema = dag__json_schema_read(text, strlen(text), NULL);
    const ResultDemands demands = {
        .is_json = true, .may_be_fenced = true, .schema = schema};

    assert_result(&demands, "{\"a\":1,\"b\":2}", "{\"a\":1,\"b\":2}", NULL);
    assert_result(&demands, "{}", "{}", "/: must have \"a\"\n/: must have \"b\"");
}

static void
test_a_text_has_a_length_and_a_pattern(void)
{
    GRegex *match = g_regex_new("^Dear", 0, 0, NULL);
    const ResultDemands demands = {.match = match, .min_length = 5, .max_length = 6};

    assert_result(&demands, "Dear\xC3\xA4", "Dear\xC3\xA4", NULL);
    assert_result(&demands, "```\nDear\n```", "```\nDear\n```",
                  "it does not match ^Dear\n12 characters, more than 6");
    assert_result(&demands, "Dear", "Dear", "4 characters, fewer than 5");
    g_regex_unref(match);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/result-check/fence", test_a_fence_around_all_of_it_is_removed);
    g_test_add_func("/result-check/schema", test_json_fits_its_schema);
    g_test_add_func("/result-check/text", test_a_text_has_a_length_and_a_pattern);
    return g_test_run();
}
