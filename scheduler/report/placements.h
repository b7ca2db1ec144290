/* SPDX-License-Identifier: MIT */
/*
 * Schedules on the machine that a graph declares.
 */
#pragma once

#include "report/json.h"

#include <dagrun/placement.h>

/* Write "machine" as an object, unless the graph declares none. */
void dag__json_machine(JsonWriter *json, const DagPlan *plan);
