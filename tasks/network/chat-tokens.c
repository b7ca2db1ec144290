/* SPDX-License-Identifier: MIT */
#include "chat-tokens.h"

#include "chat-usage.h"
#include "service-notes.h"

#include <dagrun/duration.h>
#include <dagrun/policy.h>

/* How often it is asked whether tokens for a further question have come sooner, since others used fewer than they had
 * reserved: until then these are kept unused. */
#define RECHECK_NS (INT64_C(250000000))

uint64_t
chat_tokens_of_output(Transfers *transfers, const ChatConfig *config)
{
    const ServiceNotes *notes = service_notes(transfers, config->http.service);

    if (config->max_tokens > 0)
        return (uint64_t)config->max_tokens;
    if (notes->n_answers == 0)
        return DAG_DEFAULT_TOKENS;
    return ((uint64_t)notes->n_output + notes->n_answers - 1) / notes->n_answers;
}

void
chat_tokens_answered(Transfers *transfers, const ChatConfig *config, uint64_t output)
{
    ServiceNotes *notes = service_notes(transfers, config->http.service);

    if (output > UINT_MAX - notes->n_output)
        return; /* the mean is known well enough */
    notes->n_output += (unsigned)output;
    notes->n_answers++;
}

static void reserve(ChatTokens *tokens);

/* The tokens may be there. */
static void
on_waited(void *data)
{
    ChatTokens *tokens = data;

    chat_tokens_clear(tokens);
    reserve(tokens);
}

static void
reserve(ChatTokens *tokens)
{
    int64_t when_ns = 0;
    char *reason = NULL;
    DagReserved result = dag_job_reserve(tokens->job, &tokens->wanted, &when_ns, &reason);

    if (result == DAG_RESERVED_LATER && tokens->wanted.is_further)
        tokens->wait =
            waits_add(transfers_waits(tokens->transfers),
                      MIN(when_ns, dag_clock_ns() + RECHECK_NS), on_waited, tokens);
    else
        tokens->done(result, reason, tokens->data);
}

void
chat_tokens_reserve(ChatTokens *tokens, uint64_t input, bool is_further,
                    ChatTokensDone done, void *data)
{
    const HttpService *service = http_service_of(&tokens->config->http);
    uint64_t output = chat_tokens_of_output(tokens->transfers, tokens->config);
    const DagUsage usage = {.input = input, .output = output};

    tokens->done = done;
    tokens->data = data;
    tokens->wanted = (DagReservation){.tokens = input + output,
                                      .has_cost = http_service_has_prices(service),
                                      .is_further = is_further};
    if (tokens->wanted.has_cost)
        tokens->wanted.cost = chat_cost(service, &usage);
    reserve(tokens);
}

void
chat_tokens_clear(ChatTokens *tokens)
{
    if (tokens->wait)
        waits_remove(transfers_waits(tokens->transfers), tokens->wait);
    tokens->wait = NULL;
}
