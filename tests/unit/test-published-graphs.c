/* SPDX-License-Identifier: MIT */
/*
 * Graphs that others published, in the directory that the environment variable DAGRUN_PUBLISHED_GRAPHS
 * names: stg, dax and wfformat below it.  Each is imported, loads, and has the number of tasks and
 * dependencies that its file states.
 */
#include "formats/format.h"
#include "memory-file.h"

#include <dagrun/load.h>
#include <dagrun/tasks.h>
#include <json-glib/json-glib.h>
#include <string.h>

typedef struct Sizes {
    size_t n_tasks;
    size_t n_dependencies;
} Sizes;

static bool
append(const char *bytes, size_t size, void *text)
{
    g_string_append_len(text, bytes, (gssize)size);
    return true;
}

static const Format *
format_of(const char *name)
{
    for (const Format *const *format = formats; *format; format++)
        if (strcmp((*format)->name, name) == 0)
            return *format;
    g_assert_not_reached();
}

static void
assert_imported(const Format *format, const ImportText *text, Sizes wanted)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(ImportedGraph) imported = NULL;
    g_autoptr(GString) xml = g_string_new(NULL);
    g_autoptr(DagGraph) graph = NULL;
    MemoryFile file;

    g_assert_true(format->recognizes(text));
    imported = format->read(text, &error);
    g_assert_no_error(error);
    g_assert_true(imported_graph_check(imported, text, &error));
    imported_graph_write(imported, IMPORTED_NOOP, &(DagReportSink){append, xml});
    file = memory_file_open(xml->str, xml->len);
    graph = dag_load_file(file.path, &(DagLoadOptions){.kinds = dag_tasks_kinds()}, &error);
    g_assert_no_error(error);
    memory_file_close(&file);
    g_assert_cmpuint(dag_graph_n_tasks(graph), ==, wanted.n_tasks);
    g_assert_cmpuint(dag_graph_n_dependencies(graph), ==, wanted.n_dependencies);
}

/* Return the number behind a word in the comments of an STG file. */
static size_t
number_after(const char *bytes, const char *word)
{
    const char *at = strstr(bytes, word);

    g_assert_nonnull(at);
    return (size_t)g_ascii_strtoull(strchr(at, ':') + 1, NULL, 10);
}

static Sizes
sizes_of_stg(const ImportText *text)
{
    return (Sizes){number_after(text->bytes, "#   Tasks"),
                   number_after(text->bytes, "#   Edges")};
}

static size_t
count(const char *text, const char *word)
{
    size_t n = 0;

    for (; (text = strstr(text, word)); text++)
        n++;
    return n;
}

static Sizes
sizes_of_dax(const ImportText *text)
{
    return (Sizes){count(text->bytes, "<job "), count(text->bytes, "<parent ")};
}

/* By another reader of JSON. */
static Sizes
sizes_of_wfformat(const ImportText *text)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonObject *object;
    JsonArray *tasks;
    Sizes sizes = {0};

    g_assert_true(
        json_parser_load_from_data(parser, text->bytes, (gssize)text->size, NULL));
    object = json_node_get_object(json_parser_get_root(parser));
    object = json_object_get_object_member(object, "workflow");
    object = json_object_get_object_member(object, "specification");
    tasks = json_object_get_array_member(object, "tasks");
    sizes.n_tasks = json_array_get_length(tasks);
    for (guint i = 0; i < sizes.n_tasks; i++)
        sizes.n_dependencies += json_array_get_length(json_object_get_array_member(
            json_array_get_object_element(tasks, i), "parents"));
    return sizes;
}

/* Import the files of a directory.  Returns: their number. */
static unsigned
import_all(const char *directory, const char *format,
           Sizes (*sizes_of)(const ImportText *text))
{
    const char *root = g_getenv("DAGRUN_PUBLISHED_GRAPHS");
    g_autofree char *path = g_build_filename(root ? root : "", directory, NULL);
    g_autoptr(GDir) files = root ? g_dir_open(path, 0, NULL) : NULL;
    const char *name;
    unsigned n = 0;

    if (!files) {
        g_test_skip("DAGRUN_PUBLISHED_GRAPHS names no directory with these graphs");
        return 0;
    }
    while ((name = g_dir_read_name(files))) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        g_autofree char *bytes = NULL;
        ImportText text = {.name = file};

        if (strstr(name, "schema") || strstr(name, "LICENSE"))
            continue;
        g_assert_true(g_file_get_contents(file, &bytes, &text.size, NULL));
        text.bytes = bytes;
        assert_imported(format_of(format), &text, sizes_of(&text));
        n++;
    }
    g_test_message("%u files", n);
    g_assert_cmpuint(n, >, 0);
    return n;
}

static void
test_stg(void)
{
    import_all("stg/50", "stg", sizes_of_stg);
}

static void
test_dax(void)
{
    import_all("dax", "dax", sizes_of_dax);
}

static void
test_wfformat(void)
{
    import_all("wfformat", "wfformat", sizes_of_wfformat);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/published-graphs/stg", test_stg);
    g_test_add_func("/published-graphs/dax", test_dax);
    g_test_add_func("/published-graphs/wfformat", test_wfformat);
    return g_test_run();
}
