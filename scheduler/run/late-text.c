/* SPDX-License-Identifier: MIT */
/*
 * A late text may outlive the run, because a process does.  So it is counted by references, and after
 * the end of the run it uses nothing of the run any more.
 */
#include "run/late-text.h"

#include "model/graph.h"
#include "model/mask.h"
#include "run/lock.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

/* A screen of text. */
#define END_SIZE 4096

struct DagLateText {
    atomic_uint n_references;
    DagTaskId task;
    GMutex lock;
    /* All below are protected by lock. */
    bool is_closed;
    int fd;                 /* of the log, or -1 */
    DagMaskStream masks[2]; /* by stream */
    char end[END_SIZE];
    size_t n_end;
};

struct LateTexts {
    const DagGraph *graph;
    const Logs *logs; /* or NULL */
    GMutex lock;
    GPtrArray *texts; /* of DagLateText; protected by lock */
};

void
dag_late_text_unref(DagLateText *text)
{
    if (!text || atomic_fetch_sub(&text->n_references, 1) > 1)
        return;
    g_mutex_clear(&text->lock);
    g_free(text);
}

DagLateText *
dag_late_text_ref(DagLateText *text)
{
    g_return_val_if_fail(text, NULL);
    atomic_fetch_add(&text->n_references, 1);
    return text;
}

static void
unref_text(gpointer data)
{
    dag_late_text_unref(data);
}

LateTexts *
dag__late_texts_new(const DagGraph *graph, const Logs *logs)
{
    LateTexts *texts = g_new0(LateTexts, 1);

    texts->graph = graph;
    texts->logs = logs;
    g_mutex_init(&texts->lock);
    texts->texts = g_ptr_array_new_with_free_func(unref_text);
    return texts;
}

void
dag__late_texts_free(LateTexts *texts)
{
    if (!texts)
        return;
    g_ptr_array_unref(texts->texts);
    g_mutex_clear(&texts->lock);
    g_free(texts);
}

DagLateText *
dag__late_texts_add(LateTexts *texts, DagTaskId task)
{
    DagLateText *text = g_new0(DagLateText, 1);

    atomic_init(&text->n_references, 1);
    text->task = task;
    g_mutex_init(&text->lock);
    text->fd = texts->logs ? dag__logs_continue(texts->logs, task) : -1;
    for (int i = 0; i < 2; i++)
        text->masks[i].mask = texts->graph->mask;
    dag__lock(&texts->lock);
    g_ptr_array_add(texts->texts, dag_late_text_ref(text));
    dag__unlock(&texts->lock);
    return text;
}

/* Append to the log.  A full disk is reported for the texts of tasks; there is nothing to add here. */
static void
write_log_locked(const DagLateText *text, const char *bytes, size_t size)
{
    while (text->fd >= 0 && size > 0) {
        ssize_t n = write(text->fd, bytes, size);

        if (n < 0 && errno != EINTR)
            return;
        bytes += MAX(n, 0);
        size -= (size_t)MAX(n, 0);
    }
}

/* Append text in which secrets are masked. */
static void
append_locked(DagLateText *text, const char *bytes, size_t size)
{
    size_t n_old;

    write_log_locked(text, bytes, size);
    if (size >= END_SIZE) {
        memcpy(text->end, bytes + size - END_SIZE, END_SIZE);
        text->n_end = END_SIZE;
        return;
    }
    n_old = MIN(text->n_end, END_SIZE - size);
    memmove(text->end, text->end + text->n_end - n_old, n_old);
    memcpy(text->end + n_old, bytes, size);
    text->n_end = n_old + size;
}

void
dag_late_text_write(DagLateText *text, DagStream stream, const void *bytes, size_t size)
{
    g_return_if_fail(text && (bytes || size == 0));
    dag__lock(&text->lock);
    if (!text->is_closed && text->masks[stream].mask) {
        g_autoptr(GString) masked = g_string_new(NULL);

        dag__mask_push(&text->masks[stream], bytes, size, masked);
        append_locked(text, masked->str, masked->len);
    } else if (!text->is_closed) {
        append_locked(text, bytes, size);
    }
    dag__unlock(&text->lock);
}

static void
close_text(DagLateText *text)
{
    g_autoptr(GString) rest = g_string_new(NULL);

    dag__lock(&text->lock);
    for (int i = 0; i < 2; i++)
        if (text->masks[i].mask)
            dag__mask_flush(&text->masks[i], rest);
    append_locked(text, rest->str, rest->len);
    text->is_closed = true;
    if (text->fd >= 0)
        close(text->fd);
    text->fd = -1;
    dag__unlock(&text->lock);
}

void
dag__late_texts_close(LateTexts *texts)
{
    for (guint i = 0; i < texts->texts->len; i++)
        close_text(texts->texts->pdata[i]);
}

void
dag__late_texts_each(const LateTexts *texts,
                     void (*take)(DagTaskId task, const char *end, size_t size, void *data),
                     void *data)
{
    for (guint i = 0; i < texts->texts->len; i++) {
        const DagLateText *text = texts->texts->pdata[i];

        if (text->n_end > 0)
            take(text->task, text->end, text->n_end, data);
    }
}
