/* SPDX-License-Identifier: MIT */
/*
 * A streaming JSON writer, indented by two.  It holds no tree, and passes its text on piece by
 * piece, so the records of a million tasks take no memory.  json-glib needs a tree and writes 0.1 as 0.10000000000000001;
 * the tests use it to read the documents.
 *
 * Within an object every value has a key.  Within an array and at the top level, pass NULL.
 */
#pragma once

#include "report/stream.h"

typedef struct JsonWriter {
    Stream *stream; /* borrowed */
    size_t depth;   /* of open objects and arrays */
    bool has_item;  /* the innermost of them has an item: a comma comes next */
    /* Values within this many objects and arrays, or more, share a line; 0: none do. */
    size_t shared_depth;
} JsonWriter;

void dag__json_begin_object(JsonWriter *json, const char *key);
void dag__json_end_object(JsonWriter *json);
void dag__json_begin_array(JsonWriter *json, const char *key);
void dag__json_end_array(JsonWriter *json);

/* Write a string; NULL becomes null.  Bytes that are not UTF-8 are replaced. */
void dag__json_string(JsonWriter *json, const char *key, const char *value);
void dag__json_boolean(JsonWriter *json, const char *key, bool value);
void dag__json_integer(JsonWriter *json, const char *key, int64_t value);

/* Write the shortest form that reads back as the same number; null if it is not finite. */
void dag__json_number(JsonWriter *json, const char *key, double value);

/* Write seconds with 15 digits, which hides the rounding errors of sums. */
void dag__json_cost(JsonWriter *json, const char *key, double seconds);

/* Write null in place of a number that is not known. */
void dag__json_cost_or_null(JsonWriter *json, const char *key, bool is_known,
                            double seconds);

/* Write nanoseconds, at least 0, as seconds, without rounding. */
void dag__json_seconds(JsonWriter *json, const char *key, int64_t ns);

/* Write the result of a search, or null if there was none. */
void dag__json_search(JsonWriter *json, const char *key, const DagSearch *search);

/* Write how an attempt, or a task, ended: `reason` may be NULL, `exit_code` DAG_EXIT_NONE. */
void dag__json_end(JsonWriter *json, DagOutcome outcome, const char *reason, int exit_code);

/* Values that several documents contain: names of tasks, excluded tasks, parameters. */
void dag__json_names(JsonWriter *json, const char *key, const DagGraph *graph,
                     DagIds tasks);
void dag__json_excluded(JsonWriter *json, const char *key, const DagGraph *graph);
void dag__json_param(JsonWriter *json, const DagParam *param);
/* The name and the limits of a pool, into an open object. */
void dag__json_pool(JsonWriter *json, const DagPool *pool);
void dag__json_params(JsonWriter *json, const char *key, const DagGraph *graph);
