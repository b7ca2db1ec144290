/* SPDX-License-Identifier: MIT */
/*
 * The simplest implementation: every task that becomes ready is pushed to a GThreadPool.
 */
#include "runner.h"

#include <glib.h>
#include <stdatomic.h>

typedef struct Pool {
    const Shape *shape;
    Body body;
    unsigned n_workers;

    /* Data of one run. */
    GThreadPool *threads;
    Mark *marks;
    atomic_uint *waiting; /* [shape->n] */
    atomic_uint left;     /* number of tasks that have not ended */
    GMutex lock;
    GCond done;
} Pool;

static void
pool_push(Pool *pool, uint32_t id)
{
    g_thread_pool_push(pool->threads, GUINT_TO_POINTER(id + 1), NULL);
}

/* Thread of the pool. */
static void
pool_work(gpointer task, gpointer data)
{
    static _Thread_local int64_t last_ns;
    Pool *pool = data;
    const Shape *shape = pool->shape;
    uint32_t id = GPOINTER_TO_UINT(task) - 1;

    mark_task(&pool->marks[id], &pool->body, &last_ns);
    for (uint32_t e = shape->first_succ[id]; e < shape->first_succ[id + 1]; e++)
        if (atomic_fetch_sub(&pool->waiting[shape->succs[e]], 1) == 1)
            pool_push(pool, shape->succs[e]);
    if (atomic_fetch_sub(&pool->left, 1) == 1) {
        g_mutex_lock(&pool->lock);
        g_cond_signal(&pool->done);
        g_mutex_unlock(&pool->lock);
    }
}

static void *
pool_prepare(const Shape *shape, const Body *body, unsigned n_workers)
{
    Pool *pool = g_new0(Pool, 1);

    pool->shape = shape;
    pool->body = *body;
    pool->n_workers = n_workers;
    g_mutex_init(&pool->lock);
    g_cond_init(&pool->done);
    return pool;
}

static void *
pool_run(void *data)
{
    Pool *pool = data;
    const Shape *shape = pool->shape;

    pool->threads = g_thread_pool_new(pool_work, pool, (int)pool->n_workers, TRUE, NULL);
    pool->marks = g_new0(Mark, shape->n);
    pool->waiting = g_new(atomic_uint, shape->n);
    atomic_init(&pool->left, shape->n);
    for (uint32_t id = 0; id < shape->n; id++)
        atomic_init(&pool->waiting[id], shape_n_preds(shape, id));
    for (uint32_t id = 0; id < shape->n; id++)
        if (shape_n_preds(shape, id) == 0)
            pool_push(pool, id);
    g_mutex_lock(&pool->lock);
    while (atomic_load(&pool->left) > 0)
        g_cond_wait(&pool->done, &pool->lock);
    g_mutex_unlock(&pool->lock);
    g_thread_pool_free(pool->threads, FALSE, TRUE);
    g_free(pool->waiting);
    return g_steal_pointer(&pool->marks);
}

static uint32_t
pool_check(void *data, void *done)
{
    g_autofree Mark *marks = done;

    return marks_count(((const Pool *)data)->shape, marks);
}

static void
pool_dispose(void *data)
{
    Pool *pool = data;

    g_mutex_clear(&pool->lock);
    g_cond_clear(&pool->done);
    g_free(pool);
}

const Runner runner_pool = {
    .name = "pool",
    .summary = "GThreadPool, one push per task",
    .prepare = pool_prepare,
    .run = pool_run,
    .check = pool_check,
    .dispose = pool_dispose,
};
