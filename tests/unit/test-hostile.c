/* SPDX-License-Identifier: MIT */
/*
 * Systematically damaged files, loaded from memory: each gives an error or a graph.  Tests that
 * need a real file or a pipe are in tests/cli/hostile.bats.
 */
#include <dagrun/error.h>
#include <dagrun/load.h>
#include <dagrun/tasks.h>
#include <string.h>
#include <unistd.h>

#include "memory-file.h"

#define BEGIN "<graph xmlns=\"urn:dagrun:graph:1\">\n"
#define END   "</graph>\n"

/* A graph with all elements and attributes of the format. */
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

/* Load bytes.  Returns: the graph, or NULL with a non-empty error. */
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
test_a_truncated_file_is_not_a_graph(void)
{
    g_autofree char *copy = NULL;

    for (size_t length = 0; length < sizeof(everything) - 1; length++) {
        /* A copy of exactly that length, so that a sanitizer detects reads past the end. */
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
test_any_byte_may_be_changed(void)
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
    /* In titles and comments one byte more or less is valid. */
    g_assert_cmpuint(n_graphs, >, 50);
}

static void
test_any_byte_may_be_missing_or_doubled(void)
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
test_a_truncated_file_in_another_encoding_is_not_a_graph(void)
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

        /* libxml2 recognizes all encodings except UTF-32 without a byte order mark. */
        if (graph)
            g_assert_cmpstr(dag_graph_task_name(graph, 0), ==, "\u00e9");
        else
            g_assert_cmpstr(encodings[i], ==, "UTF-32BE");
    }
}

/* Names with equal hashes by GLib's function: 33 * 'a' + 'b' is 33 * 'b' + 'A'. */
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
    g_test_add_func("/hostile/a-truncated-file-is-not-a-graph",
                    test_a_truncated_file_is_not_a_graph);
    g_test_add_func("/hostile/any-byte-may-be-changed", test_any_byte_may_be_changed);
    g_test_add_func("/hostile/any-byte-may-be-missing-or-doubled",
                    test_any_byte_may_be_missing_or_doubled);
    g_test_add_func("/hostile/a-truncated-file-in-another-encoding-is-not-a-graph",
                    test_a_truncated_file_in_another_encoding_is_not_a_graph);
    g_test_add_func("/hostile/names-cannot-be-made-to-collide",
                    test_names_cannot_be_made_to_collide);
    return g_test_run();
}
