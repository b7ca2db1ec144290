/* SPDX-License-Identifier: MIT */
#pragma once

#include <dagrun/plan.h>

/* Return DagExplanation.headrooms; free with g_free().  O(dependencies x log(critical path)). */
double *dag__headrooms(const DagPlan *plan);
