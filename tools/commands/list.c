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

typedef struct Item {
    const char *name;
    const char *summary;
    const char *source; /* or NULL */
} Item;

typedef struct ListOptions {
    gboolean json;
    gboolean names;
} ListOptions;

static void
add_strategies(GArray *items, const DagGraph *graph)
{
    (void)graph;
    for (const DagStrategy *const *s = dag_strategies(); *s; s++)
        g_array_append_vals(items, &(Item){(*s)->name, (*s)->summary, (*s)->source}, 1);
}

static void
add_kinds(GArray *items, const DagGraph *graph)
{
    (void)graph;
    for (const DagKind *const *kind = dag_tasks_kinds(); *kind; kind++)
        g_array_append_vals(items, &(Item){(*kind)->name, (*kind)->summary, NULL}, 1);
}

static void
add_tasks(GArray *items, const DagGraph *graph)
{
    DagIds tasks = dag_graph_declared(graph);

    for (size_t i = 0; i < tasks.n; i++)
        g_array_append_vals(items,
                            &(Item){dag_graph_task_name(graph, tasks.ids[i]),
                                    dag_graph_task_title(graph, tasks.ids[i]), NULL},
                            1);
}

static void
add_params(GArray *items, const DagGraph *graph)
{
    size_t n;
    const DagParam *params = dag_graph_params(graph, &n);

    for (size_t i = 0; i < n; i++)
        g_array_append_vals(
            items, &(Item){params[i].name, params[i].title ? params[i].title : "", NULL},
            1);
}

/* Append `, "key": "text"`. */
static void
append_member(GString *out, const char *key, const char *text)
{
    g_string_append_printf(out, ",\n    \"%s\": ", key);
    dag_text_append_json(out, text);
}

static void
print_json(const GArray *items)
{
    g_autoptr(GString) out = g_string_new("[");

    for (guint i = 0; i < items->len; i++) {
        const Item *item = &g_array_index(items, Item, i);

        g_string_append(out, i == 0 ? "\n  {\n    \"name\": " : ",\n  {\n    \"name\": ");
        dag_text_append_json(out, item->name);
        append_member(out, "summary", item->summary);
        if (item->source)
            append_member(out, "source", item->source);
        g_string_append(out, "\n  }");
    }
    g_string_append(out, items->len > 0 ? "\n]\n" : "]\n");
    output_write(out->str, out->len);
}

static void
print_names(const GArray *items)
{
    for (guint i = 0; i < items->len; i++)
        output_print("%s\n", g_array_index(items, Item, i).name);
}

/* Print two columns.  The second is left empty if it would repeat the first. */
static void
print_table(const GArray *items)
{
    size_t width = 0;

    for (guint i = 0; i < items->len; i++)
        width = MAX(width, strlen(g_array_index(items, Item, i).name));
    for (guint i = 0; i < items->len; i++) {
        const Item *item = &g_array_index(items, Item, i);
        g_autofree char *source =
            item->source ? g_strdup_printf(" [%s]", item->source) : g_strdup("");

        if (!*item->summary || strcmp(item->name, item->summary) == 0)
            output_print("%s\n", item->name);
        else
            output_print("%-*s  %s%s\n", (int)width, item->name, item->summary, source);
    }
}

/* A list that can be printed. */
typedef struct Subject {
    const char *name;
    bool of_graph; /* needs a graph */
    void (*add)(GArray *items, const DagGraph *graph);
} Subject;

static const Subject subjects[] = {
    {"strategies", false, add_strategies},
    {"kinds", false, add_kinds},
    {"tasks", true, add_tasks},
    {"params", true, add_params},
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
print_items(const GArray *items, const ListOptions *options)
{
    if (options->json)
        print_json(items);
    else if (options->names)
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
    g_autoptr(GArray) items = g_array_new(FALSE, FALSE, sizeof(Item));
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
        graph = options_load(&common, true, &status);
        if (!graph)
            return status;
    }
    subject->add(items, graph);
    print_items(items, &options);
    return EXIT_GOOD;
}
