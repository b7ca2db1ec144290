/* SPDX-License-Identifier: MIT */
#include "formats/ninja-cursor.h"

#include <string.h>

void
ninja_skip_spaces(NinjaCursor *cursor)
{
    for (;;) {
        size_t end = cursor->at[0] != '$'                      ? 0
                     : cursor->at[1] == '\n'                   ? 2
                     : strncmp(cursor->at + 1, "\r\n", 2) == 0 ? 3
                                                               : 0;

        if (*cursor->at == ' ') {
            cursor->at++;
        } else if (end > 0) {
            cursor->at += end;
            cursor->line++;
        } else {
            return;
        }
    }
}

bool
ninja_is_line_end(const NinjaCursor *cursor)
{
    return *cursor->at == '\n' || *cursor->at == '\0' ||
           (cursor->at[0] == '\r' && cursor->at[1] == '\n');
}

void
ninja_end_line(NinjaCursor *cursor)
{
    cursor->at += *cursor->at == '\r';
    if (*cursor->at == '\n') {
        cursor->at++;
        cursor->line++;
    }
}

size_t
ninja_raw_length(NinjaCursor *cursor, const char *stops)
{
    const char *at = cursor->at;

    while (*at && *at != '\n' && !(at[0] == '\r' && at[1] == '\n') && !strchr(stops, *at)) {
        if (*at == '$' && at[1]) {
            at += at[1] == '\r' && at[2] == '\n';
            cursor->line += at[1] == '\n';
            at++;
        }
        at++;
    }
    return (size_t)(at - cursor->at);
}

size_t
ninja_name_length(const char *text)
{
    size_t length = 0;

    while (g_ascii_isalnum(text[length]) || (text[length] && strchr("_-.", text[length])))
        length++;
    return length;
}
