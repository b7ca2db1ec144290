/* SPDX-License-Identifier: MIT */
/*
 * Colour: the option, then NO_COLOR (non-empty), then FORCE_COLOR (non-empty), then whether it
 * is a terminal that knows colours.
 */
#include "terminal.h"

#include "command.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool
is_set(const char *name)
{
    const char *value = g_getenv(name);

    return value && *value;
}

static bool
wants_color(FILE *stream)
{
    if (is_set("NO_COLOR"))
        return false;
    if (is_set("FORCE_COLOR"))
        return true;
    return isatty(fileno(stream)) && g_strcmp0(g_getenv("TERM"), "dumb") != 0;
}

static unsigned
width_of(FILE *stream)
{
    struct winsize size;

    if (!isatty(fileno(stream)) || ioctl(fileno(stream), TIOCGWINSZ, &size) < 0)
        return 0;
    return size.ws_col;
}

bool
terminal_style(const char *color, FILE *stream, DagTextStyle *style_out)
{
    style_out->width = width_of(stream);
    if (!color || strcmp(color, "auto") == 0)
        style_out->color = wants_color(stream);
    else if (strcmp(color, "always") == 0)
        style_out->color = true;
    else if (strcmp(color, "never") == 0)
        style_out->color = false;
    else {
        complain("--color takes auto, always or never, not \"%s\"", color);
        return false;
    }
    return true;
}
