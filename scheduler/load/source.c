/* SPDX-License-Identifier: MIT */
/*
 * In a handler, libxml2's position is after the start tag.  The tag is still in the parser's buffer
 * (attribute values of SAX2 are pointers into it), so locations are found by searching backwards in
 * the few bytes of one tag.
 *
 * The file is read in pieces and never held whole.  The limits of libxml2 are replaced by ours: they
 * count the bytes that happen to be in its buffer, and two elements of 5 MB in a row may exceed them.
 */
#include "load/source.h"

#include <dagrun/error.h>
#include <errno.h>
#include <fcntl.h>
#include <libxml/parserInternals.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of a graph with its included files.  A million tasks of 50 to 250 bytes are far below. */
#define MAX_BYTES ((uint64_t)512 << 20)

/* Of a file that is read again to be mended. */
#define MAX_MENDED ((size_t)16 << 20)

/* Of one tag, comment or section.  A task that needs a million others takes 8 MB. */
#define MAX_PENDING ((uint64_t)16 << 20)

/* Of different element and attribute names, which libxml2 keeps. */
#define MAX_NAME_BYTES ((size_t)16 << 20)

/* Of processed input in the buffer, before it is released. */
#define FORGET_BYTES ((ptrdiff_t)64 << 10)

/* Of an element.  libxml2 compares each attribute and namespace with all those before it. */
#define MAX_ATTRIBUTES 1000

/* Of an element and of all elements around it. */
#define MAX_NAMESPACES 10000

/* Return the reason to stop reading, or NULL. */
static const char *
find_refusal(const DagSource *source, uint64_t n_bytes)
{
    const xmlParserCtxt *parser = source->parser;

    if (n_bytes > MAX_BYTES)
        return "the graph has more than 512 MiB";
    if (source->n_pending > MAX_PENDING)
        return "a single tag, comment or section has more than 16 MiB";
    /* An attribute takes five entries in an array that doubles. */
    if (parser && parser->maxatts > 10 * MAX_ATTRIBUTES)
        return "an element has more than 1000 attributes";
    /* A namespace takes two entries. */
    if (parser && parser->nsNr > 2 * MAX_NAMESPACES)
        return "an element and those around it declare more than 10000 namespaces";
    return NULL;
}

/* Return true if the bytes begin with the byte order mark of UTF-32, which libxml2 takes for UTF-16
 * and an empty document. */
static bool
is_utf_32(const char *bytes, ssize_t n)
{
    return n >= 4 &&
           (memcmp(bytes, "\xff\xfe\0\0", 4) == 0 || memcmp(bytes, "\0\0\xfe\xff", 4) == 0);
}

/* Read as read() does, without interruption; keep what comes from a pipe. */
static ssize_t
read_file(DagSource *source, char *buffer, size_t size)
{
    ssize_t n;

    do
        n = read(source->fd, buffer, size);
    while (n < 0 && errno == EINTR);
    if (n > 0 && source->kept && source->kept->len <= MAX_MENDED)
        g_byte_array_append(source->kept, (const guint8 *)buffer, (guint)n);
    return n;
}

/* Read from the text that replaces the file. */
static ssize_t
read_text(DagSource *source, char *buffer, size_t size)
{
    size_t length;
    const char *text = g_bytes_get_data(source->text, &length);
    size_t n = MIN(size, length - source->n_read);

    memcpy(buffer, text + source->n_read, n);
    source->n_read += n;
    return (ssize_t)n;
}

static int
read_bytes(void *data, char *buffer, int size)
{
    DagSource *source = data, *first = source;
    ssize_t n;

    while (first->parent)
        first = first->parent;
    source->refusal = find_refusal(source, first->n_bytes);
    if (source->refusal) {
        /* Only the line: the buffer may have moved, so the tag cannot be searched. */
        if (source->parser)
            source->refusal_location.line = (uint32_t)source->parser->input->line;
        return -1;
    }
    n = source->text ? read_text(source, buffer, (size_t)size)
                     : read_file(source, buffer, (size_t)size);
    if (n < 0) {
        source->read_errno = errno;
        return -1;
    }
    if (!source->has_begun && is_utf_32(buffer, n)) {
        source->refusal = "the file is in UTF-32; save it as UTF-8";
        return -1;
    }
    source->has_begun = true;
    first->n_bytes += (uint64_t)n;
    source->n_pending += (uint64_t)n;
    return (int)n;
}

/* Return the reason for which a file of this type and size is not read, or NULL. */
static const char *
check_type(const struct stat *info, bool included)
{
    if (S_ISDIR(info->st_mode))
        return g_strerror(EISDIR);
    if (S_ISFIFO(info->st_mode) && !included)
        return NULL;
    if (!S_ISREG(info->st_mode))
        return "not a regular file";
    return (uint64_t)info->st_size > MAX_BYTES ? "larger than 512 MiB" : NULL;
}

static bool
includes_itself(const DagSource *outer, const struct stat *info)
{
    for (; outer; outer = outer->parent)
        if (outer->device == info->st_dev && outer->inode == info->st_ino)
            return true;
    return false;
}

/* Open the file as *fd_out.  Return the reason for which it cannot be read, or NULL. */
static const char *
open_file(const char *file, bool included, int *fd_out, struct stat *info_out)
{
    int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | (included ? O_NONBLOCK : 0);
    const char *problem;

    /* Checked before, since opening a device can have effects and opening a pipe waits; and after,
     * since the file may have been replaced. */
    if (stat(file, info_out) < 0)
        return g_strerror(errno);
    problem = check_type(info_out, included);
    if (problem)
        return problem;
    *fd_out = open(file, flags);
    if (*fd_out < 0 || fstat(*fd_out, info_out) < 0)
        return g_strerror(errno);
    return check_type(info_out, included);
}

DagSource *
dag__source_open(const char *file, DagSource *parent, GError **error)
{
    struct stat info;
    int fd = -1;
    const char *problem = open_file(file, parent != NULL, &fd, &info);

    if (!problem && includes_itself(parent, &info))
        problem = "it includes itself";
    if (problem) {
        g_set_error_literal(error, DAG_ERROR, DAG_ERROR_IO, problem);
        if (fd >= 0)
            close(fd);
        return NULL;
    }

    DagSource *source = g_new0(DagSource, 1);

    source->file = g_strdup(file);
    source->parent = parent;
    source->fd = fd;
    source->device = info.st_dev;
    source->inode = info.st_ino;
    source->kept = S_ISREG(info.st_mode) ? NULL : g_byte_array_new();
    source->refusal_location = (DagLocation){source->file, 1, 1};
    return source;
}

void
dag__source_free(DagSource *source)
{
    if (source->fd >= 0)
        close(source->fd);
    g_clear_pointer(&source->kept, g_byte_array_unref);
    g_clear_pointer(&source->text, g_bytes_unref);
    g_free(source->file);
    g_free(source);
}

char *
dag__source_directory(const char *file)
{
    if (g_str_has_prefix(file, "/dev/fd/") || g_str_has_prefix(file, "/proc/self/fd/") ||
        strcmp(file, "/dev/stdin") == 0)
        return g_strdup(".");
    return g_path_get_dirname(file);
}

/* libxml2 has some errors, such as those of conversions, without a parser: it would print them. */
static void
on_stray_error(void *data, xmlError *problem)
{
    DagSource *source = data;

    (void)problem;
    if (source->refusal)
        return;
    source->refusal = "the bytes are not valid in the encoding of the file";
    source->refusal_location.line = (uint32_t)source->parser->input->line;
}

void
dag__source_parse(DagSource *source, xmlSAXHandler *handlers)
{
    xmlStructuredErrorFunc outer_handler = xmlStructuredError;
    void *outer_data = xmlStructuredErrorContext;
    xmlParserCtxt *parser = xmlCreateIOParserCtxt(handlers, source, read_bytes, NULL,
                                                  source, XML_CHAR_ENCODING_NONE);

    g_assert(parser);
    /* NOENT: a value holds "&", not "&#38;".  There are no entities but XML's own five, since a
     * document type declaration stops the parser.  HUGE: disables libxml2's limits. */
    xmlCtxtUseOptions(parser, XML_PARSE_NONET | XML_PARSE_BIG_LINES | XML_PARSE_NOENT |
                                  XML_PARSE_HUGE);
    xmlDictSetLimit(parser->dict, MAX_NAME_BYTES);
    source->parser = parser;
    xmlSetStructuredErrorFunc(source, on_stray_error);
    xmlParseDocument(parser);
    xmlSetStructuredErrorFunc(outer_data, outer_handler);
    source->parser = NULL;
    xmlFreeParserCtxt(parser);
    if (!source->kept) { /* the rest of a pipe may be needed */
        close(source->fd);
        source->fd = -1;
    }
}

GByteArray *
dag__source_contents(DagSource *source)
{
    g_autoptr(GByteArray) contents =
        source->kept ? g_byte_array_ref(source->kept) : g_byte_array_new();
    char buffer[1 << 14];
    ssize_t n;

    while ((n = read_file(source, buffer, sizeof buffer)) > 0) {
        if (!source->kept)
            g_byte_array_append(contents, (const guint8 *)buffer, (guint)n);
        if (contents->len > MAX_MENDED)
            return NULL;
    }
    return n < 0 ? NULL : g_steal_pointer(&contents);
}

void
dag__source_replace(DagSource *source, GBytes *text)
{
    source->text = text;
}

void
dag__source_progress(DagSource *source)
{
    source->n_pending = 0;
}

void
dag__source_forget(DagSource *source)
{
    xmlParserInput *input = source->parser->input;

    source->n_pending = 0;
    /* libxml2 does so itself now and then, but locations need the tag in the buffer. */
    if (input->cur - input->base > FORGET_BYTES)
        xmlParserInputShrink(input);
}

static uint32_t
count_lines(const char *from, const char *to)
{
    uint32_t n = 0;

    while ((from = memchr(from, '\n', (size_t)(to - from)))) {
        from++;
        n++;
    }
    return n;
}

/* Return the location of the tag that begins at `start` and ends at the parser's position. */
static DagLocation
location_of_tag(const DagSource *source, const char *start)
{
    const xmlParserInput *input = source->parser->input;
    const char *cur = (const char *)input->cur, *base = (const char *)input->base;
    const char *line = memrchr(base, '\n', (size_t)(start - base));
    uint32_t n_lines = count_lines(start, cur);
    uint32_t column;

    line = line ? line + 1 : base;
    column = (uint32_t)(start - line) + 1;
    /* If the begin of the line has left the buffer, the parser knows the column. */
    if (line == base && input->consumed > 0 && n_lines == 0)
        column = (uint32_t)MAX(input->col - (cur - start), 1);
    return (DagLocation){source->file, (uint32_t)input->line - n_lines, column};
}

/* A tag holds no further `<`, not even in a value, so the last one begins it. */
DagTag
dag__source_tag(const DagSource *source)
{
    const xmlParserInput *input = source->parser->input;
    const char *start = memrchr(input->base, '<', (size_t)(input->cur - input->base) + 1);

    start = start ? start : (const char *)input->base;
    return (DagTag){start, (const char *)input->cur, location_of_tag(source, start)};
}

/* Return the location of `at`, a position in the tag. */
static DagLocation
location_in_tag(const DagTag *tag, const char *at)
{
    const char *line = memrchr(tag->start, '\n', (size_t)(at - tag->start));
    DagLocation location = tag->location;

    if (line) {
        location.line += count_lines(tag->start, at);
        location.column = (uint32_t)(at - line);
    } else {
        location.column += (uint32_t)(at - tag->start);
    }
    return location;
}

/* Return the first character of the value of an attribute in the tag, or NULL. */
static const char *
find_value(const DagTag *tag, const char *name)
{
    const char *at = tag->start + strcspn(tag->start, " \t\r\n/>");
    size_t length = strlen(name);

    /* name = "value" name = "value" …: the parser has checked this syntax. */
    while (at < tag->end) {
        at += strspn(at, " \t\r\n");

        const char *word = at;
        size_t word_length = strcspn(word, " \t\r\n=");

        at = memchr(at, '=', (size_t)(tag->end - at));
        if (!at)
            return NULL;
        at += 1 + strspn(at + 1, " \t\r\n");
        if (word_length == length && memcmp(word, name, length) == 0)
            return at + 1;
        at = memchr(at + 1, *at, (size_t)(tag->end - at - 1));
        if (!at)
            return NULL;
        at++;
    }
    return NULL;
}

/* Return true if the value is in the tag: it is a copy only if it holds references or line ends. */
static bool
is_in_tag(const DagTag *tag, const char *value)
{
    return value > tag->start && value < tag->end;
}

DagLocation
dag__tag_value_location(const DagTag *tag, const char *name, const char *value)
{
    const char *at = is_in_tag(tag, value) ? value : find_value(tag, name);

    return at ? location_in_tag(tag, at) : tag->location;
}

bool
dag__tag_value_has_line_end(const DagTag *tag, const char *name, const char *value)
{
    const char *at = is_in_tag(tag, value) ? NULL : find_value(tag, name);
    const char *end = at ? memchr(at, at[-1], (size_t)(tag->end - at)) : NULL;

    return end && memchr(at, '\n', (size_t)(end - at));
}
