/* SPDX-License-Identifier: MIT */
#include "formats/json-fields.h"

#include <math.h>

/* A number of seconds as nanoseconds.  A double has 53 bits: times below 2^51 ns, which is 26 days, are
 * exact. */
bool
json_field_seconds(JsonText *text, const char *name, const json_t *value, int64_t *ns_out)
{
    double ns = json_number_value(value) * 1e9;

    if (!json_is_number(value))
        return json_text_complain(text, "\"%s\" should be a number of seconds", name);
    if (!(ns >= 0 && ns < 9.2e18))
        return json_text_complain(text, "\"%s\" is no possible number of seconds", name);
    *ns_out = llround(ns);
    return true;
}

static bool
read_count(JsonText *text, const char *name, const json_t *value, uint32_t max,
           uint32_t *count_out)
{
    json_int_t number = json_integer_value(value);

    if (!json_is_integer(value) || number < 0 || number > max)
        return json_text_complain(text, "\"%s\" should be a whole number from 0 to %u",
                                  name, max);
    *count_out = (uint32_t)number;
    return true;
}

static bool
read_outcome(JsonText *text, const char *name, const json_t *value, DagOutcome *outcome_out)
{
    for (DagOutcome outcome = DAG_SUCCEEDED; outcome < DAG_N_OUTCOMES; outcome++)
        if (g_strcmp0(json_string_value(value), dag_outcome_name(outcome)) == 0) {
            *outcome_out = outcome;
            return true;
        }
    return json_text_complain(text, "\"%s\" should be the outcome of a task", name);
}

static bool
read_cost(JsonText *text, const char *name, const json_t *value, double *cost_out)
{
    if (!json_is_number(value) && !json_is_null(value))
        return json_text_complain(text, "\"%s\" should be a number or null", name);
    *cost_out = json_is_number(value) ? json_number_value(value) : -1;
    return true;
}

static bool
read_text(JsonText *text, DagPastRun *past, const char *name, const json_t *value,
          const char **text_out)
{
    if (!json_is_string(value))
        return json_text_complain(text, "\"%s\" should be a text", name);
    *text_out = dag_past_run_keep(past, json_string_value(value));
    return true;
}

static bool
read_flag(JsonText *text, const char *name, const json_t *value, bool *flag_out)
{
    if (!json_is_boolean(value))
        return json_text_complain(text, "\"%s\" should be true or false", name);
    *flag_out = json_is_true(value);
    return true;
}

bool
json_field_read(JsonText *text, DagPastRun *past, const Field *field, const json_t *value,
                void *record)
{
    void *to = (char *)record + field->offset;

    switch (field->type) {
    case TEXT_OR_NULL:
    case SECONDS_OR_NULL:
    case SMALL_OR_NULL:
        if (json_is_null(value))
            return true;
        break;
    default:
        break;
    }
    switch (field->type) {
    case TEXT:
    case TEXT_OR_NULL:
        return read_text(text, past, field->name, value, to);
    case SECONDS:
    case SECONDS_OR_NULL:
        return json_field_seconds(text, field->name, value, to);
    case COUNT:
        return read_count(text, field->name, value, UINT32_MAX, to);
    case SMALL:
    case SMALL_OR_NULL:
        return read_count(text, field->name, value, INT32_MAX, to);
    case FLAG:
        return read_flag(text, field->name, value, to);
    case COST:
        return read_cost(text, field->name, value, to);
    case OUTCOME:
        return read_outcome(text, field->name, value, to);
    }
    g_assert_not_reached();
}

bool
json_fields_read(JsonText *text, DagPastRun *past, const FieldTable *table,
                 const json_t *object, void *record)
{
    if (!json_is_object(object))
        return json_text_complain(text, "%s should be an object", table->noun);
    for (const Field *field = table->fields; field->name; field++) {
        const json_t *value = json_object_get(object, field->name);

        if (!value && field->is_needed)
            return json_text_complain(text, "%s has no \"%s\"", table->noun, field->name);
        if (value && !json_field_read(text, past, field, value, record))
            return false;
    }
    return true;
}
