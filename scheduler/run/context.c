/* SPDX-License-Identifier: MIT */
/*
 * The part of a context that a kind uses to read outputs and to write its own.
 */
#include "run/context.h"

#include "model/graph.h"
#include "ready/retry.h"
#include "run/lock.h"
#include "run/task-files.h"

#include <dagrun/duration.h>
#include <dagrun/engine.h>
#include <dagrun/error.h>
#include <string.h>

DagTaskId
dag_context_task(const DagContext *context)
{
    g_return_val_if_fail(context, DAG_TASK_NONE);
    return context->task;
}

const DagGraph *
dag_context_graph(const DagContext *context)
{
    g_return_val_if_fail(context, NULL);
    return context->env->graph;
}

/* The record was complete when the end of the predecessor let this task start, under the lock. */
DagOutcome
dag_context_outcome(const DagContext *context, DagTaskId task)
{
    DagOutcome outcome;

    g_return_val_if_fail(context && task < context->env->graph->n_tasks, DAG_PENDING);
    outcome = (DagOutcome)records_get(&context->env->run->records, task)->outcome;
    return outcome == DAG_REUSED ? DAG_SUCCEEDED : outcome;
}

DagOutcome
dag_context_run_outcome(const DagContext *context)
{
    DagOutcome outcome;

    g_return_val_if_fail(context, DAG_PENDING);
    dag__lock(context->env->run_lock);
    outcome = dag__run_outcome(context->env->run);
    dag__unlock(context->env->run_lock);
    return outcome;
}

size_t
dag_context_failed(const DagContext *context, DagTaskId *ids_out, size_t max)
{
    const GArray *failed;
    size_t n = 0;

    g_return_val_if_fail(context && (ids_out || max == 0), 0);
    dag__lock(context->env->run_lock);
    failed = context->env->run->failed;
    if (failed)
        n = failed->len;
    if (n > 0 && max > 0)
        memcpy(ids_out, failed->data, MIN(n, max) * sizeof(DagTaskId));
    dag__unlock(context->env->run_lock);
    return n;
}

/* A template that is being expanded. */
typedef struct Expansion {
    const DagContext *context;
    char *text; /* the output read last; owned */
} Expansion;

static const char *
reference_text(DagTaskId task, bool is_outcome, void *data, GError **error)
{
    Expansion *expansion = data;

    if (is_outcome)
        return dag_outcome_name(dag_context_outcome(expansion->context, task));
    g_free(expansion->text);
    expansion->text = dag__outputs_text(expansion->context->env->outputs, task, error);
    return expansion->text;
}

char *
dag_context_expand(const DagContext *context, const DagTemplate *text, GError **error)
{
    g_return_val_if_fail(context && text, NULL);

    GString *out = g_string_new(NULL);
    Expansion expansion = {context, NULL};
    bool good = dag_template_expand(text, reference_text, &expansion, out, error);

    g_free(expansion.text);
    return g_string_free(out, !good);
}

int
dag_context_open_output(const DagContext *context, DagTaskId task, GError **error)
{
    g_return_val_if_fail(context, -1);
    return context->env->outputs ? dag__outputs_open(context->env->outputs, task, error)
                                 : -1;
}

char *
dag_context_output_file(const DagContext *context, DagTaskId task, DagRunFiles *files,
                        GError **error)
{
    g_return_val_if_fail(context && files && context->env->outputs, NULL);
    return dag__outputs_file(context->env->outputs, task, files, error);
}

void *
dag_context_engine(DagContext *context, GError **error)
{
    g_return_val_if_fail(context, NULL);

    const DagKind *kind = dag_graph_task_kind(context->env->graph, context->task);

    if (!kind->engine) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID, "the kind \"%s\" has no engine",
                    kind->name);
        return NULL;
    }
    return dag__engines_get(context->env->engines, kind->engine, error);
}

bool
dag_context_wants_transcript(const DagContext *context)
{
    g_return_val_if_fail(context, false);
    return context->env->wants_transcript;
}

void
dag_context_write_output(DagContext *context, const void *bytes, size_t size)
{
    g_return_if_fail(context && (bytes || size == 0));
    if (size == 0 || !context->env->outputs ||
        !dag_graph_task_is_read(context->env->graph, context->task))
        return;
    if (!context->output)
        context->output = dag__spool_new();
    dag__spool_write(context->output, bytes, size);
}

/* Write the bytes that cannot be part of a secret.  At the end of the transcript `bytes` is
 * NULL. */
static void
write_masked(DagContext *context, DagStream stream, const void *bytes, size_t size)
{
    DagMaskStream *secrets = &context->secrets[stream];
    g_autoptr(GString) masked = g_string_new(NULL);

    secrets->mask = context->env->graph->mask;
    if (bytes)
        dag__mask_push(secrets, bytes, size, masked);
    else
        dag__mask_flush(secrets, masked);
    dag__transcript_write(&context->writer, stream, masked->str, masked->len);
}

/* Pass on text of a transcript, in which secrets are masked. */
static void
follow_text(DagStream stream, const char *bytes, size_t size, void *data)
{
    const DagContext *context = data;
    int64_t limit_ns = context->limit_ns;

    if (context->deadlines)
        limit_ns = MIN(limit_ns, timed_queue_next_ns(context->deadlines));
    dag__follow_push(context->env->follow, &(FollowedText){.task = context->task,
                                                           .stream = stream,
                                                           .bytes = bytes,
                                                           .size = size,
                                                           .limit_ns = limit_ns});
}

static void
begin_transcript(DagContext *context)
{
    if (context->transcript)
        return;
    context->transcript = dag__spool_new();
    context->writer = (TranscriptWriter){
        .spool = context->transcript,
        .follow = context->env->follow ? follow_text : NULL,
        .data = context,
    };
    if (context->env->logs)
        dag__logs_begin(context->env->logs, context->task, context->attempt,
                        context->transcript);
}

/* Add text to a transcript; mask secrets. */
static void
write_stream(DagContext *context, DagStream stream, const void *bytes, size_t size)
{
    if (size == 0 || !context->env->wants_transcript)
        return;
    begin_transcript(context);
    if (context->env->graph->mask)
        write_masked(context, stream, bytes, size);
    else
        dag__transcript_write(&context->writer, stream, bytes, size);
}

void
dag_context_write_transcript(DagContext *context, const void *bytes, size_t size)
{
    g_return_if_fail(context && (bytes || size == 0));
    write_stream(context, DAG_STREAM_OUTPUT, bytes, size);
}

void
dag_context_write_both(DagContext *context, const void *bytes, size_t size)
{
    g_return_if_fail(context && (bytes || size == 0));
    dag_context_write_output(context, bytes, size);
    if (size == 0 || !context->env->wants_transcript)
        return;
    begin_transcript(context);
    /* A transcript with secrets differs from the output. */
    if (!context->output || context->env->graph->mask ||
        !dag__transcript_borrow(&context->writer, context->output, bytes, size))
        write_stream(context, DAG_STREAM_OUTPUT, bytes, size);
}

void
dag_context_write_errors(DagContext *context, const void *bytes, size_t size)
{
    g_return_if_fail(context && (bytes || size == 0));
    write_stream(context, DAG_STREAM_ERRORS, bytes, size);
}

DagLateText *
dag_context_late_text(DagContext *context)
{
    g_return_val_if_fail(context, NULL);
    if (!context->env->wants_transcript || !context->env->late_texts)
        return NULL;
    return dag__late_texts_add(context->env->late_texts, context->task);
}

/* Complete the output.  A task fails if its output is incomplete, since a successor must not read a
 * part of it. */
static DagOutcome
finish_output(DagContext *context, DagOutcome outcome)
{
    dag__spool_finish(context->output);
    if (dag_spool_n_lost(context->output) == 0)
        return outcome;
    if (dag_outcome_is_success(outcome)) {
        dag_context_set_reason(context, "cannot keep its output: %s",
                               g_strerror(dag_spool_problem(context->output)));
        outcome = DAG_FAILED;
    }
    dag__spool_free(g_steal_pointer(&context->output));
    return outcome;
}

void
dag__context_forget_output(DagContext *context)
{
    if (!context->output)
        return;
    dag__spool_finish(context->output);
    dag__spool_free(g_steal_pointer(&context->output));
}

static void
finish_transcript(DagContext *context)
{
    if (context->env->graph->mask) {
        write_masked(context, DAG_STREAM_OUTPUT, NULL, 0);
        write_masked(context, DAG_STREAM_ERRORS, NULL, 0);
    }
    dag__transcript_finish(&context->writer);
    dag__spool_finish(context->transcript);
}

DagOutcome
dag__context_end(DagContext *context, DagOutcome outcome)
{
    if (outcome == DAG_CANCELLED && context->timed_out) {
        char limit[DAG_DURATION_SIZE];

        dag_context_set_reason(context, "its timeout is %s",
                               dag_duration_format(context->policy->timeout_ns, limit));
        outcome = DAG_TIMED_OUT;
    }
    if (context->transcript)
        finish_transcript(context);
    if (context->output)
        outcome = finish_output(context, outcome);
    outcome = dag__task_files_end(context, outcome);
    /* The memory reads the output before others may: it may be freed as soon as it is stored, if the
     * tasks that would read it have been cancelled. */
    dag__reuse_end(context, outcome);
    if (context->output)
        dag__outputs_take(context->env->outputs, context->task,
                          g_steal_pointer(&context->output));
    return outcome;
}

void
dag_context_forbid_retry(DagContext *context)
{
    g_return_if_fail(context);
    context->is_final = true;
}

bool
dag_context_may_retry(const DagContext *context)
{
    g_return_val_if_fail(context, false);
    return !context->is_final &&
           dag__retry_is_due(context->policy, context->env->retries, context->attempt,
                             DAG_FAILED, context->exit_code);
}

void
dag_context_forbid_reuse(DagContext *context)
{
    g_return_if_fail(context);
    context->is_transient = true;
}

void
dag_context_set_reason(DagContext *context, const char *format, ...)
{
    g_return_if_fail(context && format);

    va_list args;

    va_start(args, format);
    g_free(context->reason);
    context->reason = g_strdup_vprintf(format, args);
    va_end(args);
    if (context->env->graph->mask) {
        GString *masked = g_string_new(context->reason);

        dag_mask_text(context->env->graph->mask, masked, 0);
        g_free(context->reason);
        context->reason = g_string_free(masked, FALSE);
    }
}
