/* SPDX-License-Identifier: MIT */
/*
 * Files that are broken in every way there is, loaded from memory: each gives an error or a
 * graph.  What takes a file of its own, or a pipe, is in tests/cli/hostile.bats.
 */
#include <dagrun/error.h>
#include <dagrun/load.h>
#include <dagrun/tasks.h>
#include <string.h>
#include <unistd.h>

#include "memory-file.h"

#define BEGIN "<graph xmlns=\"urn:dagrun:graph:1\">\n"
#define END   "</graph>\n"

/* A graph with everything that the format has. */
static const char everything[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<!-- é -->\n"
    "<g:graph xmlns:g=\"urn:dagrun:graph:1\" name=\"n\" title=\"t\" output=\"o/${b}\">\n"
    "  <?p i?>\n"
    "  <g:param name=\"s\" default=\"&lt;&#x20AC;\" title=\"x\"/>\n"
    "  <g:param name=\"b\" type=\"boolean\" default=\"true\"/>\n"
    "  <g:param name=\"c\" type=\"choice\" choices=\"x y\" default=\"y\"/>\n"
    "  <g:phase title=\"p\" of=\"é\"/>\n"
    "  <g:tasks>\n"
    "    <g:task id=\"é\" cost=\"1.5\" priority=\"-1\" dir=\"${s}\" when=\"$b and "
    "$c='y'\">\n"
    "      <g:env name=\"E\" value=\"${s}\"/>\n"
    "      <g:exec>a 'b c' \"${s}\" $${ </g:exec>\n"
    "    </g:task>\n"
    "  </g:tasks>\n"
    "  <g:task id=\"z\" needs=\"é\"><g:shell stdin=\"é\"><![CDATA[a && b]]> > "
    "c</g:shell></g:task>\n"
    "  <g:task id=\"w\"><g:sleep duration=\"1.5ms\"/></g:task>\n"
    "</g:graph>";

/* Loads bytes.  Returns: the graph, or NULL with an error that says something. */
static DagGraph *
load(const char *bytes, size_t length)
{
    g_autoptr(GError) error = NULL;
    MemoryFile file = memory_file_open(bytes, length);
    DagGraph *graph =
        dag_load_file(file.path, &(DagLoadOptions){.kinds = dag_tasks_kinds()}, &error);

    memory_file_close(&file);
    g_assert_cmpint(graph == NULL, ==, error != NULL);
    if (error) {
        g_assert_true(error->domain == DAG_ERROR);
        g_assert_cmpint(error->code, !=, DAG_ERROR_IO);
        g_assert_true(g_utf8_validate(error->message, -1, NULL));
        g_assert_true(*error->message);
    }
    return graph;
}

static void
test_nothing_but_the_whole_is_a_graph(void)
{
    g_autofree char *copy = NULL;

    for (size_t length = 0; length < sizeof(everything) - 1; length++) {
        /* A copy of just that length, so that a byte too far is seen. */
        copy = g_memdup2(everything, length);
        if (load(copy, length))
            g_error("the first %zu bytes are a graph", length);
        g_clear_pointer(&copy, g_free);
    }

    g_autoptr(DagGraph) graph = load(everything, sizeof(everything) - 1);

    g_assert_nonnull(graph);
    g_assert_cmpuint(dag_graph_n_tasks(graph), ==, 3);
}

static void
test_any_byte_may_be_another(void)
{
    static const char others[] = {'\0', '<', '>', '"', '&', ' ', '$', '{', '\x80', '\xff'};
    char text[sizeof(everything)];
    unsigned n_graphs = 0;

    for (size_t at = 0; at < sizeof(everything) - 1; at++) {
        for (size_t i = 0; i < sizeof(others); i++) {
            memcpy(text, everything, sizeof(text));
            text[at] = others[i];

            g_autoptr(DagGraph) graph = load(text, sizeof(text) - 1);

            n_graphs += graph != NULL;
        }
    }
    /* In titles and comments a byte more or less does not matter. */
    g_assert_cmpuint(n_graphs, >, 50);
}

static void
test_any_byte_may_be_missing_or_there_twice(void)
{
    char text[sizeof(everything) + 1];
    const size_t n = sizeof(everything) - 1;

    for (size_t at = 0; at < n; at++) {
        memcpy(text, everything, at);
        memcpy(text + at, everything + at + 1, n - at - 1);
        dag_graph_free(load(text, n - 1));
        memcpy(text, everything, at + 1);
        memcpy(text + at + 1, everything + at, n - at);
        dag_graph_free(load(text, n + 1));
    }
}

static void
test_the_beginning_of_another_encoding_is_no_graph(void)
{
    static const char *const encodings[] = {"UTF-16", "UTF-16LE", "UTF-32BE", "ISO-8859-1"};

    for (size_t i = 0; i < G_N_ELEMENTS(encodings); i++) {
        g_autofree char *text = g_strdup_printf(
            "<?xml version=\"1.0\" encoding=\"%s\"?>" BEGIN "<task id=\"\u00e9\"/></graph>",
            encodings[i]);
        g_autoptr(GError) error = NULL;
        gsize length;
        g_autofree char *bytes =
            g_convert(text, -1, encodings[i], "UTF-8", NULL, &length, &error);

        g_assert_no_error(error);
        for (size_t n = 0; n < length; n++)
            g_assert_null(load(bytes, n));

        g_autoptr(DagGraph) graph = load(bytes, length);

        /* Without its mark, UTF-32 is not what libxml2 knows; the others are. */
        if (graph)
            g_assert_cmpstr(dag_graph_task_name(graph, 0), ==, "\u00e9");
        else
            g_assert_cmpstr(encodings[i], ==, "UTF-32BE");
    }
}

/* Names that are all the same to GLib's hash: 33 * 'a' + 'b' is 33 * 'b' + 'A'. */
static void
test_names_cannot_be_made_to_collide(void)
{
    g_autoptr(GString) text = g_string_new(BEGIN);

    for (unsigned i = 0; i < 65536; i++) {
        g_string_append(text, "<task id=\"");
        for (unsigned bit = 0; bit < 16; bit++)
            g_string_append(text, i >> bit & 1 ? "ab" : "bA");
        g_string_append(text, "\"/>");
    }
    g_string_append(text, END);
    g_assert_cmpuint(g_str_hash("abbA"), ==, g_str_hash("bAab"));

    g_autoptr(DagGraph) graph = load(text->str, text->len);

    g_assert_cmpuint(dag_graph_n_tasks(graph), ==, 65536);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hostile/nothing-but-the-whole-is-a-graph",
                    test_nothing_but_the_whole_is_a_graph);
    g_test_add_func("/hostile/any-byte-may-be-another", test_any_byte_may_be_another);
    g_test_add_func("/hostile/any-byte-may-be-missing-or-there-twice",
                    test_any_byte_may_be_missing_or_there_twice);
    g_test_add_func("/hostile/the-beginning-of-another-encoding-is-no-graph",
                    test_the_beginning_of_another_encoding_is_no_graph);
    g_test_add_func("/hostile/names-cannot-be-made-to-collide",
                    test_names_cannot_be_made_to_collide);
    return g_test_run();
}
