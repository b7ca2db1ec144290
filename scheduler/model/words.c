/* SPDX-License-Identifier: MIT */
/*
 * The words of the vocabulary that stand in reports and errors.
 */
#include <dagrun/error.h>
#include <dagrun/types.h>

G_DEFINE_QUARK(dag - error - quark, dag_error)

const char *
dag_outcome_name(DagOutcome outcome)
{
    static const char *const names[DAG_N_OUTCOMES] = {
        "pending", "succeeded", "failed", "timed-out", "blocked", "cancelled",
    };

    g_return_val_if_fail((unsigned)outcome < DAG_N_OUTCOMES, NULL);
    return names[outcome];
}
