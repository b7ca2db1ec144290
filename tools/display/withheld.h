/* SPDX-License-Identifier: MIT */
/*
 * Bytes for several streams that wait to be written, in order.  Use from the main thread only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Keep bytes for the stream with this number.  Nothing is lost: what does not fit into a temporary file
 * stays in memory. */
void withheld_add(int stream, const char *bytes, size_t size);

bool withheld_any(void);

/* Pass everything on to `write`, in order, and keep nothing. */
void withheld_release(void (*write)(int stream, const char *bytes, size_t size));
