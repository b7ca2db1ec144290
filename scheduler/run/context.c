/* SPDX-License-Identifier: MIT */
/*
 * What a kind sees of the run around it.
 */
#include "run/context.h"

#include "model/graph.h"

DagTaskId
dag_context_task(const DagContext *context)
{
    return context->task;
}

const DagGraph *
dag_context_graph(const DagContext *context)
{
    return context->graph;
}

static const char *
output_text(DagTaskId task, void *data, GError **error)
{
    const DagContext *context = data;

    return dag__outputs_text(context->outputs, task, error);
}

char *
dag_context_expand(const DagContext *context, const DagTemplate *text, GError **error)
{
    GString *out = g_string_new(NULL);

    if (!dag_template_expand(text, output_text, (void *)context, out, error)) {
        g_string_free(out, TRUE);
        return NULL;
    }
    return g_string_free(out, FALSE);
}

int
dag_context_output_fd(const DagContext *context, DagTaskId task, GError **error)
{
    return context->outputs ? dag__outputs_fd(context->outputs, task, error) : -1;
}

bool
dag_context_wants_transcript(const DagContext *context)
{
    return context->wants_transcript;
}

void
dag_context_take_output(DagContext *context, GBytes *output)
{
    dag__outputs_take(context->outputs, context->task, output);
}

void
dag_context_take_transcript(DagContext *context, GBytes *transcript)
{
    if (context->wants_transcript && !context->transcript)
        context->transcript = transcript;
    else
        g_bytes_unref(transcript);
}

void
dag_context_set_reason(DagContext *context, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_free(context->reason);
    context->reason = g_strdup_vprintf(format, args);
    va_end(args);
    if (context->graph->mask) {
        GString *masked = g_string_new(context->reason);

        dag__mask_text(context->graph->mask, masked, 0);
        g_free(context->reason);
        context->reason = g_string_free(masked, FALSE);
    }
}
