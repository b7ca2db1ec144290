/* SPDX-License-Identifier: MIT */
/*
 * libcurl, loaded when the first request of a run is due.  Loading it with its 32 libraries takes longer
 * than a whole run of a small graph, so nothing is linked with it.
 */
#pragma once

#include <curl/curl.h>
#include <glib.h>
#include <stdbool.h>

/* The functions that dagrun calls; each has the name in libcurl without "curl_". */
typedef struct CurlLibrary {
    __typeof__(curl_global_init) *global_init;
    __typeof__(curl_version_info) *version_info;
    __typeof__(curl_easy_init) *easy_init;
    __typeof__(curl_easy_cleanup) *easy_cleanup;
    __typeof__(curl_easy_setopt) *easy_setopt;
    __typeof__(curl_easy_getinfo) *easy_getinfo;
    __typeof__(curl_easy_strerror) *easy_strerror;
    __typeof__(curl_slist_append) *slist_append;
    __typeof__(curl_slist_free_all) *slist_free_all;
    __typeof__(curl_multi_init) *multi_init;
    __typeof__(curl_multi_cleanup) *multi_cleanup;
    __typeof__(curl_multi_setopt) *multi_setopt;
    __typeof__(curl_multi_add_handle) *multi_add_handle;
    __typeof__(curl_multi_remove_handle) *multi_remove_handle;
    __typeof__(curl_multi_socket_action) *multi_socket_action;
    __typeof__(curl_multi_info_read) *multi_info_read;
    __typeof__(curl_multi_strerror) *multi_strerror;
    __typeof__(curl_url) *url;
    __typeof__(curl_url_cleanup) *url_cleanup;
    __typeof__(curl_url_set) *url_set;
    __typeof__(curl_url_get) *url_get;
    __typeof__(curl_url_strerror) *url_strerror;
    __typeof__(curl_free) *free;
} CurlLibrary;

/* Load libcurl and fill the table.  It stays loaded until the process ends.
 * Returns: false with DAG_ERROR_IO if it is not installed, or is older than 7.85. */
bool curl_library_load(CurlLibrary *library, GError **error);
