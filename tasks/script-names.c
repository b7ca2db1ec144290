/* SPDX-License-Identifier: MIT */
/*
 * Two passes over the text.  The first collects the names that the script may set: `name=`, and
 * every word after commands such as `read` and `for` on a line.  It also finds `eval` and `.`, which
 * may set anything.  The second follows the quotes and finds the names that the shell expands.
 *
 * The second pass knows quotes, `$(…)`, `${…}`, comments and here-documents.  It does not know the
 * grammar: where a `)` need not close the bracket before it, the rest of the script is read, but no use
 * in it is certain.
 */
#include "script-names.h"

#include <dagrun/text.h>
#include <string.h>

/* The script being read. */
typedef struct Reader {
    DagElement *element;
    const char *script;
    GHashTable *set;    /* set of char *, owned: the names that the script may set */
    GHashTable *noted;  /* of char *, owned, to DagCertainty + 1: the uses noted */
    bool sets_anything; /* it runs eval or reads another file */
    bool is_unsure;     /* the quotes may have been misread */
    GString *closers;   /* the characters that close the open brackets and quotes */
    /* The word that ends the here-document that begins at the next line. */
    const char *document;
    size_t document_length;
    bool is_plain; /* nothing is expanded in the here-document */
} Reader;

/* Return the length of the text that could be the id of a task: letters, digits, "_", "-", "." and
 * all that is not ASCII. */
static size_t
id_length(const char *text)
{
    size_t n = 0;

    if (dag_text_variable_length(text) > 0 || (*text & 0x80))
        while (dag_text_is_variable_byte(text[n]) || text[n] == '-' || text[n] == '.' ||
               (text[n] & 0x80))
            n++;
    return n;
}

static bool
is_word(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && strncmp(text, word, length) == 0;
}

static bool
is_one_of(const char *text, size_t length, const char *const *words)
{
    for (; *words; words++)
        if (is_word(text, length, *words))
            return true;
    return false;
}

/* Return true if a command may begin at `at`. */
static bool
begins_command(const char *script, const char *at)
{
    static const char *const before[] = {"then",  "do",    "else", "if",
                                         "while", "until", NULL};
    const char *end = at;

    while (end > script && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    if (end == script || strchr("\n;&|({!`", end[-1]))
        return true;
    at = end;
    while (at > script && dag_text_is_variable_byte(at[-1]))
        at--;
    return is_one_of(at, (size_t)(end - at), before);
}

/* Return true if the name at `at` is the target of an assignment: `name=`, `name+=`, `name[`. */
static bool
is_assigned(const char *script, const char *at, size_t length)
{
    const char *after = at + length;

    if (at > script && strchr("-/.$,:@%+", at[-1]))
        return false;
    return *after == '=' || *after == '[' || (after[0] == '+' && after[1] == '=') ||
           (after[0] == ':' && after[1] == '=');
}

/* Return true if the word is a command that sets the names after it. */
static bool
is_setter(const char *word, size_t length)
{
    static const char *const setters[] = {
        "for",   "read",    "export",  "local",     "declare", "typeset", "readonly",
        "unset", "getopts", "mapfile", "readarray", "select",  "let",     NULL};

    return is_one_of(word, length, setters) ||
           (is_word(word, length, "printf") && strncmp(word + length, " -v", 3) == 0);
}

/* Collect the word at `at`, if the script may set it.  Return true if it is a command that sets the
 * names after it on the line, or `sets` is true: such a command stands before it. */
static bool
collect_word(Reader *reader, const char *at, size_t length, bool sets)
{
    static const char *const includers[] = {"eval", "source", NULL};

    if (is_assigned(reader->script, at, length) || (sets && at[-1] != '$' && at[-1] != '{'))
        g_hash_table_add(reader->set, g_strndup(at, length));
    if (is_one_of(at, length, includers) && begins_command(reader->script, at))
        reader->sets_anything = true;
    return sets || is_setter(at, length);
}

/* Collect the names that the script may set. */
static void
collect_set(Reader *reader)
{
    bool sets = false;

    for (const char *at = reader->script; *at;) {
        size_t length = dag_text_variable_length(at);

        if (length > 0) {
            sets = collect_word(reader, at, length, sets);
            at += length;
            continue;
        }
        sets = sets && *at != '\n' && *at != ';';
        if (*at == '.' && g_ascii_isspace(at[1]) && begins_command(reader->script, at))
            reader->sets_anything = true;
        at += g_ascii_isdigit(*at) ? strspn(at, "0123456789") : 1;
    }
}

/* Note a use, unless a more certain one of the same name was noted. */
static void
note(Reader *reader, const DagVariableUse *use)
{
    g_autofree char *key = g_strndup(use->name, use->id_length);
    unsigned known = GPOINTER_TO_UINT(g_hash_table_lookup(reader->noted, key));

    if (known > (unsigned)use->certainty)
        return;
    g_hash_table_insert(reader->noted, g_steal_pointer(&key),
                        GUINT_TO_POINTER(use->certainty + 1));
    dag_element_add_variable(reader->element, use);
}

/* Note the variable at `name`, behind "$" or "${". */
static void
note_name(Reader *reader, const char *name, bool is_braced, DagCertainty certainty)
{
    DagVariableUse use = {.name = name,
                          .length = dag_text_variable_length(name),
                          .id_length = id_length(name),
                          .certainty = certainty};
    g_autofree char *variable = g_strndup(name, use.length);

    if (use.id_length == 0)
        return;
    if (g_hash_table_contains(reader->set, variable))
        use.certainty = DAG_MENTIONED;
    else if (use.certainty == DAG_CERTAIN && (reader->sets_anything || reader->is_unsure))
        use.certainty = DAG_POSSIBLE;
    use.is_braced = is_braced && name[use.id_length] == '}';
    /* In "${name-word}", the word matters only if all of it could be the id. */
    if (is_braced && !use.is_braced)
        use.id_length = use.length;
    if (use.id_length > 0)
        note(reader, &use);
}

static char
top(const Reader *reader)
{
    return reader->closers->len > 0 ? reader->closers->str[reader->closers->len - 1] : '\0';
}

static void
push(Reader *reader, char closer)
{
    g_string_append_c(reader->closers, closer);
}

static void
pop(Reader *reader)
{
    g_string_truncate(reader->closers, reader->closers->len - 1);
}

/* Read the "${" at `at`.  Returns: the text behind the name. */
static const char *
read_braced(Reader *reader, const char *at)
{
    const char *name = at + 2;
    size_t length;
    char after;

    push(reader, '}');
    if (*name == '#' || *name == '!')
        name++;
    length = dag_text_variable_length(name);
    after = name[length] == ':' ? name[length + 1] : name[length];
    /* "${name-word}" and its like provide for an unset variable. */
    note_name(reader, name, true,
              after && strchr("-+=?.", after) ? DAG_POSSIBLE : DAG_CERTAIN);
    return name + length;
}

/* Read the "$" at `at`.  Returns: the text behind the part read. */
static const char *
read_dollar(Reader *reader, const char *at)
{
    if (at[1] == '(') {
        push(reader, ')');
        return at + 2;
    }
    if (at[1] == '{')
        return read_braced(reader, at);
    if (at[1] == '\'' && top(reader) != '"') { /* $'…' of bash */
        for (at += 2; *at && *at != '\''; at++)
            at += at[0] == '\\' && at[1];
        return *at ? at + 1 : at;
    }
    note_name(reader, at + 1, false, DAG_CERTAIN);
    return at + 1 + dag_text_variable_length(at + 1);
}

/* Read the "<<" at `at`, which may announce a here-document.  Returns: the text behind it. */
static const char *
read_announcement(Reader *reader, const char *at)
{
    const char *word;

    at += 2;
    if (*at == '<')
        return at + 1;
    at += *at == '-';
    at += strspn(at, " \t");
    reader->is_plain = *at == '\'' || *at == '"' || *at == '\\';
    word = at + reader->is_plain;
    reader->document = word;
    reader->document_length = dag_text_variable_length(word);
    if (reader->document_length == 0)
        reader->document = NULL;
    return word + reader->document_length + (reader->is_plain && *at != '\\');
}

/* Return the line that ends the here-document which begins at `text`, or NULL. */
static const char *
end_of_document(const Reader *reader, const char *text)
{
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += line > text;

        const char *word = line + strspn(line, "\t");

        if (strncmp(word, reader->document, reader->document_length) == 0 &&
            (word[reader->document_length] == '\n' || !word[reader->document_length]))
            return line;
    }
    return NULL;
}

/* Read the here-document that begins at `text`.  Returns: the line that ends it; `text` if there is
 * none. */
static const char *
read_document(Reader *reader, const char *text)
{
    const char *end = end_of_document(reader, text);

    reader->document = NULL;
    if (!end) {
        reader->is_unsure = true;
        return text;
    }
    for (const char *at = text; at < end && !reader->is_plain; at++) {
        if (at[0] == '\\')
            at++;
        else if (at[0] == '$' && at[1] != '(')
            note_name(reader, at + 1 + (at[1] == '{'), at[1] == '{', DAG_POSSIBLE);
    }
    return end + reader->document_length + strspn(end, "\t");
}

/* Return the text behind the single quotes that begin at `at`. */
static const char *
skip_quoted(Reader *reader, const char *at)
{
    const char *end = strchr(at + 1, '\'');

    reader->is_unsure = reader->is_unsure || !end;
    return end ? end + 1 : at + strlen(at);
}

/* Read a bracket, quote or comment outside of double quotes.  Returns: the text behind it. */
static const char *
read_plain(Reader *reader, const char *at)
{
    bool is_first = at == reader->script || strchr(" \t\n;&|(", at[-1]);

    switch (*at) {
    case '\'':
        return skip_quoted(reader, at);
    case '(':
        push(reader, ')');
        break;
    case ')':
        if (top(reader) == ')')
            pop(reader);
        break;
    case '#':
        return is_first && top(reader) != '}' ? at + strcspn(at, "\n") : at + 1;
    case '<':
        return at[1] == '<' ? read_announcement(reader, at) : at + 1;
    case '\n':
        return reader->document ? read_document(reader, at + 1) : at + 1;
    case 'c': /* the patterns of "case" end with ")" */
        if (is_first && strncmp(at, "case", 4) == 0 && !dag_text_is_variable_byte(at[4]) &&
            reader->closers->len > 0)
            reader->is_unsure = true;
        break;
    default:
        break;
    }
    return at + 1;
}

/* Read the next piece of the script.  Returns: the text behind it. */
static const char *
read_next(Reader *reader, const char *at)
{
    char closer = top(reader);

    if (*at == '\\')
        return at[1] ? at + 2 : at + 1;
    if (*at == '$')
        return read_dollar(reader, at);
    if ((*at == '"' || *at == '`' || *at == '}') && *at == closer) {
        pop(reader);
        return at + 1;
    }
    if (*at == '"' || *at == '`') {
        push(reader, *at);
        return at + 1;
    }
    return closer == '"' ? at + 1 : read_plain(reader, at);
}

/* Note the names behind each "$" as mentioned, wherever it stands. */
static void
mention_rest(Reader *reader)
{
    for (const char *at = strchr(reader->script, '$'); at; at = strchr(at + 1, '$'))
        note_name(reader, at + 1 + (at[1] == '{'), at[1] == '{', DAG_MENTIONED);
}

void
dag__script_names_add(DagElement *element, const char *script)
{
    Reader reader = {.element = element, .script = script};

    if (!strchr(script, '$'))
        return;
    reader.set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    reader.noted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    reader.closers = g_string_new(NULL);
    collect_set(&reader);
    for (const char *at = script; *at;)
        at = read_next(&reader, at);
    mention_rest(&reader);
    g_hash_table_unref(reader.set);
    g_hash_table_unref(reader.noted);
    g_string_free(reader.closers, TRUE);
}

void
dag__script_names_mention(DagElement *element, const char *text)
{
    Reader reader = {.element = element};

    reader.noted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (size_t length; *text; text += MAX(length, 1)) {
        length = dag_text_variable_length(text);
        if (length > 0)
            note(&reader, &(DagVariableUse){.name = text,
                                            .length = length,
                                            .id_length = length,
                                            .certainty = DAG_MENTIONED});
    }
    g_hash_table_unref(reader.noted);
}

void
dag__script_names_literal(DagElement *element, const char *name)
{
    DagVariableUse use = {.name = name,
                          .length = dag_text_variable_length(name),
                          .id_length = id_length(name),
                          .certainty = DAG_LITERAL};

    if (use.id_length > 0)
        dag_element_add_variable(element, &use);
}
