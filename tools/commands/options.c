/* SPDX-License-Identifier: MIT */
/*
 * GOption parses.  This file adds features it lacks: values attached to short options (-j4),
 * suggestions for misspelt options, and error messages of one line.
 */
#include "commands/options.h"

#include "commands/command.h"
#include "commands/graph-file.h"
#include "commands/learned.h"
#include "commands/param-values.h"
#include "commands/replayed.h"
#include "display/output.h"

#include <dagrun/tasks.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const GOptionEntry *
find_letter(const GOptionEntry *const tables[3], char letter)
{
    for (size_t i = 0; i < 3; i++)
        for (const GOptionEntry *entry = tables[i]; entry && entry->long_name; entry++)
            if (entry->short_name == letter)
                return entry;
    return NULL;
}

/* Return the offset of the value in a word such as -j4 or -kj4, or 0 if it has none. */
static size_t
attached_value(const char *word, const GOptionEntry *const tables[3])
{
    if (word[0] != '-' || word[1] == '-')
        return 0;
    for (size_t i = 1; word[i]; i++) {
        const GOptionEntry *entry = find_letter(tables, word[i]);

        if (!entry)
            return 0;
        if (entry->arg != G_OPTION_ARG_NONE)
            return word[i + 1] ? i + 1 : 0;
    }
    return 0;
}

/* Replace -j4 by -j 4.
 * Returns: the arguments, NULL-terminated; free with g_strfreev(). */
static char **
split_attached(char **argv, const GOptionEntry *const tables[3])
{
    GPtrArray *words = g_ptr_array_new();
    bool has_ended = false;

    g_ptr_array_add(words, g_strdup(argv[0]));
    for (char **word = argv + 1; *word; word++) {
        size_t value = has_ended ? 0 : attached_value(*word, tables);

        has_ended = has_ended || strcmp(*word, "--") == 0;
        if (value > 0)
            g_ptr_array_add(words, g_strndup(*word, value));
        g_ptr_array_add(words, g_strdup(*word + value));
    }
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(words, FALSE);
}

static void
consider_entries(DagSuggestion *near, const GOptionEntry *entries)
{
    for (; entries && entries->long_name; entries++)
        if (*entries->long_name)
            dag_suggestion_consider(near, entries->long_name);
}

/* Print the message of GOption in lower case and with a suggestion. */
static void
complain_of_options(const char *command, const GError *error,
                    const GOptionEntry *const tables[3])
{
    const char *dashes = strstr(error->message, "--");
    g_autofree char *message = g_strdup(error->message);

    *message = g_ascii_tolower(*message);
    if (g_error_matches(error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION) && dashes) {
        DagSuggestion near = dag_suggestion(dashes + 2);

        for (size_t i = 0; i < 3; i++)
            consider_entries(&near, tables[i]);
        if (near.best) {
            complain("%s; did you mean --%s?", message, near.best);
            return;
        }
    }
    complain("%s; see dagrun %s --help", message, command);
}

void
complain_of_word(const char *noun, const char *word, const char *const *names)
{
    DagSuggestion near = dag_suggestion(word);
    g_autofree char *all = g_strjoinv(", ", (char **)(void *)names);

    for (; *names; names++)
        dag_suggestion_consider(&near, *names);

    g_autofree char *hint = dag_suggestion_text(&near);

    if (*hint)
        complain("there is no %s \"%s\"%s", noun, word, hint);
    else
        complain("there is no %s \"%s\"; there are: %s", noun, word, all);
}

/* Returns: false after an error message. */
static bool
find_rule(GraphOptions *options)
{
    const char *names[DAG_N_PHASE_RULES + 1] = {NULL};

    for (int rule = 0; rule < DAG_N_PHASE_RULES; rule++) {
        names[rule] = dag_phase_rule_name((DagPhaseRule)rule);
        if (!options->rule_name || strcmp(options->rule_name, names[rule]) == 0) {
            options->rule = (DagPhaseRule)rule;
            return true;
        }
    }
    complain_of_word("phase rule", options->rule_name, names);
    return false;
}

/* Returns: false after an error message. */
static bool
find_costs(GraphOptions *options)
{
    static const char *const names[] = {"learned", "declared", NULL};

    options->are_declared = g_strcmp0(options->costs_from, names[1]) == 0;
    if (!options->costs_from || g_strv_contains(names, options->costs_from))
        return true;
    complain("--costs takes learned or declared, not \"%s\"", options->costs_from);
    return false;
}

bool
options_find_strategy(const char *name, const DagStrategy **strategy_out)
{
    const char *names[64] = {NULL};
    const DagStrategy *const *all = dag_strategies();

    for (size_t i = 0; all[i] && i + 1 < G_N_ELEMENTS(names); i++)
        names[i] = all[i]->name;
    *strategy_out = name ? dag_strategy_find(name) : NULL;
    if (name && !*strategy_out)
        complain_of_word("strategy", name, names);
    return !name || *strategy_out;
}

const DagStrategy *
options_strategy(const DagStrategy *chosen, const DagGraph *graph)
{
    const char *declared = dag_graph_strategy(graph);

    if (!chosen && declared)
        chosen = dag_strategy_find(declared);
    return chosen ? chosen : dag_strategies()[0];
}

bool
options_read_duration(const char *option, const char *text, int64_t *ns_out)
{
    g_autoptr(GError) error = NULL;

    if (!text || dag_duration_parse(text, ns_out, &error))
        return true;
    complain("%s: %s", option, error->message);
    return false;
}

bool
options_read_budget(const char *text, int64_t *ns_out)
{
    if (!options_read_duration("--budget", text, ns_out))
        return false;
    if (text && *ns_out == 0)
        complain("--budget takes a duration above 0, not \"%s\"", text);
    return !text || *ns_out > 0;
}

bool
options_read_jobs(const char *text, unsigned *n_workers_out)
{
    guint64 n_workers = 0;

    if (text && !g_ascii_string_to_unsigned(text, 10, 1, 10000, &n_workers, NULL)) {
        complain("-j takes a number of workers from 1 to 10000, not \"%s\"", text);
        return false;
    }
    *n_workers_out = (unsigned)n_workers;
    return true;
}

bool
options_read_connections(const char *text, unsigned *n_connections_out)
{
    guint64 n = 0;

    if (text && !g_ascii_string_to_unsigned(text, 10, 1, 10000, &n, NULL)) {
        complain("--connections takes a number from 1 to 10000, not \"%s\"", text);
        return false;
    }
    *n_connections_out = (unsigned)n;
    return true;
}

void
complain_of_task(const DagGraph *graph, const char *name)
{
    DagSuggestion near = dag_suggestion(name);
    const char *const *excluded = dag_graph_excluded(graph);

    if (g_strv_contains(excluded, name)) {
        complain("task \"%s\" is excluded", name);
        return;
    }
    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++)
        dag_suggestion_consider(&near, dag_graph_task_name(graph, id));

    g_autofree char *hint = dag_suggestion_text(&near);

    complain("the graph has no task \"%s\"%s", name, hint);
}

/* Return the words without the name of the command and the "--" that GOption may leave. */
static char **
operands(char **words)
{
    GPtrArray *rest = g_ptr_array_new();
    bool has_ended = false;

    for (char **word = words + 1; *word; word++) {
        if (!has_ended && strcmp(*word, "--") == 0)
            has_ended = true;
        else
            g_ptr_array_add(rest, g_strdup(*word));
    }
    g_ptr_array_add(rest, NULL);
    return (char **)g_ptr_array_free(rest, FALSE);
}

/* Return a context with all options of the command.  `shared` may be NULL. */
static GOptionContext *
new_context(const CommandLine *line, const GOptionEntry *shared,
            const GOptionEntry *general)
{
    GOptionContext *context = g_option_context_new(line->usage);

    g_option_context_set_help_enabled(context, FALSE);
    g_option_context_set_summary(context, line->summary);
    if (line->entries)
        g_option_context_add_main_entries(context, line->entries, NULL);
    if (shared)
        g_option_context_add_main_entries(context, shared, NULL);
    g_option_context_add_main_entries(context, general, NULL);
    return context;
}

/* Return the options of commands that take a graph; free with g_free(). */
static GOptionEntry *
shared_entries(GraphOptions *graph, bool learns)
{
    const GOptionEntry entries[] = {
        {"directory", 'C', 0, G_OPTION_ARG_FILENAME, &graph->directory,
         "Change to DIR before anything else", "DIR"},
        {"set", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &graph->settings,
         "Give a parameter a value (may be repeated)", "NAME=VALUE"},
        {"set-env", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &graph->set_env,
         "Set it from an environment variable (for secrets, too)", "NAME=VARIABLE"},
        {"set-file", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &graph->set_file,
         "Set it from a file (for secrets, too)", "NAME=FILE"},
        {"set-cost", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &graph->set_cost,
         "Plan as if the task took this long (may be repeated)", "TASK=DURATION"},
        {"replay", 0, 0, G_OPTION_ARG_FILENAME, &graph->replay_path,
         "Plan with the durations of a run that has ended", "RUN.json"},
        {"without", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &graph->without,
         "Take these tasks out, as if a condition had excluded them", "TASK,…"},
        {"phases", 0, 0, G_OPTION_ARG_FILENAME, &graph->rule_name,
         "How tasks get their phase: just-in-time (default), asap, alap or compact",
         "RULE"},
        {learns ? "costs" : NULL, 0, 0, G_OPTION_ARG_FILENAME, &graph->costs_from,
         "Costs of tasks: learned (default: those of earlier runs, if any) or declared",
         "WHICH"},
        STORE_OPTION(&graph->store),
        NO_STORE_OPTION(&graph->store),
        G_OPTION_ENTRY_NULL,
    };

    return g_memdup2(entries, sizeof(entries));
}

char **
options_parse(const CommandLine *line, char **argv, int *status_out)
{
    GraphOptions unused = {0}, *graph = line->graph ? line->graph : &unused;
    gboolean *allow_include = line->graph ? &graph->allow_include : line->allow_include;
    gboolean help = FALSE, version = FALSE;
    const GOptionEntry all[] = {
        {"allow-include", 0, 0, G_OPTION_ARG_NONE, allow_include,
         "Allow the graph to include files outside its directory", NULL},
        {"help", 'h', 0, G_OPTION_ARG_NONE, &help, "Show this help", NULL},
        {"help-all", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &help, NULL, NULL},
        {"version", 0, 0, G_OPTION_ARG_NONE, &version, "Show the version of dagrun", NULL},
        G_OPTION_ENTRY_NULL,
    };
    g_autofree GOptionEntry *common = shared_entries(graph, line->learns);
    const GOptionEntry *shared = line->graph ? common : NULL;
    const GOptionEntry *general = allow_include ? all : all + 1;
    const GOptionEntry *const tables[3] = {line->entries, shared, general};
    g_autoptr(GOptionContext) context = new_context(line, shared, general);
    g_autofree char *name = g_strconcat("dagrun ", argv[0], NULL);
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) words = split_attached(argv, tables);
    bool good;

    g_set_prgname(name);
    good = g_option_context_parse_strv(context, &words, &error);
    *status_out = EXIT_GOOD;
    if (!good) {
        complain_of_options(argv[0], error, tables);
        *status_out = EXIT_USAGE;
    } else if (help) {
        g_autofree char *text = g_option_context_get_help(context, TRUE, NULL);

        output_write(text, strlen(text));
    } else if (version) {
        output_print("dagrun %s\n", DAGRUN_VERSION);
    } else if (!line->graph) {
        return operands(words);
    } else if (find_rule(graph) && find_costs(graph)) {
        graph->words = operands(words);
        return graph->words;
    } else {
        *status_out = EXIT_USAGE;
    }
    return NULL;
}

char *
options_advise(DagProblem problem, const char *name)
{
    switch (problem) {
    case DAG_PROBLEM_NO_VALUE:
        return g_strdup_printf("; give it one with --set %s=VALUE", name);
    case DAG_PROBLEM_NO_SECRET:
        return g_strdup_printf("; give it one with --set-env %s=VARIABLE", name);
    case DAG_PROBLEM_PUBLIC_SECRET:
        return g_strdup(
            ", and a command line can be seen by others; use --set-env or --set-file");
    case DAG_PROBLEM_EXCLUDED:
        return g_strdup_printf("; --set %s", name);
    case DAG_PROBLEM_OUTSIDE:
        return g_strdup(", which needs --allow-include");
    }
    return NULL;
}

void
options_warn(const char *line, void *data)
{
    (void)data;
    diagnose("%s\n", line);
    output_flush_diagnostics();
}

int
options_complain_of_load(const char *path, GError *error)
{
    g_autofree char *near = g_error_matches(error, DAG_ERROR, DAG_ERROR_IO) &&
                                    !g_file_test(path, G_FILE_TEST_EXISTS)
                                ? graph_file_near(path)
                                : NULL;

    if (!near)
        return complain_of(error);
    complain("%s; did you mean \"%s\"?", error->message, near);
    g_error_free(error);
    return EXIT_INTERNAL;
}

bool
options_enter(GraphOptions *options, int *status_out)
{
    *status_out = EXIT_GOOD;
    if (!options->directory)
        return true;
    if (chdir(options->directory) < 0) {
        complain("cannot change to \"%s\": %s", options->directory, g_strerror(errno));
        *status_out = EXIT_INTERNAL;
        return false;
    }
    g_clear_pointer(&options->directory, g_free);
    return true;
}

/* Return the words of comma-separated lists; NULL if there are no lists. */
static char **
split_lists(char *const *lists)
{
    g_autofree char *all = lists ? g_strjoinv(",", (char **)(void *)lists) : NULL;

    return all ? g_strsplit(all, ",", -1) : NULL;
}

DagGraph *
options_load(GraphOptions *options, LoadPurpose purpose, int *status_out)
{
    g_autoptr(GError) error = NULL;
    const char *const *words = (const char *const *)(void *)options->words;
    g_autoptr(GArray) settings = NULL;
    g_auto(GStrv) without = split_lists(options->without);
    DagGraph *graph;

    *status_out = EXIT_USAGE;
    if (!words[0]) {
        complain("no graph given; see %s --help", g_get_prgname());
        return NULL;
    }
    if (!options_enter(options, status_out) || !replayed_read(options, status_out))
        return NULL;
    *status_out = EXIT_USAGE;
    settings = param_values_read(options);
    if (!settings)
        return NULL;
    graph = dag_load_file(words[0],
                          &(DagLoadOptions){
                              .kinds = dag_tasks_kinds(),
                              .settings = (const DagSetting *)(void *)settings->data,
                              .n_settings = settings->len,
                              .targets = words[1] ? words + 1 : NULL,
                              .without = (const char *const *)(void *)without,
                              .lenient = purpose == LOAD_TO_LIST,
                              .only_plans = purpose == LOAD_TO_PLAN,
                              .secret_stand_in = options->needs_no_secrets ? "***" : NULL,
                              .allow_include = options->allow_include,
                              .environment = (const char *const *)(void *)environ,
                              .advise = options_advise,
                              .warn = options->hides_warnings ? NULL : options_warn,
                          },
                          &error);
    if (graph)
        output_take_secrets(dag_graph_mask(graph));
    *status_out =
        graph ? EXIT_GOOD : options_complain_of_load(words[0], g_steal_pointer(&error));
    return graph;
}

/* Read "TASK=DURATION" and set the cost.
 * Returns: false after an error message. */
static bool
set_cost(const GraphOptions *options, const DagGraph *graph, const char *text,
         double *costs)
{
    const char *sign = strrchr(text, '=');
    g_autofree char *name = sign ? g_strndup(text, (gsize)(sign - text)) : NULL;
    g_autoptr(GError) error = NULL;
    int64_t ns;
    DagTaskId id;

    if (!sign || sign == text) {
        complain("--set-cost takes TASK=DURATION, such as build=2s, not \"%s\"", text);
        return false;
    }
    if (!dag_duration_parse(sign + 1, &ns, &error)) {
        complain("--set-cost %s: %s", name, error->message);
        return false;
    }
    id = dag_graph_find(graph, name);
    if (id == DAG_TASK_NONE) {
        complain_of_task(graph, name);
        return false;
    }
    costs[id] = (double)ns / 1e9;
    if (options->replay)
        dag_replay_forget(options->replay, id);
    return true;
}

DagPlan *
options_plan(GraphOptions *options, const DagGraph *graph)
{
    size_t n = dag_graph_n_tasks(graph);
    g_autofree double *costs = g_new0(double, n + 1);

    g_clear_pointer(&options->replay, dag_replay_free);
    for (size_t id = 0; id < n; id++)
        costs[id] = -1;
    if (options->past && !replayed_match(options, graph, costs))
        return NULL;
    if (!options->past)
        learned_fill(options, graph, costs);
    for (char **text = options->set_cost; text && *text; text++)
        if (!set_cost(options, graph, *text, costs))
            return NULL;
    return dag_plan_new(graph, options->rule, costs);
}

bool
options_have_no_costs(const GraphOptions *options, const char *reason)
{
    if (!options->set_cost && !options->replay_path)
        return true;
    complain("%s; it has no --set-cost and no --replay", reason);
    return false;
}

void
graph_options_clear(GraphOptions *options)
{
    g_free(options->directory);
    g_strfreev(options->settings);
    g_strfreev(options->recorded);
    g_free(options->record);
    g_strfreev(options->set_env);
    g_strfreev(options->set_file);
    g_strfreev(options->set_cost);
    g_strfreev(options->without);
    g_free(options->replay_path);
    dag_replay_free(options->replay);
    dag_past_run_free(options->past);
    g_free(options->rule_name);
    g_free(options->costs_from);
    store_options_clear(&options->store);
    dag_store_close(options->opened);
    g_strfreev(options->words);
}
