/* SPDX-License-Identifier: MIT */
/*
 * Check the times of a run: a task starts after its predecessors and after the barrier, and no
 * more tasks run at once than there are workers and slots.
 */
#include "soak.h"

#include <stdlib.h>
#include <string.h>

/* An attempt of a task. */
typedef struct Span {
    uint32_t task;
    unsigned worker;
    int64_t start_ns;
    int64_t end_ns;
} Span;

/* The start or the end of an attempt. */
typedef struct Edge {
    int64_t time_ns;
    int step; /* 1: it starts, -1: it ends */
    uint32_t task;
} Edge;

/* Returns: all attempts (of Span). */
static GArray *
spans_of(const Record *record)
{
    GArray *spans = g_array_new(FALSE, FALSE, sizeof(Span));

    for (uint32_t i = 0; i < record->n; i++)
        for (guint k = 0; k < record->tasks[i].attempts->len; k++) {
            const Attempt *attempt = &g_array_index(record->tasks[i].attempts, Attempt, k);
            Span span = {i, attempt->worker, attempt->start_ns, attempt->end_ns};

            g_array_append_val(spans, span);
        }
    return spans;
}

static int
compare_spans(gconstpointer a, gconstpointer b)
{
    const Span *x = a, *y = b;

    if (x->worker != y->worker)
        return x->worker < y->worker ? -1 : 1;
    if (x->start_ns != y->start_ns)
        return x->start_ns < y->start_ns ? -1 : 1;
    return (x->end_ns > y->end_ns) - (x->end_ns < y->end_ns);
}

/* A worker runs one task at a time. */
static void
check_workers(const Case *c, const Record *record, GArray *spans, GString *problems)
{
    if (record->n_workers > c->n_workers)
        complain(problems, "there were %u workers", record->n_workers);
    g_array_sort(spans, compare_spans);
    for (guint i = 0; i < spans->len; i++) {
        const Span *span = &g_array_index(spans, Span, i);
        const Span *before = i > 0 ? span - 1 : NULL;

        if (span->worker >= record->n_workers)
            complain(problems, "t%u ran on worker %u", span->task, span->worker);
        if (before && before->worker == span->worker && before->end_ns > span->start_ns)
            complain(problems, "t%u and t%u ran on worker %u at the same time",
                     before->task, span->task, span->worker);
    }
}

/* At the same time, ends sort before starts. */
static int
compare_edges(gconstpointer a, gconstpointer b)
{
    const Edge *x = a, *y = b;

    if (x->time_ns != y->time_ns)
        return x->time_ns < y->time_ns ? -1 : 1;
    return x->step - y->step;
}

static GArray *
edges_of(const GArray *spans)
{
    GArray *edges = g_array_new(FALSE, FALSE, sizeof(Edge));

    for (guint i = 0; i < spans->len; i++) {
        const Span *span = &g_array_index(spans, Span, i);
        Edge both[] = {{span->start_ns, 1, span->task}, {span->end_ns, -1, span->task}};

        g_array_append_vals(edges, both, 2);
    }
    g_array_sort(edges, compare_edges);
    return edges;
}

/* Returns: the number of slots of the pool that the task uses; its uses look like "p0:2 p1:1 ". */
static long
slots_of(const Case *c, uint32_t task, uint32_t pool)
{
    g_auto(GStrv) uses =
        g_strsplit(c->random->uses[task] ? c->random->uses[task] : "", " ", -1);
    g_autofree char *prefix = g_strdup_printf("p%u:", pool);

    for (char **use = uses; *use; use++)
        if (g_str_has_prefix(*use, prefix))
            return strtol(strchr(*use, ':') + 1, NULL, 10);
    return 0;
}

static void
check_pool(const Case *c, const GArray *edges, uint32_t pool, GString *problems)
{
    long taken = 0;

    for (guint i = 0; i < edges->len; i++) {
        const Edge *edge = &g_array_index(edges, Edge, i);

        taken += edge->step * slots_of(c, edge->task, pool);
        if (taken > (long)c->random->slots[pool])
            complain(problems, "t%u took %ld slots of p%u, which has %u", edge->task, taken,
                     pool, c->random->slots[pool]);
    }
}

static void
check_load(const Case *c, const GArray *spans, GString *problems)
{
    g_autoptr(GArray) edges = edges_of(spans);
    int n_running = 0;

    for (guint i = 0; i < edges->len; i++) {
        const Edge *edge = &g_array_index(edges, Edge, i);

        n_running += edge->step;
        if (n_running > (int)c->n_workers)
            complain(problems, "t%u was one of %d running tasks", edge->task, n_running);
    }
    for (uint32_t pool = 0; pool < c->random->n_pools; pool++)
        check_pool(c, edges, pool, problems);
}

/* A pause lasts at least half of the delay; the delay doubles with each attempt. */
static void
check_pauses(const Case *c, const Record *record, uint32_t number, GString *problems)
{
    const GArray *attempts = record->tasks[number].attempts;
    int64_t pause_ns = MAX(c->tasks[number].policy.retry_delay_ns, 0);

    for (guint i = 0; i < attempts->len; i++) {
        const Attempt *attempt = &g_array_index(attempts, Attempt, i);

        if (attempt->start_ns < 0 || attempt->end_ns < attempt->start_ns ||
            attempt->end_ns > record->duration_ns)
            complain(problems, "t%u ran from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                     number, attempt->start_ns, attempt->end_ns);
        if (i == 0)
            continue;
        if (attempt->start_ns - attempt[-1].end_ns < pause_ns / 2)
            complain(problems, "t%u was tried again too soon, as attempt %u", number,
                     i + 1);
        pause_ns *= 2;
    }
}

/* Returns: the start of the task's first attempt. */
static int64_t
start_of(const TaskRecord *task)
{
    return g_array_index(task->attempts, Attempt, 0).start_ns;
}

/* Returns: the end of the task's last attempt. */
static int64_t
end_of(const TaskRecord *task)
{
    return g_array_index(task->attempts, Attempt, task->attempts->len - 1).end_ns;
}

/* Report if both ran and `later` began before `earlier` ended. */
static void
check_pair(const Record *record, uint32_t earlier, uint32_t later, GString *problems)
{
    const TaskRecord *first = &record->tasks[earlier], *second = &record->tasks[later];

    if (first->attempts->len > 0 && second->attempts->len > 0 &&
        end_of(first) > start_of(second))
        complain(problems, "t%u began %" G_GINT64_FORMAT " ns before t%u had ended", later,
                 end_of(first) - start_of(second), earlier);
}

static void
check_order(const Case *c, const Record *record, uint32_t number, GString *problems)
{
    const GArray *preds = c->tasks[number].preds;

    for (guint i = 0; i < preds->len; i++)
        check_pair(record, g_array_index(preds, uint32_t, i), number, problems);
    if (c->strategy->release != DAG_RELEASE_PHASE)
        return;
    for (uint32_t other = 0; other < record->n; other++)
        if (record->tasks[other].phase < record->tasks[number].phase)
            check_pair(record, other, number, problems);
}

void
soak_check_times(const Case *c, const Record *record, GString *problems)
{
    g_autoptr(GArray) spans = spans_of(record);

    for (uint32_t i = 0; i < record->n; i++) {
        check_pauses(c, record, i, problems);
        check_order(c, record, i, problems);
    }
    check_workers(c, record, spans, problems);
    check_load(c, spans, problems);
}
