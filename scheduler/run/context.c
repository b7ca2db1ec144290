/* SPDX-License-Identifier: MIT */
/*
 * What a kind sees of the run around it.
 */
#include "run/context.h"

#include "model/graph.h"

#include <dagrun/engine.h>
#include <dagrun/error.h>

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

/* One template being filled in. */
typedef struct Expansion {
    const DagContext *context;
    char *text; /* the output asked for last; owned */
} Expansion;

static const char *
output_text(DagTaskId task, void *data, GError **error)
{
    Expansion *expansion = data;

    g_free(expansion->text);
    expansion->text = dag__outputs_text(expansion->context->outputs, task, error);
    return expansion->text;
}

char *
dag_context_expand(const DagContext *context, const DagTemplate *text, GError **error)
{
    GString *out = g_string_new(NULL);
    Expansion expansion = {context, NULL};
    bool good = dag_template_expand(text, output_text, &expansion, out, error);

    g_free(expansion.text);
    return g_string_free(out, !good);
}

int
dag_context_output_fd(const DagContext *context, DagTaskId task, GError **error)
{
    return context->outputs ? dag__outputs_fd(context->outputs, task, error) : -1;
}

void *
dag_context_engine(DagContext *context, GError **error)
{
    const DagKind *kind = dag_graph_task_kind(context->graph, context->task);

    if (!kind->engine) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID, "the kind \"%s\" has no engine",
                    kind->name);
        return NULL;
    }
    return dag__engines_get(context->engines, kind->engine, error);
}

bool
dag_context_wants_transcript(const DagContext *context)
{
    return context->wants_transcript;
}

void
dag_context_write_output(DagContext *context, const void *bytes, size_t size)
{
    if (size == 0 || !context->outputs ||
        !dag_graph_task_is_read(context->graph, context->task))
        return;
    if (!context->output)
        context->output = dag__spool_new();
    dag__spool_write(context->output, bytes, size);
}

/* Writes what can be told by now without telling a secret.  At the end `bytes` is NULL. */
static void
write_masked(DagContext *context, const void *bytes, size_t size)
{
    g_autoptr(GString) masked = g_string_new(NULL);

    context->secrets.mask = context->graph->mask;
    if (bytes)
        dag__mask_push(&context->secrets, bytes, size, masked);
    else
        dag__mask_flush(&context->secrets, masked);
    dag__spool_write(context->transcript, masked->str, masked->len);
}

/* All that a task says passes here on its way to people, and nowhere else. */
void
dag_context_write_transcript(DagContext *context, const void *bytes, size_t size)
{
    if (size == 0 || !context->wants_transcript)
        return;
    if (!context->transcript) {
        context->transcript = dag__spool_new();
        if (context->logs)
            dag__logs_begin(context->logs, context->task, context->attempt,
                            context->transcript);
    }
    if (context->graph->mask)
        write_masked(context, bytes, size);
    else
        dag__spool_write(context->transcript, bytes, size);
}

/* A successor must not take a part of an output for the whole. */
static DagOutcome
keep_output(DagContext *context, DagOutcome outcome)
{
    DagSpool *output = g_steal_pointer(&context->output);

    dag__spool_finish(output);
    if (dag_spool_n_lost(output) == 0) {
        dag__outputs_take(context->outputs, context->task, output);
        return outcome;
    }
    if (outcome == DAG_SUCCEEDED) {
        dag_context_set_reason(context, "cannot keep its output: %s",
                               g_strerror(dag_spool_problem(output)));
        outcome = DAG_FAILED;
    }
    dag__spool_free(output);
    return outcome;
}

DagOutcome
dag__context_hand_over(DagContext *context, DagOutcome outcome)
{
    if (context->transcript && context->graph->mask)
        write_masked(context, NULL, 0);
    if (context->transcript)
        dag__spool_finish(context->transcript);
    return context->output ? keep_output(context, outcome) : outcome;
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
