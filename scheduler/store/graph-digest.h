/* SPDX-License-Identifier: MIT */
/*
 * A digest of the file of a graph, by which runs of equal files can be found.
 */
#pragma once

#include "model/keyed-digest.h"

#include <stdbool.h>

/*
 * Set digest_out[KEYED_DIGEST_SIZE] to the digest of a file.
 *
 * Returns: false if it is not a regular file, or cannot be read.  A named pipe that the graph came from was read to
 *   its end, so that opening it again would wait for another writer.
 */
bool dag__graph_digest(const char *path, uint8_t *digest_out);
