/* SPDX-License-Identifier: MIT */
/*
 * dagrun schema: prints the XML schema of graphs.
 */
#include "commands/command.h"
#include "commands/options.h"
#include "display/output.h"
#include <string.h>

int
cmd_schema(char **argv)
{
    const CommandLine line = {
        .summary =
            "Prints the XML schema (XSD 1.0) of graphs, documented element by element.",
    };
    int status;
    g_auto(GStrv) words = options_parse(&line, argv, &status);

    if (!words)
        return status;
    if (words[0]) {
        complain("schema takes no \"%s\"", words[0]);
        return EXIT_USAGE;
    }
    output_write(dag_schema(), strlen(dag_schema()));
    return EXIT_GOOD;
}
