/* SPDX-License-Identifier: MIT */
/*
 * Numbers are decimal and independent of the locale; units follow without a space.
 */
#include "model/value.h"

#include <dagrun/duration.h>
#include <glib.h>
#include <string.h>

#define DIGITS "0123456789"

char *
dag__parse_boolean(const char *text, bool *out)
{
    *out = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
    if (*out || strcmp(text, "false") == 0 || strcmp(text, "0") == 0)
        return NULL;
    return g_strdup_printf("\"%s\" is not a boolean (true or false)", text);
}

char *
dag__parse_duration(const char *text, int64_t *ns_out)
{
    g_autoptr(GError) error = NULL;

    return dag_duration_parse(text, ns_out, &error) ? NULL : g_strdup(error->message);
}

char *
dag__parse_age(const char *text, int64_t *ns_out)
{
    g_autoptr(GError) error = NULL;

    return dag_age_parse(text, ns_out, &error) ? NULL : g_strdup(error->message);
}

char *
dag__parse_size(const char *text, int64_t *bytes_out)
{
    static const struct {
        const char *name;
        double bytes;
    } units[] = {
        {"", 1},      {"B", 1},        {"kB", 1e3},     {"MB", 1e6},     {"GB", 1e9},
        {"TB", 1e12}, {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30}, {"TiB", 0x1p40},
    };
    const char *unit = text + strspn(text, DIGITS ".");
    g_autofree char *number = g_strndup(text, (gsize)(unit - text));

    if (dag__is_decimal(number))
        for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
            double bytes = g_ascii_strtod(number, NULL) * units[i].bytes;

            if (strcmp(unit, units[i].name) != 0)
                continue;
            if (bytes >= 0x1p63)
                return g_strdup_printf("\"%s\" is out of range", text);
            *bytes_out = (int64_t)(bytes + 0.5);
            return NULL;
        }
    return g_strdup_printf("\"%s\" is not a size such as 512kB or 8MiB", text);
}

char *
dag__parse_integer(const char *text, int64_t min, int64_t max, int64_t *out)
{
    const char *digits = text + (*text == '-' || *text == '+');

    if (!*digits || digits[strspn(digits, DIGITS)])
        return g_strdup_printf("\"%s\" is not an integer", text);
    if (!g_ascii_string_to_signed(*text == '+' ? digits : text, 10, min, max, out, NULL))
        return g_strdup_printf("\"%s\" is out of range", text);
    return NULL;
}

char *
dag__parse_count(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
    if (g_ascii_string_to_unsigned(text, 10, min, max, out, NULL))
        return NULL;
    return g_strdup_printf("\"%s\" is not a whole number from %" G_GUINT64_FORMAT
                           " to %" G_GUINT64_FORMAT,
                           text, min, max);
}

bool
dag__is_decimal(const char *text)
{
    size_t whole, fraction = 0;

    text += *text == '-' || *text == '+';
    whole = strspn(text, DIGITS);
    text += whole;
    if (*text == '.') {
        fraction = strspn(text + 1, DIGITS);
        text += 1 + fraction;
    }
    return *text == '\0' && whole + fraction > 0;
}

char *
dag__parse_number(const char *text, double min, double max, double *out)
{
    bool is_bounded = min != 0 || max != 0;

    if (!dag__is_decimal(text))
        return g_strdup_printf("\"%s\" is not a number", text);
    *out = g_ascii_strtod(text, NULL);
    if (is_bounded && (*out < min || *out > max))
        return g_strdup_printf("\"%s\" is not a number from %g to %g", text, min, max);
    return NULL;
}
