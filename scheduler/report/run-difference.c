/* SPDX-License-Identifier: MIT */
/*
 * Two stored runs beside each other.  Durations are shown where they made a difference, but two runs are not
 * different for them alone: no two runs take equally long.
 */
#include "report/difference.h"

#include <dagrun/store.h>

/* Durations that differ by less made no difference. */
#define LEAST_SHARE 0.1  /* of the shorter one */
#define LEAST_PART  0.01 /* of the longer run */
#define MAX_SHOWN   10

/* A task whose duration differs. */
typedef struct Slower {
    const char *name;
    double before, after; /* seconds */
} Slower;

static GHashTable *
index_of(const GPtrArray *tasks)
{
    GHashTable *index = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < tasks->len; i++) {
        DagStoredTask *task = g_ptr_array_index(tasks, i);

        g_hash_table_insert(index, task->name, task);
    }
    return index;
}

/* Tell how outcome and phase of a task differ. */
static void
compare_task(Difference *difference, const DagStoredTask *before,
             const DagStoredTask *after)
{
    g_autoptr(GString) changes = g_string_new(NULL);

    if (before->outcome != after->outcome)
        g_string_append_printf(changes, "%s → %s", dag_outcome_name(before->outcome),
                               dag_outcome_name(after->outcome));
    if (before->phase != after->phase)
        g_string_append_printf(changes, "%sphase %u → %u", changes->len > 0 ? "; " : "",
                               before->phase, after->phase);
    if (changes->len > 0)
        dag__difference_tell(difference, after->name, changes->str);
}

static double
off(const Slower *slower)
{
    return ABS(slower->after - slower->before);
}

static int
compare_off(gconstpointer a, gconstpointer b)
{
    double left = off(a), right = off(b);

    return (left < right) - (left > right);
}

/* Collect the durations that made a difference, of Slower, the largest first. */
static GArray *
list_slower(const GPtrArray *before, const GPtrArray *after, double longer)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(Slower));
    g_autoptr(GHashTable) index = index_of(before);

    for (guint i = 0; i < after->len; i++) {
        const DagStoredTask *now = g_ptr_array_index(after, i);
        const DagStoredTask *then = g_hash_table_lookup(index, now->name);
        Slower slower;

        if (!then || then->busy_ns < 0 || now->busy_ns < 0)
            continue;
        slower =
            (Slower){now->name, (double)then->busy_ns / 1e9, (double)now->busy_ns / 1e9};
        if (off(&slower) >= LEAST_SHARE * MIN(slower.before, slower.after) &&
            off(&slower) >= LEAST_PART * longer)
            g_array_append_val(list, slower);
    }
    g_array_sort(list, compare_off);
    return list;
}

static void
write_durations(const Difference *difference, const DagRunWithTasks *before,
                const DagRunWithTasks *after)
{
    double then = (double)before->run->duration_ns / 1e9;
    double now = (double)after->run->duration_ns / 1e9;
    g_autoptr(GArray) list = list_slower(before->tasks, after->tasks, MAX(then, now));
    g_autoptr(GString) line = g_string_new("took ");

    dag__difference_seconds(line, then, now);
    dag__text_line(difference->out, difference->style, TONE_BOLD, "%s", line->str);
    for (guint i = 0; i < list->len && i < MAX_SHOWN; i++) {
        const Slower *slower = &g_array_index(list, Slower, i);

        g_string_truncate(line, 0);
        dag__difference_seconds(line, slower->before, slower->after);
        dag__text_line(difference->out, difference->style, TONE_PLAIN, "  %s  %s",
                       slower->name, line->str);
    }
    if (list->len > MAX_SHOWN)
        dag__text_line(difference->out, difference->style, TONE_DIM, "  and %u more",
                       list->len - MAX_SHOWN);
}

/* Tell of a text that both runs have, if it differs. */
static void
compare_texts(Difference *difference, const char *name, const char *before,
              const char *after)
{
    g_autofree char *text = g_strdup_printf("%s → %s", before, after);

    if (g_strcmp0(before, after) != 0)
        dag__difference_tell(difference, name, text);
}

bool
dag_report_run_difference(const DagRunWithTasks *before, const DagRunWithTasks *after,
                          DagTextStyle style, GString *out)
{
    g_return_val_if_fail(before && after && out, false);

    Difference difference = {.style = style, .out = out};
    g_autoptr(GHashTable) then = index_of(before->tasks), now = index_of(after->tasks);

    dag__text_line(out, style, TONE_BOLD,
                   "run %" G_GINT64_FORMAT " → run %" G_GINT64_FORMAT, before->run->id,
                   after->run->id);
    compare_texts(&difference, "graph", before->run->path, after->run->path);
    compare_texts(&difference, "outcome", dag_stored_run_state(before->run),
                  dag_stored_run_state(after->run));
    compare_texts(&difference, "parameters", before->run->parameters,
                  after->run->parameters);
    compare_texts(&difference, "strategy", before->run->strategy, after->run->strategy);
    for (guint i = 0; i < after->tasks->len; i++) {
        const DagStoredTask *task = g_ptr_array_index(after->tasks, i);
        const DagStoredTask *earlier = g_hash_table_lookup(then, task->name);

        if (earlier)
            compare_task(&difference, earlier, task);
        else
            dag__difference_tell(&difference, task->name, "added");
    }
    for (guint i = 0; i < before->tasks->len; i++) {
        const DagStoredTask *task = g_ptr_array_index(before->tasks, i);

        if (!g_hash_table_contains(now, task->name))
            dag__difference_tell(&difference, task->name, "removed");
    }
    write_durations(&difference, before, after);
    return difference.is_different;
}
