/* SPDX-License-Identifier: MIT */
/*
 * A run in the Trace Event Format, which Perfetto and chrome://tracing read.  A track is a pair of numbers, `pid` and
 * `tid`; times are microseconds.
 *
 * Source: "Trace Event Format", the document of the Chromium project (2016).
 */
#include "report/json.h"
#include "report/measures.h"
#include "report/trace-counters.h"

/* The groups of tracks: the `pid` of an event. */
typedef enum Group {
    GROUP_WORKERS = 1,
    GROUP_CONNECTIONS,
    GROUP_PHASES,
    GROUP_NUMBERS,
} Group;

typedef struct Trace {
    const DagRun *run;
    const DagGraph *graph;
    JsonWriter json;
    size_t n_arrows;
} Trace;

/* A place on a track. */
typedef struct Spot {
    Group group;
    unsigned track; /* from 1 */
    int64_t time_ns;
} Spot;

/* Begin an event of the phase `ph`, which is one letter of the format. */
static void
begin_event(Trace *it, const char *ph, const char *name, Spot spot)
{
    dag__json_begin_object(&it->json, NULL);
    dag__json_string(&it->json, "ph", ph);
    dag__json_string(&it->json, "name", name);
    dag__json_integer(&it->json, "pid", spot.group);
    dag__json_integer(&it->json, "tid", spot.track);
    dag__json_number(&it->json, "ts", (double)spot.time_ns / 1000);
}

/* Name a group, or one of its tracks. */
static void
write_name(Trace *it, const char *event, Spot spot, const char *name)
{
    begin_event(it, "M", event, spot);
    dag__json_begin_object(&it->json, "args");
    dag__json_string(&it->json, "name", name);
    dag__json_end_object(&it->json);
    dag__json_end_object(&it->json);
}

static Group
group_of(const Trace *it, DagTaskId id)
{
    return dag__is_on_connection(it->run, id) ? GROUP_CONNECTIONS : GROUP_WORKERS;
}

/* Name the tracks 1 to n of a group. */
static void
write_tracks(Trace *it, Group group, const char *title, const char *track, unsigned n)
{
    if (n == 0)
        return;
    write_name(it, "process_name", (Spot){group, 0, 0}, title);
    for (unsigned i = 1; i <= n; i++) {
        g_autofree char *name =
            n > 1 ? g_strdup_printf("%s %u", track, i) : g_strdup(track);

        write_name(it, "thread_name", (Spot){group, i, 0}, name);
    }
}

/* Name the tracks that have attempts. */
static void
write_names(Trace *it)
{
    unsigned n_used[GROUP_CONNECTIONS + 1] = {0};

    for (DagTaskId id = 0; id < dag_graph_n_tasks(it->graph); id++) {
        unsigned *n = &n_used[group_of(it, id)];
        unsigned n_attempts = dag_run_record(it->run, id).n_attempts;

        for (unsigned i = 0; i < n_attempts; i++)
            *n = MAX(*n, dag_run_attempt(it->run, id, i).worker + 1U);
    }
    write_tracks(it, GROUP_WORKERS, "workers", "worker", n_used[GROUP_WORKERS]);
    write_tracks(it, GROUP_CONNECTIONS, "connections", "connection",
                 n_used[GROUP_CONNECTIONS]);
}

static void
write_attempt(Trace *it, DagTaskId id, unsigned number)
{
    DagAttempt attempt = dag_run_attempt(it->run, id, number);
    JsonWriter *json = &it->json;

    begin_event(it, "X", dag_graph_task_name(it->graph, id),
                (Spot){group_of(it, id), attempt.worker + 1U, attempt.start_ns});
    dag__json_number(json, "dur", (double)(attempt.end_ns - attempt.start_ns) / 1000);
    dag__json_string(json, "cat", dag_outcome_name(attempt.outcome));
    if (!dag_outcome_is_success(attempt.outcome))
        dag__json_string(json, "cname", "terrible"); /* red, in chrome://tracing */
    dag__json_begin_object(json, "args");
    dag__json_string(json, "outcome", dag_outcome_name(attempt.outcome));
    dag__json_integer(json, "phase", dag_plan_phase(dag_run_plan(it->run), id) + 1);
    if (dag_run_record(it->run, id).n_attempts > 1)
        dag__json_integer(json, "attempt", number + 1);
    if (attempt.exit_code != DAG_EXIT_NONE)
        dag__json_integer(json, "exit_code", attempt.exit_code);
    if (attempt.reason)
        dag__json_string(json, "reason", attempt.reason);
    dag__json_end_object(json);
    dag__json_end_object(json);
}

/* Return the predecessor that ended last, or DAG_TASK_NONE: its end decided when the task could start. */
static DagTaskId
decisive(const Trace *it, DagTaskId id)
{
    DagIds preds = dag_graph_predecessors(it->graph, id);
    DagTaskId last = DAG_TASK_NONE;
    int64_t last_ns = -1;

    for (size_t i = 0; i < preds.n; i++) {
        DagRecord record = dag_run_record(it->run, preds.ids[i]);

        if (record.n_attempts > 0 && record.end_ns > last_ns) {
            last_ns = record.end_ns;
            last = preds.ids[i];
        }
    }
    return last;
}

/* Write one end of an arrow. */
static void
write_arrow_end(Trace *it, const char *ph, Spot spot)
{
    begin_event(it, ph, "dependency", spot);
    dag__json_string(&it->json, "cat", "dependency");
    dag__json_integer(&it->json, "id", (int64_t)it->n_arrows);
    if (*ph == 'f')
        dag__json_string(&it->json, "bp", "e"); /* to the box around it, not the next one */
    dag__json_end_object(&it->json);
}

/* Draw an arrow from the dependency that decided when the task could start. */
static void
write_arrow(Trace *it, DagTaskId id)
{
    DagTaskId from = decisive(it, id);
    unsigned last;
    DagAttempt before, after;

    if (from == DAG_TASK_NONE)
        return;
    last = dag_run_record(it->run, from).n_attempts - 1;
    before = dag_run_attempt(it->run, from, last);
    after = dag_run_attempt(it->run, id, 0);
    it->n_arrows++;
    /* Within the box, not at its end, where the next one of the track may begin. */
    write_arrow_end(it, "s",
                    (Spot){group_of(it, from), before.worker + 1U,
                           MAX(before.start_ns, before.end_ns - 1)});
    write_arrow_end(it, "f", (Spot){group_of(it, id), after.worker + 1U, after.start_ns});
}

static void
write_tasks(Trace *it)
{
    for (DagTaskId id = 0; id < dag_graph_n_tasks(it->graph) && !it->json.stream->is_over;
         id++) {
        unsigned n_attempts = dag_run_record(it->run, id).n_attempts;

        for (unsigned i = 0; i < n_attempts; i++)
            write_attempt(it, id, i);
        if (n_attempts > 0)
            write_arrow(it, id);
    }
}

/* Write the phases, if they follow one another. */
static void
write_phases(Trace *it)
{
    const DagPlan *plan = dag_run_plan(it->run);

    if (dag_run_strategy(it->run)->release != DAG_RELEASE_PHASE)
        return;
    write_tracks(it, GROUP_PHASES, "phases", "phase", 1);
    for (uint32_t phase = 0; phase < dag_plan_n_phases(plan); phase++) {
        const char *title = dag_plan_phase_title(plan, phase);
        g_autofree char *name = title ? g_strdup_printf("phase %u: %s", phase + 1, title)
                                      : g_strdup_printf("phase %u", phase + 1);
        int64_t start_ns, end_ns;

        dag_run_phase_span(it->run, phase, &start_ns, &end_ns);
        if (start_ns < 0)
            continue;
        begin_event(it, "X", name, (Spot){GROUP_PHASES, 1, start_ns});
        dag__json_number(&it->json, "dur", (double)(end_ns - start_ns) / 1000);
        dag__json_end_object(&it->json);
    }
}

static void
write_step(Trace *it, const CounterStep *step)
{
    static const char *const names[] = {
        [COUNTED_RUNNING] = "running", [COUNTED_WAITING] = "waiting"};
    bool is_pool = step->counted >= COUNTED_POOLS;
    size_t n_pools;
    const DagPool *pools = dag_graph_pools(it->graph, &n_pools);
    g_autofree char *name =
        is_pool ? g_strconcat("pool ", pools[step->counted - COUNTED_POOLS].name, NULL)
                : g_strdup(names[step->counted]);

    begin_event(it, "C", name, (Spot){GROUP_NUMBERS, 1, step->time_ns});
    dag__json_begin_object(&it->json, "args");
    dag__json_integer(&it->json, is_pool ? "slots" : "tasks", step->value);
    dag__json_end_object(&it->json);
    dag__json_end_object(&it->json);
}

static void
write_numbers(Trace *it)
{
    g_autoptr(GArray) steps = dag__trace_counters(it->run);

    if (steps->len > 0)
        write_name(it, "process_name", (Spot){GROUP_NUMBERS, 0, 0}, "numbers");
    for (guint i = 0; i < steps->len && !it->json.stream->is_over; i++)
        write_step(it, &g_array_index(steps, CounterStep, i));
}

void
dag_report_trace_to(const DagRun *run, const DagReportSink *sink)
{
    g_return_if_fail(run && sink);

    g_auto(Stream) stream = stream_to(sink);
    Trace it = {.run = run,
                .graph = dag_plan_graph(dag_run_plan(run)),
                .json = {.stream = &stream, .shared_depth = 3}};

    dag__json_begin_object(&it.json, NULL);
    dag__json_string(&it.json, "displayTimeUnit", "ms");
    dag__json_begin_object(&it.json, "otherData");
    dag__json_string(&it.json, "graph", dag_graph_name(it.graph));
    dag__json_string(&it.json, "strategy", dag_run_strategy(run)->name);
    dag__json_end_object(&it.json);
    dag__json_begin_array(&it.json, "traceEvents");
    write_names(&it);
    write_phases(&it);
    write_tasks(&it);
    write_numbers(&it);
    dag__json_end_array(&it.json);
    dag__json_end_object(&it.json);
}
