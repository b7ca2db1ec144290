/* SPDX-License-Identifier: MIT */
#include "answer-cache.h"

#include <dagrun/duration.h>
#include <string.h>

struct AnswerCache {
    char *directory; /* or NULL: not looked for yet */
    char *salt;
    GHashTable *flights; /* of char * to AnswerFlight */
};

struct AnswerFlight {
    char *key;
    AnswerUse *leader; /* its request is sent */
    GPtrArray *others; /* of AnswerUse, not owned: they wait, in their order */
};

static void
flight_free(gpointer data)
{
    AnswerFlight *flight = data;

    g_free(flight->key);
    g_ptr_array_unref(flight->others);
    g_free(flight);
}

AnswerCache *
answer_cache_new(void)
{
    AnswerCache *cache = g_new0(AnswerCache, 1);

    cache->flights = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, flight_free);
    return cache;
}

void
answer_cache_free(AnswerCache *cache)
{
    g_free(cache->directory);
    g_free(cache->salt);
    g_hash_table_unref(cache->flights);
    g_free(cache);
}

const char *
answer_cache_salt(AnswerCache *cache, GError **error)
{
    if (!cache->directory)
        cache->directory = kept_answers_directory(error);
    if (cache->directory && !cache->salt)
        cache->salt = kept_answers_salt(cache->directory, error);
    return cache->salt;
}

/* The time has come to tell the result. */
static void
on_told(void *data)
{
    AnswerUse *use = data;
    g_autoptr(KeptAnswer) found = g_steal_pointer(&use->found);

    waits_remove(transfers_waits(use->transfers), use->wait);
    use->wait = NULL;
    use->done(found, use->data);
}

/* Tell the result soon: not now, since the caller is in the midst of the end of another attempt. */
static void
tell(AnswerUse *use, KeptAnswer *found)
{
    use->found = found;
    use->begun_ns = dag_clock_ns();
    use->wait = waits_add(transfers_waits(use->transfers), 0, on_told, use);
}

static KeptAnswer *
copy_of(const KeptAnswer *answer)
{
    KeptAnswer *copy = g_memdup2(answer, sizeof(*answer));

    copy->text = g_string_new_len(answer->text->str, (gssize)answer->text->len);
    copy->model = g_strdup(answer->model);
    return copy;
}

void
answer_use_begin(AnswerUse *use, const char *key, int64_t age_ns)
{
    AnswerCache *cache = transfers_answers(use->transfers);
    AnswerFlight *flight = g_hash_table_lookup(cache->flights, key);
    g_autoptr(KeptAnswer) found = NULL;

    use->begun_ns = dag_clock_ns();
    if (flight) {
        use->flight = flight;
        g_ptr_array_add(flight->others, use);
        return;
    }
    found = kept_answers_read(cache->directory, key, age_ns);
    if (!found) {
        flight = g_new(AnswerFlight, 1);
        *flight = (AnswerFlight){g_strdup(key), use, g_ptr_array_new()};
        g_hash_table_insert(cache->flights, flight->key, flight);
        use->flight = flight;
    }
    use->done(found, use->data);
}

/* Remove the use from its flight; if it led, the next one does. */
static void
leave(AnswerUse *use)
{
    AnswerFlight *flight = g_steal_pointer(&use->flight);

    if (!flight)
        return;
    if (flight->leader != use) {
        g_ptr_array_remove(flight->others, use);
    } else if (flight->others->len > 0) {
        flight->leader = g_ptr_array_steal_index(flight->others, 0);
        tell(flight->leader, NULL);
    } else {
        g_hash_table_remove(transfers_answers(use->transfers)->flights, flight->key);
    }
}

bool
answer_use_keep(AnswerUse *use, KeptAnswer *answer, GError **error)
{
    g_autoptr(KeptAnswer) given = answer;
    AnswerFlight *flight = g_steal_pointer(&use->flight);
    AnswerCache *cache;
    bool is_kept;

    if (!flight)
        return true;
    cache = transfers_answers(use->transfers);
    given->duration_ns = dag_clock_ns() - use->begun_ns;
    is_kept = kept_answers_write(cache->directory, flight->key, given, error);
    for (guint i = 0; i < flight->others->len; i++) {
        AnswerUse *other = flight->others->pdata[i];

        other->flight = NULL;
        tell(other, copy_of(given));
    }
    g_hash_table_remove(cache->flights, flight->key);
    return is_kept;
}

void
answer_use_clear(AnswerUse *use)
{
    if (use->wait)
        waits_remove(transfers_waits(use->transfers), use->wait);
    use->wait = NULL;
    g_clear_pointer(&use->found, kept_answer_free);
    leave(use);
}

void
answer_use_warn(DagContext *context, const GError *error)
{
    g_autofree char *text = g_strdup_printf("the answer is not kept: %s\n", error->message);

    dag_context_write_errors(context, text, strlen(text));
}

const char *
answer_use_salt(Transfers *transfers, int64_t age_ns, DagContext *context)
{
    g_autoptr(GError) error = NULL;
    const char *salt;

    if (age_ns == 0 || transfers_recording(transfers))
        return NULL;
    salt = answer_cache_salt(transfers_answers(transfers), &error);
    if (!salt)
        answer_use_warn(context, error);
    return salt;
}
