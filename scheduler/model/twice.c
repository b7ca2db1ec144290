/* SPDX-License-Identifier: MIT */
/*
 * Complaints about something that is declared twice.  A file that is included twice declares
 * everything in it twice, at the same place: then the two inclusions are the mistake.
 */
#include "model/builder.h"

void
dag__builder_note_inclusion(DagBuilder *builder, const char *file, DagLocation by)
{
    Inclusion inclusion = {
        .file = dag__builder_spot(builder, (DagLocation){file, 1, 1}).file,
        .by = dag__builder_spot(builder, by),
    };

    g_array_append_val(builder->inclusions, inclusion);
}

/* Return the first inclusion of the file, or NULL if it is not included. */
static const Inclusion *
find_inclusion(const DagBuilder *builder, uint32_t file)
{
    for (guint i = 0; i < builder->inclusions->len; i++) {
        const Inclusion *inclusion = &g_array_index(builder->inclusions, Inclusion, i);

        if (inclusion->file == file)
            return inclusion;
    }
    return NULL;
}

static unsigned
count_inclusions(const DagBuilder *builder, uint32_t file)
{
    unsigned n = 0;

    for (guint i = 0; i < builder->inclusions->len; i++)
        n += g_array_index(builder->inclusions, Inclusion, i).file == file;
    return n;
}

/* Append "line 3 of b.xml, which is included at line 2 of main.xml". */
static void
append_chain(const DagBuilder *builder, const Inclusion *inclusion, GString *out)
{
    const char *separator = "";

    for (; inclusion; inclusion = find_inclusion(builder, inclusion->by.file)) {
        g_string_append(out, separator);
        dag__builder_cite(builder, inclusion->by, NULL, out);
        separator = ", which is included at ";
    }
}

/* Append the places at which the file is included. */
static void
append_inclusions(const DagBuilder *builder, uint32_t file, GString *out)
{
    const char *separator = "";

    for (guint i = 0; i < builder->inclusions->len; i++) {
        const Inclusion *inclusion = &g_array_index(builder->inclusions, Inclusion, i);

        if (inclusion->file != file)
            continue;
        g_string_append(out, separator);
        append_chain(builder, inclusion, out);
        separator = ", and at ";
    }
}

void
dag__builder_complain_twice(DagBuilder *builder, DagLocation location, const char *what,
                            DagSpot first)
{
    g_autoptr(GString) where = g_string_new(NULL);
    DagSpot second = dag__builder_spot(builder, location);

    if (first.line > 0 && first.file == second.file && first.line == second.line &&
        count_inclusions(builder, first.file) > 1) {
        g_string_append(where, ": the file is included at ");
        append_inclusions(builder, first.file, where);
    } else if (first.line > 0) {
        g_string_append(where, " (first declared at ");
        dag__builder_cite(builder, first, location.file, where);
        g_string_append_c(where, ')');
    }
    dag_builder_complain(builder, location, "%s%s", what, where->str);
}
