/* SPDX-License-Identifier: MIT */
/*
 * The text is split before templates are expanded, so no value is ever split.
 * Words and quotes follow the rules of the shell, and nothing else does.  (GLib's
 * g_shell_parse_argv() also takes `#` for a comment, and silently drops arguments.)
 */
#include "command-words.h"

#include <dagrun/error.h>
#include <string.h>

static void
fail(GError **error, const char *message)
{
    g_set_error_literal(error, DAG_ERROR, DAG_ERROR_INVALID, message);
}

/* The functions below write to *out and advance it. */

/* Read from behind the opening quote.  Returns: the text behind the closing one, or NULL. */
static const char *
read_quoted(const char *text, char quote, char **out, GError **error)
{
    for (; *text != quote; text++) {
        if (quote == '"' && text[0] == '\\' && (text[1] == '"' || text[1] == '\\'))
            text++;
        if (!*text) {
            fail(error,
                 quote == '"' ? "unterminated double quote" : "unterminated single quote");
            return NULL;
        }
        *(*out)++ = *text;
    }
    return text + 1;
}

/* Read a backslash and the character that it keeps.  Returns: the text behind them, or NULL. */
static const char *
read_escaped(const char *text, char **out, GError **error)
{
    if (!text[1]) {
        fail(error, "backslash at the end");
        return NULL;
    }
    *(*out)++ = text[1];
    return text + 2;
}

/* Read one word.  Returns: the text behind it, or NULL. */
static const char *
read_word(const char *text, char **out, GError **error)
{
    while (text && *text && !g_ascii_isspace(*text)) {
        if (*text == '\'' || *text == '"')
            text = read_quoted(text + 1, *text, out, error);
        else if (*text == '\\')
            text = read_escaped(text, out, error);
        else
            *(*out)++ = *text++;
    }
    return text;
}

bool
dag__command_words_split(const char *text, char *words_out, size_t *n_out, GError **error)
{
    for (*n_out = 0;; ++*n_out) {
        while (g_ascii_isspace(*text))
            text++;
        if (!*text)
            return true;
        text = read_word(text, &words_out, error);
        if (!text)
            return false;
        *words_out++ = '\0';
    }
}

/* Return true if a shell would do something with a word without quotes. */
static bool
is_for_shell(const char *word, size_t length)
{
    static const char *const operators[] = {"|", "||", "&&", "&", ";", "|&", NULL};
    g_autofree char *text = g_strndup(word, length);
    const char *redirection = text + strspn(text, "012");

    return g_strv_contains(operators, text) || *redirection == '>' || *redirection == '<' ||
           g_str_has_prefix(text, "&>") || g_str_has_prefix(text, "~/") ||
           g_str_has_suffix(text, ";") || strstr(text, "$(") || strchr(text, '`');
}

char *
dag__command_words_find_shell(const char *text)
{
    if (!strpbrk(text, "|&;<>~(`")) /* one is in every word for a shell */
        return NULL;

    g_autofree char *scratch = g_malloc(strlen(text) + 1);

    for (;;) {
        char *out = scratch;
        const char *word;

        while (g_ascii_isspace(*text))
            text++;
        if (!*text)
            return NULL;
        word = text;
        text = read_word(text, &out, NULL);
        if (!text)
            return NULL;
        /* A word with quotes or backslashes is shorter than it was written. */
        if (out - scratch == text - word && is_for_shell(word, (size_t)(text - word)))
            return g_strndup(word, (gsize)(text - word));
    }
}
