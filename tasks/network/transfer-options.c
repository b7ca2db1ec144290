/* SPDX-License-Identifier: MIT */
#include "transfer-options.h"

void
transfer_options_connect(const CurlLibrary *curl, CURL *easy, const TransferSpec *spec)
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
