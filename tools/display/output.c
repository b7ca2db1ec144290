/* SPDX-License-Identifier: MIT */
/*
 * Writing can fail at any time, for instance on a full disk or a closed pipe.  The first error is
 * kept and reported once, at the end.
 *
 * Writing can also block for ever if the reader pauses.  Once the run is cancelled, a reader that
 * does not read for a second is treated as gone.  For this both streams have a write function of
 * their own (fopencookie).
 *
 * All text for people passes through append_text(): it masks secrets and makes control sequences
 * harmless.  Only the output of tasks, which was masked when it was stored, passes as it is.  Colours
 * pass if dagrun's own text has them: parts from elsewhere were cleaned before they came here.
 *
 * output_draw() leaves the cursor at the start of the live lines, visible.  One constant sequence
 * therefore erases them even after the terminal was resized, the next writer overwrites them (the
 * shell, too, after SIGKILL of dagrun), and no terminal state needs to be restored.  Lines are
 * overwritten instead of erased first, to avoid flicker.
 */
#include "display/output.h"

#include "commands/command.h"
#include "display/new-file.h"
#include "display/safe-text.h"
#include "display/terminal.h"
#include "display/withheld.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define READER_TIMEOUT_MS 1000 /* for a reader that does not read, after cancellation */
#define RETRY_MS          10   /* between attempts; short compared to the timeout */
#define ATOMIC_SIZE       4096 /* PIPE_BUF: does not block after poll() */

/* Erase from this line to the end of the screen.  Starts in the second column, because tmux copies
 * a screen erased from the first column into its scroll-back buffer. */
#define ERASE "\r \033[J\r"

/* Synchronized update: the terminal shows everything in between at once, or ignores this. */
#define BEGIN_UPDATE "\033[?2026h"
#define END_UPDATE   "\033[?2026l"

/* One of the two streams. */
typedef struct Sink {
    int fd;
    int nonblocking_fd; /* the same terminal, opened O_NONBLOCK; 0: not opened */
    int first_errno;    /* of the first error; nothing is written after it */
    uint64_t n_written;
    FILE *stream;
    bool is_withheld; /* what is written waits until output_withhold(false) */
    bool has_color;   /* DAG_ANSI_* may pass; false for text that dagrun does not colour */
    GString *line;    /* the begin of a line of text that is not complete; NULL: none */
} Sink;

static Sink out = {.fd = STDOUT_FILENO};
static Sink err = {.fd = STDERR_FILENO};
static const DagCancel *run_cancel; /* or NULL */

static DagMask *secrets;     /* or NULL */
static char *drawn;          /* the live lines, or NULL */
static atomic_bool is_drawn; /* drawn != NULL, for other threads */
static bool is_held;         /* output_draw() flushes the diagnostics */

static bool
is_cancelled(void)
{
    return run_cancel && dag_cancel_level(run_cancel) != DAG_CANCEL_NONE;
}

/* A write to a terminal may block even after poll(), so it needs O_NONBLOCK.  Other processes share
 * the open file description of standard output, so this opens the terminal again. */
static ssize_t
write_to_terminal(Sink *sink, const char *bytes, size_t size)
{
    if (sink->nonblocking_fd == 0) {
        g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", sink->fd);

        sink->nonblocking_fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    }
    for (int waited_ms = 0; waited_ms < READER_TIMEOUT_MS; waited_ms += RETRY_MS) {
        ssize_t n = write(sink->nonblocking_fd, bytes, size);

        if (n >= 0 || errno != EAGAIN)
            return n;
        poll(NULL, 0, RETRY_MS);
    }
    errno = EPIPE; /* treat the reader as gone */
    return -1;
}

/* Like write().  A signal interrupts it with EINTR. */
static ssize_t
write_some(Sink *sink, const char *bytes, size_t size)
{
    struct pollfd end = {.fd = sink->fd, .events = POLLOUT};

    if (!is_cancelled())
        return write(sink->fd, bytes, size);
    if (isatty(sink->fd))
        return write_to_terminal(sink, bytes, size);
    if (poll(&end, 1, READER_TIMEOUT_MS) == 0) {
        errno = EPIPE; /* treat the reader as gone */
        return -1;
    }
    return write(sink->fd, bytes, MIN(size, ATOMIC_SIZE));
}

/* The write function of both streams (cookie_io_functions_t). */
static ssize_t
write_all(void *cookie, const char *bytes, size_t size)
{
    Sink *sink = cookie;
    size_t done = 0;

    if (sink->is_withheld) {
        withheld_add(sink->fd, bytes, size);
        return (ssize_t)size;
    }
    while (done < size && sink->first_errno == 0) {
        ssize_t n = write_some(sink, bytes + done, size - done);

        if (n >= 0)
            done += (size_t)n;
        else if (errno != EINTR)
            sink->first_errno = errno;
    }
    sink->n_written += done;
    /* Pretend success, or the stream would write the same bytes again. */
    return (ssize_t)size;
}

static void
write_withheld(int fd, const char *bytes, size_t size)
{
    write_all(fd == out.fd ? &out : &err, bytes, size);
}

void
output_start(void)
{
    const cookie_io_functions_t functions = {.write = write_all};

    out.stream = fopencookie(&out, "w", functions);
    err.stream = fopencookie(&err, "w", functions);
    g_assert(out.stream && err.stream);
}

void
output_set_cancel(const DagCancel *cancel)
{
    run_cancel = cancel;
}

void
output_take_secrets(DagMask *mask)
{
    dag_mask_unref(secrets);
    secrets = mask;
}

const DagMask *
output_secrets(void)
{
    return secrets;
}

void
output_allow_color(const FILE *stream, bool allow)
{
    (stream == stdout ? &out : &err)->has_color = allow;
}

/* Append text for people. */
static void
append_text(const Sink *sink, const char *text, size_t size, GString *to)
{
    g_autoptr(GString) masked = NULL;

    if (!secrets) {
        safe_text_append(to, text, size, sink->has_color);
        return;
    }
    masked = g_string_new_len(text, (gssize)size);
    dag_mask_text(secrets, masked, 0);
    safe_text_append(to, masked->str, masked->len, sink->has_color);
}

static void
write_bytes(Sink *sink, const char *bytes, size_t size)
{
    if (sink->stream)
        fwrite(bytes, 1, size, sink->stream);
    else
        write_all(sink, bytes, size);
}

static void
write_safely(Sink *sink, const char *text, size_t size)
{
    if (!secrets && safe_text_is_plain(text, size)) {
        write_bytes(sink, text, size);
        return;
    }

    g_autoptr(GString) safe = g_string_sized_new(size);

    append_text(sink, text, size, safe);
    write_bytes(sink, safe->str, safe->len);
}

/* Write the line that is not complete. */
static void
end_text(Sink *sink)
{
    if (!sink->line || sink->line->len == 0)
        return;
    write_safely(sink, sink->line->str, sink->line->len);
    g_string_truncate(sink->line, 0);
}

/* Write a piece of text.  Its end waits for the rest of its line, which a secret may go on into. */
static void
write_text(Sink *sink, const char *text, size_t size)
{
    const char *newline = memrchr(text, '\n', size);
    size_t n_whole = newline ? (size_t)(newline + 1 - text) : 0;

    if (n_whole > 0 && sink->line && sink->line->len > 0) {
        g_string_append_len(sink->line, text, (gssize)n_whole);
        end_text(sink);
    } else if (n_whole > 0) {
        write_safely(sink, text, n_whole);
    }
    if (n_whole == size)
        return;
    if (!sink->line)
        sink->line = g_string_new(NULL);
    g_string_append_len(sink->line, text + n_whole, (gssize)(size - n_whole));
}

void
diagnose(const char *format, ...)
{
    g_autoptr(GString) text = g_string_new(NULL);
    va_list args;

    va_start(args, format);
    safe_text_append_format(text, format, args);
    va_end(args);
    output_undraw();
    write_text(&err, text->str, text->len);
}

/* Write text from elsewhere, which has no colours. */
static void
write_foreign_text(Sink *sink, const char *text, size_t size)
{
    if (safe_text_is_plain(text, size)) {
        write_text(sink, text, size);
        return;
    }

    g_autoptr(GString) safe = g_string_sized_new(size);

    safe_text_append(safe, text, size, false);
    write_text(sink, safe->str, safe->len);
}

void
diagnose_text(const char *text, size_t size)
{
    output_undraw();
    write_foreign_text(&err, text, size);
}

void
diagnose_report(const char *text, size_t size)
{
    output_undraw();
    write_text(&err, text, size);
}

void
diagnose_data(const void *bytes, size_t size)
{
    end_text(&err);
    output_undraw();
    fwrite(bytes, 1, size, err.stream);
}

void
output_flush_diagnostics(void)
{
    end_text(&err);
    if (!is_held)
        fflush(err.stream);
}

void
output_hold(bool hold)
{
    is_held = hold;
    output_flush_diagnostics();
}

uint64_t
output_n_diagnostic_bytes(void)
{
    return err.n_written;
}

void
output_undraw(void)
{
    if (drawn)
        fputs(ERASE, err.stream);
    g_clear_pointer(&drawn, g_free);
    atomic_store(&is_drawn, false);
}

void
output_withhold(bool withhold)
{
    end_text(&err);
    output_undraw();
    fflush(err.stream);
    output_flush();
    out.is_withheld = withhold && terminal_may_show(out.fd);
    err.is_withheld = withhold && terminal_may_show(err.fd);
    if (!withhold)
        withheld_release(write_withheld);
}

bool
output_is_withheld(void)
{
    return out.is_withheld || err.is_withheld;
}

void
output_undraw_at_once(void)
{
    if (!atomic_load(&is_drawn))
        return;

    ssize_t written = write(err.fd, ERASE, strlen(ERASE));

    (void)written; /* on failure the lines stay */
}

/* Write the live lines and move the cursor to the start of the first one. */
static void
write_lines(const char *lines)
{
    size_t n_up = 0;

    end_text(&err);
    fputs(BEGIN_UPDATE "\r", err.stream);
    for (const char *line = lines, *end;; line = end + 1) {
        end = line + strcspn(line, "\n");
        write_safely(&err, line, (size_t)(end - line));
        fputs("\033[K", err.stream);
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
    atomic_store(&is_drawn, lines != NULL);
    if (lines)
        write_lines(lines);
    fflush(err.stream);
}

/* Erase the live lines before writing to standard output: it may be the same terminal. */
static void
undraw_for_results(void)
{
    if (!is_held || !terminal_may_show(out.fd))
        return;
    output_undraw();
    fflush(err.stream);
}

void
output_print(const char *format, ...)
{
    g_autoptr(GString) text = g_string_new(NULL);
    va_list args;

    va_start(args, format);
    safe_text_append_format(text, format, args);
    va_end(args);
    undraw_for_results();
    write_text(&out, text->str, text->len);
}

void
output_write(const char *text, size_t size)
{
    undraw_for_results();
    write_foreign_text(&out, text, size);
}

void
output_write_data(const void *bytes, size_t size)
{
    end_text(&out);
    undraw_for_results();
    fwrite(bytes, 1, size, out.stream);
}

static bool
write_report(const char *bytes, size_t size, G_GNUC_UNUSED void *data)
{
    undraw_for_results();
    write_text(&out, bytes, size);
    return output_is_wanted();
}

DagReportSink
output_sink(void)
{
    return (DagReportSink){write_report, NULL};
}

bool
output_is_wanted(void)
{
    return out.first_errno == 0 && !is_cancelled();
}

bool
output_diagnostics_are_wanted(void)
{
    return err.first_errno == 0 && !is_cancelled();
}

void
output_flush(void)
{
    end_text(&out);
    fflush(out.stream);
}

bool
output_finish(void)
{
    bool is_lost;

    output_withhold(false);
    end_text(&out);
    fclose(out.stream);
    is_lost = out.first_errno != 0 && out.first_errno != EPIPE;
    if (is_lost)
        complain("cannot write to standard output: %s", g_strerror(out.first_errno));
    end_text(&err);
    fclose(err.stream);
    output_take_secrets(NULL);
    return !is_lost;
}

struct OutputFile {
    Sink sink;
    char *path; /* as the user wrote it */
    NewFile new;
};

OutputFile *
output_file_open(const char *path)
{
    OutputFile *file = g_new0(OutputFile, 1);

    file->path = g_strdup(path);
    file->sink.fd = new_file_open(&file->new, path);
    if (file->sink.fd >= 0)
        return file;
    file->sink.first_errno = errno;
    output_file_close(file);
    return NULL;
}

bool
output_file_write(const char *bytes, size_t size, void *file)
{
    Sink *sink = &((OutputFile *)file)->sink;

    write_text(sink, bytes, size);
    return sink->first_errno == 0;
}

static void
free_file(OutputFile *file)
{
    if (file->sink.fd >= 0)
        close(file->sink.fd);
    if (file->sink.nonblocking_fd > 0)
        close(file->sink.nonblocking_fd);
    if (file->sink.line)
        g_string_free(file->sink.line, TRUE);
    g_free(file->path);
    g_free(file);
}

bool
output_file_close(OutputFile *file)
{
    int problem;

    end_text(&file->sink);
    problem = file->sink.first_errno;
    if (problem == 0 && !new_file_put(&file->new, file->sink.fd))
        problem = errno;
    new_file_clear(&file->new, problem != 0);
    if (problem != 0)
        complain("cannot write \"%s\": %s", file->path, g_strerror(problem));
    free_file(file);
    return problem == 0;
}

void
output_file_discard(OutputFile *file)
{
    if (!file)
        return;
    new_file_clear(&file->new, true);
    free_file(file);
}
