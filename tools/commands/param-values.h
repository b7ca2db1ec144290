/* SPDX-License-Identifier: MIT */
/*
 * Parameter values from the command line, environment variables and files.
 */
#pragma once

#include "commands/options.h"

/*
 * Read the values of --set, --set-env and --set-file.  File names are relative to the working
 * directory.
 * Returns: an array of DagSetting, free with g_array_unref(); or NULL after an error message.
 */
GArray *param_values_read(const GraphOptions *options);
