/* SPDX-License-Identifier: MIT */
/*
 * The traffic of tasks that send requests: a record of each request, and the tokens and the money that
 * questions to language models have used.  Kinds report it while they run; the run keeps it.
 */
#pragma once

#include <dagrun/types.h>

G_BEGIN_DECLS

typedef struct DagContext DagContext; /* one running attempt of a task; see context.h */
typedef struct DagRun DagRun;         /* the record of one execution; see run.h */

/* A request and its answer.  Parts of time that were not reached are 0. */
typedef struct DagRequest {
    unsigned attempt;   /* of the task, from 1; dag_context_add_request() sets it */
    unsigned redirects; /* followed before this one */
    const char *method;
    const char *url;      /* secrets are masked */
    const char *service;  /* name of the declared service, or NULL */
    unsigned status;      /* of the answer; 0: none */
    const char *failure;  /* kind of failure, such as "no-answer", or NULL */
    bool is_sent;         /* it began to be sent */
    bool is_reused;       /* on a connection that an earlier request had made */
    bool is_insecure;     /* the certificate of the server was not to be checked */
    const char *version;  /* of HTTP, such as "1.1"; NULL: no answer */
    const char *address;  /* of the server, or NULL: no connection */
    int64_t queue_ns;     /* before it, for a place among the requests to the same server */
    int64_t throttled_ns; /* before and after it, because of a limit of the server */
    int64_t name_ns;      /* to find the address */
    int64_t connect_ns;
    int64_t tls_ns;
    int64_t first_byte_ns; /* from the connection to the first byte of the answer */
    int64_t total_ns;      /* without queue and throttled */
    uint64_t bytes_sent,
        bytes_received; /* headers too; compressed bodies as they were sent */
} DagRequest;

/* Tokens and money that a task used in all attempts; of the texts, those of the last answer. */
typedef struct DagUsage {
    const char *model;          /* asked; or NULL */
    const char *served;         /* the model that the service says has answered; or NULL */
    const char *finish_reason;  /* or NULL */
    const char *fallback;       /* the service that was asked last; NULL: the first one */
    uint64_t input, cached;     /* tokens; cached: part of input */
    uint64_t output, reasoning; /* reasoning: part of output */
    bool is_estimated;          /* in part at least: the server did not count */
    unsigned repairs;           /* answers that were not good enough, and asked for again */
    bool has_cost;              /* the service has prices */
    double cost;                /* in the currency of the prices */
} DagUsage;

/* The traffic of a whole run.  The texts of `usage` are NULL. */
typedef struct DagTraffic {
    size_t n_requests;
    size_t n_failed;      /* requests with a failure */
    int64_t throttled_ns; /* of all requests added up */
    bool has_usage;       /* models were asked */
    DagUsage usage;
} DagTraffic;

/* Add a request of the running attempt.  Everything is copied. */
void dag_context_add_request(DagContext *context, const DagRequest *request);

/* Set the failure of the request that was added last, if one was added; NULL: it did not fail. */
void dag_context_fail_request(DagContext *context, const char *failure);

/* Add the usage of an answer, or a part of one, to that of the task.  Numbers are added; texts replace
 * earlier ones unless they are NULL. */
void dag_context_add_usage(DagContext *context, const DagUsage *usage);

/* Return true if observers learn of dag_context_count_tokens(): there are some, and they follow running tasks. */
bool dag_context_is_followed(const DagContext *context);

/* Tell how many tokens the attempt has received so far of an answer that is still arriving.  The last number becomes
 * DAG_EVENT_TOKENS at the next tick.  Nothing is added to the usage of the task. */
void dag_context_count_tokens(DagContext *context, uint64_t n_tokens);

/* Note that the output of the task is an answer that was kept: no request was sent for it. */
void dag_context_note_kept(DagContext *context);

/* Return the requests of a task, in order; `*n_out` of them.  Borrowed; NULL if there are none. */
const DagRequest *dag_run_requests(const DagRun *run, DagTaskId id, size_t *n_out);

/* Return the usage of a task; borrowed.  NULL: it asked no model. */
const DagUsage *dag_run_usage(const DagRun *run, DagTaskId id);

/* Return true if the output of the task is an answer that was kept. */
bool dag_run_is_kept(const DagRun *run, DagTaskId id);

/* Return the sums over all tasks. */
DagTraffic dag_run_traffic(const DagRun *run);

G_END_DECLS
