/* SPDX-License-Identifier: MIT */
#include "request-attempt.h"

bool
attempt_begin(RequestAttempt *attempt, DagJob *job, const HttpConfig *config,
              GError **error)
{
    DagContext *context = dag_job_context(job);

    attempt->job = job;
    attempt->config = config;
    exchange_init(&attempt->exchange, context, config, &attempt->request);
    attempt->exchange.job = job;
    dag_job_set_data(job, attempt);
    return request_init(&attempt->request, config, context, attempt->exchange.transfers,
                        error);
}

DagContext *
attempt_context(const RequestAttempt *attempt)
{
    return dag_job_context(attempt->job);
}

void
attempt_clear(RequestAttempt *attempt)
{
    exchange_clear(&attempt->exchange);
    answer_use_clear(&attempt->use);
    request_clear(&attempt->request);
}

/* Free the attempt.  Return its job. */
static DagJob *
detach(RequestAttempt *attempt)
{
    DagJob *job = attempt->job;

    dag_job_set_data(job, NULL);
    attempt_clear(attempt);
    attempt->free(attempt);
    return job;
}

void
attempt_finish(RequestAttempt *attempt, DagOutcome outcome)
{
    dag_job_finish(detach(attempt), outcome);
}

void
attempt_fail(RequestAttempt *attempt, Verdict verdict, bool is_sent)
{
    DagContext *context = attempt_context(attempt);

    verdict_report(&verdict, attempt->config, &attempt->request, is_sent, context);
    if (exchange_has_ended(&attempt->exchange))
        dag_context_fail_request(context, http_failure_name(verdict.failure));
    attempt_finish(attempt, DAG_FAILED);
}

void
attempt_fail_with(RequestAttempt *attempt, HttpFailure failure, const GError *error,
                  bool is_sent)
{
    attempt_fail(attempt, verdict_final(failure, g_strdup(error->message)), is_sent);
}

void
attempt_succeed_kept(RequestAttempt *attempt, const KeptAnswer *answer)
{
    DagContext *context = attempt_context(attempt);

    dag_context_note_kept(context);
    dag_context_write_both(context, answer->text->str, answer->text->len);
    attempt_finish(attempt, DAG_SUCCEEDED);
}

void
attempt_withdraw(const char *pool, int64_t until_ns, void *attempt)
{
    dag_job_wait(detach(attempt), pool, until_ns);
}

bool
attempt_goes_on(const RequestAttempt *attempt, DagCancelLevel level)
{
    return level < DAG_CANCEL_KILL && exchange_is_under_way(&attempt->exchange) &&
           !dag_context_is_timed_out(attempt_context(attempt));
}

void
attempt_keep(RequestAttempt *attempt, KeptAnswer *answer)
{
    g_autoptr(GError) error = NULL;

    if (!answer_use_keep(&attempt->use, answer, &error))
        answer_use_warn(attempt_context(attempt), error);
}
