/* SPDX-License-Identifier: MIT */
#include "property.h"

#include <pthread.h>

#include "run-of.h"

struct Watcher {
    const Case *of;
    pthread_t thread;
    uint8_t *started;        /* [n]: attempts */
    uint8_t *failed;         /* [n]: attempts after which another was to follow */
    uint8_t *finished;       /* [n] */
    uint8_t *phase_started;  /* [n_phases] */
    uint8_t *phase_finished; /* [n_phases] */
    int64_t phase_ns;        /* when the last phase began */
    size_t n_events;
    bool is_over;
};

static void
watch_start(Watcher *watcher, const DagEvent *event)
{
    g_assert_cmpuint(watcher->failed[event->task], ==, watcher->started[event->task]);
    g_assert_cmpuint(++watcher->started[event->task], ==, event->attempt);
    g_assert_cmpuint(watcher->finished[event->task], ==, 0);
    g_assert_null(event->transcript);
    g_assert_cmpint(event->time_ns, >=, watcher->phase_ns);
    /* A predecessor of a clean-up may have no outcome before the end of the run. */
    if (dag_graph_task_policy(watcher->of->graph, event->task)->always)
        return;

    DagIds preds = dag_graph_predecessors(watcher->of->graph, event->task);

    for (size_t p = 0; p < preds.n; p++)
        g_assert_cmpuint(watcher->finished[preds.ids[p]], ==, 1);
}

static void
check_transcript(const Watcher *watcher, const DagEvent *event)
{
    const char *name = dag_graph_task_name(watcher->of->graph, event->task);

    if (event->task % 3 && !watcher->of->simulated) {
        g_autoptr(GBytes) said = bytes_of_spool(event->transcript);

        g_assert_cmpstr(g_bytes_get_data(said, NULL), ==, name);
    } else {
        g_assert_null(event->transcript);
    }
}

static void
watch_attempt(Watcher *watcher, const DagEvent *event)
{
    g_assert_cmpuint(++watcher->failed[event->task], ==, event->attempt);
    g_assert_cmpuint(watcher->started[event->task], ==, event->attempt);
    g_assert_cmpuint(event->attempt, <, attempts_allowed(event->task));
    g_assert_true(event->failed->outcome == DAG_FAILED ||
                  (watcher->of->limited && event->failed->outcome == DAG_TIMED_OUT));
    g_assert_cmpint(event->pause_ns, >=, 0);
    g_assert_nonnull(event->failed->reason);
    check_transcript(watcher, event);
}

static void
watch_end(Watcher *watcher, const DagEvent *event)
{
    DagRecord record = dag_run_record(event->run, event->task);
    bool was_given_up = watcher->failed[event->task] == watcher->started[event->task];

    g_assert_cmpuint(watcher->finished[event->task]++, ==, 0);
    g_assert_cmpint(record.outcome, !=, DAG_PENDING);
    g_assert_cmpint(watcher->started[event->task], ==, record.n_attempts);
    if (record.start_ns >= 0 && !was_given_up)
        g_assert_cmpint(event->time_ns, ==, record.end_ns);
    g_assert_cmpint(event->time_ns, >=, record.end_ns);
    /* The transcript of the last attempt came when it failed, if another one was to follow. */
    if (was_given_up)
        g_assert_null(event->transcript);
    else
        check_transcript(watcher, event);
}

static void
watch_task(Watcher *watcher, const DagEvent *event)
{
    uint32_t phase = dag_plan_phase(watcher->of->plan, event->task);

    if (event->type == DAG_EVENT_TASK_STARTED)
        watch_start(watcher, event);
    else if (event->type == DAG_EVENT_ATTEMPT_FAILED)
        watch_attempt(watcher, event);
    else
        watch_end(watcher, event);
    if (watcher->of->strategy->release == DAG_RELEASE_PHASE &&
        watcher->started[event->task]) {
        g_assert_cmpuint(watcher->phase_started[phase], ==, 1);
        g_assert_cmpuint(watcher->phase_finished[phase], ==, 0);
    }
}

static void
watch_phase(Watcher *watcher, const DagEvent *event)
{
    DagIds tasks = dag_plan_phase_tasks(watcher->of->plan, event->phase);

    g_assert_cmpint(watcher->of->strategy->release, ==, DAG_RELEASE_PHASE);
    if (event->type == DAG_EVENT_PHASE_STARTED) {
        g_assert_cmpuint(watcher->phase_started[event->phase]++, ==, 0);
        watcher->phase_ns = event->time_ns;
        for (uint32_t phase = 0; phase < event->phase; phase++)
            g_assert_cmpuint(watcher->phase_finished[phase], ==,
                             watcher->phase_started[phase]);
        return;
    }
    g_assert_cmpuint(watcher->phase_started[event->phase], ==, 1);
    g_assert_cmpuint(watcher->phase_finished[event->phase]++, ==, 0);
    for (size_t i = 0; i < tasks.n; i++) {
        g_assert_cmpuint(watcher->finished[tasks.ids[i]], ==, 1);
        g_assert_cmpint(event->time_ns, >=,
                        dag_run_record(event->run, tasks.ids[i]).end_ns);
    }
}

/* Nothing that was recorded is later than the end of the run. */
static void
watch_run_end(Watcher *watcher, const DagEvent *event)
{
    g_assert_cmpint(event->time_ns, >=, dag_run_duration_ns(event->run));
    for (DagTaskId id = 0; id < dag_graph_n_tasks(watcher->of->graph); id++)
        g_assert_cmpint(dag_run_duration_ns(event->run), >=,
                        dag_run_record(event->run, id).end_ns);
    watcher->is_over = true;
}

static void
watch(const DagEvent *event, void *data)
{
    Watcher *watcher = data;

    g_assert_true(pthread_equal(watcher->thread, pthread_self()));
    g_assert_false(watcher->is_over);
    g_assert_cmpint(event->type == DAG_EVENT_RUN_STARTED, ==, watcher->n_events == 0);
    watcher->n_events++;
    switch (event->type) {
    case DAG_EVENT_TASK_STARTED:
    case DAG_EVENT_ATTEMPT_FAILED:
    case DAG_EVENT_TASK_FINISHED:
        watch_task(watcher, event);
        break;
    case DAG_EVENT_PHASE_STARTED:
    case DAG_EVENT_PHASE_FINISHED:
        watch_phase(watcher, event);
        break;
    case DAG_EVENT_RUN_FINISHED:
        watch_run_end(watcher, event);
        break;
    case DAG_EVENT_RUN_STARTED:
    case DAG_EVENT_CANCELLED:
        break;
    case DAG_EVENT_LATE_TEXT:
    case DAG_EVENT_TEXT:
    case DAG_EVENT_TOKENS:
    case DAG_EVENT_ATTEMPT_WITHDRAWN: /* its kinds have no server */
    case DAG_EVENT_TICK:              /* no observer asks for ticks */
        g_assert_not_reached();
    }
}

void
watcher_check(const Watcher *watcher)
{
    g_assert_true(watcher->is_over);
    for (size_t id = 0; id < watcher->of->n; id++)
        g_assert_cmpuint(watcher->finished[id], ==, 1);
    for (size_t phase = 0; phase < dag_plan_n_phases(watcher->of->plan); phase++)
        g_assert_cmpuint(watcher->phase_finished[phase], ==, watcher->phase_started[phase]);
}

Watcher *
watcher_new(const Case *c)
{
    size_t n_phases = dag_plan_n_phases(c->plan);
    Watcher *watcher = g_new(Watcher, 1);

    *watcher = (Watcher){
        .of = c,
        .thread = pthread_self(),
        .started = g_new0(uint8_t, c->n),
        .failed = g_new0(uint8_t, c->n),
        .finished = g_new0(uint8_t, c->n),
        .phase_started = g_new0(uint8_t, n_phases),
        .phase_finished = g_new0(uint8_t, n_phases),
    };
    return watcher;
}

DagObserver
watcher_observer(Watcher *watcher)
{
    return (DagObserver){.notify = watch, .data = watcher};
}

void
watcher_free(Watcher *watcher)
{
    g_free(watcher->started);
    g_free(watcher->failed);
    g_free(watcher->finished);
    g_free(watcher->phase_started);
    g_free(watcher->phase_finished);
    g_free(watcher);
}
