/* SPDX-License-Identifier: MIT */
/*
 * Each class has its colours twice: for light screens and, in a media query, for dark ones.  No CSS
 * variables, which some programs that draw SVG do not know.
 */
#include "report/svg.h"

#include "report/xml-text.h"

#include "model/invisible.h"

#include <dagrun/text.h>
#include <math.h>
#include <string.h>

/* Letters of a sans-serif font are this wide on average, in their size. */
#define LETTER_WIDTH 0.58

#define MAX_NAME 60 /* columns: titles stay within the picture */

#define BASE_STYLE                                                                         \
    "text{font-family:system-ui,-apple-system,\"Segoe UI\",\"DejaVu Sans\",sans-serif;"    \
    "font-size:12px}\n"                                                                    \
    ".title{font-size:16px;font-weight:600}\n"                                             \
    ".paper{fill:#ffffff}.label,.title{fill:#1f2328}.note{fill:#59636e}\n"                 \
    ".grid{stroke:#d8dee4;fill:none}.axis{stroke:#59636e;fill:none}\n"                     \
    ".bound{stroke:#1f2328;stroke-width:1.5;stroke-dasharray:6 4;fill:none}\n"             \
    "@media (prefers-color-scheme:dark){\n"                                                \
    ".paper{fill:#0d1117}.label,.title{fill:#e6edf3}.note{fill:#9198a1}\n"                 \
    ".grid{stroke:#2b3138}.axis{stroke:#9198a1}.bound{stroke:#e6edf3}\n"                   \
    "}\n"

/* Append ` name="value"`, with up to two decimals in the C locale. */
static void
append_number(GString *out, const char *name, double value)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];

    g_ascii_formatd(buffer, sizeof(buffer), "%.2f", value);
    if (strchr(buffer, '.')) {
        char *end = buffer + strlen(buffer);

        while (end[-1] == '0')
            *--end = '\0';
        if (end[-1] == '.')
            end[-1] = '\0';
    }
    g_string_append_printf(out, " %s=\"%s\"", name, buffer);
}

char *
dag__svg_name(const DagGraph *graph)
{
    g_autoptr(GString) clean = g_string_new(NULL);
    GString *name = g_string_new(NULL);

    dag_text_append_clean(clean, dag_graph_name(graph));
    dag_text_append_fitted(name, clean->str, MAX_NAME);
    return g_string_free(name, FALSE);
}

double
dag__svg_text_width(const char *text, double size)
{
    return (double)dag_text_width(text) * LETTER_WIDTH * size;
}

void
dag__svg_begin(Stream *stream, SvgPoint size, const char *title, const char *style)
{
    GString *out = stream->text;

    g_string_append(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                         "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"");
    append_number(out, "width", size.x);
    append_number(out, "height", size.y);
    g_string_append_printf(out, " viewBox=\"0 0 %.0f %.0f\">\n<title>", ceil(size.x),
                           ceil(size.y));
    dag__xml_append(out, title, XML_ONE_LINE);
    g_string_append_printf(out, "</title>\n<style>\n%s%s</style>\n", BASE_STYLE, style);
    dag__svg_rect(stream, "paper", (SvgPoint){0, 0}, size, NULL);
}

void
dag__svg_end(Stream *stream)
{
    g_string_append(stream->text, "</svg>\n");
}

void
dag__svg_line(Stream *stream, const char *css_class, SvgPoint from, SvgPoint to)
{
    GString *out = stream->text;

    g_string_append_printf(out, "<line class=\"%s\"", css_class);
    append_number(out, "x1", from.x);
    append_number(out, "y1", from.y);
    append_number(out, "x2", to.x);
    append_number(out, "y2", to.y);
    g_string_append(out, "/>\n");
}

void
dag__svg_path(Stream *stream, const char *css_class, const SvgPoint *points, size_t n)
{
    GString *out = stream->text;
    char x[G_ASCII_DTOSTR_BUF_SIZE], y[G_ASCII_DTOSTR_BUF_SIZE];

    g_string_append_printf(out, "<polyline class=\"%s\" points=\"", css_class);
    for (size_t i = 0; i < n; i++)
        g_string_append_printf(out, "%s%s,%s", i > 0 ? " " : "",
                               g_ascii_formatd(x, sizeof(x), "%.1f", points[i].x),
                               g_ascii_formatd(y, sizeof(y), "%.1f", points[i].y));
    g_string_append(out, "\"/>\n");
}

void
dag__svg_rect(Stream *stream, const char *css_class, SvgPoint at, SvgPoint size,
              const char *tip)
{
    GString *out = stream->text;

    g_string_append_printf(out, "<rect class=\"%s\"", css_class);
    append_number(out, "x", at.x);
    append_number(out, "y", at.y);
    append_number(out, "width", size.x);
    append_number(out, "height", size.y);
    if (!tip) {
        g_string_append(out, "/>\n");
        return;
    }
    g_string_append(out, "><title>");
    dag__xml_append(out, tip, XML_ONE_LINE);
    g_string_append(out, "</title></rect>\n");
}

void
dag__svg_mark(Stream *stream, const char *css_class, SvgPoint at, unsigned number)
{
    static const char *const shapes[SVG_N_MARKS] = {
        "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0z",                  /* a circle */
        "M-4,-4h8v8h-8z",                                       /* a square */
        "M0,-5L5,4H-5z",                                        /* a triangle */
        "M0,-5.5L5.5,0L0,5.5L-5.5,0z",                          /* a diamond */
        "M0,5L5,-4H-5z",                                        /* a triangle upside down */
        "M-5,-1.5h3.5v-3.5h3v3.5h3.5v3h-3.5v3.5h-3v-3.5h-3.5z", /* a cross */
    };
    char x[G_ASCII_DTOSTR_BUF_SIZE], y[G_ASCII_DTOSTR_BUF_SIZE];

    g_string_append_printf(
        stream->text, "<path class=\"%s\" transform=\"translate(%s,%s)\" d=\"%s\"/>\n",
        css_class, g_ascii_formatd(x, sizeof(x), "%.1f", at.x),
        g_ascii_formatd(y, sizeof(y), "%.1f", at.y), shapes[number % SVG_N_MARKS]);
}

void
dag__svg_text(Stream *stream, const char *css_class, SvgPoint at, SvgAnchor anchor,
              const char *text)
{
    static const char *const anchors[] = {"", " text-anchor=\"middle\"",
                                          " text-anchor=\"end\""};
    GString *out = stream->text;

    g_string_append_printf(out, "<text class=\"%s\"", css_class);
    append_number(out, "x", at.x);
    append_number(out, "y", at.y);
    g_string_append_printf(out, "%s>", anchors[anchor]);
    dag__xml_append(out, text, XML_ONE_LINE);
    g_string_append(out, "</text>\n");
}

SvgUnit
dag__svg_unit_of(double ns)
{
    static const SvgUnit units[] = {
        {"d", 86400e9}, {"h", 3600e9}, {"min", 60e9}, {"s", 1e9}, {"ms", 1e6}, {"µs", 1e3},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        double least = strcmp(units[i].name, "min") == 0 ? 10 : 2;

        if (ns >= least * units[i].ns)
            return units[i];
    }
    return (SvgUnit){"ns", 1};
}

double
dag__svg_step(double range, unsigned n_most)
{
    double least = range / n_most, power;

    if (!(least > 0) || !isfinite(least))
        return 1;
    power = pow(10, floor(log10(least)));
    for (int i = 0; i < 3; i++) {
        static const double factors[] = {1, 2, 5};

        if (factors[i] * power >= least * (1 - 1e-9))
            return factors[i] * power;
    }
    return 10 * power;
}
