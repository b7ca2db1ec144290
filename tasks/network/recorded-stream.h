/* SPDX-License-Identifier: MIT */
/*
 * Secrets that a stream of events repeats in pieces.
 */
#pragma once

#include "request.h"

/*
 * Replace in `body`, a stream of server-sent events, each secret of the request or the mask that is spread over
 * several events: the texts at the same place in the JSON of the events are one text for the reader of the
 * stream.  If it holds a secret, the first event gets all of it, masked, and the others get "".  A body without
 * such a secret stays as it is.
 */
void recorded_mask_stream(const Request *request, const DagMask *mask, GString *body);
