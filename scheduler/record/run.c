/* SPDX-License-Identifier: MIT */
/*
 * The records of a run, and sums of them for reports.
 */
#include "record/run.h"

static size_t
n_tasks(const DagRun *run)
{
    return dag_graph_n_tasks(dag_plan_graph(run->plan));
}

DagRun *
dag__run_new(const DagPlan *plan, unsigned n_writers)
{
    DagRun *run = g_new0(DagRun, 1);

    run->plan = plan;
    run->started_us = g_get_real_time();
    run->first_ns = INT64_MAX;
    run->last_ns = -1;
    dag__records_init(&run->records, n_tasks(run), n_writers);
    return run;
}

/* Return the note of a task, or NULL. */
static Note *
note_of(const DagRun *run, DagTaskId id)
{
    Note *notes = atomic_load(&run->notes);

    return notes ? &notes[id] : NULL;
}

/* Return the note of a task; create it if there is none. */
static Note *
make_note(DagRun *run, DagTaskId id)
{
    Note *notes = atomic_load(&run->notes);

    if (!notes) {
        notes = g_new0(Note, n_tasks(run));
        atomic_store(&run->notes, notes);
    }
    return &notes[id];
}

void
dag_run_free(DagRun *run)
{
    Note *notes;

    if (!run)
        return;
    notes = atomic_load(&run->notes);
    for (size_t id = 0; notes && id < n_tasks(run); id++) {
        g_free(notes[id].reason);
        g_free(notes[id].reuse);
        g_clear_pointer(&notes[id].attempts, g_array_unref);
        dag__traffic_free(notes[id].traffic);
    }
    g_free(notes);
    g_clear_pointer(&run->failed, g_array_unref);
    dag__records_clear(&run->records);
    g_free(run);
}

void
dag__run_take_reason(DagRun *run, DagTaskId id, char *reason)
{
    Note *note = make_note(run, id);

    g_free(note->reason);
    note->reason = reason;
}

void
dag__run_take_reuse(DagRun *run, DagTaskId id, char *reuse)
{
    Note *note = reuse ? make_note(run, id) : NULL;

    if (!note)
        return;
    g_free(note->reuse);
    note->reuse = reuse;
}

static void
clear_attempt(gpointer attempt)
{
    g_free((char *)((DagAttempt *)attempt)->reason);
}

/* Return the attempts of a task that has several, else NULL. */
static const GArray *
attempts_of(const DagRun *run, DagTaskId id)
{
    const Note *note = note_of(run, id);

    return note ? note->attempts : NULL;
}

void
dag__run_take_attempt(DagRun *run, DagTaskId id, const DagAttempt *attempt)
{
    Note *note = make_note(run, id);

    if (!note->attempts) {
        note->attempts = g_array_new(FALSE, FALSE, sizeof(DagAttempt));
        g_array_set_clear_func(note->attempts, clear_attempt);
    }
    g_array_append_vals(note->attempts, attempt, 1);
}

void
dag__run_take_traffic(DagRun *run, DagTaskId id, Traffic *traffic)
{
    if (!traffic)
        return;
    dag__traffic_count(&run->traffic, traffic);
    dag__traffic_join(&make_note(run, id)->traffic, traffic);
}

const DagRequest *
dag_run_requests(const DagRun *run, DagTaskId id, size_t *n_out)
{
    g_return_val_if_fail(run && n_out, NULL);
    *n_out = 0;
    g_return_val_if_fail(id < n_tasks(run), NULL);

    const Note *note = note_of(run, id);

    if (!note || !note->traffic || note->traffic->requests->len == 0)
        return NULL;
    *n_out = note->traffic->requests->len;
    return (const DagRequest *)(void *)note->traffic->requests->data;
}

const DagUsage *
dag_run_usage(const DagRun *run, DagTaskId id)
{
    g_return_val_if_fail(run, NULL);
    g_return_val_if_fail(id < n_tasks(run), NULL);

    const Note *note = note_of(run, id);

    return note && note->traffic && note->traffic->has_usage ? &note->traffic->usage : NULL;
}

bool
dag_run_is_kept(const DagRun *run, DagTaskId id)
{
    g_return_val_if_fail(run, false);
    g_return_val_if_fail(id < n_tasks(run), false);

    const Note *note = note_of(run, id);

    return note && note->traffic && note->traffic->is_kept;
}

DagTraffic
dag_run_traffic(const DagRun *run)
{
    g_return_val_if_fail(run, (DagTraffic){0});
    return run->traffic;
}

void
dag__run_count(DagRun *run, DagTaskId id, DagOutcome outcome)
{
    run->counts[outcome]++;
    if (outcome != DAG_FAILED && outcome != DAG_TIMED_OUT)
        return;
    if (dag_graph_task_policy(dag_plan_graph(run->plan), id)->allow_failure) {
        run->n_allowed++;
        return;
    }
    if (!run->failed)
        run->failed = g_array_new(FALSE, FALSE, sizeof(DagTaskId));
    g_array_append_val(run->failed, id);
}

DagOutcome
dag__run_outcome(const DagRun *run)
{
    switch (dag_run_stop(run)) {
    case DAG_STOP_CANCEL:
        return DAG_CANCELLED;
    case DAG_STOP_TIMEOUT:
        return DAG_TIMED_OUT;
    case DAG_STOP_FAILURE:
        return DAG_FAILED;
    case DAG_STOP_NONE:
        break;
    }
    return run->failed ? DAG_FAILED : DAG_SUCCEEDED;
}

void
dag__run_count_lost(DagRun *run, DagTaskId id)
{
    Note *note = make_note(run, id);

    run->n_lost += !note->is_lost;
    note->is_lost = true;
}

void
dag__run_extend(DagRun *run, int64_t start_ns, int64_t end_ns)
{
    run->first_ns = MIN(run->first_ns, start_ns);
    run->last_ns = MAX(run->last_ns, end_ns);
}

void
dag__run_finish(DagRun *run, int64_t duration_ns, int signal_number)
{
    run->makespan_ns = run->last_ns >= 0 ? run->last_ns - run->first_ns : 0;
    run->duration_ns = duration_ns;
    run->signal_number = signal_number;
}

const DagPlan *
dag_run_plan(const DagRun *run)
{
    g_return_val_if_fail(run, NULL);
    return run->plan;
}

const DagStrategy *
dag_run_strategy(const DagRun *run)
{
    g_return_val_if_fail(run, NULL);
    return run->strategy;
}

DagSearch
dag_run_search(const DagRun *run)
{
    g_return_val_if_fail(run, (DagSearch){0});
    return run->search;
}

uint64_t
dag_run_seed(const DagRun *run)
{
    g_return_val_if_fail(run, 0);
    return run->seed;
}

unsigned
dag_run_n_connections(const DagRun *run)
{
    g_return_val_if_fail(run, 0);
    return run->n_connections;
}

unsigned
dag_run_retries(const DagRun *run)
{
    g_return_val_if_fail(run, 0);
    return run->retries;
}

int64_t
dag_run_grace_ns(const DagRun *run)
{
    g_return_val_if_fail(run, 0);
    return run->grace_ns;
}

bool
dag_run_is_simulated(const DagRun *run)
{
    g_return_val_if_fail(run, false);
    return run->is_simulated;
}

unsigned
dag_run_n_workers(const DagRun *run)
{
    g_return_val_if_fail(run, 0);
    return run->n_workers;
}

bool
dag_run_keeps_going(const DagRun *run)
{
    g_return_val_if_fail(run, false);
    return run->keep_going;
}

/* The answer about a task that is not in the graph. */
static const DagRecord no_record = {
    .start_ns = -1, .end_ns = -1, .exit_code = DAG_EXIT_NONE};

DagRecord
dag_run_record(const DagRun *run, DagTaskId id)
{
    g_return_val_if_fail(run, no_record);
    g_return_val_if_fail(id < n_tasks(run), no_record);

    const Record *record = records_get(&run->records, id);
    bool has_started = record->n_attempts > 0;

    return (DagRecord){
        .start_ns = has_started ? record->start_ns : -1,
        .end_ns = has_started ? record->end_ns : -1,
        .outcome = (DagOutcome)record->outcome,
        .worker = record->unit,
        .n_attempts = record->n_attempts,
        .exit_code = has_started ? record->exit_code : DAG_EXIT_NONE,
    };
}

const char *
dag_run_reason(const DagRun *run, DagTaskId id)
{
    g_return_val_if_fail(run, NULL);
    g_return_val_if_fail(id < n_tasks(run), NULL);

    const Note *note = note_of(run, id);

    return note ? note->reason : NULL;
}

const char *
dag_run_reuse(const DagRun *run, DagTaskId id)
{
    g_return_val_if_fail(run, NULL);
    g_return_val_if_fail(id < n_tasks(run), NULL);

    const Note *note = note_of(run, id);

    return note ? note->reuse : NULL;
}

size_t
dag_run_count(const DagRun *run, DagOutcome outcome)
{
    g_return_val_if_fail(run, 0);
    g_return_val_if_fail((unsigned)outcome < DAG_N_OUTCOMES, 0);
    return run->counts[outcome];
}

bool
dag_run_succeeded(const DagRun *run)
{
    g_return_val_if_fail(run, false);
    return run->counts[DAG_SUCCEEDED] + run->counts[DAG_REUSED] + run->n_allowed ==
               n_tasks(run) &&
           dag_run_stop(run) <= DAG_STOP_FAILURE;
}

size_t
dag_run_n_allowed(const DagRun *run)
{
    g_return_val_if_fail(run, 0);
    return run->n_allowed;
}

DagStop
dag_run_stop(const DagRun *run)
{
    g_return_val_if_fail(run, DAG_STOP_NONE);
    for (DagStop reason = DAG_STOP_TIMEOUT; reason > DAG_STOP_NONE; reason--)
        if (dag_run_stopped_by(run, reason))
            return reason;
    return DAG_STOP_NONE;
}

bool
dag_run_stopped_by(const DagRun *run, DagStop reason)
{
    g_return_val_if_fail(run, false);
    g_return_val_if_fail((unsigned)reason <= DAG_STOP_TIMEOUT, false);
    return reason == DAG_STOP_NONE ? run->stops == 0 : (run->stops >> reason & 1) != 0;
}

int64_t
dag_run_timeout_ns(const DagRun *run)
{
    g_return_val_if_fail(run, 0);
    return run->timeout_ns;
}

DagAttempt
dag_run_attempt(const DagRun *run, DagTaskId id, unsigned i)
{
    g_return_val_if_fail(run, (DagAttempt){0});
    g_return_val_if_fail(id < n_tasks(run), (DagAttempt){0});

    const Record *record = records_get(&run->records, id);
    const GArray *attempts = attempts_of(run, id);

    g_return_val_if_fail(i < record->n_attempts, (DagAttempt){0});
    if (attempts)
        return g_array_index(attempts, DagAttempt, i);
    return (DagAttempt){
        .start_ns = record->start_ns,
        .end_ns = record->end_ns,
        .outcome = (DagOutcome)record->outcome,
        .worker = record->unit,
        .exit_code = record->exit_code,
        .reason = dag_run_reason(run, id),
    };
}

int64_t
dag_run_busy_ns(const DagRun *run, DagTaskId id)
{
    g_return_val_if_fail(run, 0);
    g_return_val_if_fail(id < n_tasks(run), 0);

    const Record *record = records_get(&run->records, id);
    const GArray *attempts = record->n_attempts > 1 ? attempts_of(run, id) : NULL;
    int64_t busy_ns = 0;

    if (!attempts)
        return record->end_ns - record->start_ns;
    for (guint i = 0; i < attempts->len; i++) {
        const DagAttempt *attempt = &g_array_index(attempts, DagAttempt, i);

        busy_ns += attempt->end_ns - attempt->start_ns;
    }
    return busy_ns;
}

size_t
dag_run_n_lost(const DagRun *run)
{
    g_return_val_if_fail(run, 0);
    return run->n_lost;
}

int
dag_run_signal(const DagRun *run)
{
    g_return_val_if_fail(run, 0);
    return run->signal_number;
}

int64_t
dag_run_makespan_ns(const DagRun *run)
{
    g_return_val_if_fail(run, 0);
    return run->makespan_ns;
}

int64_t
dag_run_duration_ns(const DagRun *run)
{
    g_return_val_if_fail(run, 0);
    return run->duration_ns;
}

int64_t
dag_run_started_us(const DagRun *run)
{
    g_return_val_if_fail(run, 0);
    return run->started_us;
}

void
dag_run_phase_span(const DagRun *run, uint32_t phase, int64_t *start_ns_out,
                   int64_t *end_ns_out)
{
    g_return_if_fail(run);
    g_return_if_fail(phase < dag_plan_n_phases(run->plan));
    g_return_if_fail(start_ns_out && end_ns_out);

    DagIds tasks = dag_plan_phase_tasks(run->plan, phase);

    *start_ns_out = *end_ns_out = -1;
    for (size_t i = 0; i < tasks.n; i++) {
        const Record *record = records_get(&run->records, tasks.ids[i]);

        if (record->n_attempts == 0)
            continue;
        if (*start_ns_out < 0 || record->start_ns < *start_ns_out)
            *start_ns_out = record->start_ns;
        *end_ns_out = MAX(*end_ns_out, record->end_ns);
    }
}
