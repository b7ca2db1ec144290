/* SPDX-License-Identifier: MIT */
/*
 * dagrun export: writes a graph in the format of another program.
 */
#include "commands/command.h"
#include "commands/options.h"
#include "display/output.h"
#include "formats/format.h"

#include <string.h>

/* Return the format that can be written; NULL after an error message. */
static const Format *
find_format(const char *name)
{
    const char *names[16] = {NULL};
    size_t n = 0;

    for (const Format *const *format = formats; *format; format++)
        if ((*format)->write)
            names[n++] = (*format)->name;
    g_assert(n < G_N_ELEMENTS(names));
    if (!name) {
        g_autofree char *all = g_strjoinv(", ", (char **)(void *)names);

        complain("no format given; --to takes one of: %s", all);
        return NULL;
    }
    for (const Format *const *format = formats; *format; format++)
        if ((*format)->write && strcmp((*format)->name, name) == 0)
            return *format;
    complain_of_word("format", name, names);
    return NULL;
}

/* Write the text to the file, or to standard output.  Returns: the exit status. */
static int
write_text(const GString *text, const char *path)
{
    OutputFile *file = path ? output_file_open(path) : NULL;

    if (path && !file)
        return EXIT_INTERNAL;
    if (!file) {
        output_write(text->str, text->len);
        return EXIT_GOOD;
    }
    output_file_write(text->str, text->len, file);
    return output_file_close(file) ? EXIT_GOOD : EXIT_INTERNAL;
}

/* Return the summary of the command, with all formats; free with g_free(). */
static char *
new_summary(void)
{
    GString *text = g_string_new("Writes a graph in the format of another program, to "
                                 "standard output.  With TASKs, only these and\nwhat they "
                                 "need.  Warnings name what the format does not "
                                 "have.\n\nFormats:");

    for (const Format *const *format = formats; *format; format++)
        if ((*format)->write)
            g_string_append_printf(text, "\n  %-9s %s", (*format)->name,
                                   (*format)->summary);
    return g_string_free(text, FALSE);
}

/* make and ninja need the values of parameters that the tasks use. */
static LoadPurpose
purpose_of(const Format *format)
{
    return strcmp(format->name, "make") == 0 || strcmp(format->name, "ninja") == 0
               ? LOAD_TO_RUN
               : LOAD_TO_PLAN;
}

int
cmd_export(char **argv)
{
    g_auto(GraphOptions) common = {0};
    g_autofree char *name = NULL, *path = NULL;
    const GOptionEntry entries[] = {
        {"to", 0, 0, G_OPTION_ARG_FILENAME, &name, "The format (see above)", "FORMAT"},
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &path,
         "Write to FILE instead, which is replaced when it is complete", "FILE"},
        G_OPTION_ENTRY_NULL,
    };
    g_autofree char *summary = new_summary();
    const CommandLine line = {.usage = "--to=FORMAT GRAPH.xml [TASK…]",
                              .summary = summary,
                              .entries = entries,
                              .graph = &common};
    const Format *format;
    int status;

    if (!options_parse(&line, argv, &status))
        return status;
    format = find_format(name);
    if (!format)
        return EXIT_USAGE;

    if (!options_have_no_costs(&common, "export writes the costs of the graph"))
        return EXIT_USAGE;

    g_autoptr(DagGraph) graph = options_load(&common, purpose_of(format), &status);

    if (!graph)
        return status;

    const Export export = {.graph = graph, .warn = options_warn};
    g_autoptr(GString) text = g_string_new(NULL);
    GError *error = NULL;

    if (!format->write(&export, text, &error))
        return complain_of(error);
    return write_text(text, path);
}
