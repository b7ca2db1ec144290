/* SPDX-License-Identifier: MIT */
#include "chat-usage.h"

#include <math.h>
#include <string.h>

/* A token of English text has four characters on average; a message has a few of its own. */
#define BYTES_OF_TOKEN    4
#define TOKENS_OF_MESSAGE 4

uint64_t
chat_estimate_text(size_t size)
{
    return (size + BYTES_OF_TOKEN - 1) / BYTES_OF_TOKEN;
}

uint64_t
chat_estimate_message(size_t size)
{
    return TOKENS_OF_MESSAGE + chat_estimate_text(size);
}

uint64_t
chat_estimate_messages(const ChatMessage *messages, size_t n)
{
    uint64_t tokens = 0;

    for (size_t i = 0; i < n; i++)
        tokens += chat_estimate_message(strlen(messages[i].text));
    return tokens;
}

double
chat_cost(const HttpService *service, const DagUsage *usage)
{
    double input = isnan(service->price_input) ? 0 : service->price_input;
    double cached = isnan(service->price_cached) ? input : service->price_cached;
    double output = isnan(service->price_output) ? 0 : service->price_output;
    uint64_t n_cached = MIN(usage->cached, usage->input);

    return ((double)(usage->input - n_cached) * input + (double)n_cached * cached +
            (double)usage->output * output) /
           1e6;
}

void
chat_usage_of(const HttpService *service, const ChatAnswer *answer, uint64_t input,
              DagUsage *usage_out)
{
    *usage_out = (DagUsage){.served = answer->model,
                            .finish_reason = answer->finish_reason,
                            .has_cost = http_service_has_prices(service)};
    if (answer->usage.is_known) {
        usage_out->input = answer->usage.input;
        usage_out->cached = answer->usage.cached;
        usage_out->output = answer->usage.output;
        usage_out->reasoning = answer->usage.reasoning;
    } else {
        usage_out->is_estimated = true;
        usage_out->input = input;
        usage_out->output = chat_estimate_text(answer->text->len) +
                            chat_estimate_text(answer->refusal->len);
    }
    if (usage_out->has_cost)
        usage_out->cost = chat_cost(service, usage_out);
}

/* Return the sum, or the largest number: a service may claim any. */
static uint64_t
sum_of(uint64_t a, uint64_t b)
{
    guint64 sum;

    return g_uint64_checked_add(&sum, a, b) ? sum : UINT64_MAX;
}

void
chat_usage_sum(ChatUsage *sum, const ChatUsage *usage)
{
    sum->input = sum_of(sum->input, usage->input);
    sum->cached = sum_of(sum->cached, usage->cached);
    sum->output = sum_of(sum->output, usage->output);
    sum->reasoning = sum_of(sum->reasoning, usage->reasoning);
    sum->is_known = sum->is_known || usage->is_known;
}
