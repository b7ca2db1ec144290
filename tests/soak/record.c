/* SPDX-License-Identifier: MIT */
/*
 * Read the record with JSON-GLib, which shares no code with the writer.
 */
#include "soak.h"

#include <json-glib/json-glib.h>
#include <stdlib.h>
#include <string.h>

/* Seconds are written with nine decimals, so the result is exact. */
static int64_t
ns_of(JsonObject *object, const char *key)
{
    return (int64_t)(json_object_get_double_member_with_default(object, key, -1e-9) * 1e9 +
                     0.5);
}

static int
code_of(JsonObject *object)
{
    return (int)json_object_get_int_member_with_default(object, "exit_code", CODE_NONE);
}

/* Returns: the outcome; DAG_PENDING if it is unknown. */
static DagOutcome
outcome_of(JsonObject *object)
{
    const char *name = json_object_get_string_member_with_default(object, "outcome", "");

    for (DagOutcome outcome = DAG_SUCCEEDED; outcome < DAG_N_OUTCOMES; outcome++)
        if (strcmp(dag_outcome_name(outcome), name) == 0)
            return outcome;
    return DAG_PENDING;
}

static Attempt
attempt_of(JsonObject *object)
{
    return (Attempt){
        .start_ns = ns_of(object, "start_seconds"),
        .end_ns = ns_of(object, "end_seconds"),
        .outcome = outcome_of(object),
        .code = code_of(object),
    };
}

/* A task with one attempt has no list of attempts; its own members describe the attempt. */
static void
read_attempts(TaskRecord *task, JsonObject *object)
{
    if (json_object_has_member(object, "attempts")) {
        JsonArray *list = json_object_get_array_member(object, "attempts");

        for (guint i = 0; i < json_array_get_length(list); i++) {
            Attempt attempt = attempt_of(json_array_get_object_element(list, i));

            g_array_append_val(task->attempts, attempt);
        }
    } else if (json_object_has_member(object, "start_seconds")) {
        Attempt attempt = attempt_of(object);

        g_array_append_val(task->attempts, attempt);
    }
}

static void
read_task(Record *record, JsonObject *object, GString *problems)
{
    const char *name = json_object_get_string_member_with_default(object, "id", "?");
    char *end;
    unsigned long number = strtoul(name + 1, &end, 10);

    if (*name != 't' || *end || number >= record->n) {
        complain(problems, "the record has a task \"%s\"", name);
        return;
    }

    TaskRecord *task = &record->tasks[number];

    if (task->n_seen++ > 0)
        return;
    task->outcome = outcome_of(object);
    read_attempts(task, object);
}

static void
read_lists(Record *record, JsonObject *root, GString *problems)
{
    JsonArray *tasks = json_object_get_array_member(root, "tasks");
    JsonArray *excluded = json_object_get_array_member(root, "excluded");

    for (guint i = 0; i < json_array_get_length(tasks); i++)
        read_task(record, json_array_get_object_element(tasks, i), problems);
    for (guint i = 0; i < json_array_get_length(excluded); i++) {
        unsigned long number =
            strtoul(json_array_get_string_element(excluded, i) + 1, NULL, 10);

        if (number < record->n)
            record->excluded[number] = true;
    }
}

Record *
record_read(const Case *c, const char *path, GString *problems)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    g_autoptr(GError) error = NULL;
    Record *record;

    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return NULL;
    if (!json_parser_load_from_file(parser, path, &error)) {
        complain(problems, "the record is broken: %s", error->message);
        return NULL;
    }

    JsonObject *root = json_node_get_object(json_parser_get_root(parser));

    record = g_new0(Record, 1);
    record->n = c->random->n;
    record->tasks = g_new0(TaskRecord, record->n);
    record->excluded = g_new0(bool, record->n);
    for (size_t i = 0; i < record->n; i++)
        record->tasks[i].attempts = g_array_new(FALSE, FALSE, sizeof(Attempt));
    record->succeeded = json_object_get_boolean_member(root, "succeeded");
    record->duration_ns = ns_of(root, "overall_duration_seconds");
    record->n_workers =
        (unsigned)json_object_get_int_member_with_default(root, "workers", 0);
    if (!json_object_get_null_member(root, "signal"))
        record->signal = (int)json_object_get_int_member(root, "signal");
    record->stopped_by =
        g_strdup(json_object_get_string_member_with_default(root, "stopped_by", NULL));
    read_lists(record, root, problems);
    return record;
}

void
record_free(Record *record)
{
    if (!record)
        return;
    for (size_t i = 0; i < record->n; i++)
        g_array_unref(record->tasks[i].attempts);
    g_free(record->tasks);
    g_free(record->excluded);
    g_free(record->stopped_by);
    g_free(record);
}
