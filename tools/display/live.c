/* SPDX-License-Identifier: MIT */
/*
 * Diagnostics are held back until the next tick and then written together with the live lines,
 * so that the live lines do not flicker while other lines scroll past above them.
 */
#include "display/live.h"

#include "display/live-lines.h"
#include "display/output.h"
#include "display/terminal.h"

#include <dagrun/duration.h>

#define ESTIMATE_NS 1000000000 /* between estimates, so that the number can be read */
/* An estimate is followed by this many times as long without one: it takes at most 1 % of a processor. */
#define ESTIMATE_REST 99

static void
begin(Live *live, const DagEvent *event)
{
    size_t n = dag_graph_n_tasks(dag_plan_graph(dag_run_plan(event->run)));

    live->tasks = g_new0(EstimateTask, n);
    live->seconds_left = -1;
    live->next_estimate_ns = ESTIMATE_NS;
    output_hold(true);
}

static void
end(void)
{
    output_undraw();
    output_hold(false);
}

void
live_clear(Live *live)
{
    if (!live->tasks)
        return;
    end(); /* RUN_FINISHED may be missing if the run could not start */
    g_clear_pointer(&live->tasks, g_free);
}

static void
record_end(Live *live, const DagEvent *event)
{
    DagRecord record = dag_run_record(event->run, event->task);

    live->tasks[event->task] = (EstimateTask){
        .state = record.outcome == DAG_SUCCEEDED ? ESTIMATE_SUCCEEDED
                 : record.outcome == DAG_REUSED  ? ESTIMATE_REUSED
                                                 : ESTIMATE_UNUSABLE,
        .seconds = (double)(record.end_ns - record.start_ns) / 1e9,
    };
}

static bool
is_stopping(const Live *live, const DagEvent *event, const Tally *tally)
{
    if (live->cancel && dag_cancel_level(live->cancel) != DAG_CANCEL_NONE)
        return true;
    if (dag_run_timeout_ns(event->run) > 0 &&
        event->time_ns >= dag_run_timeout_ns(event->run))
        return true;
    return tally->n_failed > tally->n_allowed && !dag_run_keeps_going(event->run);
}

static void
estimate(Live *live, const DagEvent *event, const Tally *tally)
{
    int64_t start_ns;

    if (event->time_ns < live->next_estimate_ns)
        return;
    start_ns = dag_clock_ns();
    live->estimated_ns = event->time_ns;
    for (guint i = 0; i < tally->running->len; i++) {
        const TallyTask *task = &g_array_index(tally->running, TallyTask, i);

        live->tasks[task->id] = (EstimateTask){
            .state = ESTIMATE_RUNNING,
            .seconds =
                task->is_pausing ? 0 : (double)(event->time_ns - task->since_ns) / 1e9,
        };
    }
    live->seconds_left = estimate_seconds_left(&(Estimate){
        .plan = dag_run_plan(event->run),
        .tasks = live->tasks,
        .machine = {dag_run_n_workers(event->run), dag_run_n_connections(event->run)},
        .strategy = dag_run_strategy(event->run),
        .seed = dag_run_seed(event->run),
    });
    live->next_estimate_ns =
        event->time_ns + MAX(ESTIMATE_NS, ESTIMATE_REST * (dag_clock_ns() - start_ns));
}

/* Return the seconds left: those of the last estimate, less the time that has passed since. */
static double
seconds_left(const Live *live, int64_t now_ns)
{
    double passed = (double)(now_ns - live->estimated_ns) / 1e9;

    return live->seconds_left < 0 ? -1 : MAX(live->seconds_left - passed, 0);
}

static void
draw(Live *live, const DagEvent *event, const Tally *tally)
{
    g_autoptr(GString) text = g_string_new(NULL);
    unsigned width, height;

    if (output_is_withheld() || !terminal_is_foreground(stderr)) {
        output_draw(NULL); /* a task has the terminal, or dagrun is in the background */
        return;
    }
    terminal_size(stderr, &width, &height);
    if (width != live->style.width || height != live->height)
        output_undraw(); /* the terminal may have wrapped the lines */
    live->style.width = width;
    live->height = height;
    live_lines_compose(
        &(LiveLines){
            .plan = dag_run_plan(event->run),
            .tally = tally,
            .now_ns = event->time_ns,
            .seconds_left = seconds_left(live, event->time_ns),
            .is_interrupted =
                live->cancel && dag_cancel_level(live->cancel) == DAG_CANCEL_TERM,
            .is_stopping = is_stopping(live, event, tally),
            .retries = live->retries,
        },
        live->style, height, text);
    output_draw(text->str);
}

void
live_notify(Live *live, const DagEvent *event, const Tally *tally)
{
    switch (event->type) {
    case DAG_EVENT_RUN_STARTED:
        begin(live, event);
        break;
    case DAG_EVENT_TASK_FINISHED:
        record_end(live, event);
        break;
    case DAG_EVENT_CANCELLED:
    case DAG_EVENT_TICK:
        estimate(live, event, tally);
        draw(live, event, tally);
        break;
    case DAG_EVENT_RUN_FINISHED:
        end();
        break;
    case DAG_EVENT_TASK_STARTED:
    case DAG_EVENT_LATE_TEXT:
    case DAG_EVENT_TEXT:
    case DAG_EVENT_TOKENS:
    case DAG_EVENT_ATTEMPT_FAILED:
    case DAG_EVENT_ATTEMPT_WITHDRAWN:
    case DAG_EVENT_PHASE_STARTED:
    case DAG_EVENT_PHASE_FINISHED:
        break;
    }
}
