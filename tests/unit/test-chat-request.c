/* SPDX-License-Identifier: MIT */
#include "network/chat-request.h"
#include "network/chat-usage.h"

#include <stdlib.h>

static const ChatMessage messages[] = {{"system", "Be \"brief\"."}, {"user", "Hi"}};

/* Check the request; in `expected`, ' stands for ". */
static void
assert_request(const ChatSettings *settings, ChatChanges changes, const char *expected)
{
    g_autofree char *quoted = g_strdelimit(g_strdup(expected), "'", '"');
    char *body =
        dag__chat_request_write(settings, messages, G_N_ELEMENTS(messages), changes);

    g_assert_cmpstr(body, ==, quoted);
    free(body);
}

#define MESSAGES                                                                           \
    "'messages':[{'role':'system','content':'Be "                                          \
    "\\'brief\\'.'},{'role':'user','content':'Hi'}]"

static void
test_only_what_is_declared_is_sent(void)
{
    ChatSettings settings = {.model = "m"};

    assert_request(&settings, CHAT_UNCHANGED, "{'model':'m'," MESSAGES "}");
}

static void
test_a_zero_is_a_value(void)
{
    json_t *zero = json_integer(0);
    ChatSettings settings = {.model = "m", .temperature = zero, .seed = zero};

    assert_request(&settings, CHAT_UNCHANGED,
                   "{'model':'m'," MESSAGES ",'temperature':0,'seed':0}");
    json_decref(zero);
}

static void
test_a_service_may_refuse_fields(void)
{
    ChatSettings settings = {
        .model = "m", .max_tokens = 9, .wants_stream = true, .wants_json = true};

    assert_request(&settings, CHAT_UNCHANGED,
                   "{'model':'m'," MESSAGES ",'max_tokens':9,'stream':true,"
                   "'stream_options':{'include_usage':true},"
                   "'response_format':{'type':'json_object'}}");
    assert_request(&settings, CHAT_NO_STREAM_OPTIONS | CHAT_MAX_COMPLETION_TOKENS,
                   "{'model':'m'," MESSAGES ",'max_completion_tokens':9,'stream':true,"
                   "'response_format':{'type':'json_object'}}");
    assert_request(&settings, CHAT_NO_STREAM | CHAT_NO_RESPONSE_FORMAT,
                   "{'model':'m'," MESSAGES ",'max_tokens':9}");
}

static void
test_a_schema_and_more_fields_are_sent(void)
{
    json_t *schema = json_pack("{s:s}", "type", "object");
    json_t *extra = json_pack("{s:i, s:{s:b}}", "top_k", 3, "stream_options", "x", 1);
    ChatSettings settings = {.model = "m",
                             .wants_stream = true,
                             .wants_json = true,
                             .schema = schema,
                             .extra = extra};

    assert_request(&settings, CHAT_UNCHANGED,
                   "{'model':'m'," MESSAGES ",'stream':true,"
                   "'stream_options':{'include_usage':true,'x':true},"
                   "'response_format':{'type':'json_schema','json_schema':{'name':'result',"
                   "'schema':{'type':'object'}}},'top_k':3}");
    json_decref(schema);
    json_decref(extra);
}

static void
test_a_refusal_names_the_field_to_leave_out(void)
{
    static const struct {
        ChatChanges before;
        const char *message;
        ChatChanges after;
    } cases[] = {
        {CHAT_UNCHANGED, "Unrecognized argument: stream_options", CHAT_NO_STREAM_OPTIONS},
        {CHAT_UNCHANGED, "'stream' is not supported", CHAT_NO_STREAM},
        {CHAT_NO_STREAM_OPTIONS, "stream is not supported",
         CHAT_NO_STREAM_OPTIONS | CHAT_NO_STREAM},
        {CHAT_UNCHANGED, "use max_completion_tokens instead of max_tokens",
         CHAT_MAX_COMPLETION_TOKENS},
        {CHAT_MAX_COMPLETION_TOKENS, "max_tokens is unknown", CHAT_MAX_COMPLETION_TOKENS},
        {CHAT_UNCHANGED, "response_format is unknown", CHAT_UNCHANGED}, /* was not sent */
        {CHAT_UNCHANGED, "the model does not exist", CHAT_UNCHANGED},
    };
    ChatSettings settings = {.model = "m", .max_tokens = 9, .wants_stream = true};

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(
            dag__chat_request_change(&settings, cases[i].before, cases[i].message), ==,
            cases[i].after);
}

static void
test_tokens_are_estimated(void)
{
    g_assert_cmpuint(chat_estimate_messages(messages, 2), ==, 3 + 4 + 1 + 4);
    g_assert_cmpuint(chat_estimate_messages(messages, 0), ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/chat-request/least", test_only_what_is_declared_is_sent);
    g_test_add_func("/chat-request/zero", test_a_zero_is_a_value);
    g_test_add_func("/chat-request/changes", test_a_service_may_refuse_fields);
    g_test_add_func("/chat-request/schema", test_a_schema_and_more_fields_are_sent);
    g_test_add_func("/chat-request/refused", test_a_refusal_names_the_field_to_leave_out);
    g_test_add_func("/chat-request/estimate", test_tokens_are_estimated);
    return g_test_run();
}
