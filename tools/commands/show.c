/* SPDX-License-Identifier: MIT */
/*
 * dagrun show: a run in the store as it stood at its end, or one of its tasks.
 */
#include "commands/command.h"
#include "commands/options.h"
#include "commands/store-options.h"
#include "commands/stored.h"
#include "display/output.h"
#include "display/terminal.h"

#include <stdio.h>
#include <string.h>

typedef struct ShowOptions {
    StoreOptions store;
    char *color;
    gboolean json;
    gboolean output;
} ShowOptions;

static void
show_options_clear(ShowOptions *options)
{
    store_options_clear(&options->store);
    g_free(options->color);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ShowOptions, show_options_clear)

/* Print the standard output of a task, and nothing else. */
static int
print_output(DagStore *store, const DagStoredRun *run, const DagStoredTask *task)
{
    g_autoptr(GString) output = dag_store_output(store, run->id, task->number);

    if (!output) {
        complain("the output of task \"%s\" in run %" G_GINT64_FORMAT " is not stored",
                 task->name, run->id);
        return EXIT_INTERNAL;
    }
    output_write(output->str, output->len);
    return EXIT_GOOD;
}

/* Print the attempts of a task in the run with the number `id`. */
static int
print_attempts(DagStore *store, int64_t id, const DagStoredTask *task,
               const ShowOptions *options, DagTextStyle style)
{
    g_autoptr(GString) written = dag_store_written(store, id, task->number);
    g_autoptr(GString) text = g_string_new(NULL);
    GError *error = NULL;
    g_autoptr(GPtrArray) attempts = dag_store_attempts(store, id, task->number, &error);
    DagReportSink sink = output_sink();

    if (!attempts)
        return complain_of(error);
    if (options->json) {
        dag_report_stored_task_json_to(task, attempts, written, &sink);
        return EXIT_GOOD;
    }
    dag_report_stored_task(task, attempts, written, style, text);
    output_write(text->str, text->len);
    return EXIT_GOOD;
}

/* Print a task; if its result was taken over, also the task in the run in which it ran, if that is still stored. */
static int
print_task(DagStore *store, const DagStoredRun *run, const DagStoredTask *task,
           const ShowOptions *options, DagTextStyle style)
{
    g_autoptr(GPtrArray) tasks = NULL;
    const DagStoredTask *source;
    int status = print_attempts(store, run->id, task, options, style);

    if (status != EXIT_GOOD || task->source == 0 || options->json)
        return status;
    tasks = dag_store_tasks(store, task->source, NULL);
    source = tasks ? stored_task_called(tasks, task->name) : NULL;
    return source ? print_attempts(store, task->source, source, options, style) : EXIT_GOOD;
}

static int
print_run(const DagStoredRun *run, const GPtrArray *tasks, const ShowOptions *options,
          DagTextStyle style)
{
    g_autoptr(GString) text = g_string_new(NULL);
    DagReportSink sink = output_sink();

    if (options->json) {
        dag_report_stored_run_json_to(run, tasks, &sink);
        return EXIT_GOOD;
    }
    dag_report_stored_run(run, tasks, style, text);
    output_write(text->str, text->len);
    return EXIT_GOOD;
}

static int
show(DagStore *store, char **words, const ShowOptions *options, DagTextStyle style)
{
    int status;
    g_autoptr(DagStoredRun) run = stored_find_run(store, words[0], &status);
    GError *error = NULL;
    g_autoptr(GPtrArray) tasks = run ? dag_store_tasks(store, run->id, &error) : NULL;
    const DagStoredTask *task;

    if (!run)
        return status;
    if (!tasks)
        return complain_of(error);
    if (!words[0] || !words[1])
        return print_run(run, tasks, options, style);
    task = stored_find_task(run, tasks, words[1]);
    if (!task)
        return EXIT_USAGE;
    return options->output ? print_output(store, run, task)
                           : print_task(store, run, task, options, style);
}

/* Check the words and options.  Returns: false after an error message. */
static bool
check_words(char **words, const ShowOptions *options)
{
    unsigned n = g_strv_length(words);

    if (n > 2)
        complain("show takes a run and a task, not also \"%s\"", words[2]);
    else if (options->output && n < 2)
        complain("--output-only is for a task: dagrun show RUN TASK");
    else if (options->output && options->json)
        complain("only one of --output-only and --json can be given");
    else
        return true;
    return false;
}

int
cmd_show(char **argv)
{
    g_auto(ShowOptions) options = {0};
    g_autoptr(GArray) entries = g_array_new(TRUE, FALSE, sizeof(GOptionEntry));
    const GOptionEntry own[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, "As JSON", NULL},
        {"output-only", 0, 0, G_OPTION_ARG_NONE, &options.output,
         "Print the standard output of the task, and nothing else", NULL},
        {"color", 0, 0, G_OPTION_ARG_FILENAME, &options.color,
         "Colour: auto (default), always or never", "WHEN"},
    };
    DagTextStyle style = {0};
    int status;

    g_array_append_vals(entries, own, G_N_ELEMENTS(own));
    store_options_add(&options.store, entries);

    const CommandLine line = {
        .usage = "[RUN [TASK]]",
        .summary =
            "Shows a run that is stored as it stood at its end, or a task of it with "
            "everything that it wrote.\nRUN is its number (see dagrun history), a graph "
            "for "
            "its newest run, or last (default).",
        .entries = (const GOptionEntry *)(void *)entries->data,
    };
    g_auto(GStrv) words = options_parse(&line, argv, &status);

    if (!words)
        return status;
    if (!check_words(words, &options) || !terminal_style(options.color, stdout, &style))
        return EXIT_USAGE;

    g_autoptr(DagStore) store = store_options_open(&options.store, &status);

    return store ? show(store, words, &options, style) : status;
}
