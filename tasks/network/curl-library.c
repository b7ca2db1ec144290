/* SPDX-License-Identifier: MIT */
#include "curl-library.h"

#include <dagrun/error.h>
#include <dlfcn.h>
#include <string.h>

/* CURLOPT_PROTOCOLS_STR, without which a redirect or a parameter could read files. */
#define LEAST_VERSION      0x075500
#define LEAST_VERSION_TEXT "7.85"

static const struct {
    const char *symbol;
    size_t offset; /* in CurlLibrary */
} functions[] = {
    {"curl_global_init", offsetof(CurlLibrary, global_init)},
    {"curl_version_info", offsetof(CurlLibrary, version_info)},
    {"curl_easy_init", offsetof(CurlLibrary, easy_init)},
    {"curl_easy_cleanup", offsetof(CurlLibrary, easy_cleanup)},
    {"curl_easy_setopt", offsetof(CurlLibrary, easy_setopt)},
    {"curl_easy_getinfo", offsetof(CurlLibrary, easy_getinfo)},
    {"curl_easy_strerror", offsetof(CurlLibrary, easy_strerror)},
    {"curl_slist_append", offsetof(CurlLibrary, slist_append)},
    {"curl_slist_free_all", offsetof(CurlLibrary, slist_free_all)},
    {"curl_multi_init", offsetof(CurlLibrary, multi_init)},
    {"curl_multi_cleanup", offsetof(CurlLibrary, multi_cleanup)},
    {"curl_multi_setopt", offsetof(CurlLibrary, multi_setopt)},
    {"curl_multi_add_handle", offsetof(CurlLibrary, multi_add_handle)},
    {"curl_multi_remove_handle", offsetof(CurlLibrary, multi_remove_handle)},
    {"curl_multi_socket_action", offsetof(CurlLibrary, multi_socket_action)},
    {"curl_multi_info_read", offsetof(CurlLibrary, multi_info_read)},
    {"curl_multi_strerror", offsetof(CurlLibrary, multi_strerror)},
    {"curl_url", offsetof(CurlLibrary, url)},
    {"curl_url_cleanup", offsetof(CurlLibrary, url_cleanup)},
    {"curl_url_set", offsetof(CurlLibrary, url_set)},
    {"curl_url_get", offsetof(CurlLibrary, url_get)},
    {"curl_url_strerror", offsetof(CurlLibrary, url_strerror)},
    {"curl_free", offsetof(CurlLibrary, free)},
};

G_STATIC_ASSERT(G_N_ELEMENTS(functions) * sizeof(void *) == sizeof(CurlLibrary));

static bool
fill(CurlLibrary *library, void *handle, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(functions); i++) {
        void *function = dlsym(handle, functions[i].symbol);

        if (!function) {
            g_set_error(error, DAG_ERROR, DAG_ERROR_IO,
                        "libcurl is older than " LEAST_VERSION_TEXT ": it has no %s()",
                        functions[i].symbol);
            return false;
        }
        memcpy((char *)library + functions[i].offset, &function, sizeof(function));
    }
    return true;
}

bool
curl_library_load(CurlLibrary *library, GError **error)
{
    void *handle = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    const curl_version_info_data *info;

    if (!handle) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO,
                    "requests need libcurl (Debian: the package libcurl4), which cannot be "
                    "loaded: %s",
                    dlerror());
        return false;
    }
    if (!fill(library, handle, error))
        return false;
    info = library->version_info(CURLVERSION_NOW);
    if (info->version_num < LEAST_VERSION) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO,
                    "requests need libcurl " LEAST_VERSION_TEXT " or later, and this is %s",
                    info->version);
        return false;
    }
    if (library->global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
        return true;
    g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "libcurl cannot be initialized");
    return false;
}
