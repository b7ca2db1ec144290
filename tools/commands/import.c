/* SPDX-License-Identifier: MIT */
/*
 * dagrun import: reads a graph of another program, and writes it as XML.
 */
#include "commands/command.h"
#include "commands/options.h"
#include "display/output.h"
#include "formats/crew.h"
#include "formats/format.h"

#include <string.h>

typedef struct ImportOptions {
    char *format;
    char *kind;
    char *output;
} ImportOptions;

static void
import_options_clear(ImportOptions *options)
{
    g_free(options->format);
    g_free(options->kind);
    g_free(options->output);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ImportOptions, import_options_clear)

/* Fill in the names of the formats that can be read, NULL-terminated. */
static void
list_names(const char *names[16])
{
    size_t n = 0;

    for (const Format *const *format = formats; *format; format++)
        if ((*format)->read)
            names[n++] = (*format)->name;
    g_assert(n < 16);
    names[n] = NULL;
}

/* Return the format with the name, or the one that recognizes the text; NULL after an error message. */
static const Format *
find_format(const char *name, const ImportText *text)
{
    const char *names[16];
    g_autofree char *all = NULL;

    for (const Format *const *format = formats; *format; format++)
        if ((*format)->read &&
            (name ? strcmp((*format)->name, name) == 0 : (*format)->recognizes(text)))
            return *format;
    list_names(names);
    if (name) {
        complain_of_word("format", name, names);
        return NULL;
    }
    all = g_strjoinv(", ", (char **)(void *)names);
    complain("cannot tell the format of \"%s\"; --from takes one of: %s", text->name, all);
    return NULL;
}

/* Returns: false after an error message. */
static bool
find_work(const char *name, ImportedWork *work_out)
{
    *work_out = IMPORTED_NOOP;
    for (int i = 0; imported_work_names[i]; i++)
        if (!name || strcmp(imported_work_names[i], name) == 0) {
            *work_out = (ImportedWork)i;
            return true;
        }

    g_autofree char *all = g_strjoinv(", ", (char **)(void *)imported_work_names);

    complain("--kind takes %s, not \"%s\"", all, name);
    return false;
}

/* Return the summary of the command, with all formats; free with g_free(). */
static char *
new_summary(void)
{
    GString *text =
        g_string_new("Reads a graph of another program, and writes it as XML to "
                     "standard output.\n\nFormats:");

    for (const Format *const *format = formats; *format; format++)
        if ((*format)->read)
            g_string_append_printf(text, "\n  %-9s %s", (*format)->name,
                                   (*format)->read_summary ? (*format)->read_summary
                                                           : (*format)->summary);
    return g_string_free(text, FALSE);
}

static int
write_graph(const ImportedGraph *graph, ImportedWork work, const char *path)
{
    OutputFile *file = path ? output_file_open(path) : NULL;
    DagReportSink sink = file ? (DagReportSink){output_file_write, file} : output_sink();

    if (path && !file)
        return EXIT_INTERNAL;
    imported_graph_write(graph, work, &sink);
    return !file || output_file_close(file) ? EXIT_GOOD : EXIT_INTERNAL;
}

/* Import the text of the file.  Returns: the exit status. */
static int
import_file(const char *path, const ImportOptions *options, ImportedWork work)
{
    GError *error = NULL;
    g_autofree char *bytes = NULL;
    g_autoptr(ImportedGraph) graph = NULL;
    const Format *format;
    gsize size;

    if (!g_file_get_contents(path, &bytes, &size, &error)) {
        complain("%s", error->message);
        g_error_free(error);
        return EXIT_INTERNAL;
    }

    const ImportText text = {path, bytes, size, options_warn, NULL};

    format = find_format(options->format, &text);
    if (!format)
        return EXIT_USAGE;
    graph = format->read(&text, &error);
    if (!graph || !imported_graph_check(graph, &text, &error))
        return complain_of(error);
    return write_graph(graph, work, options->output);
}

/* Import a crew of agents.  Returns: the exit status. */
static int
import_crew(char **words, const ImportOptions *options)
{
    GError *error = NULL;
    g_autoptr(Crew) crew = NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    OutputFile *file;

    if (options->format || options->kind || words[2]) {
        complain("import crewai takes one directory, and no option but -o");
        return EXIT_USAGE;
    }
    crew = crew_read(words[1], options_warn, &error);
    if (!crew)
        return complain_of(error);
    crew_write(crew, text);
    file = options->output ? output_file_open(options->output) : NULL;
    if (options->output && !file)
        return EXIT_INTERNAL;

    DagReportSink sink = file ? (DagReportSink){output_file_write, file} : output_sink();

    sink.write(text->str, text->len, sink.data);
    return !file || output_file_close(file) ? EXIT_GOOD : EXIT_INTERNAL;
}

int
cmd_import(char **argv)
{
    g_auto(ImportOptions) options = {0};
    const GOptionEntry entries[] = {
        {"from", 0, 0, G_OPTION_ARG_FILENAME, &options.format,
         "The format (see above; default: what the file is)", "FORMAT"},
        {"kind", 0, 0, G_OPTION_ARG_FILENAME, &options.kind,
         "Action of tasks without a command: noop (default), or sleep or spin for as long "
         "as they cost",
         "KIND"},
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output,
         "Write to FILE instead, which is replaced when it is complete", "FILE"},
        G_OPTION_ENTRY_NULL,
    };
    g_autofree char *summary = new_summary();
    const CommandLine line = {.usage = "[--from=FORMAT] FILE | crewai DIRECTORY",
                              .summary = summary,
                              .entries = entries};
    ImportedWork work;
    int status;
    g_auto(GStrv) words = options_parse(&line, argv, &status);

    if (!words)
        return status;
    if (words[0] && words[1] && strcmp(words[0], "crewai") == 0)
        return import_crew(words, &options);
    if (!words[0] || words[1]) {
        if (words[0])
            complain("import takes one file; \"%s\" is another word", words[1]);
        else
            complain("no file given; see dagrun import --help");
        return EXIT_USAGE;
    }
    if (options.format) {
        const ImportText none = {"", "", 0, NULL, NULL};

        /* Tell a wrong format before the file is read. */
        if (!find_format(options.format, &none))
            return EXIT_USAGE;
    }
    if (!find_work(options.kind, &work))
        return EXIT_USAGE;
    return import_file(words[0], &options, work);
}
