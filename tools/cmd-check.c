/* SPDX-License-Identifier: MIT */
/*
 * dagrun check: everything that can be wrong with a graph before it runs.
 */
#include "command.h"
#include "options.h"

#include <dagrun/tasks.h>

int
cmd_check(int argc, char **argv)
{
    const CommandLine line = {
        .usage = "GRAPH.xml…",
        .summary =
            "Checks graphs.  Silent when they are good; otherwise every error is "
            "reported with its place,\nand the exit status is 3.  Parameters need no "
            "values.",
    };
    DagLoadOptions options = {.kinds = dag_tasks_kinds(), .lenient = true};
    int status;

    if (!options_parse(&line, &argc, &argv, &status))
        return status;
    if (argc < 2) {
        complain("no graph given; see dagrun check --help");
        return EXIT_USAGE;
    }
    for (int i = 1; i < argc; i++) {
        GError *error = NULL;
        g_autoptr(DagGraph) graph = dag_load_file(argv[i], &options, &error);

        if (!graph) {
            int worse = complain_of(error);

            status = MAX(status, worse);
        }
    }
    return status;
}
