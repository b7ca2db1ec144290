/* SPDX-License-Identifier: MIT */
/*
 * A record is written when an attempt ends.  Few tasks have more than one attempt, or a reason;
 * attempts and reasons are kept beside the records (run.h).
 */
#include "record/recorder.h"

#include "output/spool.h"

void
dag__recorder_init(Recorder *recorder, const DagPlan *plan, const RunSetup *setup,
                   unsigned n_writers, bool has_observers)
{
    DagRun *run = dag__run_new(plan, 1 + n_writers);

    run->strategy = setup->strategy;
    run->seed = setup->seed;
    run->n_workers = setup->machine.n_workers;
    run->n_connections = setup->machine.n_connections;
    run->keep_going = setup->keep_going;
    run->retries = setup->retries;
    run->timeout_ns = setup->timeout_ns;
    run->grace_ns = setup->grace_ns;
    run->is_simulated = setup->is_simulated;
    *recorder = (Recorder){.run = run,
                           .writer = record_writer_of(&run->records),
                           .events = dag__events_new(),
                           .has_observers = has_observers};
}

void
dag__recorder_clear(Recorder *recorder)
{
    g_clear_pointer(&recorder->run, dag_run_free);
    g_clear_pointer(&recorder->events, g_array_unref);
}

void
dag__recorder_set_workers(Recorder *recorder, unsigned n_workers)
{
    recorder->run->n_workers = n_workers;
}

GArray *
dag__recorder_take_events(Recorder *recorder, GArray *spare)
{
    GArray *events = recorder->events;

    g_assert(spare->len == 0);
    recorder->events = spare;
    return events;
}

static void
emit(Recorder *recorder, Event event)
{
    recorder->latest_ns = MAX(recorder->latest_ns, event.time_ns);
    if (recorder->has_observers)
        g_array_append_val(recorder->events, event);
    else
        dag__event_clear(&event);
}

/* Return `now_ns`, or the latest recorded time if that is later. */
static int64_t
not_before_latest(const Recorder *recorder, int64_t now_ns)
{
    return MAX(now_ns, recorder->latest_ns);
}

void
dag__recorder_run_started(Recorder *recorder)
{
    emit(recorder, (Event){.type = DAG_EVENT_RUN_STARTED});
}

void
dag__recorder_phase_began(Recorder *recorder, uint32_t phase, int64_t now_ns)
{
    emit(recorder, (Event){.type = DAG_EVENT_PHASE_STARTED,
                           .number = phase,
                           .time_ns = not_before_latest(recorder, now_ns)});
}

void
dag__recorder_phase_ended(Recorder *recorder, uint32_t phase, int64_t now_ns)
{
    emit(recorder, (Event){.type = DAG_EVENT_PHASE_FINISHED,
                           .number = phase,
                           .time_ns = not_before_latest(recorder, now_ns)});
}

void
dag__recorder_started(Recorder *recorder, DagTaskId task, unsigned attempt,
                      int64_t start_ns)
{
    if (recorder->has_observers)
        emit(recorder, (Event){.type = DAG_EVENT_TASK_STARTED,
                               .number = task,
                               .attempt = attempt,
                               .time_ns = start_ns});
}

void
dag__recorder_said(Recorder *recorder, DagTaskId task, DagStream stream, GString *text,
                   int64_t now_ns)
{
    size_t size = text->len;

    emit(recorder, (Event){.type = DAG_EVENT_TEXT,
                           .number = task,
                           .time_ns = not_before_latest(recorder, now_ns),
                           .text = g_string_free(text, FALSE),
                           .text_size = size,
                           .stream = stream});
}

void
dag__recorder_counted(Recorder *recorder, DagTaskId task, uint64_t n_tokens, int64_t now_ns)
{
    emit(recorder, (Event){.type = DAG_EVENT_TOKENS,
                           .number = task,
                           .time_ns = not_before_latest(recorder, now_ns),
                           .n_tokens = n_tokens});
}

void
dag__recorder_said_late(Recorder *recorder, DagTaskId task, const char *end, size_t size)
{
    emit(recorder, (Event){.type = DAG_EVENT_LATE_TEXT,
                           .number = task,
                           .time_ns = recorder->latest_ns,
                           .text = g_memdup2(end, size),
                           .text_size = size});
}

/* Write the record of a task after an attempt, and extend the span of the run. */
static void
write_record(Recorder *recorder, const AttemptEnd *end)
{
    Record *record = end->attempt == 1 ? record_writer_add(&recorder->writer, end->task)
                                       : records_get(&recorder->run->records, end->task);

    *record = (Record){
        .start_ns = end->attempt == 1 ? end->start_ns : record->start_ns,
        .end_ns = end->end_ns,
        .unit = end->unit,
        .n_attempts = (uint16_t)end->attempt,
        .exit_code = (int16_t)end->exit_code,
        .outcome = (uint8_t)end->outcome,
    };
    dag__run_extend(recorder->run, end->start_ns, end->end_ns);
}

/* Count the task once if the transcript of any of its attempts is incomplete. */
static void
count_lost(Recorder *recorder, DagTaskId task, const DagSpool *transcript)
{
    if (transcript &&
        (dag_spool_n_lost(transcript) > 0 || dag_spool_log_problem(transcript)))
        dag__run_count_lost(recorder->run, task);
}

static void
take_reuse(Recorder *recorder, AttemptEnd *end)
{
    dag__run_take_reuse(recorder->run, end->task, g_steal_pointer(&end->reuse));
}

static void
take_traffic(Recorder *recorder, AttemptEnd *end)
{
    dag__run_take_traffic(recorder->run, end->task, g_steal_pointer(&end->traffic));
}

static DagAttempt
attempt_of(const AttemptEnd *end, const char *reason)
{
    return (DagAttempt){
        .start_ns = end->start_ns,
        .end_ns = end->end_ns,
        .outcome = end->outcome,
        .worker = end->unit,
        .exit_code = (int16_t)end->exit_code,
        .reason = reason,
    };
}

void
dag__recorder_attempt_failed(Recorder *recorder, AttemptEnd *end, int64_t pause_ns)
{
    DagAttempt attempt = attempt_of(end, end->reason);

    write_record(recorder, end);
    count_lost(recorder, end->task, end->transcript);
    take_traffic(recorder, end);
    take_reuse(recorder, end);
    /* If the run stops before the next attempt, this is the reason of the task. */
    dag__run_take_reason(recorder->run, end->task, g_strdup(end->reason));
    end->reason = NULL; /* the attempt owns it now */
    dag__run_take_attempt(recorder->run, end->task, &attempt);
    emit(recorder, (Event){
                       .type = DAG_EVENT_ATTEMPT_FAILED,
                       .number = end->task,
                       .attempt = end->attempt,
                       .time_ns = end->end_ns,
                       .pause_ns = pause_ns,
                       .transcript = g_steal_pointer(&end->transcript),
                       .failed = g_memdup2(&attempt, sizeof(attempt)),
                   });
}

void
dag__recorder_withdrawn(Recorder *recorder, AttemptEnd *end, const char *pool,
                        int64_t pause_ns)
{
    take_traffic(recorder, end);
    take_reuse(recorder, end);
    g_clear_pointer(&end->reason, g_free);
    emit(recorder, (Event){.type = DAG_EVENT_ATTEMPT_WITHDRAWN,
                           .number = end->task,
                           .attempt = end->attempt,
                           .time_ns = end->end_ns,
                           .pause_ns = pause_ns,
                           .pool = pool,
                           .transcript = g_steal_pointer(&end->transcript)});
}

void
dag__recorder_ended(Recorder *recorder, AttemptEnd *end)
{
    write_record(recorder, end);
    count_lost(recorder, end->task, end->transcript);
    take_traffic(recorder, end);
    take_reuse(recorder, end);
    if (end->attempt > 1) {
        DagAttempt attempt = attempt_of(end, g_strdup(end->reason));

        dag__run_take_attempt(recorder->run, end->task, &attempt);
    }
    if (end->reason || end->attempt > 1)
        dag__run_take_reason(recorder->run, end->task, g_steal_pointer(&end->reason));
    dag__run_count(recorder->run, end->task, end->outcome);
    emit(recorder, (Event){.type = DAG_EVENT_TASK_FINISHED,
                           .number = end->task,
                           .time_ns = end->end_ns,
                           .transcript = g_steal_pointer(&end->transcript)});
}

void
dag__recorder_reused(Recorder *recorder, AttemptEnd *end)
{
    *record_writer_add(&recorder->writer, end->task) = (Record){.outcome = DAG_REUSED};
    take_traffic(recorder, end);
    take_reuse(recorder, end);
    g_clear_pointer(&end->reason, g_free);
    dag__run_count(recorder->run, end->task, DAG_REUSED);
    emit(recorder, (Event){.type = DAG_EVENT_TASK_FINISHED,
                           .number = end->task,
                           .time_ns = not_before_latest(recorder, end->end_ns),
                           .transcript = g_steal_pointer(&end->transcript)});
}

void
dag__recorder_count_succeeded(Recorder *recorder, size_t n, int64_t start_ns,
                              int64_t end_ns)
{
    recorder->run->counts[DAG_SUCCEEDED] += n;
    dag__run_extend(recorder->run, start_ns, end_ns);
    recorder->latest_ns = MAX(recorder->latest_ns, end_ns);
}

void
dag__recorder_never_ran(Recorder *recorder, DagTaskId task, DagOutcome outcome,
                        int64_t now_ns)
{
    Record *record = records_get(&recorder->run->records, task);
    bool was_tried = record->n_attempts > 0;

    if (!was_tried) {
        record = record_writer_add(&recorder->writer, task);
        *record = (Record){.exit_code = 0};
    }
    record->outcome = (uint8_t)outcome;
    dag__run_count(recorder->run, task, outcome);
    emit(recorder, (Event){.type = DAG_EVENT_TASK_FINISHED,
                           .number = task,
                           .time_ns = not_before_latest(recorder, now_ns)});
}

void
dag__recorder_searched(Recorder *recorder, const DagSchedule *schedule)
{
    recorder->run->search = (DagSearch){
        .is_search = true,
        .is_optimal = schedule->is_optimal,
        .is_over_budget = schedule->is_over_budget,
        .lower_bound = schedule->lower_bound,
    };
}

void
dag__recorder_stopped(Recorder *recorder, DagStop reason)
{
    recorder->run->stops |= 1u << reason;
}

void
dag__recorder_run_finished(Recorder *recorder, int64_t now_ns, int signal_number)
{
    int64_t end_ns = not_before_latest(recorder, now_ns);

    dag__run_finish(recorder->run, end_ns, signal_number);
    emit(recorder, (Event){.type = DAG_EVENT_RUN_FINISHED, .time_ns = end_ns});
}

DagRun *
dag__recorder_take_run(Recorder *recorder)
{
    return g_steal_pointer(&recorder->run);
}
