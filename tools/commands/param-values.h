/* SPDX-License-Identifier: MIT */
/*
 * Values of parameters from the command line, the environment and files.
 */
#pragma once

#include "commands/options.h"

/*
 * Reads what --set, --set-env and --set-file say; files count from the working directory.
 * Returns: the settings, of DagSetting, free with g_array_unref(); or NULL, and complains.
 */
GArray *param_values_read(const GraphOptions *options);
