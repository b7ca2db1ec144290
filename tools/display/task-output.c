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
#include <unistd.h>

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

static bool
lacks_newline(const DagSpool *spool)
{
    char last = '\n';

    dag_spool_tail(spool, &last, 1);
    return last != '\n';
}

/* Return the note that is printed in place of lost bytes. */
static char *
gap_text(const DagSpool *spool, uint64_t n_lost)
{
    int problem = dag_spool_problem(spool);

    return g_strdup_printf("\n[%" PRIu64 " bytes are lost here%s%s]\n", n_lost,
                           problem ? ": " : "", problem ? g_strerror(problem) : "");
}

/* A spool being printed. */
typedef struct Printing {
    const DagSpool *spool;
    uint64_t n_left; /* bytes */
    bool to_stderr;
    bool is_cut; /* stopped before the end */
} Printing;

/* A DagSpoolTaker. */
static bool
print_piece(const char *bytes, uint64_t size, void *data)
{
    Printing *printing = data;
    g_autofree char *gap = bytes ? NULL : gap_text(printing->spool, size);
    const char *text = gap ? gap : bytes;
    size_t length = gap ? strlen(gap) : size;

    if (printing->to_stderr)
        fwrite(text, 1, length, diagnostics());
    else
        output_write(text, length);
    printing->n_left -= size;
    printing->is_cut =
        printing->n_left > 0 && dag_spool_size(printing->spool) > TASK_OUTPUT_LARGE &&
        !(printing->to_stderr ? output_diagnostics_are_wanted() : output_is_wanted());
    return !printing->is_cut;
}

static void
print_spool(TaskOutput *output, const DagEvent *event, bool to_stderr)
{
    const DagSpool *spool = event->transcript;
    Printing printing = {spool, dag_spool_size(spool), to_stderr, false};
    int problem = dag_spool_read(spool, print_piece, &printing);

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
    print_spool(output, event, true);
    if (lacks_newline(event->transcript))
        fputc('\n', diagnostics());
}

/* If an output does not end with a newline, add one before the next output.  A single output
 * is thus copied byte for byte, except to a terminal, where the newline follows at once. */
void
task_output_print(TaskOutput *output, const DagEvent *event)
{
    bool is_open = lacks_newline(event->transcript);

    if (output->to_stderr) {
        task_output_diagnose(output, event);
        return;
    }
    output_flush_diagnostics();
    if (output->line_is_open)
        output_write("\n", 1);
    print_spool(output, event, false);
    output->line_is_open = is_open && !isatty(STDOUT_FILENO);
    if (is_open && !output->line_is_open)
        output_write("\n", 1);
    output_flush();
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
