/* SPDX-License-Identifier: MIT */
/*
 * dagrun help: the options that everybody needs, or all options of a command.  The table below repeats
 * lines of `dagrun run --help`; a test compares them.
 */
#include "commands/help.h"

#include "commands/command.h"
#include "commands/graph-file.h"
#include "commands/options.h"
#include "display/output.h"

#include <string.h>

static const struct {
    const char *option;
    const char *summary;
} everyday[] = {
    {"-j, --jobs=N", "Run N tasks at a time (default: the number of usable cores)"},
    {"-k, --keep-going", "After a failure, continue with tasks that do not depend on it"},
    {"-n, --dry-run", "Print the tasks in start order; run nothing"},
    {"-q, --quiet", "Print failures only"},
    {"--timeout=DURATION", "Stop the run after this long, such as 90s or 2h"},
    {"--set=NAME=VALUE", "Give a parameter a value (may be repeated)"},
    {"--set-env=NAME=VARIABLE", "Set it from an environment variable (for secrets, too)"},
    {"-h, --help", "Show this help"},
    {"--version", "Show the version of dagrun"},
};

void
help_print(void)
{
    output_print(
        "Usage:\n"
        "  dagrun GRAPH.xml [TASK…] [OPTION…]\n"
        "  dagrun COMMAND [OPTION…]\n"
        "\n"
        "Runs the tasks of a graph in parallel, in phases inferred from what each one "
        "needs.\n"
        "\n"
        "Commands:\n");
    for (const Command *command = commands; command->name; command++)
        output_print("  %-8s %s%s\n", command->name, command->summary,
                     command == commands ? " (the default)" : "");
    output_print("\nOptions that are needed often:\n");
    for (size_t i = 0; i < G_N_ELEMENTS(everyday); i++)
        output_print("  %-24s %s\n", everyday[i].option, everyday[i].summary);
    output_print(
        "\n"
        "dagrun help COMMAND shows all options of a command, dagrun --help-all those of "
        "all "
        "commands.\n"
        "\n"
        "Exit status: 0 all succeeded, 1 a task did not, 2 usage, 3 invalid graph,\n"
        "4 reading or writing failed, 124 time limit exceeded, 128 + N ended by "
        "signal N.\n");
}

/* Print all options of a command. */
static int
print_command(const Command *command)
{
    char option[] = "--help";
    char *argv[] = {(char *)command->name, option, NULL};

    return command->run(argv);
}

int
help_print_all(void)
{
    help_print();
    for (const Command *command = commands; command->name; command++) {
        output_print("\n");
        print_command(command);
    }
    return EXIT_GOOD;
}

const Command *
command_find(const char *name)
{
    for (const Command *command = commands; command->name; command++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

int
complain_of_command(const char *name, bool may_be_file)
{
    DagSuggestion near = dag_suggestion(name);
    g_autofree char *file = may_be_file ? graph_file_near(name) : NULL;

    for (const Command *command = commands; command->name; command++)
        dag_suggestion_consider(&near, command->name);

    g_autofree char *exact = g_strconcat(name, ".xml", NULL);
    bool is_file = g_strcmp0(file, exact) == 0;
    const char *best = near.best && !is_file ? near.best : file;
    g_autofree char *hint = best ? g_strdup_printf("did you mean \"%s\"?", best)
                                 : g_strdup("see dagrun --help");

    complain("there is no command %s\"%s\"; %s", may_be_file ? "or file " : "", name, hint);
    return EXIT_USAGE;
}

int
cmd_help(char **argv)
{
    const CommandLine line = {
        .usage = "[COMMAND]",
        .summary = "Shows all options of a command, or the options that are needed often.",
    };
    int status;
    g_auto(GStrv) words = options_parse(&line, argv, &status);

    if (!words)
        return status;
    if (!words[0]) {
        help_print();
        return EXIT_GOOD;
    }

    const Command *command = command_find(words[0]);

    if (!command)
        return complain_of_command(words[0], false);
    if (words[1]) {
        complain("help takes one command; \"%s\" is another word", words[1]);
        return EXIT_USAGE;
    }
    return print_command(command);
}
