/* SPDX-License-Identifier: MIT */
/*
 * The salt of keys: random bytes in a file beside the database.  Keys depend on secrets, so a copy of the database
 * alone must not be enough to try guesses.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* The bytes of a salt. */
#define SALT_SIZE 32

/* Read the salt of a store; make it, and the directory, if there is none.
 * Returns: false with DAG_ERROR_IO. */
bool dag__salt_read(const char *directory, uint8_t *salt_out, GError **error);
