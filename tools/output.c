/* SPDX-License-Identifier: MIT */
/*
 * Writing can fail at any time: a full disk, a reader that has gone.  The first failure is
 * remembered, and told once at the end.
 */
#include "output.h"

#include "command.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int first_errno;

static void
note(bool failed)
{
    if (failed && first_errno == 0)
        first_errno = errno;
}

void
output_print(const char *format, ...)
{
    va_list args;

    if (first_errno)
        return;
    va_start(args, format);
    note(vprintf(format, args) < 0);
    va_end(args);
}

void
output_write(const void *bytes, size_t size)
{
    if (!first_errno && size > 0)
        note(fwrite(bytes, 1, size, stdout) < size);
}

void
output_flush(void)
{
    if (!first_errno)
        note(fflush(stdout) != 0);
}

bool
output_finish(void)
{
    output_flush();
    if (first_errno == 0 || first_errno == EPIPE)
        return true;
    complain("cannot write to standard output: %s", g_strerror(first_errno));
    return false;
}

bool
output_file(const char *path, const GString *text)
{
    g_autoptr(GError) error = NULL;

    /* A device or a pipe cannot be replaced, only written to. */
    GStatBuf info;
    bool is_special = g_stat(path, &info) == 0 && !S_ISREG(info.st_mode);
    GFileSetContentsFlags flags =
        is_special ? G_FILE_SET_CONTENTS_NONE : G_FILE_SET_CONTENTS_CONSISTENT;

    if (g_file_set_contents_full(path, text->str, (gssize)text->len, flags, 0666, &error))
        return true;

    /* GLib's sentence speaks of its temporary file; what counts stands at its end. */
    const char *colon = g_strrstr(error->message, ": ");

    complain("cannot write \"%s\": %s", path, colon ? colon + 2 : error->message);
    return false;
}
