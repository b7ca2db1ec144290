/* SPDX-License-Identifier: MIT */
/*
 * The table of kinds.
 */
#include "kinds.h"

#include <dagrun/tasks.h>

static const DagKind *const kinds[] = {
    &dag__kind_exec,  &dag__kind_shell, &dag__kind_http, &dag__kind_chat,
    &dag__kind_sleep, &dag__kind_spin,  &dag__kind_noop, NULL,
};

const DagKind *const *
dag_tasks_kinds(void)
{
    return kinds;
}
