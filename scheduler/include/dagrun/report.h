/* SPDX-License-Identifier: MIT */
/*
 * Reports of runs and plans.  Pure functions: each appends UTF-8 to a string, or passes it piece
 * by piece to a sink, and has no other effect.  All take O(tasks + dependencies).
 */
#pragma once

#include <dagrun/benchmark.h>
#include <dagrun/execute.h>
#include <dagrun/past-run.h>
#include <dagrun/plan.h>
#include <dagrun/replay.h>
#include <dagrun/run.h>
#include <dagrun/store.h>
#include <dagrun/strategy.h>
#include <dagrun/verify.h>

G_BEGIN_DECLS

/*
 * The receiver of a report that may be too long for memory.  `write` takes the next bytes, some
 * 64 KiB of them; they do not end with a zero.
 * Returns: false if no more are wanted.  The report then ends early.
 */
typedef struct DagReportSink {
    bool (*write)(const char *bytes, size_t size, void *data); /* takes the next bytes */
    void *data;                                                /* passed to write() */
} DagReportSink;

/* The form of text for people. */
typedef struct DagTextStyle {
    bool color;     /* use ANSI escape sequences */
    unsigned width; /* columns of the screen; 0: not limited */
    /* The name by which the user knows the time limit of the run; NULL: "the time limit".
     * Borrowed. */
    const char *timeout_name;
    /* The name by which the user chooses a strategy for a run; NULL: none.  Borrowed. */
    const char *strategy_name;
    /* Masked before a text is shortened, since nothing recognizes a part of a secret; see
     * dag_graph_mask().  NULL: none.  Borrowed. */
    const DagMask *secrets;
} DagTextStyle;

/*
 * Append a summary of a run: result, failures with reasons, a table of phases with durations, the
 * slowest tasks, makespan, critical path and lower bound; and the strategy that would have been
 * noticeably faster, if dag_simulate() finds one.  With a barrier strategy, the table shows the
 * last task of each phase and the idle time of workers.  Small runs have a short summary.
 */
void dag_report_summary(const DagRun *run, DagTextStyle style, GString *out);

/*
 * Append the whole run as JSON (docs/json.md): the content of timings.json.  The top level has
 * overall_duration_seconds, overall_duration_minutes, phase_timings (seconds of "phase1",
 * "phase2", …), each parameter of the graph with its type, timestamp (ISO 8601), and:
 *
 *   format_version      1; increased if a key changes its meaning or is removed
 *   graph, strategy     their names
 *   search              result and lower_bound_seconds of a strategy that searches, or null
 *   workers             number of worker threads
 *   connections         number of connections that could be open at once; 0 if no task uses one
 *   seed                an integer; beyond 2^63 - 1 a string of its digits
 *   keep_going          true if a failure stopped only the tasks that depend on it
 *   default_retries     retries of tasks that declare none
 *   grace_seconds       time from asking a task to end to killing it
 *   succeeded           true if every task succeeded, or failed and was allowed to, and neither a
 *                       signal nor the run's own limit stopped the run
 *   stopped_by          the reason why the run ended early, or null: "failure" (the first one,
 *                       without keep_going), "cancel" (a signal), "timeout" (the run's own limit);
 *                       the last of those that apply
 *   stop_reasons        all reasons that apply, in this order
 *   signal              the signal that stopped the run, or null
 *   timeout_seconds     the time limit of the run, or null
 *   makespan_seconds    first start to last end
 *   lower_bound_seconds no schedule of tasks with these durations is shorter; pauses between
 *                       attempts are not counted
 *   lower_bound_by      the largest of the bounds: "critical-path" (the longest chain), "workers",
 *                       "connections" or "pool NAME" (the work of its tasks, spread over its
 *                       workers, connections or slots), or "interval" (the work that workers
 *                       must do between two moments; up to 512 tasks, each with one attempt)
 *   counts              the number of tasks of each outcome
 *   allowed_failures    the number of failed or timed-out tasks that were allowed to
 *   pools               name, slots, lower_bound_seconds (by this pool)
 *   phases              number, title, tasks (their number), start_seconds, end_seconds
 *   excluded            names of the tasks excluded from the plan
 *   parameters          each parameter again
 *   tasks               in order of declaration: id, phase, outcome, reason, exit_code (128 + n
 *                       if signal n ended it), allowed (true: it failed and was allowed to),
 *                       start_seconds, end_seconds, duration_seconds (from the first start to
 *                       the last end), worker (from 0; absent if the task occupied a
 *                       connection), cost (null: not known).  A task with several attempts also has busy_seconds
 *                       (without the pauses) and attempts: outcome, reason, exit_code,
 *                       start_seconds, end_seconds, worker.  Its own outcome, reason, exit_code
 *                       and worker are those of the last attempt
 *
 * A parameter with the name of one of these keys is in `parameters` only.  Within phases and
 * tasks, keys that do not apply (no title, no reason, never started) are absent.  Times are
 * seconds since the run began.
 */
void dag_report_run_json(const DagRun *run, GString *out);

/* Write the same JSON to a sink. */
void dag_report_run_json_to(const DagRun *run, const DagReportSink *sink);

/*
 * Append the declared limits, attempts and pools of a task on one line in the words of the format,
 * such as "timeout 30.0 s, retries 2, uses db:2"; nothing if none is declared.
 */
void dag_report_limits(const DagGraph *graph, DagTaskId id, GString *out);

/* Return the limits of a pool on one line, such as "8 slots, 60/m, burst 1"; free with g_free(). */
char *dag_report_pool_limits(const DagPool *pool);

/* Append how a task that did not succeed ended: its reason, such as "exit status 7"; if its own
 * limit ended each of several attempts, "timed out: 2 attempts of 1.00 s"; or its outcome.
 * Returns: true if the text names the outcome. */
bool dag_report_end(const DagRun *run, DagTaskId id, GString *out);

/* Append a table of phases with cost, rank, slack and limits of each task, and the lower bounds;
 * `*` marks the critical path. */
void dag_report_plan_table(const DagPlan *plan, DagTextStyle style, GString *out);

/* Write the same table to a sink. */
void dag_report_plan_table_to(const DagPlan *plan, DagTextStyle style,
                              const DagReportSink *sink);

/* Write the same table with the largest lower bound for `n_workers` workers; 0: without it. */
void dag_report_plan_table_for(const DagPlan *plan, unsigned n_workers, DagTextStyle style,
                               const DagReportSink *sink);

/*
 * Append the plan as JSON: format_version, graph, phase_rule, dependencies (their number), critical_path
 * (names), critical_path_seconds, total_cost_seconds, phases (number, title, tasks), excluded,
 * parameters, pools (name, slots), machine (if the graph declares one), and tasks in order of
 * declaration: id, title, phase, kind, needs, critical (on the critical path), and seconds: cost, rank, earliest_start,
 * latest_start, slack; and, if declared, priority, timeout and retry_delay (seconds),
 * retries, retry_on and expect (exit codes), print, allow_failure and always (true), uses (slots
 * by pool).  A priority of 0 is left out.  A cost that is not known is null, and so is every number
 * of seconds that depends on one.
 */
void dag_report_plan_json(const DagPlan *plan, GString *out);

/* Write the same JSON to a sink. */
void dag_report_plan_json_to(const DagPlan *plan, const DagReportSink *sink);

/* Write the same JSON with workers, lower_bound_seconds and lower_bound_by, for `n_workers` workers; 0: without
 * these. */
void dag_report_plan_json_for(const DagPlan *plan, unsigned n_workers,
                              const DagReportSink *sink);

/*
 * Write a list as JSON: an array of objects with name and summary ("" if there is none).  A strategy
 * also has source.  A parameter also has type, default (as declared; null if a value must be given),
 * secret and, if it is a choice, choices.  `kinds` is NULL-terminated.
 */
void dag_report_strategies_json_to(const DagReportSink *sink);

/* Write the list of kinds. */
void dag_report_kinds_json_to(const DagKind *const *kinds, const DagReportSink *sink);

/* Write the list of tasks. */
void dag_report_tasks_json_to(const DagGraph *graph, const DagReportSink *sink);

/* Write the list of parameters. */
void dag_report_params_json_to(const DagGraph *graph, const DagReportSink *sink);

/* The subject of an explanation, and the machine for which its runs are simulated. */
typedef struct DagExplainOptions {
    const DagTaskId *tasks; /* [n_tasks]: explain these; none: the whole plan */
    size_t n_tasks;
    const DagStrategy *strategy; /* NULL: the first of dag_strategies() */
    unsigned n_workers;          /* 0: the cores that this process may use */
    unsigned n_connections;      /* 0: DAG_DEFAULT_CONNECTIONS */
    /* Simulated runs have the attempts of this one; NULL: they follow the costs. */
    DagReplay *replay;
} DagExplainOptions;

/*
 * Write explanations (dagrun/explain.h) for people.  Of each task: the reasons for its phase, its
 * earliest and latest start, its neighbours.  Of the whole plan: the gains from faster tasks, also for
 * a simulated run, dependencies that others imply, chains that may run one after another without need,
 * and phases of one task.
 */
void dag_report_explanation_to(const DagPlan *plan, const DagExplainOptions *options,
                               DagTextStyle style, const DagReportSink *sink);

/* Write the same as JSON (docs/json.md). */
void dag_report_explanation_json_to(const DagPlan *plan, const DagExplainOptions *options,
                                    const DagReportSink *sink);

/*
 * Write the causes of waiting in a run that has ended (dagrun/delays.h) for people: the chain of causes
 * from its last end back to its start, the time by cause, the tasks that waited longest.  The run is
 * also simulated again with the durations of the record.
 */
void dag_report_delays_to(const DagPlan *plan, const DagPastRun *past, DagTextStyle style,
                          const DagReportSink *sink);

/* Write the same as JSON (docs/json.md). */
void dag_report_delays_json_to(const DagPlan *plan, const DagPastRun *past,
                               const DagReportSink *sink);

/* Append the plan as a Graphviz document: phases are clusters, the critical path is red. */
void dag_report_plan_dot(const DagPlan *plan, GString *out);

/* Write the same graph to a sink. */
void dag_report_plan_dot_to(const DagPlan *plan, const DagReportSink *sink);

/* Append the plan as a Mermaid document.  By default, Mermaid draws at most 500 dependencies. */
void dag_report_plan_mermaid(const DagPlan *plan, GString *out);

/* Write the same flowchart to a sink. */
void dag_report_plan_mermaid_to(const DagPlan *plan, const DagReportSink *sink);

/*
 * Append the schedules on the machine that the graph declares, one for each strategy that knows workers
 * that are not alike, and the shortest of them worker by worker; nothing if it declares none.  Cost: with
 * up to 512 tasks, about 1 s at most.
 */
void dag_report_placements(const DagPlan *plan, DagTextStyle style, GString *out);

/* Append a table of strategies for each number of workers, and the conclusion in sentences. */
void dag_report_benchmark_table(const DagBenchmark *benchmark, DagTextStyle style,
                                GString *out);

/* Write the same to a sink. */
void dag_report_benchmark_table_to(const DagBenchmark *benchmark, DagTextStyle style,
                                   const DagReportSink *sink);

/* Append a table of strategies over several graphs: the geometric mean of makespan / lower bound, and how
 * often no strategy is faster.  All benchmarks have the same strategies. */
void dag_report_benchmarks_summary(const DagBenchmark *const *benchmarks /* [n] */,
                                   size_t n, DagTextStyle style, GString *out);

/* Write all benchmarks and their summary as JSON (docs/json.md). */
void dag_report_benchmarks_json_to(const DagBenchmark *const *benchmarks /* [n] */,
                                   size_t n, const DagReportSink *sink);

/* Write a line of CSV for each result, after a line with the names of the columns. */
void dag_report_benchmarks_csv_to(const DagBenchmark *const *benchmarks /* [n] */, size_t n,
                                  const DagReportSink *sink);

/* Write a line chart for each benchmark as one SVG document: makespan over the number of workers, a line for each
 * strategy, and the lower bound.  It has colours for light and for dark screens. */
void dag_report_benchmarks_svg_to(const DagBenchmark *const *benchmarks /* [n] */, size_t n,
                                  const DagReportSink *sink);

/* Write a run that was simulated with the costs of its plan as an SVG document: a Gantt chart with a row for each worker and
 * connection, the critical path, and the lower bound.  O(tasks log tasks). */
void dag_report_gantt_to(const DagRun *run, const DagReportSink *sink);

/*
 * Write the run in the Trace Event Format, which Perfetto and chrome://tracing read: a track for each worker and
 * connection with a box for each attempt, arrows from the dependencies that decided when a task could start,
 * phases if they follow one another, and the numbers of running and waiting tasks and of slots in use.
 * O(attempts log attempts).
 */
void dag_report_trace_to(const DagRun *run, const DagReportSink *sink);

/* Texts of tasks for a report. */
typedef struct DagTaskTexts {
    /* Return the text of a task, or NULL; borrowed until the report has ended. */
    const char *(*text)(DagTaskId id, void *data);
    void *data; /* passed to text() */
} DagTaskTexts;

/*
 * Write the run as a report of tests in the format of JUnit, for servers of continuous integration: a case for
 * each task.  Tasks that failed or timed out are failures, unless they were allowed to; other tasks that did not
 * run now are skipped, with the reason.  `texts` may be NULL.
 */
void dag_report_junit_to(const DagRun *run, const DagTaskTexts *texts,
                         const DagReportSink *sink);

/* Append an event as an object of JSON on a line of its own (docs/json.md); nothing for events of text and of the
 * passing of time. */
void dag_report_event_json(const DagEvent *event, GString *out);

/* Write the result of dag_verify() as JSON; `plan` is the one that it was given. */
void dag_report_verdict_json_to(const DagVerdict *verdict, const DagPlan *plan,
                                const DagReportSink *sink);

/* In a shorter run, the times between tasks, which are not predicted, matter too much. */
#define DAG_LEAST_PREDICTED_NS INT64_C(100000000)

/* Append a line with the makespan that the costs of `plan` predict, which has the tasks of the run, and that of the run, and a line for each of up to three tasks
 * that were furthest off.  Nothing for a run that did not succeed, is shorter than DAG_LEAST_PREDICTED_NS, or has more than 100 000 tasks. */
void dag_report_prediction(const DagRun *run, const DagPlan *plan, DagTextStyle style,
                           GString *out);

/* Return the word for the state of a run in a store: "succeeded", "failed", "cancelled", "timed-out", "running", or
 * "unfinished" for one that was killed; static. */
const char *dag_stored_run_state(const DagStoredRun *run);

/* Write a table of the first `n` runs, of DagStoredRun.  `has_graphs`: with the graph of each. */
void dag_report_history_to(const GPtrArray *runs, size_t n, bool has_graphs,
                           DagTextStyle style, const DagReportSink *sink);

/* Write the first `n` runs as JSON (docs/json.md). */
void dag_report_history_json_to(const GPtrArray *runs, size_t n, const DagReportSink *sink);

/* Write a table of the tasks of the last of several runs, with a bar for each run: the part of the task's longest
 * duration, × for a failure, · if it did not run.  `runs`: of GPtrArray, of DagStoredTask, the oldest first. */
void dag_report_trend_to(const GPtrArray *runs, DagTextStyle style,
                         const DagReportSink *sink);

/* Append the run and its tasks, of DagStoredTask, as a text of a few lines, with all tasks that did not succeed. */
void dag_report_stored_run(const DagStoredRun *run, const GPtrArray *tasks,
                           DagTextStyle style, GString *out);

/* Write the run with its tasks as JSON (docs/json.md). */
void dag_report_stored_run_json_to(const DagStoredRun *run, const GPtrArray *tasks,
                                   const DagReportSink *sink);

/* Append the task and its earlier attempts, of DagStoredAttempt, as text; `written`, or NULL: the text of the last attempt. */
void dag_report_stored_task(const DagStoredTask *task, const GPtrArray *attempts,
                            const GString *written, DagTextStyle style, GString *out);

/* Write the same as JSON. */
void dag_report_stored_task_json_to(const DagStoredTask *task, const GPtrArray *attempts,
                                    const GString *written, const DagReportSink *sink);

/* A stored run and its tasks, of DagStoredTask; both borrowed. */
typedef struct DagRunWithTasks {
    const DagStoredRun *run;
    const GPtrArray *tasks; /* of DagStoredTask */
} DagRunWithTasks;

/*
 * Append how two graphs differ: tasks added, removed and changed, with their phases; phases, costs and critical path.
 * Returns: true if they do; else nothing was appended.
 */
bool dag_report_graph_difference(const DagPlan *before, const DagPlan *after,
                                 DagTextStyle style, GString *out);

/*
 * Append how two stored runs differ: in graph, outcome, parameters, strategy, tasks; and the durations that made a
 * difference.
 * Returns: true if they differ in more than durations.
 */
bool dag_report_run_difference(const DagRunWithTasks *before, const DagRunWithTasks *after,
                               DagTextStyle style, GString *out);

G_END_DECLS
