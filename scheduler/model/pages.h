/* SPDX-License-Identifier: MIT */
/*
 * Large arrays on large pages.  The first touch of a page costs a fault: some 0.3 µs on a bare
 * machine, 2 µs on a virtual one, per 4 KiB; with pages of 2 MiB a fifth of that, for the zeroing.
 * A run of a million tasks touches ten thousand small pages, so it is worth asking.
 */
#pragma once

#include <stddef.h>

/* Returns: `n` zeroed elements of `size` bytes; free with g_free().  Never NULL, unless `n` is
 * 0. */
void *dag__pages_new0(size_t n, size_t size);
