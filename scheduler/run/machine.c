/* SPDX-License-Identifier: MIT */
/*
 * Default numbers of units: the processors that this process may use, and DAG_DEFAULT_CONNECTIONS.
 */
#include "run/machine.h"

#include "run/cpu-quota.h"

#include <dagrun/execute.h>
#include <sched.h>

unsigned
dag_default_workers(void)
{
    unsigned n = g_get_num_processors();
    cpu_set_t set;

    /* Not the cores of the machine: a container or taskset may allow fewer. */
    if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0)
        n = (unsigned)CPU_COUNT(&set);
    return dag__workers_for_quota(n, dag__cpu_quota(""));
}

DagMachine
dag__machine_of(const DagGraph *graph, unsigned n_workers, unsigned n_connections)
{
    size_t n_tasks = dag_graph_n_tasks(graph), n_on_connections = 0;

    for (DagTaskId id = 0; id < n_tasks; id++)
        n_on_connections +=
            dag_graph_task_kind(graph, id)->occupies == DAG_OCCUPIES_CONNECTION;
    if (n_workers == 0 && n_tasks - n_on_connections > 1)
        n_workers = dag_default_workers(); /* which reads a dozen files */
    if (n_connections == 0)
        n_connections = DAG_DEFAULT_CONNECTIONS;
    return (DagMachine){
        .n_workers =
            (unsigned)CLAMP(n_tasks - n_on_connections, 1, CLAMP(n_workers, 1, UINT16_MAX)),
        .n_connections = (unsigned)MIN(n_on_connections, MIN(n_connections, UINT16_MAX)),
    };
}
