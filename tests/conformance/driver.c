/* SPDX-License-Identifier: MIT */
/*
 * driver DIRECTORY SCHEMA: test loader and schema with the corpus; README.md has the rules.  Prints
 * TAP: two points for each file of the directory, one for the loader and one for xmllint.
 *
 * A file states its expected results in comments of one line each, before the root element.  A file
 * without them must be accepted by both.
 */
#include <dagrun/error.h>
#include <dagrun/load.h>
#include <dagrun/tasks.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct Tap {
    unsigned n_points;
    unsigned n_failed;
} Tap;

/* The expected results that a file states. */
typedef struct Statement {
    /* Of char *: the messages.  `~` at the end: only the beginning is compared. */
    GPtrArray *lines;
    bool schema_rejects;
} Statement;

static void
point(Tap *tap, bool good, const char *half, const char *file)
{
    tap->n_points++;
    tap->n_failed += !good;
    printf("%s %u - %s: %s\n", good ? "ok" : "not ok", tap->n_points, half, file);
}

static void
skip(Tap *tap, const char *half, const char *file, const char *why)
{
    printf("ok %u - %s: %s # SKIP %s\n", ++tap->n_points, half, file, why);
}

/* Print `text` as TAP comments. */
static void
remark(const char *title, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    printf("# %s\n", title);
    for (char **line = lines; *line; line++)
        printf("#   %s\n", *line);
}

/* Return the full line for "8:22: message" of the file itself, or "parts/x.xml:8:22: message". */
static char *
full_line(const char *file, const char *text)
{
    const char *location = text + strcspn(text, ": ");
    g_autofree char *other = g_strndup(text, (size_t)(location - text));

    if (g_ascii_isdigit(*text))
        return g_strdup_printf("%s:%.*s error:%s", file,
                               (int)(strstr(text, ": ") + 1 - text), text,
                               strstr(text, ": ") + 1);
    return g_strdup_printf("%s%.*s error:%s", other,
                           (int)(strstr(location, ": ") + 1 - location), location,
                           strstr(location, ": ") + 1);
}

/* Return the begin of a line for "3:" of the file itself, or "parts/x.xml:3:". */
static char *
beginning(const char *file, const char *text)
{
    return g_ascii_isdigit(*text) ? g_strconcat(file, ":", text, "~", NULL)
                                  : g_strconcat(text, "~", NULL);
}

/* Read the text of a comment into the statement; ignore other comments. */
static void
read_comment(Statement *statement, const char *file, const char *comment)
{
    static const char error[] = "error: ", begins[] = "error~ ", prints[] = "prints: ";

    if (g_str_has_prefix(comment, error))
        g_ptr_array_add(statement->lines, full_line(file, comment + strlen(error)));
    else if (g_str_has_prefix(comment, begins))
        g_ptr_array_add(statement->lines, beginning(file, comment + strlen(begins)));
    else if (g_str_has_prefix(comment, prints))
        g_ptr_array_add(statement->lines, g_strdup(comment + strlen(prints)));
    else if (strcmp(comment, "schema: rejects") == 0)
        statement->schema_rejects = true;
    else if (g_str_has_prefix(comment, "schema:") &&
             strcmp(comment, "schema: accepts") != 0)
        g_error("%s: what does \"%s\" mean?", file, comment);
}

static Statement
read_statement(const char *file)
{
    Statement statement = {.lines = g_ptr_array_new_with_free_func(g_free)};
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;

    g_file_get_contents(file, &text, NULL, &error);
    g_assert_no_error(error);

    g_auto(GStrv) lines = g_strsplit_set(text, "\r\n", -1);

    for (char **line = lines; *line; line++) {
        if (!g_str_has_prefix(*line, "<!-- ") || !g_str_has_suffix(*line, " -->"))
            continue;
        (*line)[strlen(*line) - strlen(" -->")] = '\0';
        read_comment(&statement, file, *line + strlen("<!-- "));
    }
    return statement;
}

/* Return true if the lines of `got` (NULL: none) are those that the file states. */
static bool
is_as_stated(const Statement *statement, const char *got)
{
    g_auto(GStrv) lines = g_strsplit(got ? got : "", "\n", -1);

    if (g_strv_length(lines) != statement->lines->len)
        return false;
    for (guint i = 0; i < statement->lines->len; i++) {
        const char *stated = statement->lines->pdata[i];
        size_t length = strlen(stated);

        if (g_str_has_suffix(stated, "~") ? strncmp(lines[i], stated, length - 1) != 0
                                          : strcmp(lines[i], stated) != 0)
            return false;
    }
    return true;
}

static void
check_loader(Tap *tap, const char *file, const Statement *statement)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DagGraph) graph = dag_load_file(
        file, &(DagLoadOptions){.kinds = dag_tasks_kinds(), .lenient = true}, &error);
    bool good = is_as_stated(statement, error ? error->message : NULL) && !graph == !!error;

    point(tap, good, "loader", file);
    if (good)
        return;
    g_ptr_array_add(statement->lines, NULL);

    g_autofree char *stated = g_strjoinv("\n", (char **)statement->lines->pdata);

    remark("expected:", stated);
    remark("got:", error ? error->message : "");
}

/* Return true for 1, 3 and 4: not XML, or not valid.  Other statuses are failures of xmllint. */
static bool
is_rejection(int status)
{
    return status == 1 || status == 3 || status == 4;
}

static void
check_schema(Tap *tap, const char *file, const Statement *statement, const char *schema)
{
    g_autofree char *xmllint = g_find_program_in_path("xmllint");
    const char *arguments[] = {"xmllint",  "--nonet", "--xinclude", "--noout",
                               "--schema", schema,    file,         NULL};
    g_autoptr(GError) error = NULL;
    g_autofree char *said = NULL;
    int status;

    if (!xmllint) {
        skip(tap, "schema", file, "no xmllint here");
        return;
    }
    g_spawn_sync(NULL, (char **)(void *)arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
                 NULL, &said, &status, &error);
    g_assert_no_error(error);
    status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

    bool good = statement->schema_rejects ? is_rejection(status) : status == 0;

    point(tap, good, "schema", file);
    if (!good)
        remark(statement->schema_rejects ? "is to reject; xmllint:"
                                         : "is to accept; xmllint:",
               said);
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Return the names of the cases in the working directory, sorted; of char *. */
static GPtrArray *
list_cases(void)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) directory = g_dir_open(".", 0, &error);
    const char *name;

    g_assert_no_error(error);
    while ((name = g_dir_read_name(directory)))
        if (g_str_has_suffix(name, ".xml"))
            g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, compare_names);
    return names;
}

int
main(int argc, char **argv)
{
    Tap tap = {0};

    g_assert_cmpint(argc, ==, 3);
    g_assert_cmpint(chdir(argv[1]), ==, 0);

    bool of_invalid = g_str_has_suffix(argv[1], "invalid");
    g_autoptr(GPtrArray) cases = list_cases();

    g_assert_cmpuint(cases->len, >, 0);
    printf("TAP version 13\n");
    for (guint i = 0; i < cases->len; i++) {
        const char *file = cases->pdata[i];
        Statement statement = read_statement(file);

        if (of_invalid != (statement.lines->len > 0))
            point(&tap, false, "stands in the wrong directory", file);
        check_loader(&tap, file, &statement);
        check_schema(&tap, file, &statement, argv[2]);
        g_ptr_array_unref(statement.lines);
    }
    printf("1..%u\n", tap.n_points);
    return tap.n_failed > 0;
}
