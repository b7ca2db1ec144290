/* SPDX-License-Identifier: MIT */
/*
 * All lines go to standard error; see display/task-output.h for the output of tasks.
 */
#include "display/progress.h"

#include "display/output.h"
#include "display/phase-log.h"
#include "display/safe-text.h"
#include "display/task-text.h"
#include "display/terminal.h"

#include <dagrun/dagrun.h>
#include <dagrun/tasks.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A wait that a person notices. */
#define LEAST_WAIT_NS INT64_C(200000000)

#define RED   safe_text_red
#define DIM   safe_text_dim
#define RESET safe_text_reset

/* A status line names the running tasks. */
#define STATUS_TASKS   3          /* names at most */
#define STATUS_TICK_NS 1000000000 /* precision of its interval */

/* Between two looks for stopped processes; one that both find has not only just been stopped. */
#define STOPPED_NS 5000000000

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

/* Print the command of a failed task, and its output or the tail of it. */
static void
print_failure(Progress *progress, const DagEvent *event)
{
    g_autoptr(GString) command = g_string_new(NULL);

    dag_graph_describe_task(graph_of_event(event), event->task, command);
    for (char *line = command->str, *end; *line; line = end) {
        end = line + strcspn(line, "\n");
        diagnose("%s  $ %.*s%s\n", color(progress, DIM), (int)(end - line), line,
                 color(progress, RESET));
        end += *end == '\n';
    }
    if (event->transcript &&
        !(progress->as_lines && task_output_is_printed(&progress->output, event)))
        task_output_diagnose(&progress->output, event);
}

/* "[ 3/10] " */
static void
print_count(const Progress *progress, const DagEvent *event)
{
    size_t n = dag_graph_n_tasks(graph_of_event(event));
    int width = snprintf(NULL, 0, "%zu", n);

    diagnose("%s[%*zu/%zu]%s ", color(progress, DIM), width, progress->tally.n_finished, n,
             color(progress, RESET));
}

static bool
is_failure(DagOutcome outcome)
{
    return outcome == DAG_FAILED || outcome == DAG_TIMED_OUT;
}

/* Append "failed: exit status 7 after 12 ms" or "timed out: 2 attempts of 1.00 s, 2.51 s in all";
 * no time if the task never started. */
static void
append_end(GString *out, const DagEvent *event, const DagRecord *record)
{
    char duration[DAG_DURATION_SIZE];
    g_autoptr(GString) end = g_string_new(NULL);
    bool names_outcome = dag_report_end(event->run, event->task, end);

    if (!names_outcome)
        g_string_append_printf(out, "%s: ", dag_outcome_name(record->outcome));
    g_string_append(out, end->str);
    if (record->start_ns >= 0)
        g_string_append_printf(
            out, names_outcome && record->n_attempts > 1 ? ", %s in all" : " after %s",
            dag_duration_format(record->end_ns - record->start_ns, duration));
}

/* Print the rest of the line of a task that did not succeed. */
static void
print_bad_end(const Progress *progress, const DagEvent *event, const DagRecord *record)
{
    const DagGraph *graph = graph_of_event(event);
    bool is_allowed = is_failure(record->outcome) &&
                      dag_graph_task_policy(graph, event->task)->allow_failure;
    g_autoptr(GString) end = g_string_new(NULL);

    append_end(end, event, record);
    diagnose("%s%s  %s%s%s\n", color(progress, is_allowed ? DIM : RED),
             dag_graph_task_name(graph, event->task), end->str,
             is_allowed ? " (allowed)" : "", color(progress, RESET));
}

/* "clean  reused from run 7" */
static void
print_reused(const Progress *progress, const DagEvent *event)
{
    const char *origin = dag_run_reuse(event->run, event->task);

    diagnose("%s  %sreused%s%s%s\n",
             dag_graph_task_name(graph_of_event(event), event->task), color(progress, DIM),
             origin ? " from " : "", origin ? origin : "", color(progress, RESET));
}

static void
print_outcome(const Progress *progress, const DagEvent *event)
{
    DagRecord record = dag_run_record(event->run, event->task);
    char duration[DAG_DURATION_SIZE];

    if (!progress->log)
        print_count(progress, event);
    else if (!dag_outcome_is_success(record.outcome))
        diagnose("[TASK] ");
    if (record.outcome == DAG_REUSED)
        print_reused(progress, event);
    else if (record.outcome != DAG_SUCCEEDED)
        print_bad_end(progress, event, &record);
    else
        diagnose("%s  %s%s%s\n", dag_graph_task_name(graph_of_event(event), event->task),
                 color(progress, DIM),
                 dag_duration_format(record.end_ns - record.start_ns, duration),
                 color(progress, RESET));
}

/* An attempt has ended, or a task that never ran. */
static void
end_attempt(Progress *progress, const DagEvent *event)
{
    task_lines_end(&progress->lines, &progress->output, event);
    if (!progress->has_lent || progress->lent_to != event->task)
        return;
    progress->has_lent = false;
    output_withhold(false);
}

static void
task_finished(Progress *progress, const DagEvent *event)
{
    DagOutcome outcome = dag_run_record(event->run, event->task).outcome;
    bool never_started = dag_run_record(event->run, event->task).start_ns < 0;
    bool is_good = dag_outcome_is_success(outcome);

    /* The summary counts the tasks that never started because the run ended early. */
    if (never_started && !is_good &&
        (outcome == DAG_CANCELLED || !dag_run_keeps_going(event->run)))
        return;
    end_attempt(progress, event);
    tally_finish(&progress->tally, event->task, outcome,
                 dag_graph_task_policy(graph_of_event(event), event->task)->allow_failure);
    if (is_good ? !progress->log && progress->verbosity > VERBOSITY_QUIET
                : is_failure(outcome) || progress->verbosity > VERBOSITY_QUIET)
        print_outcome(progress, event);
    if (is_failure(outcome))
        print_failure(progress, event);
    else if (event->transcript && progress->verbosity > VERBOSITY_QUIET &&
             !progress->as_lines)
        task_output_print(&progress->output, event);
    if (event->transcript)
        task_output_report_loss(&progress->output, event);
}

/* "fetch  attempt 1 failed: exit status 7; the next one in 1.04 s at the earliest" */
static void
attempt_failed(Progress *progress, const DagEvent *event)
{
    const char *name = dag_graph_task_name(graph_of_event(event), event->task);
    const char *reason = event->failed->reason;
    char pause[DAG_DURATION_SIZE];

    if (event->transcript)
        task_output_report_loss(&progress->output, event);
    if (progress->verbosity == VERBOSITY_QUIET)
        return;
    if (progress->log)
        diagnose("[TASK] ");
    diagnose("%s%s  attempt %u %s%s%s; the next one in %s at the earliest%s\n",
             color(progress, RED), name, event->attempt,
             dag_outcome_name(event->failed->outcome), reason ? ": " : "",
             reason ? reason : "", dag_duration_format(event->pause_ns, pause),
             color(progress, RESET));
    print_failure(progress, event);
}

/* "fetch  waits 38.0 s for llm, as its server asks" */
static void
attempt_withdrawn(const Progress *progress, const DagEvent *event)
{
    char pause[DAG_DURATION_SIZE];

    if (progress->verbosity == VERBOSITY_QUIET || event->pause_ns < LEAST_WAIT_NS)
        return;
    if (progress->log)
        diagnose("[TASK] ");
    diagnose("%s%s  waits %s%s%s, as its server asks%s\n", color(progress, DIM),
             dag_graph_task_name(graph_of_event(event), event->task),
             dag_duration_format(event->pause_ns, pause), event->pool ? " for " : "",
             event->pool ? event->pool : "", color(progress, RESET));
}

static void
task_started(const Progress *progress, const DagEvent *event)
{
    const DagGraph *graph = graph_of_event(event);
    g_autoptr(GString) command = g_string_new(NULL);

    dag_graph_describe_task(graph, event->task, command);
    diagnose("%s%s starts: %s%s\n", color(progress, DIM),
             dag_graph_task_name(graph, event->task), command->str, color(progress, RESET));
}

/* Begin a line, wherever a task will leave the cursor: as many spaces as the terminal has columns wrap,
 * unless they begin in the first one. */
static void
begin_line(void)
{
    unsigned width, height;

    terminal_size(stderr, &width, &height);
    if (!terminal_is_screen(stderr))
        return;

    g_autofree char *blanks = g_strdup_printf("%*s\r", (int)width, "");

    diagnose_data(blanks, strlen(blanks));
}

/* "[1/3] sign has the terminal", and nothing more until it has ended. */
static void
lend_terminal(Progress *progress, const DagEvent *event)
{
    bool lends = dag_tasks_has_terminal(progress->tasks);

    if (lends && progress->verbosity > VERBOSITY_QUIET) {
        if (progress->log)
            diagnose("[TASK] ");
        else
            print_count(progress, event);
        diagnose("%s has the terminal\n",
                 dag_graph_task_name(graph_of_event(event), event->task));
    }
    progress->has_lent = lends;
    progress->lent_to = event->task;
    if (lends) {
        output_withhold(true);
        begin_line();
    }
    dag_tasks_lend_terminal(progress->tasks, event->task, lends);
}

/* Append "45 s", "2 min 05 s" or "1 h 02 min".  Unlike dag_duration_format(), without fractions. */
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
print_running(const Progress *progress, const DagEvent *event)
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
        diagnose("[TASK] ");
    else
        print_count(progress, event);
    diagnose("%s\n", text->str);
}

/* Append "SIGTERM", or "signal 40" for one without a name. */
static void
append_signal(GString *out, int number)
{
    if (sigabbrev_np(number))
        g_string_append_printf(out, "SIG%s", sigabbrev_np(number));
    else
        g_string_append_printf(out, "signal %d", number);
}

/* Return the number of tasks that run, without those that wait for their next attempt. */
static unsigned
count_running(const Progress *progress)
{
    unsigned n = 0;

    for (guint i = 0; i < progress->tally.running->len; i++)
        n += !g_array_index(progress->tally.running, TallyTask, i).is_pausing;
    return n;
}

/* Append what happens to `n` running tasks after the first request to end. */
static void
append_waiting(GString *out, const DagEvent *event, unsigned n, int signal_number)
{
    char grace[DAG_DURATION_SIZE];

    g_string_append_printf(
        out, ": waiting up to %s for %u running task%s; a second %s kills %s",
        dag_duration_format(dag_run_grace_ns(event->run), grace), n, n == 1 ? "" : "s",
        signal_number == SIGINT ? "^C" : "signal", n == 1 ? "it" : "them");
}

/* "interrupted by SIGINT: waiting up to 5.00 s for 2 running tasks; a second ^C kills them" */
static void
print_cancelled(const Progress *progress, const DagEvent *event)
{
    bool kills = dag_cancel_level(progress->cancel) == DAG_CANCEL_KILL;
    int number = dag_cancel_signal(progress->cancel);
    unsigned n = count_running(progress);
    g_autoptr(GString) text = g_string_new("interrupted ");

    if (kills) {
        g_string_append_printf(text, "again: killing %u running task%s", n,
                               n == 1 ? "" : "s");
    } else {
        g_string_append(text, "by ");
        append_signal(text, number);
        if (n > 0)
            append_waiting(text, event, n, number);
    }
    if (progress->log)
        diagnose("[TASK] ");
    else
        print_count(progress, event);
    diagnose("%s%s%s\n", color(progress, RED), text->str, color(progress, RESET));
}

/* Print a status line if no line was printed for status_ns. */
static void
print_status(const Progress *progress, const DagEvent *event)
{
    if (progress->status_ns > 0 && progress->tally.running->len > 0 &&
        event->time_ns - progress->last_line_ns >= progress->status_ns)
        print_running(progress, event);
}

/* Flush the lines of this event.  Record the time if there were any. */
static void
flush(Progress *progress, const DagEvent *event)
{
    output_flush_diagnostics();
    if (output_n_diagnostic_bytes() == progress->n_flushed)
        return;
    progress->n_flushed = output_n_diagnostic_bytes();
    progress->last_line_ns = event->time_ns;
}

/* Show the last line of the text in the live display. */
static void
show_last_line(Progress *progress, const DagEvent *event)
{
    g_autoptr(GString) fit = g_string_new(NULL);
    TaskText text = {.keeps_color = false};
    const char *line;

    task_text_push(&text, event->text, event->text_size, fit);
    g_strchomp(fit->str);
    line = strrchr(fit->str, '\n');
    line = line ? line + 1 : fit->str;
    if (strrchr(line, '\r'))
        line = strrchr(line, '\r') + 1;
    if (*line)
        tally_say(&progress->tally, event->task, line);
}

static void
text_written(Progress *progress, const DagEvent *event)
{
    if (progress->as_lines)
        task_lines_push(&progress->lines, &progress->output, event);
    if (progress->is_live)
        show_last_line(progress, event);
}

/* "process 4711 (git fetch) of "fetch" is stopped; kill -CONT 4711 continues it", once for each process. */
static void
print_stopped(Progress *progress, const DagEvent *event)
{
    int64_t interval_ns =
        progress->is_live ? STOPPED_NS : MIN(progress->status_ns, STOPPED_NS);
    g_auto(GStrv) lines = NULL;

    if (progress->tally.running->len == 0 || progress->verbosity == VERBOSITY_QUIET)
        return;
    lines = stopped_look(&progress->stopped, graph_of_event(event), event->time_ns,
                         interval_ns);
    for (char **line = lines; line && *line; line++) {
        if (progress->log)
            diagnose("[TASK] ");
        else
            print_count(progress, event);
        diagnose("%s%s is stopped; kill -CONT %d continues it%s\n", color(progress, RED),
                 *line, atoi(*line + strlen("process ")), color(progress, RESET));
    }
}

static void
begin_attempt(Progress *progress, const DagEvent *event)
{
    tally_start(&progress->tally, event->task, event->time_ns);
    if (progress->verbosity == VERBOSITY_ALL)
        task_started(progress, event);
    if (dag_tasks_wants_terminal(graph_of_event(event), event->task))
        lend_terminal(progress, event);
}

static void
tick(Progress *progress, const DagEvent *event)
{
    print_stopped(progress, event);
    if (output_is_withheld() || (progress->is_live && terminal_is_foreground(stderr)))
        return;
    print_status(progress, event);
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
        begin_attempt(progress, event);
        break;
    case DAG_EVENT_ATTEMPT_FAILED:
        end_attempt(progress, event);
        tally_pause(&progress->tally, event->task, event->time_ns);
        attempt_failed(progress, event);
        break;
    case DAG_EVENT_ATTEMPT_WITHDRAWN:
        end_attempt(progress, event);
        tally_wait(&progress->tally, event->task, event->time_ns,
                   &(TallyWait){event->time_ns + event->pause_ns, event->pool});
        attempt_withdrawn(progress, event);
        break;
    case DAG_EVENT_TASK_FINISHED:
        task_finished(progress, event);
        break;
    case DAG_EVENT_PHASE_STARTED:
    case DAG_EVENT_PHASE_FINISHED:
    case DAG_EVENT_RUN_FINISHED:
        if (progress->log)
            phase_log_notify(event);
        break;
    case DAG_EVENT_CANCELLED:
        if (!progress->is_live && progress->verbosity > VERBOSITY_QUIET)
            print_cancelled(progress, event);
        break;
    case DAG_EVENT_LATE_TEXT: /* the log of a server may tell why the run failed */
        if (progress->tally.n_failed > progress->tally.n_allowed)
            task_output_print_late(&progress->output, event);
        break;
    case DAG_EVENT_TEXT:
        text_written(progress, event);
        break;
    case DAG_EVENT_TOKENS:
        tally_count(&progress->tally, event->task, event->time_ns, event->n_tokens);
        break;
    case DAG_EVENT_TICK:
        tick(progress, event);
        break;
    }
    if (progress->is_live)
        live_notify(&progress->live, event, &progress->tally);
    flush(progress, event);
}

DagObserver
progress_observer(Progress *progress)
{
    int64_t tick_ns =
        progress->is_live ? LIVE_TICK_NS : MIN(progress->status_ns, STATUS_TICK_NS);

    return (DagObserver){.notify = notify, .data = progress, .tick_ns = tick_ns};
}

DagFollow
progress_follow(const Progress *progress)
{
    if (progress->as_lines)
        return DAG_FOLLOW_ALL;
    return progress->is_live ? DAG_FOLLOW_LAST : DAG_FOLLOW_NONE;
}

void
progress_clear(Progress *progress)
{
    live_clear(&progress->live);
    stopped_clear(&progress->stopped);
    tally_clear(&progress->tally);
    task_lines_clear(&progress->lines);
    kept_texts_clear(&progress->output.kept);
}
