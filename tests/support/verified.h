/* SPDX-License-Identifier: MIT */
/*
 * Check of a run by dag_verify(), for tests.
 */
#pragma once

#include <dagrun/run.h>

/* Assert that the run breaks no rule. */
void assert_verified(const DagRun *run);
