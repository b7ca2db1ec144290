/* SPDX-License-Identifier: MIT */
/*
 * The parts of the key of a question in a memory (dagrun/memory.h).
 */
#pragma once

#include "chat-config.h"

#include <dagrun/memory.h>

/* Return the texts that an answer must satisfy, and that distinguish it from others, as
 * request_demands(). */
GPtrArray *chat_demands(const ChatConfig *config);

/* A DagKind.identify.  The key of the service is no part: it does not change an answer. */
bool chat_identify(DagContext *context, const void *data, DagKey *key, GError **error);
