/* SPDX-License-Identifier: MIT */
#include "chat-verdict.h"

static Verdict
failed_for_good(HttpFailure failure, const char *what)
{
    return verdict_final(failure, g_strdup(what));
}

/* Return a failure that a further attempt may mend. */
static Verdict
failed_for_now(HttpFailure failure, const char *what)
{
    return (Verdict){.failure = failure, .may_retry = true, .text = g_strdup(what)};
}

Verdict
chat_verdict(const ChatConfig *config, const ChatAnswer *answer)
{
    g_autofree char *text = NULL;

    switch (dag__chat_answer_end(answer)) {
    case CHAT_COMPLETE:
        break;
    case CHAT_CUT:
        return failed_for_now(
            HTTP_FAILED_CUT,
            "the answer is incomplete: neither a finish reason nor [DONE] came");
    case CHAT_LENGTH:
        text = config->max_tokens > 0
                   ? g_strdup_printf("the answer was cut at max-tokens=\"%" G_GINT64_FORMAT
                                     "\"",
                                     config->max_tokens)
                   : g_strdup("the answer was cut at the model's limit of tokens");
        return failed_for_good(HTTP_FAILED_LENGTH, text);
    case CHAT_FILTERED:
        return failed_for_good(HTTP_FAILED_FILTERED,
                               "the service withheld the answer (content filter)");
    case CHAT_REFUSED:
        text = g_strdup_printf("the model refused: %s", answer->refusal->str);
        return failed_for_good(HTTP_FAILED_REFUSED, text);
    case CHAT_EMPTY:
        text =
            g_strdup_printf("the answer is empty (%" G_GUINT64_FORMAT
                            " tokens of output, %" G_GUINT64_FORMAT " of them reasoning)",
                            answer->usage.output, answer->usage.reasoning);
        return failed_for_good(HTTP_FAILED_EMPTY, text);
    case CHAT_TOOL_CALLS:
        return failed_for_good(HTTP_FAILED_PROTOCOL,
                               "the model wants to call functions, which is not supported");
    case CHAT_ERROR:
        text = g_strdup_printf("the service reports: %s", answer->problem);
        return failed_for_now(HTTP_FAILED_STATUS, text);
    case CHAT_MALFORMED:
        text = g_strdup_printf("the answer is not that of a chat service: %s",
                               answer->problem);
        return failed_for_now(HTTP_FAILED_PROTOCOL, text);
    }
    return (Verdict){.failure = HTTP_NO_FAILURE};
}

bool
chat_is_lost(const TransferEnd *end, const Verdict *verdict)
{
    return end && end->is_sent &&
           (verdict->failure == HTTP_FAILED_NO_ANSWER ||
            verdict->failure == HTTP_FAILED_CUT ||
            verdict->failure == HTTP_FAILED_PROTOCOL ||
            verdict->failure == HTTP_FAILED_TOO_LARGE ||
            verdict->failure == HTTP_FAILED_TIMEOUT_FIRST_BYTE ||
            verdict->failure == HTTP_FAILED_TIMEOUT_STALL);
}

Verdict
chat_verdict_of_size(const ChatConfig *config, uint64_t input)
{
    const HttpService *service = http_service_of(&config->http);
    uint64_t n_wanted = input + (uint64_t)config->max_tokens;

    if (service->context == 0 || n_wanted <= (uint64_t)service->context)
        return (Verdict){0};
    return verdict_final(
        HTTP_FAILED_CONTEXT,
        g_strdup_printf("the question has about %" G_GUINT64_FORMAT
                        " tokens%s, and the context of the service is %" G_GINT64_FORMAT,
                        n_wanted, config->max_tokens > 0 ? " with max-tokens" : "",
                        service->context));
}
