/* SPDX-License-Identifier: MIT */
/*
 * A duration is a number and a unit.  The unit is required: a forgotten one is an error instead of
 * a wrong duration.
 */
#include <dagrun/duration.h>
#include <dagrun/error.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* So many days fit into an int64_t of nanoseconds. */
#define MOST_DAYS 106000

static const struct {
    const char *name;
    double ns;
} units[] = {
    {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9},
};

int64_t
dag_clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static size_t
count_digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* Return the unit after the number, or NULL if there is no number. */
static const char *
skip_number(const char *text)
{
    size_t n = count_digits(text);

    if (n == 0)
        return NULL;
    text += n;
    if (*text == '.') {
        n = count_digits(text + 1);
        if (n == 0)
            return NULL;
        text += 1 + n;
    }
    return text;
}

bool
dag_duration_parse(const char *text, int64_t *ns_out, GError **error)
{
    g_return_val_if_fail(text && ns_out, false);

    const char *unit = skip_number(text);

    for (size_t i = 0; unit && i < G_N_ELEMENTS(units); i++) {
        if (strcmp(unit, units[i].name) != 0)
            continue;

        double ns = g_ascii_strtod(text, NULL) * units[i].ns;

        if (ns >= 9.2e18) {
            g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID, "\"%s\" is out of range",
                        text);
            return false;
        }
        *ns_out = (int64_t)(ns + 0.5);
        return true;
    }
    g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID,
                "\"%s\" is not a duration such as 500ms, 30s or 2h", text);
    return false;
}

bool
dag_age_parse(const char *text, int64_t *ns_out, GError **error)
{
    g_return_val_if_fail(text && ns_out, false);

    const char *unit = skip_number(text);
    double days = g_strcmp0(unit, "d") == 0 ? g_ascii_strtod(text, NULL) : 0;
    bool good = true;

    if (strcmp(text, "forever") == 0)
        *ns_out = INT64_MAX;
    else if (days > 0 && days < MOST_DAYS)
        *ns_out = (int64_t)(days * 24 * 3600e9 + 0.5);
    else
        good = dag_duration_parse(text, ns_out, NULL) && *ns_out > 0;
    if (!good)
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID,
                    "\"%s\" is neither \"forever\" nor a duration such as 7d or 24h", text);
    return good;
}

/* Return n / divisor, rounded. */
static int64_t
rounded(int64_t n, int64_t divisor)
{
    return (n + divisor / 2) / divisor;
}

/* Write a number of hundredths or tenths with a point, or a whole number, and the unit. */
static void
put_number(char *at, int value, int n_decimals, const char *unit)
{
    char digits[8]; /* of at most 1000, in reverse */
    int n = 0;

    for (; value > 0 || n <= n_decimals; value /= 10) {
        digits[n++] = (char)('0' + value % 10);
        if (n == n_decimals)
            digits[n++] = '.';
    }
    while (n > 0)
        *at++ = digits[--n];
    *at++ = ' ';
    memcpy(at, unit, strlen(unit) + 1);
}

/* Format less than 100 s with three significant digits and the unit that fits.  Tables of millions
 * of tasks are made of these, so it does not use printf(). */
static void
format_short(int64_t ns, char *buffer)
{
    static const struct {
        const char *name;
        int64_t ns;
    } steps[] = {{"ns", 1}, {"µs", 1000}, {"ms", 1000000}, {"s", 1000000000}};
    size_t i = 0;
    int n_decimals = 2;
    int64_t value;

    while (i + 1 < G_N_ELEMENTS(steps) && ns >= steps[i + 1].ns - steps[i].ns / 2)
        i++;
    if (i == 0)
        n_decimals = 0;
    value = rounded(n_decimals ? 100 * ns : ns, steps[i].ns);
    for (; value >= 1000 && n_decimals > 0; n_decimals--)
        value = rounded(n_decimals == 2 ? 10 * ns : ns, steps[i].ns);
    put_number(buffer, (int)value, n_decimals, steps[i].name);
}

char *
dag_duration_format(int64_t ns, char buffer[DAG_DURATION_SIZE])
{
    g_return_val_if_fail(buffer, NULL);

    double seconds = (double)ns / 1e9;
    int64_t whole = (int64_t)(seconds + 0.5), minutes = (whole + 30) / 60;

    if (ns <= 0)
        g_strlcpy(buffer, "0 s", DAG_DURATION_SIZE);
    else if (seconds < 99.95)
        format_short(ns, buffer);
    else if (whole < 3600)
        snprintf(buffer, DAG_DURATION_SIZE, "%d min %02d s", (int)(whole / 60),
                 (int)(whole % 60));
    else
        snprintf(buffer, DAG_DURATION_SIZE, "%" G_GINT64_FORMAT " h %02d min", minutes / 60,
                 (int)(minutes % 60));
    return buffer;
}
