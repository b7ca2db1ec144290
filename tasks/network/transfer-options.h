/* SPDX-License-Identifier: MIT */
/*
 * The options of libcurl that a transfer's specification determines.
 */
#pragma once

#include "transfers.h"

/* Set the options that all transfers have, and those of the connection. */
void transfer_options_set(const CurlLibrary *curl, CURL *easy, const TransferSpec *spec);
