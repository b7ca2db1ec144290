/* SPDX-License-Identifier: MIT */
#include "verified.h"

#include <dagrun/verify.h>

void
assert_verified(const DagRun *run)
{
    g_autoptr(DagPastRun) past = dag_past_run_of(run);
    g_autoptr(DagVerdict) verdict = dag_verify(dag_run_plan(run), past, 0);

    for (guint i = 0; i < verdict->findings->len; i++)
        g_printerr("# %s\n", g_array_index(verdict->findings, DagFinding, i).text);
    g_assert_cmpuint(verdict->n_findings, ==, 0);
}
