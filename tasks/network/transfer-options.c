/* SPDX-License-Identifier: MIT */
#include "transfer-options.h"

/* Silent calls of many minutes die behind address translation without it. */
#define KEEP_ALIVE_SECONDS 60L

/* Set the options that are the same for all requests. */
static void
set_basics(const CurlLibrary *curl, CURL *easy)
{
    curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl->easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
    curl->easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* do not wait for a name look-up */
    curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl->easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl->easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl->easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, KEEP_ALIVE_SECONDS);
    curl->easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, KEEP_ALIVE_SECONDS);
    curl->easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
}

/* Set the options of the connection. */
static void
set_connection(const CurlLibrary *curl, CURL *easy, const TransferSpec *spec)
{
    int64_t connect_ms = MAX(spec->connect_ns / 1000000, 1);

    curl->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)MIN(connect_ms, INT32_MAX));
    curl->easy_setopt(
        easy, CURLOPT_HTTP_VERSION,
        (long)(spec->wants_http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
    if (spec->is_fresh)
        curl->easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    if (spec->user) {
        curl->easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl->easy_setopt(easy, CURLOPT_USERNAME, spec->user);
        curl->easy_setopt(easy, CURLOPT_PASSWORD, spec->password ? spec->password : "");
    }
    if (spec->ca)
        curl->easy_setopt(easy, CURLOPT_CAINFO, spec->ca);
    if (spec->cert)
        curl->easy_setopt(easy, CURLOPT_SSLCERT, spec->cert);
    if (spec->cert_key)
        curl->easy_setopt(easy, CURLOPT_SSLKEY, spec->cert_key);
    if (spec->proxy)
        curl->easy_setopt(easy, CURLOPT_PROXY, spec->proxy);
    if (spec->is_insecure) {
        curl->easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl->easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
}

void
transfer_options_set(const CurlLibrary *curl, CURL *easy, const TransferSpec *spec)
{
    set_basics(curl, easy);
    set_connection(curl, easy, spec);
}
