/* SPDX-License-Identifier: MIT */
/*
 * The list has at most one entry per worker or connection.  Searches begin at its end, where the
 * short-running tasks are.
 */
#include "display/tally.h"

void
tally_init(Tally *tally)
{
    *tally = (Tally){.running = g_array_new(FALSE, FALSE, sizeof(TallyTask))};
}

void
tally_clear(Tally *tally)
{
    for (guint i = 0; tally->running && i < tally->running->len; i++)
        g_free(g_array_index(tally->running, TallyTask, i).last_line);
    g_clear_pointer(&tally->running, g_array_unref);
}

/* Remove a task from the list and return its entry, or a new one if it has none. */
static TallyTask
remove_task(Tally *tally, DagTaskId id)
{
    for (guint i = tally->running->len; i-- > 0;) {
        TallyTask task = g_array_index(tally->running, TallyTask, i);

        if (task.id == id) {
            g_array_remove_index(tally->running, i);
            return task;
        }
    }
    return (TallyTask){.id = id, .attempt = 1};
}

/* Insert in order of time.  Workers report events in batches, so events may be out of order. */
static void
insert_task(Tally *tally, TallyTask task)
{
    guint i = tally->running->len;

    while (i > 0 &&
           g_array_index(tally->running, TallyTask, i - 1).since_ns > task.since_ns)
        i--;
    g_array_insert_val(tally->running, i, task);
}

void
tally_start(Tally *tally, DagTaskId id, int64_t time_ns)
{
    TallyTask task = remove_task(tally, id);

    task.is_pausing = task.is_waiting = false;
    task.n_tokens = 0;
    g_clear_pointer(&task.last_line, g_free);
    task.since_ns = time_ns;
    insert_task(tally, task);
}

void
tally_pause(Tally *tally, DagTaskId id, int64_t time_ns)
{
    TallyTask task = remove_task(tally, id);

    task.attempt++;
    task.n_tokens = 0;
    task.is_pausing = true;
    task.since_ns = time_ns;
    insert_task(tally, task);
}

void
tally_wait(Tally *tally, DagTaskId id, int64_t time_ns, const TallyWait *wait)
{
    TallyTask task = remove_task(tally, id);

    task.is_waiting = true;
    task.n_tokens = 0;
    task.wait = *wait;
    task.since_ns = time_ns;
    g_clear_pointer(&task.last_line, g_free);
    insert_task(tally, task);
}

/* Return the entry of a running task, or NULL. */
static TallyTask *
find_task(const Tally *tally, DagTaskId id)
{
    for (guint i = tally->running->len; i-- > 0;) {
        TallyTask *task = &g_array_index(tally->running, TallyTask, i);

        if (task->id == id)
            return task;
    }
    return NULL;
}

void
tally_say(Tally *tally, DagTaskId id, const char *line)
{
    TallyTask *task = find_task(tally, id);

    if (!task)
        return;
    g_free(task->last_line);
    task->last_line = g_strdup(line);
}

void
tally_count(Tally *tally, DagTaskId id, int64_t time_ns, uint64_t n_tokens)
{
    TallyTask *task = find_task(tally, id);

    if (!task)
        return;
    if (task->n_tokens == 0 || n_tokens < task->n_tokens) { /* a repair begins anew */
        task->n_tokens_before = n_tokens;
        task->counted_ns = time_ns;
    }
    task->n_tokens = n_tokens;
}

void
tally_finish(Tally *tally, DagTaskId id, DagOutcome outcome, bool may_fail)
{
    bool failed = outcome == DAG_FAILED || outcome == DAG_TIMED_OUT;

    g_free(remove_task(tally, id).last_line);
    tally->n_finished++;
    tally->n_failed += failed;
    tally->n_allowed += failed && may_fail;
}
