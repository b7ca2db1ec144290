/* SPDX-License-Identifier: MIT */
/*
 * A request, made of the declarations once the outputs that they name are known.
 */
#pragma once

#include "http-config.h"
#include "transfers.h"

#include <dagrun/context.h>

typedef struct Request {
    char *method;
    char *url;
    /* Of char *: headers of the author and of the service, for its origin only. */
    GPtrArray *own;
    GPtrArray *plain;                                     /* of char *: the others */
    GString *body;                                        /* or NULL: none */
    char *user, *password, *ca, *cert, *cert_key, *proxy; /* or NULL */
    char *directory; /* of relative names of files, or NULL: the working directory */
    char *boundary;  /* of the parts of the body, which is random; or NULL */
    guint key_index; /* of the service's key in `own`; UINT_MAX: it has none */
    bool is_insecure;
    HttpVersion version;
} Request;

/*
 * Make the request.
 * Returns: false with DAG_ERROR_INVALID or DAG_ERROR_IO; then it must be cleared, too.
 */
bool request_init(Request *request, const HttpConfig *config, const DagContext *context,
                  const Transfers *transfers, GError **error);

void request_clear(Request *request);

/*
 * Let the request follow a redirect with this status to `location`, which may be relative.
 * Returns: false with DAG_ERROR_INVALID if it must not be followed.
 */
bool request_redirect(Request *request, unsigned status, const char *location,
                      const CurlLibrary *curl, GError **error);

/* Return scheme, host and port of its URL, such as "https://x:443"; free with g_free(). */
char *request_origin(const Request *request, const CurlLibrary *curl);

/* Replace the body, and the header that names its type. */
void request_set_body(Request *request, const char *type, const char *text);

/* Return an absolute name for a file of the task; free with g_free(). */
char *request_file(const Request *request, const char *name);
