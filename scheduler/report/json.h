/* SPDX-License-Identifier: MIT */
/*
 * Writes JSON as it goes, indented by two: no tree is held, so a record for each of a million
 * tasks takes no memory but its text.  Not json-glib, which needs the tree and writes 0.1 as
 * 0.10000000000000001; the tests read with it what is written here.
 *
 * Within an object every value has a key; within an array, and at the top, the key is NULL.
 */
#pragma once

#include <dagrun/graph.h>

typedef struct JsonWriter {
    GString *out;  /* borrowed */
    size_t depth;  /* objects and arrays begun and not ended */
    bool has_item; /* the innermost of them holds something already */
} JsonWriter;

void dag__json_begin_object(JsonWriter *json, const char *key);
void dag__json_end_object(JsonWriter *json);
void dag__json_begin_array(JsonWriter *json, const char *key);
void dag__json_end_array(JsonWriter *json);

/* NULL is null; what is not UTF-8 is replaced. */
void dag__json_string(JsonWriter *json, const char *key, const char *value);
void dag__json_boolean(JsonWriter *json, const char *key, bool value);
void dag__json_integer(JsonWriter *json, const char *key, int64_t value);

/* As short as reads back the same; what is not finite is null. */
void dag__json_number(JsonWriter *json, const char *key, double value);

/* To 15 digits, which hides what is left of adding up tenths. */
void dag__json_cost(JsonWriter *json, const char *key, double seconds);

/* Writes nanoseconds, at least 0, as seconds, exactly. */
void dag__json_seconds(JsonWriter *json, const char *key, int64_t ns);

/* Writes what several documents hold. */
void dag__json_names(JsonWriter *json, const char *key, const DagGraph *graph,
                     DagIds tasks);
void dag__json_excluded(JsonWriter *json, const char *key, const DagGraph *graph);
void dag__json_param(JsonWriter *json, const DagParam *param);
void dag__json_params(JsonWriter *json, const char *key, const DagGraph *graph);
