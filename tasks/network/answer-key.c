/* SPDX-License-Identifier: MIT */
#include "answer-key.h"

#include <string.h>

/* Another number, and all that was kept before counts for nothing. */
#define VERSION "dagrun answer 1"

/* Add a field with its size, so that no two lists of fields are alike. */
static void
add(GChecksum *sum, const char *bytes, size_t size)
{
    g_autofree char *length = g_strdup_printf("%zu:", size);

    g_checksum_update(sum, (const guchar *)length, -1);
    g_checksum_update(sum, (const guchar *)(bytes ? bytes : ""), (gssize)size);
}

static void
add_text(GChecksum *sum, const char *text)
{
    if (text)
        add(sum, text, strlen(text));
    else
        g_checksum_update(sum, (const guchar *)"-", 1);
}

/* Add the bytes without the boundary of their parts, which is random. */
static void
add_without(GChecksum *sum, const char *boundary, const char *bytes, size_t size)
{
    const char *end = bytes + size, *found;

    while (boundary && (found = g_strstr_len(bytes, end - bytes, boundary))) {
        add(sum, bytes, (size_t)(found - bytes));
        bytes = found + strlen(boundary);
    }
    add(sum, bytes, (size_t)(end - bytes));
}

static void
add_headers(GChecksum *sum, const Request *request, bool has_key)
{
    for (guint i = 0; i < request->own->len; i++) {
        const char *line = request->own->pdata[i];

        /* The key by which a server knows a repeated request differs in each run. */
        if (g_ascii_strncasecmp(line, "Idempotency-Key:", 16) == 0 ||
            (!has_key && i == request->key_index))
            continue;
        add_text(sum, line);
    }
    add_text(sum, NULL);
    for (guint i = 0; i < request->plain->len; i++) {
        const char *line = request->plain->pdata[i];

        add_without(sum, request->boundary, line, strlen(line));
    }
    add_text(sum, NULL);
}

char *
answer_key(const Request *request, const char *salt, bool has_key,
           const char *const *demands, size_t n_demands)
{
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    char *key;

    add_text(sum, VERSION);
    add_text(sum, salt);
    add_text(sum, request->method);
    add_text(sum, request->url);
    add_headers(sum, request, has_key);
    add_text(sum, has_key ? request->user : NULL);
    add_text(sum, has_key ? request->password : NULL);
    if (request->body)
        add_without(sum, request->boundary, request->body->str, request->body->len);
    add_text(sum, NULL);
    for (size_t i = 0; i < n_demands; i++)
        add_text(sum, demands[i]);
    key = g_strdup(g_checksum_get_string(sum));
    g_checksum_free(sum);
    return key;
}
