/* SPDX-License-Identifier: MIT */
#pragma once

#include "curl-library.h"

#include <dagrun/traffic.h>

/* Set what libcurl knows of a transfer: status, connection, parts of its time and bytes.  The address is
 * borrowed from the handle. */
void transfer_measures_read(const CurlLibrary *curl, CURL *easy, DagRequest *request_out);
