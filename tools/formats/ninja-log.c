/* SPDX-License-Identifier: MIT */
/*
 * The log of ninja, version 5 and later: a line for each output that was built.
 */
#include "formats/ninja-log.h"

/* Take the duration in a line of the log: start, end, time stamp, output, hash, with tabs. */
static void
take_duration(GHashTable *producers, ImportedGraph *graph, const char *line)
{
    g_auto(GStrv) fields = g_strsplit(line, "\t", 6);
    gpointer found;
    guint64 start, end;

    if (g_strv_length(fields) < 4 ||
        !g_ascii_string_to_unsigned(fields[0], 10, 0, G_MAXINT32, &start, NULL) ||
        !g_ascii_string_to_unsigned(fields[1], 10, start, G_MAXINT32, &end, NULL))
        return;
    found = g_hash_table_lookup(producers, fields[3]);
    if (found)
        imported_graph_at(graph, (uint32_t)(GPOINTER_TO_SIZE(found) - 1))->cost =
            (double)(end - start) / 1e3;
}

void
ninja_log_read(const ImportText *text, GHashTable *producers, ImportedGraph *graph)
{
    g_autofree char *directory = g_path_get_dirname(text->name);
    g_autofree char *path = g_build_filename(directory, ".ninja_log", NULL);
    g_autofree char *bytes = NULL;

    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR) ||
        !g_file_get_contents(path, &bytes, NULL, NULL))
        return;
    if (!g_str_has_prefix(bytes, "# ninja log v")) {
        import_warn(text, 1, "\"%s\" is no log of ninja", path);
        return;
    }

    g_auto(GStrv) lines = g_strsplit(bytes, "\n", -1);

    for (char **line = lines + 1; *line; line++)
        take_duration(producers, graph, *line);
}
