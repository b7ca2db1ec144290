/* SPDX-License-Identifier: MIT */
#include "display/failure-texts.h"

#include "display/excerpt.h"

#include <inttypes.h>

/* A DagSpoolTaker. */
static bool
push(const char *bytes, uint64_t size, void *excerpt)
{
    excerpt_push(excerpt, bytes, size);
    return true;
}

/* Return the first and the last lines of a text, without escape sequences; free with g_free(). */
static char *
shorten(const DagSpool *spool)
{
    g_auto(Excerpt) excerpt;
    GString *text = g_string_new(NULL);
    uint64_t n_left_out;

    excerpt_init(&excerpt, dag_spool_size(spool), false);
    dag_spool_read(spool, push, &excerpt);
    excerpt_end(&excerpt);
    n_left_out = excerpt_n_left_out(&excerpt);
    g_string_append(text, excerpt.head->str);
    if (n_left_out > 0)
        g_string_append_printf(text, "… %" PRIu64 " lines left out …\n", n_left_out);
    excerpt_append_tail(&excerpt, text);
    return g_string_free(text, FALSE);
}

static void
notify(const DagEvent *event, void *data)
{
    FailureTexts *texts = data;

    if (event->type != DAG_EVENT_TASK_FINISHED || !event->transcript ||
        dag_spool_size(event->transcript) == 0 ||
        dag_outcome_is_success(dag_run_record(event->run, event->task).outcome))
        return;
    if (!texts->texts)
        texts->texts = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    g_hash_table_insert(texts->texts, GUINT_TO_POINTER(event->task),
                        shorten(event->transcript));
}

DagObserver
failure_texts_observer(FailureTexts *texts)
{
    return (DagObserver){.notify = notify, .data = texts};
}

const char *
failure_texts_get(const FailureTexts *texts, DagTaskId id)
{
    return texts->texts ? g_hash_table_lookup(texts->texts, GUINT_TO_POINTER(id)) : NULL;
}

void
failure_texts_clear(FailureTexts *texts)
{
    g_clear_pointer(&texts->texts, g_hash_table_unref);
}
