/* SPDX-License-Identifier: MIT */
/*
 * Tasks that have begun, although an earlier run has a result of them: if this run is killed, that result may be
 * half overwritten, and must not be taken over.
 */
#pragma once

#include "store/database.h"

#include <dagrun/execute.h>

/* Where the row goes: run and position of the task. */
typedef struct BegunRow {
    int64_t run;
    uint32_t number;
} BegunRow;

/*
 * Store that the task of a TASK_STARTED event has begun, as a row with the outcome DAG_PENDING, which the row of its end
 * replaces.  *statement is NULL at first, and is finalized by the caller.
 * Returns: false with DAG_ERROR_IO.
 */
bool dag__begun_store(Database *database, sqlite3_stmt **statement, BegunRow row,
                      const DagEvent *event, GError **error);
