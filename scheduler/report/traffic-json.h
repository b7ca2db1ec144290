/* SPDX-License-Identifier: MIT */
#pragma once

#include "report/json.h"

#include <dagrun/traffic.h>

/* Write the requests of a task, if it sent any. */
void dag__json_requests(JsonWriter *json, const DagRun *run, DagTaskId id);

/* Write the tokens that a task used, if it asked a model. */
void dag__json_usage(JsonWriter *json, const DagRun *run, DagTaskId id);

/* Write the sums of the run, if it sent requests. */
void dag__json_traffic(JsonWriter *json, const char *key, const DagRun *run);
