/* SPDX-License-Identifier: MIT */
#include "network/chat-answer.h"

#include <string.h>

#define MAX_PIECES 6

/* Pieces of an answer, with ' for ", and the result. */
typedef struct Case {
    const char *pieces[MAX_PIECES];
    ChatEnd end;
    const char *text, *finish_reason, *problem;
} Case;

static const Case streamed[] = {
    {{"{'choices':[{'index':0,'delta':{'role':'assistant','content':''}}]}",
      "{'choices':[{'index':0,'delta':{'content':'Hel'}}]}",
      "{'choices':[{'index':0,'delta':{'content':'lo'}}]}",
      "{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}]}", "[DONE]"},
     CHAT_COMPLETE,
     "Hello",
     "stop",
     NULL},
    {{"{'choices':[{'delta':{'content':'a'},'finish_reason':null}]}", "[DONE]"},
     CHAT_COMPLETE,
     "a",
     NULL,
     NULL},
    {{"{'choices':[{'delta':{'content':'a'},'finish_reason':'stop'}]}"},
     CHAT_COMPLETE,
     "a",
     "stop",
     NULL},
    {{"{'choices':[{'delta':{'content':'a'}}]}"}, CHAT_CUT, "a", NULL, NULL},
    {{NULL}, CHAT_CUT, "", NULL, NULL},
    {{"{'choices':[]}", "{}", "{'choices':[{'index':0}]}", "[DONE]"},
     CHAT_EMPTY,
     "",
     NULL,
     NULL},
    {{"{'choices':[{'delta':{'content':[{'type':'text','text':'a'},{'type':'text',"
      "'text':'b'}]},'finish_reason':'stop'}]}"},
     CHAT_COMPLETE,
     "ab",
     "stop",
     NULL},
    {{"{'choices':[{'index':1,'delta':{'content':'b'}},{'index':0,'delta':{'content':'a'},"
      "'finish_reason':'stop'}]}"},
     CHAT_COMPLETE,
     "a",
     "stop",
     NULL},
    {{"{'choices':[{'delta':{'content':'a'},'finish_reason':'length'}]}"},
     CHAT_LENGTH,
     "a",
     "length",
     NULL},
    {{"{'choices':[{'delta':{'content':'a'},'finish_reason':'content_filter'}]}"},
     CHAT_FILTERED,
     "a",
     "content_filter",
     NULL},
    {{"{'choices':[{'delta':{'refusal':'I can'}}]}",
      "{'choices':[{'delta':{'refusal':'not'},'finish_reason':'stop'}]}"},
     CHAT_REFUSED,
     "",
     "stop",
     NULL},
    {{"{'choices':[{'delta':{'tool_calls':[{'id':'1'}]},'finish_reason':'stop'}]}"},
     CHAT_TOOL_CALLS,
     "",
     "stop",
     NULL},
    {{"{'choices':[{'delta':{},'finish_reason':'tool_calls'}]}"},
     CHAT_TOOL_CALLS,
     "",
     "tool_calls",
     NULL},
    {{"{'choices':[{'delta':{'content':'a'}}]}", "{'error':{'message':'overloaded'}}",
      "{'choices':[{'delta':{'content':'b'}}]}"},
     CHAT_ERROR,
     "a",
     NULL,
     "overloaded"},
    {{"{'error':'busy'}"}, CHAT_ERROR, "", NULL, "busy"},
    {{"{'error':{'code':5}}"}, CHAT_ERROR, "", NULL, "an error without a message"},
    {{"{'error':null,'choices':[{'delta':{'content':'a'},'finish_reason':'stop'}]}"},
     CHAT_COMPLETE,
     "a",
     "stop",
     NULL},
    {{"[1]"}, CHAT_MALFORMED, "", NULL, "not an object"},
};

static void
test_pieces_make_an_answer(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(streamed); i++) {
        const Case *c = &streamed[i];
        bool goes_on = true;
        ChatAnswer answer;

        dag__chat_answer_init(&answer);
        for (size_t k = 0; k < MAX_PIECES && c->pieces[k] && goes_on; k++) {
            g_autofree char *piece = g_strdelimit(g_strdup(c->pieces[k]), "'", '"');

            goes_on = dag__chat_answer_add_piece(&answer, piece, strlen(piece));
        }
        g_assert_cmpint(dag__chat_answer_end(&answer), ==, c->end);
        g_assert_cmpstr(answer.text->str, ==, c->text);
        g_assert_cmpstr(answer.finish_reason, ==, c->finish_reason);
        g_assert_cmpstr(answer.problem, ==, c->problem);
        dag__chat_answer_clear(&answer);
    }
}

static void
test_an_answer_may_come_whole(void)
{
    static const char body[] =
        "{\"model\":\"m-2\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
        "\"content\":\"Hello\",\"refusal\":null},\"finish_reason\":\"stop\"}],"
        "\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":5,"
        "\"prompt_tokens_details\":{\"cached_tokens\":8},"
        "\"completion_tokens_details\":{\"reasoning_tokens\":3}}}";
    ChatAnswer answer;

    dag__chat_answer_init(&answer);
    dag__chat_answer_read(&answer, body, strlen(body));
    g_assert_cmpint(dag__chat_answer_end(&answer), ==, CHAT_COMPLETE);
    g_assert_cmpstr(answer.text->str, ==, "Hello");
    g_assert_cmpstr(answer.model, ==, "m-2");
    g_assert_true(answer.usage.is_known);
    g_assert_cmpuint(answer.usage.input, ==, 12);
    g_assert_cmpuint(answer.usage.cached, ==, 8);
    g_assert_cmpuint(answer.usage.output, ==, 5);
    g_assert_cmpuint(answer.usage.reasoning, ==, 3);
    dag__chat_answer_clear(&answer);
}

static void
test_the_last_usage_counts(void)
{
    static const char *const pieces[] = {
        "{\"choices\":[],\"usage\":null}",
        "{\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}",
        "{\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}",
        "{\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":-1}}",
    };
    ChatAnswer answer;

    dag__chat_answer_init(&answer);
    g_assert_true(dag__chat_answer_add_piece(&answer, pieces[0], strlen(pieces[0])));
    g_assert_false(answer.usage.is_known);
    for (size_t i = 1; i < G_N_ELEMENTS(pieces); i++)
        g_assert_true(dag__chat_answer_add_piece(&answer, pieces[i], strlen(pieces[i])));
    g_assert_true(answer.usage.is_known);
    g_assert_cmpuint(answer.usage.input, ==, 10);
    g_assert_cmpuint(answer.usage.output, ==, 0);
    g_assert_cmpint(dag__chat_answer_end(&answer), ==, CHAT_COMPLETE);
    dag__chat_answer_clear(&answer);
}

static void
test_what_is_not_json_is_malformed(void)
{
    static const char *const bodies[] = {"", "<html>", "{\"choices\":[",
                                         "{\"a\":\"\xff\"}"};

    for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++) {
        ChatAnswer answer;

        dag__chat_answer_init(&answer);
        dag__chat_answer_read(&answer, bodies[i], strlen(bodies[i]));
        g_assert_cmpint(dag__chat_answer_end(&answer), ==, CHAT_MALFORMED);
        g_assert_nonnull(answer.problem);
        dag__chat_answer_clear(&answer);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/chat-answer/pieces", test_pieces_make_an_answer);
    g_test_add_func("/chat-answer/whole", test_an_answer_may_come_whole);
    g_test_add_func("/chat-answer/usage", test_the_last_usage_counts);
    g_test_add_func("/chat-answer/malformed", test_what_is_not_json_is_malformed);
    return g_test_run();
}
