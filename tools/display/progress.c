/* SPDX-License-Identifier: MIT */
/*
 * Everything here is written to standard error, but for what tasks said, which is a result and
 * goes to standard output, as one block when its task has ended.  The two are flushed in turn, so
 * that they stand in order on a screen that shows both.
 */
#include "display/progress.h"

#include "commands/command.h"
#include "display/output.h"
#include "display/terminal.h"

#include <dagrun/dagrun.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Of what a failed task said, at least the end is shown; -v shows all. */
#define TAIL_LINES 40
#define TAIL_BYTES 16384

/* In a block that is longer, the lines are not counted, and it ends when the run is to. */
#define LARGE_BYTES 1048576

#define RED   TERMINAL_RED
#define DIM   TERMINAL_DIM
#define RESET TERMINAL_RESET

#define STATUS_TASKS   3          /* names in a line that says what runs */
#define STATUS_TICK_NS 1000000000 /* how exactly such a line is on time */

static const char *
color(const Progress *progress, const char *sequence)
{
    return progress->style.color ? sequence : "";
}

static const DagGraph *
graph_of_event(const DagEvent *event)
{
    return dag_plan_graph(dag_run_plan(event->run));
}

static bool
lacks_line_end(const DagSpool *said)
{
    char last = '\n';

    dag_spool_tail(said, &last, 1);
    return last != '\n';
}

/* What is missing is told where it is missing. */
static char *
gap_text(const DagSpool *said, uint64_t n_lost)
{
    int problem = dag_spool_problem(said);

    return g_strdup_printf("\n[%" PRIu64 " bytes are lost here%s%s]\n", n_lost,
                           problem ? ": " : "", problem ? g_strerror(problem) : "");
}

/* All that a task said, being printed. */
typedef struct Block {
    const DagSpool *said;
    uint64_t n_left; /* bytes */
    bool to_stderr;
    bool is_cut; /* the rest is not worth while */
} Block;

/* One of DagSpoolTaker. */
static bool
write_piece(const char *bytes, uint64_t size, void *data)
{
    Block *block = data;
    g_autofree char *gap = bytes ? NULL : gap_text(block->said, size);
    const char *text = gap ? gap : bytes;
    size_t length = gap ? strlen(gap) : size;

    if (block->to_stderr)
        fwrite(text, 1, length, diagnostics());
    else
        output_write(text, length);
    block->n_left -= size;
    block->is_cut = block->n_left > 0 && dag_spool_size(block->said) > LARGE_BYTES &&
                    !(block->to_stderr ? output_diagnostics_go_on() : output_goes_on());
    return !block->is_cut;
}

static void
write_pieces(Progress *progress, const DagEvent *event, bool to_stderr)
{
    const DagSpool *said = event->transcript;
    const char *name = dag_graph_task_name(graph_of_event(event), event->task);
    Block block = {said, dag_spool_size(said), to_stderr, false};
    int problem = dag_spool_read(said, write_piece, &block);

    output_flush();
    if (problem) {
        complain("cannot read again what \"%s\" said: %s", name, g_strerror(problem));
        progress->is_incomplete = true;
    }
    if (block.is_cut)
        fprintf(diagnostics(), "%s  (the rest of what %s said is left out)%s\n",
                color(progress, DIM), name, color(progress, RESET));
}

static void
diagnose_block(Progress *progress, const DagEvent *event)
{
    write_pieces(progress, event, true);
    if (lacks_line_end(event->transcript))
        fputc('\n', diagnostics());
}

/* A block that did not end its last line is told apart from the next one; a single block is
 * what the task wrote, to the byte, unless a person looks at it. */
static void
write_block(Progress *progress, const DagEvent *event)
{
    bool is_open = lacks_line_end(event->transcript);

    if (progress->blocks_to_stderr) {
        diagnose_block(progress, event);
        return;
    }
    output_flush_diagnostics();
    if (progress->line_is_open)
        output_write("\n", 1);
    write_pieces(progress, event, false);
    progress->line_is_open = is_open && !isatty(STDOUT_FILENO);
    if (is_open && !progress->line_is_open)
        output_write("\n", 1);
    output_flush();
}

/* Returns: where the last lines of the text begin. */
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

/* Lines among the first bytes of a spool. */
typedef struct LineCount {
    uint64_t n_left; /* of those bytes */
    size_t n_lines;
} LineCount;

/* One of DagSpoolTaker. */
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

static void
tell_left_out(const Progress *progress, const DagSpool *said, uint64_t n_bytes)
{
    LineCount count = {.n_left = n_bytes};
    g_autofree char *what = NULL;

    if (n_bytes <= LARGE_BYTES) {
        dag_spool_read(said, count_lines, &count);
        what = g_strdup_printf("%zu lines", MAX(count.n_lines, 1));
    } else {
        what = g_strdup_printf("%" PRIu64 " bytes", n_bytes);
    }
    fprintf(diagnostics(), "%s  (%s before these are left out; -v shows %s)%s\n",
            color(progress, DIM), what,
            dag_spool_n_lost(said) > 0 ? "what was kept" : "them", color(progress, RESET));
}

/* The end of what a failed task said, on standard error. */
static void
tell_tail(const Progress *progress, const DagSpool *said)
{
    char tail[TAIL_BYTES];
    size_t n = dag_spool_tail(said, tail, sizeof(tail)), start = tail_start(tail, n);
    uint64_t n_left_out = dag_spool_size(said) - (n - start);

    if (n_left_out > 0)
        tell_left_out(progress, said, n_left_out);
    fwrite(tail + start, 1, n - start, diagnostics());
    if (n > 0 && tail[n - 1] != '\n')
        fputc('\n', diagnostics());
}

/* A failure is a diagnostic: its command and the end of what it said go to standard error. */
static void
tell_failure(Progress *progress, const DagEvent *event)
{
    g_autoptr(GString) command = g_string_new(NULL);

    dag_graph_describe_task(graph_of_event(event), event->task, command);
    for (char *line = command->str, *end; *line; line = end) {
        end = line + strcspn(line, "\n");
        fprintf(diagnostics(), "%s  $ %.*s%s\n", color(progress, DIM), (int)(end - line),
                line, color(progress, RESET));
        end += *end == '\n';
    }
    if (event->transcript && progress->verbosity == VERBOSITY_ALL)
        diagnose_block(progress, event);
    else if (event->transcript)
        tell_tail(progress, event->transcript);
}

/* What could not be kept, whether it would have been printed or not. */
static void
tell_loss(const Progress *progress, const DagEvent *event)
{
    const DagSpool *said = event->transcript;
    const DagGraph *graph = graph_of_event(event);

    if (dag_spool_log_problem(said)) {
        g_autofree char *name = dag_log_name(graph, event->task);
        g_autofree char *path = g_build_filename(progress->log_directory, name, NULL);

        complain("cannot write \"%s\": %s", path, g_strerror(dag_spool_log_problem(said)));
    }
    if (dag_spool_n_lost(said) > 0)
        complain("%" PRIu64 " bytes of what \"%s\" said are lost: %s",
                 dag_spool_n_lost(said), dag_graph_task_name(graph, event->task),
                 g_strerror(dag_spool_problem(said)));
}

/* "[ 3/10] " */
static void
tell_count(const Progress *progress, const DagEvent *event)
{
    size_t n = dag_graph_n_tasks(graph_of_event(event));
    int width = snprintf(NULL, 0, "%zu", n);

    fprintf(diagnostics(), "%s[%*zu/%zu]%s ", color(progress, DIM), width,
            progress->tally.n_finished, n, color(progress, RESET));
}

static bool
is_failure(DagOutcome outcome)
{
    return outcome == DAG_FAILED || outcome == DAG_TIMED_OUT;
}

/* Appends ": exit status 7 after 12 ms", as far as there is anything to tell. */
static void
append_end(GString *out, const DagRecord *record, const char *reason)
{
    char duration[DAG_DURATION_SIZE];

    if (reason)
        g_string_append_printf(out, ": %s", reason);
    if (record->start_ns >= 0)
        g_string_append_printf(
            out, " after %s",
            dag_duration_format(record->end_ns - record->start_ns, duration));
}

/* A task that did not succeed. */
static void
tell_bad_end(const Progress *progress, const DagEvent *event, const DagRecord *record)
{
    const DagGraph *graph = graph_of_event(event);
    bool is_allowed = is_failure(record->outcome) &&
                      dag_graph_task_policy(graph, event->task)->allow_failure;
    g_autoptr(GString) end = g_string_new(dag_outcome_name(record->outcome));

    append_end(end, record, dag_run_reason(event->run, event->task));
    fprintf(diagnostics(), "%s%s  %s%s%s\n", color(progress, is_allowed ? DIM : RED),
            dag_graph_task_name(graph, event->task), end->str,
            is_allowed ? " (allowed)" : "", color(progress, RESET));
}

static void
tell_outcome(const Progress *progress, const DagEvent *event)
{
    DagRecord record = dag_run_record(event->run, event->task);
    char duration[DAG_DURATION_SIZE];

    if (!progress->log)
        tell_count(progress, event);
    else if (record.outcome != DAG_SUCCEEDED)
        fputs("[TASK] ", diagnostics());
    if (record.outcome != DAG_SUCCEEDED)
        tell_bad_end(progress, event, &record);
    else
        fprintf(diagnostics(), "%s  %s%s%s\n",
                dag_graph_task_name(graph_of_event(event), event->task),
                color(progress, DIM),
                dag_duration_format(record.end_ns - record.start_ns, duration),
                color(progress, RESET));
}

static void
task_finished(Progress *progress, const DagEvent *event)
{
    DagOutcome outcome = dag_run_record(event->run, event->task).outcome;
    bool never_started = dag_run_record(event->run, event->task).start_ns < 0;
    bool is_good = outcome == DAG_SUCCEEDED;

    /* What the end of a run leaves behind is counted in the summary, not told one by one. */
    if (never_started && (outcome == DAG_CANCELLED || !dag_run_keeps_going(event->run)))
        return;
    tally_finish(&progress->tally, event->task, outcome,
                 dag_graph_task_policy(graph_of_event(event), event->task)->allow_failure);
    if (is_good ? !progress->log && progress->verbosity > VERBOSITY_QUIET
                : is_failure(outcome) || progress->verbosity > VERBOSITY_QUIET)
        tell_outcome(progress, event);
    if (is_failure(outcome))
        tell_failure(progress, event);
    else if (event->transcript && progress->verbosity > VERBOSITY_QUIET)
        write_block(progress, event);
    if (event->transcript)
        tell_loss(progress, event);
}

/* "fetch  attempt 1 failed: exit status 7; the next one in 1.04 s" */
static void
attempt_failed(Progress *progress, const DagEvent *event)
{
    const char *name = dag_graph_task_name(graph_of_event(event), event->task);
    const char *reason = event->failed->reason;
    char pause[DAG_DURATION_SIZE];

    if (event->transcript)
        tell_loss(progress, event);
    if (progress->verbosity == VERBOSITY_QUIET)
        return;
    if (progress->log)
        fputs("[TASK] ", diagnostics());
    fprintf(diagnostics(), "%s%s  attempt %u %s%s%s; the next one in %s%s\n",
            color(progress, RED), name, event->attempt,
            dag_outcome_name(event->failed->outcome), reason ? ": " : "",
            reason ? reason : "", dag_duration_format(event->pause_ns, pause),
            color(progress, RESET));
    tell_failure(progress, event);
}

static void
task_started(const Progress *progress, const DagEvent *event)
{
    const DagGraph *graph = graph_of_event(event);
    g_autoptr(GString) command = g_string_new(NULL);

    dag_graph_describe_task(graph, event->task, command);
    fprintf(diagnostics(), "%s%s starts: %s%s\n", color(progress, DIM),
            dag_graph_task_name(graph, event->task), command->str, color(progress, RESET));
}

/* Appends "Content Selection", or the one task's title, or "Phase 2". */
static void
append_title(const DagPlan *plan, uint32_t phase, GString *out)
{
    DagIds tasks = dag_plan_phase_tasks(plan, phase);
    const char *title = dag_plan_phase_title(plan, phase);

    if (title)
        g_string_append(out, title);
    else if (tasks.n == 1)
        g_string_append(out, dag_graph_task_title(dag_plan_graph(plan), tasks.ids[0]));
    else
        g_string_append_printf(out, "Phase %u", phase + 1);
}

static void
log_phase_started(const DagEvent *event)
{
    const DagPlan *plan = dag_run_plan(event->run);
    size_t n = dag_plan_phase_tasks(plan, event->phase).n;
    g_autoptr(GString) title = g_string_new(NULL);

    append_title(plan, event->phase, title);
    fprintf(diagnostics(), "[PHASE %u] %s: %s (%zu task%s)\n", event->phase + 1,
            n == 1 ? "Sequential" : "Parallel", title->str, n, n == 1 ? "" : "s");
}

static void
log_phase_finished(const DagEvent *event)
{
    int64_t start_ns, end_ns;

    dag_run_phase_span(event->run, event->phase, &start_ns, &end_ns);
    if (start_ns >= 0)
        fprintf(diagnostics(), "[PHASE %u] Complete: %.3fs\n", event->phase + 1,
                (double)(end_ns - start_ns) / 1e9);
}

/* Phases by their first start and last end, which without a barrier overlap. */
static void
log_timings(const DagEvent *event)
{
    const DagPlan *plan = dag_run_plan(event->run);
    double overall = (double)event->time_ns / 1e9;

    fprintf(diagnostics(), "[TIMING] Summary\n");
    for (uint32_t phase = 0; phase < dag_plan_n_phases(plan); phase++) {
        g_autoptr(GString) title = g_string_new(NULL);
        int64_t start_ns, end_ns;

        append_title(plan, phase, title);
        dag_run_phase_span(event->run, phase, &start_ns, &end_ns);
        if (start_ns >= 0)
            fprintf(diagnostics(), "[TIMING]   Phase %u: %.3fs  %s\n", phase + 1,
                    (double)(end_ns - start_ns) / 1e9, title->str);
        else
            fprintf(diagnostics(), "[TIMING]   Phase %u: not run  %s\n", phase + 1,
                    title->str);
    }
    fprintf(diagnostics(), "[TIMING]   Overall: %.3fs (%.2f minutes)\n", overall,
            overall / 60);
}

/* Appends "45 s", "2 min 05 s" or "1 h 02 min": without fractions, unlike dag_duration_format(). */
static void
append_whole(GString *out, int64_t ns)
{
    char buffer[DAG_DURATION_SIZE];

    if (ns < 100 * (int64_t)1000000000)
        g_string_append_printf(out, ns < 60 * (int64_t)1000000000 ? "%d s" : "1 min %02d s",
                               (int)(ns / 1000000000 % 60));
    else
        g_string_append(out, dag_duration_format(ns, buffer));
}

/* "[12/40] still running after 1 min 30 s: build-docs (1 min 02 s), fetch (45 s), and 3 more" */
static void
tell_running(const Progress *progress, const DagEvent *event)
{
    const GArray *running = progress->tally.running;
    g_autoptr(GString) text = g_string_new("still running after ");

    append_whole(text, event->time_ns);
    for (guint i = 0; i < MIN(running->len, STATUS_TASKS); i++) {
        const TallyTask *task = &g_array_index(running, TallyTask, i);

        g_string_append_printf(text, "%s%s (", i == 0 ? ": " : ", ",
                               dag_graph_task_name(graph_of_event(event), task->id));
        append_whole(text, event->time_ns - task->since_ns);
        if (task->attempt > 1)
            g_string_append_printf(text, ", attempt %u%s", task->attempt,
                                   task->is_pausing ? " follows" : "");
        g_string_append_c(text, ')');
    }
    if (running->len > STATUS_TASKS)
        g_string_append_printf(text, ", and %u more", running->len - STATUS_TASKS);
    if (progress->log)
        fputs("[TASK] ", diagnostics());
    else
        tell_count(progress, event);
    fprintf(diagnostics(), "%s\n", text->str);
}

/* A long silence is told, once in a while. */
static void
break_silence(const Progress *progress, const DagEvent *event)
{
    if (progress->tally.running->len > 0 &&
        event->time_ns - progress->told_ns >= progress->status_ns)
        tell_running(progress, event);
}

/* Hands on what was written of the event, and remembers whether that was anything. */
static void
hand_on(Progress *progress, const DagEvent *event)
{
    output_flush_diagnostics();
    if (output_n_diagnosed() == progress->n_told)
        return;
    progress->n_told = output_n_diagnosed();
    progress->told_ns = event->time_ns;
}

static void
notify(const DagEvent *event, void *data)
{
    Progress *progress = data;

    switch (event->type) {
    case DAG_EVENT_RUN_STARTED:
        tally_init(&progress->tally);
        break;
    case DAG_EVENT_TASK_STARTED:
        tally_start(&progress->tally, event->task, event->time_ns);
        if (progress->verbosity == VERBOSITY_ALL)
            task_started(progress, event);
        break;
    case DAG_EVENT_ATTEMPT_FAILED:
        tally_pause(&progress->tally, event->task, event->time_ns);
        attempt_failed(progress, event);
        break;
    case DAG_EVENT_TASK_FINISHED:
        task_finished(progress, event);
        break;
    case DAG_EVENT_PHASE_STARTED:
        if (progress->log)
            log_phase_started(event);
        break;
    case DAG_EVENT_PHASE_FINISHED:
        if (progress->log)
            log_phase_finished(event);
        break;
    case DAG_EVENT_RUN_FINISHED:
        if (progress->log)
            log_timings(event);
        break;
    case DAG_EVENT_TICK:
        if (!progress->is_live)
            break_silence(progress, event);
        break;
    }
    if (progress->is_live)
        live_notify(&progress->live, event, &progress->tally);
    hand_on(progress, event);
}

DagObserver
progress_observer(Progress *progress)
{
    int64_t tick_ns =
        progress->is_live ? LIVE_TICK_NS : MIN(progress->status_ns, STATUS_TICK_NS);

    return (DagObserver){notify, progress, tick_ns};
}

void
progress_clear(Progress *progress)
{
    live_clear(&progress->live);
    tally_clear(&progress->tally);
}
