/* SPDX-License-Identifier: MIT */
#include "chat-question.h"

#include "chat-usage.h"

#include <dagrun/error.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of a file that a parameter names. */
#define MAX_FILE ((gsize)8 << 20)

/* The arguments of the functions below. */
typedef struct Asking {
    ChatQuestion *question;
    const ChatConfig *config;
    const Request *request;
    const DagContext *context;
} Asking;

static void
message_clear(void *message)
{
    g_free((char *)((ChatMessage *)message)->text);
}

/* Add a message.  Takes the text.  Messages of one role in a row become one: some services accept no
 * others. */
static void
add_message(ChatQuestion *question, const char *role, char *text)
{
    g_autofree char *given = text;
    char *valid = g_utf8_make_valid(given, -1);
    ChatMessage *last =
        question->messages->len > 0
            ? &g_array_index(question->messages, ChatMessage, question->messages->len - 1)
            : NULL;

    if (last && strcmp(last->role, role) == 0) {
        char *joined = g_strconcat(last->text, "\n\n", valid, NULL);

        g_free(valid);
        g_free((char *)last->text);
        last->text = joined;
    } else {
        ChatMessage message = {role, valid};

        g_array_append_val(question->messages, message);
    }
}

/* Return the text of a file that a parameter names, or NULL. */
static char *
read_named(const Asking *asking, const DagTemplate *file, GError **error)
{
    g_autofree char *name = dag_context_expand(asking->context, file, error);
    g_autofree char *path = name ? request_file(asking->request, name) : NULL;
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
make_messages(const Asking *asking, GError **error)
{
    for (size_t i = 0; i < asking->config->n_parts; i++) {
        const ChatPart *part = &asking->config->parts[i];
        g_autofree char *text =
            part->file ? read_named(asking, part->file, error)
                       : dag_context_expand(asking->context, part->text, error);

        if (!text)
            return false;
        if (part->task)
            add_message(asking->question, part->role,
                        g_strdup_printf("%s:\n\n%s", part->task, text));
        else
            add_message(asking->question, part->role, g_steal_pointer(&text));
    }
    asking->question->n_asked = asking->question->messages->len;
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
make_settings(const Asking *asking, GError **error)
{
    const ChatConfig *config = asking->config;
    ChatQuestion *question = asking->question;
    g_autofree char *model = dag_context_expand(asking->context, config->model, error);

    if (!model)
        return false;
    question->model = g_utf8_make_valid(model, -1);
    question->settings = (ChatSettings){
        .model = question->model,
        .temperature = number(config->temperature),
        .top_p = number(config->top_p),
        .seed = number(config->seed),
        .max_tokens = config->max_tokens,
        .wants_stream = config->wants_stream,
        .wants_json = config->result.wants_json,
        .schema = config->result.schema ? json_loads(config->result.schema, 0, NULL) : NULL,
        .extra = config->extra ? json_loads(config->extra, 0, NULL) : NULL,
    };
    return true;
}

/* Estimate the tokens of the messages. */
static void
estimate(ChatQuestion *question)
{
    question->n_input = chat_estimate_messages(
        (const ChatMessage *)(void *)question->messages->data, question->messages->len);
}

bool
chat_question_init(ChatQuestion *question, const ChatConfig *config, const Request *request,
                   const DagContext *context, GError **error)
{
    const Asking asking = {question, config, request, context};

    *question = (ChatQuestion){.messages = g_array_new(FALSE, TRUE, sizeof(ChatMessage))};
    g_array_set_clear_func(question->messages, message_clear);
    if (!make_settings(&asking, error) || !make_messages(&asking, error))
        return false;
    estimate(question);
    return true;
}

void
chat_question_clear(ChatQuestion *question)
{
    json_decref((json_t *)question->settings.temperature);
    json_decref((json_t *)question->settings.top_p);
    json_decref((json_t *)question->settings.seed);
    json_decref((json_t *)question->settings.schema);
    json_decref((json_t *)question->settings.extra);
    g_clear_pointer(&question->messages, g_array_unref);
    g_free(question->model);
}

void
chat_question_repair(ChatQuestion *question, const char *answer, const char *problems)
{
    g_array_set_size(question->messages, question->n_asked);
    add_message(question, "assistant", g_strdup(answer));
    add_message(question, "user",
                g_strdup_printf("This answer cannot be used:\n%s\nAnswer again, with "
                                "nothing but the corrected answer.",
                                problems));
    question->n_repairs++;
    estimate(question);
}

char *
chat_question_write(const ChatQuestion *question, ChatChanges changes)
{
    return dag__chat_request_write(&question->settings,
                                   (const ChatMessage *)(void *)question->messages->data,
                                   question->messages->len, changes);
}
