/* SPDX-License-Identifier: MIT */
#include "chat-identity.h"

#include "request-identity.h"

GPtrArray *
chat_demands(const ChatConfig *config)
{
    GPtrArray *demands = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(demands, result_key(&config->result));
    g_ptr_array_add(demands, g_strdup(config->variant));
    return demands;
}

/* Add the settings of the model. */
static void
identify_settings(const ChatConfig *config, DagKey *key)
{
    g_autofree char *settings = g_strdup_printf(
        "%.17g %.17g %.17g %" G_GINT64_FORMAT " %d", config->temperature, config->top_p,
        config->seed, config->max_tokens, config->result.repair);

    dag_key_add_text(key, "settings", settings);
    dag_key_add_text(key, "extra", config->extra);
}

/* Add the services and models that are asked if the first one fails. */
static bool
identify_fallbacks(const ChatConfig *config, DagKey *key, GError **error)
{
    for (const ChatConfig *other = config->fallback; other; other = other->fallback) {
        const HttpService *service = http_service_of(&other->http);

        if ((service &&
             !dag_key_add_template(key, "url of a fallback", service->url, error)) ||
            !dag_key_add_template(key, "model of a fallback", other->model, error))
            return false;
    }
    return true;
}

bool
chat_identify(DagContext *context, const void *data, DagKey *key, GError **error)
{
    const ChatConfig *config = data;
    g_autoptr(GPtrArray) demands = chat_demands(config);

    if (!request_identify(&config->http, false, context, key, error) ||
        !dag_key_add_template(key, "model", config->model, error) ||
        !identify_fallbacks(config, key, error))
        return false;
    identify_settings(config, key);
    request_identify_demands(demands, key);
    for (size_t i = 0; i < config->n_parts; i++) {
        const ChatPart *part = &config->parts[i];
        g_autofree char *name = g_strdup_printf("message %zu (%s)", i + 1, part->role);

        dag_key_add_text(key, name, part->task);
        if (!dag_key_add_template(key, name, part->file ? part->file : part->text, error) ||
            (part->file && !request_identify_file(part->file, context, key, error)))
            return false;
    }
    return true;
}
