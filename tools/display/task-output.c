/* SPDX-License-Identifier: MIT */
/*
 * Standard output and standard error are flushed alternately, so that a terminal that shows
 * both shows them in the order of events.
 */
#include "display/task-output.h"

#include "commands/command.h"
#include "display/output.h"
#include "display/terminal.h"

#include <dagrun/dagrun.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The part of a failed task's output that is printed without -v. */
#define TAIL_LINES 40
#define TAIL_BYTES 16384

static const char *
dim(const TaskOutput *output)
{
    return output->color ? DAG_ANSI_DIM : "";
}

static const char *
reset(const TaskOutput *output)
{
    return output->color ? DAG_ANSI_RESET : "";
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
    bool is_cut;       /* stopped before the end */
    bool line_is_open; /* the last byte is no newline */
} Printing;

static void
print_bytes(bool to_stderr, const char *bytes, size_t size)
{
    if (to_stderr)
        fwrite(bytes, 1, size, diagnostics());
    else
        output_write(bytes, size);
}

/* A DagSpoolTaker. */
static bool
print_piece(const char *bytes, uint64_t size, void *data)
{
    Printing *printing = data;
    g_autofree char *gap = bytes ? NULL : gap_text(printing->spool, size);
    const char *text = gap ? gap : bytes;
    size_t length = gap ? strlen(gap) : size;

    if (size == 0)
        return true;
    print_bytes(printing->to_stderr, text, length);
    printing->line_is_open = text[length - 1] != '\n';
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
    Printing printing = {
        .spool = spool, .n_left = size_of(spool, streams), .to_stderr = to_stderr};
    int problem;

    if (printing.n_left == 0)
        return;
    /* Flush the other stream first, so that a terminal that shows both has them in order. */
    if (!to_stderr)
        output_flush_diagnostics();
    problem = read_streams(spool, streams, &printing);
    if (printing.line_is_open)
        print_bytes(to_stderr, "\n", 1);
    output_flush();
    if (problem) {
        complain("cannot read the stored output of \"%s\": %s", name_of(event),
                 g_strerror(problem));
        output->is_incomplete = true;
    }
    if (printing.is_cut)
        fprintf(diagnostics(), "%s  (the rest of the output of %s is left out)%s\n",
                dim(output), name_of(event), reset(output));
}

void
task_output_diagnose(TaskOutput *output, const DagEvent *event)
{
    print_streams(output, event, STREAM_BOTH, true);
}

/* Return whether the output, as opposed to the error messages, is printed. */
static bool
output_is_printed(const TaskOutput *output, const DagEvent *event)
{
    const DagGraph *graph = dag_plan_graph(dag_run_plan(event->run));
    DagPrint print = dag_graph_task_policy(graph, event->task)->print;

    return output->prints_all || print == DAG_PRINT_ALWAYS ||
           (print == DAG_PRINT_UNREAD && !dag_graph_task_is_named(graph, event->task));
}

void
task_output_print(TaskOutput *output, const DagEvent *event)
{
    bool is_printed = output_is_printed(output, event);

    if (is_printed && !output->are_separate) {
        print_streams(output, event, STREAM_BOTH, output->to_stderr);
        return;
    }
    if (is_printed)
        print_streams(output, event, STREAM_OUTPUT, output->to_stderr);
    print_streams(output, event, STREAM_ERRORS, output->to_stderr || output->are_separate);
}

/* Return the offset of the last TAIL_LINES lines. */
static size_t
tail_start(const char *bytes, size_t size)
{
    size_t lines = 0, start = size;

    while (start > 0 && size - start < TAIL_BYTES) {
        if (bytes[start - 1] == '\n' && start < size && ++lines == TAIL_LINES)
            return start;
        start--;
    }
    return start;
}

/* Counts the lines among the first bytes of a spool. */
typedef struct LineCount {
    uint64_t n_left; /* bytes still to be searched */
    size_t n_lines;
} LineCount;

/* A DagSpoolTaker. */
static bool
count_lines(const char *bytes, uint64_t size, void *data)
{
    LineCount *count = data;
    size_t n = MIN(size, count->n_left);

    for (size_t i = 0; bytes && i < n; i++)
        count->n_lines += bytes[i] == '\n';
    count->n_left -= n;
    return count->n_left > 0;
}

/* Print how much precedes the tail.  Lines are counted only if that is quick. */
static void
print_left_out(const TaskOutput *output, const DagSpool *spool, uint64_t n_bytes)
{
    LineCount count = {.n_left = n_bytes};
    g_autofree char *amount = NULL;

    if (n_bytes <= TASK_OUTPUT_LARGE) {
        dag_spool_read(spool, count_lines, &count);
        amount = g_strdup_printf("%zu lines", MAX(count.n_lines, 1));
    } else {
        amount = g_strdup_printf("%" PRIu64 " bytes", n_bytes);
    }
    fprintf(diagnostics(), "%s  (%s before these are left out; -v shows %s)%s\n",
            dim(output), amount, dag_spool_n_lost(spool) > 0 ? "what was kept" : "them",
            reset(output));
}

void
task_output_diagnose_tail(const TaskOutput *output, const DagEvent *event)
{
    const DagSpool *spool = event->transcript;
    char tail[TAIL_BYTES];
    size_t n = dag_spool_tail(spool, tail, sizeof(tail)), start = tail_start(tail, n);
    uint64_t n_left_out = dag_spool_size(spool) - (n - start);

    if (n_left_out > 0)
        print_left_out(output, spool, n_left_out);
    fwrite(tail + start, 1, n - start, diagnostics());
    if (n > 0 && tail[n - 1] != '\n')
        fputc('\n', diagnostics());
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
