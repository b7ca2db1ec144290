/* SPDX-License-Identifier: MIT */
/*
 * The part of a context that takes the traffic of an attempt.
 */
#include "run/context.h"

#include "model/graph.h"

#include <dagrun/traffic.h>

static Traffic *
traffic_of(DagContext *context)
{
    if (!context->traffic)
        context->traffic = dag__traffic_new();
    return context->traffic;
}

/* Return a copy of the text in which secrets are masked; free with g_free(). */
static char *
mask(const DagContext *context, const char *text)
{
    GString *masked = g_string_new(text);

    if (context->env->graph->mask)
        dag_mask_text(context->env->graph->mask, masked, 0);
    return g_string_free(masked, FALSE);
}

void
dag_context_add_request(DagContext *context, const DagRequest *request)
{
    g_return_if_fail(context && request && request->url);

    g_autofree char *url = mask(context, request->url);
    DagRequest copy = *request;

    copy.url = url;
    copy.attempt = context->attempt;
    dag__traffic_add_request(traffic_of(context), &copy);
}

void
dag_context_fail_request(DagContext *context, const char *failure)
{
    DagRequest *last;

    g_return_if_fail(context);
    if (!context->traffic || context->traffic->requests->len == 0)
        return;
    last = &g_array_index(context->traffic->requests, DagRequest,
                          context->traffic->requests->len - 1);
    g_free((char *)last->failure);
    last->failure = g_strdup(failure);
}

void
dag_context_add_usage(DagContext *context, const DagUsage *usage)
{
    g_return_if_fail(context && usage);
    dag__traffic_add_usage(traffic_of(context), usage);
}

bool
dag_context_is_followed(const DagContext *context)
{
    g_return_val_if_fail(context, false);
    return context->env->follow;
}

void
dag_context_count_tokens(DagContext *context, uint64_t n_tokens)
{
    g_return_if_fail(context);
    if (context->env->follow)
        dag__follow_count(context->env->follow, context->task, n_tokens);
}

void
dag_context_note_kept(DagContext *context)
{
    g_return_if_fail(context);
    traffic_of(context)->is_kept = true;
}
