/* SPDX-License-Identifier: MIT */
/*
 * dagrun list: strategies, kinds of task, and the tasks or parameters of a graph.
 */
#include "commands/command.h"
#include "commands/options.h"
#include "display/output.h"

#include <dagrun/tasks.h>
#include <dagrun/text.h>
#include <string.h>

/* The columns of a list; the first one is the name. */
#define N_COLUMNS 4

typedef struct Item {
    const char *cells[N_COLUMNS]; /* NULL: empty */
} Item;

typedef struct ListOptions {
    gboolean json;
    gboolean names;
} ListOptions;

static void
add(GArray *items, Item item)
{
    g_array_append_val(items, item);
}

/* Append text that is written for this list, and lives as long as `texts`. */
static const char *
keep(GPtrArray *texts, char *text)
{
    g_ptr_array_add(texts, text);
    return text;
}

static void
add_strategies(GArray *items, const DagGraph *graph, GPtrArray *texts)
{
    (void)graph;
    for (const DagStrategy *const *s = dag_strategies(); *s; s++)
        add(items, (Item){{(*s)->name, keep(texts, g_strdup_printf("%s [%s]", (*s)->summary,
                                                                   (*s)->source))}});
}

static void
strategies_json(const DagGraph *graph, const DagReportSink *sink)
{
    (void)graph;
    dag_report_strategies_json_to(sink);
}

static void
add_kinds(GArray *items, const DagGraph *graph, GPtrArray *texts)
{
    (void)graph;
    (void)texts;
    for (const DagKind *const *kind = dag_tasks_kinds(); *kind; kind++)
        add(items, (Item){{(*kind)->name, (*kind)->summary}});
}

static void
kinds_json(const DagGraph *graph, const DagReportSink *sink)
{
    (void)graph;
    dag_report_kinds_json_to(dag_tasks_kinds(), sink);
}

/* The title is left out if it repeats the name. */
static void
add_tasks(GArray *items, const DagGraph *graph, GPtrArray *texts)
{
    DagIds tasks = dag_graph_declared(graph);

    (void)texts;
    for (size_t i = 0; i < tasks.n; i++) {
        const char *name = dag_graph_task_name(graph, tasks.ids[i]);
        const char *title = dag_graph_task_title(graph, tasks.ids[i]);

        add(items, (Item){{name, strcmp(name, title) == 0 ? NULL : title}});
    }
}

/* Return the type, with the values of a choice: "choice: red green". */
static const char *
type_text(const DagParam *param, GPtrArray *texts)
{
    const char *name = dag_param_type_name(param->type);

    return param->choices ? keep(texts, g_strdup_printf("%s: %s", name, param->choices))
                          : name;
}

/* A default in quotes cannot be taken for "required". */
static const char *
default_text(const DagParam *param, GPtrArray *texts)
{
    if (param->is_secret)
        return "secret, required";
    if (!param->default_text)
        return "required";
    return keep(texts, g_strdup_printf("default \"%s\"", param->default_text));
}

static void
add_params(GArray *items, const DagGraph *graph, GPtrArray *texts)
{
    size_t n;
    const DagParam *params = dag_graph_params(graph, &n);

    for (size_t i = 0; i < n; i++)
        add(items, (Item){{params[i].name, type_text(&params[i], texts),
                           default_text(&params[i], texts), params[i].title}});
}

static void
print_names(const GArray *items)
{
    for (guint i = 0; i < items->len; i++)
        output_print("%s\n", g_array_index(items, Item, i).cells[0]);
}

/* Append the cells, clean, to `out`, each but the last one padded to its column's width. */
static void
append_row(GString *out, const Item *item, const size_t widths[N_COLUMNS])
{
    size_t missing = 0; /* spaces before the next cell */

    for (size_t column = 0; column < N_COLUMNS; column++) {
        const char *cell = item->cells[column] ? item->cells[column] : "";

        if (*cell) {
            size_t start = out->len + missing;

            g_string_append_printf(out, "%*s", (int)missing, "");
            dag_text_append_clean(out, cell);
            missing = widths[column] - dag_text_width(out->str + start);
        } else {
            missing += widths[column];
        }
        missing += widths[column] > 0 ? 2 : 0;
    }
}

static size_t
clean_width(const char *text)
{
    g_autoptr(GString) clean = g_string_new(NULL);

    dag_text_append_clean(clean, text);
    return dag_text_width(clean->str);
}

static void
print_table(const GArray *items)
{
    size_t widths[N_COLUMNS] = {0};
    g_autoptr(GString) row = g_string_new(NULL);

    for (guint i = 0; i < items->len; i++)
        for (size_t column = 0; column < N_COLUMNS; column++) {
            const char *cell = g_array_index(items, Item, i).cells[column];

            widths[column] = MAX(widths[column], cell ? clean_width(cell) : 0);
        }
    for (guint i = 0; i < items->len; i++) {
        g_string_truncate(row, 0);
        append_row(row, &g_array_index(items, Item, i), widths);
        g_string_append_c(row, '\n');
        output_write(row->str, row->len);
    }
}

/* A list that can be printed. */
typedef struct Subject {
    const char *name;
    bool of_graph; /* needs a graph */
    /* Add an item for each; `texts` keeps text that is made for them. */
    void (*add)(GArray *items, const DagGraph *graph, GPtrArray *texts);
    void (*write_json)(const DagGraph *graph, const DagReportSink *sink);
} Subject;

static const Subject subjects[] = {
    {"strategies", false, add_strategies, strategies_json},
    {"kinds", false, add_kinds, kinds_json},
    {"tasks", true, add_tasks, dag_report_tasks_json_to},
    {"params", true, add_params, dag_report_params_json_to},
};

/* Return the list named by `words`, or NULL after an error message. */
static const Subject *
find_subject(char **words)
{
    const char *names[G_N_ELEMENTS(subjects) + 1] = {NULL};

    if (!words[0]) {
        complain("list what? strategies, kinds, tasks or params");
        return NULL;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(subjects); i++) {
        const Subject *subject = &subjects[i];
        unsigned n_words = subject->of_graph ? 2 : 1;

        names[i] = subject->name;
        if (strcmp(words[0], subject->name) != 0)
            continue;
        if (g_strv_length(words) <= n_words)
            return subject;
        complain("list %s takes no \"%s\"", subject->name, words[n_words]);
        return NULL;
    }
    complain_of_word("list of", words[0], names);
    return NULL;
}

static void
print_list(const Subject *subject, const DagGraph *graph, const ListOptions *options)
{
    g_autoptr(GArray) items = g_array_new(FALSE, FALSE, sizeof(Item));
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    DagReportSink sink = output_sink();

    if (options->json) {
        subject->write_json(graph, &sink);
        return;
    }
    subject->add(items, graph, texts);
    if (options->names)
        print_names(items);
    else
        print_table(items);
}

int
cmd_list(char **argv)
{
    g_auto(GraphOptions) common = {0};
    ListOptions options = {0};
    const GOptionEntry entries[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, "As JSON", NULL},
        {"names", 0, 0, G_OPTION_ARG_NONE, &options.names, "Names only, one per line",
         NULL},
        G_OPTION_ENTRY_NULL,
    };
    const CommandLine line = {
        .usage = "strategies|kinds\n  dagrun list tasks|params GRAPH.xml",
        .summary = "Lists the scheduling strategies, the kinds of task, or the tasks or "
                   "parameters of a graph.",
        .entries = entries,
        .allow_include = &common.allow_include,
    };
    g_autoptr(DagGraph) graph = NULL;
    int status;
    g_auto(GStrv) words = options_parse(&line, argv, &status);

    if (!words)
        return status;

    const Subject *subject = find_subject(words);

    if (!subject)
        return EXIT_USAGE;
    if (subject->of_graph) {
        common.words = g_strdupv(words + 1);
        common.hides_warnings = true;
        graph = options_load(&common, LOAD_TO_LIST, &status);
        if (!graph)
            return status;
    }
    print_list(subject, graph, &options);
    return EXIT_GOOD;
}
