/* SPDX-License-Identifier: MIT */
#include "model/pages.h"

#include <glib.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* What is smaller holds no large page for certain. */
#define LARGE ((size_t)4 << 20)

void *
dag__pages_new0(size_t n, size_t size)
{
    char *array = g_malloc0_n(n, size);
    size_t length = n * size;

    if (length >= LARGE) {
        /* What malloc took from the system for this is whole pages, not touched yet. */
        size_t page = (size_t)sysconf(_SC_PAGESIZE), off = page - (uintptr_t)array % page;

        /* Advice: where it cannot be followed, small pages do. */
        (void)madvise(array + off, (length - off) / page * page, MADV_HUGEPAGE);
    }
    return array;
}
