/* SPDX-License-Identifier: MIT */
/*
 * The durations of tasks over several runs, a line for each task.
 */
#include "report/table.h"

#include <dagrun/store.h>

/* A bar for each eighth of a task's longest duration. */
static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

typedef struct Trend {
    const GPtrArray *runs; /* of GPtrArray, of DagStoredTask; the oldest first */
    GPtrArray *indexes;    /* of GHashTable: the tasks of each run by name */
} Trend;

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

/* Return the nanoseconds of a task in a run if it succeeded there, else -1. */
static int64_t
duration_in(const Trend *trend, guint run, const char *name)
{
    const DagStoredTask *task =
        g_hash_table_lookup(g_ptr_array_index(trend->indexes, run), name);

    return task && task->outcome == DAG_SUCCEEDED ? task->busy_ns : -1;
}

/* Append a mark for a run: a bar, × for a failure, · if the task did not run. */
static void
append_mark(const Trend *trend, guint run, const char *name, int64_t longest_ns,
            GString *line)
{
    int64_t ns = duration_in(trend, run, name);
    const DagStoredTask *task =
        g_hash_table_lookup(g_ptr_array_index(trend->indexes, run), name);
    double part = (double)ns / (double)MAX(longest_ns, 1);

    if (ns >= 0)
        g_string_append(
            line, bars[MIN((size_t)(part * G_N_ELEMENTS(bars)), G_N_ELEMENTS(bars) - 1)]);
    else if (task && (task->outcome == DAG_FAILED || task->outcome == DAG_TIMED_OUT))
        g_string_append(line, "×");
    else
        g_string_append(line, "·");
}

static void
add_row(Table *table, const Trend *trend, const char *name)
{
    g_autoptr(GString) line = g_string_new(NULL);
    int64_t shortest_ns = -1, longest_ns = -1, last_ns = -1;

    for (guint run = 0; run < trend->runs->len; run++) {
        int64_t ns = duration_in(trend, run, name);

        if (ns < 0)
            continue;
        last_ns = ns;
        longest_ns = MAX(longest_ns, ns);
        shortest_ns = shortest_ns < 0 ? ns : MIN(shortest_ns, ns);
    }
    for (guint run = 0; run < trend->runs->len; run++)
        append_mark(trend, run, name, longest_ns, line);
    dag__table_text(table, TONE_PLAIN, name);
    dag__table_text(table, TONE_PLAIN, line->str);
    dag__table_duration(table, TONE_PLAIN, last_ns);
    dag__table_duration(table, TONE_DIM, shortest_ns);
    dag__table_duration(table, TONE_DIM, longest_ns);
}

static void
trend_rows(Table *table, const void *data)
{
    const Trend *trend = data;
    const GPtrArray *newest = g_ptr_array_index(trend->runs, trend->runs->len - 1);

    for (guint i = 0; i < newest->len && dag__table_is_wanted(table); i++)
        add_row(table, trend, ((DagStoredTask *)g_ptr_array_index(newest, i))->name);
}

void
dag_report_trend_to(const GPtrArray *runs, DagTextStyle style, const DagReportSink *sink)
{
    g_return_if_fail(runs && runs->len > 0 && sink && sink->write);

    static const Column columns[] = {{"", false},
                                     {"runs", false},
                                     {"last", true},
                                     {"shortest", true},
                                     {"longest", true}};
    g_auto(Stream) stream = stream_to(sink);
    g_autoptr(GPtrArray) indexes =
        g_ptr_array_new_with_free_func((GDestroyNotify)g_hash_table_unref);
    Trend trend = {runs, indexes};

    for (guint i = 0; i < runs->len; i++)
        g_ptr_array_add(indexes, index_of(g_ptr_array_index(runs, i)));
    dag__table_write_to(&(TableSpec){columns, G_N_ELEMENTS(columns), trend_rows, &trend},
                        style, &stream);
}
