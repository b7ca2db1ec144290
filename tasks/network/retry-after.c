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

/* Return the nanoseconds of a time such as "6m0s", "1.5s" or "120ms", or -1. */
static int64_t
read_units(const char *text)
{
    double sum_ns = 0;

    if (!*text)
        return -1;
    while (*text) {
        char *end;
        double number;

        if (!g_ascii_isdigit(*text))
            return -1;
        number = g_ascii_strtod(text, &end);
        if (strncmp(end, "ms", 2) == 0)
            sum_ns += number * 1e6;
        else if (*end == 's')
            sum_ns += number * 1e9;
        else if (*end == 'm')
            sum_ns += number * 6e10;
        else if (*end == 'h')
            sum_ns += number * 3.6e12;
        else
            return -1;
        text = end + (strncmp(end, "ms", 2) == 0 ? 2 : 1);
    }
    return sum_ns < 9e18 ? (int64_t)sum_ns : INT64_MAX;
}

/* Return the longest time until a limit of the service that is used up is reset, or -1. */
static int64_t
reset_ns(const TransferEnd *end)
{
    static const char *const limits[] = {"requests", "tokens"};
    int64_t longest_ns = -1;

    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
        g_autofree char *left = g_strconcat("X-RateLimit-Remaining-", limits[i], NULL);
        g_autofree char *reset = g_strconcat("X-RateLimit-Reset-", limits[i], NULL);
        const char *n_left = transfer_end_header(end, left);
        const char *time = transfer_end_header(end, reset);
        int64_t ns = time ? read_units(time) : -1;

        if (time && ns < 0)
            ns = read_number(time, 1e9);
        if (!n_left || strcmp(n_left, "0") == 0)
            longest_ns = MAX(longest_ns, ns);
    }
    return longest_ns;
}

int64_t
retry_after_ns(const TransferEnd *end)
{
    const char *ms = transfer_end_header(end, "Retry-After-Ms");
    const char *after = transfer_end_header(end, "Retry-After");
    const char *now = transfer_end_header(end, "Date");
    int64_t ns = ms ? read_number(ms, 1e6) : -1, then_s, now_s;

    if (ns >= 0)
        return ns;
    if (!after)
        return reset_ns(end);
    ns = read_number(after, 1e9);
    if (ns >= 0)
        return ns;
    then_s = read_date(after);
    now_s = now ? read_date(now) : -1;
    if (then_s < 0 || now_s < 0)
        return -1;
    return then_s > now_s ? (int64_t)((double)(then_s - now_s) * 1e9) : 0;
}

uint32_t
rate_limit_remaining(const TransferEnd *end, const char *limit)
{
    g_autofree char *name = g_strconcat("X-RateLimit-Remaining-", limit, NULL);
    const char *value = transfer_end_header(end, name);
    guint64 number;

    if (!value || !g_ascii_string_to_unsigned(value, 10, 0, UINT32_MAX, &number, NULL))
        return UINT32_MAX;
    return (uint32_t)number;
}
