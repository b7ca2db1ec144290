/* SPDX-License-Identifier: MIT */
/*
 * <chat model="…">: a question to a language model, over OpenAI's interface.  An attempt is a chain of
 * requests: the first, one more for each field that the service does not know, and one for each repair
 * of an answer that does not meet the demands.
 */
#include "kinds.h"
#include "network/answer-cache.h"
#include "network/answer-key.h"
#include "network/chat-answer.h"
#include "network/chat-config.h"
#include "network/chat-result.h"
#include "network/chat-tokens.h"
#include "network/chat-usage.h"
#include "network/chat-verdict.h"
#include "network/exchange.h"

#include <dagrun/error.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Tokens from which on the count of the server is compared with the estimate. */
#define LEAST_COMPARED 1000

/* Of a file that a parameter names. */
#define MAX_FILE ((gsize)8 << 20)

typedef struct Chat {
    DagJob *job;
    const ChatConfig *config;
    Request request;
    Exchange exchange;
    AnswerUse use; /* of the cache */
    ChatSettings settings;
    JsonSchema *schema; /* or NULL */
    char *model;
    GArray *messages; /* of ChatMessage; their texts are owned */
    guint n_asked;    /* messages before those of a repair */
    int n_repairs;
    uint64_t n_input; /* tokens of the question, estimated */
    ChatChanges changes;
    ChatUsage usage; /* of all answers */
    ChatTokens tokens;
} Chat;

static void
message_clear(void *message)
{
    g_free((char *)((ChatMessage *)message)->text);
}

static void
chat_free(Chat *chat)
{
    chat_tokens_clear(&chat->tokens);
    exchange_clear(&chat->exchange);
    answer_use_clear(&chat->use);
    request_clear(&chat->request);
    dag__json_schema_free(chat->schema);
    json_decref((json_t *)chat->settings.temperature);
    json_decref((json_t *)chat->settings.top_p);
    json_decref((json_t *)chat->settings.seed);
    json_decref((json_t *)chat->settings.schema);
    json_decref((json_t *)chat->settings.extra);
    g_array_unref(chat->messages);
    g_free(chat->model);
    g_free(chat);
}

static void
finish(Chat *chat, DagOutcome outcome)
{
    DagJob *job = chat->job;

    dag_job_set_data(job, NULL);
    chat_free(chat);
    dag_job_finish(job, outcome);
}

/* End the attempt with a failure.  Takes the text of the verdict. */
static void
fail(Chat *chat, Verdict verdict, bool is_sent)
{
    verdict_report(&verdict, &chat->config->http, &chat->request, is_sent,
                   dag_job_context(chat->job));
    dag_context_fail_request(dag_job_context(chat->job),
                             http_failure_name(verdict.failure));
    finish(chat, DAG_FAILED);
}

static void
fail_to_ask(Chat *chat, const GError *error)
{
    fail(chat, verdict_final(HTTP_FAILED_REQUEST, g_strdup(error->message)),
         chat->exchange.was_sent);
}

/* Add a message.  Takes the text.  Messages of one role in a row become one: some services accept no
 * others. */
static void
add_message(Chat *chat, const char *role, char *text)
{
    g_autofree char *given = text;
    char *valid = g_utf8_make_valid(given, -1);
    ChatMessage *last =
        chat->messages->len > 0
            ? &g_array_index(chat->messages, ChatMessage, chat->messages->len - 1)
            : NULL;

    if (last && strcmp(last->role, role) == 0) {
        char *joined = g_strconcat(last->text, "\n\n", valid, NULL);

        g_free(valid);
        g_free((char *)last->text);
        last->text = joined;
    } else {
        ChatMessage message = {role, valid};

        g_array_append_val(chat->messages, message);
    }
}

/* Return the text of a file that a parameter names, or NULL. */
static char *
read_named(const Chat *chat, const DagTemplate *file, GError **error)
{
    g_autofree char *name = dag_context_expand(dag_job_context(chat->job), file, error);
    g_autofree char *path = name ? request_file(&chat->request, name) : NULL;
    g_autofree char *text = NULL;
    gsize size;

    if (!path || !g_file_get_contents(path, &text, &size, error))
        return NULL;
    if (size <= MAX_FILE && strlen(text) == size)
        return g_strstrip(g_steal_pointer(&text));
    g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID, "\"%s\" %s", name,
                size > MAX_FILE ? "has more than 8 MiB" : "is not a text");
    return NULL;
}

static bool
make_messages(Chat *chat, GError **error)
{
    for (size_t i = 0; i < chat->config->n_parts; i++) {
        const ChatPart *part = &chat->config->parts[i];
        g_autofree char *text =
            part->file ? read_named(chat, part->file, error)
                       : dag_context_expand(dag_job_context(chat->job), part->text, error);

        if (!text)
            return false;
        if (part->task)
            add_message(chat, part->role, g_strdup_printf("%s:\n\n%s", part->task, text));
        else
            add_message(chat, part->role, g_steal_pointer(&text));
    }
    chat->n_asked = chat->messages->len;
    return true;
}

/* Return the number, or NULL if it was not declared; whole ones without a fraction. */
static json_t *
number(double value)
{
    if (isnan(value))
        return NULL;
    return floor(value) == value ? json_integer((json_int_t)value) : json_real(value);
}

static bool
make_settings(Chat *chat, GError **error)
{
    const ChatConfig *config = chat->config;
    g_autofree char *model =
        dag_context_expand(dag_job_context(chat->job), config->model, error);

    if (!model)
        return false;
    chat->model = g_utf8_make_valid(model, -1);
    chat->settings = (ChatSettings){
        .model = chat->model,
        .temperature = number(config->temperature),
        .top_p = number(config->top_p),
        .seed = number(config->seed),
        .max_tokens = config->max_tokens,
        .wants_stream = config->wants_stream,
        .wants_json = config->wants_json,
        .schema = config->schema ? json_loads(config->schema, 0, NULL) : NULL,
        .extra = config->extra ? json_loads(config->extra, 0, NULL) : NULL,
    };
    if (config->schema)
        chat->schema = dag__json_schema_read(config->schema, strlen(config->schema), error);
    return !config->schema || chat->schema;
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
    g_array_set_size(chat->messages, chat->n_asked);
    add_message(chat, "assistant", g_strdup(answer));
    add_message(
        chat, "user",
        g_strdup_printf("This answer cannot be used:\n%s\nAnswer again, with nothing "
                        "but the corrected answer.",
                        problems));
    chat->n_repairs++;
    dag_context_fail_request(dag_job_context(chat->job),
                             http_failure_name(HTTP_FAILED_INVALID_RESULT));
    dag_context_add_usage(dag_job_context(chat->job), &(DagUsage){.repairs = 1});
    reserve_and_ask(chat);
}

/* Keep the answer in the cache. */
static void
keep(Chat *chat, const ChatAnswer *answer)
{
    KeptAnswer *kept = g_new0(KeptAnswer, 1);
    g_autoptr(GError) error = NULL;

    kept->text = g_string_new_len(answer->text->str, (gssize)answer->text->len);
    kept->model = g_strdup(answer->model);
    kept->usage = chat->usage;
    if (!answer_use_keep(&chat->use, kept, &error))
        answer_use_warn(dag_job_context(chat->job), error);
}

/* Check the answer against the demands of the task; then it is the output. */
static void
accept_answer(Chat *chat, const ChatAnswer *answer)
{
    GString *text = answer->text;
    const ChatConfig *config = chat->config;
    GRegex *match = config->match ? g_regex_new(config->match, 0, 0, NULL) : NULL;
    const ChatDemands demands = {config->wants_json, chat->schema, match,
                                 config->min_length, config->max_length};
    g_autofree char *problems = dag__chat_result_check(&demands, text);

    g_clear_pointer(&match, g_regex_unref);
    chat_usage_sum(&chat->usage, &answer->usage);
    if (!problems) {
        keep(chat, answer);
        dag_context_write_both(dag_job_context(chat->job), text->str, text->len);
        finish(chat, DAG_SUCCEEDED);
    } else if (chat->n_repairs < config->repair) {
        repair(chat, text->str, problems);
    } else {
        g_strdelimit(problems, "\n", ';');
        fail(chat,
             verdict_final(
                 HTTP_FAILED_INVALID_RESULT,
                 g_strdup_printf("the answer does not meet the demands%s: %s",
                                 config->repair > 0 ? ", also not after repair" : "",
                                 problems)),
             true);
    }
}

/* Add the usage of an answer, or of the part of one that came. */
static void
add_usage(Chat *chat, const ChatAnswer *answer)
{
    DagContext *context = dag_job_context(chat->job);
    DagUsage usage;

    chat_usage_of(http_service_of(&chat->config->http), answer, chat->n_input, &usage);
    usage.model = chat->model;
    dag_context_add_usage(context, &usage);
    chat_tokens_answered(chat->exchange.transfers, chat->config, usage.output);
    if (answer->usage.is_known && chat->n_input >= LEAST_COMPARED &&
        usage.input < chat->n_input / 3) {
        g_autofree char *warning = g_strdup_printf(
            "warning: the service counts %" G_GUINT64_FORMAT " tokens of input, and about "
            "%" G_GUINT64_FORMAT " were sent: it may have cut the question\n",
            usage.input, chat->n_input);

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
    unsigned *known = transfers_note(chat->exchange.transfers, chat->config->http.service);
    ChatChanges changes;

    if (end->status != 400)
        return false;
    changes = dag__chat_request_change(&chat->settings, chat->changes, end->body->str);
    if (changes == chat->changes)
        return false;
    chat->changes = changes;
    *known |= changes;
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
    } else if (end && verdict.failure == HTTP_FAILED_STATUS && learn(chat, end)) {
        g_free(verdict.text);
        ask(chat);
    } else {
        if (end && chat_is_lost(end, &verdict))
            add_lost_usage(chat, end->body->str, end->body->len);
        fail(chat, verdict, chat->exchange.was_sent);
    }
}

/* An ExchangeWithdraw. */
static void
on_withdraw(const char *pool, int64_t until_ns, void *data)
{
    Chat *chat = data;
    DagJob *job = chat->job;

    dag_job_set_data(job, NULL);
    chat_free(chat);
    dag_job_wait(job, pool, until_ns);
}

/* Send the request. */
static void
ask(Chat *chat)
{
    const ChatMessage *messages = (const ChatMessage *)(void *)chat->messages->data;
    char *body;

    chat->changes |= *transfers_note(chat->exchange.transfers, chat->config->http.service);
    body = dag__chat_request_write(&chat->settings, messages, chat->messages->len,
                                   chat->changes);
    exchange_clear(&chat->exchange); /* it borrows the body of the request before */
    request_set_body(&chat->request, "application/json", body);
    free(body);
    /* A repair waits in place: the answer before it is paid for. */
    chat->exchange.withdraw = chat->n_repairs == 0 ? on_withdraw : NULL;
    exchange_begin(&chat->exchange, on_done, chat);
}

/* A ChatTokensDone. */
static void
on_reserved(DagReserved result, char *reason, void *data)
{
    if (result == DAG_RESERVED)
        ask(data);
    else if (result == DAG_RESERVED_LATER)
        on_withdraw(NULL, 0, data);
    else
        fail(data, verdict_final(HTTP_FAILED_BUDGET, reason), false);
}

/* Send the request once its tokens are reserved. */
static void
reserve_and_ask(Chat *chat)
{
    Verdict verdict;

    chat->n_input = chat_estimate_messages(
        (const ChatMessage *)(void *)chat->messages->data, chat->messages->len);
    verdict = chat_verdict_of_size(chat->config, chat->n_input);
    if (verdict.failure == HTTP_NO_FAILURE)
        chat_tokens_reserve(&chat->tokens, chat->n_input, chat->n_repairs > 0, on_reserved,
                            chat);
    else
        fail(chat, verdict, false);
}

/* An AnswerFound. */
static void
on_looked_up(const KeptAnswer *answer, void *data)
{
    Chat *chat = data;

    if (!answer) {
        reserve_and_ask(chat);
        return;
    }
    dag_context_note_kept(dag_job_context(chat->job));
    dag_context_write_both(dag_job_context(chat->job), answer->text->str,
                           answer->text->len);
    finish(chat, DAG_SUCCEEDED);
}

/* Return the key of the answer in the cache; free with g_free(). */
static char *
key_of(Chat *chat, const char *salt)
{
    const ChatConfig *config = chat->config;
    g_autofree char *lengths =
        g_strdup_printf("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %d", config->min_length,
                        config->max_length, config->wants_json);
    const char *const demands[] = {config->schema, config->match, lengths, config->variant};
    /* The same, whatever the service has refused before. */
    char *body = dag__chat_request_write(&chat->settings,
                                         (const ChatMessage *)(void *)chat->messages->data,
                                         chat->messages->len, CHAT_UNCHANGED);

    request_set_body(&chat->request, "application/json", body);
    free(body);
    return answer_key(&chat->request, salt, false, demands, G_N_ELEMENTS(demands));
}

/* Look for the answer in the cache; ask if it is not there. */
static void
look_up(Chat *chat)
{
    Transfers *transfers = chat->exchange.transfers;
    int64_t age_ns = chat->config->http.cache_ns;
    const char *salt = answer_use_salt(transfers, age_ns, dag_job_context(chat->job));
    g_autofree char *key = NULL;

    if (!salt) {
        reserve_and_ask(chat);
        return;
    }
    key = key_of(chat, salt);
    chat->use = (AnswerUse){.transfers = transfers, .done = on_looked_up, .data = chat};
    answer_use_begin(&chat->use, key, age_ns);
}

static void
chat_start(DagJob *job, const void *config)
{
    Chat *chat = g_new0(Chat, 1);
    DagContext *context = dag_job_context(job);
    g_autoptr(GError) error = NULL;

    chat->job = job;
    chat->config = config;
    chat->messages = g_array_new(FALSE, TRUE, sizeof(ChatMessage));
    g_array_set_clear_func(chat->messages, message_clear);
    exchange_init(&chat->exchange, context, &chat->config->http, &chat->request);
    chat->tokens =
        (ChatTokens){.job = job, .transfers = chat->exchange.transfers, .config = config};
    dag_job_set_data(job, chat);
    if (request_init(&chat->request, &chat->config->http, context, chat->exchange.transfers,
                     &error) &&
        make_settings(chat, &error) && make_messages(chat, &error))
        look_up(chat);
    else
        fail_to_ask(chat, error);
}

/* An answer under way is waited for during the grace, since it is paid for; unless the time limit of the
 * task is what ends it. */
static void
chat_cancel(DagJob *job, DagCancelLevel level)
{
    Chat *chat = dag_job_data(job);

    if (!chat)
        return;
    if (level < DAG_CANCEL_KILL && exchange_is_under_way(&chat->exchange) &&
        !dag_context_is_timed_out(dag_job_context(job)))
        return;
    if (exchange_is_under_way(&chat->exchange)) {
        const GString *body = transfer_body(chat->exchange.transfer);

        add_lost_usage(chat, body->str, body->len);
    }
    finish(chat, DAG_CANCELLED);
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
    .describe = chat_describe,
};
