/* SPDX-License-Identifier: MIT */
/*
 * A scanner that knows as much of XML as it needs to tell markup from text: comments, CDATA
 * sections, processing instructions, tags with their quoted values, and references.
 */
#include "load/mend.h"

#include <string.h>

typedef struct Scan {
    char *begin, *end;
    char *at;
    bool (*is_script)(void *data, const char *name);
    MendReport report;
    void *data;
    bool is_open; /* a comment or section has no end: the rest of the text is part of it */
} Scan;

/* The surroundings of a character. */
typedef enum Context {
    CONTEXT_TEXT,
    CONTEXT_SCRIPT,    /* the text of an element without child elements */
    CONTEXT_VALUE,     /* of an attribute */
    CONTEXT_NAME,      /* the value of the attribute "id" or "name" */
    CONTEXT_CONDITION, /* the value of the attribute "when" */
} Context;

static bool
is_name_start(char c)
{
    return g_ascii_isalpha(c) || c == '_' || (c & 0x80);
}

static bool
is_name_part(char c)
{
    return is_name_start(c) || g_ascii_isdigit(c) || c == '-' || c == '.' || c == ':';
}

/* Return the character `n` bytes ahead, or NUL at the end. */
static char
peek(const Scan *scan, size_t n)
{
    return n < (size_t)(scan->end - scan->at) ? scan->at[n] : '\0';
}

static bool
looking_at(const Scan *scan, const char *word)
{
    size_t length = strlen(word);

    return length <= (size_t)(scan->end - scan->at) && memcmp(scan->at, word, length) == 0;
}

/* Go on behind the next `word`, or to the end. */
static void
skip_past(Scan *scan, const char *word)
{
    size_t length = strlen(word);
    char *found = memmem(scan->at, (size_t)(scan->end - scan->at), word, length);

    scan->at = found ? found + length : scan->end;
}

/* Return the length of the name at `at`. */
static size_t
name_length(const Scan *scan, const char *at)
{
    const char *end = at;

    while (end < scan->end && is_name_part(*end))
        end++;
    return (size_t)(end - at);
}

/* Return the length of the reference at the present "&", or 0. */
static size_t
reference_length(const Scan *scan)
{
    static const char *const known[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&apos;"};
    size_t n = 2;

    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        if (looking_at(scan, known[i]))
            return strlen(known[i]);
    if (peek(scan, 1) != '#')
        return 0;
    if (peek(scan, 2) == 'x')
        while (g_ascii_isxdigit(peek(scan, n + 1)))
            n++;
    else
        while (g_ascii_isdigit(peek(scan, n)))
            n++;
    n += peek(scan, 2) == 'x';
    return n > 2 && peek(scan, n) == ';' ? n + 1 : 0;
}

static void
refuse(const Scan *scan, const char *message)
{
    scan->report(scan->data, (size_t)(scan->at - scan->begin), message);
}

/* Return a character that is valid in the context, so that no second mistake is reported. */
static char
substitute(Context context)
{
    switch (context) {
    case CONTEXT_VALUE:
        return ' '; /* between the names in "needs" */
    case CONTEXT_NAME:
        return '_';
    default:
        return '='; /* also an operator of conditions */
    }
}

/* Report the run of one character at the present position, and replace it. */
static void
refuse_run(Scan *scan, Context context)
{
    char c = *scan->at;
    g_autofree char *message = g_strdup_printf(
        "\"%s in XML (%s)%s", c == '&' ? "&\" is written &amp;" : "<\" is written &lt;",
        c == '&' ? "&& is &amp;&amp;" : "<< is &lt;&lt;",
        context == CONTEXT_SCRIPT ? ", or wrap the script in <![CDATA[ … ]]>" : "");

    if (context == CONTEXT_CONDITION && looking_at(scan, "&&"))
        refuse(scan, "\"&&\" is written \"and\" in a condition");
    else
        refuse(scan, message);
    *scan->at++ = substitute(context);
    for (; peek(scan, 0) == c; scan->at++)
        *scan->at = context == CONTEXT_NAME ? '_' : ' ';
}

/* Pass the present "&": a reference, or a mistake. */
static void
pass_ampersand(Scan *scan, Context context)
{
    size_t length = reference_length(scan), name;

    if (length > 0) {
        scan->at += length;
        return;
    }
    name = name_length(scan, scan->at + 1);
    if (name == 0 || !is_name_start(peek(scan, 1)) || peek(scan, name + 1) != ';') {
        refuse_run(scan, context);
        return;
    }

    g_autofree char *message =
        g_strdup_printf("\"%.*s\" is not a reference that XML knows: write the character "
                        "itself, or &amp; for "
                        "\"&\"",
                        (int)MIN(name + 2, 60), scan->at);

    refuse(scan, message);
    memset(scan->at, '_', name + 2);
    scan->at += name + 2;
}

/* Pass a quoted value.  Returns: false if its closing quote is missing. */
static bool
pass_value(Scan *scan, Context context)
{
    char *opening = scan->at, quote = *scan->at++;
    bool is_long = false; /* a line, or a tag, has ended within the value */
    char last = quote;    /* the last character that is not blank */

    while (scan->at < scan->end && *scan->at != quote) {
        is_long |= *scan->at == '\n' || (*scan->at == '<' && last == '>');
        last = g_ascii_isspace(*scan->at) ? last : *scan->at;
        if (*scan->at == '&') {
            pass_ampersand(scan, context);
        } else if (*scan->at == '<' && is_long) {
            break;
        } else if (*scan->at == '<') {
            refuse_run(scan, context);
        } else {
            scan->at++;
        }
    }
    if (scan->at < scan->end && *scan->at == quote) {
        scan->at++;
        return true;
    }
    scan->at = opening;
    refuse(scan, "the closing quote of this value is missing");
    return false;
}

static Context
context_of_attribute(const char *name, size_t length)
{
    if (length == 4 && memcmp(name, "when", length) == 0)
        return CONTEXT_CONDITION;
    if ((length == 2 && memcmp(name, "id", length) == 0) ||
        (length == 4 && memcmp(name, "name", length) == 0))
        return CONTEXT_NAME;
    return CONTEXT_VALUE;
}

/* Pass the attributes of a start tag.  Returns: false if a quote is missing. */
static bool
pass_attributes(Scan *scan)
{
    Context context = CONTEXT_VALUE;

    while (scan->at < scan->end && *scan->at != '>' && *scan->at != '<') {
        size_t name = name_length(scan, scan->at);

        if (*scan->at == '"' || *scan->at == '\'') {
            if (!pass_value(scan, context))
                return false;
        } else if (name > 0) {
            context = context_of_attribute(scan->at, name);
            scan->at += name;
        } else {
            scan->at++;
        }
    }
    return true;
}

/* Pass markup that is no element.  Returns: false if there is none here. */
static bool
pass_other_markup(Scan *scan)
{
    static const char *const pairs[][2] = {
        {"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}, {"<!", ">"}};

    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
        const char *begin = pairs[i][0], *end = pairs[i][1];

        if (!looking_at(scan, begin))
            continue;
        if (!memmem(scan->at, (size_t)(scan->end - scan->at), end, strlen(end))) {
            g_autofree char *message =
                g_strdup_printf("%s is not closed by %s", begin, end);

            refuse(scan, message);
            scan->is_open = true;
        }
        skip_past(scan, end);
        return true;
    }
    return false;
}

/* Pass the text of an element without child elements, to its end tag. */
static void
pass_script(Scan *scan, const char *name)
{
    g_autofree char *end_tag = g_strconcat("</", name, NULL);

    while (scan->at < scan->end) {
        if (looking_at(scan, end_tag) && !is_name_part(peek(scan, strlen(end_tag))))
            return;
        if (*scan->at == '&')
            pass_ampersand(scan, CONTEXT_SCRIPT);
        else if (*scan->at != '<')
            scan->at++;
        else if (!pass_other_markup(scan))
            refuse_run(scan, CONTEXT_SCRIPT);
    }
}

/* Pass a start tag and, if it begins a script, the script. */
static bool
pass_start_tag(Scan *scan)
{
    size_t length = name_length(scan, scan->at + 1);
    g_autofree char *name = g_strndup(scan->at + 1, length);
    const char *colon = strchr(name, ':');

    scan->at += 1 + length;
    if (!pass_attributes(scan))
        return false;
    if (peek(scan, 0) == '>' && scan->at[-1] != '/') {
        scan->at++;
        if (scan->is_script(scan->data, colon ? colon + 1 : name))
            pass_script(scan, name);
    }
    return true;
}

/* Return whether the text may be in an encoding in which "<" is the byte of ASCII. */
static bool
is_like_ascii(const char *text, size_t length)
{
    return !memchr(text, '\0', MIN(length, 1024));
}

bool
dag__mend(char *text, size_t length, bool (*is_script)(void *data, const char *name),
          MendReport report, void *data)
{
    Scan scan = {text, text + length, text, is_script, report, data, false};

    if (!is_like_ascii(text, length))
        return true;
    while (scan.at < scan.end) {
        if (*scan.at == '&') {
            pass_ampersand(&scan, CONTEXT_TEXT);
        } else if (*scan.at != '<') {
            scan.at++;
        } else if (is_name_start(peek(&scan, 1))) {
            if (!pass_start_tag(&scan))
                return false;
        } else if (peek(&scan, 1) == '/') {
            skip_past(&scan, ">");
        } else if (!pass_other_markup(&scan)) {
            refuse_run(&scan, CONTEXT_TEXT);
        }
    }
    return !scan.is_open;
}
