/* SPDX-License-Identifier: MIT */
/*
 * Tables of fields: the members of a JSON object, and the places of their values in a record of C.
 */
#pragma once

#include <dagrun/past-run.h>

#include "formats/json-text.h"

/* The type of a field, and of the record's field that it fills. */
typedef enum FieldType {
    TEXT, /* const char * */
    TEXT_OR_NULL,
    SECONDS, /* int64_t, nanoseconds */
    SECONDS_OR_NULL,
    COUNT, /* uint32_t */
    SMALL, /* int32_t, at least 0 */
    SMALL_OR_NULL,
    FLAG,    /* bool */
    COST,    /* double, seconds, or null */
    OUTCOME, /* DagOutcome */
} FieldType;

/* A field of an object, and its place in a record. */
typedef struct Field {
    const char *name;
    FieldType type;
    bool is_needed;
    size_t offset;
} Field;

/* The fields of a sort of object. */
typedef struct FieldTable {
    const char *noun;    /* such as "a task" */
    const Field *fields; /* up to one without a name */
} FieldTable;

/* Read the fields of an object into the record.  Members that are not in the table are skipped.  Texts
 * belong to `past`.
 * Returns: false with text->error set. */
bool json_fields_read(JsonText *text, DagPastRun *past, const FieldTable *table,
                      const json_t *object, void *record);

/* The same for the value of one field. */
bool json_field_read(JsonText *text, DagPastRun *past, const Field *field,
                     const json_t *value, void *record);

/* Read one value, with `name` for messages. */
bool json_field_seconds(JsonText *text, const char *name, const json_t *value,
                        int64_t *ns_out);
