/* SPDX-License-Identifier: MIT */
/*
 * From the start of an attempt to its end, for every driver that runs tasks for real.
 */
#include "run/job.h"

void
dag__job_begin(DagJob *job, const ContextEnv *env, const AttemptStart *start,
               int64_t epoch_ns)
{
    job->context.env = env;
    job->start = *start;
    job->kind = dag_graph_task_kind(env->graph, start->task);
    job->config = dag_graph_task_config(env->graph, start->task);
    dag__context_begin(&job->context, start->task, start->attempt,
                       epoch_ns + start->start_ns);
}

AttemptEnd
dag__job_end(DagJob *job, DagOutcome outcome, int64_t end_ns, uint16_t unit)
{
    DagContext *context = &job->context;

    const Traffic *traffic;

    outcome = dag__context_end(context, outcome);
    traffic = context->traffic;
    return (AttemptEnd){
        .task = job->start.task,
        .attempt = job->start.attempt,
        .start_ns = job->start.start_ns,
        .end_ns = end_ns,
        .outcome = outcome,
        .is_final = context->is_final,
        .exit_code = context->exit_code,
        .unit = unit,
        .reason = g_steal_pointer(&context->reason),
        .reuse = g_steal_pointer(&context->reuse),
        .has_tokens =
            job->kind && job->kind->counts_tokens, /* tiny ones have no kind here */
        .tokens = traffic ? tokens_sum(traffic->usage.input, traffic->usage.output) : 0,
        .transcript = g_steal_pointer(&context->transcript),
        .traffic = g_steal_pointer(&context->traffic),
    };
}
