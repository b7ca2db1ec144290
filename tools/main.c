/* SPDX-License-Identifier: MIT */
/*
 * dagrun: a table of commands.  `dagrun GRAPH.xml` is `dagrun run GRAPH.xml`.
 */
#include "commands/command.h"
#include "commands/help.h"
#include "display/output.h"
#include "signals.h"

#include <dagrun/dagrun.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

const Command commands[] = {
    {"run", "run the tasks of a graph", cmd_run},
    {"plan", "show phases, ranks and slack, without running", cmd_plan},
    {"explain", "show why tasks are where they are, and what would be faster", cmd_explain},
    {"bench", "compare strategies on a graph, by simulation", cmd_bench},
    {"check", "report all errors of graphs", cmd_check},
    {"verify", "check the record of a run against its graph", cmd_verify},
    {"history", "list the runs so far", cmd_history},
    {"show", "show a run of the past, or a task of it", cmd_show},
    {"diff", "compare two graphs, or two runs of the past", cmd_diff},
    {"schema", "print the XML schema of graphs", cmd_schema},
    {"list", "list strategies, kinds of task, or tasks or parameters of a graph", cmd_list},
    {"generate", "write a graph of a given shape and size", cmd_generate},
    {"export", "write a graph in the format of another program", cmd_export},
    {"import", "read a graph of another program, and write it as XML", cmd_import},
    {"help", "show all options of a command", cmd_help},
    {NULL, NULL, NULL},
};

void
complain(const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    diagnose("dagrun: %s\n", text);
    output_flush_diagnostics();
}

int
complain_of(GError *error)
{
    g_autoptr(GError) owned = error;

    if (owned->domain == DAG_ERROR &&
        (owned->code == DAG_ERROR_INVALID || owned->code == DAG_ERROR_CYCLE)) {
        diagnose_text(owned->message, strlen(owned->message));
        diagnose("\n"); /* each line begins with its location */
        return EXIT_GRAPH;
    }
    complain("%s", owned->message);
    if (g_error_matches(owned, DAG_ERROR, DAG_ERROR_SETTING))
        return EXIT_USAGE;
    return EXIT_INTERNAL;
}

static bool
looks_like_a_file(const char *name)
{
    return strchr(name, '.') || strchr(name, '/') || g_file_test(name, G_FILE_TEST_EXISTS);
}

static int
dispatch(char **argv)
{
    const char *first = argv[1];
    const Command *command = first ? command_find(first) : NULL;

    if (command)
        return command->run(argv + 1);
    if (!first) {
        complain("no graph given; see dagrun --help");
        return EXIT_USAGE;
    }
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0) {
        help_print();
        return EXIT_GOOD;
    }
    if (strcmp(first, "--help-all") == 0)
        return help_print_all();
    if (*first != '-' && !looks_like_a_file(first))
        return complain_of_command(first, true);
    argv[0] = (char *)commands[0].name;
    return cmd_run(argv);
}

/* Workers need descriptors; the usual soft limit of 1024 is too low for thousands of them.  Tasks
 * get the limit that dagrun was started with. */
#define WANTED_DESCRIPTORS 65536

static uint64_t descriptors_at_start; /* 0: unknown */

uint64_t
inherited_descriptors(void)
{
    return descriptors_at_start;
}

static void
raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    descriptors_at_start = limit.rlim_cur;
    if (limit.rlim_cur >= WANTED_DESCRIPTORS)
        return;
    limit.rlim_cur = MIN(limit.rlim_max, WANTED_DESCRIPTORS);
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* If a standard descriptor is closed, the next open() would get its number, and output would go to
 * that file.  Put a read-only descriptor there, so that writing fails as it should. */
static void
fill_standard_descriptors(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

int
main(int argc, char **argv)
{
    int status;

    (void)argc;
    fill_standard_descriptors();
    output_start();
    signals_unblock();
    raise_descriptor_limit();
    /* A closed pipe, or a file size limit, makes a write fail instead of killing the run. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    /* If the parent ignored SIGCHLD, the kernel would discard exit statuses of children. */
    signal(SIGCHLD, SIG_DFL);
    g_set_prgname("dagrun");
    status = dispatch(argv);
    if (!output_finish() && status == EXIT_GOOD)
        status = EXIT_INTERNAL;
    return status;
}
