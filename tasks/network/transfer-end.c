/* SPDX-License-Identifier: MIT */
#include "transfers.h"

#include <string.h>

const char *
transfer_end_header(const TransferEnd *end, const char *name)
{
    size_t length = strlen(name);

    for (guint i = end->headers->len; i-- > 1;) {
        const char *line = end->headers->pdata[i];

        if (g_ascii_strncasecmp(line, name, length) == 0 && line[length] == ':') {
            line += length + 1;
            return line + strspn(line, " \t");
        }
    }
    return NULL;
}
