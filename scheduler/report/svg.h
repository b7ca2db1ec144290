/* SPDX-License-Identifier: MIT */
/*
 * A small writer of SVG: shapes with classes, whose colours are for light and for dark screens.  Lengths
 * are pixels.  All text is escaped, and harmless.
 */
#pragma once

#include "report/stream.h"

typedef struct SvgPoint {
    double x, y;
} SvgPoint;

/* Which point of a text stands at its place. */
typedef enum SvgAnchor {
    SVG_START,
    SVG_MIDDLE,
    SVG_END,
} SvgAnchor;

/* Begin a document of this size.  `title` is its name for readers that do not see it.  `style` is CSS for
 * classes beyond those of the writer: "frame", "grid", "axis", "label", "title", "note". */
void dag__svg_begin(Stream *stream, SvgPoint size, const char *title, const char *style);
void dag__svg_end(Stream *stream);

void dag__svg_line(Stream *stream, const char *css_class, SvgPoint from, SvgPoint to);

/* Write a line through points. */
void dag__svg_path(Stream *stream, const char *css_class, const SvgPoint *points /* [n] */,
                   size_t n);

/* Write a rectangle.  `tip` is shown when the mouse is over it; NULL: none. */
void dag__svg_rect(Stream *stream, const char *css_class, SvgPoint at, SvgPoint size,
                   const char *tip);

/* Write one of several marks around a point. */
#define SVG_N_MARKS 6
void dag__svg_mark(Stream *stream, const char *css_class, SvgPoint at, unsigned number);

void dag__svg_text(Stream *stream, const char *css_class, SvgPoint at, SvgAnchor anchor,
                   const char *text);

/* Return the name of the graph for a title, shortened if it is long; free with g_free(). */
char *dag__svg_name(const DagGraph *graph);

/* Return the width of a text, about, for letters of this size. */
double dag__svg_text_width(const char *text, double size);

/* A unit of time for an axis. */
typedef struct SvgUnit {
    const char *name; /* "ms" */
    double ns;        /* how long it is */
} SvgUnit;

/* Return the largest unit of which `ns` has at least two; of minutes, ten. */
SvgUnit dag__svg_unit_of(double ns);

/* Return a round step, 1, 2 or 5 times a power of ten, of which `range` has at most `n_most`. */
double dag__svg_step(double range, unsigned n_most);
