/* SPDX-License-Identifier: MIT */
/*
 * The pool of a task that stands for the limits of its server.
 */
#pragma once

#include "exchange.h"

/* Return the pool that a limit of the server concerns: the first of the task's with a rate or tokens, else its first;
 * NULL: it has none, or they are for another service. */
const DagPool *server_limits_pool(const Exchange *exchange);

/* Return true if the pool says how often the server may be asked; NULL: it does not. */
bool server_limits_has_rate(const DagPool *pool);

/* Lower the pool to what remains of the server's limits, as the answer to the running request says. */
void server_limits_note(const Exchange *exchange, const TransferEnd *end);
