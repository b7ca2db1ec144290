/* SPDX-License-Identifier: MIT */
/*
 * libcurl's own reading (CURLINFO_RETRY_AFTER) makes 0 of 0.5, a negative number of a date that has passed,
 * and 0 of one with 20 digits.
 */
#include "retry-after.h"

#include <stdio.h>
#include <string.h>

/* Return the nanoseconds of a decimal number of units, or -1. */
static int64_t
read_number(const char *text, double unit_ns)
{
    size_t length = strspn(text, "0123456789");
    double ns;

    if (text[length] == '.')
        length += 1 + strspn(text + length + 1, "0123456789");
    if (!g_ascii_isdigit(*text) || text[length + strspn(text + length, " \t")])
        return -1;
    ns = g_ascii_strtod(text, NULL) * unit_ns;
    return ns < 9e18 ? (int64_t)ns : INT64_MAX;
}

/* Return the seconds since 1970 of a date such as "Sun, 06 Nov 1994 08:49:37 GMT", or -1. */
static int64_t
read_date(const char *text)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int day, year, hour, minute, second, length = 0;
    char month[4];
    const char *found;
    g_autoptr(GDateTime) date = NULL;

    if (sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &day, month,
               &year, &hour, &minute, &second, &length) != 6 ||
        length == 0)
        return -1;
    found = strstr(months, month);
    if (strlen(month) != 3 || !found || (found - months) % 3 != 0)
        return -1;
    date = g_date_time_new_utc(year, (int)(found - months) / 3 + 1, day, hour, minute,
                               MIN(second, 59));
    return date ? g_date_time_to_unix(date) : -1;
}

int64_t
retry_after_ns(const TransferEnd *end)
{
    const char *ms = transfer_end_header(end, "Retry-After-Ms");
    const char *after = transfer_end_header(end, "Retry-After");
    const char *now = transfer_end_header(end, "Date");
    int64_t ns = ms ? read_number(ms, 1e6) : -1, then_s, now_s;

    if (ns >= 0 || !after)
        return ns;
    ns = read_number(after, 1e9);
    if (ns >= 0)
        return ns;
    then_s = read_date(after);
    now_s = now ? read_date(now) : -1;
    if (then_s < 0 || now_s < 0)
        return -1;
    return then_s > now_s ? (int64_t)((double)(then_s - now_s) * 1e9) : 0;
}
