/* SPDX-License-Identifier: MIT */
/*
 * A record of a run has members that describe the run, and four lists that may be long: phases, their
 * timings, parameters and tasks.  Each member of the run has a reader in a table; tables of fields
 * describe the objects in lists.  Members and fields that are not in a table are skipped, since later
 * versions may add some.
 */
#include "formats/past-run.h"

#include "formats/json-fields.h"

#include <dagrun/error.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

typedef struct Reader {
    DagPastRun *past;
    /* Bits of the members of the run that were read, by their row in the table. */
    uint32_t seen;
    GArray *timings; /* of int64_t: phase_timings */
} Reader;

#define OF_ATTEMPT(field) offsetof(DagPastAttempt, field)

static const Field attempt_fields[] = {
    {"outcome", OUTCOME, true, OF_ATTEMPT(outcome)},
    {"reason", TEXT, false, OF_ATTEMPT(reason)},
    {"exit_code", SMALL, false, OF_ATTEMPT(exit_code)},
    {"start_seconds", SECONDS, true, OF_ATTEMPT(start_ns)},
    {"end_seconds", SECONDS, true, OF_ATTEMPT(end_ns)},
    {"worker", SMALL, false, OF_ATTEMPT(worker)},
    {NULL, TEXT, false, 0},
};

/* A task with one attempt has no list of attempts: its own fields describe the attempt. */
static bool
read_attempts(JsonText *text, DagPastRun *past, const json_t *object, DagPastTask *task)
{
    const json_t *list = json_object_get(object, "attempts");
    DagPastAttempt only = {task->start_ns, task->end_ns, task->reason,
                           task->outcome,  task->worker, task->exit_code};

    task->first_attempt = past->attempts->len;
    if (list && !json_is_array(list))
        return json_text_complain(text, "\"attempts\" should be an array");
    if (!list && task->start_ns >= 0)
        g_array_append_val(past->attempts, only);
    for (size_t i = 0; i < json_array_size(list); i++) {
        DagPastAttempt attempt = {.worker = -1, .exit_code = DAG_EXIT_NONE};

        if (!json_fields_read(text, past, &(FieldTable){"an attempt", attempt_fields},
                              json_array_get(list, i), &attempt))
            return false;
        g_array_append_val(past->attempts, attempt);
    }
    task->n_attempts = past->attempts->len - task->first_attempt;
    return true;
}

#define OF_TASK(field) offsetof(DagPastTask, field)

static const Field task_fields[] = {
    {"id", TEXT, true, OF_TASK(id)},
    {"phase", COUNT, true, OF_TASK(phase)},
    {"outcome", OUTCOME, true, OF_TASK(outcome)},
    {"reason", TEXT, false, OF_TASK(reason)},
    {"exit_code", SMALL, false, OF_TASK(exit_code)},
    {"allowed", FLAG, false, OF_TASK(allowed)},
    {"start_seconds", SECONDS, false, OF_TASK(start_ns)},
    {"end_seconds", SECONDS, false, OF_TASK(end_ns)},
    {"duration_seconds", SECONDS, false, OF_TASK(duration_ns)},
    {"worker", SMALL, false, OF_TASK(worker)},
    {"busy_seconds", SECONDS, false, OF_TASK(busy_ns)},
    {"cost", COST, false, OF_TASK(cost)},
    {NULL, TEXT, false, 0},
};

/* A callback of json_text_items(). */
static bool
read_task(JsonText *text, void *data)
{
    Reader *reader = data;
    DagPastTask task = {.start_ns = -1,
                        .end_ns = -1,
                        .duration_ns = -1,
                        .busy_ns = -1,
                        .cost = -1,
                        .worker = -1,
                        .exit_code = DAG_EXIT_NONE};
    json_t *object = json_text_value(text);
    bool good =
        object && json_fields_read(text, reader->past, &(FieldTable){"a task", task_fields},
                                   object, &task);

    if (good && (task.start_ns < 0) != (task.end_ns < 0))
        good = json_text_complain(text, "task \"%s\" has a start or an end, but not both",
                                  task.id);
    task.line = text->value_line;
    good = good && read_attempts(text, reader->past, object, &task);
    if (task.busy_ns < 0)
        task.busy_ns = task.duration_ns;
    if (good)
        g_array_append_val(reader->past->tasks, task);
    json_decref(object);
    return good;
}

static bool
read_tasks(JsonText *text, Reader *reader)
{
    return json_text_items(text, read_task, reader);
}

#define OF_PHASE(field) offsetof(DagPastPhase, field)

static const Field phase_fields[] = {
    {"number", COUNT, true, OF_PHASE(number)},
    {"title", TEXT, false, OF_PHASE(title)},
    {"tasks", COUNT, true, OF_PHASE(n_tasks)},
    {"start_seconds", SECONDS, false, OF_PHASE(start_ns)},
    {"end_seconds", SECONDS, false, OF_PHASE(end_ns)},
    {NULL, TEXT, false, 0},
};

/* A callback of json_text_items(). */
static bool
read_phase(JsonText *text, void *data)
{
    Reader *reader = data;
    DagPastPhase phase = {.start_ns = -1, .end_ns = -1, .timing_ns = -1};
    json_t *object = json_text_value(text);
    bool good =
        object && json_fields_read(text, reader->past,
                                   &(FieldTable){"a phase", phase_fields}, object, &phase);

    if (good)
        g_array_append_val(reader->past->phases, phase);
    json_decref(object);
    return good;
}

static bool
read_phases(JsonText *text, Reader *reader)
{
    return json_text_items(text, read_phase, reader);
}

/* A callback of json_text_members(): one of "phase1", "phase2" and so on. */
static bool
read_timing(JsonText *text, const char *key, void *data)
{
    Reader *reader = data;
    json_t *value = json_text_value(text);
    int64_t ns;
    bool good = value && json_field_seconds(text, key, value, &ns);

    if (good)
        g_array_append_val(reader->timings, ns);
    json_decref(value);
    return good;
}

static bool
read_timings(JsonText *text, Reader *reader)
{
    return json_text_members(text, read_timing, reader);
}

/* A callback of json_text_members().  A number is kept as it is written. */
static bool
read_param(JsonText *text, const char *key, void *data)
{
    Reader *reader = data;
    DagPastParam param = {.name = dag_past_run_keep(reader->past, key)};
    const char *start;
    json_t *value;

    json_text_peek(text);
    start = text->at;
    value = json_text_value(text);
    if (json_is_string(value))
        param.value = dag_past_run_keep(reader->past, json_string_value(value));
    else if (value && !json_is_null(value))
        param.value =
            g_string_chunk_insert_len(reader->past->texts, start, text->at - start);
    if (value)
        g_array_append_val(reader->past->params, param);
    json_decref(value);
    return value != NULL;
}

static bool
read_params(JsonText *text, Reader *reader)
{
    return json_text_members(text, read_param, reader);
}

#define OF_POOL(field) offsetof(DagPastPool, field)

static const Field pool_fields[] = {
    {"name", TEXT, true, OF_POOL(name)},
    {"slots", COUNT, false, OF_POOL(slots)},
    {"rate_count", COUNT, false, OF_POOL(count)},
    {"rate_seconds", SECONDS, false, OF_POOL(period_ns)},
    {"burst", COUNT, false, OF_POOL(burst)},
    {"tokens_count", COUNT, false, OF_POOL(tokens_count)},
    {"tokens_seconds", SECONDS, false, OF_POOL(tokens_period_ns)},
    {"lower_bound_seconds", SECONDS, false, OF_POOL(lower_bound_ns)},
    {NULL, TEXT, false, 0},
};

/* A callback of json_text_items(). */
static bool
read_pool(JsonText *text, void *data)
{
    Reader *reader = data;
    DagPastPool pool = {.lower_bound_ns = -1};
    json_t *object = json_text_value(text);
    bool good =
        object && json_fields_read(text, reader->past, &(FieldTable){"a pool", pool_fields},
                                   object, &pool);

    if (good)
        g_array_append_val(reader->past->pools, pool);
    json_decref(object);
    return good;
}

static bool
read_pools(JsonText *text, Reader *reader)
{
    return json_text_items(text, read_pool, reader);
}

/* A callback of json_text_items(): the name of an excluded task. */
static bool
read_name(JsonText *text, void *data)
{
    Reader *reader = data;
    json_t *value = json_text_value(text);
    const char *name = json_string_value(value);
    bool good =
        name || (value && json_text_complain(text, "\"excluded\" should have texts"));

    if (good)
        g_ptr_array_add(reader->past->excluded,
                        (gpointer)dag_past_run_keep(reader->past, name));
    json_decref(value);
    return good;
}

static bool
read_excluded(JsonText *text, Reader *reader)
{
    return json_text_items(text, read_name, reader);
}

/* A callback of json_text_items(): why the run stopped. */
static bool
read_reason(JsonText *text, void *data)
{
    static const char *const names[] = {
        [DAG_STOP_NONE] = "",
        [DAG_STOP_FAILURE] = "failure",
        [DAG_STOP_CANCEL] = "cancel",
        [DAG_STOP_TIMEOUT] = "timeout",
    };
    Reader *reader = data;
    json_t *value = json_text_value(text);
    bool good = false;

    for (DagStop reason = DAG_STOP_FAILURE; value && reason <= DAG_STOP_TIMEOUT; reason++)
        if (g_strcmp0(json_string_value(value), names[reason]) == 0)
            good = reader->past->stops[reason] = true;
    if (!good)
        json_text_complain(text, "\"stop_reasons\" has a reason that is none");
    json_decref(value);
    return good;
}

static bool
read_reasons(JsonText *text, Reader *reader)
{
    if (!json_text_items(text, read_reason, reader))
        return false;
    for (DagStop reason = DAG_STOP_FAILURE; reason <= DAG_STOP_TIMEOUT; reason++)
        if (reader->past->stops[reason])
            reader->past->stop = reason;
    return true;
}

#define OF_COUNT(outcome) (offsetof(DagPastRun, counts) + (outcome) * sizeof(uint32_t))

static bool
read_counts(JsonText *text, Reader *reader)
{
    static const Field fields[] = {
        {"succeeded", COUNT, true, OF_COUNT(DAG_SUCCEEDED)},
        {"failed", COUNT, true, OF_COUNT(DAG_FAILED)},
        {"timed-out", COUNT, true, OF_COUNT(DAG_TIMED_OUT)},
        {"blocked", COUNT, true, OF_COUNT(DAG_BLOCKED)},
        {"cancelled", COUNT, true, OF_COUNT(DAG_CANCELLED)},
        {"reused", COUNT, false, OF_COUNT(DAG_REUSED)}, /* later than the others */
        {NULL, TEXT, false, 0},
    };
    json_t *object = json_text_value(text);
    bool good =
        object && json_fields_read(text, reader->past, &(FieldTable){"\"counts\"", fields},
                                   object, reader->past);

    json_decref(object);
    return good;
}

/* A seed beyond 2^63 - 1 is a text of its digits. */
static bool
read_seed(JsonText *text, Reader *reader)
{
    json_t *value = json_text_value(text);
    bool good = json_is_integer(value) && json_integer_value(value) >= 0;

    if (good)
        reader->past->seed = (uint64_t)json_integer_value(value);
    else if (json_is_string(value))
        good = g_ascii_string_to_unsigned(json_string_value(value), 10, 0, UINT64_MAX,
                                          &reader->past->seed, NULL);
    if (!good)
        json_text_complain(text, "\"seed\" should be a number from 0 to 2^64 - 1");
    json_decref(value);
    return good;
}

static bool
read_version(JsonText *text, Reader *reader)
{
    json_t *value = json_text_value(text);
    bool good = json_is_integer(value) && json_integer_value(value) == 1;

    (void)reader;
    if (!good)
        json_text_complain(text, "\"format_version\" should be 1");
    json_decref(value);
    return good;
}

/* A member of the run: `read` reads its value, or it is a field of DagPastRun. */
typedef struct Member {
    Field field;
    bool (*read)(JsonText *text, Reader *reader);
} Member;

#define OF_RUN(field) offsetof(DagPastRun, field)

static const Member members[] = {
    {{"format_version", COUNT, true, 0}, read_version},
    {{"overall_duration_seconds", SECONDS, true, OF_RUN(duration_ns)}, NULL},
    {{"phase_timings", COUNT, true, 0}, read_timings},
    {{"timestamp", TEXT, true, OF_RUN(timestamp)}, NULL},
    {{"graph", TEXT, true, OF_RUN(graph)}, NULL},
    {{"simulated", FLAG, false, OF_RUN(is_simulated)}, NULL},
    {{"strategy", TEXT, true, OF_RUN(strategy)}, NULL},
    {{"workers", COUNT, true, OF_RUN(n_workers)}, NULL},
    {{"connections", COUNT, true, OF_RUN(n_connections)}, NULL},
    {{"seed", COUNT, true, 0}, read_seed},
    {{"keep_going", FLAG, true, OF_RUN(keep_going)}, NULL},
    {{"default_retries", COUNT, true, OF_RUN(retries)}, NULL},
    {{"grace_seconds", SECONDS, true, OF_RUN(grace_ns)}, NULL},
    {{"succeeded", FLAG, true, OF_RUN(succeeded)}, NULL},
    {{"stop_reasons", COUNT, true, 0}, read_reasons},
    {{"signal", SMALL_OR_NULL, true, OF_RUN(signal)}, NULL},
    {{"timeout_seconds", SECONDS_OR_NULL, true, OF_RUN(timeout_ns)}, NULL},
    {{"makespan_seconds", SECONDS, true, OF_RUN(makespan_ns)}, NULL},
    {{"lower_bound_seconds", SECONDS, true, OF_RUN(lower_bound_ns)}, NULL},
    {{"lower_bound_by", TEXT, true, OF_RUN(lower_bound_by)}, NULL},
    {{"counts", COUNT, true, 0}, read_counts},
    {{"allowed_failures", COUNT, true, OF_RUN(n_allowed)}, NULL},
    {{"pools", COUNT, true, 0}, read_pools},
    {{"phases", COUNT, true, 0}, read_phases},
    {{"excluded", COUNT, true, 0}, read_excluded},
    {{"parameters", COUNT, true, 0}, read_params},
    {{"tasks", COUNT, true, 0}, read_tasks},
};

/* Skip the value of a member that is not in the table: a parameter, or of a later version. */
static bool
skip_value(JsonText *text)
{
    json_t *value = json_text_value(text);

    json_decref(value);
    return value != NULL;
}

static bool
read_run_field(JsonText *text, Reader *reader, const Field *field)
{
    json_t *value = json_text_value(text);
    bool good = value && json_field_read(text, reader->past, field, value, reader->past);

    json_decref(value);
    return good;
}

/* A callback of json_text_members(). */
static bool
read_member(JsonText *text, const char *key, void *data)
{
    Reader *reader = data;

    G_STATIC_ASSERT(G_N_ELEMENTS(members) <= 32);
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
        if (strcmp(members[i].field.name, key) != 0)
            continue;
        if (reader->seen & UINT32_C(1) << i)
            return json_text_complain(text, "\"%s\" is there twice", key);
        reader->seen |= UINT32_C(1) << i;
        return members[i].read ? members[i].read(text, reader)
                               : read_run_field(text, reader, &members[i].field);
    }
    return skip_value(text);
}

/* Check that no member is missing. */
static bool
is_complete(JsonText *text, const Reader *reader)
{
    text->value_line = 1;
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
        if (members[i].field.is_needed && !(reader->seen & UINT32_C(1) << i))
            return json_text_complain(text,
                                      "this is not the record of a run: it has no \"%s\"",
                                      members[i].field.name);
    return true;
}

/* Give the phases their timings, which are members of another object. */
static bool
add_timings(JsonText *text, Reader *reader)
{
    GArray *phases = reader->past->phases;

    if (reader->timings->len != phases->len)
        return json_text_complain(text,
                                  "\"phase_timings\" has %u phases, \"phases\" has %u",
                                  reader->timings->len, phases->len);
    for (guint i = 0; i < phases->len; i++)
        g_array_index(phases, DagPastPhase, i).timing_ns =
            g_array_index(reader->timings, int64_t, i);
    return true;
}

DagPastRun *
past_run_parse(const char *name, const char *bytes, size_t size, GError **error)
{
    JsonText text = {
        .name = name, .at = bytes, .end = bytes + size, .line = 1, .value_line = 1};
    g_autoptr(DagPastRun) past = dag_past_run_new();
    g_autoptr(GArray) timings = g_array_new(FALSE, FALSE, sizeof(int64_t));
    Reader reader = {.past = past, .timings = timings};

    if (json_text_members(&text, read_member, &reader) && json_text_finish(&text) &&
        is_complete(&text, &reader) && add_timings(&text, &reader)) {
        const DagStrategy *strategy = dag_strategy_find(past->strategy);

        past->has_barrier = strategy && strategy->release == DAG_RELEASE_PHASE;
        return g_steal_pointer(&past);
    }
    g_propagate_error(error, text.error);
    return NULL;
}

/* Read a file, which may be a pipe.  Returns: its text, or NULL with errno set. */
static GString *
read_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    g_autoptr(GString) bytes = g_string_new(NULL);
    char buffer[65536];
    ssize_t n = fd;

    while (n >= 0 && (n = read(fd, buffer, sizeof(buffer))) > 0)
        g_string_append_len(bytes, buffer, n);
    if (fd >= 0) {
        int problem = errno;

        close(fd);
        errno = problem;
    }
    return n < 0 ? NULL : g_steal_pointer(&bytes);
}

DagPastRun *
past_run_read(const char *path, GError **error)
{
    g_autoptr(GString) bytes = read_file(path);
    DagPastRun *past;

    if (bytes) {
        past = past_run_parse(path, bytes->str, bytes->len, error);
        if (past)
            past->source = dag_past_run_keep(past, path);
        return past;
    }
    g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot read \"%s\": %s", path,
                g_strerror(errno));
    return NULL;
}
