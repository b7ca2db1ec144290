/* SPDX-License-Identifier: MIT */
/*
 * Writes a graph as XML, piece by piece.  Most of the time goes into numbers, so they are not
 * formatted by printf().
 */
#include "generate/generate.h"

#define PIECE      65536
#define US_PER_S   1000000
#define MAX_DIGITS 20

const char *const work_kind_names[] = {"noop", "sleep", "spin", NULL};

/* Append the number, with zeros before it up to `n_least` digits. */
static void
append_digits(GString *out, uint64_t value, size_t n_least)
{
    char digits[MAX_DIGITS];
    size_t n = 0;

    while (value > 0 || n < n_least) {
        digits[sizeof digits - ++n] = (char)('0' + value % 10);
        value /= 10;
    }
    g_string_append_len(out, digits + sizeof digits - n, (gssize)n);
}

/* Append microseconds as seconds, without zeros at the end. */
static void
append_seconds(GString *out, uint64_t us)
{
    uint64_t fraction = us % US_PER_S;
    size_t n = 6;

    append_digits(out, us / US_PER_S, 1);
    if (fraction == 0)
        return;
    for (; fraction % 10 == 0; fraction /= 10)
        n--;
    g_string_append_c(out, '.');
    append_digits(out, fraction, n);
}

static void
append_name(GString *out, uint32_t task)
{
    g_string_append_c(out, 't');
    append_digits(out, (uint64_t)task + 1, 1);
}

static void
append_task(GString *out, const Generator *generator, uint32_t task, uint64_t cost_us)
{
    const GArray *needs = generator->needs;

    g_string_append(out, "<task id=\"");
    append_name(out, task);
    for (guint i = 0; i < needs->len; i++) {
        g_string_append(out, i == 0 ? "\" needs=\"" : " ");
        append_name(out, g_array_index(needs, uint32_t, i));
    }
    g_string_append(out, "\" cost=\"");
    append_seconds(out, cost_us);
    if (generator->request.kind == WORK_NOOP) {
        g_string_append(out, "\"/>\n");
        return;
    }
    g_string_append_printf(out, "\"><%s duration=\"",
                           work_kind_names[generator->request.kind]);
    append_seconds(out, cost_us);
    g_string_append(out, "s\"/></task>\n");
}

static void
append_head(GString *out, const GraphRequest *request)
{
    g_string_append_printf(out,
                           "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                           "<graph xmlns=\"urn:dagrun:graph:1\" name=\"%s-%u\"\n"
                           "       title=\"%s: tasks %u",
                           request->shape->name, request->n_tasks, request->shape->name,
                           request->n_tasks);
    if (request->width > 0)
        g_string_append_printf(out, ", width %u", request->width);
    if (request->degree > 0)
        g_string_append_printf(out, ", degree %u", request->degree);
    g_string_append_printf(out, ", costs %s, mean ", cost_rule_names[request->costs]);
    append_seconds(out, request->mean_us);
    g_string_append_printf(out, ", seed %" G_GUINT64_FORMAT "\">\n", request->seed);
}

static Generator
new_generator(const GraphRequest *request)
{
    const Shape *shape = request->shape;
    Generator generator = {.request = *request, .random = request->seed};

    generator.cost_random = ~request->seed;
    if (shape->n_nearest)
        generator.request.n_tasks = shape->n_nearest(request);
    if (shape->set_defaults)
        shape->set_defaults(&generator.request);
    generator.needs = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    if (shape->prepare)
        shape->prepare(&generator);
    return generator;
}

static void
generator_clear(Generator *generator)
{
    g_array_unref(generator->needs);
    g_free(generator->prepared);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Generator, generator_clear)

/* The most bytes of a task without its needs, and of a name in them. */
#define BYTES_PER_TASK 90
#define BYTES_PER_NEED 9

/* The most needs per task of the shapes without a degree. */
#define REGULAR_DEGREE 3

bool
generate_is_too_large(const GraphRequest *request)
{
    uint64_t n_needs = MAX(request->degree, REGULAR_DEGREE);

    return request->n_tasks * (BYTES_PER_TASK + n_needs * BYTES_PER_NEED) >
           GENERATE_MAX_FILE;
}

void
generate_graph(const GraphRequest *request, const DagReportSink *sink)
{
    const Shape *shape = request->shape;
    g_auto(Generator) generator = new_generator(request);
    g_autoptr(GString) text = g_string_sized_new((gsize)2 * PIECE);

    append_head(text, &generator.request);
    for (uint32_t task = 0; task < generator.request.n_tasks; task++) {
        uint64_t factor = shape->cost_factor ? shape->cost_factor(&generator, task) : 1;

        g_array_set_size(generator.needs, 0);
        if (shape->needs)
            shape->needs(&generator, task);
        append_task(text, &generator, task, factor * cost_next(&generator));
        if (text->len < PIECE)
            continue;
        if (!sink->write(text->str, text->len, sink->data))
            return;
        g_string_truncate(text, 0);
    }
    g_string_append(text, "</graph>\n");
    sink->write(text->str, text->len, sink->data);
}
