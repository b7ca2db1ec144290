/* SPDX-License-Identifier: MIT */
/*
 * References in texts, noted while the graph is built: a task's are dependencies or parameters, those outside
 * of tasks must be to parameters.
 */
#include "model/builder.h"

/* The element that holds a template. */
typedef struct Referrer {
    DagBuilder *builder;
    const char *element; /* borrowed; NULL: a task, or an element in it */
    DagLocation location;
    bool found;
} Referrer;

/* Note a reference outside of tasks. */
static uint32_t
note_constant(const Referrer *referrer, const char *name, size_t length)
{
    DagBuilder *builder = referrer->builder;
    Constant constant = {.name = dag__builder_number_of(builder, name, length),
                         .element = dag__arena_strdup(builder->arena, referrer->element),
                         .spot = dag__builder_spot(builder, referrer->location)};

    g_array_append_val(builder->constants, constant);
    return constant.name;
}

/* Note that a reference has a JSON pointer. */
static void
note_pointer(const Referrer *referrer, uint32_t name)
{
    DagBuilder *builder = referrer->builder;
    Constant pointed = {.name = name,
                        .spot = dag__builder_spot(builder, referrer->location)};

    g_array_append_val(builder->pointed, pointed);
}

static uint32_t
reference_found(const char *name, size_t length, bool has_pointer, void *data)
{
    Referrer *referrer = data;
    uint32_t number;

    referrer->found = true;
    if (referrer->element)
        return note_constant(referrer, name, length);
    number = dag__builder_mention(referrer->builder, name, length, MENTION_REFERS,
                                  referrer->location);
    if (has_pointer)
        note_pointer(referrer, number);

    dag__builder_add_edge(referrer->builder, number, EDGE_IS_READ | EDGE_MAY_BE_PARAM);
    return number;
}

DagTemplate *
dag__builder_add_template(DagBuilder *builder, const char *text, const char *element,
                          DagLocation location, GError **error)
{
    Referrer referrer = {.builder = builder, .element = element, .location = location};
    DagTemplate *template =
        dag__template_parse(builder->arena, text, reference_found, &referrer, error);

    /* An escape makes several segments, too, which are joined later. */
    if (template && (referrer.found || template->n_segments > 1))
        g_ptr_array_add(builder->templates, template);
    return template;
}
