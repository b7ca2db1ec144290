/* SPDX-License-Identifier: MIT */
#include "store/begun.h"

bool
dag__begun_store(Database *database, sqlite3_stmt **statement, BegunRow row,
                 const DagEvent *event, GError **error)
{
    const DagPlan *plan = dag_run_plan(event->run);
    const char *name = dag_graph_task_name(dag_plan_graph(plan), event->task);

    if (!*statement)
        *statement = dag__database_prepare(database,
                                           "INSERT OR REPLACE INTO task (run, number, "
                                           "name, phase, outcome, allowed, attempts)"
                                           " VALUES (?, ?, ?, ?, ?, 0, ?)",
                                           error);
    if (!*statement)
        return false;
    sqlite3_bind_int64(*statement, 1, row.run);
    sqlite3_bind_int64(*statement, 2, row.number);
    sqlite3_bind_text(*statement, 3, name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(*statement, 4, dag_plan_phase(plan, event->task) + 1);
    sqlite3_bind_int(*statement, 5, DAG_PENDING);
    sqlite3_bind_int64(*statement, 6, event->attempt);
    return dag__database_step(database, *statement, error);
}
