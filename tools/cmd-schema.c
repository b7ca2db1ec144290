/* SPDX-License-Identifier: MIT */
/*
 * dagrun schema: the definition of the format, for editors and validators.
 */
#include "command.h"
#include "options.h"
#include "output.h"

int
cmd_schema(int argc, char **argv)
{
    const CommandLine line = {
        .summary =
            "Prints the XML schema (XSD 1.0) of graphs, documented element by element.",
    };
    int status;

    if (!options_parse(&line, &argc, &argv, &status))
        return status;
    if (argc > 1) {
        complain("schema takes no \"%s\"", argv[1]);
        return EXIT_USAGE;
    }
    output_print("%s", dag_schema());
    return EXIT_GOOD;
}
