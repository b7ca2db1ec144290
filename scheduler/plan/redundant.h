/* SPDX-License-Identifier: MIT */
#pragma once

#include <dagrun/explain.h>

/* Find the dependencies that others imply.  Returns: an array of DagRedundancy. */
GArray *dag__redundancies(const DagGraph *graph, DagTaskId *n_searched_out);
