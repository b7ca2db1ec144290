/* SPDX-License-Identifier: MIT */
/*
 * Writing can fail at any time: a full disk, a reader that has gone.  The first failure is
 * remembered, and told once at the end.
 *
 * Writing can also take for ever, when a reader pauses.  That is fine until somebody wants the
 * run to stop: then a reader gets a second to read on, and is given up.  So both streams write
 * through a function of ours instead of the C library's.
 *
 * What output_draw() shows ends with the cursor at its beginning, and nothing is hidden.  So
 * a few bytes that never change take it away, whatever a terminal that became narrower has made
 * of it; whoever writes next, the shell after a SIGKILL as well, writes over it; and there is
 * no state of the terminal to restore.  Lines are written over, not erased first, which would
 * flicker.
 */
#include "display/output.h"

#include "commands/command.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATIENCE_MS 1000
#define PAUSE_MS    10   /* short beside what patience there is */
#define ATOMIC_SIZE 4096 /* PIPE_BUF: what poll() promises not to block */

/* All from this line on.  Not in one go from its first column, since tmux keeps a whole screen
 * that is erased so among the lines that one can scroll back to. */
#define ERASE "\r \033[J\r"

/* What comes between is shown at once by terminals that know this; the others ignore it. */
#define BEGIN_UPDATE "\033[?2026h"
#define END_UPDATE   "\033[?2026l"

/* One of the two streams. */
typedef struct Sink {
    int fd;
    int impatient_fd; /* the same terminal, without blocking; 0: not needed yet */
    int first_errno;  /* 0, or why nothing is written any more */
    uint64_t n_written;
    FILE *stream;
} Sink;

static Sink out = {.fd = STDOUT_FILENO};
static Sink err = {.fd = STDERR_FILENO};
static const DagCancel *cancel_wish; /* or NULL */

static char *drawn; /* the lines that stand below all else, or NULL */
static atomic_bool
    is_shown;      /* for who has to know it on another thread: whether there are any */
static bool holds; /* diagnostics wait to go out with the lines that are drawn next */

static bool
is_cancelled(void)
{
    return cancel_wish && dag_cancel_level(cancel_wish) != DAG_CANCEL_NONE;
}

/* Of a terminal poll() promises nothing, so writing must not block.  The descriptor is shared
 * with other programs, which must not notice: this takes place through one of our own. */
static ssize_t
write_to_terminal(Sink *sink, const char *bytes, size_t size)
{
    if (sink->impatient_fd == 0) {
        g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", sink->fd);

        sink->impatient_fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    }
    for (int waited_ms = 0; waited_ms < PATIENCE_MS; waited_ms += PAUSE_MS) {
        ssize_t n = write(sink->impatient_fd, bytes, size);

        if (n >= 0 || errno != EAGAIN)
            return n;
        poll(NULL, 0, PAUSE_MS);
    }
    errno = EPIPE; /* as good as gone */
    return -1;
}

/* Returns: how much was written; below 0 with errno set.  A signal interrupts the waiting. */
static ssize_t
write_some(Sink *sink, const char *bytes, size_t size)
{
    struct pollfd end = {.fd = sink->fd, .events = POLLOUT};

    if (!is_cancelled())
        return write(sink->fd, bytes, size);
    if (isatty(sink->fd))
        return write_to_terminal(sink, bytes, size);
    if (poll(&end, 1, PATIENCE_MS) == 0) {
        errno = EPIPE; /* as good as gone */
        return -1;
    }
    return write(sink->fd, bytes, MIN(size, ATOMIC_SIZE));
}

/* The write function of both streams. */
static ssize_t
write_all(void *cookie, const char *bytes, size_t size)
{
    Sink *sink = cookie;
    size_t done = 0;

    while (done < size && sink->first_errno == 0) {
        ssize_t n = write_some(sink, bytes + done, size - done);

        if (n >= 0)
            done += (size_t)n;
        else if (errno != EINTR)
            sink->first_errno = errno;
    }
    sink->n_written += done;
    /* What cannot be written is dropped: the stream must not try it again and again. */
    return (ssize_t)size;
}

/* A descriptor of ours that took the place of a closed standard one would be written to.  One
 * that can only be read in their place makes writing fail, as it should. */
static void
fill_standard_descriptors(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

void
output_start(void)
{
    const cookie_io_functions_t functions = {.write = write_all};

    fill_standard_descriptors();
    out.stream = fopencookie(&out, "w", functions);
    err.stream = fopencookie(&err, "w", functions);
    g_assert(out.stream && err.stream);
}

void
output_set_cancel(const DagCancel *cancel)
{
    cancel_wish = cancel;
}

FILE *
diagnostics(void)
{
    output_undraw();
    return err.stream;
}

void
output_flush_diagnostics(void)
{
    if (!holds)
        fflush(err.stream);
}

void
output_hold(bool hold)
{
    holds = hold;
    output_flush_diagnostics();
}

uint64_t
output_n_diagnosed(void)
{
    return err.n_written;
}

void
output_undraw(void)
{
    if (drawn)
        fputs(ERASE, err.stream);
    g_clear_pointer(&drawn, g_free);
    atomic_store(&is_shown, false);
}

void
output_undraw_at_once(void)
{
    if (!atomic_load(&is_shown))
        return;

    ssize_t written = write(err.fd, ERASE, strlen(ERASE));

    (void)written; /* then it stays there */
}

/* Leaves the cursor at the beginning of the first line. */
static void
write_lines(const char *lines)
{
    size_t n_up = 0;

    fputs(BEGIN_UPDATE "\r", err.stream);
    for (const char *line = lines, *end;; line = end + 1) {
        end = line + strcspn(line, "\n");
        fprintf(err.stream, "%.*s\033[K", (int)(end - line), line);
        if (!*end)
            break;
        fputs("\r\n", err.stream);
        n_up++;
    }
    fputs("\033[J\r", err.stream);
    if (n_up > 0)
        fprintf(err.stream, "\033[%zuA", n_up);
    fputs(END_UPDATE, err.stream);
}

void
output_draw(const char *lines)
{
    if (lines && g_strcmp0(lines, drawn) == 0)
        return;
    g_free(drawn);
    drawn = g_strdup(lines);
    atomic_store(&is_shown, lines != NULL);
    if (lines)
        write_lines(lines);
    fflush(err.stream);
}

/* Results come where the lines below all else are, on a screen and also through a pipe, which
 * may lead there, by way of tee(1). */
static void
undraw_for_results(void)
{
    struct stat info;

    if (!holds ||
        (!isatty(out.fd) && (fstat(out.fd, &info) < 0 || !S_ISFIFO(info.st_mode))))
        return;
    output_undraw();
    fflush(err.stream);
}

void
output_print(const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    undraw_for_results();
    fputs(text, out.stream);
}

void
output_write(const void *bytes, size_t size)
{
    undraw_for_results();
    fwrite(bytes, 1, size, out.stream);
}

bool
output_goes_on(void)
{
    return out.first_errno == 0 && !is_cancelled();
}

bool
output_diagnostics_go_on(void)
{
    return err.first_errno == 0 && !is_cancelled();
}

void
output_flush(void)
{
    fflush(out.stream);
}

bool
output_finish(void)
{
    bool is_lost;

    fclose(out.stream);
    is_lost = out.first_errno != 0 && out.first_errno != EPIPE;
    if (is_lost)
        complain("cannot write to standard output: %s", g_strerror(out.first_errno));
    fclose(err.stream);
    return !is_lost;
}

/* A device or a pipe must not be replaced, only written to. */
static bool
write_special(const char *path, const GString *text)
{
    Sink sink = {.fd = open(path, O_WRONLY | O_CLOEXEC)};

    if (sink.fd < 0) {
        sink.first_errno = errno;
    } else {
        write_all(&sink, text->str, text->len);
        close(sink.fd);
        if (sink.impatient_fd > 0)
            close(sink.impatient_fd);
    }
    if (sink.first_errno)
        complain("cannot write \"%s\": %s", path, g_strerror(sink.first_errno));
    return sink.first_errno == 0;
}

bool
output_file(const char *path, const GString *text)
{
    g_autoptr(GError) error = NULL;
    GStatBuf info = {.st_mode = S_IFREG | 0666};
    char *target;
    bool good;

    if (g_stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return write_special(path, text);
    /* A link goes on pointing to the file, which keeps its permissions. */
    target = realpath(path, NULL);
    good = g_file_set_contents_full(target ? target : path, text->str, (gssize)text->len,
                                    G_FILE_SET_CONTENTS_CONSISTENT,
                                    (int)(info.st_mode & 0777), &error);
    free(target);
    if (good)
        return true;

    /* GLib's sentence speaks of its temporary file; what counts stands at its end. */
    const char *colon = g_strrstr(error->message, ": ");

    complain("cannot write \"%s\": %s", path, colon ? colon + 2 : error->message);
    return false;
}
