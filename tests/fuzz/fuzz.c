/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <dagrun/error.h>

void
assert_is_valid(const GError *error)
{
    g_assert_nonnull(error);
    g_assert_true(error->domain == DAG_ERROR);
    g_assert_true(*error->message);
    g_assert_true(g_utf8_validate(error->message, -1, NULL));
}

char *
text_of(const uint8_t *data, size_t size)
{
    /* With a given length, a NUL is not valid either. */
    if (!g_utf8_validate((const char *)data, (gssize)size, NULL))
        return NULL;
    return g_strndup((const char *)data, size);
}
