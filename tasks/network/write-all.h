/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Write all bytes to the descriptor.  Returns: false with errno set. */
bool write_all(int fd, const char *bytes, size_t size);
