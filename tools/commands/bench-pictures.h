/* SPDX-License-Identifier: MIT */
/*
 * Pictures of a comparison, as SVG files.
 */
#pragma once

#include "commands/bench-options.h"

/* Write the line charts of all benchmarks to the file of --svg, if there is one.
 * Returns: false after an error message. */
bool bench_write_charts(const GPtrArray *benchmarks /* of DagBenchmark */,
                        const BenchOptions *options);

/* Simulate the schedule of --gantt, if there is one, and write it: the recommended one, unless the options name
 * another strategy or one number of workers.
 * Returns: false after an error message. */
bool bench_write_gantt(const DagBenchmark *benchmark, const BenchOptions *options,
                       const DagCancel *cancel);
