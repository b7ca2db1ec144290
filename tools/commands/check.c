/* SPDX-License-Identifier: MIT */
/*
 * dagrun check: everything that can be wrong with a graph before it runs.
 */
#include "commands/command.h"
#include "commands/options.h"

#include <dagrun/tasks.h>

int
cmd_check(char **argv)
{
    gboolean allow_include = FALSE;
    const CommandLine line = {
        .usage = "GRAPH.xml…",
        .summary =
            "Checks graphs.  Silent when they are good; otherwise every error is "
            "reported with its place,\nand the exit status is 3.  Parameters need no "
            "values.",
        .allow_include = &allow_include,
    };
    int status;
    g_auto(GStrv) words = options_parse(&line, argv, &status);

    if (!words)
        return status;
    if (!words[0]) {
        complain("no graph given; see dagrun check --help");
        return EXIT_USAGE;
    }

    const DagLoadOptions options = {
        .kinds = dag_tasks_kinds(), .lenient = true, .allow_include = allow_include};

    for (char **word = words; *word; word++) {
        GError *error = NULL;
        g_autoptr(DagGraph) graph = dag_load_file(*word, &options, &error);

        if (!graph) {
            int worse = complain_of(error);

            status = MAX(status, worse);
        }
    }
    return status;
}
