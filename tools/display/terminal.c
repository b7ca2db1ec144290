/* SPDX-License-Identifier: MIT */
#include "display/terminal.h"

#include "commands/command.h"
#include "display/output.h"

#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
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
    if (is_set("FORCE_COLOR") && strcmp(g_getenv("FORCE_COLOR"), "0") != 0)
        return true;
    return isatty(fileno(stream)) && g_strcmp0(g_getenv("TERM"), "dumb") != 0;
}

void
terminal_size(FILE *stream, unsigned *width_out, unsigned *height_out)
{
    struct winsize size = {0};

    if (isatty(fileno(stream)) && ioctl(fileno(stream), TIOCGWINSZ, &size) < 0)
        size = (struct winsize){0};
    *width_out = size.ws_col;
    *height_out = size.ws_row;
}

bool
terminal_is_screen(FILE *stream)
{
    return isatty(fileno(stream)) && is_set("TERM") &&
           strcmp(g_getenv("TERM"), "dumb") != 0;
}

bool
terminal_may_show(int fd)
{
    struct stat info;

    return isatty(fd) || (fstat(fd, &info) == 0 && S_ISFIFO(info.st_mode));
}

bool
terminal_is_foreground(FILE *stream)
{
    pid_t group = tcgetpgrp(fileno(stream));

    return group < 0 || group == getpgrp(); /* below 0: not our controlling terminal */
}

bool
terminal_is_shared(FILE *one, FILE *other)
{
    struct stat first, second;

    return isatty(fileno(one)) && isatty(fileno(other)) &&
           fstat(fileno(one), &first) == 0 && fstat(fileno(other), &second) == 0 &&
           first.st_rdev == second.st_rdev;
}

bool
terminal_style(const char *color, FILE *stream, DagTextStyle *style_out)
{
    unsigned height;

    terminal_size(stream, &style_out->width, &height);
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
    output_allow_color(stream, style_out->color);
    return true;
}
