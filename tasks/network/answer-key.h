/* SPDX-License-Identifier: MIT */
/*
 * The key of an answer in the cache: a SHA-256 of all that determines it.  The place of a task does not
 * matter, so a request that is moved or renamed is the same.
 */
#pragma once

#include "request.h"

/*
 * Return the key; free with g_free().  `salt` keeps secrets from being guessed by the name of a file.
 * `demands` [n_demands] are further texts that determine the answer; NULL ones differ from empty ones.
 * `has_key`: the key of the service and the password go in, since they may determine the answer.
 */
char *answer_key(const Request *request, const char *salt, bool has_key,
                 const char *const *demands, size_t n_demands);
