/* SPDX-License-Identifier: MIT */
/*
 * Values of parameters from the command line, the environment and files.
 */
#pragma once

#include "options.h"

/*
 * Reads what --set, --set-env and --set-file say; files count from the working directory.
 * Returns: the settings, of DagSetting, free with g_array_unref(); or NULL, and complains.
 */
GArray *settings_read(const GraphOptions *options);
