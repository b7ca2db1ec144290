/* SPDX-License-Identifier: MIT */
/*
 * libxml2 tells a handler where its reading stands, which is behind the start tag.  The tag
 * itself is still in the parser's buffer then (SAX2 hands out attribute values as pointers into
 * it), so places are found by looking back, in the few bytes of one tag.
 *
 * The file is read piece by piece and never held whole.
 */
#include "load/source.h"

#include <errno.h>
#include <fcntl.h>
#include <libxml/parserInternals.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
read_bytes(void *data, char *buffer, int size)
{
    DagSource *source = data;
    ssize_t n;

    do
        n = read(source->fd, buffer, (size_t)size);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        source->read_errno = errno;
    return (int)n;
}

DagSource *
dag__source_open(const char *file, DagSource *parent)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat info;

    if (fd < 0)
        return NULL;
    if (fstat(fd, &info) < 0 || S_ISDIR(info.st_mode)) {
        close(fd);
        errno = EISDIR;
        return NULL;
    }
    for (const DagSource *outer = parent; outer; outer = outer->parent) {
        if (outer->device == info.st_dev && outer->inode == info.st_ino) {
            close(fd);
            errno = ELOOP;
            return NULL;
        }
    }

    DagSource *source = g_new0(DagSource, 1);

    source->file = g_strdup(file);
    source->parent = parent;
    source->fd = fd;
    source->device = info.st_dev;
    source->inode = info.st_ino;
    return source;
}

void
dag__source_free(DagSource *source)
{
    if (source->fd >= 0)
        close(source->fd);
    g_free(source->file);
    g_free(source);
}

void
dag__source_parse(DagSource *source, xmlSAXHandler *handlers)
{
    xmlParserCtxt *parser = xmlCreateIOParserCtxt(handlers, source, read_bytes, NULL,
                                                  source, XML_CHAR_ENCODING_NONE);

    g_assert(parser);
    /* NOENT: a value holds "&", not "&#38;".  There are no entities but XML's own five, since a
     * document type declaration stops the parser. */
    xmlCtxtUseOptions(parser, XML_PARSE_NONET | XML_PARSE_BIG_LINES | XML_PARSE_NOENT);
    source->parser = parser;
    xmlParseDocument(parser);
    source->parser = NULL;
    xmlFreeParserCtxt(parser);
    close(source->fd);
    source->fd = -1;
}

/* The start tag as it was written: [start, end), in the parser's buffer. */
typedef struct Tag {
    const char *start;
    const char *end;
} Tag;

/* No `<` can stand inside a tag, not even in a value, so the last one begins it. */
static Tag
current_tag(const DagSource *source)
{
    const xmlParserInput *input = source->parser->input;
    const char *start = (const char *)input->cur;

    while (start > (const char *)input->base && *start != '<')
        start--;
    return (Tag){start, (const char *)input->cur};
}

static uint32_t
count_lines(const char *from, const char *to)
{
    uint32_t n = 0;

    for (; from < to; from++)
        n += *from == '\n';
    return n;
}

/* The place of `at`, somewhere between the start of the tag and where the parser stands. */
static DagPlace
place_of(const DagSource *source, const char *at)
{
    const xmlParserInput *input = source->parser->input;
    const char *cur = (const char *)input->cur, *base = (const char *)input->base;
    const char *line = at;
    uint32_t column;

    while (line > base && line[-1] != '\n')
        line--;
    column = (uint32_t)(at - line) + 1;
    /* Where the line's beginning has left the buffer, the parser has kept count. */
    if (line == base && input->consumed > 0 && !memchr(at, '\n', (size_t)(cur - at)))
        column = (uint32_t)MAX(input->col - (cur - at), 1);
    return (DagPlace){source->file, (uint32_t)input->line - count_lines(at, cur), column};
}

DagPlace
dag__source_element_place(const DagSource *source)
{
    return place_of(source, current_tag(source).start);
}

DagPlace
dag__source_value_place(const DagSource *source, const char *name)
{
    Tag tag = current_tag(source);
    const char *at = tag.start + strcspn(tag.start, " \t\r\n/>");
    size_t length = strlen(name);

    /* name = "value" name = "value" …: the parser has seen that it is so. */
    while (at < tag.end) {
        at += strspn(at, " \t\r\n");

        const char *word = at;
        size_t word_length = strcspn(word, " \t\r\n=");

        at = memchr(at, '=', (size_t)(tag.end - at));
        if (!at)
            break;
        at += 1 + strspn(at + 1, " \t\r\n");
        if (word_length == length && memcmp(word, name, length) == 0)
            return place_of(source, at + 1);
        at = memchr(at + 1, *at, (size_t)(tag.end - at - 1));
        if (!at)
            break;
        at++;
    }
    return place_of(source, tag.start);
}
