/* SPDX-License-Identifier: MIT */
/*
 * The parts are the declarations, not the request that is made of them: so a change is told by the name of the
 * declaration, and libcurl need not be loaded to find that nothing has changed.
 */
#include "request-identity.h"

#include "../process.h"

#include <string.h>

GPtrArray *
request_demands(const HttpConfig *config)
{
    GPtrArray *demands = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(demands, g_strdup_printf("%d", config->redirects));
    g_ptr_array_add(demands, g_strdup(config->expected));
    g_ptr_array_add(demands, result_key(&config->result));
    for (size_t i = 0; i < config->n_extracts; i++) {
        g_ptr_array_add(demands, g_strdup(config->extracts[i].json));
        g_ptr_array_add(demands, g_strdup(config->extracts[i].header));
        g_ptr_array_add(demands, g_strdup(config->extracts[i].xpath));
        g_ptr_array_add(demands, g_strdup(config->extracts[i].otherwise));
    }
    return demands;
}

void
request_identify_demands(const GPtrArray *demands, DagKey *key)
{
    g_autoptr(GString) all = g_string_new(NULL);

    for (guint i = 0; i < demands->len; i++) {
        const char *text = demands->pdata[i];

        /* A length in front, so that no two lists are alike. */
        g_string_append_printf(all, "%zd:%s", text ? (gssize)strlen(text) : -1,
                               text ? text : "");
    }
    dag_key_add_text(key, "demands", all->str);
}

bool
request_identify_file(const DagTemplate *name, DagContext *context, DagKey *key,
                      GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autofree char *text = dag_context_expand(context, name, &problem);
    g_autofree char *directory = text ? dag__process_directory(context, &problem) : NULL;
    g_autofree char *path = NULL;

    if (problem) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    path = directory && !g_path_is_absolute(text) ? g_build_filename(directory, text, NULL)
                                                  : g_strdup(text);
    return dag_key_add_file(key, path, error);
}

static bool
identify_pairs(DagKey *key, const char *word, const HttpPair *pairs, size_t n,
               GError **error)
{
    for (size_t i = 0; i < n; i++) {
        g_autofree char *name = g_strdup_printf("%s %s", word, pairs[i].name);

        if (!dag_key_add_template(key, name, pairs[i].value, error))
            return false;
    }
    return true;
}

static bool
identify_service(const HttpService *service, bool has_key, DagKey *key, GError **error)
{
    if (!service)
        return true;
    dag_key_add_text(key, "key header", service->key_header);
    return dag_key_add_template(key, "url of the service", service->url, error) &&
           identify_pairs(key, "header", service->headers, service->n_headers, error) &&
           (!has_key || (dag_key_add_template(key, "key", service->key, error) &&
                         dag_key_add_template(key, "user", service->user, error) &&
                         dag_key_add_template(key, "password", service->password, error) &&
                         dag_key_add_template(key, "certificate", service->cert, error) &&
                         dag_key_add_template(key, "proxy", service->proxy, error)));
}

static bool
identify_parts(const HttpConfig *config, DagContext *context, DagKey *key, GError **error)
{
    for (size_t i = 0; i < config->n_parts; i++) {
        const HttpPart *part = &config->parts[i];
        g_autofree char *name = g_strdup_printf("part %s", part->name);

        dag_key_add_text(key, name, part->type);
        if (!dag_key_add_template(key, name, part->file ? part->file : part->text, error) ||
            (part->file && !request_identify_file(part->file, context, key, error)))
            return false;
    }
    return true;
}

bool
request_identify(const HttpConfig *config, bool has_key, DagContext *context, DagKey *key,
                 GError **error)
{
    g_autoptr(GPtrArray) demands = request_demands(config);
    g_autofree char *type = g_strdup_printf("%d", config->body_type);

    dag_key_add_text(key, "method", config->method);
    request_identify_demands(demands, key);
    dag_key_add_text(key, "type of the body", type);
    return identify_service(http_service_of(config), has_key, key, error) &&
           dag_key_add_template(key, "url", config->url, error) &&
           identify_pairs(key, "query", config->queries, config->n_queries, error) &&
           identify_pairs(key, "header", config->headers, config->n_headers, error) &&
           identify_pairs(key, "field", config->fields, config->n_fields, error) &&
           identify_parts(config, context, key, error) &&
           dag_key_add_template(key, "body", config->body, error) &&
           (!config->body_file ||
            request_identify_file(config->body_file, context, key, error));
}
