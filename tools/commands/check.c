/* SPDX-License-Identifier: MIT */
/*
 * dagrun check: reports all errors of graphs that can be found without running them.
 */
#include "commands/command.h"
#include "commands/options.h"

#include <dagrun/tasks.h>
#include <unistd.h>

int
cmd_check(char **argv)
{
    gboolean allow_include = FALSE;
    const CommandLine line = {
        .usage = "GRAPH.xml…",
        .summary =
            "Checks graphs.  Prints nothing if they are valid; otherwise reports every "
            "error with its location\nand exits with status 3.  Parameters need no "
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

    const DagLoadOptions options = {.kinds = dag_tasks_kinds(),
                                    .lenient = true,
                                    .allow_include = allow_include,
                                    .environment = (const char *const *)(void *)environ,
                                    .advise = options_advise,
                                    .warn = options_warn};

    for (char **word = words; *word; word++) {
        GError *error = NULL;
        g_autoptr(DagGraph) graph = dag_load_file(*word, &options, &error);

        if (!graph) {
            int failure = options_complain_of_load(*word, error);

            status = MAX(status, failure);
        }
    }
    return status;
}
