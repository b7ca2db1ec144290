/* SPDX-License-Identifier: MIT */
/*
 * The names of outcomes in reports, and of the error domain.
 */
#include <dagrun/error.h>
#include <dagrun/types.h>

/* Without G_DEFINE_QUARK(): clang-format takes the name for a subtraction. */
GQuark
dag_error_quark(void)
{
    return g_quark_from_static_string("dag-error-quark");
}

const char *
dag_outcome_name(DagOutcome outcome)
{
    static const char *const names[DAG_N_OUTCOMES] = {
        "pending", "succeeded", "failed", "timed-out", "blocked", "cancelled", "reused",
    };

    g_return_val_if_fail((unsigned)outcome < DAG_N_OUTCOMES, NULL);
    return names[outcome];
}
