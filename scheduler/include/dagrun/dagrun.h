/* SPDX-License-Identifier: MIT */
/*
 * Everything: XML text to graph, graph to plan, plan and strategy to run, run to report.
 */
#pragma once

#include <dagrun/benchmark.h>
#include <dagrun/builder.h>
#include <dagrun/cancel.h>
#include <dagrun/context.h>
#include <dagrun/delays.h>
#include <dagrun/duration.h>
#include <dagrun/engine.h>
#include <dagrun/error.h>
#include <dagrun/execute.h>
#include <dagrun/explain.h>
#include <dagrun/graph.h>
#include <dagrun/json.h>
#include <dagrun/kind.h>
#include <dagrun/load.h>
#include <dagrun/memory.h>
#include <dagrun/past-run.h>
#include <dagrun/placement.h>
#include <dagrun/plan.h>
#include <dagrun/policy.h>
#include <dagrun/replay.h>
#include <dagrun/report.h>
#include <dagrun/run-files.h>
#include <dagrun/run.h>
#include <dagrun/simulate.h>
#include <dagrun/spool.h>
#include <dagrun/store.h>
#include <dagrun/strategy.h>
#include <dagrun/suggest.h>
#include <dagrun/template.h>
#include <dagrun/text.h>
#include <dagrun/traffic.h>
#include <dagrun/types.h>
#include <dagrun/verify.h>
#include <dagrun/xpath.h>
