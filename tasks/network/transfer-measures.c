/* SPDX-License-Identifier: MIT */
#include "transfer-measures.h"

/* Return a number of libcurl's, or 0. */
static int64_t
measured(const CurlLibrary *curl, CURL *easy, CURLINFO info)
{
    curl_off_t value = 0;

    if (curl->easy_getinfo(easy, info, &value) != CURLE_OK)
        return 0;
    return MAX(value, 0);
}

static long
measured_long(const CurlLibrary *curl, CURL *easy, CURLINFO info)
{
    long value = 0;

    curl->easy_getinfo(easy, info, &value);
    return MAX(value, 0);
}

/* Return the time from one of libcurl's marks, in microseconds, to a later one; 0 if that was not reached. */
static int64_t
between_ns(int64_t from_us, int64_t to_us)
{
    return to_us > from_us ? (to_us - from_us) * 1000 : 0;
}

static const char *
version_name(long version)
{
    switch (version) {
    case CURL_HTTP_VERSION_1_0:
        return "1.0";
    case CURL_HTTP_VERSION_1_1:
        return "1.1";
    case CURL_HTTP_VERSION_2_0:
        return "2";
    default:
        return NULL;
    }
}

void
transfer_measures_read(const CurlLibrary *curl, CURL *easy, DagRequest *request_out)
{
    int64_t name_us = measured(curl, easy, CURLINFO_NAMELOOKUP_TIME_T);
    int64_t connect_us = measured(curl, easy, CURLINFO_CONNECT_TIME_T);
    int64_t tls_us = measured(curl, easy, CURLINFO_APPCONNECT_TIME_T);
    int64_t ready_us = measured(curl, easy, CURLINFO_PRETRANSFER_TIME_T);
    const char *address = NULL;

    curl->easy_getinfo(easy, CURLINFO_PRIMARY_IP, &address);
    request_out->status =
        (unsigned)CLAMP(measured_long(curl, easy, CURLINFO_RESPONSE_CODE), 0, 999);
    request_out->address = address && *address ? address : NULL;
    request_out->is_reused =
        request_out->address && measured_long(curl, easy, CURLINFO_NUM_CONNECTS) == 0;
    request_out->version =
        request_out->status > 0
            ? version_name(measured_long(curl, easy, CURLINFO_HTTP_VERSION))
            : NULL;
    request_out->name_ns = between_ns(0, name_us);
    request_out->connect_ns = between_ns(name_us, connect_us);
    request_out->tls_ns = between_ns(connect_us, tls_us);
    request_out->first_byte_ns =
        between_ns(ready_us, measured(curl, easy, CURLINFO_STARTTRANSFER_TIME_T));
    request_out->bytes_sent = (uint64_t)measured_long(curl, easy, CURLINFO_REQUEST_SIZE) +
                              (uint64_t)measured(curl, easy, CURLINFO_SIZE_UPLOAD_T);
    request_out->bytes_received =
        (uint64_t)measured_long(curl, easy, CURLINFO_HEADER_SIZE) +
        (uint64_t)measured(curl, easy, CURLINFO_SIZE_DOWNLOAD_T);
}
