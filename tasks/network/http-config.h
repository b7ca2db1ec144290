/* SPDX-License-Identifier: MIT */
/*
 * The declarations <http> and <service>, as they are written.
 */
#pragma once

#include "result-config.h"
#include "statuses.h"

#include <dagrun/kind.h>

/* A name and its value. */
typedef struct HttpPair {
    const char *name;
    const DagTemplate *value; /* or NULL: empty */
} HttpPair;

/* A part of a multipart/form-data body. */
typedef struct HttpPart {
    const char *name;
    const char *type;        /* or NULL */
    const DagTemplate *text; /* or */
    const DagTemplate *file; /* the name of a file */
} HttpPart;

typedef enum HttpBodyType { HTTP_BODY_TEXT, HTTP_BODY_JSON, HTTP_BODY_XML } HttpBodyType;

/* A value that is taken out of an answer: a line of the output. */
typedef struct HttpExtract {
    const char *json;      /* a JSON pointer, or */
    const char *xpath;     /* an expression of XPath, or */
    const char *header;    /* the name of a header; or none of them: the status */
    const char *otherwise; /* the value if there is none, or NULL: a failure */
} HttpExtract;

typedef enum HttpVersion { HTTP_2_AUTO, HTTP_2_ON, HTTP_2_OFF } HttpVersion;

typedef struct HttpService {
    const DagTemplate *url, *key, *user, *password, *ca, *cert, *cert_key,
        *proxy;             /* or NULL */
    const char *key_header; /* NULL: Authorization with Bearer */
    bool is_insecure;
    HttpVersion version;
    double price_input, price_cached, price_output; /* of a million tokens; NAN: unknown */
    int64_t patience_ns;     /* the longest wait that a server may ask for */
    int64_t context;         /* tokens of a question and its answer; 0: unknown */
    const HttpPair *headers; /* [n_headers] */
    size_t n_headers;
} HttpService;

typedef struct HttpConfig {
    const DagDeclared *service; /* or NULL */
    const DagTemplate *url;     /* or NULL: that of the service */
    const char *method;
    int redirects;
    int64_t max_size;
    const DagTemplate *save; /* or NULL */
    int64_t connect_ns, first_byte_ns, stall_ns;
    bool is_idempotent;
    bool has_key;           /* idempotency-key="auto" */
    const DagTemplate *key; /* another idempotency key, or NULL */
    const HttpPair *queries, *headers, *fields;
    size_t n_queries, n_headers, n_fields;
    const HttpPart *parts; /* [n_parts] */
    size_t n_parts;
    const DagTemplate *body, *body_file; /* or NULL */
    HttpBodyType body_type;
    const HttpExtract *extracts; /* [n_extracts] */
    size_t n_extracts;
    ResultConfig result;
    HttpOutcomes expect, retry_on;
    const char *expected; /* the words of `expect` */
    int64_t cache_ns;     /* 0: answers are not kept; INT64_MAX: for ever */
} HttpConfig;

extern const DagDeclarationType http_service_type;

/* The attributes and elements of <http>, in tables for its kind. */
#define HTTP_N_ATTRIBUTES 12
#define HTTP_N_CHILDREN   7
extern const DagAttribute http_attributes[HTTP_N_ATTRIBUTES];
extern const DagElementType http_children[HTTP_N_CHILDREN];

/* A DagKind.configure. */
void *http_configure(DagElement *element, GError **error);

/* Return the configuration of the service, or NULL. */
const HttpService *http_service_of(const HttpConfig *config);

/* The longest wait of requests whose service declares none, and without a service. */
#define HTTP_PATIENCE_NS (INT64_C(120) * 1000000000)

/* So many times its patience a task waits in all. */
#define HTTP_ALL_PATIENCE 5

/* Return the longest wait that a server may ask the request for. */
int64_t http_patience_ns(const HttpConfig *config);

/* Return true if a price is declared. */
bool http_service_has_prices(const HttpService *service);

/* Set the error, DAG_ERROR_INVALID; an earlier one is replaced.  Returns: false. */
bool http_refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Read the attribute `cache`, a duration or "forever". */
bool http_read_cache(const DagElement *element, HttpConfig *config, GError **error);

/* Return the nanoseconds of a DAG_ATTRIBUTE_DURATION attribute, or others if it is absent; 0 is no limit. */
int64_t http_limit_ns(const DagElement *element, const char *name, int64_t otherwise);
