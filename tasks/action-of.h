/* SPDX-License-Identifier: MIT */
/*
 * The configurations of exec and shell as actions.
 */
#pragma once

#include <dagrun/action.h>

/* Set the fields of *action_out that the kind has. */
void dag__exec_action(const void *config, DagAction *action_out);
void dag__shell_action(const void *config, DagAction *action_out);
