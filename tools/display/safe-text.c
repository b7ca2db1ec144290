/* SPDX-License-Identifier: MIT */
/*
 * The format is the program's own text; its string arguments are titles, names, values and reasons,
 * which are not.  A newline in an argument would begin a line of its own, so it becomes a space.
 */
#include "display/safe-text.h"

#include <dagrun/text.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

const char safe_text_red[] = DAG_ANSI_RED, safe_text_dim[] = DAG_ANSI_DIM,
           safe_text_reset[] = DAG_ANSI_RESET;

static const char *const own_sequences[] = {DAG_ANSI_RED, DAG_ANSI_BOLD, DAG_ANSI_DIM,
                                            DAG_ANSI_RESET};

/* Return the length of the own control sequence at the begin of text[0, size), or 0. */
static size_t
own_sequence(const char *text, size_t size)
{
    for (size_t i = 0; i < G_N_ELEMENTS(own_sequences); i++) {
        size_t length = strlen(own_sequences[i]);

        if (length <= size && memcmp(text, own_sequences[i], length) == 0)
            return length;
    }
    return 0;
}

/* Return the length of the part of text[0, size) that is printable ASCII, or a newline or tab. */
static size_t
plain_length(const char *text, size_t size)
{
    size_t n = 0;

    while (n < size &&
           ((text[n] >= ' ' && text[n] <= '~') || text[n] == '\n' || text[n] == '\t'))
        n++;
    return n;
}

bool
safe_text_is_plain(const char *text, size_t size)
{
    return plain_length(text, size) == size;
}

/* Return the length of the part of text[0, size) that must be cleaned. */
static size_t
foreign_length(const char *text, size_t size)
{
    size_t n = 1;

    while (n < size && plain_length(text + n, 1) == 0 &&
           own_sequence(text + n, size - n) == 0)
        n++;
    return n;
}

static void
append_clean(GString *out, const char *text, size_t size)
{
    g_autofree char *part = g_strndup(text, size);

    dag_text_append_clean(out, part);
}

void
safe_text_append(GString *out, const char *text, size_t size, bool has_color)
{
    while (size > 0) {
        size_t n = plain_length(text, size);

        if (n == 0 && has_color)
            n = own_sequence(text, size);
        if (n > 0) {
            g_string_append_len(out, text, (gssize)n);
        } else {
            n = foreign_length(text, size);
            append_clean(out, text, n);
        }
        text += n;
        size -= n;
    }
}

/* A conversion specification: "%-*s". */
typedef struct Conversion {
    const char *end; /* after its last character */
    int width;       /* 0: none */
    int precision;   /* -1: none */
    bool is_left;
    bool is_zero;
    char length; /* 0, 'l' or 'z': the size of an integer argument */
} Conversion;

/* An integer argument of any size. */
static int64_t
take_signed(const Conversion *conversion, va_list *args)
{
    if (conversion->length == 'l')
        return va_arg(*args, long);
    return conversion->length == 'z' ? (int64_t)va_arg(*args, ptrdiff_t)
                                     : va_arg(*args, int);
}

static uint64_t
take_unsigned(const Conversion *conversion, va_list *args)
{
    if (conversion->length == 'l')
        return va_arg(*args, unsigned long);
    return conversion->length == 'z' ? va_arg(*args, size_t) : va_arg(*args, unsigned);
}

static int
read_number(const char **at, va_list *args)
{
    int number = 0;

    if (**at == '*') {
        (*at)++;
        return va_arg(*args, int);
    }
    while (g_ascii_isdigit(**at))
        number = number * 10 + *(*at)++ - '0';
    return number;
}

/* Read the conversion after "%". */
static Conversion
read_conversion(const char *at, va_list *args)
{
    Conversion conversion = {.precision = -1};

    for (; *at == '-' || *at == '0'; at++) {
        conversion.is_left |= *at == '-';
        conversion.is_zero |= *at == '0';
    }
    conversion.width = read_number(&at, args);
    if (*at == '.') {
        at++;
        conversion.precision = read_number(&at, args);
    }
    for (; *at == 'l' || *at == 'z'; at++)
        conversion.length = *at;
    conversion.end = at + 1;
    return conversion;
}

static void
append_padded(GString *out, const Conversion *conversion, const char *text)
{
    gssize n = (gssize)dag_text_width(text), n_blank = MAX(conversion->width - n, 0);
    bool is_zero = conversion->is_zero && !conversion->is_left;

    for (gssize i = 0; !conversion->is_left && i < n_blank; i++)
        g_string_append_c(out, is_zero ? '0' : ' ');
    g_string_append(out, text);
    for (gssize i = 0; conversion->is_left && i < n_blank; i++)
        g_string_append_c(out, ' ');
}

static void
append_string(GString *out, const Conversion *conversion, const char *text)
{
    if (text == safe_text_red || text == safe_text_dim || text == safe_text_reset) {
        g_string_append(out, text);
        return;
    }

    g_autofree char *part = conversion->precision < 0
                                ? g_strdup(text)
                                : g_strndup(text, (gsize)conversion->precision);
    g_autoptr(GString) clean = g_string_new(NULL);

    dag_text_append_clean(clean, part);
    append_padded(out, conversion, clean->str);
}

static void
append_conversion(GString *out, const Conversion *conversion, va_list *args)
{
    char number[400] = {conversion->end[-1], '\0'}; /* DBL_MAX has 309 digits */
    int n_decimals = conversion->precision < 0 ? 6 : MIN(conversion->precision, 50);

    switch (conversion->end[-1]) {
    case 's':
        append_string(out, conversion, va_arg(*args, const char *));
        return;
    case 'd':
        snprintf(number, sizeof(number), "%" PRId64, take_signed(conversion, args));
        break;
    case 'u':
        snprintf(number, sizeof(number), "%" PRIu64, take_unsigned(conversion, args));
        break;
    case 'f':
        snprintf(number, sizeof(number), "%.*f", n_decimals, va_arg(*args, double));
        break;
    case '%':
        break;
    default:
        g_assert_not_reached();
    }
    append_padded(out, conversion, number);
}

void
safe_text_append_format(GString *out, const char *format, va_list args)
{
    va_list rest;

    va_copy(rest, args);
    while (*format) {
        const char *percent = strchrnul(format, '%');

        g_string_append_len(out, format, percent - format);
        if (!*percent)
            break;

        Conversion conversion = read_conversion(percent + 1, &rest);

        append_conversion(out, &conversion, &rest);
        format = conversion.end;
    }
    va_end(rest);
}
