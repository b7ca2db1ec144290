/* SPDX-License-Identifier: MIT */
/*
 * Standard output and standard error are flushed alternately, so that a terminal that shows
 * both shows them in the order of events.
 */
#include "display/task-output.h"

#include "commands/command.h"
#include "display/excerpt.h"
#include "display/output.h"
#include "display/safe-text.h"
#include "display/terminal.h"

#include <dagrun/dagrun.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *
dim(const TaskOutput *output)
{
    return output->color ? safe_text_dim : "";
}

static const char *
reset(const TaskOutput *output)
{
    return output->color ? safe_text_reset : "";
}

static const char *
name_of(const DagEvent *event)
{
    return dag_graph_task_name(dag_plan_graph(dag_run_plan(event->run)), event->task);
}

/* Return the note that is printed in place of lost bytes. */
static char *
gap_text(const DagSpool *spool, uint64_t n_lost)
{
    int problem = dag_spool_problem(spool);

    return g_strdup_printf("\n[%" PRIu64 " bytes are lost here%s%s]\n", n_lost,
                           problem ? ": " : "", problem ? g_strerror(problem) : "");
}

/* The streams of a spool to be printed. */
typedef enum Streams { STREAM_OUTPUT, STREAM_ERRORS, STREAM_BOTH } Streams;

/* A spool being printed. */
typedef struct Printing {
    const DagSpool *spool;
    uint64_t n_left; /* bytes */
    bool to_stderr;
    bool is_filtered;
    TaskText text;     /* if is_filtered */
    GString *fit;      /* its result */
    bool is_cut;       /* stopped before the end */
    bool line_is_open; /* the last byte is no newline */
    bool is_binary;    /* has a NUL byte */
} Printing;

static void
print_raw(const Printing *printing, const char *bytes, size_t size)
{
    if (printing->to_stderr)
        diagnose_data(bytes, size);
    else
        output_write_data(bytes, size);
}

static void
print_bytes(Printing *printing, const char *bytes, size_t size)
{
    if (printing->is_filtered) {
        g_string_truncate(printing->fit, 0);
        task_text_push(&printing->text, bytes, size, printing->fit);
        bytes = printing->fit->str;
        size = printing->fit->len;
    }
    if (size == 0)
        return;
    print_raw(printing, bytes, size);
    printing->line_is_open = bytes[size - 1] != '\n';
    printing->is_binary = printing->is_binary || memchr(bytes, '\0', size);
}

/* End the section, and the colours that its task left.  A newline would alter binary data, such as an
 * archive; it is added if another section follows. */
static void
end_section(TaskOutput *output, Printing *printing)
{
    if (printing->line_is_open && printing->is_binary)
        output->line_is_open = true;
    else if (printing->line_is_open)
        print_raw(printing, "\n", 1);
    g_string_truncate(printing->fit, 0);
    task_text_end(&printing->text, printing->fit);
    print_raw(printing, printing->fit->str, printing->fit->len);
}

/* Say that `size` bytes are missing. */
static void
print_gap(Printing *printing, uint64_t size)
{
    g_autofree char *text = gap_text(printing->spool, size);

    print_bytes(printing, text, strlen(text));
}

/* A DagSpoolTaker. */
static bool
print_piece(const char *bytes, uint64_t size, void *data)
{
    Printing *printing = data;

    if (size == 0)
        return true;
    if (bytes)
        print_bytes(printing, bytes, size);
    else
        print_gap(printing, size);
    printing->n_left -= size;
    printing->is_cut =
        printing->n_left > 0 && dag_spool_size(printing->spool) > TASK_OUTPUT_LARGE &&
        !(printing->to_stderr ? output_diagnostics_are_wanted() : output_is_wanted());
    return !printing->is_cut;
}

static uint64_t
size_of(const DagSpool *spool, Streams streams)
{
    return streams == STREAM_BOTH
               ? dag_spool_size(spool)
               : dag_spool_stream_size(spool, streams == STREAM_OUTPUT ? DAG_STREAM_OUTPUT
                                                                       : DAG_STREAM_ERRORS);
}

static int
read_streams(const DagSpool *spool, Streams streams, Printing *printing)
{
    if (streams == STREAM_BOTH)
        return dag_spool_read(spool, print_piece, printing);
    return dag_spool_read_stream(
        spool, streams == STREAM_OUTPUT ? DAG_STREAM_OUTPUT : DAG_STREAM_ERRORS,
        print_piece, printing);
}

/* Print a section. */
static void
print_streams(TaskOutput *output, const DagEvent *event, Streams streams, bool to_stderr)
{
    const DagSpool *spool = event->transcript;
    g_autoptr(GString) fit = g_string_new(NULL);
    Printing printing = {
        .spool = spool,
        .n_left = size_of(spool, streams),
        .to_stderr = to_stderr,
        .is_filtered = to_stderr || output->output_is_filtered,
        .text.keeps_color = to_stderr ? output->color : output->output_has_color,
        .fit = fit,
    };
    int problem;

    if (printing.n_left == 0)
        return;
    /* Flush the other stream first, so that a terminal that shows both has them in order. */
    if (!to_stderr)
        output_flush_diagnostics();
    if (!to_stderr && output->line_is_open)
        output_write_data("\n", 1);
    output->line_is_open = output->line_is_open && to_stderr;
    problem = read_streams(spool, streams, &printing);
    end_section(output, &printing);
    output_flush();
    if (problem) {
        complain("cannot read the stored output of \"%s\": %s", name_of(event),
                 g_strerror(problem));
        output->is_incomplete = true;
    }
    if (printing.is_cut)
        diagnose("%s  (the rest of the output of %s is left out)%s\n", dim(output),
                 name_of(event), reset(output));
}

/* A DagSpoolTaker. */
static bool
push_excerpt(const char *bytes, uint64_t size, void *data)
{
    excerpt_push(data, bytes, size);
    return true;
}

/* Return the file with the whole text of a failed task; free with g_free().  NULL after an error
 * message. */
static char *
keep_text(TaskOutput *output, const DagEvent *event)
{
    const DagGraph *graph = dag_plan_graph(dag_run_plan(event->run));
    g_autoptr(GError) error = NULL;
    char *path;

    if (output->log_directory && !dag_spool_log_problem(event->transcript)) {
        g_autofree char *name = dag_log_name(graph, event->task);

        return g_build_filename(output->log_directory, name, NULL);
    }
    path = kept_texts_add(&output->kept, event, &error);
    if (!path)
        complain("cannot keep the output of \"%s\": %s", name_of(event), error->message);
    return path;
}

/* Print how much is left out of an excerpt, and where it is. */
static void
print_left_out(TaskOutput *output, const DagEvent *event, uint64_t n_lines)
{
    g_autofree char *path = keep_text(output, event);

    diagnose("%s", dim(output));
    if (n_lines > 0)
        diagnose("  (%" PRIu64 " line%s left out here", n_lines,
                 n_lines == 1 ? " is" : "s are");
    else
        diagnose("  (long lines are shortened");
    if (path)
        diagnose("; the whole output is in %s)%s\n", path, reset(output));
    else
        diagnose("; -v shows %s)%s\n", n_lines == 1 ? "it" : "them", reset(output));
}

/* Print a part of an excerpt. */
static void
print_part(const TaskOutput *output, const GString *part)
{
    diagnose_data(part->str, part->len);
    if (memchr(part->str, '\033', part->len))
        diagnose("%s", reset(output));
}

static void
print_excerpt(TaskOutput *output, const DagEvent *event)
{
    g_auto(Excerpt) excerpt = {0};
    g_autoptr(GString) tail = g_string_new(NULL);

    excerpt_init(&excerpt, dag_spool_size(event->transcript), output->color);
    dag_spool_read(event->transcript, push_excerpt, &excerpt);
    excerpt_end(&excerpt);
    excerpt_append_tail(&excerpt, tail);
    print_part(output, excerpt.head);
    if (excerpt_n_left_out(&excerpt) > 0 || excerpt.is_cut)
        print_left_out(output, event, excerpt_n_left_out(&excerpt));
    print_part(output, tail);
}

void
task_output_diagnose(TaskOutput *output, const DagEvent *event)
{
    if (output->is_brief)
        print_excerpt(output, event);
    else
        print_streams(output, event, STREAM_BOTH, true);
}

bool
task_output_is_printed(const TaskOutput *output, const DagEvent *event)
{
    const DagGraph *graph = dag_plan_graph(dag_run_plan(event->run));
    DagPrint print = dag_graph_task_policy(graph, event->task)->print;

    return output->prints_all || print == DAG_PRINT_ALWAYS ||
           (print == DAG_PRINT_UNREAD && !dag_graph_task_is_named(graph, event->task));
}

void
task_output_print(TaskOutput *output, const DagEvent *event)
{
    bool is_printed = task_output_is_printed(output, event);

    if (is_printed && !output->are_separate) {
        print_streams(output, event, STREAM_BOTH, output->to_stderr);
        return;
    }
    if (is_printed)
        print_streams(output, event, STREAM_OUTPUT, output->to_stderr);
    print_streams(output, event, STREAM_ERRORS, output->to_stderr || output->are_separate);
}

/* The last lines of a server's log that are printed. */
#define LATE_LINES 10

void
task_output_print_late(const TaskOutput *output, const DagEvent *event)
{
    const char *begin = event->text, *end = begin + event->text_size;
    TaskText text = {.keeps_color = output->color};
    g_autoptr(GString) fit = g_string_new(NULL);
    size_t n = 0;

    for (const char *c = end; c > begin; c--)
        if (c[-1] == '\n' && c < end && ++n == LATE_LINES)
            begin = c;
    task_text_push(&text, begin, (size_t)(end - begin), fit);
    task_text_end(&text, fit);
    diagnose("%s  processes of %s wrote last, after it had ended:%s\n", dim(output),
             name_of(event), reset(output));
    diagnose_data(fit->str, fit->len);
    if (fit->len > 0 && fit->str[fit->len - 1] != '\n')
        diagnose("\n");
}

void
task_output_report_loss(const TaskOutput *output, const DagEvent *event)
{
    const DagSpool *spool = event->transcript;
    const DagGraph *graph = dag_plan_graph(dag_run_plan(event->run));

    if (dag_spool_log_problem(spool)) {
        g_autofree char *name = dag_log_name(graph, event->task);
        g_autofree char *path = g_build_filename(output->log_directory, name, NULL);

        complain("cannot write \"%s\": %s", path, g_strerror(dag_spool_log_problem(spool)));
    }
    if (dag_spool_n_lost(spool) > 0)
        complain("%" PRIu64 " bytes of the output of \"%s\" are lost: %s",
                 dag_spool_n_lost(spool), name_of(event),
                 g_strerror(dag_spool_problem(spool)));
}
