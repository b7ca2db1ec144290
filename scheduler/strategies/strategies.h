/* SPDX-License-Identifier: MIT */
/*
 * All strategies, one per file.  To add one, declare it here, and add it to the table in table.c
 * and to CMakeLists.txt.  It is then listed, tested and benchmarked.
 */
#pragma once

#include <dagrun/strategy.h>

extern const DagStrategy dag__strategy_phases;
extern const DagStrategy dag__strategy_phases_longest;
extern const DagStrategy dag__strategy_dataflow;
extern const DagStrategy dag__strategy_depth_first;
extern const DagStrategy dag__strategy_critical_path;
extern const DagStrategy dag__strategy_cp_misf;
extern const DagStrategy dag__strategy_slack;
extern const DagStrategy dag__strategy_longest_first;
extern const DagStrategy dag__strategy_shortest_first;
extern const DagStrategy dag__strategy_most_successors;
extern const DagStrategy dag__strategy_random;
extern const DagStrategy dag__strategy_heft;
extern const DagStrategy dag__strategy_cpop;
extern const DagStrategy dag__strategy_optimal;
