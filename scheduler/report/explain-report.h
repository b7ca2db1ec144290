/* SPDX-License-Identifier: MIT */
/*
 * The parts of an explanation as text.
 */
#pragma once

#include "report/stream.h"

/* Write the explanation of one task. */
void dag__explain_task(const DagPlan *plan, DagTaskId id, DagTextStyle style,
                       Stream *stream);
