/* SPDX-License-Identifier: MIT */
/*
 * A duration is digits, perhaps a fraction, and a unit; nothing else, so that a forgotten unit
 * is an error and not a thousandth of what was meant.
 */
#include <dagrun/duration.h>
#include <dagrun/error.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    double ns;
} units[] = {
    {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9},
};

static size_t
count_digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* Returns: the unit behind the number, or NULL if there is no number before it. */
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
    const char *unit = skip_number(text);

    for (size_t i = 0; unit && i < G_N_ELEMENTS(units); i++) {
        if (strcmp(unit, units[i].name) != 0)
            continue;

        double ns = g_ascii_strtod(text, NULL) * units[i].ns;

        if (ns >= 9.2e18) {
            g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID, "\"%s\" is out of range", text);
            return false;
        }
        *ns_out = (int64_t)(ns + 0.5);
        return true;
    }
    g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID,
                "\"%s\" is not a duration such as 500ms, 30s or 2h", text);
    return false;
}

char *
dag_duration_format(int64_t ns, char buffer[DAG_DURATION_SIZE])
{
    static const struct {
        const char *name;
        double ns;
    } steps[] = {{"ns", 1}, {"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}};
    double seconds = (double)ns / 1e9;

    if (ns <= 0) {
        g_strlcpy(buffer, "0 s", DAG_DURATION_SIZE);
    } else if (seconds >= 3599.5) {
        int minutes = (int)(seconds / 60 + 0.5);

        snprintf(buffer, DAG_DURATION_SIZE, "%d h %02d min", minutes / 60, minutes % 60);
    } else if (seconds >= 99.95) {
        int whole = (int)(seconds + 0.5);

        snprintf(buffer, DAG_DURATION_SIZE, "%d min %02d s", whole / 60, whole % 60);
    } else {
        size_t i = 0;

        while (i + 1 < G_N_ELEMENTS(steps) && (double)ns >= 999.5 * steps[i].ns)
            i++;

        double value = (double)ns / steps[i].ns;
        int decimals = i == 0 ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0;

        snprintf(buffer, DAG_DURATION_SIZE, "%.*f %s", decimals, value, steps[i].name);
    }
    return buffer;
}
