/* SPDX-License-Identifier: MIT */
/*
 * The local place: processes run on this machine.  Its data is the DagTasks.
 */
#pragma once

#include <dagrun/place.h>

extern const DagPlace dag__local_place;
