/* SPDX-License-Identifier: MIT */
/*
 * <chat model="…">: a question to a language model, over OpenAI's interface.  An attempt is a chain of
 * requests: the first, one more for each field that the service does not know, and one for each repair
 * of an answer that does not meet the demands.  If the service fails for good, the chain goes on with the next
 * one, and further attempts begin there.
 */
#include "kinds.h"
#include "network/answer-key.h"
#include "network/chat-answer.h"
#include "network/chat-identity.h"
#include "network/chat-progress.h"
#include "network/chat-question.h"
#include "network/chat-tokens.h"
#include "network/chat-usage.h"
#include "network/chat-verdict.h"
#include "network/request-attempt.h"
#include "network/service-notes.h"

#include <stdlib.h>
#include <string.h>

/* Tokens from which on the count of the server is compared with the estimate. */
#define LEAST_COMPARED 1000

typedef struct Chat {
    RequestAttempt attempt;
    const ChatConfig *first;  /* of the task */
    const ChatConfig *config; /* with the service that is asked */
    char *earlier;            /* the failures of services before, or NULL */
    Wait *wait;               /* or NULL: the next service is asked soon */
    ChatQuestion question;
    ChatChanges changes;
    ChatUsage usage; /* of all answers */
    ChatTokens tokens;
    ChatProgress progress;
} Chat;

/* A RequestAttempt.free. */
static void
chat_free(RequestAttempt *attempt)
{
    Chat *chat = (Chat *)(void *)attempt;

    if (chat->wait)
        waits_remove(transfers_waits(attempt->exchange.transfers), chat->wait);
    chat_tokens_clear(&chat->tokens);
    chat_progress_clear(&chat->progress);
    chat_question_clear(&chat->question);
    g_free(chat->earlier);
    g_free(chat);
}

static DagContext *
context_of(const Chat *chat)
{
    return attempt_context(&chat->attempt);
}

/* Return the notes of the service that is asked. */
static ServiceNotes *
notes_of(const Chat *chat)
{
    return service_notes(chat->attempt.exchange.transfers, chat->config->http.service);
}

/* Return the number of the task's services that have failed for good, in all its attempts. */
static unsigned *
n_given_up(const Chat *chat)
{
    Transfers *transfers = dag_context_engine(context_of(chat), NULL); /* it is open */

    return transfers_note(transfers, chat->first, sizeof(unsigned));
}

static void on_fall_back(void *data);

/* Return true if another question may follow.  During the grace only the answer that is under way is waited
 * for. */
static bool
may_ask_more(const Chat *chat)
{
    return dag_context_cancel_level(context_of(chat)) == DAG_CANCEL_NONE;
}

/* Return true if the next service is to be asked after this failure. */
static bool
may_fall_back(const Chat *chat, const Verdict *verdict)
{
    return chat->config->fallback && verdict->failure != HTTP_FAILED_BUDGET &&
           verdict->failure != HTTP_FAILED_NOT_RECORDED &&
           !(verdict->may_retry && dag_context_may_retry(context_of(chat))) &&
           may_ask_more(chat);
}

/* Give the service up, and ask the next one soon.  Takes the text of the verdict. */
static void
fall_back(Chat *chat, const Verdict *verdict, bool is_sent)
{
    RequestAttempt *attempt = &chat->attempt;
    const char *name = dag_declared_name(attempt->config->service);
    const char *next = dag_declared_name(chat->config->fallback->http.service);
    g_autofree char *text = verdict->text, *earlier = chat->earlier;
    g_autofree char *message =
        verdict_message(verdict, attempt->config, &attempt->request, is_sent);
    g_autofree char *note =
        g_strdup_printf("%s\nthe next service is asked: %s\n", message, next);

    if (exchange_has_ended(&attempt->exchange))
        dag_context_fail_request(context_of(chat), http_failure_name(verdict->failure));
    dag_context_write_errors(context_of(chat), note, strlen(note));
    chat->earlier = g_strdup_printf("%s%s\"%s\": %s", earlier ? earlier : "",
                                    earlier ? "; " : "", name, text);
    ++*n_given_up(chat);
    exchange_clear(&attempt->exchange);
    chat->wait =
        waits_add(transfers_waits(attempt->exchange.transfers), 0, on_fall_back, chat);
}

/* Handle a failure of the service.  Takes the text of the verdict. */
static void
fail(Chat *chat, Verdict verdict, bool is_sent)
{
    if (may_fall_back(chat, &verdict)) {
        fall_back(chat, &verdict, is_sent);
        return;
    }
    if (chat->earlier) {
        char *text = verdict.text;

        verdict.text = g_strdup_printf("%s (before, %s)", text, chat->earlier);
        g_free(text);
    }
    attempt_fail(&chat->attempt, verdict, is_sent);
}

/* Return true if the answer is a stream of events. */
static bool
is_stream(const TransferEnd *end)
{
    const char *type = transfer_end_header(end, "Content-Type");

    return type && g_ascii_strncasecmp(type, "text/event-stream", 17) == 0;
}

/* Read the answer.  Returns: false if an event is too large. */
static bool
read_answer(const TransferEnd *end, ChatAnswer *answer)
{
    dag__chat_answer_init(answer);
    if (is_stream(end))
        return dag__chat_answer_read_stream(answer, end->body->str, end->body->len);
    dag__chat_answer_read(answer, end->body->str, end->body->len);
    return true;
}

static void reserve_and_ask(Chat *chat);

/* Ask again, with the last answer and its faults, instead of an earlier repair. */
static void
repair(Chat *chat, const char *answer, const char *problems)
{
    chat_question_repair(&chat->question, answer, problems);
    dag_context_fail_request(context_of(chat),
                             http_failure_name(HTTP_FAILED_INVALID_RESULT));
    dag_context_add_usage(context_of(chat), &(DagUsage){.repairs = 1});
    exchange_clear(&chat->attempt.exchange); /* its answer is counted */
    reserve_and_ask(chat);
}

/* Keep the answer in the cache. */
static void
keep(Chat *chat, const ChatAnswer *answer)
{
    KeptAnswer *kept = g_new0(KeptAnswer, 1);

    kept->text = g_string_new_len(answer->text->str, (gssize)answer->text->len);
    kept->model = g_strdup(answer->model);
    kept->usage = chat->usage;
    attempt_keep(&chat->attempt, kept);
}

/* Check the answer against the demands of the task; then it is the output. */
static void
accept_answer(Chat *chat, const ChatAnswer *answer)
{
    GString *text = answer->text;
    const ChatConfig *config = chat->config;
    g_autofree char *problems = result_faults(&config->result, true, text);

    chat_usage_sum(&chat->usage, &answer->usage);
    if (!problems) {
        keep(chat, answer);
        dag_context_write_both(context_of(chat), text->str, text->len);
        attempt_finish(&chat->attempt, DAG_SUCCEEDED);
    } else if (chat->question.n_repairs < config->result.repair && may_ask_more(chat)) {
        repair(chat, text->str, problems);
    } else {
        g_strdelimit(problems, "\n", ';');
        fail(chat,
             verdict_final(HTTP_FAILED_INVALID_RESULT,
                           g_strdup_printf("the answer does not meet the demands%s: %s",
                                           chat->question.n_repairs > 0
                                               ? ", also not after repair"
                                               : "",
                                           problems)),
             true);
    }
}

/* Add the usage of an answer, or of the part of one that came. */
static void
add_usage(Chat *chat, const ChatAnswer *answer)
{
    DagContext *context = context_of(chat);
    DagUsage usage;

    chat_usage_of(http_service_of(&chat->config->http), answer, chat->question.n_input,
                  &usage);
    usage.model = chat->question.model;
    if (chat->config->is_fallback)
        usage.fallback = dag_declared_name(chat->config->http.service);
    dag_context_add_usage(context, &usage);
    chat_tokens_answered(chat->attempt.exchange.transfers, chat->config, usage.output);
    if (answer->usage.is_known && chat->question.n_input >= LEAST_COMPARED &&
        usage.input < chat->question.n_input / 3) {
        g_autofree char *warning = g_strdup_printf(
            "warning: the service counts %" G_GUINT64_FORMAT " tokens of input, and about "
            "%" G_GUINT64_FORMAT " were sent: it may have cut the question\n",
            usage.input, chat->question.n_input);

        dag_context_write_errors(context, warning, strlen(warning));
    }
}

/* Add the usage of an answer that will not be used, and is paid for: `body` is the part of it that came. */
static void
add_lost_usage(Chat *chat, const char *body, size_t size)
{
    ChatAnswer answer;

    dag__chat_answer_init(&answer);
    dag__chat_answer_read_stream(&answer, body, size);
    add_usage(chat, &answer);
    dag__chat_answer_clear(&answer);
}

/* Handle an answer with a good status. */
static void
handle_answer(Chat *chat, const TransferEnd *end, Verdict transfer)
{
    bool is_cut = transfer.failure != HTTP_NO_FAILURE;
    Verdict verdict;
    ChatAnswer answer;

    if (!read_answer(end, &answer))
        verdict = verdict_final(HTTP_FAILED_TOO_LARGE,
                                g_strdup("an event of the answer has more than 1 MiB"));
    else
        verdict = chat_verdict(chat->config, &answer);
    /* An error without any text or count is not paid for. */
    if (answer.usage.is_known || answer.text->len > 0 || answer.refusal->len > 0 ||
        !answer.problem)
        add_usage(chat, &answer);
    /* A stream with its end is complete, even if the connection was lost. */
    if (is_cut && verdict.failure != HTTP_NO_FAILURE) {
        g_free(verdict.text);
        verdict = transfer;
    } else {
        g_free(transfer.text);
    }
    if (verdict.failure == HTTP_NO_FAILURE)
        accept_answer(chat, &answer);
    else
        fail(chat, verdict, true);
    dag__chat_answer_clear(&answer);
}

/* Return true if the service does not know a field that dagrun had added; it is left out from now on. */
static bool
learn(Chat *chat, const TransferEnd *end)
{
    ChatChanges changes;

    if (end->status != 400)
        return false;
    changes =
        dag__chat_request_change(&chat->question.settings, chat->changes, end->body->str);
    if (changes == chat->changes)
        return false;
    chat->changes = changes;
    notes_of(chat)->changes |= changes;
    return true;
}

static void ask(Chat *chat);

/* An ExchangeDone. */
static void
on_done(const TransferEnd *end, Verdict verdict, void *data)
{
    Chat *chat = data;

    if (end && (verdict.failure == HTTP_NO_FAILURE ||
                (is_stream(end) && (verdict.failure == HTTP_FAILED_CUT ||
                                    verdict.failure == HTTP_FAILED_TIMEOUT_STALL)))) {
        handle_answer(chat, end, verdict);
    } else if (end && verdict.failure == HTTP_FAILED_STATUS && learn(chat, end) &&
               may_ask_more(chat)) {
        g_free(verdict.text);
        ask(chat);
    } else {
        if (end && chat_is_lost(end, &verdict))
            add_lost_usage(chat, end->body->str, end->body->len);
        fail(chat, verdict, chat->attempt.exchange.was_sent);
    }
}

/* Return true if the attempt has asked before.  Then it waits in place: a repair, since the answer before it is
 * paid for, and a fallback, since it stands beside the question before. */
static bool
is_further(const Chat *chat)
{
    return chat->question.n_repairs > 0 || chat->earlier;
}

/* An Exchange.arrived: tell the tokens of the answer so far. */
static void
on_arrived(const char *bytes, size_t size, bool is_first, void *data)
{
    Chat *chat = data;
    uint64_t n_tokens;

    if (is_first)
        chat_progress_clear(&chat->progress);
    n_tokens = chat_progress_add(&chat->progress, bytes, size);
    if (n_tokens > 0)
        dag_context_count_tokens(context_of(chat), n_tokens);
}

/* Send the request. */
static void
ask(Chat *chat)
{
    Exchange *exchange = &chat->attempt.exchange;
    char *body;

    chat->changes |= notes_of(chat)->changes;
    body = chat_question_write(&chat->question, chat->changes);
    exchange_clear(exchange); /* it borrows the body of the request before */
    request_set_body(&chat->attempt.request, "application/json", body);
    free(body);
    exchange->is_aside = chat->config->is_fallback;
    exchange->arrived = dag_context_is_followed(context_of(chat)) ? on_arrived : NULL;
    exchange->withdraw = is_further(chat) ? NULL : attempt_withdraw;
    exchange_begin(exchange, on_done, chat);
}

/* A ChatTokensDone. */
static void
on_reserved(DagReserved result, char *reason, void *data)
{
    if (result == DAG_RESERVED)
        ask(data);
    else if (result == DAG_RESERVED_LATER)
        /* No pool is closed and no time awaited: the task is first among its equals when the pools have its tokens. */
        attempt_withdraw(NULL, 0, data);
    else
        fail(data, verdict_final(HTTP_FAILED_BUDGET, reason), false);
}

/* Send the request once its tokens are reserved. */
static void
reserve_and_ask(Chat *chat)
{
    Verdict verdict = chat_verdict_of_size(chat->config, chat->question.n_input);

    if (verdict.failure == HTTP_NO_FAILURE)
        chat_tokens_reserve(&chat->tokens, chat->question.n_input, is_further(chat),
                            on_reserved, chat);
    else
        fail(chat, verdict, false);
}

/* An AnswerFound. */
static void
on_looked_up(const KeptAnswer *answer, void *data)
{
    if (answer)
        attempt_succeed_kept(data, answer);
    else
        reserve_and_ask(data);
}

/* Return the key of the answer in the cache; free with g_free(). */
static char *
key_of(Chat *chat, const char *salt)
{
    g_autoptr(GPtrArray) demands = chat_demands(chat->config);
    /* The same, whatever the service has refused before. */
    char *body = chat_question_write(&chat->question, CHAT_UNCHANGED);

    request_set_body(&chat->attempt.request, "application/json", body);
    free(body);
    return answer_key(&chat->attempt.request, salt, false,
                      (const char *const *)demands->pdata, demands->len);
}

/* Look for the answer in the cache; ask if it is not there. */
static void
look_up(Chat *chat)
{
    Transfers *transfers = chat->attempt.exchange.transfers;
    int64_t age_ns = chat->config->http.cache_ns;
    const char *salt = answer_use_salt(transfers, age_ns, context_of(chat));
    g_autofree char *key = NULL;

    if (!salt) {
        reserve_and_ask(chat);
        return;
    }
    key = key_of(chat, salt);
    chat->attempt.use =
        (AnswerUse){.transfers = transfers, .done = on_looked_up, .data = chat};
    answer_use_begin(&chat->attempt.use, key, age_ns);
}

/* Ask the service of the configuration. */
static void
begin(Chat *chat, const ChatConfig *config)
{
    RequestAttempt *attempt = &chat->attempt;
    g_autoptr(GError) error = NULL;

    chat->config = config;
    if (!attempt_begin(attempt, attempt->job, &config->http, &error) ||
        !chat_question_init(&chat->question, config, &attempt->request, context_of(chat),
                            &error)) {
        attempt_fail_with(attempt, HTTP_FAILED_REQUEST, error, false);
        return;
    }
    chat->tokens = (ChatTokens){
        .job = attempt->job, .transfers = attempt->exchange.transfers, .config = config};
    look_up(chat);
}

/* Ask the next service, since one has failed for good. */
static void
on_fall_back(void *data)
{
    Chat *chat = data;
    RequestAttempt *attempt = &chat->attempt;

    waits_remove(transfers_waits(attempt->exchange.transfers), chat->wait);
    chat->wait = NULL;
    chat->changes = CHAT_UNCHANGED;
    chat_tokens_clear(&chat->tokens);
    chat_question_clear(&chat->question);
    attempt_clear(attempt);
    begin(chat, chat->config->fallback);
}

static void
chat_start(DagJob *job, const void *data)
{
    const ChatConfig *config = data;
    Chat *chat = g_new0(Chat, 1);

    chat->attempt.free = chat_free;
    chat->attempt.job = job;
    chat->first = config;
    for (unsigned n = *n_given_up(chat); n > 0; n--)
        config = config->fallback;
    begin(chat, config);
}

static void
chat_cancel(DagJob *job, DagCancelLevel level)
{
    Chat *chat = dag_job_data(job);

    if (!chat || attempt_goes_on(&chat->attempt, level))
        return;
    if (exchange_is_under_way(&chat->attempt.exchange)) {
        const GString *body = transfer_body(chat->attempt.exchange.transfer);

        add_lost_usage(chat, body->str, body->len);
    }
    attempt_finish(&chat->attempt, DAG_CANCELLED);
}

static void
chat_describe(const DagGraph *graph, const void *data, GString *out)
{
    const ChatConfig *config = data;
    const HttpService *service = http_service_of(&config->http);

    g_string_append(out, "chat with ");
    dag_graph_describe(graph, config->model, out);
    if (service && service->url) {
        g_string_append(out, " at ");
        dag_graph_describe(graph, service->url, out);
    }
    for (size_t i = 0; i < config->n_parts; i++) {
        const ChatPart *part = &config->parts[i];

        g_string_append_printf(out, "\n%s: ", part->role);
        if (part->file)
            g_string_append(out, "the file ");
        dag_graph_describe(graph, part->file ? part->file : part->text, out);
    }
    for (config = config->fallback; config; config = config->fallback) {
        g_string_append_printf(out, "\nfallback: %s with ",
                               dag_declared_name(config->http.service));
        dag_graph_describe(graph, config->model, out);
    }
}

static const DagDeclarationType *const declarations[] = {&http_service_type, NULL};

const DagKind dag__kind_chat = {
    .name = "chat",
    .summary = "a question to a language model",
    .attributes = chat_attributes,
    .n_attributes = CHAT_N_ATTRIBUTES,
    .children = chat_children,
    .n_children = CHAT_N_CHILDREN,
    .declarations = declarations,
    .counts_tokens = true,
    .occupies = DAG_OCCUPIES_CONNECTION,
    .engine = &dag__transfers_engine,
    .configure = chat_configure,
    .start = chat_start,
    .cancel = chat_cancel,
    .identify = chat_identify,
    .describe = chat_describe,
};
