/* SPDX-License-Identifier: MIT */
/*
 * With DAG_FOLLOW_ALL, text becomes an event at once, so that its order among the other events is that
 * in which things happened.  A task that writes faster than the observers read waits, as it would if
 * it wrote to a terminal; otherwise events would fill the memory.  It waits no longer than until the
 * next time limit that its thread has to keep.
 *
 * With DAG_FOLLOW_LAST, only the last line of each task is kept, and becomes an event at the next
 * tick.  So a task that writes a lot costs little.
 *
 * The tokens of an answer that arrives become an event at the next tick, too, however text is followed.
 */
#include "run/follow.h"

#include "run/execution.h"

#include <dagrun/duration.h>
#include <string.h>

/* The text that waits for observers; about as much as a terminal shows in a second. */
#define MAX_WAITING 1048576

/* How often a thread that waits looks for a cancellation. */
#define CHECK_NS 20000000

/* Longer than a line of any terminal. */
#define MAX_LAST 256

/* The last line of a task, and its tokens. */
typedef struct LastLine {
    GString *text;
    DagStream stream;
    bool is_complete; /* a newline follows it */
    bool is_new;      /* since the last tick */
    uint64_t n_tokens;
    bool has_new_tokens;
} LastLine;

/* All but `execution` and `how` are protected by the lock of the execution. */
struct Follow {
    Execution *execution;
    DagFollow how;
    size_t n_waiting;  /* bytes of text in events that are not delivered yet */
    GCond delivered;   /* a thread with more text waits here */
    GHashTable *lines; /* of DagTaskId + 1 to LastLine */
};

static void
last_line_free(gpointer data)
{
    LastLine *line = data;

    g_string_free(line->text, TRUE);
    g_free(line);
}

Follow *
dag__follow_new(Execution *ex, DagFollow how)
{
    Follow *follow;

    if (how == DAG_FOLLOW_NONE || ex->n_observers == 0)
        return NULL;
    follow = g_new0(Follow, 1);
    follow->execution = ex;
    follow->how = how;
    follow->lines = g_hash_table_new_full(NULL, NULL, NULL, last_line_free);
    g_cond_init(&follow->delivered);
    return follow;
}

void
dag__follow_free(Follow *follow)
{
    if (!follow)
        return;
    g_hash_table_unref(follow->lines);
    g_cond_clear(&follow->delivered);
    g_free(follow);
}

/* Wait until there is room for more text, the run is cancelled, or it is `limit_ns`: then the thread has
 * a time limit to keep, and the memory for the text that comes until then is the lesser evil. */
static void
wait_for_room_locked(Follow *follow, int64_t limit_ns)
{
    Execution *ex = follow->execution;
    int64_t now_ns;

    while (follow->n_waiting >= MAX_WAITING && (now_ns = dag_clock_ns()) < limit_ns &&
           (!ex->cancel || dag_cancel_level(ex->cancel) == DAG_CANCEL_NONE))
        dag__wait_until(&follow->delivered, &ex->lock, MIN(now_ns + CHECK_NS, limit_ns));
}

static void
push_all(Follow *follow, const FollowedText *said)
{
    Execution *ex = follow->execution;
    GString *text = g_string_new_len(said->bytes, (gssize)said->size);

    dag__lock(&ex->lock);
    wait_for_room_locked(follow, said->limit_ns);
    follow->n_waiting += said->size;
    dag__recorder_said(&ex->core.recorder, said->task, said->stream, text,
                       dag__execution_now(ex));
    dag__execution_announce_locked(ex);
    dag__unlock(&ex->lock);
}

/* Return the begin of the last line of bytes[0, size), which has no newline at its end. */
static const char *
begin_of_last(const char *bytes, size_t size)
{
    const char *end = bytes + size;

    while (end > bytes && end[-1] != '\n' && end[-1] != '\r')
        end--;
    return end;
}

/* Replace the last line by that of bytes[0, size), or continue it. */
static void
update(LastLine *line, DagStream stream, const char *bytes, size_t size)
{
    bool ends = bytes[size - 1] == '\n' || bytes[size - 1] == '\r';
    const char *begin;

    while (size > 0 && (bytes[size - 1] == '\n' || bytes[size - 1] == '\r'))
        size--;
    begin = begin_of_last(bytes, size);
    if (begin > bytes || line->is_complete || stream != line->stream)
        g_string_truncate(line->text, 0);
    g_string_append_len(line->text, begin,
                        (gssize)MIN((size_t)(bytes + size - begin),
                                    MAX_LAST - MIN(line->text->len, MAX_LAST)));
    line->stream = stream;
    line->is_complete = ends;
    line->is_new = true;
}

/* Return the last line of the task, empty at first. */
static LastLine *
line_of_locked(Follow *follow, DagTaskId task)
{
    gpointer key = GUINT_TO_POINTER(task + 1);
    LastLine *line = g_hash_table_lookup(follow->lines, key);

    if (!line) {
        line = g_new0(LastLine, 1);
        line->text = g_string_new(NULL);
        g_hash_table_insert(follow->lines, key, line);
    }
    return line;
}

static void
push_last(Follow *follow, const FollowedText *said)
{
    Execution *ex = follow->execution;

    dag__lock(&ex->lock);
    update(line_of_locked(follow, said->task), said->stream, said->bytes, said->size);
    dag__unlock(&ex->lock);
}

void
dag__follow_push(Follow *follow, const FollowedText *said)
{
    if (follow->how == DAG_FOLLOW_ALL)
        push_all(follow, said);
    else
        push_last(follow, said);
}

void
dag__follow_count(Follow *follow, DagTaskId task, uint64_t n_tokens)
{
    LastLine *line;

    dag__lock(&follow->execution->lock);
    line = line_of_locked(follow, task);
    line->n_tokens = n_tokens;
    line->has_new_tokens = true;
    dag__unlock(&follow->execution->lock);
}

/* Record the events of one task. */
static void
record_locked(const Follow *follow, DagTaskId task, LastLine *line)
{
    Recorder *recorder = &follow->execution->core.recorder;
    int64_t now_ns = dag__execution_now(follow->execution);

    if (line->has_new_tokens)
        dag__recorder_counted(recorder, task, line->n_tokens, now_ns);
    if (line->is_new && line->text->len > 0)
        dag__recorder_said(recorder, task, line->stream,
                           g_string_new_len(line->text->str, (gssize)line->text->len),
                           now_ns);
    line->has_new_tokens = line->is_new = false;
}

void
dag__follow_tick_locked(Follow *follow)
{
    GHashTableIter iter;
    gpointer key, value;

    if (!follow)
        return;
    g_hash_table_iter_init(&iter, follow->lines);
    while (g_hash_table_iter_next(&iter, &key, &value))
        record_locked(follow, GPOINTER_TO_UINT(key) - 1, value);
}

void
dag__follow_forget_locked(Follow *follow, DagTaskId task)
{
    if (follow)
        g_hash_table_remove(follow->lines, GUINT_TO_POINTER(task + 1));
}

void
dag__follow_delivered_locked(Follow *follow)
{
    if (!follow)
        return;
    follow->n_waiting = 0;
    g_cond_broadcast(&follow->delivered);
}
