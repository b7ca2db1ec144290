/* SPDX-License-Identifier: MIT */
/*
 * dagrun list: what there is to choose from.
 */
#include "command.h"
#include "options.h"
#include "output.h"

#include <dagrun/tasks.h>
#include <json-glib/json-glib.h>
#include <string.h>

/* One thing to choose: its name, and what stands behind it, in pairs of key and text. */
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
add_strategies(GArray *items)
{
    for (const DagStrategy *const *s = dag_strategies(); *s; s++)
        g_array_append_vals(items, &(Item){(*s)->name, (*s)->summary, (*s)->source}, 1);
}

static void
add_kinds(GArray *items)
{
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

static void
print_json(const GArray *items)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();

    json_builder_begin_array(builder);
    for (guint i = 0; i < items->len; i++) {
        const Item *item = &g_array_index(items, Item, i);

        json_builder_begin_object(builder);
        json_builder_set_member_name(builder, "name");
        json_builder_add_string_value(builder, item->name);
        json_builder_set_member_name(builder, "summary");
        json_builder_add_string_value(builder, item->summary);
        if (item->source) {
            json_builder_set_member_name(builder, "source");
            json_builder_add_string_value(builder, item->source);
        }
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);

    g_autoptr(JsonNode) root = json_builder_get_root(builder);
    g_autofree char *text = json_to_string(root, TRUE);

    output_print("%s\n", text);
}

static void
print_items(const GArray *items, const ListOptions *options)
{
    size_t width = 0;

    if (options->json) {
        print_json(items);
        return;
    }
    for (guint i = 0; i < items->len; i++)
        width = MAX(width, strlen(g_array_index(items, Item, i).name));
    for (guint i = 0; i < items->len; i++) {
        const Item *item = &g_array_index(items, Item, i);

        if (options->names || !*item->summary || strcmp(item->name, item->summary) == 0)
            output_print("%s\n", item->name);
        else
            output_print("%-*s  %s%s%s%s\n", (int)width, item->name, item->summary,
                         item->source ? " [" : "", item->source ? item->source : "",
                         item->source ? "]" : "");
    }
}

int
cmd_list(char **argv)
{
    static const char *const subjects[] = {"strategies", "kinds", "tasks", "params", NULL};
    g_auto(GraphOptions) common = {0};
    ListOptions options = {0};
    const GOptionEntry entries[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, "As JSON", NULL},
        {"names", 0, 0, G_OPTION_ARG_NONE, &options.names, "Names only, one a line", NULL},
        G_OPTION_ENTRY_NULL,
    };
    const CommandLine line = {
        .usage = "strategies|kinds\n  dagrun list tasks|params GRAPH.xml",
        .summary = "Lists the scheduling strategies, the kinds of task, or the tasks or "
                   "parameters of a graph.",
        .entries = entries,
    };
    g_autoptr(GArray) items = g_array_new(FALSE, FALSE, sizeof(Item));
    g_autoptr(DagGraph) graph = NULL;
    g_auto(GStrv) words = NULL;
    const char *subject;
    bool of_graph;
    int status;

    words = options_parse(&line, argv, &status);
    if (!words)
        return status;
    if (!words[0]) {
        complain("list what? strategies, kinds, tasks or params");
        return EXIT_USAGE;
    }
    subject = words[0];
    if (!g_strv_contains(subjects, subject))
        return complain_of_word("list of", subject, subjects);
    of_graph = strcmp(subject, "tasks") == 0 || strcmp(subject, "params") == 0;
    if (g_strv_length(words) > (of_graph ? 2 : 1)) {
        complain("list %s takes no \"%s\"", subject, words[of_graph ? 2 : 1]);
        return EXIT_USAGE;
    }
    if (of_graph) {
        common.words = g_strdupv(words + 1);
        graph = options_load(&common, true, &status);
        if (!graph)
            return status;
    }
    if (strcmp(subject, "strategies") == 0)
        add_strategies(items);
    else if (strcmp(subject, "kinds") == 0)
        add_kinds(items);
    else if (strcmp(subject, "tasks") == 0)
        add_tasks(items, graph);
    else
        add_params(items, graph);
    print_items(items, &options);
    return EXIT_GOOD;
}
